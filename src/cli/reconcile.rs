//! `ci-feed reconcile`: runs for what a webhook missed.

use serde_json::json;

use super::client;
use crate::config::Config;
use crate::model::RepoName;

/// Compare the branches of known repositories with the runs, and enqueue what no webhook announced.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed reconcile\n  ci-feed reconcile octo/shop\n\nOne JSON line a repository. An open page does the same by itself every CI_RECONCILE minutes, for branches that moved\nor came since its last look; this looks at every branch. The token is taken from CI_API_TOKEN.\n\nExit codes: 0 all were looked at, 1 refused, not reachable, or the branches of a repository are unknown"
)]
pub(super) struct ReconcileArgs {
    /// Repository, owner/name [default: all that a webhook has named]
    repository: Option<String>,
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(args: &ReconcileArgs, config: &Config) -> anyhow::Result<i32> {
    let mut body = match &args.repository {
        Some(name) => {
            let repo = RepoName::parse_full(name)?;
            json!({ "owner": repo.owner(), "repo": repo.name() })
        }
        None => json!({}),
    };
    let mut failed = false;
    super::runtime()?.block_on(async {
        loop {
            let page = client::post(args.url.as_deref(), "/api/ci/reconcile", config, &body).await?;
            for look in page["repositories"].as_array().into_iter().flatten() {
                failed |= look["error_code"].is_string();
                super::say(&look.to_string());
            }
            match &page["next"] {
                serde_json::Value::String(next) => body = json!({ "after": next }),
                _ => return Ok(i32::from(failed)),
            }
        }
    })
}
