//! Reads of environment variables in Ruby programs, and in the templates that Ruby fills in (configuration in YAML,
//! pages): `ENV['X']`, `ENV.fetch('X') { … }` and their kin. An assignment is no read; a removal is none either.

use tree_sitter::Node;

use super::around::is_asked;
use crate::extract::env_var::mention::{Mention, Mentions, is_name, is_required};
use crate::lang::ruby::string;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::query::Match;
use crate::tree::file::SourceFile;

const BY: &str = "Ruby";
/// Methods of `ENV` that read the variables they are given the names of.
const READERS: [&str; 9] = ["fetch", "key?", "has_key?", "include?", "member?", "dig", "values_at", "slice", "assoc"];
/// Of these, those that take several names.
const SEVERAL: [&str; 2] = ["values_at", "slice"];
/// Calls that end the program.
const ENDS: [&str; 5] = ["raise", "abort", "fail", "exit", "exit!"];

/// One match of the query; the nodes around it are given from the nearest.
pub(super) fn read(file: &SourceFile, one: &Match<'_>, site: Node<'_>, around: &[Node<'_>], out: &mut Mentions) {
    let bytes = file.bytes();
    let method = one.get("m").map(|method| text(method, bytes));
    if method.is_some_and(|method| !READERS.contains(&method)) || is_set(site, around) {
        return;
    }
    let Some(first) = one.get("computed") else { return };
    let evidence = || file.lines_between(site, one.get("arguments").unwrap_or(site));
    let mut nodes = vec![first];
    if method.is_some_and(|method| SEVERAL.contains(&method))
        && let Some(arguments) = one.get("arguments")
    {
        nodes = arguments.inner().collect();
    }
    let (default, ends) = used(site, method, around, bytes);
    let sets = is_set_by_itself(first, around, bytes);
    for node in nodes {
        let names = names(node, around, bytes);
        if names.is_empty() {
            let asked = text(node, bytes);
            if let Some(helper) = around.iter().find_map(|around| helper(*around, asked, bytes)) {
                out.helpers.push(helper);
            }
            let shown: String = asked.chars().take(60).collect();
            out.unresolved(format!("an environment variable is read under a computed name: `{shown}`"), evidence());
        }
        for name in names.into_iter().filter(|name| is_name(name)) {
            let required = is_required(&default, ends);
            let required = required.filter(|required| !(*required && is_asked(site, around, &name, bytes)));
            let default = default.clone();
            let read = Mention::read(BY, name, evidence()).that_sets(sets);
            out.found.push(Mention { required, default, ..read });
        }
    }
}

/// `ENV['X'] ||= 'a'`, `ENV['X'] = ENV['X'] || 'a'`, `ENV['X'] = ENV.fetch('X', 'a')`.
fn is_set_by_itself(name: Node<'_>, around: &[Node<'_>], bytes: &[u8]) -> bool {
    let assigned = around.iter().find(|one| !matches!(one.kind(), "binary" | "parenthesized_statements"));
    assigned.is_some_and(|one| {
        let own = format!("ENV[{}]", text(name, bytes));
        matches!(one.kind(), "assignment" | "operator_assignment") && one.field_is("left", &own, bytes)
    })
}

/// `ENV['X'] = …`; with `||=` it is read first.
fn is_set(site: Node<'_>, around: &[Node<'_>]) -> bool {
    around.first().is_some_and(|parent| {
        parent.kind() == "assignment" && parent.field("left").is_some_and(|left| left.id() == site.id())
    })
}

/// The names that a node stands for: a literal, a constant of the file, the items of the literal list around it.
fn names(node: Node<'_>, around: &[Node<'_>], bytes: &[u8]) -> Vec<String> {
    match node.kind() {
        "string" => string(node, bytes).into_iter().collect(),
        "simple_symbol" => vec![text(node, bytes).trim_start_matches(':').to_owned()],
        "constant" => {
            let root = around.last().copied();
            root.and_then(|root| constant(root, text(node, bytes), bytes, 0)).into_iter().collect()
        }
        "identifier" => {
            let name = text(node, bytes);
            around.windows(2).find_map(|pair| items_of(pair[0], pair[1], name, bytes)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// The items of `%w[A B].each { |name| … }`, when the block's parameter has this name.
fn items_of(block: Node<'_>, call: Node<'_>, name: &str, bytes: &[u8]) -> Option<Vec<String>> {
    let parameters = block.field("parameters").filter(|_| block.kind().ends_with("block"))?;
    if text(parameters, bytes).trim_matches(['|', ' ']) != name {
        return None;
    }
    let list = call.field("receiver")?;
    if !matches!(list.kind(), "string_array" | "array") {
        return None;
    }
    let items = list.inner().filter(|item| item.kind() != "comment");
    items
        .map(|item| match item.kind() {
            "bare_string" => Some(text(item, bytes).to_owned()),
            "string" => whole(item, bytes),
            _ => None,
        })
        .collect()
}

/// The literal that a constant of the file holds.
fn constant(node: Node<'_>, name: &str, bytes: &[u8], depth: usize) -> Option<String> {
    let children: Vec<Node<'_>> = node.inner().collect();
    children.into_iter().find_map(|child| match child.kind() {
        "assignment" => {
            let left = child.field("left").filter(|left| text(*left, bytes) == name)?;
            let mut right = child.field("right").filter(|_| left.kind() == "constant")?;
            // `'X'.freeze`
            if let Some(receiver) = right.field("receiver") {
                right = receiver;
            }
            string(right, bytes)
        }
        "class" | "module" | "body_statement" if depth < 20 => constant(child, name, bytes, depth + 1),
        _ => None,
    })
}

/// The method around a read, when the name is its first parameter.
fn helper(method: Node<'_>, name: &str, bytes: &[u8]) -> Option<String> {
    if !matches!(method.kind(), "method" | "singleton_method") {
        return None;
    }
    let first = method.field("parameters")?.named_child(0)?;
    let first = first.field("name").unwrap_or(first);
    let own = method.field("name")?;
    (text(first, bytes) == name).then(|| text(own, bytes).to_owned())
}

/// The literal used when the variable is unset, and whether the program ends without it.
fn used(site: Node<'_>, method: Option<&str>, around: &[Node<'_>], bytes: &[u8]) -> (Option<String>, bool) {
    if method == Some("fetch") {
        let second = site.field("arguments").and_then(|arguments| arguments.named_child(1));
        let block = site.field("block");
        let given = second.or_else(|| block?.field("body")?.named_child(0));
        let is_end = given.is_some_and(|given| ends(given, bytes));
        return (given.and_then(|given| literal(given, bytes)), is_end || (given.is_none() && block.is_none()));
    }
    if method.is_some() {
        return (None, false);
    }
    let mut here = site;
    let mut asks = "";
    for parent in around.iter().take(4) {
        match parent.kind() {
            "operator_assignment" => {
                return (parent.field("right").and_then(|right| literal(right, bytes)), false);
            }
            "call" if parent.field("receiver").is_some_and(|receiver| receiver.id() == here.id()) => {
                asks = parent.field_text("method", bytes);
                if !matches!(asks, "presence" | "to_s" | "strip" | "present?" | "blank?" | "nil?" | "empty?") {
                    return (None, false);
                }
                here = *parent;
            }
            "parenthesized_statements" => here = *parent,
            "binary" => {
                let operator = parent.field_text("operator", bytes);
                let right = parent.field("right").filter(|right| right.id() != here.id());
                let (Some(right), "||" | "or") = (right, operator) else { return (None, false) };
                return (literal(right, bytes), ends(right, bytes));
            }
            "if_modifier" | "if" | "unless_modifier" | "unless" => {
                let is_condition = parent.field("condition").is_some_and(|condition| condition.id() == here.id());
                let is_unless = parent.kind().starts_with("unless");
                let body = parent.field("body").or_else(|| parent.field("consequence"));
                let is_missing = if is_unless {
                    matches!(asks, "" | "present?" | "presence")
                } else {
                    matches!(asks, "blank?" | "nil?" | "empty?")
                };
                return (None, is_condition && is_missing && body.is_some_and(|body| ends(body, bytes)));
            }
            _ => return (None, false),
        }
    }
    (None, false)
}

fn ends(node: Node<'_>, bytes: &[u8]) -> bool {
    let node = if node.kind() == "then" { node.named_child(0).unwrap_or(node) } else { node };
    let name = node.field("method").unwrap_or(node);
    ENDS.contains(&text(name, bytes))
}

fn literal(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "string" => string(node, bytes),
        "integer" | "float" | "true" | "false" => Some(text(node, bytes).to_owned()),
        "simple_symbol" => Some(text(node, bytes).trim_start_matches(':').to_owned()),
        _ => None,
    }
}

/// Templates that Ruby fills in, and scripts without an ending.
pub(super) fn template(file: &SourceFile, out: &mut Mentions) {
    let name = file.name();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let bytes = file.bytes();
    let is_script = !name.contains('.') && bytes.starts_with(b"#!") && {
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        holds(first, b"ruby")
    };
    let is_filled = matches!(ending, "yml" | "yaml" | "erb" | "haml" | "slim");
    if !(is_script || is_filled) || !holds(bytes, b"ENV") {
        return;
    }
    let is_embedded = matches!(ending, "yml" | "yaml" | "erb");
    // Whether a tag of an earlier line is still open.
    let mut is_open = false;
    for (text, number) in file.text().lines().zip(1_u32..) {
        let was_open = is_open;
        is_open = match (text.rfind("<%"), text.rfind("%>")) {
            (Some(opened), Some(closed)) => opened > closed,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => was_open,
        };
        let start = text.trim_start();
        let is_comment = match ending {
            "haml" | "slim" => start.starts_with("-#") || start.starts_with('/'),
            "erb" => start.starts_with("<%#"),
            _ => start.starts_with('#'),
        };
        // A recurring task of Solid Queue is a line of Ruby.
        let is_task = name == "recurring.yml" && start.starts_with("command:");
        if is_comment || (is_embedded && !was_open && !is_task && !text.contains("<%")) {
            continue;
        }
        for (at, _) in text.match_indices("ENV") {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|before| before.is_alphanumeric() || before == '_') {
                continue;
            }
            if let Some((name, default, required)) = written(&text[at + 3..]) {
                let evidence = file.lines(number, number);
                out.found.push(Mention { required, default, ..Mention::read(BY, name, evidence) });
            }
        }
    }
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    memchr::memmem::find(bytes, what).is_some()
}

/// What follows `ENV` in a line: the name, the literal default, whether it must be set.
fn written(rest: &str) -> Option<(String, Option<String>, Option<bool>)> {
    let (inner, is_fetch) = match rest.strip_prefix('[') {
        Some(inner) => (inner, false),
        None => (rest.strip_prefix(".fetch(").or_else(|| rest.strip_prefix(".fetch "))?, true),
    };
    let inner = inner.trim_start();
    let quote = inner.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (name, after) = inner[1..].split_once(quote)?;
    if !is_name(name) {
        return None;
    }
    let after = after.trim_start();
    let given = if is_fetch {
        let second = after.strip_prefix(',').map(|second| second.split(')').next().unwrap_or(second));
        let block = after.trim_start_matches([')', ' ']).strip_prefix('{');
        second.or_else(|| block.map(|block| block.split('}').next().unwrap_or(block)))
    } else {
        let after = after.strip_prefix(']')?.trim_start();
        if after.starts_with('=') && !after.starts_with("==") {
            return None;
        }
        after.strip_prefix("||").map(|default| default.split("%>").next().unwrap_or(default))
    };
    let default = given.map(str::trim).and_then(|given| {
        let quoted = ['"', '\''].iter().find_map(|quote| given.strip_prefix(*quote)?.strip_suffix(*quote));
        let is_number = !given.is_empty() && given.chars().all(|c| c.is_ascii_digit() || c == '.');
        quoted.filter(|text| !text.contains("#{")).or(is_number.then_some(given)).map(str::to_owned)
    });
    let required = is_required(&default, is_fetch && given.is_none());
    Some((name.to_owned(), default, required))
}
