//! The last commits of a repository: of a local one with the folder from which the server fetches them like from a forge,
//! or of a public one as the forge lists them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use git2::{Repository, Sort};

use crate::cli::forge::ForgeApi;
use crate::config::Config;
use crate::github::listing::ListedCommit;
use crate::model::{GitRef, RepoName};

/// The account under which a local repository is shown.
const OWNER: &str = "local";
/// git's "no commit".
const ZERO: &str = "0000000000000000000000000000000000000000";

/// One commit, as a push payload needs it.
#[derive(Debug)]
pub(super) struct DemoCommit {
    pub(super) sha: String,
    pub(super) message: String,
    pub(super) author: String,
    parent: Option<String>,
}

impl DemoCommit {
    pub(super) fn title(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// What is shown.
#[derive(Debug)]
pub(super) struct DemoHistory {
    pub(super) owner: String,
    pub(super) name: String,
    pub(super) branch: String,
    /// Oldest first.
    pub(super) commits: Vec<DemoCommit>,
    /// `None`: the server fetches from the forge.
    git_dir: Option<PathBuf>,
}

impl DemoHistory {
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
            commits.push(DemoCommit {
                sha: commit.id().to_string(),
                message: String::from_utf8_lossy(commit.message_bytes()).replace('\0', ""),
                author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
                parent: commit.parent_id(0).ok().map(|id| id.to_string()),
            });
        }
        commits.reverse();
        let git_dir = fs::canonicalize(repository.commondir())?;
        Ok(Self {
            owner: OWNER.to_owned(),
            name: name_of(&repository, &git_dir),
            branch: branch.map_or_else(|| "detached".to_owned(), |branch| branch.as_str().to_owned()),
            commits,
            git_dir: Some(git_dir),
        })
    }

    /// The last `most` commits of a repository's default branch, as the forge lists them.
    pub(super) async fn of_forge(repo: &RepoName, most: usize, config: &Config) -> anyhow::Result<Self> {
        let forge = ForgeApi::new(repo.owner(), config, "name one by its path")?;
        let (branch, listed) = forge.last_commits(repo).await?;
        anyhow::ensure!(!listed.is_empty(), "{repo} has no commit");
        let commit = |listed: ListedCommit| DemoCommit {
            sha: listed.sha.to_string(),
            message: listed.message,
            author: listed.author,
            parent: listed.parent.map(|parent| parent.to_string()),
        };
        let mut commits: Vec<_> = listed.into_iter().take(most).map(commit).collect();
        commits.reverse();
        let (owner, name) = (repo.owner().to_owned(), repo.name().to_owned());
        Ok(Self { owner, name, branch, commits, git_dir: None })
    }

    /// Each commit with what the branch was at before it.
    pub(super) fn pushes(&self) -> impl Iterator<Item = (&str, &DemoCommit)> {
        self.commits.iter().map(|commit| (commit.parent.as_deref().unwrap_or(ZERO), commit))
    }

    /// As a person calls it.
    pub(super) fn title(&self) -> String {
        if self.is_local() { self.name.clone() } else { format!("{}/{}", self.owner, self.name) }
    }

    /// Whether the server needs no forge.
    pub(super) fn is_local(&self) -> bool {
        self.git_dir.is_some()
    }

    /// The server to fetch from: for a local repository a folder in which it is `<owner>/<name>.git`.
    pub(super) fn server_url(&self, remotes: &Path, forge: &str) -> std::io::Result<String> {
        let Some(git_dir) = &self.git_dir else { return Ok(forge.to_owned()) };
        let owner = remotes.join(&self.owner);
        fs::create_dir_all(&owner)?;
        std::os::unix::fs::symlink(git_dir, owner.join(format!("{}.git", self.name)))?;
        Ok(format!("file://{}", remotes.display()))
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
