//! Paths as the framework's router normalises them, and as a client calls them.

/// Optional parts double the paths; nobody writes more than a few.
const MAX_OPTIONAL_PATHS: usize = 32;

/// One slash at the front, none at the end, none doubled; an optional part holds its own slash.
pub(super) fn normalise(path: &str) -> String {
    let mut out = String::from("/");
    for letter in path.chars() {
        if letter != '/' || !out.ends_with('/') {
            out.push(letter);
        }
    }
    if out.len() > 1 && out.ends_with('/') {
        out.pop();
    }
    // `/(`, `/((` and `/(/` are `(/`, `((/`.
    let mut moved = String::with_capacity(out.len());
    let mut rest = out.as_str();
    while let Some(at) = rest.find("/(") {
        moved.push_str(&rest[..at]);
        let after = rest[at + 1..].trim_start_matches('(');
        let open = rest.len() - at - 1 - after.len();
        moved.push_str(&"(".repeat(open));
        moved.push('/');
        rest = after.strip_prefix('/').unwrap_or(after);
    }
    moved.push_str(rest);
    moved
}

/// A path below another.
pub(super) fn join(parent: &str, child: &str) -> String {
    normalise(&format!("{parent}/{child}"))
}

/// The paths that a client calls: one for each choice of optional parts, with parameters as `{name}`. The format
/// that every route may end with is left out.
pub(super) fn as_called(path: &str) -> Vec<String> {
    let path = path.replace("(.:format)", "");
    let letters: Vec<char> = path.chars().collect();
    let mut at = 0;
    let mut out: Vec<String> = Vec::new();
    for choice in choices(&letters, &mut at, 0) {
        let called = parameters(&choice);
        let called = if called.is_empty() { "/".to_owned() } else { called };
        let called = if called.starts_with('/') { called } else { format!("/{called}") };
        if !out.contains(&called) {
            out.push(called);
        }
    }
    out
}

fn choices(letters: &[char], at: &mut usize, depth: usize) -> Vec<String> {
    let mut paths = vec![String::new()];
    while *at < letters.len() {
        let letter = letters[*at];
        *at += 1;
        match letter {
            '(' if depth < 16 => {
                let inner = choices(letters, at, depth + 1);
                let with: Vec<String> =
                    paths.iter().flat_map(|path| inner.iter().map(move |inner| format!("{path}{inner}"))).collect();
                paths.extend(with);
                paths.truncate(MAX_OPTIONAL_PATHS);
            }
            ')' if depth > 0 => return paths,
            // Deeper parentheses are not told apart.
            '(' | '\\' => {}
            other => paths.iter_mut().for_each(|path| path.push(other)),
        }
    }
    paths
}

/// `:id` and `*rest` become `{id}` and `{rest}`.
fn parameters(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 8);
    let mut letters = path.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_named = |next: &char| next.is_alphanumeric() || *next == '_';
        if matches!(letter, ':' | '*') && letters.peek().is_some_and(is_named) {
            out.push('{');
            while let Some(next) = letters.next_if(is_named) {
                out.push(next);
            }
            out.push('}');
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{as_called, join};

    #[test]
    fn a_path_is_written_as_a_client_calls_it() {
        assert_eq!(
            as_called(&join("", "top(/:length(/page/:page))")),
            ["/top", "/top/{length}", "/top/{length}/page/{page}"]
        );
        assert_eq!(as_called(&join("/s/:id", "(:title)(.:format)")), ["/s/{id}", "/s/{id}/{title}"]);
        assert_eq!(as_called(&join("(:locale)", "")), ["/", "/{locale}"]);
        assert_eq!(as_called(&join("(:locale)", "/posts")), ["/posts", "/{locale}/posts"]);
        assert_eq!(as_called(&join("/a/", "//*rest")), ["/a/{rest}"]);
        assert_eq!(as_called(&join("", "robots.:format")), ["/robots.{format}"]);
        assert_eq!(as_called(&join("", "(((((((((((((((((((((((((((((((")), ["/"]);
    }
}
