//! The last commits of a local repository, and the folder from which the server fetches them like from a forge.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use git2::{Repository, Sort};

use crate::model::{GitRef, RepoName};

/// The account under which a local repository is shown.
pub(super) const OWNER: &str = "local";
/// git's "no commit".
const ZERO: &str = "0000000000000000000000000000000000000000";

/// One commit, as a push payload needs it.
#[derive(Debug)]
pub(super) struct Commit {
    pub(super) sha: String,
    pub(super) message: String,
    pub(super) author: String,
    parent: Option<String>,
}

impl Commit {
    pub(super) fn title(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// What is shown.
#[derive(Debug)]
pub(super) struct History {
    pub(super) name: String,
    pub(super) branch: String,
    /// Oldest first.
    pub(super) commits: Vec<Commit>,
    git_dir: PathBuf,
}

impl History {
    /// The last `most` commits of the branch that is checked out, along first parents.
    pub(super) fn read(path: &Path, most: usize) -> anyhow::Result<Self> {
        let repository = Repository::discover(path)?;
        let head = repository.head().context("the repository has no commit")?;
        let branch = head.shorthand().ok().filter(|_| head.is_branch()).and_then(|name| GitRef::parse(name).ok());
        let mut walk = repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL)?;
        walk.simplify_first_parent()?;
        walk.push_head()?;
        let mut commits = Vec::new();
        for id in walk.take(most) {
            let commit = repository.find_commit(id?)?;
            commits.push(Commit {
                sha: commit.id().to_string(),
                message: String::from_utf8_lossy(commit.message_bytes()).replace('\0', ""),
                author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
                parent: commit.parent_id(0).ok().map(|id| id.to_string()),
            });
        }
        commits.reverse();
        let git_dir = fs::canonicalize(repository.commondir())?;
        Ok(Self {
            name: name_of(&repository, &git_dir),
            branch: branch.map_or_else(|| "detached".to_owned(), |branch| branch.as_str().to_owned()),
            commits,
            git_dir,
        })
    }

    /// Each commit with what the branch was at before it.
    pub(super) fn pushes(&self) -> impl Iterator<Item = (&str, &Commit)> {
        self.commits.iter().map(|commit| (commit.parent.as_deref().unwrap_or(ZERO), commit))
    }

    /// Make the repository reachable as `<remotes>/<owner>/<name>.git`.
    pub(super) fn link_into(&self, remotes: &Path) -> std::io::Result<()> {
        let owner = remotes.join(OWNER);
        fs::create_dir_all(&owner)?;
        std::os::unix::fs::symlink(&self.git_dir, owner.join(format!("{}.git", self.name)))
    }
}

/// The folder's name, as far as a repository may be called that.
fn name_of(repository: &Repository, git_dir: &Path) -> String {
    let folder = repository.workdir().unwrap_or(git_dir).file_name().unwrap_or_default().to_string_lossy();
    let plain: String = folder
        .trim_end_matches(".git")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' })
        .collect();
    RepoName::parse(OWNER, &plain).map_or_else(|_| "repository".to_owned(), |repo| repo.name().to_owned())
}
