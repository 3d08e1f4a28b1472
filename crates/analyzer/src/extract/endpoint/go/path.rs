//! Parameters in the paths of Go's routers, as `{name}`.

use crate::extract::endpoint::script::parameters;

/// `:id`, `*rest`.
pub(super) fn colons(path: &str) -> Vec<String> {
    vec![segments(path)]
}

/// The same, where `\\:` is a colon of the path.
pub(super) fn escaped_colons(path: &str) -> Vec<String> {
    vec![segments(&path.replace("\\:", "\u{0}")).replace('\u{0}', ":")]
}

/// `:id<int>`, `:id?`.
pub(super) fn constrained(path: &str) -> Vec<String> {
    parameters(&without(path, '<', '>', &[]))
}

/// Macaron's `/^:type(a|b)$` and `:id:int` without what a parameter has to look like.
pub(super) fn expressions(path: &str) -> Vec<String> {
    let plain = without(path, '(', ')', &['^', '$', '?']);
    vec![segments(&plain.replace(":int", "").replace(":string", ""))]
}

/// `{id:[a-z]{2}}`, `{path...}`, `{$}`; a parameter without a name is `*`.
pub(super) fn braced(path: &str) -> Vec<String> {
    vec![segments(&names(path)).replace("/{$}", "/").replace("{}", "*")]
}

/// `:id` and `*rest` of Go's routers; a bare `*` stays.
fn segments(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut letters = path.chars().peekable();
    let mut before = '/';
    while let Some(letter) = letters.next() {
        let is_name = letters.peek().is_some_and(|next| next.is_alphanumeric() || *next == '_');
        if is_name && (letter == ':' || (letter == '*' && before == '/')) {
            out.push('{');
            while let Some(next) = letters.next_if(|next| next.is_alphanumeric() || matches!(next, '_' | '-')) {
                out.push(next);
            }
            out.push('}');
        } else {
            out.push(letter);
        }
        before = letter;
    }
    out
}

/// `{id:[a-z]{2}}`, `{path...}`, `{path:*}`, `{id: /x/}`: the name alone.
fn names(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut open = 0_usize;
    let mut is_name = false;
    for letter in path.chars() {
        match letter {
            '{' => {
                open += 1;
                if open == 1 {
                    is_name = true;
                    out.push(letter);
                }
            }
            '}' => {
                open = open.saturating_sub(1);
                if open == 0 {
                    out.push(letter);
                }
            }
            ':' | '.' | '?' if open == 1 => is_name = false,
            other if open == 0 || (is_name && !other.is_whitespace() && other != '*') => out.push(other),
            _ => {}
        }
    }
    out
}

/// A path without what stands in these brackets, and without these letters.
fn without(path: &str, opening: char, closing: char, letters: &[char]) -> String {
    let mut out = String::with_capacity(path.len());
    let mut open = 0_usize;
    for letter in path.chars() {
        match letter {
            _ if letter == opening => open += 1,
            _ if letter == closing => open = open.saturating_sub(1),
            _ if letters.contains(&letter) => {}
            other if open == 0 => out.push(other),
            _ => {}
        }
    }
    out
}
