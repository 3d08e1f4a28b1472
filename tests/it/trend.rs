//! What a repository's page stands on: its trend, the lasting address of its latest file, its badges.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::repo::TestRepo;
use crate::support::server::{Setting, TestServer};

/// An analyzer whose summary is the repository's own; without one it fails.
const PASS_ON: &str = "cp \"$1/summary.json\" \"$2/summary.json\" && cp \"$1/summary.json\" \"$2/DOSSIER.md\"";

const FIRST: &str =
    r#"{"facts":{"endpoint":2,"words":"no"},"metrics":{"dci":0.5,"rci":null},"lines":120,"drift":null}"#;
const SECOND: &str = r#"{"facts":{"endpoint":3},"metrics":{"dci":0.75,"rci":1},"lines":140,"drift":{"is_empty":false,"counts":{"added":1,"removed":0,"changed":2}}}"#;

/// Nothing changed in what was read, and the endpoints were not.
const UNREAD: &str = r#"{"facts":{},"metrics":{"dci":1},"unread_frameworks":["Symfony"],"drift":{"is_empty":true,"counts":{"added":0}}}"#;

/// What came and went could not be pinned down.
const OPEN: &str =
    r#"{"facts":{},"drift":{"is_empty":false,"counts":{"added":0,"unresolved_added":2,"unresolved_removed":1}}}"#;

struct Feed {
    server: TestServer,
    repo: TestRepo,
}

impl Feed {
    async fn new(backend: Backend) -> Option<Self> {
        let setting = Setting::new(backend).await?.with_analyzer(PASS_ON).with("CI_MAX_ATTEMPTS", "1");
        let repo = TestRepo::create(setting.git.root(), "octo", "shop");
        Some(Self { server: setting.start().await, repo })
    }

    /// Analyze a commit with this summary; answers its run.
    async fn run(&mut self, summary: &str) -> String {
        let sha = self.repo.commit(&[("summary.json", summary)]);
        let id = self.server.client.enqueue("octo", "shop", &sha).await;
        assert_eq!(self.server.client.tick().await["processed"], json!(true));
        id
    }

    async fn badge(&self, query: &str) -> String {
        let path = format!("/badge/octo/shop.svg{query}");
        let response = self.server.client.request("GET", &path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{query}");
        assert_eq!(response.headers()["content-type"], "image/svg+xml; charset=utf-8");
        response.text().await.unwrap()
    }
}

async fn the_trend_has_a_point_for_every_finished_run_oldest_first(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let (first, second) = (feed.run(FIRST).await, feed.run(SECOND).await);
    let failed = feed.run("no JSON").await;
    feed.server.client.enqueue("octo", "shop", &"1".repeat(40)).await;
    let (status, trend) = feed.server.client.get("/api/ci/repos/Octo/SHOP/trend").await;
    assert_eq!(status, StatusCode::OK, "{trend}");
    let points = trend["points"].as_array().unwrap();
    let ids: Vec<_> = points.iter().map(|point| point["run_id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&first, &second, &failed], "a waiting run is no point yet");
    assert_eq!(points[0]["facts"], json!({ "endpoint": 2 }), "what is no number is left out");
    assert_eq!(points[0]["metrics"], json!({ "dci": 0.5 }));
    assert_eq!((&points[0]["drift"], &points[0]["lines"]), (&Value::Null, &json!(120.0)));
    assert_eq!(points[1]["drift"]["counts"], json!({ "added": 1, "removed": 0, "changed": 2 }));
    assert!(points[1]["duration_ms"].as_i64().is_some_and(|ms| ms >= 0), "{}", points[1]);
    assert_eq!(points[2]["status"], json!("FAILED"));
    let (status, _) = feed.server.client.get("/api/ci/repos/octo/shop/trend?ref=elsewhere").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, _) = feed.server.client.get("/api/ci/repos/octo/shop/trend?limit=0").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    feed.server.stop_and_check().await;
}

async fn the_latest_file_stays_where_it_is_while_a_newer_run_waits_or_fails(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let path = "/r/octo/shop/latest/summary.json";
    let (status, missing) = feed.server.client.get(path).await;
    assert_eq!((status, &missing["code"]), (StatusCode::NOT_FOUND, &json!("NOT_FOUND")));
    let run = feed.run(FIRST).await;
    feed.run("no JSON").await;
    assert_eq!(feed.server.client.get(path).await.0, StatusCode::OK);
    let waiting = feed.server.client.enqueue("octo", "shop", &"1".repeat(40)).await;
    for path in [path.to_owned(), format!("{path}?ref=main")] {
        let latest = feed.server.client.request("GET", &path).send().await.unwrap();
        assert_eq!(latest.status(), StatusCode::ACCEPTED, "it is not of the newest run");
        assert_eq!(latest.headers()["link"], format!("</api/ci/runs/{waiting}>; rel=\"latest-version\""));
        assert_eq!(latest.headers()["content-location"], format!("/api/ci/runs/{run}/artifacts/summary.json"));
        assert_eq!(latest.headers()["content-security-policy"], "sandbox; default-src 'none'");
        assert_eq!(latest.headers()["cache-control"], "no-cache");
        let direct = feed.server.client.request("GET", &format!("/api/ci/runs/{run}/artifacts/summary.json"));
        assert_eq!(latest.bytes().await.unwrap(), direct.send().await.unwrap().bytes().await.unwrap());
    }
    feed.server.stop_and_check().await;
}

async fn a_badge_says_when_a_newer_run_has_not_confirmed_it(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    assert!(feed.badge("").await.contains("dossier: no runs"));
    feed.run(FIRST).await;
    assert!(feed.badge("?metric=drift").await.contains("drift: no base"));
    assert!(feed.badge("?metric=rci").await.contains("RCI: none"));
    feed.run(SECOND).await;
    assert!(feed.badge("").await.contains("dossier: succeeded"));
    assert!(feed.badge("?metric=dci").await.contains("DCI: 0.75\""));
    assert!(feed.badge("?metric=drift&ref=main").await.contains("drift: +1 ~2\""));
    feed.run("no JSON").await;
    assert!(feed.badge("?metric=status").await.contains("dossier: failed"));
    let stale = feed.badge("?metric=dci").await;
    assert!(stale.contains("DCI: 0.75 · stale") && stale.contains("the newest run failed"), "{stale}");
    feed.server.client.enqueue("octo", "shop", &"1".repeat(40)).await;
    assert!(feed.badge("?metric=dci").await.contains("0.75 · updating"));
    let (status, wrong) = feed.server.client.get("/badge/octo/shop.svg?metric=colour").await;
    assert_eq!((status, &wrong["code"]), (StatusCode::BAD_REQUEST, &json!("INVALID_REQUEST")));
    assert_eq!(feed.server.client.get("/badge/octo/shop.png").await.0, StatusCode::NOT_FOUND);
    feed.server.stop_and_check().await;
}

async fn a_badge_and_a_trend_say_that_a_framework_is_not_read(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    feed.run(UNREAD).await;
    for (metric, said) in [("drift", "drift: none in what is read"), ("dci", "DCI: 1.00")] {
        let badge = feed.badge(&format!("?metric={metric}")).await;
        assert!(badge.contains(said) && badge.contains("; routes of Symfony are not read"), "{badge}");
    }
    let (_, trend) = feed.server.client.get("/api/ci/repos/octo/shop/trend").await;
    assert_eq!(trend["points"][0]["unread_frameworks"], json!(["Symfony"]));
    feed.run(OPEN).await;
    assert!(feed.badge("?metric=drift").await.contains("drift: ?3\""));
    feed.server.stop_and_check().await;
}

async fn a_badge_may_stand_on_other_sites_and_costs_nothing_while_unchanged(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    feed.run(SECOND).await;
    let get = || feed.server.client.request("GET", "/badge/octo/shop.svg?metric=rci");
    let badge = get().send().await.unwrap();
    assert_eq!(badge.headers()["cache-control"], "no-cache");
    assert_eq!(badge.headers()["cross-origin-resource-policy"], "cross-origin");
    assert_eq!(badge.headers()["content-security-policy"], "default-src 'none'");
    let etag = badge.headers()["etag"].clone();
    assert_eq!(get().header("If-None-Match", etag).send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    let hostile = feed.server.client.request("GET", "/badge/%3Cscript%3E/%22onload=%22.svg").send().await.unwrap();
    let hostile = hostile.text().await.unwrap();
    assert!(hostile.contains("no runs") && !hostile.contains("script"), "{hostile}");
    feed.server.stop_and_check().await;
}

async fn what_is_private_has_no_trend_no_badge_and_no_latest_file_for_strangers(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer(PASS_ON).with("CI_API_TOKEN", "t0ken");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("summary.json", SECOND)]);
    let server = setting.start().await;
    let body = json!({ "owner": "octo", "repo": "shop", "ref": "main", "commit_sha": sha });
    let enqueue = server.client.request("POST", "/api/ci/enqueue").bearer_auth("t0ken").json(&body);
    assert_eq!(enqueue.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    let mut probe = server.probe().await;
    probe.execute("update ci_runs set private = true").await;
    let (trend, latest) = ("/api/ci/repos/octo/shop/trend", "/r/octo/shop/latest/summary.json");
    assert_eq!(server.client.get(trend).await.1["points"], json!([]));
    assert_eq!(server.client.get(latest).await.0, StatusCode::NOT_FOUND);
    let badge = |token: &'static str| server.client.request("GET", "/badge/octo/shop.svg").bearer_auth(token).send();
    assert!(badge("wrong").await.unwrap().text().await.unwrap().contains("no runs"));
    assert!(badge("t0ken").await.unwrap().text().await.unwrap().contains("succeeded"));
    let trusted = server.client.request("GET", latest).bearer_auth("t0ken").send().await.unwrap();
    assert_eq!(trusted.status(), StatusCode::OK);
    server.stop_and_check().await;
}

async fn one_delivery_is_found_by_its_id_however_old(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    for n in 0..3 {
        let id = format!("0000000{n}-0000-0000-0000-000000000000");
        let body = json!({ "zen": "Half measures are as bad as nothing at all." }).to_string().into_bytes();
        server.client.deliver_raw("ping", &id, crate::support::server::SECRET, body).await;
    }
    let wanted = "00000000-0000-0000-0000-000000000000";
    let (_, found) = server.client.get(&format!("/api/ci/deliveries?limit=1&delivery_id={wanted}")).await;
    let ids: Vec<_> = found["deliveries"].as_array().unwrap().iter().map(|one| &one["delivery_id"]).collect();
    assert_eq!(ids, [&json!(wanted)]);
    let (_, none) = server.client.get("/api/ci/deliveries?delivery_id=nothing").await;
    assert_eq!(none["deliveries"], json!([]));
    server.stop_and_check().await;
}

async fn the_short_trends_of_several_are_those_of_their_default_branches(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    // Wished for: nobody said which the default branch is.
    let (first, second) = (feed.run(FIRST).await, feed.run(SECOND).await);
    let waiting = feed.server.client.enqueue("octo", "shop", &"1".repeat(40)).await;
    let of = async |names: &str| feed.server.client.get(&format!("/api/ci/repos/trends?of={names}")).await;
    let (status, answer) = of("octo/nothing,Octo/Shop").await;
    assert_eq!((status, answer["trends"].as_array().unwrap().len()), (StatusCode::OK, 1), "{answer}");
    let trend = answer["trends"][0].clone();
    assert_eq!(
        [&trend["repo_owner"], &trend["repo_name"], &trend["ref"]],
        [&json!("Octo"), &json!("Shop"), &json!(null)]
    );
    let runs = |trend: &Value| {
        let points = trend["points"].as_array().unwrap().iter();
        points.map(|point| point["run_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(runs(&trend), [&*first, &second, &waiting], "oldest first");
    assert_eq!([&trend["points"][0]["drift"], &trend["points"][1]["drift"]], [&json!(null), &json!(3)]);
    assert_eq!([&trend["points"][2]["status"], &trend["points"][2]["drift"]], [&json!("QUEUED"), &json!(null)]);

    // A push says which it is, and a push to another branch is none of it.
    let sha = feed.repo.commit(&[("summary.json", SECOND)]);
    for (branch, sha) in [("main", sha), ("next", "7".repeat(40))] {
        let push = crate::support::payload::push_to(branch, "octo", "shop", &sha);
        assert_eq!(feed.server.client.deliver("push", &push).await.0, StatusCode::OK);
    }
    let trend = of("octo/shop").await.1["trends"][0].clone();
    assert_eq!(trend["ref"], json!("main"), "{trend}");
    let (_, of_main) = feed.server.client.get("/api/ci/runs?owner=octo&repo=shop&ref=main&limit=12").await;
    let mut expected: Vec<_> =
        of_main["runs"].as_array().unwrap().iter().map(|run| run["id"].as_str().unwrap().to_owned()).collect();
    expected.reverse();
    assert_eq!(runs(&trend), expected);
    for names in ["", "octo", "octo/shop,", "o%00/x", &vec!["octo/shop"; 61].join(",")] {
        assert_eq!(of(names).await.0, StatusCode::BAD_REQUEST, "{names}");
    }
    feed.server.stop_and_check().await;
}

on_both_databases!(
    the_short_trends_of_several_are_those_of_their_default_branches,
    the_trend_has_a_point_for_every_finished_run_oldest_first,
    the_latest_file_stays_where_it_is_while_a_newer_run_waits_or_fails,
    a_badge_says_when_a_newer_run_has_not_confirmed_it,
    a_badge_and_a_trend_say_that_a_framework_is_not_read,
    a_badge_may_stand_on_other_sites_and_costs_nothing_while_unchanged,
    what_is_private_has_no_trend_no_badge_and_no_latest_file_for_strangers,
    one_delivery_is_found_by_its_id_however_old,
);
