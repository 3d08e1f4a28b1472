//! The short name of a branch, as `git check-ref-format` allows it.

use super::Invalid;

/// Longest ref name that is kept, in bytes.
const MAX_REF_BYTES: usize = 255;

/// A branch name without `refs/heads/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
pub struct GitRef(String);

impl GitRef {
    /// Accept a ref name by the rules of git-check-ref-format(1).
    ///
    /// # Errors
    /// [`Invalid`] for anything that git itself would not create.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let forbidden = |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
        let component = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
        let valid = text.len() <= MAX_REF_BYTES
            && text != "@"
            && !text.starts_with('-')
            && !text.ends_with('.')
            && !text.contains("..")
            && !text.contains("@{")
            && !text.contains(forbidden)
            && text.split('/').all(component);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid(format!("ref must be a branch name as git allows it, at most {MAX_REF_BYTES} bytes")))
        }
    }

    /// As the database holds it: it was checked when it was written.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for GitRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
