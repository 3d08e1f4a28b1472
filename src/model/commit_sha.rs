//! A full commit id. Abbreviations and upper case are refused, so that one commit has one spelling.

use super::Invalid;

/// 40 (SHA-1) or 64 (SHA-256) lower-case hex digits, not all zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
pub struct CommitSha(String);

impl CommitSha {
    /// Accept exactly a full commit id.
    ///
    /// # Errors
    /// [`Invalid`] says what is wrong with any other text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !hex || !matches!(text.len(), 40 | 64) {
            return Err(Invalid("commit_sha must be the full commit id: 40 or 64 lower-case hex digits".into()));
        }
        if is_zero_sha(text) {
            return Err(Invalid("commit_sha is all zeros, which git uses for \"no commit\"".into()));
        }
        Ok(Self(text.to_owned()))
    }

    /// As the database holds it: it was checked when it was written.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CommitSha {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether this is what GitHub sends for "there is no commit": a deleted or a new branch.
pub(crate) fn is_zero_sha(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'0')
}
