//! `ci-feed tick`: what a cron line calls where there is no curl.

use serde_json::json;

use super::client;
use crate::config::Config;

/// Call tick once.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed tick\n  ci-feed tick --url https://feed.example.com --until-idle\n\nExit codes: 0 done, 1 the server is not reachable or refused"
)]
pub(super) struct TickArgs {
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
    /// Call again while jobs are processed
    #[arg(long)]
    until_idle: bool,
}

pub(super) fn run(args: &TickArgs, config: &Config) -> anyhow::Result<i32> {
    super::runtime()?.block_on(async {
        loop {
            let answer = client::post(args.url.as_deref(), "/api/ci/worker/tick", config, &json!({})).await?;
            super::say(&answer.to_string());
            if !args.until_idle || answer["processed"] != json!(true) {
                return Ok(0);
            }
        }
    })
}
