//! What is forgotten and what never is: runs past retention, their artifacts, old lines of the webhook log.

use std::time::Duration;

use ci_feed::artifacts::{Artifacts, OutputFile};
use ci_feed::config::ArtifactsPlace;
use ci_feed::model::{CommitSha, EventType, Fault, FaultCode, GitRef, NewRun, Privacy, RepoName};
use ci_feed::store::{Dedupe, FactChanges, Failure, Lease, Leasing, Store, Success, Timings};
use reqwest::StatusCode;
use serde_json::json;

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{SECRET, Setting, TestServer, answer, until_exists};

const BRANCHES: usize = 7;

fn push(n: usize) -> NewRun {
    NewRun::new(
        RepoName::parse("octo", "shop").unwrap(),
        GitRef::parse(&format!("branch-{}", n % BRANCHES)).unwrap(),
        CommitSha::parse(&format!("{:040x}", n + 1)).unwrap(),
        EventType::Push,
        Privacy::Public,
    )
}

async fn lease(store: &Store) -> Lease {
    match store.lease_next("a worker", Duration::from_secs(300)).await.unwrap() {
        Leasing::Leased(lease) => *lease,
        other => panic!("a job waits, but {other:?}"),
    }
}

/// A run that is settled at once, with a real folder of artifacts or an error.
async fn settled(store: &Store, artifacts: &Artifacts, run: &NewRun, succeeds: bool) {
    store.enqueue(run, None, Dedupe::WhileLive).await.unwrap();
    let lease = lease(store).await;
    if !succeeds {
        let failure = Failure { fault: Fault::new(FaultCode::Network, "no way there"), retry_after: None };
        store.settle_failed(&lease, &failure, Timings::default()).await.unwrap();
        return;
    }
    let file = OutputFile { name: "DOSSIER.md".into(), bytes: lease.run.commit_sha.to_string().into_bytes() };
    let staged = artifacts.stage(lease.run.id, lease.epoch, vec![file]).await.unwrap();
    let success = Success {
        out_dir: staged.out_dir,
        summary_json: json!({}),
        analyzer_version: "a test".into(),
        artifacts: staged.files,
        publish: staged.publish,
        title: None,
        author: None,
        base_run_id: None,
        facts: None,
        changes: FactChanges::default(),
    };
    store.settle_ok(&lease, &success, Timings::default()).await.unwrap();
}

/// Tick until a round of chores finds nothing more: the first tick of a process looks for them, and its end waits for them.
async fn chores(mut server: TestServer) -> TestServer {
    let count = "select count(*) from ci_runs";
    loop {
        let before = server.probe().await.number(count).await;
        server.client.tick().await;
        server = server.stop_and_check().await.start().await;
        if server.probe().await.number(count).await == before {
            return server;
        }
    }
}

async fn after_hundreds_of_runs_only_what_retention_keeps_is_left_and_no_orphan(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let out = setting.folder.path().join("out");
    let setting = setting.with("CI_RETENTION_RUNS", "5").with("CI_ARTIFACTS_URL", out.display().to_string());
    let artifacts = Artifacts::new(&ArtifactsPlace::Disk(out.clone()), Duration::MAX).unwrap();
    let store = setting.database.store().await;
    for n in 0..400 {
        // The last success of the last branch lies far behind its newest runs.
        settled(&store, &artifacts, &push(n), n % BRANCHES != BRANCHES - 1 || n < 200).await;
    }
    store.close().await;
    let server = chores(setting.start().await).await;
    let mut probe = server.probe().await;
    for branch in 0..BRANCHES {
        let runs = format!("select count(*) from ci_runs where ref = 'branch-{branch}'");
        let kept = if branch == BRANCHES - 1 { 6 } else { 5 };
        assert_eq!(probe.number(&runs).await, kept, "branch-{branch}");
        let successes = probe.number(&format!("{runs} and status = 'SUCCEEDED'")).await;
        assert!(successes >= 1, "the latest success of branch-{branch} is kept");
    }
    let ours = |entry: &std::fs::DirEntry| !entry.file_name().to_str().unwrap().starts_with('.');
    let folders = std::fs::read_dir(&out).unwrap().flatten().filter(ours).count();
    let successes = probe.number("select count(*) from ci_runs where status = 'SUCCEEDED'").await;
    assert_eq!(i64::try_from(folders).unwrap(), successes, "a folder for each success and no other");
    assert_eq!(probe.number("select count(*) from ci_dedupe").await, 36, "no key of a run that is gone");
    server.stop_and_check().await;
}

async fn runs_past_their_days_go_and_the_latest_success_stays(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with("CI_RETENTION_RUNS", "0").with("CI_RETENTION_DAYS", "30");
    let artifacts = Artifacts::new(&ArtifactsPlace::Database, Duration::MAX).unwrap();
    let store = setting.database.store().await;
    for n in 0..4 {
        settled(&store, &artifacts, &push(n * BRANCHES), n < 2).await;
    }
    // Two refs share the oldest run; for the other one it is the only success.
    let shared = NewRun { git_ref: GitRef::parse("release").unwrap(), ..push(0) };
    store.enqueue(&shared, None, Dedupe::Within(Duration::from_secs(3600))).await.unwrap();
    store.close().await;
    let mut probe = setting.database.probe().await;
    let past = if backend == Backend::Postgres { "now() - interval '31 days'" } else { "'2001-01-01T00:00:00+00:00'" };
    probe.execute(&format!("update ci_runs set created_at = {past}")).await;
    probe.execute(&format!("update ci_run_refs set received_at = {past}")).await;
    let server = chores(setting.start().await).await;
    let left = probe.texts("select commit_sha from ci_runs order by commit_sha").await;
    assert_eq!(left, [push(0).commit_sha.to_string(), push(BRANCHES).commit_sha.to_string()]);
    assert_eq!(probe.number("select count(*) from ci_artifacts").await, 2);
    server.stop_and_check().await;
}

async fn a_delivery_whose_run_is_past_retention_makes_a_new_run(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer("echo '{}' > \"$2/summary.json\"").with("CI_RETENTION_RUNS", "1");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let shas = [repo.commit(&[("a", "1")]), repo.commit(&[("a", "2")])];
    let server = setting.start().await;
    let body = payload::push("octo", "shop", &shas[0]).to_string().into_bytes();
    let deliver = async |server: &TestServer| {
        answer(server.client.deliver_raw("push", "the-same-id", SECRET, body.clone()).await).await
    };
    assert_eq!(deliver(&server).await.0, StatusCode::OK);
    server.client.deliver("push", &payload::push("octo", "shop", &shas[1])).await;
    server.client.tick().await;
    server.client.tick().await;
    // The end of a process waits for its chores.
    let server = server.stop_and_check().await.start().await;
    assert_eq!(server.probe().await.number("select count(*) from ci_runs").await, 1);
    let again = deliver(&server).await.1;
    assert_eq!(again["deduplicated"], json!(false), "{again}");
    assert_eq!(server.client.run(again["run_id"].as_str().unwrap()).await["status"], json!("QUEUED"));
    server.stop_and_check().await;
}

async fn a_folder_of_artifacts_without_its_run_is_removed(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let out = setting.folder.path().join("out");
    let orphan = out.join(uuid::Uuid::now_v7().to_string());
    std::fs::create_dir_all(&orphan).unwrap();
    let of_somebody_else = out.join("keep-me");
    std::fs::create_dir_all(&of_somebody_else).unwrap();
    for folder in [&orphan, &of_somebody_else] {
        let old = std::time::SystemTime::now() - Duration::from_secs(3600);
        std::fs::File::open(folder).unwrap().set_modified(old).unwrap();
    }
    let server = setting.with("CI_ARTIFACTS_URL", out.display().to_string()).start().await;
    server.client.tick().await;
    let _folders = server.stop_and_check().await;
    assert!(!orphan.exists());
    assert!(of_somebody_else.exists(), "only names that we give are ours");
}

async fn what_something_stands_at_is_kept_however_old(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with("CI_RETENTION_RUNS", "1");
    let artifacts = Artifacts::new(&ArtifactsPlace::Database, Duration::MAX).unwrap();
    let store = setting.database.store().await;
    let on_main = |n: usize| push(n * BRANCHES);
    for n in 0..8 {
        settled(&store, &artifacts, &on_main(n), true).await;
    }
    // Of another repository: what the one keeps is not what the other one does.
    let other = |n: usize| NewRun { repo: RepoName::parse("octo", "other").unwrap(), ..on_main(n) };
    for n in 0..3 {
        settled(&store, &artifacts, &other(n), true).await;
    }
    // Nothing stands at the first and the third; the second one was made again.
    settled(&store, &artifacts, &on_main(1), true).await;
    settled(&store, &artifacts, &on_main(7), true).await;
    store.close().await;
    let mut probe = setting.database.probe().await;
    let seen = if backend == Backend::Postgres { "now()" } else { "'2026-01-01T00:00:00+00:00'" };
    let sha = |n: usize| on_main(n).commit_sha.to_string();
    for sql in [
        format!(
            "insert into ci_branches (repo_key, branch, head_sha, seen_at) values ('octo/shop', 'old', '{}', {seen})",
            sha(1)
        ),
        format!(
            "insert into ci_branches (repo_key, branch, head_sha, seen_at) values ('octo/other', 'old', '{}', {seen})",
            sha(0)
        ),
        format!(
            "insert into ci_pulls (repo_key, number, head_sha, state, seen_at) values ('octo/shop', 7, '{}', 'open', {seen})",
            sha(3)
        ),
        format!(
            "insert into ci_pulls (repo_key, number, head_sha, state, seen_at) values ('octo/shop', 8, '{}', 'closed', {seen})",
            sha(4)
        ),
        format!(
            "insert into ci_deployments (repo_key, environment, commit_sha, seen_at) values ('octo/shop', 'production', '{}', {seen})",
            sha(5)
        ),
    ] {
        probe.execute(&sql).await;
    }
    let server = chores(setting.start().await).await;
    let left = probe.texts("select repo_name || commit_sha from ci_runs order by repo_name, commit_sha").await;
    let kept = [("other", 0), ("other", 2), ("shop", 1), ("shop", 3), ("shop", 5), ("shop", 7)];
    assert_eq!(left, kept.map(|(repo, n)| format!("{repo}{}", sha(n))));
    server.stop_and_check().await;
}

async fn a_folder_of_artifacts_that_two_databases_share_loses_nothing(backend: Backend) {
    let (Some(first), Some(second)) = (Setting::new(backend).await, Setting::new(Backend::Sqlite).await) else {
        return;
    };
    let out = first.folder.path().join("out");
    let shared = out.display().to_string();
    let first = first.with("CI_ARTIFACTS_URL", &shared).with_analyzer("echo '{}' > \"$2/summary.json\"");
    let sha = TestRepo::create(first.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = first.start().await;
    let run = server.client.enqueue("octo", "shop", &sha).await;
    server.client.tick().await;
    let folder = out.join(&run);
    let old = std::time::SystemTime::now() - Duration::from_secs(3600);
    std::fs::File::open(&folder).unwrap().set_modified(old).unwrap();
    let other = second.with("CI_ARTIFACTS_URL", &shared).start().await;
    let other = chores(other).await;
    assert!(folder.exists(), "another database's run lost its files");
    other.stop_and_check().await;
    server.stop_and_check().await;
}

async fn a_work_folder_of_another_servers_attempt_is_left_alone(backend: Backend) {
    let (Some(first), Some(second)) = (Setting::new(backend).await, Setting::new(Backend::Sqlite).await) else {
        return;
    };
    let (started, go) = (first.folder.path().join("started"), first.folder.path().join("go"));
    let script = format!(
        "touch {}; while [ ! -e {} ]; do sleep 0.02; done; cp \"$1/README.md\" \"$2\"; echo '{{}}' > \"$2/summary.json\"",
        started.display(),
        go.display()
    );
    let first = first.with_talking_analyzer(&script);
    let second = second.with("CI_TMP_DIR", first.tmp().display().to_string());
    let sha = TestRepo::create(first.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let (server, other) = (first.start().await, second.start().await);
    let run = server.client.enqueue("octo", "shop", &sha).await;
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.tick().await });
    until_exists(&started).await;
    let old = std::time::SystemTime::now() - Duration::from_secs(3600);
    for folder in std::fs::read_dir(server.setting.tmp()).unwrap().flatten() {
        std::fs::File::open(folder.path()).unwrap().set_modified(old).unwrap();
    }
    other.client.tick().await;
    std::fs::write(&go, "").unwrap();
    assert_eq!(ticking.await.unwrap()["status"], json!("SUCCEEDED"), "{}", server.client.run(&run).await);
    other.stop_and_check().await;
    server.stop_and_check().await;
}

on_both_databases! {
    a_work_folder_of_another_servers_attempt_is_left_alone,
    a_folder_of_artifacts_that_two_databases_share_loses_nothing,
    what_something_stands_at_is_kept_however_old,
    after_hundreds_of_runs_only_what_retention_keeps_is_left_and_no_orphan,
    runs_past_their_days_go_and_the_latest_success_stays,
    a_delivery_whose_run_is_past_retention_makes_a_new_run,
    a_folder_of_artifacts_without_its_run_is_removed,
}
