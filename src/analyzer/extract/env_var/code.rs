//! Reads in programs, found by the queries `queries/<language>/env_var.scm`. A name in a variable is
//! looked up among the file's constants; other names stay unresolved.

use rayon::prelude::*;
use tree_sitter::Node;

use super::{Mention, Mentions, Role, is_name};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::file::SourceFile;
use crate::analyzer::syntax::grammar::Family;
use crate::analyzer::syntax::literal::{text, whole};
use crate::analyzer::syntax::prefilter;
use crate::analyzer::syntax::query::{self, Match, Purpose};

/// Texts without which no query can match.
fn patterns(family: Family) -> &'static [&'static str] {
    match family {
        Family::Script => &["process.env", "import.meta.env", "Bun.env", "Deno.env", "= process"],
        Family::Python => &["environ", "getenv", "decouple"],
        Family::Rust => &["env::", "env!(", "dotenv", "#[arg", "#[clap", "#[structopt"],
    }
}

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    for family in Family::ALL {
        let files = prefilter::files_with(corpus, family, patterns(family));
        let read: Vec<Mentions> = files.into_par_iter().map(read_file).collect();
        for one in read {
            mentions.found.extend(one.found);
            mentions.unresolved.extend(one.unresolved);
        }
    }
}

fn read_file(file: &SourceFile) -> Mentions {
    let mut out = Mentions::default();
    let Some(parsed) = file.syntax() else { return out };
    let bytes = file.bytes();
    let source = file.text();
    for one in query::matches(parsed, Purpose::EnvVar, bytes) {
        let needs = one.setting("import").filter(|package| !source.contains(package));
        if needs.is_some() {
            continue;
        }
        let by = parsed.language.name();
        if let Some(attribute) = one.get("clap") {
            clap(file, attribute, &mut out);
        } else if let Some(fields) = one.get("fields") {
            destructured(file, fields, by, &mut out);
        } else if let Some(site) = one.get("site") {
            site_read(file, &one, site, by, &mut out);
        }
    }
    out
}

fn site_read(file: &SourceFile, one: &Match<'_>, site: Node<'_>, by: &'static str, out: &mut Mentions) {
    let bytes = file.bytes();
    if is_written(site) {
        return;
    }
    let evidence = || file.lines(line(site.start_position().row), line(site.end_position().row));
    let (name, shown) = match (one.get("name"), one.get("computed")) {
        (Some(name), _) => (Some(text(name, bytes).to_owned()), name),
        (_, Some(computed)) => (literal_name(computed, site, bytes), computed),
        _ => return,
    };
    let Some(name) = name else {
        // Names with lower-case letters only are how helpers read whatever they are asked for.
        let shown: String = text(shown, bytes).chars().take(60).collect();
        out.unresolved(format!("an environment variable is read under a computed name: `{shown}`"), evidence());
        return;
    };
    let macro_name = one.get("f").map(|function| text(function, bytes));
    let is_macro = matches!(macro_name, Some("env" | "option_env")) && site.kind() == "macro_invocation";
    if !is_name(&name) || (is_macro && (name.starts_with("CARGO_") || name == "OUT_DIR")) {
        return;
    }
    let (default, follows) = match by {
        "Python" => python_default(site, bytes),
        "Rust" => rust_use(site, bytes),
        _ => (script_default(site, bytes), script_required(site, bytes)),
    };
    let is_strict = one.setting("form") == Some("strict") && one.setting("import") == Some("decouple");
    let says = one.setting("required").is_some() || (is_strict && default.is_none() && !follows) || (by != "Python" && follows);
    let required = match (&default, says) {
        (Some(_), _) => Some(false),
        (None, true) => Some(true),
        _ => None,
    };
    out.found.push(Mention { name, required, default, role: Role::Reads(by), evidence: evidence() });
}

fn literal_name(node: Node<'_>, site: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "string" | "string_literal" | "template_string" | "raw_string_literal" => whole(node, bytes),
        "identifier" => constant(site, text(node, bytes), bytes),
        _ => None,
    }
}

/// The literal that a top-level constant of the file holds.
fn constant(site: Node<'_>, name: &str, bytes: &[u8]) -> Option<String> {
    let mut root = site;
    while let Some(parent) = root.parent() {
        root = parent;
    }
    let mut cursor = root.walk();
    for child in root.named_children(&mut cursor) {
        let inner = match child.kind() {
            "const_item" | "static_item" => child,
            "lexical_declaration" | "variable_declaration" | "expression_statement" => child.named_child(0)?,
            "export_statement" => match child.child_by_field_name("declaration").and_then(|inner| inner.named_child(0)) {
                Some(inner) => inner,
                None => continue,
            },
            _ => continue,
        };
        let target = inner.child_by_field_name("name").or_else(|| inner.child_by_field_name("left"));
        let value = inner.child_by_field_name("value").or_else(|| inner.child_by_field_name("right"));
        if let (Some(target), Some(value)) = (target, value)
            && text(target, bytes) == name
            && matches!(value.kind(), "string" | "string_literal")
        {
            return whole(value, bytes);
        }
    }
    None
}

/// An assignment to the variable, or its removal, is no read.
fn is_written(site: Node<'_>) -> bool {
    site.parent().is_some_and(|parent| match parent.kind() {
        "assignment_expression" | "assignment" => {
            parent.child_by_field_name("left").is_some_and(|left| left.id() == site.id())
        }
        "unary_expression" => parent.child(0).is_some_and(|operator| operator.kind() == "delete"),
        "delete_statement" => true,
        _ => false,
    })
}

fn literal(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "string" | "string_literal" | "template_string" | "raw_string_literal" => whole(node, bytes),
        "number" | "integer" | "integer_literal" | "true" | "false" | "boolean_literal" | "float" | "float_literal" => {
            Some(text(node, bytes).to_owned())
        }
        _ => None,
    }
}

fn script_default(site: Node<'_>, bytes: &[u8]) -> Option<String> {
    let parent = site.parent()?;
    let right = parent.child_by_field_name("right").filter(|right| right.id() != site.id())?;
    let operator = parent.child_by_field_name("operator").map(|operator| text(operator, bytes));
    matches!(operator, Some("||" | "??")).then(|| literal(right, bytes)).flatten()
}

/// `if (!process.env.X) throw …`
fn script_required(site: Node<'_>, bytes: &[u8]) -> bool {
    let Some(not) = site.parent().filter(|parent| parent.kind() == "unary_expression" && text(*parent, bytes).starts_with('!')) else {
        return false;
    };
    let mut above = not.parent();
    for _ in 0..4 {
        let Some(node) = above else { return false };
        match node.kind() {
            "parenthesized_expression" => above = node.parent(),
            "binary_expression" if node.child_by_field_name("operator").is_some_and(|op| text(op, bytes) == "||") => {
                above = node.parent();
            }
            "if_statement" => {
                let then = node.child_by_field_name("consequence").map_or("", |then| text(then, bytes));
                return then.contains("throw ") || then.contains("process.exit(");
            }
            _ => return false,
        }
    }
    false
}

/// The default of a call, and whether it has one at all (literal or not).
fn python_default(site: Node<'_>, bytes: &[u8]) -> (Option<String>, bool) {
    let Some(arguments) = site.child_by_field_name("arguments") else { return (None, false) };
    let mut cursor = arguments.walk();
    let given: Vec<Node<'_>> = arguments.named_children(&mut cursor).filter(|node| !node.is_extra()).collect();
    let named = given.iter().find(|argument| {
        argument.kind() == "keyword_argument"
            && argument.child_by_field_name("name").is_some_and(|name| text(name, bytes) == "default")
    });
    let named = named.and_then(|argument| argument.child_by_field_name("value"));
    let is_getter = site.child_by_field_name("function").is_some_and(|function| {
        let name = text(function, bytes);
        name.contains("environ") || name.ends_with("getenv")
    });
    let second = given.get(1).filter(|second| is_getter && second.kind() != "keyword_argument").copied();
    let default = named.or(second);
    (default.and_then(|default| literal(default, bytes)), default.is_some())
}

/// What follows the read in a chain: a default, or an end of the program.
fn rust_use(site: Node<'_>, bytes: &[u8]) -> (Option<String>, bool) {
    let mut here = site;
    let mut is_optional = false;
    for _ in 0..8 {
        let Some(parent) = here.parent() else { break };
        match parent.kind() {
            "try_expression" => return (None, !is_optional),
            "field_expression" => {
                let method = parent.child_by_field_name("field").map_or("", |field| text(field, bytes));
                let Some(call) = parent.parent().filter(|call| call.kind() == "call_expression") else { break };
                let first = call.child_by_field_name("arguments").and_then(|arguments| arguments.named_child(0));
                match method {
                    "expect" | "unwrap" => return (None, true),
                    "unwrap_or" | "unwrap_or_else" => return (first.and_then(|first| inner_literal(first, bytes)), false),
                    "unwrap_or_default" | "is_ok" | "is_err" | "is_some" | "is_none" => return (None, false),
                    // `ok()?` goes on without the variable.
                    "ok" => {
                        is_optional = true;
                        here = call;
                    }
                    "and_then" | "map" | "map_err" | "parse" | "context" | "with_context" | "wrap_err" | "ok_or_else"
                    | "to_string" | "ok_or" => here = call,
                    _ => break,
                }
            }
            _ => break,
        }
    }
    (None, false)
}

/// A literal inside conversions or a closure that only gives one.
fn inner_literal(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    if let Some(found) = literal(node, bytes) {
        return Some(found);
    }
    let whole = text(node, bytes);
    let mut quotes = whole.match_indices('"');
    let ((from, _), (to, _)) = (quotes.next()?, quotes.next()?);
    (quotes.next().is_none() && !whole.contains("format!")).then(|| whole[from + 1..to].to_owned())
}

fn destructured(file: &SourceFile, fields: Node<'_>, by: &'static str, out: &mut Mentions) {
    let bytes = file.bytes();
    let mut cursor = fields.walk();
    for field in fields.named_children(&mut cursor) {
        let (name, default) = match field.kind() {
            "shorthand_property_identifier_pattern" => (field, None),
            "object_assignment_pattern" => match field.child_by_field_name("left") {
                Some(left) => (left, field.child_by_field_name("right")),
                None => continue,
            },
            "pair_pattern" => match field.child_by_field_name("key") {
                Some(key) => (key, field.child_by_field_name("value").and_then(|value| value.child_by_field_name("right"))),
                None => continue,
            },
            _ => continue,
        };
        let name = text(name, bytes).trim_matches(['"', '\'']).to_owned();
        if !is_name(&name) {
            continue;
        }
        let default = default.and_then(|default| literal(default, bytes));
        let required = default.as_ref().map(|_| false);
        let evidence = file.lines(line(field.start_position().row), line(field.end_position().row));
        out.found.push(Mention { name, required, default, role: Role::Reads(by), evidence });
    }
}

/// `#[arg(long, env = "X", default_value = "y")]` above a field; a bare `env` takes the field's name.
fn clap(file: &SourceFile, attribute: Node<'_>, out: &mut Mentions) {
    let bytes = file.bytes();
    let body = text(attribute, bytes);
    let words: Vec<&str> = body.trim_matches(['#', '[', ']', ')']).split([',', '(']).map(str::trim).collect();
    let value = |key: &str| {
        words.iter().find_map(|word| {
            let rest = word.strip_prefix(key)?.trim_start().strip_prefix('=')?;
            Some(rest.trim().trim_matches('"').to_owned())
        })
    };
    let is_bare = words.contains(&"env");
    let mut field = attribute.next_named_sibling();
    while field.is_some_and(|next| matches!(next.kind(), "attribute_item" | "line_comment" | "block_comment" | "visibility_modifier")) {
        field = field.and_then(|next| next.next_named_sibling());
    }
    let Some(field) = field else { return };
    let field_name = field.child_by_field_name("name").map(|name| text(name, bytes).to_ascii_uppercase());
    let Some(name) = value("env").or_else(|| field_name.filter(|_| is_bare)) else { return };
    let evidence = file.lines(line(attribute.start_position().row), line(field.end_position().row));
    if !is_name(&name) {
        out.unresolved(format!("an argument's environment variable has a computed name: `{name}`"), evidence);
        return;
    }
    let default = value("default_value").or_else(|| value("default_value_t"));
    // Without a default the argument may still come from the command line.
    let required = default.as_ref().map(|_| false);
    out.found.push(Mention { name, required, default, role: Role::Reads("Rust"), evidence });
}

fn line(row: usize) -> u32 {
    u32::try_from(row + 1).unwrap_or(u32::MAX)
}
