//! `ci-feed enqueue owner/repo`: a run for a commit or a branch's current one.

use serde_json::json;

use super::client;
use crate::config::Config;
use crate::model::RepoName;

/// Ask a running server for a run.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed enqueue octo/shop --ref main\n  ci-feed enqueue octo/shop --sha 1a2b3c...\n\nThe token is taken from CI_API_TOKEN. Exit codes: 0 enqueued, 1 refused or not reachable"
)]
pub(super) struct EnqueueArgs {
    /// Repository, owner/name
    repository: String,
    /// Branch; without --sha its current commit is taken
    #[arg(long = "ref", default_value = "main")]
    git_ref: String,
    /// Full commit id
    #[arg(long)]
    sha: Option<String>,
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(args: &EnqueueArgs, config: &Config) -> anyhow::Result<i32> {
    let repo = RepoName::parse_full(&args.repository)?;
    let body = json!({
        "owner": repo.owner(), "repo": repo.name(), "ref": args.git_ref, "commit_sha": args.sha, "event_type": "manual",
    });
    let answer = super::runtime()?.block_on(client::post(args.url.as_deref(), "/api/ci/enqueue", config, &body))?;
    super::say(&answer.to_string());
    Ok(0)
}
