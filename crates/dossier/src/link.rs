//! Addresses of evidence on the forge, at exactly the commit that was analyzed; none when it is not known.

use super::v1::Subject;
use crate::evidence::Evidence;

/// The address of some evidence, if owner, repository and commit are known and made of plain characters.
pub(crate) fn to(subject: &Subject, evidence: &Evidence) -> Option<String> {
    let plain = |text: &Option<String>| {
        text.clone()
            .filter(|text| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)))
    };
    let (owner, repo, sha) = (plain(&subject.owner)?, plain(&subject.repo)?, plain(&subject.sha)?);
    let forge = subject.forge.as_deref().filter(|forge| is_address(forge))?.trim_end_matches('/');
    let lines = match (evidence.start_line, evidence.end_line) {
        (0, _) => String::new(),
        (start, end) if start == end => format!("#L{start}"),
        (start, end) => format!("#L{start}-L{end}"),
    };
    Some(format!("{forge}/{owner}/{repo}/blob/{sha}/{}{lines}", percent_encode(&evidence.path)))
}

/// A plain web address, with nothing in it that Markdown or a browser could read as something else.
fn is_address(forge: &str) -> bool {
    let rest = forge.strip_prefix("https://").or_else(|| forge.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/".contains(c)))
}

/// A path as part of an address; everything but plain characters and `/` is encoded.
pub(super) fn percent_encode(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
