//! `ci-feed health`: what a container's health check calls where there is no curl.

use serde_json::{Value, json};

use super::client::Server;
use crate::config::Config;

/// Ask a running server whether the feed moves.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed health\n  ci-feed health --url https://feed.example.com\n\nExit codes: 0 it works and accepts deliveries, 1 it does not, or is not reachable"
)]
pub(super) struct HealthArgs {
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(args: &HealthArgs, config: &Config) -> anyhow::Result<i32> {
    let health = super::runtime()?.block_on(Server::new(args.url.as_deref(), config).get("/api/ci/health"))?;
    super::say(health["status"].as_str().unwrap_or("unknown"));
    for sentence in health["diagnosis"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        super::say(sentence);
    }
    Ok(i32::from(health["ok"] != json!(true)))
}
