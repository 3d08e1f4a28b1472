//! `ci-feed facts`: which repositories state a fact, and since when.

use anyhow::bail;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::client::Server;
use super::{exit, one_line, say};
use crate::config::Config;
use crate::model::RepoName;

/// Facts of one page.
const PAGE: usize = 200;

/// Which repositories state a fact: of every default branch, or of one repository.
///
/// KIND is endpoint, env_var (env), port, command, dependency (dep), table, migration, runtime, entrypoint, container,
/// workflow, datastore, outbound_host (host), license or language.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ci-feed facts env STRIPE_KEY
  ci-feed facts endpoint /orders --contains --attr framework=express
  ci-feed facts env --repo octo/shop --json
  ci-feed facts env STRIPE_KEY --repo octo/shop --history

The token is taken from CI_API_TOKEN; without it private repositories are not seen.
Exit codes: 0 found, 1 refused or not reachable, 2 wrong arguments, 3 nobody states it")]
pub(super) struct FactsArgs {
    /// Kind of the facts
    kind: String,
    /// Their key: the name of a variable, `GET /path` of an endpoint ...
    key: Option<String>,
    /// Keys that begin like KEY
    #[arg(long, requires = "key", conflicts_with_all = ["contains", "history"])]
    prefix: bool,
    /// Keys that hold KEY, in any case
    #[arg(long, requires = "key", conflicts_with = "history")]
    contains: bool,
    /// Only this repository
    #[arg(long, value_name = "OWNER/REPO")]
    repo: Option<String>,
    /// An open pull request of the repository, instead of its default branch
    #[arg(long, value_name = "NUMBER", requires = "repo", conflicts_with = "history")]
    pr: Option<i64>,
    /// Only facts with this attribute, such as required=true; may be repeated
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "history")]
    attr: Vec<String>,
    /// What happened to the fact on the default branch, newest first
    #[arg(long, requires = "key", requires = "repo")]
    history: bool,
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    limit: usize,
    /// Print JSON: one object a line
    #[arg(long)]
    json: bool,
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(args: &FactsArgs, config: &Config) -> anyhow::Result<i32> {
    let (path, list) = if args.history { ("/api/ci/facts/history", "events") } else { ("/api/ci/facts", "facts") };
    let question = format!("{path}?{}", query(&parameters(args)?));
    let server = Server::new(args.url.as_deref(), config);
    super::runtime()?.block_on(async {
        let (mut told, mut before) = (0, String::new());
        while told < args.limit {
            let page = PAGE.min(args.limit - told);
            let answer = match server.read(&format!("{question}&limit={page}&before={before}")).await? {
                Ok(answer) => answer,
                Err(refusal) => return refusal.into_exit_code(),
            };
            for row in answer[list].as_array().into_iter().flatten() {
                told += 1;
                match (args.json, args.history) {
                    (true, _) => say(&row.to_string()),
                    (false, true) => say(&one_line(&event(row))),
                    (false, false) => say(&one_line(&line(row))),
                }
            }
            let Some(next) = answer["next"].as_str() else { break };
            next.clone_into(&mut before);
        }
        Ok(if told > 0 { exit::DONE } else { exit::NOT_THERE })
    })
}

/// The question without its page.
fn parameters(args: &FactsArgs) -> anyhow::Result<Vec<(String, String)>> {
    let mut parameters = vec![("kind".to_owned(), args.kind.clone())];
    let mut give = |name: &str, value: String| parameters.push((name.to_owned(), value));
    if let Some(key) = &args.key {
        give("key", key.clone());
    }
    if args.prefix || args.contains {
        give("match", if args.prefix { "prefix" } else { "contains" }.to_owned());
    }
    if let Some(repo) = &args.repo {
        let repo = RepoName::parse_full(repo)?;
        give("owner", repo.owner().to_owned());
        give("repo", repo.name().to_owned());
    }
    if let Some(number) = args.pr {
        give("pr", number.to_string());
    }
    for attr in &args.attr {
        let Some((name, value)) = attr.split_once('=') else { bail!("--attr {attr:?} is not of the form NAME=VALUE") };
        give(&format!("attr.{name}"), value.to_owned());
    }
    Ok(parameters)
}

/// Behind a `?`.
pub(super) fn query(parameters: &[(String, String)]) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

/// A fact, where it stands, and the line that says it.
fn line(fact: &Value) -> String {
    let at = fact["pr_number"].as_i64().map_or_else(|| text(fact, "branch").to_owned(), |number| format!("#{number}"));
    let place = match fact["line"].as_i64() {
        Some(line) if line > 0 => format!("{}:{line}", text(fact, "path")),
        _ => text(fact, "path").to_owned(),
    };
    let inferred = if text(fact, "status") == "INFERRED" { " (inferred)" } else { "" };
    format!(
        "{}/{} {at} {}  {}{inferred}  {place}",
        text(fact, "repo_owner"),
        text(fact, "repo_name"),
        short(text(fact, "commit_sha")),
        text(fact, "key"),
    )
}

fn event(event: &Value) -> String {
    let attrs = |field: &str| if event[field] == json!(null) { String::new() } else { format!(" {}", event[field]) };
    format!(
        "{} {} {}{}{}",
        text(event, "at"),
        text(event, "change"),
        short(text(event, "commit_sha")),
        attrs("attrs_before"),
        attrs("attrs_after"),
    )
}

/// The first digits of a commit's id.
pub(super) fn short(commit_sha: &str) -> &str {
    commit_sha.get(..9).unwrap_or(commit_sha)
}
