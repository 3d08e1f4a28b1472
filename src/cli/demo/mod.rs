//! `ci-feed demo [PATH | OWNER/REPO]`: the product on real commits, in one command: a server on SQLite in a temporary
//! folder, signed push webhooks for the last commits of a repository, ticks, and the address of something to see.

mod bundled;
mod history;
mod terminal;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::app::App;
use crate::config::{Config, Secret};
use crate::github::signature;
use crate::model::RepoName;
use crate::telemetry;
use history::{DemoCommit, DemoHistory};
use terminal::Terminal;

/// Rows of the list that are said; the page has all.
const SHOWN_STEPS: usize = 5;

/// Show the product on a repository: server, signed pushes, dossiers, page.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ci-feed demo\n  ci-feed demo ~/src/shop --commits 8\n  ci-feed demo octocat/Hello-World\n  ci-feed demo --exit\n\nNothing is written to a local repository, and nothing of it leaves this machine. A public repository is fetched from the\nforge of GITHUB_SERVER_URL. Exit codes: 0 done, 1 a run did not succeed"
)]
pub(super) struct DemoArgs {
    /// A local git repository, or OWNER/REPO of a public one [default: the current folder's, else a small bundled one]
    repository: Option<PathBuf>,
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

/// A server with the runs of a history.
struct Shown {
    serving: JoinHandle<()>,
    base: String,
    failed: usize,
    /// The newest run after which there is something to do before a deploy, with its list.
    telling: Option<(String, Vec<String>)>,
    newest: Option<String>,
}

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<i32> {
    let folder = tempfile::Builder::new().prefix("ci-feed-demo-").tempdir().context("no temporary folder")?;
    let terminal = Terminal::new();
    super::runtime()?.block_on(async {
        let stop = super::serve::stop_on_signal()?;
        let (history, is_bundled) = history(args, folder.path()).await?;
        let shown = show(&history, &args.bind, &folder.path().join("feed"), &stop, &terminal).await?;
        let failed = shown.failed;
        let mut servers = vec![shown];
        if servers[0].telling.is_none() && !is_bundled {
            super::say(
                "\nNothing that a deploy needs changed in these commits. An example of ours, where something did:",
            );
            let history = bundled_history(folder.path(), usize::from(args.commits))?;
            servers.push(show(&history, "127.0.0.1:0", &folder.path().join("example"), &stop, &terminal).await?);
        }
        servers.iter().for_each(Shown::tell);
        if args.exit {
            stop.cancel();
        } else {
            super::say("\nCtrl-C ends the demo and removes its temporary folder.");
        }
        for server in servers {
            server.serving.await?;
        }
        Ok(i32::from(failed > 0))
    })
}

/// What is shown, and whether it is the bundled repository.
async fn history(args: &DemoArgs, folder: &Path) -> anyhow::Result<(DemoHistory, bool)> {
    let commits = usize::from(args.commits);
    let Some(path) = &args.repository else {
        return match DemoHistory::read(Path::new("."), commits) {
            Ok(history) => Ok((history, false)),
            Err(_) => Ok((bundled_history(folder, commits)?, true)),
        };
    };
    let named = path.to_str().and_then(|name| RepoName::parse_full(name).ok()).filter(|_| !path.exists());
    let history = match named {
        Some(repo) => DemoHistory::of_forge(&repo, commits, &Config::from_env()?).await.with_context(|| {
            format!("{repo} cannot be shown; `ci-feed demo` without a name needs no network and brings a repository")
        }),
        None => DemoHistory::read(path, commits).with_context(|| {
            format!(
                "{} cannot be shown: it must be a local git repository with a commit, or OWNER/REPO of a public one",
                path.display()
            )
        }),
    };
    Ok((history?, false))
}

fn bundled_history(folder: &Path, commits: usize) -> anyhow::Result<DemoHistory> {
    let path = folder.join("bundled");
    bundled::create(&path).context("the bundled repository could not be made")?;
    DemoHistory::read(&path.join("bookshelf"), commits)
}

/// Serve a history from a folder of its own, until `stop`, and make its dossiers.
async fn show(
    history: &DemoHistory,
    bind: &str,
    folder: &Path,
    stop: &CancellationToken,
    terminal: &Terminal,
) -> anyhow::Result<Shown> {
    std::fs::create_dir(folder)?;
    let secret = Secret::new(Uuid::new_v4().simple().to_string());
    let app = App::start(config(history, bind, folder, &secret)?, std::env::current_exe()?).await?;
    let base = format!("http://{}", app.address());
    let serving = tokio::spawn(app.serve(stop.clone()));
    super::say(&format!("Demo of ci-feed on the last {} commits of {}", history.commits.len(), history.title()));
    let mut shown = Shown { serving, base, failed: 0, telling: None, newest: None };
    shown.push_and_tick(history, &secret, terminal).await?;
    Ok(shown)
}

fn config(history: &DemoHistory, bind: &str, folder: &Path, secret: &Secret) -> anyhow::Result<Config> {
    let at = |name: &str| folder.join(name).display().to_string();
    let settings = match history.is_local() {
        true => None,
        false => Some(Config::from_env()?),
    };
    let forge = settings.as_ref().map_or("", |settings| &settings.github_server_url);
    let server_url = history.server_url(&folder.join("remotes"), forge)?;
    let lookup = |name: &str| match name {
        "CI_FEED_BIND" => Some(bind.to_owned()),
        "GITHUB_WEBHOOK_SECRET" => Some(secret.expose().to_owned()),
        "GITHUB_SERVER_URL" => Some(server_url.clone()),
        "DATABASE_URL" => Some(format!("sqlite://{}?mode=rwc", at("ci-feed.db"))),
        "CI_ARTIFACTS_URL" => Some(at("out")),
        "CI_TMP_DIR" => Some(at("work")),
        "CI_RATE_LIMIT_PER_MINUTE" => Some("0".into()),
        // A failed attempt is repeated at once: nobody waits for a demo.
        "CI_RETRY_BACKOFF_SECONDS" | "CI_RECONCILE" => Some("0".into()),
        "RUST_LOG" => Some("warn".into()),
        _ => None,
    };
    let config = Config::from_lookup(&lookup)?;
    telemetry::init(&config);
    Ok(config)
}

impl Shown {
    /// Deliver one commit after the other as GitHub would, and tick until nothing waits.
    async fn push_and_tick(
        &mut self,
        history: &DemoHistory,
        secret: &Secret,
        terminal: &Terminal,
    ) -> anyhow::Result<()> {
        let client = Client::new();
        for (done, (before, commit)) in history.pushes().enumerate() {
            let body = payload(history, before, commit).to_string();
            let request = client
                .post(format!("{}/api/webhooks/github", self.base))
                .header("Content-Type", "application/json")
                .header("X-GitHub-Event", "push")
                .header("X-GitHub-Delivery", Uuid::new_v4().to_string())
                .header("X-Hub-Signature-256", signature::sign(secret, body.as_bytes()));
            let answer: Value = request.body(body).send().await?.json().await?;
            let what = answer["reason"].as_str().map_or_else(|| "queued".to_owned(), |why| format!("ignored, {why}"));
            super::say(&format!("  push  {}  {what:<10}  {}", &commit.sha[..7], commit.title()));
            loop {
                terminal.progress(&format!(
                    "fetching and reading commit {} of {} ...",
                    done + 1,
                    history.commits.len()
                ));
                let tick: Value = client.post(format!("{}/api/ci/worker/tick", self.base)).send().await?.json().await?;
                terminal.progress("");
                let (true, Some(id)) = (tick["processed"] == json!(true), tick["run_id"].as_str()) else { break };
                self.settled(&client, id, &tick, terminal).await?;
            }
        }
        Ok(())
    }

    async fn settled(&mut self, client: &Client, id: &str, tick: &Value, terminal: &Terminal) -> anyhow::Result<()> {
        let run = self.get(client, &format!("/api/ci/runs/{id}")).await?;
        terminal.say(&describe(&run["run"], tick));
        self.failed += usize::from(tick["status"] == json!("FAILED"));
        if tick["status"] == json!("SUCCEEDED") {
            self.newest = Some(id.to_owned());
            let drift = self.get(client, &format!("/api/ci/runs/{id}/drift")).await?;
            let steps: Vec<_> = drift["drift"]["before_deploy"].as_array().into_iter().flatten().map(told).collect();
            if !steps.is_empty() {
                self.telling = Some((id.to_owned(), steps));
            }
        }
        Ok(())
    }

    async fn get(&self, client: &Client, path: &str) -> anyhow::Result<Value> {
        Ok(client.get(format!("{}{path}", self.base)).send().await?.json().await?)
    }

    /// Say where to look, first at what is worth it.
    fn tell(&self) {
        if let Some((_, steps)) = &self.telling {
            super::say("\nBefore you deploy:");
            steps.iter().take(SHOWN_STEPS).for_each(|step| super::say(&format!("  {step}")));
            if steps.len() > SHOWN_STEPS {
                super::say(&format!("  and {} more", steps.len() - SHOWN_STEPS));
            }
        }
        super::say("");
        if let Some(id) = self.telling.as_ref().map(|(id, _)| id).or(self.newest.as_ref()) {
            super::say(&format!("Look here:  {}/runs/{id}", self.base));
        }
        super::say(&format!("The feed:   {}/", self.base));
    }
}

/// A step of the list, with its first place.
fn told(step: &Value) -> String {
    let evidence = &step["evidence"][0];
    let text = step["text"].as_str().unwrap_or_default();
    match evidence["path"].as_str() {
        Some(path) if evidence["start_line"] != json!(0) => format!("{text}  ({path}:{})", evidence["start_line"]),
        Some(path) => format!("{text}  ({path})"),
        None => text.to_owned(),
    }
}

/// A line about a run, in parts: the one in the middle is its status.
fn describe(run: &Value, tick: &Value) -> [String; 3] {
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
    let status = run["status"].as_str().unwrap_or("?");
    let parts =
        [format!("  tick  {sha}  "), format!("{status:<10}"), format!("  {said}  ({} ms)", tick["duration_ms"])];
    parts.map(|part| super::one_line(&part))
}

/// The fields of GitHub's push payload that mean something here.
fn payload(history: &DemoHistory, before: &str, commit: &DemoCommit) -> Value {
    json!({
        "ref": format!("refs/heads/{}", history.branch),
        "before": before,
        "after": commit.sha,
        "deleted": false,
        "repository": {
            "name": history.name,
            "full_name": format!("{}/{}", history.owner, history.name),
            "owner": { "login": history.owner, "name": history.owner },
            "private": false,
        },
        "pusher": { "name": commit.author },
        "head_commit": { "id": commit.sha, "message": commit.message, "author": { "name": commit.author } },
    })
}
