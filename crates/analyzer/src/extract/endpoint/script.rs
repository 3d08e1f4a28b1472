//! What the rules of JavaScript's frameworks share: verbs, paths and handlers as arguments, parameters in paths.

use super::guard;
use crate::trace::call::Call;
use crate::trace::graph::PathText;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

const VERBS: [(&str, &str); 9] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("del", "DELETE"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("all", "ANY"),
];

/// The method that a router's method of this name serves.
pub(super) fn verb(name: &str) -> Option<&'static str> {
    VERBS.iter().find(|(verb, _)| *verb == name).map(|(_, method)| *method)
}

/// The paths of an argument: one text, or a list of them.
pub(super) fn paths(machine: &mut Machine<'_>, argument: &Argument) -> Vec<PathText> {
    match machine.known(&argument.value) {
        Value::Array(items) => {
            let items = items.borrow().clone();
            items.iter().map(|item| machine.path_text(item, &argument.text)).collect()
        }
        Value::Null if argument.text.starts_with('/') => {
            vec![PathText::Unknown(Why::RegularExpression.of(&*argument.text))]
        }
        _ => vec![argument.as_path(machine)],
    }
}

/// A path that does not start with a slash gets one.
pub(super) fn rooted(path: String) -> String {
    if path.is_empty() || path.starts_with('/') { path } else { format!("/{path}") }
}

/// The name of the last handler where it is plain, and whether a guard stands before it.
pub(super) fn handlers(arguments: &[Argument]) -> (Option<String>, bool) {
    let Some((last, before)) = arguments.split_last() else { return (None, false) };
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '$');
    let handler = (!last.text.is_empty() && last.text.chars().all(plain)).then(|| last.text.to_string());
    let guarded = before.iter().any(|argument| guard::is_guard(argument.text.trim_matches(['[', ']'])));
    (handler, guarded)
}

/// What is mounted and below which paths: the first argument may be a path, a list of paths, or no path at all.
pub(super) fn mounted<'c>(
    machine: &mut Machine<'_>,
    call: &'c Call,
    is_null_a_path: bool,
) -> (Vec<PathText>, &'c [Argument]) {
    let Some(first) = call.at(0) else { return (Vec::new(), &[]) };
    let is_path = match machine.known(&first.value) {
        // Every path: what is mounted has its own.
        Value::Text(path) if matches!(&*path, "*" | "/*") => return (vec![PathText::empty()], &call.arguments[1..]),
        Value::Text(_) => true,
        Value::Array(items) => items.borrow().first().is_some_and(|item| matches!(item, Value::Text(_))),
        Value::Unknown(_) | Value::Env(..) => call.arguments.len() > 1,
        value @ (Value::Made(_) | Value::External(_)) => {
            call.arguments.len() > 1 && machine.base_path(&value).is_some()
        }
        Value::Null => is_null_a_path && call.arguments.len() > 1,
        _ => false,
    };
    match is_path {
        true => (paths(machine, first), &call.arguments[1..]),
        false => (vec![PathText::empty()], &call.arguments),
    }
}

/// Says so where what is mounted is a module that is loaded under a computed name.
pub(super) fn note_computed_module(machine: &mut Machine<'_>, argument: &Argument, call: &Call) {
    if let Value::Unknown(why) = machine.known(&argument.value)
        && *why == Why::ComputedModule
    {
        let evidence = call.lines_to(machine, Some(argument));
        machine.loose(format!("the router `{}` {why}", argument.text), evidence);
    }
}

/// `:id`, `:id(\\d+)`, `:a-:b`, `*name`; `:id?` and `{/:id}` are two paths each.
pub(super) fn parameters(path: &str) -> Vec<String> {
    let mut paths = vec![String::new()];
    let letters: Vec<char> = path.chars().collect();
    let mut at = 0;
    while at < letters.len() {
        let letter = letters[at];
        at += 1;
        let is_named = |at: usize| letters.get(at).is_some_and(|next| next.is_alphanumeric() || *next == '_');
        match letter {
            ':' | '*' if is_named(at) => {
                let from = at;
                while is_named(at) {
                    at += 1;
                }
                let name: String = letters[from..at].iter().collect();
                if letters.get(at) == Some(&'(') {
                    let mut open = 0_i32;
                    while at < letters.len() {
                        open += i32::from(letters[at] == '(') - i32::from(letters[at] == ')');
                        at += 1;
                        if open == 0 {
                            break;
                        }
                    }
                }
                let without = (letters.get(at) == Some(&'?')).then(|| paths.clone());
                if letters.get(at).is_some_and(|next| matches!(next, '?' | '+' | '*')) {
                    at += 1;
                }
                for path in &mut paths {
                    path.push_str(&format!("{{{name}}}"));
                }
                for mut shorter in without.unwrap_or_default() {
                    if shorter.ends_with('/') && shorter.len() > 1 {
                        shorter.pop();
                    }
                    paths.push(shorter);
                }
            }
            '{' => {
                let from = at;
                while at < letters.len() && letters[at] != '}' {
                    at += 1;
                }
                let inner: String = letters[from..at].iter().collect();
                at += 1;
                let with: Vec<String> = paths
                    .iter()
                    .flat_map(|path| parameters(&inner).into_iter().map(move |inner| format!("{path}{inner}")))
                    .collect();
                paths.extend(with);
            }
            other => paths.iter_mut().for_each(|path| path.push(other)),
        }
        // Optional parts double the paths; nobody writes more than a few.
        paths.truncate(16);
    }
    for path in &mut paths {
        if path.is_empty() {
            path.push('/');
        }
    }
    paths
}
