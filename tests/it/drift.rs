//! Drift of a run: against the right base, stored with it, and answered by the API.

use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Setting, TestServer};

const ONE_ROUTE_MORE: &[(&str, &str)] = &[(
    "routes/items.js",
    "const router = require('express').Router();\nrouter.get('/:id', (req, res) => res.json({}));\nrouter.post('/', (req, res) => res.end());\nrouter.delete('/:id', (req, res) => res.end());\nmodule.exports = router;\n",
)];

/// Deliver, tick, and answer with the run.
async fn processed(server: &TestServer, event: &str, payload: &Value) -> Value {
    let (_, accepted) = server.client.deliver(event, payload).await;
    let tick = server.client.tick().await;
    assert_eq!(tick["status"], json!("SUCCEEDED"), "{tick}");
    server.client.run(accepted["run_id"].as_str().unwrap()).await
}

async fn drift_of(server: &TestServer, run: &Value, query: &str) -> Value {
    let (status, answer) =
        server.client.get(&format!("/api/ci/runs/{}/drift{query}", run["id"].as_str().unwrap())).await;
    assert_eq!(status, 200, "{answer}");
    answer["drift"].clone()
}

fn added(drift: &Value) -> Vec<&str> {
    drift["facts"]["added"].as_array().unwrap().iter().map(|fact| fact["key"].as_str().unwrap()).collect()
}

async fn a_push_is_compared_with_the_last_run_of_its_branch(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let (first, second) = (repo.commit(EXPRESS_APP), repo.commit(ONE_ROUTE_MORE));
    let server = setting.start().await;
    let base = processed(&server, "push", &payload::push("octo", "shop", &first)).await;
    assert_eq!((&base["summary_json"]["drift"], &base["base_run_id"]), (&json!(null), &json!(null)));
    let (status, answer) = server.client.get(&format!("/api/ci/runs/{}/drift", base["id"].as_str().unwrap())).await;
    assert_eq!((status.as_u16(), &answer["code"]), (404, &json!("NOT_FOUND")));

    let head = processed(&server, "push", &payload::push("octo", "shop", &second)).await;
    assert_eq!(head["base_run_id"], base["id"]);
    let counts = &head["summary_json"]["drift"]["counts"];
    assert_eq!(counts["by_kind"], json!({ "endpoint": { "added": 1, "removed": 0, "changed": 0 } }));
    let drift = drift_of(&server, &head, "").await;
    assert_eq!(added(&drift), ["DELETE /api/items/{id}"]);
    assert_eq!(drift["base"]["subject"]["sha"], json!(first));
    assert_eq!(drift["analyzer_changed"], json!(false));
    let names: Vec<_> = head["artifacts"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"drift.json"), "{names:?}");

    // Against another run, the other way round.
    let back = drift_of(&server, &base, &format!("?base={}", head["id"].as_str().unwrap())).await;
    assert_eq!(back["facts"]["removed"][0]["key"], json!("DELETE /api/items/{id}"));
    server.stop_and_check().await;
}

async fn a_first_push_is_compared_with_the_commit_before_it(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let (first, second) = (repo.commit(EXPRESS_APP), repo.commit(ONE_ROUTE_MORE));
    let server = setting.start().await;
    let mut push = payload::push("octo", "shop", &second);
    push["before"] = json!(first);
    let run = processed(&server, "push", &push).await;
    assert_eq!(run["base_run_id"], json!(null), "no run is of that commit");
    assert_eq!(run["summary_json"]["drift"]["base_sha"], json!(first));
    assert_eq!(added(&drift_of(&server, &run, "").await), ["DELETE /api/items/{id}"]);
    server.stop_and_check().await;
}

async fn a_pull_request_is_compared_with_its_base_commit(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let (base, other) = (repo.commit(EXPRESS_APP), repo.commit(&[("README.md", "# shop\n")]));
    let head = repo.commit(ONE_ROUTE_MORE);
    let server = setting.start().await;
    let of_base = processed(&server, "push", &payload::push("octo", "shop", &base)).await;
    processed(&server, "push", &payload::push("octo", "shop", &other)).await;
    let mut pull = payload::pull_request("octo", "shop", &head);
    pull["pull_request"]["base"]["sha"] = json!(base);
    let run = processed(&server, "pull_request", &pull).await;
    assert_eq!(run["base_run_id"], of_base["id"], "not the later run of the base branch");
    server.stop_and_check().await;
}

async fn a_pull_request_that_is_called_like_a_branch_is_no_run_of_that_branch(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let (first, fork, second) =
        (repo.commit(EXPRESS_APP), repo.commit(ONE_ROUTE_MORE), repo.commit(&[("README.md", "# shop\n")]));
    let server = setting.start().await;
    let branch = processed(&server, "push", &payload::push("octo", "shop", &first)).await;
    let mut pull = payload::pull_request("octo", "shop", &fork);
    pull["pull_request"]["head"]["ref"] = json!("main");
    processed(&server, "pull_request", &pull).await;
    let run = processed(&server, "push", &payload::push("octo", "shop", &second)).await;
    assert_eq!(run["base_run_id"], branch["id"]);
    server.stop_and_check().await;
}

async fn a_base_that_another_analyzer_made_is_analyzed_again(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    // In the database, where the test can put an old dossier.
    let setting = setting.with("CI_ARTIFACTS_URL", "database:");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let (first, second) = (repo.commit(EXPRESS_APP), repo.commit(ONE_ROUTE_MORE));
    let server = setting.start().await;
    let base = processed(&server, "push", &payload::push("octo", "shop", &first)).await;
    let old = json!({ "schema": "ci-feed.dossier.v1", "analyzer": { "name": "ci-feed", "version": "0.0.1", "rules_digest": "" } });
    let bytes: String = old.to_string().bytes().map(|byte| format!("{byte:02x}")).collect();
    let hex = if backend == Backend::Postgres { format!("'\\x{bytes}'") } else { format!("x'{bytes}'") };
    let update = format!("update ci_artifacts set body = {hex} where name = 'dossier.json'");
    server.probe().await.execute(&update).await;
    let run = processed(&server, "push", &payload::push("octo", "shop", &second)).await;
    assert_eq!(run["base_run_id"], base["id"]);
    let drift = drift_of(&server, &run, "").await;
    assert_eq!(drift["analyzer_changed"], json!(false));
    assert_eq!(added(&drift), ["DELETE /api/items/{id}"]);
    server.probe().await.execute("delete from ci_artifacts").await;
    drop(server);
}

async fn a_base_that_cannot_be_had_costs_the_drift_and_not_the_run(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(EXPRESS_APP);
    let server = setting.start().await;
    let mut push = payload::push("octo", "shop", &sha);
    push["before"] = json!("2".repeat(40));
    let run = processed(&server, "push", &push).await;
    assert_eq!(run["summary_json"]["drift"], json!(null));
    let why = run["attempt_log"][0]["base_error"].as_str().unwrap();
    assert!(why.starts_with("222222222222: "), "{why}");
    server.stop_and_check().await;
}

on_both_databases! {
    a_push_is_compared_with_the_last_run_of_its_branch,
    a_first_push_is_compared_with_the_commit_before_it,
    a_pull_request_is_compared_with_its_base_commit,
    a_pull_request_that_is_called_like_a_branch_is_no_run_of_that_branch,
    a_base_that_another_analyzer_made_is_analyzed_again,
    a_base_that_cannot_be_had_costs_the_drift_and_not_the_run,
}
