//! Questions over all repositories: who states a fact, where and since when; each answer follows what stands, cites lines that
//! are there, and tells strangers nothing of what is private.

mod answers;
mod commands;
mod exports;
mod follow;
mod history;
mod sides;
mod statements;

use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{Setting, TestServer};

/// A server with the built-in analyzer, and the repository `octo/shop`.
struct Feed {
    server: TestServer,
    shop: TestRepo,
}

impl Feed {
    async fn new(backend: Backend) -> Option<Self> {
        let setting = Setting::new(backend).await?.with("CI_API_TOKEN", "t0ken");
        let shop = TestRepo::create(setting.git.root(), "octo", "shop");
        Some(Self { server: setting.start().await, shop })
    }

    fn repo(&self, owner: &str, name: &str) -> TestRepo {
        TestRepo::create(self.server.setting.git.root(), owner, name)
    }

    /// Deliver, and work until nothing waits; answers the run.
    async fn deliver(&self, event: &str, payload: &Value) -> String {
        let (status, answer) = self.server.client.deliver(event, payload).await;
        assert!(status.is_success(), "{answer}");
        while self.server.client.tick().await["processed"] == json!(true) {}
        answer["run_id"].as_str().unwrap_or_default().to_owned()
    }

    async fn push(&self, repo: &str, sha: &str) -> String {
        self.deliver("push", &payload::push("octo", repo, sha)).await
    }

    async fn ok(&self, path: &str) -> Value {
        let (status, answer) = self.server.client.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// As a holder of the token.
    async fn trusted(&self, path: &str) -> Value {
        let request = self.server.client.request("GET", path).bearer_auth("t0ken");
        let (status, answer) = crate::support::server::answer(request.send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// Status, code and sentence of a refusal.
    async fn refused(&self, path: &str) -> (u16, String, String) {
        let (status, answer) = self.server.client.get(path).await;
        let text = |field: &str| answer[field].as_str().unwrap_or_default().to_owned();
        (status.as_u16(), text("code"), text("error"))
    }

    /// The keys of the answer, each with the branch or number and the first digits of the commit.
    async fn keys(&self, query: &str) -> Vec<String> {
        keys(&self.ok(&format!("/api/ci/facts?{query}")).await)
    }

    /// The same, once it is so: what moves is looked at after a tick, which does not wait for it.
    async fn come_to(&self, query: &str, expected: &[String]) {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            let found = self.keys(query).await;
            if found == expected {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{query}: {found:?} instead of {expected:?}");
            self.server.client.tick().await;
        }
    }
}

fn keys(answer: &Value) -> Vec<String> {
    let name = |fact: &Value| {
        let text = |field: &str| fact[field].as_str().unwrap_or_default();
        let place = fact["pr_number"].as_i64().map_or_else(|| text("branch").to_owned(), |number| format!("#{number}"));
        format!("{} {}@{place}:{}", text("key"), text("repo_name"), &text("commit_sha")[..7])
    };
    answer["facts"].as_array().unwrap().iter().map(name).collect()
}

/// A program that reads these variables, one a line.
fn reads(names: &[&str]) -> String {
    names.iter().map(|name| format!("exports.{} = process.env.{name};\n", name.to_lowercase())).collect()
}

/// Whether these lines of a file have this hash.
fn is_cited(file: &str, fact: &Value) -> bool {
    let at = |field: &str| usize::try_from(fact[field].as_u64().unwrap()).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    let cited = lines[at("line") - 1..at("end_line")].join("\n");
    fact["sha256"] == json!(hex::encode(Sha256::digest(cited)))
}
