//! The rest of the API: one error shape, access, caching, limits, health; as a client sees it.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{SECRET, Setting, TestServer, answer};

const OK: &str = "echo '# Hi <script>alert(1)</script> [x](javascript:alert(1)) ![p](https://e.example/p.png) [ok](https://e.example)' > \"$2/DOSSIER.md\"; echo '<script>' > \"$2/page.html\"; echo '{}' > \"$2/summary.json\"";

async fn server_with_a_run(backend: Backend) -> Option<(TestServer, String)> {
    let setting = Setting::new(backend).await?.with_analyzer(OK);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let run_id = server.client.enqueue("octo", "shop", &sha).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    Some((server, run_id))
}

async fn every_mistake_is_answered_in_one_shape(backend: Backend) {
    let Some((server, run_id)) = server_with_a_run(backend).await else { return };
    let nil = "00000000-0000-0000-0000-000000000000";
    let enqueue = "/api/ci/enqueue";
    let cases: Vec<(&str, String, Option<&str>, u16)> = vec![
        ("GET", "/nowhere".into(), None, 404),
        ("GET", "/api/ci/nowhere".into(), None, 404),
        ("GET", "/assets/../Cargo.toml".into(), None, 404),
        ("GET", "/assets/%2e%2e/Cargo.toml".into(), None, 404),
        ("DELETE", "/api/ci/runs".into(), None, 405),
        ("GET", "/api/ci/worker/tick".into(), None, 405),
        ("GET", format!("/api/ci/runs/{nil}"), None, 404),
        ("GET", "/api/ci/runs/not-an-id".into(), None, 404),
        ("GET", format!("/api/ci/runs/{run_id}/artifacts/nothing"), None, 404),
        ("GET", format!("/api/ci/runs/{run_id}/artifacts/..%2F..%2Fsecret"), None, 404),
        ("GET", format!("/api/ci/runs/{run_id}/artifacts/page.html/html"), None, 400),
        ("POST", format!("/api/ci/runs/{nil}/retry"), None, 404),
        ("GET", "/api/ci/runs?limit=0".into(), None, 400),
        ("GET", "/api/ci/runs?limit=201".into(), None, 400),
        ("GET", "/api/ci/runs?limit=many".into(), None, 400),
        ("GET", "/api/ci/runs?branch=main".into(), None, 400),
        ("GET", "/api/ci/deliveries?before=x".into(), None, 400),
        ("GET", "/api/ci/runs?status=DONE".into(), None, 400),
        ("GET", "/api/ci/runs?before=yesterday".into(), None, 400),
        ("GET", "/api/ci/runs?owner=a%00b".into(), None, 400),
        ("POST", enqueue.into(), Some("{"), 400),
        ("POST", enqueue.into(), Some("{}"), 400),
        ("POST", enqueue.into(), Some(r#"{"owner":"o","repo":"r"}"#), 400),
        ("POST", enqueue.into(), Some(r#"{"owner":"o","repo":"r","ref":"main","commit_sha":"abc"}"#), 400),
        ("POST", enqueue.into(), Some(r#"{"owner":"o","repo":"r","ref":"main","branch":"x"}"#), 400),
        ("POST", enqueue.into(), Some(r#"{"owner":"o","repo":"r","ref":"main","event_type":"push"}"#), 400),
        ("POST", enqueue.into(), Some(r#"{"owner":"../","repo":"r","ref":"main"}"#), 400),
    ];
    for (method, path, body, expected) in cases {
        let mut request = server.client.request(method, &path);
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_owned());
        }
        let (status, answer) = answer(request.send().await.unwrap()).await;
        assert_eq!(status.as_u16(), expected, "{method} {path} {body:?}: {answer}");
        assert_eq!(answer["ok"], json!(false));
        let code = answer["code"].as_str().unwrap();
        assert!(!code.is_empty() && code.chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{code}");
        let error = answer["error"].as_str().unwrap();
        assert!(error.len() > 10 && !error.contains("deserialize"), "{answer}");
    }
    let (_, unknown) = answer(
        server
            .client
            .request("POST", enqueue)
            .json(&json!({ "owner": "o", "repo": "r", "colour": 1 }))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert!(
        unknown["error"].as_str().unwrap().contains("colour"),
        "an unknown field is refused by its name: {unknown}"
    );
    server.stop_and_check().await;
}

async fn the_feed_lists_runs_newest_first_by_pages(backend: Backend) {
    let Some(server) = (match Setting::new(backend).await {
        Some(setting) => Some(setting.start().await),
        None => None,
    }) else {
        return;
    };
    for n in 1..=5 {
        server.client.enqueue("octo", "shop", &format!("{n:040x}")).await;
    }
    let mut seen = Vec::new();
    let mut path = "/api/ci/runs?owner=Octo&repo=SHOP&limit=2".to_owned();
    loop {
        let (status, page) = server.client.get(&path).await;
        assert_eq!(status, StatusCode::OK);
        for run in page["runs"].as_array().unwrap() {
            seen.push(run["commit_sha"].as_str().unwrap().trim_start_matches('0').to_owned());
            for field in [
                "id",
                "ref",
                "event_type",
                "status",
                "created_at",
                "started_at",
                "finished_at",
                "out_dir",
                "summary_json",
            ] {
                assert!(run.get(field).is_some(), "the specification's field {field} is missing");
            }
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/ci/runs?owner=octo&repo=shop&limit=2&before={next}");
    }
    assert_eq!(seen, ["5", "4", "3", "2", "1"]);
    let (_, queued) = server.client.get("/api/ci/runs?status=QUEUED&event_type=manual&ref=main").await;
    assert_eq!(queued["runs"].as_array().unwrap().len(), 5);
    let (_, repos) = server.client.get("/api/ci/repos").await;
    assert_eq!((&repos["repos"][0]["owner"], &repos["repos"][0]["runs"]), (&json!("octo"), &json!(5)));
    server.stop_and_check().await;
}

async fn artifacts_are_served_by_exact_name_and_cannot_run(backend: Backend) {
    let Some((server, run_id)) = server_with_a_run(backend).await else { return };
    let get = |name: &str| server.client.request("GET", &format!("/api/ci/runs/{run_id}/artifacts{name}")).send();
    let header = |response: &reqwest::Response, name: &str| response.headers()[name].to_str().unwrap().to_owned();
    let markdown = get("/DOSSIER.md").await.unwrap();
    assert_eq!(header(&markdown, "content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(header(&markdown, "x-content-type-options"), "nosniff");
    assert!(header(&markdown, "content-disposition").starts_with("inline"));
    let page = get("/page.html").await.unwrap();
    assert_eq!(header(&page, "content-type"), "application/octet-stream");
    assert!(header(&page, "content-disposition").starts_with("attachment"));
    let html = get("/DOSSIER.md/html").await.unwrap().text().await.unwrap();
    assert!(html.contains("<h1>"), "{html}");
    for danger in ["<script", "javascript:", "<img", "onerror"] {
        assert!(!html.contains(danger), "{danger} survived: {html}");
    }
    assert!(html.contains("rel=\"noopener noreferrer nofollow\""));
    let zip = get(".zip").await.unwrap();
    assert_eq!(header(&zip, "content-type"), "application/zip");
    assert!(zip.bytes().await.unwrap().starts_with(b"PK"));
    server.stop_and_check().await;
}

async fn an_unchanged_answer_costs_nothing_the_second_time(backend: Backend) {
    let Some((server, _)) = server_with_a_run(backend).await else { return };
    for path in ["/api/ci/runs", "/api/ci/repos", "/api/ci/health", "/"] {
        let first = server.client.request("GET", path).send().await.unwrap();
        let etag = first.headers()["etag"].clone();
        let second = server.client.request("GET", path).header("If-None-Match", etag.clone()).send().await.unwrap();
        assert_eq!(second.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(second.headers()["etag"], etag);
        assert!(second.bytes().await.unwrap().is_empty());
    }
    server.stop_and_check().await;
}

async fn an_answer_is_made_again_once_anybody_changed_what_it_says(backend: Backend) {
    let Some((server, run_id)) = server_with_a_run(backend).await else { return };
    let (mut probe, run) = (server.probe().await, format!("/api/ci/runs/{run_id}"));
    for (path, change) in [
        ("/api/ci/runs", "update ci_runs set title = 'Told by another process'"),
        (&run, "update ci_runs set title = 'Told once more'"),
        ("/api/ci/repos", "update ci_runs set title = 'And once more'"),
    ] {
        let get = |tag: &str| server.client.request("GET", path).header("If-None-Match", tag).send();
        let tag = get("").await.unwrap().headers()["etag"].to_str().unwrap().to_owned();
        for _ in 0..2 {
            assert_eq!(get(&tag).await.unwrap().status(), StatusCode::NOT_MODIFIED, "{path}");
        }
        probe.execute(change).await;
        let changed = get(&tag).await.unwrap();
        assert_eq!(changed.status(), StatusCode::OK, "{path}");
        assert_ne!(changed.headers()["etag"], tag);
    }
    server.stop_and_check().await;
}

async fn the_page_comes_with_a_strict_policy(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    for path in [
        "/",
        "/feed",
        "/search?q=shop",
        "/compare",
        "/setup",
        "/status",
        "/runs/00000000-0000-0000-0000-000000000000",
        "/r/octo/shop",
        "/r/octo/shop/fact?kind=env_var&key=PORT",
    ] {
        let page = server.client.request("GET", path).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    }
    server.stop_and_check().await;
}

async fn writing_needs_the_token_once_there_is_one(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_API_TOKEN", "t0ken").start().await;
    let body =
        json!({ "owner": "o", "repo": "r", "ref": "main", "commit_sha": "1".repeat(40), "event_type": "manual" });
    let enqueue = || server.client.request("POST", "/api/ci/enqueue").json(&body);
    assert_eq!(enqueue().send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(enqueue().bearer_auth("t0kem").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(enqueue().bearer_auth("t0ken").send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(
        server.client.request("GET", "/api/ci/deliveries").send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
    // Reading and tick stay open.
    assert_eq!(server.client.get("/api/ci/runs").await.0, StatusCode::OK);
    assert_eq!(server.client.tick().await["processed"], json!(true));
    server.stop_and_check().await;
}

async fn a_public_address_without_a_token_takes_no_wishes(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_FEED_BIND", "0.0.0.0:0").start().await;
    let body = json!({ "owner": "o", "repo": "r", "ref": "main", "commit_sha": "1".repeat(40) });
    let refused = server.client.request("POST", "/api/ci/enqueue").json(&body).send().await.unwrap();
    let (status, refused) = answer(refused).await;
    assert_eq!((status, &refused["code"]), (StatusCode::FORBIDDEN, &json!("WRITE_CLOSED")));
    assert!(refused["error"].as_str().unwrap().contains("CI_API_TOKEN"));
    server.stop_and_check().await;
}

async fn a_name_that_was_pointed_at_this_machine_is_not_trusted(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    let body = json!({ "owner": "o", "repo": "r", "ref": "main", "commit_sha": "1".repeat(40) });
    for (host, expected) in
        [("evil.example:8080", 403), ("feed.example", 403), ("localhost:8080", 200), ("[::1]:80", 200)]
    {
        let request = server.client.request("POST", "/api/ci/enqueue").header("Host", host).json(&body);
        assert_eq!(request.send().await.unwrap().status().as_u16(), expected, "{host}");
    }
    server.stop_and_check().await;
}

async fn reading_can_be_closed_too(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_API_TOKEN", "t0ken").with("CI_READ_ACCESS", "token").start().await;
    for path in ["/api/ci/runs", "/api/ci/repos"] {
        assert_eq!(server.client.request("GET", path).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
        let trusted = server.client.request("GET", path).bearer_auth("t0ken").send().await.unwrap();
        assert_eq!(trusted.status(), StatusCode::OK);
    }
    server.stop_and_check().await;
}

async fn other_sites_pages_cannot_change_anything(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    for path in ["/api/ci/enqueue", "/api/ci/worker/tick"] {
        let request = server.client.request("POST", path).header("Sec-Fetch-Site", "cross-site").json(&json!({
            "owner": "o", "repo": "r", "ref": "main", "commit_sha": "1".repeat(40)
        }));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{path}");
    }
    server.stop_and_check().await;
}

async fn an_address_that_asks_too_often_is_told_to_wait(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_RATE_LIMIT_PER_MINUTE", "5").with("TRUSTED_PROXY_HOPS", "1").start().await;
    let get = |forwarded: &'static str| {
        server.client.request("GET", "/api/ci/runs").header("X-Forwarded-For", forwarded).send()
    };
    for _ in 0..5 {
        assert_eq!(get("198.51.100.7").await.unwrap().status(), StatusCode::OK);
    }
    let (limited, forged) = (get("198.51.100.7").await.unwrap(), get("203.0.113.1, 198.51.100.7").await.unwrap());
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(limited.headers().contains_key("retry-after"));
    assert_eq!(
        forged.status(),
        StatusCode::TOO_MANY_REQUESTS,
        "what a client claims in front of its proxy does not count"
    );
    assert_eq!(get("198.51.100.8").await.unwrap().status(), StatusCode::OK);
    for n in 0..6 {
        let address = format!("2001:db8::{n}");
        let response =
            server.client.request("GET", "/api/ci/runs").header("X-Forwarded-For", address).send().await.unwrap();
        assert_eq!(response.status() == StatusCode::OK, n < 5, "one IPv6 network counts as one client");
    }
    server.stop_and_check().await;
}

async fn a_failed_run_can_be_retried(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_MAX_ATTEMPTS", "1").start().await;
    let failed = server.client.enqueue("octo", "gone", &"1".repeat(40)).await;
    assert_eq!(server.client.tick().await["status"], json!("FAILED"));
    let retry = server.client.request("POST", &format!("/api/ci/runs/{failed}/retry")).send().await.unwrap();
    let (status, retried) = answer(retry).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(retried["run_id"], json!(failed));
    assert_eq!(server.client.run(retried["run_id"].as_str().unwrap()).await["status"], json!("QUEUED"));
    server.stop_and_check().await;
}

async fn a_waiting_run_can_be_cancelled_and_no_other(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_MAX_ATTEMPTS", "1").start().await;
    let sha = "1".repeat(40);
    let (_, pushed) = server.client.deliver("push", &payload::push("octo", "gone", &sha)).await;
    let run = pushed["run_id"].as_str().unwrap();
    let cancel = async |id: &str| {
        answer(server.client.request("POST", &format!("/api/ci/runs/{id}/cancel")).send().await.unwrap()).await
    };
    let (status, cancelled) = cancel(run).await;
    assert_eq!((status, &cancelled["status"]), (StatusCode::OK, &json!("FAILED")), "{cancelled}");
    let run = server.client.run(run).await;
    assert_eq!((&run["error_code"], &run["jobs"][0]["status"]), (&json!("CANCELLED"), &json!("DEAD")));
    assert_eq!(diagnosis(&server.client.get("/api/ci/health").await.1), "", "nothing is wrong");
    assert_eq!(server.client.tick().await["processed"], json!(false));
    let (status, again) = cancel(run["id"].as_str().unwrap()).await;
    assert_eq!((status, &again["code"]), (StatusCode::CONFLICT, &json!("NOT_WAITING")));
    assert_eq!(cancel("00000000-0000-0000-0000-000000000000").await.0, StatusCode::NOT_FOUND);
    let (_, later) = server.client.deliver("push", &payload::push("octo", "gone", &sha)).await;
    assert_eq!(later["deduplicated"], json!(false), "a later event of the commit makes a new run");
    server.stop_and_check().await;
}

fn diagnosis(health: &Value) -> String {
    health["diagnosis"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

async fn health_says_why_the_feed_stopped(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_RETRY_BACKOFF_SECONDS", "600").start().await;
    let (status, health) = server.client.get("/api/ci/health").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(health["jobs"], json!({ "READY": 0, "LEASED": 0, "DONE": 0, "DEAD": 0 }));
    assert!(diagnosis(&health).contains("no webhook has arrived yet"), "{health}");
    server.client.deliver_raw("push", "d", "wrong", b"{}".to_vec()).await;
    assert!(diagnosis(&server.client.get("/api/ci/health").await.1).contains("the last webhook was refused"));
    server.client.deliver_raw("ping", "d", SECRET, b"{}".to_vec()).await;
    server.client.deliver("push", &payload::push("octo", "gone", &"1".repeat(40))).await;
    let health = server.client.get("/api/ci/health").await.1;
    assert!(diagnosis(&health).contains("nobody has ever called tick"), "{health}");
    assert_eq!(health["jobs"]["READY"], json!(1));
    server.client.tick().await;
    let health = server.client.get("/api/ci/health").await.1;
    assert!(diagnosis(&health).contains("waits for another attempt"), "{health}");
    assert_eq!(health["last_tick"]["detail"], json!("processed"));
    assert_eq!(health["last_run"]["status"], json!("QUEUED"));
    assert_eq!(health["webhook_secret"], json!("set"));
    assert!(!health.to_string().contains(SECRET));
    server.stop_and_check().await;
}

on_both_databases! {
    every_mistake_is_answered_in_one_shape,
    the_feed_lists_runs_newest_first_by_pages,
    artifacts_are_served_by_exact_name_and_cannot_run,
    an_unchanged_answer_costs_nothing_the_second_time,
    an_answer_is_made_again_once_anybody_changed_what_it_says,
    the_page_comes_with_a_strict_policy,
    writing_needs_the_token_once_there_is_one,
    a_public_address_without_a_token_takes_no_wishes,
    a_name_that_was_pointed_at_this_machine_is_not_trusted,
    reading_can_be_closed_too,
    other_sites_pages_cannot_change_anything,
    an_address_that_asks_too_often_is_told_to_wait,
    a_failed_run_can_be_retried,
    a_waiting_run_can_be_cancelled_and_no_other,
    health_says_why_the_feed_stopped,
}
