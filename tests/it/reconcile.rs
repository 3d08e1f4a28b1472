//! Pushes that no webhook announced: found by looking at the branches, each once, and nothing else.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::git_server::TOKEN;
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{Setting, TestServer, answer};

const OK: &str = "echo '{}' > \"$2/summary.json\"";

/// A server that looks at a repository again after a minute, and a repository with one commit on `main`.
async fn server(backend: Backend) -> Option<(TestServer, TestRepo, String)> {
    let setting = Setting::new(backend).await?.with_analyzer(OK).with("CI_RECONCILE", "1");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let sha = repo.commit(&[("README.md", "# shop\n")]);
    Some((setting.start().await, repo, sha))
}

async fn tick_until_idle(server: &TestServer) -> usize {
    for processed in 0..100 {
        if server.client.tick().await["processed"] == json!(false) {
            return processed;
        }
    }
    panic!("the queue never became idle");
}

/// Let every repository be due for another look.
async fn a_minute_passes(server: &TestServer) {
    server
        .probe()
        .await
        .execute("update ci_repos set reconcile_after = reconciled_at where reconciled_at is not null")
        .await;
}

async fn reconcile(server: &TestServer, body: &Value) -> (StatusCode, Value) {
    answer(server.client.request("POST", "/api/ci/reconcile").json(body).send().await.unwrap()).await
}

async fn runs(server: &TestServer) -> Vec<Value> {
    server.client.get("/api/ci/runs?limit=200").await.1["runs"].as_array().unwrap().clone()
}

async fn of_ten_pushes_three_deliveries_are_lost_and_every_head_is_analyzed_once(backend: Backend) {
    let Some((server, mut repo, first)) = server(backend).await else { return };
    server.client.deliver("push", &payload::push("octo", "shop", &first)).await;
    assert_eq!(tick_until_idle(&server).await, 1);
    let mut heads = Vec::new();
    for n in 0..10 {
        let branch = format!("topic-{n}");
        let sha = repo.commit_on(&branch, &[("n.txt", &n.to_string())]);
        if ![2, 5, 9].contains(&n) {
            server.client.deliver("push", &payload::push_to(&branch, "octo", "shop", &sha)).await;
        }
        heads.push(sha);
    }
    tick_until_idle(&server).await;
    a_minute_passes(&server).await;
    assert_eq!(tick_until_idle(&server).await, 3, "the tick that finds them works on the first of them");
    let all = runs(&server).await;
    assert_eq!(all.len(), 11);
    for (n, sha) in heads.iter().enumerate() {
        let of_head: Vec<_> = all.iter().filter(|run| run["commit_sha"] == json!(sha)).collect();
        assert_eq!(of_head.len(), 1);
        assert_eq!(of_head[0]["status"], json!("SUCCEEDED"));
        assert_eq!(of_head[0]["reconciled"], json!([2, 5, 9].contains(&n)));
        assert_eq!((&of_head[0]["ref"], &of_head[0]["event_type"]), (&json!(format!("topic-{n}")), &json!("push")));
    }
    a_minute_passes(&server).await;
    assert_eq!(tick_until_idle(&server).await, 0, "what was found is not found again");
    // The delivery that was thought lost is only late.
    let late = payload::push_to("topic-2", "octo", "shop", &heads[2]);
    assert_eq!(server.client.deliver("push", &late).await.1["deduplicated"], json!(true));
    server.stop_and_check().await;
}

async fn the_many_branches_of_an_old_repository_are_nobodys_push_until_a_person_asks(backend: Backend) {
    let Some((server, mut repo, first)) = server(backend).await else { return };
    for n in 0..21 {
        repo.commit_on(&format!("old-{n}"), &[("old.txt", &n.to_string())]);
    }
    server.client.deliver("push", &payload::push("octo", "shop", &first)).await;
    tick_until_idle(&server).await;
    assert_eq!(runs(&server).await.len(), 1);
    let new = repo.commit_on("new", &[("new.txt", "new\n")]);
    a_minute_passes(&server).await;
    assert_eq!(tick_until_idle(&server).await, 1, "a branch that came since the first look is somebody's push");
    assert_eq!(runs(&server).await[0]["commit_sha"], json!(new));
    let (status, page) = reconcile(&server, &json!({})).await;
    assert_eq!((status, &page["next"]), (StatusCode::OK, &json!(null)), "{page}");
    let look = &page["repositories"][0];
    assert_eq!((&look["repo"], &look["branches"], &look["left"]), (&json!("octo/shop"), &json!(23), &json!(1)));
    assert_eq!(look["enqueued"].as_array().unwrap().len(), 20);
    let (_, page) = reconcile(&server, &json!({ "owner": "Octo", "repo": "shop" })).await;
    assert_eq!(page["repositories"][0]["enqueued"].as_array().unwrap().len(), 1, "the rest: {page}");
    assert_eq!(tick_until_idle(&server).await, 21);
    server.stop_and_check().await;
}

async fn one_idle_tick_looks_at_every_repository_that_is_due(backend: Backend) {
    let Some((server, _repo, _)) = server(backend).await else { return };
    let root = server.setting.git.root().to_owned();
    for n in 0..3 {
        let name = format!("shop{n}");
        let sha = TestRepo::create(&root, "octo", &name).commit(&[("README.md", "# shop\n")]);
        server.client.deliver("push", &payload::push("octo", &name, &sha)).await;
        server.client.tick().await;
    }
    let looks = "select count(*) from ci_repos where reconciled_at is not null";
    assert_eq!(server.probe().await.number(looks).await, 0, "there was work");
    assert_eq!(server.client.tick().await["reason"], json!("idle"));
    assert_eq!(server.probe().await.number(looks).await, 3);
    server.stop_and_check().await;
}

async fn a_lost_push_goes_before_what_nothing_stands_at_any_more(backend: Backend) {
    let Some((server, mut repo, first)) = server(backend).await else { return };
    server.client.deliver("push", &payload::push("octo", "shop", &first)).await;
    tick_until_idle(&server).await;
    let mut other = TestRepo::create(server.setting.git.root(), "octo", "till");
    let mut pushed = Vec::new();
    for n in 0..2 {
        let sha = other.commit(&[("n.txt", &n.to_string())]);
        let mut push = payload::push("octo", "till", &sha);
        push["before"] = json!(pushed.last().cloned().unwrap_or_else(|| "0".repeat(40)));
        server.client.deliver("push", &push).await;
        pushed.push(sha);
    }
    let lost = repo.commit(&[("README.md", "# Shop\n")]);
    a_minute_passes(&server).await;
    let mut worked_on = Vec::new();
    for _ in 0..3 {
        let run = server.client.tick().await["run_id"].as_str().unwrap().to_owned();
        worked_on.push(server.client.run(&run).await["commit_sha"].as_str().unwrap().to_owned());
    }
    assert_eq!(worked_on, [pushed[1].clone(), lost, pushed[0].clone()]);
    server.stop_and_check().await;
}

async fn a_commit_that_asks_for_no_run_gets_none(backend: Backend) {
    let Some((server, mut repo, first)) = server(backend).await else { return };
    server.client.deliver("push", &payload::push("octo", "shop", &first)).await;
    tick_until_idle(&server).await;
    let mut skipped = payload::push("octo", "shop", &repo.commit(&[("README.md", "# Shop\n")]));
    skipped["head_commit"]["message"] = json!("wip [skip ci]");
    assert_eq!(server.client.deliver("push", &skipped).await.0, StatusCode::ACCEPTED);
    a_minute_passes(&server).await;
    assert_eq!(tick_until_idle(&server).await, 0);
    server.stop_and_check().await;
}

async fn a_private_repository_is_looked_at_with_the_token_and_its_run_stays_private(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer(OK).with("CI_RECONCILE", "1").with("GITHUB_TOKEN", TOKEN);
    let mut repo = TestRepo::create(setting.git.root(), "private", "shop");
    let first = repo.commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    server.client.deliver("push", &payload::push("private", "shop", &first)).await;
    tick_until_idle(&server).await;
    repo.commit(&[("README.md", "# Shop\n")]);
    a_minute_passes(&server).await;
    assert_eq!(tick_until_idle(&server).await, 1);
    let run = &runs(&server).await[0];
    assert_eq!(run["private"], json!(true));
    assert_eq!((&run["title"], &run["author"]), (&json!("Commit number 2"), &json!("Ada Example")), "no event said so");
    server.stop_and_check().await;
}

async fn what_cannot_be_looked_at_says_why(backend: Backend) {
    let Some((server, _repo, first)) = server(backend).await else { return };
    server.client.deliver("push", &payload::push("octo", "gone", &first)).await;
    let (_, page) = reconcile(&server, &json!({})).await;
    assert_eq!(page["repositories"][0]["error_code"], json!("REPO_NOT_FOUND"), "{page}");
    // Only a person asked for this one: its owner never let this server's token near it.
    server.client.enqueue("octo", "shop", &first).await;
    let (status, refused) = reconcile(&server, &json!({ "owner": "octo", "repo": "shop" })).await;
    assert_eq!((status, &refused["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID_REQUEST")));
    let (status, _) = reconcile(&server, &json!({ "owner": "octo" })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    server.stop_and_check().await;
}

on_both_databases! {
    a_lost_push_goes_before_what_nothing_stands_at_any_more,
    one_idle_tick_looks_at_every_repository_that_is_due,
    of_ten_pushes_three_deliveries_are_lost_and_every_head_is_analyzed_once,
    the_many_branches_of_an_old_repository_are_nobodys_push_until_a_person_asks,
    a_commit_that_asks_for_no_run_gets_none,
    a_private_repository_is_looked_at_with_the_token_and_its_run_stays_private,
    what_cannot_be_looked_at_says_why,
}
