//! Which repository: an owner and a name that are safe in a URL and in a path.

use super::Invalid;

/// Longest owner or name, in bytes (GitHub: 39 and 100).
const MAX_REPO_NAME_BYTES: usize = 100;

/// `owner/name`, spelled as GitHub spells it. Two spellings that differ in case are one repository: see [`RepoName::key`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, utoipa::ToSchema)]
pub struct RepoName {
    #[serde(rename = "repo_owner")]
    owner: String,
    #[serde(rename = "repo_name")]
    name: String,
}

impl RepoName {
    /// Accept an owner and a repository name as GitHub allows them.
    ///
    /// # Errors
    /// [`Invalid`] names the half that is wrong.
    pub fn parse(owner: &str, name: &str) -> Result<Self, Invalid> {
        let word = |text: &str| {
            (1..=MAX_REPO_NAME_BYTES).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        if !word(owner) || !owner.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(Invalid(
                "owner must be a GitHub account name: letters, digits, - _ . and at most 100 of them".into(),
            ));
        }
        if !word(name) || name.bytes().all(|byte| byte == b'.') || name.to_ascii_lowercase().ends_with(".git") {
            return Err(Invalid("repo must be a GitHub repository name without \".git\": letters, digits, - _ . and at most 100 of them".into()));
        }
        Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// Split `owner/name`.
    ///
    /// # Errors
    /// [`Invalid`] when there is not exactly one `/` or a half is wrong.
    pub fn parse_full(text: &str) -> Result<Self, Invalid> {
        let (owner, name) =
            text.split_once('/').ok_or_else(|| Invalid(format!("{text:?} is not of the form owner/repo")))?;
        Self::parse(owner, name)
    }

    /// As the database holds it: it was checked when it was written.
    pub(crate) fn stored(owner: String, name: String) -> Self {
        Self { owner, name }
    }

    /// The name that a key of the store is made of.
    pub(crate) fn of_key(key: &str) -> Self {
        let (owner, name) = key.split_once('/').unwrap_or((key, ""));
        Self::stored(owner.to_owned(), name.to_owned())
    }

    /// The account.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The repository's name within the account.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same for every spelling of one repository.
    pub fn key(&self) -> String {
        self.to_string().to_ascii_lowercase()
    }
}

impl std::fmt::Display for RepoName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// Whether the list names this account, in any case.
pub fn contains_ignoring_case(list: &[String], owner: &str) -> bool {
    list.iter().any(|entry| entry.eq_ignore_ascii_case(owner))
}
