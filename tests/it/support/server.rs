//! Servers under test: the real router on a real port, or the real binary as a child.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ci_feed::app::App;
use ci_feed::config::{Config, Secret};
use ci_feed::github::signature;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::database::{Backend, Probe, TestDatabase};
use super::described::{self, Answered};
use super::git_server::GitServer;
use super::invariants;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_ci-feed");
pub(crate) const SECRET: &str = "a secret for tests";

/// Folders and settings of one server, whoever runs it.
pub(crate) struct Setting {
    pub(crate) database: TestDatabase,
    pub(crate) git: GitServer,
    pub(crate) folder: TempDir,
    settings: BTreeMap<String, String>,
}

impl Setting {
    /// `None` where the database is not to be had; see [`TestDatabase::new`].
    pub(crate) async fn new(backend: Backend) -> Option<Self> {
        install_tls();
        let database = TestDatabase::new(backend).await?;
        let git = GitServer::start().await;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let settings = [
            ("CI_FEED_BIND", "127.0.0.1:0".to_owned()),
            ("GITHUB_WEBHOOK_SECRET", SECRET.to_owned()),
            ("GITHUB_SERVER_URL", git.url.clone()),
            ("DATABASE_URL", database.url.clone()),
            ("CI_TMP_DIR", at("tmp")),
            ("CI_CACHE_DIR", at("cache")),
            ("CI_RATE_LIMIT_PER_MINUTE", "0".to_owned()),
            // Or idle ticks would ask the git server.
            ("CI_RECONCILE", "0".to_owned()),
            // Or a thousand runs of one branch would not be there to be counted.
            ("CI_RETENTION_RUNS", "0".to_owned()),
            ("CI_RETRY_BACKOFF_SECONDS", "0".to_owned()),
        ];
        let mut settings: BTreeMap<_, _> = settings.map(|(name, value)| (name.to_owned(), value)).into();
        if backend == Backend::Sqlite {
            settings.insert("CI_ARTIFACTS_URL".into(), at("out"));
        }
        Some(Self { database, git, folder, settings })
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// An external analyzer: a shell script that sees `$1` (source) and `$2` (output folder).
    pub(crate) fn with_analyzer(self, script: &str) -> Self {
        let path = self.folder.path().join("analyzer.sh");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        let command = format!("sh {} {{src}} {{out}}", path.display());
        self.with("CI_ANALYZER", command)
    }

    /// The same for a script that talks to its test through files beside the server's: without the sandbox, which closes
    /// them.
    pub(crate) fn with_talking_analyzer(self, script: &str) -> Self {
        self.with_analyzer(script).with("CI_SANDBOX", "off")
    }

    /// All settings, for a command.
    pub(crate) fn all(&self) -> &BTreeMap<String, String> {
        &self.settings
    }

    pub(crate) fn config(&self) -> Config {
        Config::from_lookup(&|name| self.settings.get(name).cloned()).unwrap()
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        PathBuf::from(&self.settings["CI_TMP_DIR"])
    }

    pub(crate) fn cache(&self) -> PathBuf {
        PathBuf::from(&self.settings["CI_CACHE_DIR"])
    }

    /// Where artifacts lie that are files; nothing is there in the other mode.
    pub(crate) fn out(&self) -> PathBuf {
        let place = self.settings.get("CI_ARTIFACTS_URL").filter(|place| !place.contains("://"));
        place.map_or_else(|| self.folder.path().join("out"), PathBuf::from)
    }

    /// Whether the artifacts are in a bucket.
    pub(crate) fn has_bucket(&self) -> bool {
        self.settings.get("CI_ARTIFACTS_URL").is_some_and(|place| place.contains("://"))
    }

    /// The real router on a real port, in this process.
    pub(crate) async fn start(self) -> TestServer {
        let app = App::start(self.config(), PathBuf::from(BINARY)).await.unwrap();
        let base = format!("http://{}", app.address());
        let stop = CancellationToken::new();
        let serving = tokio::spawn(app.serve(stop.clone()));
        TestServer { client: Api::new(base), setting: self, stop, serving }
    }

    /// The real binary as a child, listening.
    pub(crate) fn spawn(&self) -> BinaryServer {
        self.spawn_with(&[])
    }

    /// The real binary, which dies, freezes, waits or fails at the given step: see `src/failpoint.rs`.
    pub(crate) fn spawn_armed(&self, failpoints: &str) -> BinaryServer {
        self.spawn_with(&[("CI_FAILPOINTS", failpoints)])
    }

    /// The real binary, with settings that differ from the others of this folder.
    pub(crate) fn spawn_with(&self, settings: &[(&str, &str)]) -> BinaryServer {
        let bind = format!("127.0.0.1:{}", super::free_port());
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let child = Command::new(BINARY)
            .arg("serve")
            .env_clear()
            .env("PATH", super::path_variable())
            .envs(&self.settings)
            .env("CI_FEED_BIND", &bind)
            .envs(settings.iter().copied())
            .current_dir(self.folder.path())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = BinaryServer { client: Api::new(format!("http://{bind}")), child };
        server.wait_until_it_listens();
        server
    }
}

/// reqwest and rustls want one provider for the process, before anything calls out.
pub(crate) fn install_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The API as a client sees it.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) base: String,
    http: Client,
}

impl Api {
    pub(crate) fn new(base: String) -> Self {
        Self::with(base, Client::new())
    }

    /// Through a client of one's own making.
    pub(crate) fn with(base: String, http: Client) -> Self {
        Self { base, http }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), self.url(path))
    }

    /// Deliver a webhook with exactly these bytes, signed with `secret`.
    pub(crate) async fn deliver_raw(&self, event: &str, id: &str, secret: &str, body: Vec<u8>) -> Response {
        self.signed(event, id, secret, &body).body(body).send().await.unwrap()
    }

    /// A webhook request that wants its body.
    pub(crate) fn signed(&self, event: &str, id: &str, secret: &str, body: &[u8]) -> reqwest::RequestBuilder {
        self.request("POST", "/api/webhooks/github")
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", event)
            .header("X-GitHub-Delivery", id)
            .header("X-Hub-Signature-256", signature::sign(&Secret::new(secret), body))
    }

    /// Deliver a payload as GitHub would, under a new delivery id.
    pub(crate) async fn deliver(&self, event: &str, payload: &Value) -> (StatusCode, Value) {
        let id = uuid::Uuid::new_v4().to_string();
        answer(self.deliver_raw(event, &id, SECRET, payload.to_string().into_bytes()).await).await
    }

    pub(crate) async fn tick(&self) -> Value {
        let (status, answer) = answer(self.request("POST", "/api/ci/worker/tick").send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    /// A tick of a server that may die of it: the answer, if one came.
    pub(crate) async fn try_tick(&self) -> Option<Value> {
        let response = self.request("POST", "/api/ci/worker/tick").send().await.ok()?;
        serde_json::from_str(&response.text().await.ok()?).ok()
    }

    /// A delivery to a server that may die of it: status and answer, if they came.
    pub(crate) async fn try_deliver(&self, id: &str, payload: &Value) -> Option<(StatusCode, Value)> {
        let body = payload.to_string().into_bytes();
        let response = self.signed("push", id, SECRET, &body).body(body).send().await.ok()?;
        let status = response.status();
        Some((status, serde_json::from_str(&response.text().await.ok()?).ok()?))
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request("GET", path).send().await.unwrap()).await
    }

    pub(crate) async fn run(&self, id: &str) -> Value {
        let (status, answer) = self.get(&format!("/api/ci/runs/{id}")).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["run"].clone()
    }

    pub(crate) async fn enqueue(&self, owner: &str, repo: &str, sha: &str) -> String {
        let body = json!({ "owner": owner, "repo": repo, "ref": "main", "commit_sha": sha, "event_type": "manual" });
        let (status, answer) = answer(self.request("POST", "/api/ci/enqueue").json(&body).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["run_id"].as_str().unwrap().to_owned()
    }
}

pub(crate) async fn answer(response: Response) -> (StatusCode, Value) {
    let (status, path) = (response.status(), response.url().path().to_owned());
    let media_type = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let media_type = &media_type.unwrap_or_default();
    let answered = Answered { path: &path, status: status.as_u16(), media_type, body: &text };
    assert_eq!(described::problem(&answered), None);
    let json = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON ({status}): {text}"));
    (status, json)
}

/// A server in this process.
pub(crate) struct TestServer {
    pub(crate) client: Api,
    pub(crate) setting: Setting,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn probe(&self) -> Probe {
        self.setting.database.probe().await
    }

    /// Stop as SIGTERM would, wait for the end, and hold every invariant against what is left.
    pub(crate) async fn stop_and_check(self) -> Setting {
        self.stop.cancel();
        self.serving.await.unwrap();
        check_all(&self.setting).await;
        self.setting
    }
}

/// Every invariant that can be read off a stopped server's leavings.
pub(crate) async fn check_all(setting: &Setting) {
    let mut probe = setting.database.probe().await;
    invariants::check(&mut probe).await;
    invariants::check_artifacts_in_database(&mut probe).await;
    if !setting.has_bucket() {
        invariants::check_artifacts_on_disk(&mut probe, &setting.out()).await;
    }
    invariants::check_nothing_left(&setting.tmp());
    let secrets = [
        "GITHUB_WEBHOOK_SECRET",
        "GITHUB_TOKEN",
        "GITHUB_WRITE_TOKEN",
        "CI_API_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    ];
    let secrets = secrets.iter().filter_map(|name| setting.settings.get(*name).map(String::as_str));
    let secrets: Vec<_> = secrets.filter(|secret| !secret.is_empty()).collect();
    let mut folders = vec![setting.folder.path()];
    folders.extend(setting.database.folder());
    invariants::check_no_secret(&mut probe, &folders, &secrets).await;
}

/// The real binary; killed when dropped.
pub(crate) struct BinaryServer {
    pub(crate) client: Api,
    child: Child,
}

impl BinaryServer {
    fn wait_until_it_listens(&mut self) {
        use std::io::{BufRead as _, BufReader};
        let mut line = String::new();
        BufReader::new(self.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("listens on"), "the binary did not start: {line:?} (its log says why)");
    }

    /// The process's id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Wait until it has died by itself, by SIGKILL.
    pub(crate) async fn dies(mut self) {
        use std::os::unix::process::ExitStatusExt as _;
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert_eq!(status.signal(), Some(9), "the server ended by itself: {status}");
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "the server did not reach the step at which it dies");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Wait until it has ended by itself; answers the exit code.
    pub(crate) fn waits(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; answers the exit code. A server that does not end is a failure and not a test that never ends.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        super::process::send(self.pid(), rustix::process::Signal::TERM);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(std::time::Instant::now() < deadline, "the server did not end within 60 s of SIGTERM");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

impl Drop for BinaryServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Wait until a file that a child writes is there.
pub(crate) async fn until_exists(path: &Path) {
    until(|| path.exists()).await;
}

/// Wait for a condition, bounded: the one way in which tests follow another process.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while !condition() {
        assert!(tokio::time::Instant::now() < deadline, "what the test waits for did not happen within 30 s");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
