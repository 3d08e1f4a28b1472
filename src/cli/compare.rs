//! `ci-feed compare`: what differs between two commits whose dossiers a server has.

use serde_json::{Value, json};

use super::client::Server;
use super::facts::{query, short};
use super::{exit, one_line, say};
use crate::config::Config;
use crate::model::RepoName;

/// What differs between two commits of a repository whose dossiers a running server has.
///
/// A and B are a run's id, a branch, the first digits of a commit's id, a pull request (`pr:7`) or what runs in an
/// environment (`deployed:production`). For two files dossier.json see `ci-feed drift`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ci-feed compare octo/shop deployed:production main
  ci-feed compare octo/shop main pr:7 --exit-code
  ci-feed compare octo/shop 4f1c0d9e main --json > drift.json

Exit codes: 0 compared (with --exit-code: and nothing differs), 1 refused or not reachable, 2 wrong arguments,
3 a dossier is not stored; the sentence says how to make it, 4 with --exit-code: something differs")]
pub(super) struct CompareArgs {
    /// Repository, owner/name
    repository: String,
    /// The earlier side
    base: String,
    /// The later side
    head: String,
    /// Print the answer of the server: drift.json, and which runs were compared
    #[arg(long)]
    json: bool,
    /// Exit with 4 when something differs
    #[arg(long)]
    exit_code: bool,
    /// Address of the server [default: the one of these settings]
    #[arg(long)]
    url: Option<String>,
}

pub(super) fn run(args: &CompareArgs, config: &Config) -> anyhow::Result<i32> {
    let repo = RepoName::parse_full(&args.repository)?;
    let parameters = [("owner", repo.owner()), ("repo", repo.name()), ("base", &*args.base), ("head", &*args.head)];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let path = format!("/api/ci/compare?{}", query(&parameters));
    let server = Server::new(args.url.as_deref(), config);
    let answer = match super::runtime()?.block_on(server.read(&path))? {
        Ok(answer) => answer,
        Err(refusal) => return refusal.into_exit_code(),
    };
    if args.json {
        say(&answer.to_string());
    } else {
        lines(&answer).iter().for_each(|line| say(&one_line(line)));
    }
    let differs = answer["drift"]["is_empty"] != json!(true);
    Ok(if args.exit_code && differs { exit::DIFFERS } else { exit::DONE })
}

/// The answer for people.
fn lines(answer: &Value) -> Vec<String> {
    let drift = &answer["drift"];
    let side = |name: &str| {
        let side = &answer[name];
        let behind = if side["is_behind"] == json!(true) { ", behind a commit without a dossier" } else { "" };
        format!("{} ({}{behind})", text(&side["asked"]), short(&text(&side["commit_sha"])))
    };
    let mut lines = vec![format!("{} to {}", side("base"), side("head"))];
    for (list, sign) in [("added", '+'), ("removed", '-')] {
        lines.extend(
            rows(&drift["facts"][list]).map(|fact| format!("{sign} {} {}", text(&fact["kind"]), text(&fact["key"]))),
        );
    }
    for fact in rows(&drift["facts"]["changed"]) {
        let change = |change: &Value| format!("{}: {} -> {}", text(&change["attr"]), change["base"], change["head"]);
        let changes: Vec<_> = rows(&fact["changes"]).map(change).collect();
        lines.push(format!("~ {} {}  {}", text(&fact["kind"]), text(&fact["key"]), changes.join(", ")));
    }
    let steps: Vec<_> = rows(&drift["before_deploy"]).map(|step| format!("  {}", text(&step["text"]))).collect();
    if !steps.is_empty() {
        lines.push("before you deploy:".to_owned());
        lines.extend(steps);
    }
    if drift["is_empty"] == json!(true) {
        lines.push("nothing that was read differs".to_owned());
    }
    let unread = drift["not_read"]["changed"].as_u64().unwrap_or(0);
    if unread > 0 {
        lines.push(format!("{unread} files differ that no rule understood"));
    }
    lines
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
