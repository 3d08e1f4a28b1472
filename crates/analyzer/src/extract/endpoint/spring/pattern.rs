//! Spring's way to join the pattern of a class with the pattern of a method, and to write it as a client calls it.

use crate::syntax::literal::closing_brace;

/// A pattern as Spring registers it: with a slash before it, unless it is empty.
pub(super) fn rooted(pattern: &str) -> String {
    let pattern = pattern.trim();
    if pattern.is_empty() || pattern.starts_with('/') { pattern.to_owned() } else { format!("/{pattern}") }
}

/// `/a` and `/b` are `/a/b`; `/a/*` and `/b` too; `/*` gives way to what it matches.
pub(super) fn combine(above: &str, own: &str) -> String {
    let (above, own) = (rooted(above), rooted(own));
    if above.is_empty() || own.is_empty() {
        return if above.is_empty() { own } else { above };
    }
    let is_plain = |pattern: &str| !pattern.contains(['*', '?', '{']);
    if (above == "/*" && own != "/*" && is_plain(&own) && own.matches('/').count() == 1) || above == "/**" {
        return own;
    }
    let above = above.strip_suffix("/*").unwrap_or(&above);
    format!("{}/{}", above.trim_end_matches('/'), own.trim_start_matches('/'))
}

/// `{id:[0-9]+}` and `{*rest}` become `{id}` and `{rest}`.
pub(super) fn as_called(pattern: &str) -> String {
    let pattern = rooted(pattern);
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some(end) = closing_brace(after) else {
            out.push('{');
            rest = after;
            continue;
        };
        let name = after[..end].split(':').next().unwrap_or_default().trim().trim_start_matches('*');
        out.push('{');
        out.push_str(name);
        out.push('}');
        rest = &after[end + 1..];
    }
    out.push_str(rest);
    if out.is_empty() { "/".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use super::{as_called, combine};

    #[test]
    fn patterns_are_joined_with_one_slash() {
        assert_eq!(combine("api", "items"), "/api/items");
        assert_eq!(combine("/api/", "/items/"), "/api/items/");
        assert_eq!(combine("/api", ""), "/api");
        assert_eq!(combine("", "items"), "/items");
        assert_eq!(combine("/api", "/"), "/api/");
        assert_eq!(combine("/api/*", "items"), "/api/items");
        assert_eq!(combine("/{tenant}", "/items"), "/{tenant}/items");
    }

    #[test]
    fn expressions_in_parameters_are_left_out() {
        assert_eq!(as_called("/a/{id:[0-9]{3}}/b/{*rest}"), "/a/{id}/b/{rest}");
        assert_eq!(as_called(""), "/");
    }
}
