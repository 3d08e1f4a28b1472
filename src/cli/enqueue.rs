//! `ci-feed enqueue`: a run for a commit or a branch's current one, or for each of many repositories.

use std::path::PathBuf;

use serde_json::json;

use super::{backfill, client};
use crate::config::Config;
use crate::model::RepoName;

/// Ask a running server for a run.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed enqueue octo/shop --ref main\n  ci-feed enqueue octo/shop --sha 1a2b3c...\n  ci-feed enqueue --org octo\n  ci-feed enqueue --from names.txt\n\nWith --org or --from: a run of the head of each repository's default branch, unless that commit has one already; they\nwait in turn with all others. One JSON line a repository, and a sentence at the end. The same command again goes on\nwhere one was broken off. --org asks the forge (GITHUB_SERVER_URL) for its list, with GITHUB_TOKEN where the owner\nis in CI_TOKEN_OWNERS: without it private repositories are not in it, and those of a user never are.\n\nThe token is taken from CI_API_TOKEN. Exit codes: 0 enqueued, 1 refused or not reachable"
)]
pub(super) struct EnqueueArgs {
    /// Repository, owner/name
    #[arg(required_unless_present_any = ["org", "from"])]
    repository: Option<String>,
    /// Branch; without --sha its current commit is taken
    #[arg(long = "ref", default_value = "main")]
    git_ref: String,
    /// Full commit id
    #[arg(long)]
    sha: Option<String>,
    /// Every repository of this organization or user
    #[arg(long, value_name = "OWNER", conflicts_with_all = ["repository", "git_ref", "sha"])]
    org: Option<String>,
    /// Every repository that this file names, one owner/name a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repository", "git_ref", "sha", "org"])]
    from: Option<PathBuf>,
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(args: &EnqueueArgs, config: &Config) -> anyhow::Result<i32> {
    let url = args.url.as_deref();
    if let Some(owner) = &args.org {
        return super::runtime()?.block_on(backfill::of_owner(owner, url, config));
    }
    if let Some(file) = &args.from {
        return super::runtime()?.block_on(backfill::of_file(file, url, config));
    }
    let repo = RepoName::parse_full(args.repository.as_deref().unwrap_or_default())?;
    let body = json!({
        "owner": repo.owner(), "repo": repo.name(), "ref": args.git_ref, "commit_sha": args.sha, "event_type": "manual",
    });
    let answer = super::runtime()?.block_on(client::post(url, "/api/ci/enqueue", config, &body))?;
    super::say(&answer.to_string());
    Ok(0)
}
