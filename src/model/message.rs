//! What is said at the forge.

use serde::{Deserialize, Serialize};

use super::vocabulary::vocabulary;

vocabulary! {
    /// Where something is said.
    MessageKind {
        /// The status of a commit.
        Status = "status",
        /// The one comment of a pull request.
        Comment = "comment",
    }
}

/// What was said last of a commit or a pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Of a commit: `pending`, `success`, `failure` or `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The sentence beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many statuses the commit has from here.
    #[serde(default, skip_serializing_if = "is_none")]
    pub statuses: u32,
    /// Of a pull request: the forge's number of the comment, while there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<i64>,
}

impl Said {
    /// What a commit says of a run that has not ended.
    pub const PENDING: &'static str = "pending";

    /// Whether somebody waits for what comes after it.
    pub fn is_pending(&self) -> bool {
        self.state.as_deref() == Some(Self::PENDING)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_none(statuses: &u32) -> bool {
    *statuses == 0
}
