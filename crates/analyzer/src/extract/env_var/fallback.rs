//! What stands around a read: a default, an end of the program without the variable, or an assignment
//! that makes it no read at all.

use tree_sitter::Node;

use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;

/// An assignment to the variable, or its removal, is no read.
pub(super) fn is_written(site: Node<'_>) -> bool {
    site.parent().is_some_and(|parent| match parent.kind() {
        "assignment_expression" | "assignment" => parent.field("left").is_some_and(|left| left.id() == site.id()),
        "unary_expression" => parent.child(0).is_some_and(|operator| operator.kind() == "delete"),
        "delete_statement" => true,
        _ => false,
    })
}

pub(super) fn literal(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "string" | "string_literal" | "template_string" | "raw_string_literal" => whole(node, bytes),
        "number" | "integer" | "integer_literal" | "true" | "false" | "boolean_literal" | "float" | "float_literal" => {
            Some(text(node, bytes).to_owned())
        }
        _ => None,
    }
}

/// What a read says about a variable that is unset: a literal used in its place, and whether it must be set: not where
/// something else is used, literal or computed; `None` where nothing tells.
pub(super) type Unset = (Option<String>, Option<bool>);

/// Words of calls that give nothing: the program ends.
const ENDS: [&str; 10] = ["throw", "fail", "panic", "exit", "error", "raise", "required", "die", "assert", "invariant"];
/// Values that are no default.
pub(super) const NOTHING: [&str; 5] = ["None", "null", "undefined", "nil", "()"];

/// What stands in the place of an unset variable.
pub(super) fn fallen_back(given: Node<'_>, bytes: &[u8]) -> Unset {
    if let Some(default) = literal(given, bytes) {
        return (Some(default), Some(false));
    }
    let shown = text(given, bytes);
    let flat = shown.to_ascii_lowercase();
    let is_other_variable = ["process.env.", "environ", "getenv", "env::var"].iter().any(|read| shown.contains(read));
    let is_open = NOTHING.contains(&shown) || is_other_variable || ENDS.iter().any(|word| flat.contains(word));
    (None, (!is_open).then_some(false))
}

/// `process.env.X || 'a'`, `process.env.A ?? process.env.B ?? 'b'`, `process.env.X ||= 'a'`, `if (!process.env.X) throw …`
pub(super) fn script_default(site: Node<'_>, bytes: &[u8]) -> Unset {
    let mut here = site;
    while let Some(parent) = here.parent() {
        let operator = parent.field_text("operator", bytes);
        match parent.field("right").filter(|_| matches!(operator, "||" | "??" | "||=" | "??=")) {
            Some(right) if right.id() != here.id() => {
                let given = fallen_back(right, bytes);
                if given.1.is_some() {
                    return given;
                }
            }
            Some(_) => {}
            None if parent.kind() == "parenthesized_expression" => {}
            None => break,
        }
        here = parent;
    }
    (None, script_required(site, bytes).then_some(true))
}

/// `if (!process.env.X) throw …`
fn script_required(site: Node<'_>, bytes: &[u8]) -> bool {
    let Some(not) =
        site.parent().filter(|parent| parent.kind() == "unary_expression" && text(*parent, bytes).starts_with('!'))
    else {
        return false;
    };
    let mut above = not.parent();
    for _ in 0..4 {
        let Some(node) = above else { return false };
        match node.kind() {
            "parenthesized_expression" => above = node.parent(),
            "binary_expression" if node.field_is("operator", "||", bytes) => {
                above = node.parent();
            }
            "if_statement" => {
                let then = node.field_text("consequence", bytes);
                return then.contains("throw ") || then.contains("process.exit(");
            }
            _ => return false,
        }
    }
    false
}

/// Whether a read is part of what sets the same variable: `process.env.X = process.env.X ?? 'a'`, `process.env.X ||= 'a'`,
/// `os.environ['X'] = os.environ.get('X', 'a')`, `os.environ.setdefault('X', 'a')`. `name`: as the read has it.
pub(super) fn is_set_by_itself(site: Node<'_>, name: &str, bytes: &[u8]) -> bool {
    let function = site.field("function");
    if function.is_some_and(|function| function.field_is("attribute", "setdefault", bytes)) {
        return true;
    }
    let mut here = site;
    while let Some(parent) = here.parent() {
        match parent.kind() {
            "parenthesized_expression" | "binary_expression" | "boolean_operator" => here = parent,
            "augmented_assignment_expression" => {
                return parent.field("left").is_some_and(|left| left.id() == site.id());
            }
            "assignment_expression" | "assignment" => {
                let left = parent.field_text("left", bytes).trim_end_matches([']', '"', '\'']);
                let before = left.strip_suffix(name).and_then(|before| before.chars().next_back());
                return before.is_some_and(|before| matches!(before, '.' | '"' | '\'')) && left.contains("env");
            }
            _ => return false,
        }
    }
    false
}

/// The default that a getter is given as its second argument; `or 'a'` may follow.
pub(super) fn python_default(site: Node<'_>, bytes: &[u8]) -> Unset {
    let given = site.arguments();
    let named = given
        .iter()
        .find(|argument| argument.kind() == "keyword_argument" && argument.field_is("name", "default", bytes));
    let named = named.and_then(|argument| argument.field("value"));
    let second = given.get(1).filter(|second| second.kind() != "keyword_argument").copied();
    if let Some(default) = named.or(second) {
        return fallen_back(default, bytes);
    }
    let mut here = site;
    while let Some(parent) = here.parent().filter(|_| site.kind() == "call") {
        match parent.kind() {
            "boolean_operator" if parent.field_is("operator", "or", bytes) => {
                let right = parent.field("right").filter(|right| right.id() != here.id());
                let given = right.map_or((None, None), |right| fallen_back(right, bytes));
                if given.1.is_some() {
                    return given;
                }
            }
            "parenthesized_expression" => {}
            _ => break,
        }
        here = parent;
    }
    (None, None)
}

/// What follows the read in a chain: a default, or an end of the program.
pub(super) fn rust_use(site: Node<'_>, bytes: &[u8]) -> Unset {
    let mut here = site;
    let mut is_optional = false;
    for _ in 0..8 {
        let Some(parent) = here.parent() else { break };
        match parent.kind() {
            "try_expression" => return (None, (!is_optional).then_some(true)),
            "field_expression" => {
                let method = parent.field_text("field", bytes);
                let Some(call) = parent.parent().filter(|call| call.kind() == "call_expression") else { break };
                let first = call.first_argument();
                match method {
                    "expect" | "unwrap" => return (None, Some(true)),
                    "unwrap_or" | "unwrap_or_else" => {
                        let default = first.and_then(|first| inner_literal(first, bytes));
                        let given = first.map_or((None, None), |first| fallen_back(first, bytes));
                        return (default.clone(), given.1.or(default.map(|_| false)));
                    }
                    "unwrap_or_default" | "is_ok" | "is_err" | "is_some" | "is_none" => {
                        return (None, None);
                    }
                    // `ok()?` goes on without the variable.
                    "ok" => {
                        is_optional = true;
                        here = call;
                    }
                    "and_then" | "map" | "map_err" | "parse" | "context" | "with_context" | "wrap_err"
                    | "ok_or_else" | "to_string" | "ok_or" => here = call,
                    _ => break,
                }
            }
            _ => break,
        }
    }
    (None, None)
}

/// A literal inside conversions or a closure that only gives one.
pub(super) fn inner_literal(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    literal(node, bytes).or_else(|| converted(text(node, bytes)))
}

/// The text in `|_| "x".to_owned()`; what else is done to it makes it no default.
pub(super) fn converted(written: &str) -> Option<String> {
    let mut quotes = written.match_indices('"');
    let ((from, _), (to, _)) = (quotes.next()?, quotes.next()?);
    if quotes.next().is_some() {
        return None;
    }
    let mut around = format!("{}{}", &written[..from], &written[to + 1..]);
    around.retain(|letter| !letter.is_whitespace());
    if let Some(rest) = around.strip_prefix('|') {
        around = rest.split_once('|').map_or_else(String::new, |(_, body)| body.to_owned());
    }
    for part in [".to_string()", ".to_owned()", ".into()", ".unwrap()", ".parse()"] {
        around = around.replace(part, "");
    }
    for part in ["String::from()", "OsString::from()", "PathBuf::from()", "Ok()", "Some()", "{}", "()"] {
        around = around.replace(part, "");
    }
    around.is_empty().then(|| written[from + 1..to].to_owned())
}

/// The default of `env('X', 'y')`, or what `??` and `?:` put in its place.
pub(super) fn php_default(site: Node<'_>, bytes: &[u8]) -> Unset {
    let value = |node: Node<'_>| match node.kind() {
        "encapsed_string" => whole(node, bytes).map_or((None, Some(false)), |default| (Some(default), Some(false))),
        "boolean" => (Some(text(node, bytes).to_ascii_lowercase()), Some(false)),
        _ => fallen_back(node, bytes),
    };
    let second = site.field("arguments").and_then(|arguments| arguments.named_child(1));
    if let Some(second) = second.filter(|_| site.kind() != "subscript_expression") {
        let last = u32::try_from(second.named_child_count().saturating_sub(1)).unwrap_or(0);
        return second.named_child(last).map_or((None, None), value);
    }
    // `presence(env('X')) ?? 'y'`: a function of the program makes something of the text.
    let made = || {
        let argument = site.parent().filter(|one| one.kind() == "argument" && site.next_named_sibling().is_none())?;
        let arguments = argument.parent().filter(|all| all.named_child_count() == 1)?;
        arguments.parent().filter(|call| call.kind() == "function_call_expression")
    };
    let site = made().unwrap_or(site);
    let given = || {
        let parent = site.parent()?;
        let (other, sign) = match parent.kind() {
            "binary_expression" => (parent.field("right")?, parent.field("operator")?),
            "conditional_expression" if parent.field("body").is_none() => {
                (parent.field("alternative")?, parent.child(1)?)
            }
            _ => return None,
        };
        (other.id() != site.id() && text(sign, bytes).starts_with('?')).then(|| value(other))
    };
    given().unwrap_or((None, None))
}

/// Entries of `$_SERVER` that the web server or the command line fill in, not the environment.
pub(super) fn is_server_name(name: &str) -> bool {
    const STARTS: [&str; 12] = [
        "HTTP_",
        "REQUEST_",
        "SERVER_",
        "REMOTE_",
        "SCRIPT_",
        "PATH_",
        "PHP_",
        "REDIRECT_",
        "ORIG_",
        "DOCUMENT_",
        "CONTENT_",
        "CONTEXT_",
    ];
    const NAMES: [&str; 10] = [
        "HTTPS",
        "QUERY_STRING",
        "GATEWAY_INTERFACE",
        "AUTH_TYPE",
        "HOST",
        "UNIQUE_ID",
        "argv",
        "argc",
        "USER",
        "FCGI_ROLE",
    ];
    let is_upper = name.chars().all(|letter| !letter.is_ascii_lowercase());
    !is_upper || NAMES.contains(&name) || STARTS.iter().any(|start| name.starts_with(start))
}
