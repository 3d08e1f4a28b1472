//! A repository that somebody deletes is gone with all that belongs to it, whatever is under way, and nothing of it comes
//! back when it is heard of again.

use std::process::Command;
use std::time::Duration;

use ci_feed::model::{CommitSha, EventType, GitRef, Identity, NewRun, Privacy, Reader, RepoName};
use ci_feed::store::{Dedupe, Delivery, Leasing, RunFilter, Store};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, Probe, TestDatabase, on_both_databases};
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{BINARY, Setting, TestServer, answer, until_exists};

const WINDOW: Dedupe = Dedupe::Within(Duration::from_secs(3600));

/// Every table in which a repository's name, or what belongs to it, may be.
const TABLES: [&str; 20] = [
    "ci_runs",
    "ci_jobs",
    "ci_attempts",
    "ci_run_refs",
    "ci_artifacts",
    "ci_dedupe",
    "ci_repos",
    "ci_branches",
    "ci_pulls",
    "ci_deployments",
    "ci_counts",
    "ci_turns",
    "ci_privacy",
    "ci_repo_names",
    "ci_deletions",
    "ci_facts",
    "ci_fact_places",
    "ci_fact_events",
    "ci_fact_looks",
    "ci_outbox",
];

async fn nothing_is_left(probe: &mut Probe) {
    for table in TABLES {
        assert_eq!(probe.number(&format!("select count(*) from {table}")).await, 0, "{table}");
    }
    let named = "select count(*) from ci_deliveries where repo is not null or run_id is not null";
    assert_eq!(probe.number(named).await, 0, "the log still names it");
    let details = probe.texts("select coalesce(detail, '') from ci_signals").await;
    assert!(details.iter().all(|detail| !detail.contains("shop")), "{details:?}");
}

async fn delete(server: &TestServer, path: &str) -> (StatusCode, Value) {
    answer(server.client.request("DELETE", path).bearer_auth("t0ken").send().await.unwrap()).await
}

async fn deleting_a_repository_leaves_nothing_and_a_later_push_makes_it_anew(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer("echo '# shop' > \"$2/DOSSIER.md\"").with("CI_API_TOKEN", "t0ken");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let sha = repo.commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let push = payload::push("octo", "shop", &sha);
    let first = server.client.deliver("push", &push).await.1;
    server.client.deliver("pull_request", &payload::pull_request("octo", "shop", &sha)).await;
    let deployment = json!({
        "action": "created",
        "deployment_status": { "state": "success" },
        "deployment": { "sha": sha, "environment": "production" },
        "repository": push["repository"],
    });
    server.client.deliver("deployment_status", &deployment).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    server.client.deliver("push", &payload::push_to("other", "octo", "shop", &"7".repeat(40))).await;

    let path = "/api/ci/repos/octo/shop";
    for refused in ["/api/ci/repos/octo/shop", "/api/ci/repos/octo/nothing"] {
        let (status, refusal) = answer(server.client.request("DELETE", refused).send().await.unwrap()).await;
        assert_eq!((status, &refusal["code"]), (StatusCode::UNAUTHORIZED, &json!("TOKEN_REQUIRED")));
    }
    for (unknown, status) in
        [("octo/nothing", 404), ("octo/sh%20op", 404), ("octo/shop?id=5", 404), ("octo/shop?yes=1", 400)]
    {
        assert_eq!(delete(&server, &format!("/api/ci/repos/{unknown}")).await.0.as_u16(), status, "{unknown}");
    }
    let mut command = Command::new(BINARY);
    let command = command.args(["delete", "octo/shop", "--url", &server.client.base]).env("CI_API_TOKEN", "t0ken");
    let said = command.output().unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("say --yes"), "{said:?}");
    assert_eq!(server.probe().await.number("select count(*) from ci_runs").await, 2, "it was not meant");
    let said = command.arg("--yes").output().unwrap();
    assert!(said.status.success(), "{said:?}");
    let said: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(said, json!({ "ok": true, "repo": "octo/shop", "deleted": 2, "left": 0, "done": true }));
    nothing_is_left(&mut server.probe().await).await;
    assert!(!server.setting.out().join(first["run_id"].as_str().unwrap()).exists(), "its files are gone");
    assert_eq!(server.client.get(&format!("/api/ci/runs/{}", first["run_id"].as_str().unwrap())).await.0, 404);
    assert_eq!(delete(&server, path).await.0, StatusCode::NOT_FOUND);

    // The same commit again is one that nobody knows.
    let again = server.client.deliver("push", &push).await.1;
    assert_eq!(again["deduplicated"], json!(false));
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    let (_, repos) = server.client.get("/api/ci/repos").await;
    assert_eq!((&repos["repos"][0]["repo"], &repos["repos"][0]["runs"]), (&json!("shop"), &json!(1)), "{repos}");
    server.stop_and_check().await;
}

async fn a_job_that_is_under_way_ends_without_a_result(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let (started, go) = (setting.folder.path().join("started"), setting.folder.path().join("go"));
    let script = format!(
        "touch {}; while [ ! -e {} ]; do sleep 0.02; done; echo done > \"$2/DOSSIER.md\"",
        started.display(),
        go.display()
    );
    let setting = setting.with_talking_analyzer(&script).with("CI_API_TOKEN", "t0ken");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let run = server.client.deliver("push", &payload::push("octo", "shop", &sha)).await.1;
    let client = server.client.clone();
    let tick = tokio::spawn(async move { client.tick().await });
    until_exists(&started).await;
    let (status, deleted) = delete(&server, "/api/ci/repos/octo/shop").await;
    assert_eq!((status, &deleted["deleted"]), (StatusCode::OK, &json!(1)), "{deleted}");
    std::fs::write(&go, "").unwrap();
    let ticked = tick.await.unwrap();
    assert_eq!((&ticked["status"], &ticked["error_code"]), (&Value::Null, &json!("ABANDONED")), "{ticked}");
    nothing_is_left(&mut server.probe().await).await;
    assert!(!server.setting.out().join(run["run_id"].as_str().unwrap()).exists(), "nothing was published");
    let (_, health) = server.client.get("/api/ci/health").await;
    assert!(!health["diagnosis"].to_string().contains("lost its lease"), "nobody else has the job: {health}");
    server.stop_and_check().await;
}

fn shop() -> RepoName {
    RepoName::parse("octo", "shop").unwrap()
}

fn push(n: usize) -> NewRun {
    let commit_sha = CommitSha::parse(&format!("{:040x}", n + 1)).unwrap();
    let branch = GitRef::parse(&format!("branch-{}", n % 700)).unwrap();
    NewRun { identity: Identity::Id(7), ..NewRun::new(shop(), branch, commit_sha, EventType::Push, Privacy::Public) }
}

async fn deliver(store: &Store, n: usize, id: &str) -> uuid::Uuid {
    let delivery = Delivery {
        id: id.to_owned(),
        body_sha256: "a body".into(),
        event: "push".into(),
        action: None,
        repo: Some("octo/shop".into()),
    };
    store.enqueue(&push(n), Some(&delivery), WINDOW).await.unwrap().run_id
}

async fn a_large_one_goes_piece_by_piece_and_what_comes_meanwhile_stays(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    let store = database.store().await;
    for n in 0..120 {
        deliver(&store, n, &format!("d{n}")).await;
    }
    let Leasing::Leased(lease) = store.lease_next("a worker", Duration::from_secs(300)).await.unwrap() else {
        panic!("a job waits")
    };
    let deletion = store.delete_repo(&shop(), None).await.unwrap().unwrap();
    assert_eq!((deletion.runs, &deletion.repo), (120, &shop()));
    let filter = RunFilter { owner: Some("octo".into()), repo: Some("shop".into()), ..RunFilter::default() };
    let runs = async || store.runs(Reader::Trusted, &filter, 200).await.unwrap();
    assert_eq!(runs().await.len(), 0, "the name leads to nothing at once");

    let step = store.delete_on(&deletion).await.unwrap();
    assert_eq!((step.runs.len(), step.is_done), (50, false), "a bounded number");
    assert!(store.heartbeat(&lease, "working", Duration::from_secs(300)).await.is_err(), "live ones go first");
    // A push of a commit that is not deleted yet, and somebody who asks for the same once more.
    let (new, wish) = (deliver(&store, 3, "d-new").await, NewRun { identity: Identity::Name, ..push(4) });
    let wish = NewRun { event_type: EventType::Manual, ..wish };
    let wished = store.enqueue(&wish, None, Dedupe::WhileLive).await.unwrap();
    assert!(!wished.deduplicated);
    let again = store.deletions().await.unwrap();
    assert_eq!(again.len(), 1);
    assert!(again[0].runs <= 70, "{again:?}");
    let mut steps = 0;
    while !store.delete_on(&deletion).await.unwrap().is_done {
        steps += 1;
        assert!(steps < 10, "it comes to an end");
    }
    let left: Vec<_> = runs().await.into_iter().map(|run| (run.id, run.repo)).collect();
    assert_eq!(left, [(wished.run_id, shop()), (new, shop())], "what came meanwhile is there, by its own name");
    let mut probe = database.probe().await;
    assert_eq!(probe.number("select count(*) from ci_runs").await, 2);
    assert_eq!(probe.number("select count(*) from ci_branches").await, 1);
    assert_eq!(probe.number("select count(*) from ci_deliveries where repo is not null").await, 1);
    assert_eq!(store.deletions().await.unwrap(), []);
    assert_eq!(store.delete_repo(&shop(), Some(8)).await.unwrap(), None, "another number");
    // And once more, now with nothing in the way.
    let deletion = store.delete_repo(&shop(), Some(7)).await.unwrap().unwrap();
    while !store.delete_on(&deletion).await.unwrap().is_done {}
    nothing_is_left(&mut probe).await;
    store.close().await;
}

async fn a_deletion_that_was_not_finished_goes_on_with_the_next_tick(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with("CI_API_TOKEN", "t0ken");
    let store = setting.database.store().await;
    for n in 0..60 {
        deliver(&store, n, &format!("d{n}")).await;
    }
    // As by a process that ended just then.
    store.delete_repo(&shop(), None).await.unwrap().unwrap();
    store.close().await;
    let server = setting.start().await;
    let health = server.client.request("GET", "/api/ci/health").bearer_auth("t0ken").send().await.unwrap();
    let health = answer(health).await.1["diagnosis"].to_string();
    assert!(health.contains("octo/shop is being deleted since") && health.contains("60 runs are left"), "{health}");
    let (status, deleted) = delete(&server, "/api/ci/repos/octo/shop").await;
    assert_eq!((status, &deleted["left"]), (StatusCode::OK, &json!(0)), "asking again goes on: {deleted}");
    nothing_is_left(&mut server.probe().await).await;

    let store = server.setting.database.store().await;
    deliver(&store, 1, "later").await;
    let deletion = store.delete_repo(&shop(), None).await.unwrap().unwrap();
    store.delete_on(&deletion).await.unwrap();
    store.close().await;
    server.client.tick().await;
    let setting = server.stop_and_check().await;
    nothing_is_left(&mut setting.database.probe().await).await;
}

async fn a_name_of_before_deletes_nothing(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    let store = database.store().await;
    deliver(&store, 1, "d1").await;
    let renamed = NewRun { repo: RepoName::parse("octo", "store").unwrap(), ..push(2) };
    let delivery = Delivery {
        id: "d2".into(),
        body_sha256: "another body".into(),
        event: "push".into(),
        action: None,
        repo: Some("octo/store".into()),
    };
    store.enqueue(&renamed, Some(&delivery), WINDOW).await.unwrap();
    assert_eq!(store.delete_repo(&shop(), None).await.unwrap(), None);
    let deletion = store.delete_repo(&renamed.repo, None).await.unwrap().unwrap();
    assert_eq!(deletion.runs, 2);
    while !store.delete_on(&deletion).await.unwrap().is_done {}
    nothing_is_left(&mut database.probe().await).await;
    store.close().await;
}

on_both_databases! {
    deleting_a_repository_leaves_nothing_and_a_later_push_makes_it_anew,
    a_job_that_is_under_way_ends_without_a_result,
    a_large_one_goes_piece_by_piece_and_what_comes_meanwhile_stays,
    a_deletion_that_was_not_finished_goes_on_with_the_next_tick,
    a_name_of_before_deletes_nothing,
}
