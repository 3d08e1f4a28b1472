//! `ci-feed enqueue --org` and `--from`: a run of the head of each repository's default branch that has none. One
//! repository after the other, and no longer than the server and the forge allow.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::client::{Server, ServerRefusal};
use super::forge::OwnedRepos;
use crate::config::Config;
use crate::model::RepoName;

/// What goes for every repository alike: nothing is gained by asking for the next.
const HOPELESS: [&str; 6] =
    ["TOKEN_REQUIRED", "TOKEN_WRONG", "WRITE_CLOSED", "CROSS_SITE", "DATABASE_UNAVAILABLE", "STOPPING"];
/// How often a busy server is asked again, and the longest wait before it is.
const TRIES: usize = 10;
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Every repository that the forge lists of an owner.
pub(super) async fn of_owner(owner: &str, url: Option<&str>, config: &Config) -> anyhow::Result<i32> {
    let (mut backfill, mut forge) = (Backfill::new(url, config), OwnedRepos::new(owner, config)?);
    let asked = async {
        while let Some(names) = forge.next_page().await? {
            backfill.enqueue(&names).await?;
        }
        Ok(())
    };
    let asked = asked.await;
    backfill.finish(asked)
}

/// Every repository that a file names.
pub(super) async fn of_file(file: &Path, url: Option<&str>, config: &Config) -> anyhow::Result<i32> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let names = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut backfill = Backfill::new(url, config);
    let asked = backfill.enqueue(&names.map(str::to_owned).collect::<Vec<_>>()).await;
    backfill.finish(asked)
}

/// What came of the repositories so far.
struct Backfill {
    server: Server,
    made: usize,
    known: usize,
    /// By code.
    refused: BTreeMap<String, usize>,
}

impl Backfill {
    fn new(url: Option<&str>, config: &Config) -> Self {
        Self { server: Server::new(url, config), made: 0, known: 0, refused: BTreeMap::new() }
    }

    async fn enqueue(&mut self, names: &[String]) -> anyhow::Result<()> {
        for name in names {
            match self.ask(name).await? {
                Ok(answer) => {
                    let known = answer["deduplicated"] == Value::Bool(true);
                    *(if known { &mut self.known } else { &mut self.made }) += 1;
                    super::say(&json!({ "repo": name, "run_id": answer["run_id"], "deduplicated": known }).to_string());
                }
                Err(ServerRefusal { error, code, .. }) => {
                    super::say(&json!({ "repo": name, "error": error, "error_code": code }).to_string());
                    let is_hopeless = HOPELESS.contains(&code.as_str());
                    *self.refused.entry(code).or_default() += 1;
                    if is_hopeless {
                        anyhow::bail!("{error}; nothing more was asked for. The same command goes on where this ended");
                    }
                }
            }
        }
        Ok(())
    }

    /// A server that has no time says when it may be asked again.
    async fn ask(&self, name: &str) -> anyhow::Result<Result<Value, ServerRefusal>> {
        let repo = match RepoName::parse_full(name) {
            Ok(repo) => repo,
            Err(error) => {
                return Ok(Err(ServerRefusal {
                    error: error.to_string(),
                    code: "INVALID_REQUEST".into(),
                    retry_after: None,
                }));
            }
        };
        let body = json!({ "owner": repo.owner(), "repo": repo.name(), "backfill": true });
        for _ in 1..TRIES {
            match self.server.post("/api/ci/enqueue", &body).await? {
                Err(ServerRefusal { retry_after: Some(wait), .. }) => tokio::time::sleep(wait.min(LONGEST_WAIT)).await,
                answer => return Ok(answer),
            }
        }
        self.server.post("/api/ci/enqueue", &body).await
    }

    /// Say what came of all, however it ended; answers the exit code.
    fn finish(&self, asked: anyhow::Result<()>) -> anyhow::Result<i32> {
        let refused: usize = self.refused.values().sum();
        let mut line = format!(
            "{} repositories: {} runs made, {} known already, {refused} refused",
            self.made + self.known + refused,
            self.made,
            self.known
        );
        if refused > 0 {
            let codes: Vec<_> = self.refused.iter().map(|(code, n)| format!("{code} {n}")).collect();
            line.push_str(&format!(" ({})", codes.join(", ")));
        }
        super::complain(&line);
        asked.map(|()| i32::from(refused > 0))
    }
}
