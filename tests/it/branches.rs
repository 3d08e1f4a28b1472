//! What a branch stands for: where it is, whatever else has the same name or the same commit, and in whatever order
//! deliveries come.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{SECRET, Setting, TestServer, answer};

/// The repository's own summary is the run's.
const PASS_ON: &str = "cp \"$1/summary.json\" \"$2/summary.json\"";

struct Feed {
    server: TestServer,
    repo: TestRepo,
}

impl Feed {
    async fn new(backend: Backend) -> Option<Self> {
        Self::with(backend, "0").await
    }

    async fn with(backend: Backend, reconcile: &str) -> Option<Self> {
        let setting = Setting::new(backend).await?.with_analyzer(PASS_ON).with("CI_RECONCILE", reconcile);
        let repo = TestRepo::create(setting.git.root(), "octo", "shop");
        Some(Self { server: setting.start().await, repo })
    }

    /// A commit whose dossier says this share.
    fn commit(&mut self, branch: &str, dci: f64) -> String {
        self.repo.commit_on(branch, &[("summary.json", &json!({ "metrics": { "dci": dci } }).to_string())])
    }

    async fn deliver(&self, event: &str, payload: &Value) -> Value {
        let (status, answer) = self.server.client.deliver(event, payload).await;
        assert!(status.is_success(), "{answer}");
        answer
    }

    async fn drain(&self) {
        while self.server.client.tick().await["processed"] == json!(true) {}
    }

    async fn badge(&self, query: &str) -> String {
        let badge = self.server.client.request("GET", &format!("/badge/octo/shop.svg{query}"));
        badge.send().await.unwrap().text().await.unwrap()
    }

    async fn commits(&self, path: &str, list: &str) -> Vec<String> {
        let (status, answer) = self.server.client.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        let commit = |run: &Value| run["commit_sha"].as_str().unwrap().to_owned();
        answer[list].as_array().unwrap().iter().map(commit).collect()
    }

    /// Badge, latest file, trend and feed all say that `main`, which is the default branch, came to these commits, the
    /// last one with this share.
    async fn main_is(&self, commits: &[&String], dci: &str) {
        for query in ["", "?ref=main"] {
            let badge = self.badge(&format!("?metric=dci{}", query.replace('?', "&"))).await;
            assert!(badge.contains(&format!("DCI: {dci}\"")), "{query}: {badge}");
            let (status, latest) = self.server.client.get(&format!("/r/octo/shop/latest/summary.json{query}")).await;
            assert_eq!(status, StatusCode::OK, "{latest}");
            assert_eq!(latest["metrics"]["dci"].as_f64(), dci.parse().ok(), "{query}: {latest}");
            let trend = self.commits(&format!("/api/ci/repos/octo/shop/trend{query}"), "points").await;
            assert_eq!(trend.iter().collect::<Vec<_>>(), commits, "{query}");
        }
        let feed = self.commits("/api/ci/runs?owner=octo&repo=shop&ref=main", "runs").await;
        assert_eq!(feed.iter().rev().collect::<Vec<_>>(), commits);
        assert_eq!(self.commits("/api/ci/runs?ref=main", "runs").await, feed);
    }

    async fn head(&self, branch: &str) -> Vec<String> {
        let sql = format!("select head_sha from ci_branches where repo_key = 'octo/shop' and branch = '{branch}'");
        self.server.probe().await.texts(&sql).await
    }
}

async fn a_strangers_pull_request_from_a_branch_called_main_is_not_main(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let ours = feed.commit("main", 0.25);
    feed.deliver("push", &payload::push("octo", "shop", &ours)).await;
    feed.drain().await;
    let theirs = feed.commit("fork", 0.75);
    let mut pull = payload::pull_request("octo", "shop", &theirs);
    pull["pull_request"]["head"]["ref"] = json!("main");
    feed.deliver("pull_request", &pull).await;
    feed.drain().await;
    feed.main_is(&[&ours], "0.25").await;
    let of_pull = feed.commits("/api/ci/runs?owner=octo&repo=shop&pr=7", "runs").await;
    assert_eq!(of_pull, [&*theirs]);
    assert_eq!(feed.commits("/api/ci/runs?owner=octo&repo=shop", "runs").await, [theirs, ours], "both are runs");
    feed.server.stop_and_check().await;
}

async fn a_commit_that_was_pushed_to_another_branch_first_moves_main_too(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let first = feed.commit("main", 0.25);
    feed.deliver("push", &payload::push("octo", "shop", &first)).await;
    feed.drain().await;
    // As a merge queue does: the commit is tried on a branch of its own, then main is moved to it.
    let merged = feed.commit("queue/main/pr-7", 0.5);
    feed.deliver("push", &payload::push_to("queue/main/pr-7", "octo", "shop", &merged)).await;
    feed.drain().await;
    feed.main_is(&[&first], "0.25").await;
    let moved = feed.deliver("push", &payload::moved(&first, &merged)).await;
    assert_eq!(moved["deduplicated"], json!(true));
    feed.main_is(&[&first, &merged], "0.50").await;
    let gone = feed.deliver("push", &payload::deleted("queue/main/pr-7", &merged)).await;
    assert!(gone["reason"].as_str().unwrap().contains("queue/main/pr-7 was deleted"), "{gone}");
    assert_eq!(feed.head("queue/main/pr-7").await, [""; 0]);
    feed.main_is(&[&first, &merged], "0.50").await;
    feed.server.stop_and_check().await;
}

async fn a_branch_that_was_forced_back_is_where_it_was(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let (good, bad) = (feed.commit("main", 0.25), feed.commit("main", 0.75));
    for push in [payload::push("octo", "shop", &good), payload::moved(&good, &bad)] {
        feed.deliver("push", &push).await;
        feed.drain().await;
    }
    feed.main_is(&[&good, &bad], "0.75").await;
    let mut forced = payload::moved(&bad, &good);
    forced["forced"] = json!(true);
    assert_eq!(feed.deliver("push", &forced).await["deduplicated"], json!(true));
    feed.main_is(&[&bad, &good], "0.25").await;
    // The next push is compared with what it replaces, and not with what was abandoned.
    let next = feed.commit("main", 0.5);
    let pushed = feed.deliver("push", &payload::moved(&good, &next)).await;
    assert!(feed.badge("?metric=dci").await.contains("0.25 · updating"));
    let latest = feed.server.client.request("GET", "/r/octo/shop/latest/summary.json").send().await.unwrap();
    assert_eq!(latest.status(), StatusCode::ACCEPTED, "the head's run is under way");
    let link = latest.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.contains(&format!("/api/ci/runs/{}>", pushed["run_id"].as_str().unwrap())), "{link}");
    let (_, latest) = answer(latest).await;
    assert_eq!(latest["metrics"]["dci"], json!(0.25), "until then what was there last");
    feed.drain().await;
    feed.main_is(&[&bad, &good, &next], "0.50").await;
    feed.server.stop_and_check().await;
}

async fn late_and_repeated_deliveries_move_no_branch_back(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let commits: Vec<_> = (1..5).map(|n| feed.commit("main", f64::from(n) / 8.0)).collect();
    let first = payload::push("octo", "shop", &commits[0]);
    let pushes: Vec<_> = (1..4).map(|n| payload::moved(&commits[n - 1], &commits[n])).collect();
    let deletion = payload::deleted("main", &commits[3]);
    let again = payload::push("octo", "shop", &commits[3]);
    feed.deliver("push", &first).await;
    for (push, head) in [
        (&pushes[1], 2),
        (&pushes[0], 2),
        (&pushes[2], 3),
        (&pushes[1], 3),
        (&again, 3),
        // It is of before the branch was made again.
        (&deletion, 3),
    ] {
        feed.deliver("push", push).await;
        assert_eq!(feed.head("main").await, [commits[head].clone()], "{push}");
    }
    // Without a time, only what follows on what is known.
    let timeless = |before: &str, after: &str| {
        let mut push = payload::moved(before, after);
        push["repository"].as_object_mut().unwrap().remove("pushed_at");
        push
    };
    feed.deliver("push", &timeless(&commits[0], &commits[1])).await;
    assert_eq!(feed.head("main").await, [commits[3].clone()]);
    feed.deliver("push", &timeless(&commits[3], &commits[2])).await;
    assert_eq!(feed.head("main").await, [commits[2].clone()]);
    // The very same delivery, once more.
    let body = payload::moved(&commits[2], &commits[0]).to_string().into_bytes();
    let back = payload::moved(&commits[0], &commits[2]);
    for _ in 0..2 {
        feed.server.client.deliver_raw("push", "the same", SECRET, body.clone()).await;
        feed.deliver("push", &back).await;
        assert_eq!(feed.head("main").await, [commits[2].clone()]);
    }
    feed.drain().await;
    feed.server.stop_and_check().await;
}

async fn the_forge_is_asked_where_a_branch_is_that_nobody_can_tell(backend: Backend) {
    let Some(mut feed) = Feed::with(backend, "60").await else { return };
    let (first, second) = (feed.commit("main", 0.25), feed.commit("main", 0.5));
    let newest = payload::moved(&first, &second);
    feed.deliver("push", &payload::push("octo", "shop", &first)).await;
    feed.drain().await;
    assert_eq!(feed.head("main").await, [&*second], "the first idle tick looked, and found the lost push");
    feed.main_is(&[&first, &second], "0.50").await;
    // It goes back, which nobody delivers, and on again; the old push, which says the same, is late.
    let third = feed.commit("main", 0.75);
    feed.deliver("push", &newest).await;
    feed.drain().await;
    assert_eq!(feed.head("main").await, [&*second], "no look is due");
    let mut unclear = payload::moved(&"7".repeat(40), &second);
    unclear["repository"]["pushed_at"] = json!(1_430_869_217);
    unclear["after"] = json!(first);
    feed.deliver("push", &unclear).await;
    feed.drain().await;
    assert_eq!(feed.head("main").await, [&*third]);
    feed.main_is(&[&first, &second, &third], "0.75").await;
    feed.server.stop_and_check().await;
}

async fn what_makes_no_run_says_what_it_changed(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let sha = feed.commit("main", 0.25);
    let ignored = async |event: &str, payload: &Value| {
        let (status, answer) = feed.server.client.deliver(event, payload).await;
        assert_eq!((status, &answer["ignored"]), (StatusCode::ACCEPTED, &json!(true)), "{answer}");
        answer["reason"].as_str().unwrap().to_owned()
    };
    let mut pull = payload::pull_request("octo", "shop", &sha);
    feed.deliver("pull_request", &pull).await;
    pull["action"] = json!("closed");
    pull["pull_request"]["state"] = json!("closed");
    pull["pull_request"]["updated_at"] = json!("2026-05-06T00:00:00Z");
    assert_eq!(ignored("pull_request", &pull).await, "pull request 7 is closed now");
    let mut late = payload::pull_request("octo", "shop", &sha);
    late["action"] = json!("synchronize");
    feed.deliver("pull_request", &late).await;
    let mut probe = feed.server.probe().await;
    assert_eq!(probe.texts("select state || ' ' || head_sha from ci_pulls").await, [format!("closed {sha}")]);
    pull["pull_request"]["updated_at"] = json!("2026-05-05T00:00:00Z");
    assert!(ignored("pull_request", &pull).await.contains("more is known of it from later"));

    let mut deployment = json!({
        "action": "created",
        "deployment_status": { "state": "success", "updated_at": "2026-05-06T00:00:00Z" },
        "deployment": { "sha": sha, "environment": "production" },
        "repository": payload::push("octo", "shop", &sha)["repository"],
    });
    assert_eq!(ignored("deployment_status", &deployment).await, format!("\"production\" runs commit {sha} now"));
    deployment["deployment_status"]["state"] = json!("pending");
    assert!(ignored("deployment_status", &deployment).await.contains("runs nothing new"));
    assert_eq!(probe.texts("select environment || ' ' || commit_sha from ci_deployments").await.len(), 1);
    deployment["deployment_status"]["state"] = json!("inactive");
    assert!(ignored("deployment_status", &deployment).await.ends_with("no more"));
    assert_eq!(probe.texts("select environment from ci_deployments").await.len(), 0);

    assert!(ignored("push", &payload::deleted("nowhere", &sha)).await.contains("is not known"));
    feed.deliver("push", &payload::push_to("topic", "octo", "shop", &sha)).await;
    assert_eq!(
        ignored("push", &payload::deleted("topic", &sha)).await,
        "the branch topic was deleted, and is forgotten"
    );
    feed.drain().await;
    feed.server.stop_and_check().await;
}

async fn what_no_branch_has_is_not_found_and_what_cannot_be_is_refused(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let sha = feed.commit("main", 0.25);
    feed.deliver("push", &payload::push("octo", "shop", &sha)).await;
    feed.drain().await;
    let runs = "/api/ci/runs?owner=octo&repo=shop";
    for (path, expected) in [
        (format!("{runs}&ref=elsewhere"), 404),
        ("/api/ci/repos/octo/shop/trend?ref=elsewhere".into(), 404),
        ("/r/octo/shop/latest/summary.json?ref=elsewhere".into(), 404),
        (format!("{runs}&pr=7&ref=main"), 400),
        ("/api/ci/runs?pr=7".into(), 400),
        (format!("{runs}&commit={}", &sha[..6]), 400),
        (format!("{runs}&commit=nothing%20of%20it"), 400),
        (format!("{runs}&event_type=tag"), 400),
        (format!("{runs}&status=DONE"), 400),
    ] {
        let (status, answer) = feed.server.client.get(&path).await;
        assert_eq!(status.as_u16(), expected, "{path}: {answer}");
        for (word, choices) in [("tag", "push, pull_request, manual"), ("DONE", "QUEUED, RUNNING, SUCCEEDED, FAILED")] {
            let said = answer["error"].as_str().unwrap();
            assert!(!path.ends_with(word) || said.contains(choices), "{path}: {said}");
        }
    }
    // A cursor is taken as it was given out, and not in part, of another place or with more behind it.
    let other = feed.commit("main", 0.5);
    feed.deliver("push", &payload::moved(&sha, &other)).await;
    let (_, page) = feed.server.client.get(&format!("{runs}&limit=1")).await;
    let next = page["next"].as_str().unwrap();
    assert_eq!(feed.commits(&format!("{runs}&before={next}"), "runs").await, [&*sha]);
    let later = next.replacen(|digit: char| digit.is_ascii_digit(), "2", 1);
    for changed in [&next[1..], &next[..next.len() - 1], &format!("{next}0"), &later, "1_2", "x"] {
        let (status, answer) = feed.server.client.get(&format!("{runs}&before={changed}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{changed}: {answer}");
    }
    feed.drain().await;
    for commit in [&sha[..7], &sha.to_uppercase()] {
        assert_eq!(feed.commits(&format!("/api/ci/runs?commit={commit}"), "runs").await, [&*sha]);
    }
    assert_eq!(feed.commits(&format!("{runs}&ref=main&status=FAILED"), "runs").await, [""; 0]);
    let (_, trend) = feed.server.client.get("/api/ci/repos/octo/shop/trend").await;
    assert_eq!((&trend["ref"], &trend["branches"]), (&json!("main"), &json!(["main"])));
    feed.server.stop_and_check().await;
}

on_both_databases! {
    a_strangers_pull_request_from_a_branch_called_main_is_not_main,
    a_commit_that_was_pushed_to_another_branch_first_moves_main_too,
    a_branch_that_was_forced_back_is_where_it_was,
    late_and_repeated_deliveries_move_no_branch_back,
    the_forge_is_asked_where_a_branch_is_that_nobody_can_tell,
    what_makes_no_run_says_what_it_changed,
    what_no_branch_has_is_not_found_and_what_cannot_be_is_refused,
}
