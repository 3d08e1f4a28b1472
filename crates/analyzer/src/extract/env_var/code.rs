//! Reads in programs, found by the queries `queries/<language>/env_var.scm`, or by `named`. A name in a variable is
//! looked up among the file's constants; other names stay unresolved.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use tree_sitter::Node;

use super::around::{ancestors, helper_around};
use super::calls::Calls;
use super::fallback::{is_server_name, is_written, php_default, rust_use};
use super::joined::Joiner;
use super::named::{computed, read_names};
use super::{clap, imported_reader, joiner, listed, next_config, page, python_reader, ruby, rust};
use crate::extract::env_var::constant::{constant, last_part};
use crate::extract::env_var::mention::{Mention, MentionRole, Mentions, is_name};
use crate::lang::constant::Constants;
use crate::lang::declarations::Declarations;
use crate::syntax::grammar::Family;
use crate::syntax::literal::{text, whole};
use crate::syntax::prefilter;
use crate::syntax::query::{self, Match, Purpose};
use crate::syntax::tests_in_file;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// Helpers that call helpers.
const MAX_RELAYS: usize = 3;

/// Texts without which no query can match.
fn patterns(family: Family) -> &'static [&'static str] {
    match family {
        Family::Script => &[
            "process.env",
            "import.meta.env",
            "Bun.env",
            "Deno.env",
            "= process",
            "node:process",
            "'process'",
            "\"process\"",
            "process?.env",
            "process['env",
            "process[\"env",
            "NodeJS.ProcessEnv",
            "$env/",
        ],
        Family::Python => &["environ", "getenv", "decouple", "starlette.config"],
        Family::Rust => {
            &["env::", "env!(", "dotenv", "#[env", "#[arg", "#[clap", "#[structopt", "#[config(", "#[bpaf(", "dotenv!"]
        }
        // jvm.rs reads them.
        Family::Java => &[],
        // `go` reads them.
        Family::Go => &[],
        Family::CSharp => &["GetEnvironmentVariable"],
        Family::Ruby => &["ENV"],
        Family::Php => &["env(", "$_ENV", "$_SERVER"],
    }
}

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    for family in Family::ALL {
        if patterns(family).is_empty() {
            continue;
        }
        let files = prefilter::files_with(corpus, family, patterns(family));
        let constants = LazyLock::new(|| rust::constants(corpus));
        let constants: &(dyn Fn(&str) -> Option<String> + Sync) =
            &|name| (family == Family::Rust).then(|| constants.get(name).cloned()).flatten();
        let declarations = Declarations::new(corpus);
        let lent = if family == Family::Python { imported_reader::files(corpus) } else { Vec::new() };
        let files = files.into_iter().map(|file| (file, false)).chain(lent.into_iter().map(|file| (file, true)));
        let files: Vec<(&SourceFile, bool)> = files.collect();
        let read = deal::map(files, |(file, is_lent)| read_file(file, is_lent, constants, &declarations));
        let built = if family == Family::Rust && !read.is_empty() { set_by_build(corpus) } else { BTreeSet::new() };
        let (mut helpers, mut joiners) = (BTreeSet::new(), BTreeSet::new());
        for mut one in read {
            one.found.retain(|mention| !built.contains(&mention.name) || !mention.evidence.excerpt.contains("env!"));
            mentions.found.extend(one.found);
            mentions.unresolved.extend(one.unresolved);
            mentions.listed.extend(one.listed);
            helpers.extend(one.helpers);
            joiners.extend(one.joiners);
        }
        if family == Family::Script {
            let pages = deal::map(page::files(corpus, patterns(family)), page::read).into_iter();
            for one in pages {
                mentions.found.extend(one.found);
                mentions.unresolved.extend(one.unresolved);
            }
        }
        through_joiners(corpus, family, joiners, mentions);
        if family == Family::Script {
            listed::read(corpus, mentions);
            next_config::leave_out_filled(corpus, &mut mentions.found);
        }
        let mut fresh = helpers.clone();
        for _ in 0..MAX_RELAYS {
            if fresh.is_empty() {
                break;
            }
            let calls = Calls::new(family, &fresh);
            let files = prefilter::files_where(corpus, family, |bytes| calls.occur(bytes));
            let read = deal::map(files, |file| read_through(file, &fresh));
            let mut next = BTreeSet::new();
            for one in read {
                mentions.found.extend(one.found);
                next.extend(one.helpers.into_iter().filter(|name| !helpers.contains(name)));
            }
            helpers.extend(next.iter().cloned());
            fresh = next;
        }
        if family == Family::Rust {
            rust::field_macros(corpus, &helpers, mentions);
        }
    }
}

/// Calls of functions that make names, and of functions that call these.
fn through_joiners(corpus: &Corpus, family: Family, mut fresh: BTreeSet<Joiner>, mentions: &mut Mentions) {
    let mut known = BTreeSet::new();
    for _ in 0..MAX_RELAYS {
        fresh.retain(|one| known.insert(one.clone()));
        if fresh.is_empty() {
            break;
        }
        let callers = joiner::Callers::new(&fresh);
        let files = deal::filter(corpus.programs(family), |file| callers.may_be(file));
        let mut next = BTreeSet::new();
        for one in deal::map(files, |file| joiner::calls(file, &fresh)) {
            mentions.found.extend(one.found);
            next.extend(one.joiners);
        }
        fresh = next;
    }
}

/// Calls of the program's own helpers, functions that read the variable named by a parameter. The name
/// must look like one: a helper may share its own name with another function.
fn read_through(file: &SourceFile, helpers: &BTreeSet<String>) -> Mentions {
    let mut out = Mentions::default();
    let Some(parsed) = file.syntax() else { return out };
    let bytes = file.bytes();
    for one in query::matches(parsed, Purpose::EnvVar, bytes) {
        let (Some(site), Some(helper)) = (one.get("call"), one.get("helper")) else { continue };
        let called = text(helper, bytes).split("::<").next().unwrap_or_default();
        let called = called.rsplit(['.', ':']).next().unwrap_or_default();
        if let Some(passed) = one.get("passed").filter(|_| helpers.contains(called)) {
            out.helpers.extend(helper_around(site, parsed.tree.root_node(), text(passed, bytes), bytes));
            continue;
        }
        let Some(name) = one.get("literal") else { continue };
        let Some(name) = whole(name, bytes).filter(|_| helpers.contains(called)) else { continue };
        let is_loud = name.len() > 2
            && name.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
        if is_loud && is_name(&name) {
            let evidence = file.first_line_of(site);
            let role = MentionRole::Reads(parsed.language.name());
            out.found.push(Mention { name, required: None, default: None, role, evidence });
        }
    }
    out
}

/// `is_lent`: its reader of django-environ or environs is that of another file.
fn read_file<'c>(
    file: &SourceFile,
    is_lent: bool,
    constants: &(dyn Fn(&str) -> Option<String> + Sync),
    declarations: &'c Declarations<'c>,
) -> Mentions {
    let mut out = Mentions::default();
    let Some(parsed) = file.syntax() else { return out };
    let bytes = file.bytes();
    let source = file.text();
    let is_rust = parsed.language.family() == Family::Rust;
    let tests = if is_rust { tests_in_file::ranges(parsed.tree.root_node(), bytes) } else { Vec::new() };
    let imports = is_rust.then(|| rust::RustImports::of(parsed.tree.root_node(), bytes));
    if is_rust {
        rust::in_macros(file, parsed.tree.root_node(), &tests, &mut out);
    }
    let reads_environ = parsed.language.name() == "Python" && source.contains("environ");
    let other_names = if reads_environ { python_reader::other_names(&source) } else { BTreeSet::new() };
    read_names(file, parsed, bytes, Some(&Constants::new(declarations)), &mut out);
    for one in query::matches(parsed, Purpose::EnvVar, bytes) {
        let at = one.get("site").or_else(|| one.get("clap")).map_or(0, |site| site.start_byte());
        if tests.iter().any(|(from, to)| (*from..*to).contains(&at)) {
            continue;
        }
        let needs = one.setting("import");
        if needs.is_some_and(|package| !(source.contains(package) || is_lent && package == "environ")) {
            continue;
        }
        if one.get("other").is_some_and(|other| !other_names.contains(text(other, bytes))) {
            continue;
        }
        if let (Some("path"), Some(called), Some(imports)) = (one.setting("form"), one.get("f"), &imports) {
            let called = text(called, bytes);
            // A name may also come out of a module of the program.
            let is_usual = matches!(called, "var" | "var_os" | "env_var") && source.contains("env::var");
            if !is_usual && !imports.is_read(called) {
                continue;
            }
        }
        let by = parsed.language.name();
        if by == "Ruby" {
            if let Some(site) = one.get("site") {
                let around = ancestors(site, parsed.tree.root_node());
                ruby::read(file, &one, site, &around, &mut out);
            }
        } else if let Some(attribute) = one.get("clap") {
            clap::read(file, attribute, parsed.tree.root_node(), constants, &mut out);
        } else if let Some(site) = one.get("site") {
            site_read(file, &one, (site, parsed.tree.root_node()), constants, by, &mut out);
        }
    }
    out
}

fn site_read(
    file: &SourceFile,
    one: &Match<'_>,
    (site, root): (Node<'_>, Node<'_>),
    constants: &(dyn Fn(&str) -> Option<String> + Sync),
    by: &'static str,
    out: &mut Mentions,
) {
    let bytes = file.bytes();
    if is_written(site) {
        return;
    }
    let evidence = || file.lines_of(site);
    let (name, shown) = match (one.get("name"), one.get("computed")) {
        (Some(name), _) => (Some(text(name, bytes).to_owned()), name),
        (_, Some(computed)) => {
            let name = literal_name(computed, root, bytes);
            (name.or_else(|| constants(last_part(text(computed, bytes)))), computed)
        }
        _ => return,
    };
    let Some(name) = name else {
        if one.setting("form") == Some("server") {
            return;
        }
        computed(file, (site, root), text(shown, bytes), bytes, out);
        return;
    };
    // The web server's own entries stand in the same array.
    if one.setting("form") == Some("server") && is_server_name(&name) {
        return;
    }
    let macro_name = one.get("f").map(|function| text(function, bytes));
    let is_macro = macro_name.is_some_and(|name| name.ends_with("env")) && site.kind() == "macro_invocation";
    if !is_name(&name)
        || (by == "Rust" && ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_CFG_"].iter().any(|start| name.starts_with(start)))
        || ((is_macro || file.name() == "build.rs") && is_of_cargo(&name))
    {
        return;
    }
    let (default, mut required) = match by {
        "Python" => python_reader::default(site, bytes),
        "Rust" => rust_use(site, bytes),
        _ => php_default(site, bytes),
    };
    let is_strict =
        one.setting("form") == Some("strict") && matches!(one.setting("import"), Some("decouple" | "starlette.config"));
    if required.is_none() && (is_strict || one.setting("required").is_some()) {
        required = Some(true);
    }
    out.found.push(Mention { required, default, ..Mention::read(by, name, evidence()) });
}

/// What cargo itself gives to a build and what its usual build scripts add.
fn is_of_cargo(name: &str) -> bool {
    let own = ["OUT_DIR", "TARGET", "HOST", "PROFILE", "NUM_JOBS", "OPT_LEVEL", "DEBUG", "RUSTC", "RUSTDOC"];
    own.contains(&name) || ["CARGO_", "DEP_", "VERGEN_"].iter().any(|start| name.starts_with(start))
}

/// The names that the tree's own build scripts hand to `env!`.
fn set_by_build(corpus: &Corpus) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for file in corpus.application().filter(|file| file.name() == "build.rs") {
        for rest in file.text().split("rustc-env=").skip(1) {
            let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
            out.insert(rest[..end].to_owned());
        }
    }
    out
}

fn literal_name(node: Node<'_>, root: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "string" | "string_literal" | "template_string" | "raw_string_literal" | "encapsed_string" => {
            whole(node, bytes)
        }
        "identifier" => constant(root, text(node, bytes), bytes),
        _ => None,
    }
}
