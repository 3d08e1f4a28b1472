//! `ci-feed runs`: the newest runs of a server.

use serde_json::Value;

use super::client::Server;
use super::facts::{query, short};
use super::{exit, one_line, say};
use crate::config::Config;
use crate::model::RepoName;

/// List the newest runs of a running server.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ci-feed runs
  ci-feed runs octo/shop --ref main --status FAILED
  ci-feed runs --commit 4f1c0d9e --json

The token is taken from CI_API_TOKEN; without it private repositories are not seen.
Exit codes: 0 listed, 1 refused or not reachable, 2 wrong arguments, 3 there are none, or no such branch")]
pub(super) struct RunsArgs {
    /// Repository, owner/name
    repository: Option<String>,
    /// Only of this branch
    #[arg(long = "ref", value_name = "BRANCH")]
    git_ref: Option<String>,
    /// Only of this pull request
    #[arg(long, value_name = "NUMBER", requires = "repository", conflicts_with = "git_ref")]
    pr: Option<i64>,
    /// Only of the commit whose id begins so
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    /// QUEUED, RUNNING, SUCCEEDED or FAILED
    #[arg(long)]
    status: Option<String>,
    /// So many at most, up to 200
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=200))]
    limit: u8,
    /// Print JSON: one run a line
    #[arg(long)]
    json: bool,
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(args: &RunsArgs, config: &Config) -> anyhow::Result<i32> {
    let repo = args.repository.as_deref().map(RepoName::parse_full).transpose()?;
    let number = args.pr.map(|number| number.to_string());
    let parameters = [
        ("owner", repo.as_ref().map(RepoName::owner)),
        ("repo", repo.as_ref().map(RepoName::name)),
        ("ref", args.git_ref.as_deref()),
        ("pr", number.as_deref()),
        ("commit", args.commit.as_deref()),
        ("status", args.status.as_deref()),
    ];
    let given = parameters.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let path = format!("/api/ci/runs?limit={}&{}", args.limit, query(&given.collect::<Vec<_>>()));
    let server = Server::new(args.url.as_deref(), config);
    let answer = match super::runtime()?.block_on(server.read(&path))? {
        Ok(answer) => answer,
        Err(refusal) => return refusal.into_exit_code(),
    };
    let runs: Vec<&Value> = answer["runs"].as_array().into_iter().flatten().collect();
    for run in &runs {
        say(&if args.json { run.to_string() } else { one_line(&line(run)) });
    }
    Ok(if runs.is_empty() { exit::NOT_THERE } else { exit::DONE })
}

fn line(run: &Value) -> String {
    let text = |field: &str| run[field].as_str().unwrap_or_default();
    let at = run["pr_number"].as_i64().map_or_else(|| text("ref").to_owned(), |number| format!("#{number}"));
    let code = run["error_code"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
    format!(
        "{} {}{code} {}/{} {at} {} {} {}",
        text("id"),
        text("status"),
        text("repo_owner"),
        text("repo_name"),
        short(text("commit_sha")),
        text("created_at"),
        text("title"),
    )
}
