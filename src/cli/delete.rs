//! `ci-feed delete owner/repo`: forget a repository with its runs and dossiers.

use serde_json::json;

use super::client::Server;
use crate::config::Config;
use crate::model::RepoName;

/// Ask a running server to forget a repository: its runs, dossiers, branches, badges.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed delete octo/shop --yes\n  ci-feed delete octo/shop --id 186853002 --yes\n\nIt cannot be undone; a later webhook makes the repository anew, without what was there. The token is taken from\nCI_API_TOKEN. Exit codes: 0 nothing is left, or later ticks remove the rest; 1 refused, unknown or not reachable"
)]
pub(super) struct DeleteArgs {
    /// Repository, owner/name
    repository: String,
    /// The forge's number of the repository, where its name is another one's by now
    #[arg(long)]
    id: Option<i64>,
    /// Without this nothing is deleted
    #[arg(long)]
    yes: bool,
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(args: &DeleteArgs, config: &Config) -> anyhow::Result<i32> {
    let repo = RepoName::parse_full(&args.repository)?;
    if !args.yes {
        anyhow::bail!("this deletes every run and dossier of {repo} and cannot be undone; say --yes if it is meant");
    }
    let id = args.id.map(|id| format!("?id={id}")).unwrap_or_default();
    let path = format!("/api/ci/repos/{}/{}{id}", repo.owner(), repo.name());
    let mut deleted = super::runtime()?.block_on(Server::new(args.url.as_deref(), config).delete(&path))?;
    deleted["repo"] = json!(repo.to_string());
    super::say(&deleted.to_string());
    Ok(0)
}
