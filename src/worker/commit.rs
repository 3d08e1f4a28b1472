//! Fetched commits on disk: a run's own, and what it is compared with.

use std::path::{Path, PathBuf};

use super::git::Known;
use crate::model::CommitSha;

/// A fetched commit on disk.
#[derive(Clone, Copy)]
pub(super) struct FetchedCommit<'a> {
    /// Bare, the commit pinned.
    pub(super) repository: &'a Path,
    /// What it builds on.
    pub(super) known: Option<&'a Known>,
}

impl FetchedCommit<'_> {
    /// Where its objects lie.
    pub(super) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let known = self.known.iter().flat_map(|known| known.folders.iter().cloned());
        [self.repository.to_owned()].into_iter().chain(known)
    }
}

/// Where the dossier to compare with is, or what it is made of.
pub(super) enum BaseSource {
    /// `dossier.json` in the work folder.
    Dossier(PathBuf),
    Commit {
        commit: BaseCommit,
        /// The dossier that other rules made of it, for where these cannot.
        stale: Option<PathBuf>,
    },
}

/// A fetched commit.
pub(super) struct BaseCommit {
    pub(super) sha: CommitSha,
    pub(super) repository: PathBuf,
    /// What it builds on.
    pub(super) known: Option<Known>,
}

impl BaseCommit {
    pub(super) fn fetched(&self) -> FetchedCommit<'_> {
        FetchedCommit { repository: &self.repository, known: self.known.as_ref() }
    }
}
