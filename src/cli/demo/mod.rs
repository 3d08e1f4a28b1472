//! `ci-feed demo [PATH]`: the product on real commits, in one command: a server on SQLite in a temporary folder, signed
//! push webhooks for the last commits of a local repository, ticks, and the page's address.

mod bundled;
mod history;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::config::{Config, Secret};
use crate::github::signature;
use crate::telemetry;
use history::{Commit, History};

/// Show the product on a local repository: server, signed pushes, dossiers, page.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed demo\n  ci-feed demo ~/src/shop --commits 8\n  ci-feed demo --exit\n\nNothing is written to the repository and nothing leaves this machine. Exit codes: 0 done, 1 a run did not succeed"
)]
pub(super) struct DemoArgs {
    /// A local git repository [default: the current folder's, else a small bundled one]
    path: Option<PathBuf>,
    /// How many of its last commits are pushed
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=50))]
    commits: u16,
    /// Address to listen on; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    bind: String,
    /// Stop after the last run instead of serving the page until Ctrl-C
    #[arg(long)]
    exit: bool,
}

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<i32> {
    let folder = tempfile::Builder::new().prefix("ci-feed-demo-").tempdir().context("no temporary folder")?;
    let history = history(args, folder.path())?;
    let secret = Secret::new(Uuid::new_v4().simple().to_string());
    let config = config(args, folder.path(), &secret)?;
    telemetry::init(&config);
    history.link_into(&folder.path().join("remotes"))?;
    super::runtime()?.block_on(async {
        let stop = super::serve::stop_on_signal()?;
        let app = App::start(config, std::env::current_exe()?).await?;
        let base = format!("http://{}", app.address());
        let serving = tokio::spawn(app.serve(stop.clone()));
        super::say(&format!("Demo of ci-feed on the last {} commits of {}", history.commits.len(), history.name));
        let failed = push_and_tick(&history, &secret, &base).await?;
        super::say(&format!("\nThe feed:     {base}/\nThis repo:    {base}/r/{}/{}", history::OWNER, history.name));
        if args.exit {
            stop.cancel();
        } else {
            super::say("Ctrl-C ends the demo and removes its temporary folder.");
        }
        serving.await?;
        Ok(i32::from(failed > 0))
    })
}

fn history(args: &DemoArgs, folder: &Path) -> anyhow::Result<History> {
    let commits = usize::from(args.commits);
    match &args.path {
        Some(path) => History::read(path, commits).with_context(|| {
            format!("{} cannot be shown: it must be a local git repository with a commit", path.display())
        }),
        None => History::read(Path::new("."), commits).or_else(|_| {
            let path = folder.join("bundled");
            bundled::create(&path).context("the bundled repository could not be made")?;
            History::read(&path.join("bookshelf"), commits)
        }),
    }
}

fn config(args: &DemoArgs, folder: &Path, secret: &Secret) -> anyhow::Result<Config> {
    let at = |name: &str| folder.join(name).display().to_string();
    let lookup = |name: &str| match name {
        "CI_FEED_BIND" => Some(args.bind.clone()),
        "GITHUB_WEBHOOK_SECRET" => Some(secret.expose().to_owned()),
        "GITHUB_SERVER_URL" => Some(format!("file://{}", at("remotes"))),
        "DATABASE_URL" => Some(format!("sqlite://{}?mode=rwc", at("ci-feed.db"))),
        "CI_ARTIFACTS_URL" => Some(at("out")),
        "CI_TMP_DIR" => Some(at("work")),
        "CI_RATE_LIMIT_PER_MINUTE" => Some("0".into()),
        // A failed attempt is repeated at once: nobody waits for a demo.
        "CI_RETRY_BACKOFF_SECONDS" | "CI_RECONCILE" => Some("0".into()),
        "RUST_LOG" => Some("warn".into()),
        _ => None,
    };
    Ok(Config::from_lookup(&lookup)?)
}

/// Deliver each commit as GitHub would, then tick until nothing waits. Answers how many runs did not succeed.
async fn push_and_tick(history: &History, secret: &Secret, base: &str) -> anyhow::Result<usize> {
    let client = reqwest::Client::new();
    for (before, commit) in history.pushes() {
        let body = payload(history, before, commit).to_string();
        let request = client
            .post(format!("{base}/api/webhooks/github"))
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", "push")
            .header("X-GitHub-Delivery", Uuid::new_v4().to_string())
            .header("X-Hub-Signature-256", signature::sign(secret, body.as_bytes()));
        let answer: Value = request.body(body).send().await?.json().await?;
        let what = answer["reason"].as_str().map_or_else(|| "queued".to_owned(), |why| format!("ignored, {why}"));
        super::say(&format!("  push  {}  {what:<10}  {}", &commit.sha[..7], commit.title()));
    }
    let mut failed = 0;
    loop {
        let tick: Value = client.post(format!("{base}/api/ci/worker/tick")).send().await?.json().await?;
        if tick["processed"] != json!(true) {
            return Ok(failed);
        }
        let run: Value = client
            .get(format!("{base}/api/ci/runs/{}", tick["run_id"].as_str().unwrap_or_default()))
            .send()
            .await?
            .json()
            .await?;
        failed += usize::from(tick["status"] == json!("FAILED"));
        super::say(&format!("  tick  {}", describe(&run["run"], &tick)));
    }
}

fn describe(run: &Value, tick: &Value) -> String {
    let facts = &run["summary_json"]["facts"];
    let count = |kind: &str| facts[kind].as_u64().unwrap_or(0);
    let said = match run["error"].as_str() {
        Some(error) => error.lines().next().unwrap_or_default().to_owned(),
        None => format!(
            "{} endpoints, {} env vars, {} commands, {} dependencies",
            count("endpoint"),
            count("env_var"),
            count("command"),
            count("dependency")
        ),
    };
    let sha = run["commit_sha"].as_str().and_then(|sha| sha.get(..7)).unwrap_or_default();
    format!("{sha}  {:<10}  {said}  ({} ms)", run["status"].as_str().unwrap_or("?"), tick["duration_ms"])
}

/// The fields of GitHub's push payload that mean something here.
fn payload(history: &History, before: &str, commit: &Commit) -> Value {
    json!({
        "ref": format!("refs/heads/{}", history.branch),
        "before": before,
        "after": commit.sha,
        "deleted": false,
        "repository": {
            "name": history.name,
            "full_name": format!("{}/{}", history::OWNER, history.name),
            "owner": { "login": history::OWNER, "name": history::OWNER },
            "private": false,
        },
        "pusher": { "name": commit.author },
        "head_commit": { "id": commit.sha, "message": commit.message, "author": { "name": commit.author } },
    })
}
