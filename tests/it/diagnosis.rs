//! Each fault that stops a feed is seeded, and health alone must say what it is.

use std::time::Duration;

use ci_feed::store::Leasing;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, Probe, on_both_databases};
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{SECRET, Setting, TestServer, answer, until_exists};

const OK: &str = "echo '{}' > \"$2/summary.json\"";

/// What health says, a line a sentence.
async fn diagnosis(server: &TestServer) -> String {
    let (status, health) = server.client.get("/api/ci/health").await;
    assert_eq!(status, StatusCode::OK, "{health}");
    let sentences = health["diagnosis"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    sentences.collect::<Vec<_>>().join("\n")
}

async fn assert_says(server: &TestServer, words: &[&str]) {
    let said = diagnosis(server).await;
    for words in words {
        assert!(said.contains(words), "health should say {words:?}, but says:\n{said}");
    }
}

/// Deliver a push of a commit that is not there, or of one that is.
async fn push(server: &TestServer, owner: &str, sha: &str) -> Value {
    let (status, accepted) = server.client.deliver("push", &payload::push(owner, "shop", sha)).await;
    assert_eq!(status, StatusCode::OK, "{accepted}");
    accepted
}

fn nowhere() -> String {
    "1".repeat(40)
}

async fn with_repo(setting: Setting, owner: &str) -> (TestServer, String) {
    let sha = TestRepo::create(setting.git.root(), owner, "shop").commit(&[("README.md", "# shop\n")]);
    (setting.start().await, sha)
}

async fn that_no_webhook_ever_came(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    assert_says(&server, &["no webhook has arrived yet", "set-up page"]).await;
    server.stop_and_check().await;
}

async fn that_nobody_calls_tick(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    push(&server, "octo", &nowhere()).await;
    assert_says(&server, &["1 job waits and nobody has ever called tick", "cron"]).await;
    server.stop_and_check().await;
}

async fn that_signatures_fail(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    push(&server, "octo", &nowhere()).await;
    let body = payload::push("octo", "shop", &nowhere()).to_string().into_bytes();
    server.client.deliver_raw("push", "id", "another secret", body).await;
    assert_says(&server, &["the last webhook was refused", "GITHUB_WEBHOOK_SECRET"]).await;
    server.stop_and_check().await;
}

async fn that_no_secret_is_set(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("GITHUB_WEBHOOK_SECRET", "").start().await;
    assert_says(&server, &["GITHUB_WEBHOOK_SECRET is not set"]).await;
    server.stop_and_check().await;
}

async fn that_the_token_is_refused(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let (server, sha) = with_repo(setting.with("GITHUB_TOKEN", "ghp_expired"), "private").await;
    push(&server, "private", &sha).await;
    server.client.tick().await;
    assert_says(&server, &["(AUTH_REQUIRED)", "GITHUB_TOKEN"]).await;
    server.stop_and_check().await;
}

async fn that_a_commit_is_gone(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let (server, _) = with_repo(setting, "octo").await;
    push(&server, "octo", &nowhere()).await;
    server.client.tick().await;
    assert_says(&server, &["the last run of octo/shop failed (COMMIT_NOT_FOUND)", "force push"]).await;
    server.stop_and_check().await;
}

async fn that_the_analyzer_crashes_until_a_run_succeeds(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let script = format!("[ -e \"$1/works\" ] || kill -SEGV $$; {OK}");
    let setting = setting.with_analyzer(&script);
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let shas = [repo.commit(&[("README.md", "# shop\n")]), repo.commit(&[("works", "")])];
    let server = setting.start().await;
    push(&server, "octo", &shas[0]).await;
    for _ in 0..3 {
        server.client.tick().await;
    }
    assert_says(&server, &["failed after 3 attempts (ANALYZER_KILLED)", "CI_ANALYZER"]).await;
    push(&server, "octo", &shas[1]).await;
    server.client.tick().await;
    let said = diagnosis(&server).await;
    assert!(!said.contains("ANALYZER_KILLED"), "a later run succeeded: {said}");
    server.stop_and_check().await;
}

async fn that_the_disk_is_full(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    // A file system without a free byte.
    let server = setting.with("CI_TMP_DIR", "/proc/ci").start().await;
    push(&server, "octo", &nowhere()).await;
    assert_eq!(server.client.tick().await["reason"], json!("low_disk"));
    assert_says(&server, &["less than 256 MiB are free under CI_TMP_DIR"]).await;
    server.stop_and_check().await;
}

async fn that_the_database_is_slow(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    let mut probe = server.probe().await;
    // Somebody else holds the jobs while a tick wants to lease one.
    probe.execute(if backend == Backend::Sqlite { "begin immediate" } else { "begin" }).await;
    if backend == Backend::Postgres {
        probe.execute("lock table ci_jobs in access exclusive mode").await;
    }
    let tick = server.client.tick();
    // The wait is the fault itself.
    let hold = async {
        tokio::time::sleep(Duration::from_millis(1_300)).await;
        probe.execute("commit").await;
    };
    let (answer, ()) = tokio::join!(tick, hold);
    assert_eq!(answer["reason"], json!("idle"));
    assert_says(&server, &["the database is slow: it took "]).await;
    server.client.tick().await;
    assert!(!diagnosis(&server).await.contains("slow"), "it is over");
    server.stop_and_check().await;
}

async fn that_jobs_back_off(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_RETRY_BACKOFF_SECONDS", "600").start().await;
    push(&server, "octo", &nowhere()).await;
    server.client.tick().await;
    assert_says(&server, &["1 job waits for another attempt after a failure; the first is due in 9 min"]).await;
    server.stop_and_check().await;
}

async fn lease(server: &TestServer, probe: &mut Probe) {
    let store = server.setting.database.store().await;
    // A heartbeat may come between the two.
    loop {
        probe.time_passes().await;
        if let Leasing::Leased(_) = store.lease_next("another", Duration::from_secs(300)).await.unwrap() {
            return store.close().await;
        }
    }
}

async fn that_a_job_kills_its_process(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    push(&server, "octo", &nowhere()).await;
    let mut probe = server.probe().await;
    for _ in 0..3 {
        lease(&server, &mut probe).await;
    }
    probe.time_passes().await;
    assert_says(&server, &["1 job belongs to workers that send no heartbeat"]).await;
    server.client.tick().await;
    assert_says(&server, &["failed after 3 attempts (LEASE_EXPIRED)", "too little memory"]).await;
    server.stop_and_check().await;
}

async fn that_a_lease_was_lost(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let (started, go) = (setting.folder.path().join("started"), setting.folder.path().join("go"));
    let script = format!("touch {}; while [ ! -e {} ]; do sleep 0.02; done; {OK}", started.display(), go.display());
    let (server, sha) = with_repo(setting.with_talking_analyzer(&script), "octo").await;
    push(&server, "octo", &sha).await;
    let client = server.client.clone();
    let tick = tokio::spawn(async move { client.tick().await });
    until_exists(&started).await;
    lease(&server, &mut server.probe().await).await;
    std::fs::write(&go, "").unwrap();
    assert_eq!(tick.await.unwrap()["error_code"], json!("LEASE_LOST"));
    assert_says(&server, &["a worker lost its lease", "CI_LEASE_SECONDS"]).await;
    server.stop_and_check().await;
}

async fn that_the_sandbox_is_incomplete_for_a_foreign_analyzer(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with_analyzer(OK).with("CI_SANDBOX", "off").start().await;
    server.client.deliver_raw("ping", "id", SECRET, b"{}".to_vec()).await;
    let health = server.client.get("/api/ci/health").await.1;
    assert_eq!(health["sandbox"]["layers"]["landlock"], json!(false));
    assert_says(&server, &["the sandbox is incomplete: CI_ANALYZER"]).await;
    assert_eq!(health["status"], json!("ok"), "it keeps no job from being done");
    server.stop_and_check().await;
}

async fn that_branches_cannot_be_compared(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_RECONCILE", "1").with("CI_MAX_ATTEMPTS", "1").start().await;
    push(&server, "octo", &nowhere()).await;
    server.client.tick().await;
    server.client.tick().await;
    assert_says(&server, &["the branches of a repository could not be listed", "REPO_NOT_FOUND"]).await;
    server.stop_and_check().await;
}

async fn private_repositories_are_not_named_to_strangers(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_API_TOKEN", "for friends only").start().await;
    let mut private = payload::push("octo", "secret-project", &nowhere());
    private["repository"]["private"] = json!(true);
    server.client.deliver("push", &private).await;
    server.client.tick().await;
    assert_says(&server, &["the last run of a private repository failed (REPO_NOT_FOUND)"]).await;
    let friend = server.client.request("GET", "/api/ci/health").bearer_auth("for friends only").send().await.unwrap();
    assert!(answer(friend).await.1["diagnosis"].to_string().contains("octo/secret-project"));
    server.stop_and_check().await;
}

async fn the_log_joins_a_delivery_with_its_job_by_the_run(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with("CI_LOG", "json");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.spawn();
    let body = payload::push("octo", "shop", &sha).to_string().into_bytes();
    let accepted = answer(server.client.deliver_raw("push", "a-delivery", SECRET, body).await).await.1;
    server.client.tick().await;
    assert_eq!(server.terminate(), Some(0));
    let log = std::fs::read_to_string(setting.folder.path().join("log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let run = &accepted["run_id"];
    let delivered: Vec<_> = lines.iter().filter(|line| line["span"]["delivery.id"] == json!("a-delivery")).collect();
    assert_eq!((delivered.len(), &delivered[0]["run.id"]), (1, run), "{delivered:?}");
    let of_job: Vec<_> = lines.iter().filter(|line| line["span"]["name"] == json!("job")).collect();
    assert!(of_job.len() >= 2, "leased and ended: {of_job:?}");
    assert!(of_job.iter().all(|line| &line["span"]["run.id"] == run && line["span"]["job.id"].is_string()));
    assert!(of_job.iter().all(|line| line["spans"][0]["http.route"] == json!("/api/ci/worker/tick")), "{of_job:?}");
}

on_both_databases! {
    that_no_webhook_ever_came,
    that_nobody_calls_tick,
    that_signatures_fail,
    that_no_secret_is_set,
    that_the_token_is_refused,
    that_a_commit_is_gone,
    that_the_analyzer_crashes_until_a_run_succeeds,
    that_the_disk_is_full,
    that_the_database_is_slow,
    that_jobs_back_off,
    that_a_job_kills_its_process,
    that_a_lease_was_lost,
    that_the_sandbox_is_incomplete_for_a_foreign_analyzer,
    that_branches_cannot_be_compared,
    private_repositories_are_not_named_to_strangers,
    the_log_joins_a_delivery_with_its_job_by_the_run,
}
