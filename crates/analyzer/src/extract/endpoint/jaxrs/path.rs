//! Paths of resources: how two are joined, and how one is written as a client calls it.

use crate::syntax::literal::closing_brace;

/// One slash between the two, none at the end.
pub(super) fn joined(above: &str, own: &str) -> String {
    let own = own.trim().trim_matches('/').trim_end_matches("/*");
    let own = if own == "*" { "" } else { own };
    let above = above.trim_end_matches('/');
    match (above.is_empty() || above.starts_with('/'), own.is_empty()) {
        (true, true) => above.to_owned(),
        (true, false) => format!("{above}/{own}"),
        (false, true) => format!("/{above}"),
        (false, false) => format!("/{above}/{own}"),
    }
}

/// `{id: [0-9]+}` becomes `{id}`.
pub(super) fn as_called(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let end = closing_brace(after).unwrap_or(after.len());
        out.push('{');
        out.push_str(after[..end].split(':').next().unwrap_or_default().trim());
        out.push('}');
        rest = after.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    if out.is_empty() { "/".to_owned() } else { out }
}
