//! A server that has analyzed the commits, and an agent that asks it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ci_feed::app::App;
use ci_feed::config::{Config, Secret};
use ci_feed::github::signature;
use rmcp::model::CallToolRequestParams;
use rmcp::service::{RoleClient, RunningService, ServiceExt as _};
use rmcp::transport::StreamableHttpClientTransport;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::git_server::GitServer;
use super::oracle::Application;

const SECRET: &str = "bench";

pub(crate) struct Server {
    agent: RunningService<RoleClient, ()>,
    /// Bytes of the DOSSIER.md of each application's labelled commit.
    dossiers: BTreeMap<String, usize>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    _forge: GitServer,
    _folder: TempDir,
}

impl Server {
    /// A server whose forge is the clones; it has the labelled commits, and those before, when this returns.
    pub(crate) async fn start(applications: &[Application]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let forge = GitServer::start().await;
        for application in applications {
            application.offer(&forge.root().join(format!("{}.git", application.name)));
        }
        let path = |name: &str| folder.path().join(name).display().to_string();
        let lookup = |name: &str| match name {
            "CI_FEED_BIND" => Some("127.0.0.1:0".to_owned()),
            "DATABASE_URL" => Some(format!("sqlite://{}?mode=rwc", path("bench.db"))),
            "CI_ARTIFACTS_URL" => Some(path("out")),
            "CI_TMP_DIR" => Some(path("tmp")),
            "GITHUB_SERVER_URL" => Some(forge.url.clone()),
            "CI_RECONCILE" | "CI_RATE_LIMIT_PER_MINUTE" => Some("0".to_owned()),
            "GITHUB_WEBHOOK_SECRET" => Some(SECRET.to_owned()),
            "RUST_LOG" => Some("warn".to_owned()),
            _ => None,
        };
        let config = Config::from_lookup(&lookup).expect("a valid configuration");
        let app = App::start(config, PathBuf::from(env!("CARGO_BIN_EXE_ci-feed"))).await.expect("a server");
        let base = format!("http://{}", app.address());
        let stop = CancellationToken::new();
        let serving = tokio::spawn(app.serve(stop.clone()));
        let client = Client { base: base.clone(), client: reqwest::Client::new() };
        let mut dossiers = BTreeMap::new();
        for application in applications {
            // The labelled commit last, so that the index is of it.
            let mut before = "0".repeat(40);
            for commit in application.before.iter().rev().chain([&application.commit]) {
                let run = client.analyze(&application.name, &before, commit).await;
                before.clone_from(commit);
                let dossier = client.get(&format!("/api/ci/runs/{run}/artifacts/DOSSIER.md")).await;
                dossiers.insert(application.name.clone(), dossier.len());
            }
        }
        let transport = StreamableHttpClientTransport::from_uri(format!("{base}/mcp"));
        let agent = ().serve(transport).await.expect("an agent");
        Self { agent, dossiers, stop, serving, _forge: forge, _folder: folder }
    }

    /// The structured answer of a tool.
    pub(crate) async fn ask(&mut self, tool: &'static str, arguments: &Value) -> Value {
        let mut call = CallToolRequestParams::new(tool);
        call.arguments = arguments.as_object().cloned();
        let result = self.agent.call_tool(call).await.expect("an answer");
        result.structured_content.unwrap_or_else(|| json!({ "error": format!("{:?}", result.content) }))
    }

    pub(crate) fn dossier_bytes(&self, application: &Application) -> usize {
        self.dossiers[&application.name]
    }

    pub(crate) async fn stop(self) {
        let _ = self.agent.cancel().await;
        self.stop.cancel();
        let _ = self.serving.await;
    }
}

struct Client {
    base: String,
    client: reqwest::Client,
}

impl Client {
    /// Push a commit to the default branch and call tick once; answers the run's id.
    async fn analyze(&self, name: &str, before: &str, commit: &str) -> String {
        let (owner, repo) = name.split_once('/').expect("owner/name");
        let push = json!({
            "ref": "refs/heads/main", "before": before, "after": commit, "deleted": false,
            "repository": { "name": repo, "full_name": name, "owner": { "login": owner }, "private": false, "default_branch": "main" },
            "head_commit": { "message": "A commit", "author": { "name": "Ada" } },
        })
        .to_string();
        let signature = signature::sign(&Secret::new(SECRET), push.as_bytes());
        let request = self.client.post(format!("{}/api/webhooks/github", self.base)).body(push);
        let headers = [("X-GitHub-Event", "push"), ("X-GitHub-Delivery", commit), ("X-Hub-Signature-256", &signature)];
        let request = headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let accepted = answer(request.header("Content-Type", "application/json")).await;
        let ticked = answer(self.client.post(format!("{}/api/ci/worker/tick", self.base))).await;
        assert_eq!(ticked["status"], "SUCCEEDED", "{name} {commit}: {ticked}");
        accepted["run_id"].as_str().expect("a run").to_owned()
    }

    async fn get(&self, path: &str) -> Vec<u8> {
        let answer = self.client.get(format!("{}{path}", self.base)).send().await.expect("an answer");
        answer.bytes().await.expect("a body").to_vec()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> Value {
    let answer = request.send().await.expect("an answer");
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}
