//! Reads by the names that a file of Python or JavaScript has for the environment, as mentions of variables.

use tree_sitter::Node;

use super::alias::{NamedRead, names_of};
use super::around::{ancestors, helper_around, is_asked};
use super::fallback::{is_set_by_itself, is_written, literal, python_default, script_default};
use super::joined::{JoinedName, Scopes};
use super::{listed, python, script};
use crate::extract::env_var::mention::{Mention, Mentions, is_name};
use crate::lang::constant::Constants;
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::parse::Parsed;
use crate::tree::file::SourceFile;

/// Reads by the names that a file of Python or JavaScript has for the environment. The bytes are those that were
/// parsed: a part of the file where it is a program inside of a page, which knows no constants of others.
pub(super) fn read_names(
    file: &SourceFile,
    parsed: &Parsed,
    bytes: &[u8],
    constants: Option<&Constants<'_>>,
    out: &mut Mentions,
) {
    let (root, by) = (parsed.tree.root_node(), parsed.language.name());
    let scopes = Scopes::new(root, bytes);
    let constant = |name: Node<'_>| constants?.value(file, name).filter(|name| is_name(name));
    match parsed.language.family() {
        Family::Python => {
            for read in python::reads(root, bytes) {
                named(file, &read, &scopes, &constant, (root, by, bytes), out);
            }
        }
        Family::Script => {
            for one in script::uses(root, bytes) {
                match one {
                    script::ScriptUse::Read(read) => named(file, &read, &scopes, &constant, (root, by, bytes), out),
                    script::ScriptUse::Pattern(fields) => destructured(file, fields, by, bytes, out),
                    script::ScriptUse::Import(name) => {
                        let evidence = file.lines_of(name);
                        out.found.push(Mention::read(by, text(name, bytes), evidence));
                    }
                }
            }
        }
        _ => {}
    }
}

fn named<'t>(
    file: &SourceFile,
    read: &NamedRead<'t>,
    scopes: &Scopes<'t, '_>,
    constant: &dyn Fn(Node<'t>) -> Option<String>,
    (root, by, bytes): (Node<'t>, &'static str, &[u8]),
    out: &mut Mentions,
) {
    let site = read.site;
    if is_written(site) {
        return;
    }
    let mut names = match read.name.kind() {
        "property_identifier" => vec![text(read.name, bytes).to_owned()],
        _ => names_of(read.name, site, root, bytes),
    };
    if names.is_empty() {
        names.extend(constant(read.name));
    }
    if names.is_empty() {
        let scope = scopes.around(site);
        let joined = scope.joined(read.name);
        names.extend(joined.as_ref().and_then(JoinedName::text));
        out.joiners.extend(joined.and_then(|joined| scope.joiner(joined, &file.path)));
    }
    // Whoever asks whether a name is set that is not known reads it elsewhere.
    if names.is_empty() && !matches!(site.kind(), "comparison_operator" | "binary_expression") {
        out.listed.extend(listed::field_of(read.name, bytes).map(|field| (field, file.lines_of(site))));
        computed(file, (site, root), text(read.name, bytes), bytes, out);
    }
    let (default, required) = match by {
        "Python" => python_default(site, bytes),
        _ => script_default(site, bytes),
    };
    let required = required.or(read.is_required.then_some(true));
    for name in names.into_iter().filter(|name| is_name(name) && !script::is_of_tools(name, read.is_bundled)) {
        let sets = is_set_by_itself(site, &name, bytes);
        let is_asked = required == Some(true) && is_asked(site, &ancestors(site, root), &name, bytes);
        let required = required.filter(|_| !is_asked);
        let read = Mention::read(by, name, file.lines_of(site)).that_sets(sets);
        out.found.push(Mention { required, default: default.clone(), ..read });
    }
}

/// A name that only the running program knows: the function around it may be given it.
pub(super) fn computed(
    file: &SourceFile,
    (site, root): (Node<'_>, Node<'_>),
    shown: &str,
    bytes: &[u8],
    out: &mut Mentions,
) {
    out.helpers.extend(helper_around(site, root, shown, bytes));
    let shown: String = shown.chars().take(60).collect();
    let reason = format!("an environment variable is read under a computed name: `{shown}`");
    out.unresolved(reason, file.lines_of(site));
}

fn destructured(file: &SourceFile, fields: Node<'_>, by: &'static str, bytes: &[u8], out: &mut Mentions) {
    for field in fields.inner() {
        let (name, default) = match field.kind() {
            "shorthand_property_identifier_pattern" => (field, None),
            "object_assignment_pattern" => match field.field("left") {
                Some(left) => (left, field.field("right")),
                None => continue,
            },
            "pair_pattern" => match field.field("key") {
                Some(key) => (key, field.field("value").and_then(|value| value.field("right"))),
                None => continue,
            },
            _ => continue,
        };
        let name = text(name, bytes).trim_matches(['"', '\'']).to_owned();
        if !is_name(&name) || script::is_of_tools(&name, false) {
            continue;
        }
        let required = default.map(|_| false);
        let default = default.and_then(|default| literal(default, bytes));
        let evidence = file.lines_of(field);
        out.found.push(Mention { required, default, ..Mention::read(by, name, evidence) });
    }
}
