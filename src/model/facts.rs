//! Facts of one dossier as the index keeps them: bounded, and in a form that both databases take.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

/// Longest key that is kept; a database's index takes no longer ones.
pub(crate) const MAX_KEY_BYTES: usize = 1 << 10;
/// What of a fact's attributes is kept, and of what is compared.
const MAX_ATTRS_BYTES: usize = 4 << 10;
/// The member that names the attributes which are too large to be kept.
const LEFT_OUT: &str = "left_out";

/// The facts of a dossier of the built-in analyzer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FactSet {
    /// Version and rules of who made it.
    pub analyzer: String,
    /// What was read and what was not, as JSON.
    pub coverage: String,
    /// Each fact.
    pub rows: Vec<FactRow>,
}

/// What was read of a commit and what was not.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[expect(missing_docs, reason = "docs/api.md describes each field")]
pub struct Coverage {
    pub files_seen: Option<u64>,
    pub analyzed: Option<u64>,
    /// Files that no rule understood: all of them where `unread_complete`.
    pub unread: usize,
    pub unread_complete: bool,
    /// Constructs that could not be pinned down.
    pub unresolved: usize,
    pub partial: bool,
}

/// A fact with its first evidence.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the columns are described in migrations/")]
pub struct FactRow {
    pub kind: String,
    pub key: String,
    pub id: String,
    pub status: String,
    pub attrs: String,
    pub details: Option<String>,
    pub path: String,
    pub line: i64,
    pub end_line: i64,
    pub sha256: String,
}

impl FactRow {
    /// What tells it from itself in another dossier.
    pub(crate) fn digest(&self) -> String {
        let lines = format!("{} {}", self.line, self.end_line);
        let details = self.details.as_deref().unwrap_or("\0");
        let mut digest = Sha256::new();
        for part in [&self.status, &self.attrs, details, &self.path, &lines, &self.sha256] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        hex::encode(&digest.finalize()[..12])
    }
}

/// A key as it is kept, and asked for. Postgres has no NUL in text.
pub(crate) fn kept_key(key: &str) -> String {
    without_nul(&key[..key.floor_char_boundary(MAX_KEY_BYTES)])
}

/// A text that Postgres takes.
pub(crate) fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Attributes as JSON; those that do not fit are only named.
pub(crate) fn kept_attrs(attrs: &BTreeMap<String, Value>) -> String {
    let (mut kept, mut left_out, mut bytes) = (BTreeMap::new(), Vec::new(), 0);
    for (name, value) in attrs {
        let size = name.len() + value.to_string().len();
        if bytes + size <= MAX_ATTRS_BYTES {
            bytes += size;
            kept.insert(name.as_str(), value.clone());
        } else if left_out.len() < 20 {
            left_out.push(name.as_str());
        }
    }
    if !left_out.is_empty() {
        kept.insert(LEFT_OUT, left_out.into());
    }
    to_text(&kept)
}

/// What is compared as JSON, or its hash where that is too long.
pub(crate) fn kept_details(details: &BTreeMap<&str, Value>) -> String {
    let text = to_text(details);
    if text.len() <= MAX_ATTRS_BYTES {
        return text;
    }
    to_text(&BTreeMap::from([("sha256", Value::from(hex::encode(Sha256::digest(&text))))]))
}

fn to_text(members: &BTreeMap<&str, Value>) -> String {
    serde_json::to_string(members).unwrap_or_else(|_| "{}".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_named_and_not_kept() {
        let attrs = BTreeMap::from([
            ("a".to_owned(), Value::from("x".repeat(MAX_ATTRS_BYTES))),
            ("b".to_owned(), Value::from(true)),
        ]);
        assert_eq!(kept_attrs(&attrs), r#"{"b":true,"left_out":["a"]}"#);
        assert_eq!(kept_attrs(&BTreeMap::new()), "{}");
        let long = kept_details(&BTreeMap::from([("a", Value::from("x".repeat(MAX_ATTRS_BYTES)))]));
        assert!(long.starts_with(r#"{"sha256":""#) && long.len() < 100, "{long}");
    }

    #[test]
    fn a_key_ends_at_a_letter_and_has_no_nul() {
        assert_eq!(kept_key("a\0b"), "a\u{fffd}b");
        assert_eq!(kept_key(&"ä".repeat(MAX_KEY_BYTES)).len(), MAX_KEY_BYTES);
        assert_eq!(kept_key(&format!("a{}", "ä".repeat(MAX_KEY_BYTES))).len(), MAX_KEY_BYTES - 1);
    }
}
