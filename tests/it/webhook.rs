//! The webhook: who is believed, what makes a run, what is ignored and why. The real router, both databases.

use ci_feed::config::Secret;
use ci_feed::github::signature::{self, Signature, SignatureError};
use proptest::prelude::*;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::server::{SECRET, Setting, TestServer, answer};
use crate::support::{invariants, payload};

const SHA: &str = "abababababababababababababababababababab";

async fn server(backend: Backend) -> Option<TestServer> {
    Some(Setting::new(backend).await?.start().await)
}

fn verify(secrets: &[Secret], header: Option<&[u8]>, body: &[u8]) -> Result<(), SignatureError> {
    let mut check = Signature::parse(header)?.check(secrets);
    body.chunks(5).for_each(|part| check.update(part));
    check.finish()
}

#[test]
fn githubs_published_signature_example_is_accepted() {
    // https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, "Testing the webhook payload validation"
    let secrets = [Secret::new("It's a Secret to Everybody")];
    let header: &[u8] = b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    verify(&secrets, Some(header), b"Hello, World!").unwrap();
    assert_eq!(verify(&secrets, Some(header), b"Hello, World?"), Err(SignatureError::Wrong));
    let upper = String::from_utf8_lossy(header).to_uppercase().replace("SHA256", "sha256");
    verify(&secrets, Some(upper.as_bytes()), b"Hello, World!").unwrap();
}

#[test]
fn every_single_flipped_bit_of_a_signature_is_refused() {
    let secrets = [Secret::new("s")];
    let header = signature::sign(&secrets[0], b"body");
    let bytes = hex::decode(header.strip_prefix("sha256=").unwrap()).unwrap();
    for bit in 0..256 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let header = format!("sha256={}", hex::encode(flipped));
        assert!(verify(&secrets, Some(header.as_bytes()), b"body").is_err(), "bit {bit}");
    }
}

proptest! {
    #[test]
    fn no_header_and_no_payload_makes_the_parsers_panic(header: Vec<u8>, body: Vec<u8>, text in "\\PC*") {
        let _ = verify(&[Secret::new("s")], Some(&header), &body);
        for event in ["push", "pull_request", "deployment_status", "ping", text.as_str()] {
            let _ = ci_feed::github::event::parse(event, &body);
            let _ = ci_feed::github::event::parse(event, text.as_bytes());
        }
    }
}

async fn a_delivery_without_a_right_signature_is_refused_and_leaves_no_row(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let body = payload::push("octo", "shop", SHA).to_string();
    let wrong = |value: Option<String>| {
        let mut request = server
            .client
            .request("POST", "/api/webhooks/github")
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", "push")
            .header("X-GitHub-Delivery", "d1")
            .body(body.clone());
        if let Some(value) = value {
            request = request.header("X-Hub-Signature-256", value);
        }
        request
    };
    let right = signature::sign(&Secret::new(SECRET), body.as_bytes());
    let digits = right.strip_prefix("sha256=").unwrap().to_owned();
    for (header, code) in [
        (None, "SIGNATURE_MISSING"),
        (Some(signature::sign(&Secret::new("another secret"), body.as_bytes())), "SIGNATURE_WRONG"),
        (Some(digits.clone()), "SIGNATURE_WRONG"),
        (Some(format!("sha1={digits}")), "SIGNATURE_WRONG"),
        (Some(format!("sha256={}", &digits[1..])), "SIGNATURE_WRONG"),
        (Some(format!("sha256={digits}0")), "SIGNATURE_WRONG"),
        (Some(format!("sha256={}", "é".repeat(32))), "SIGNATURE_WRONG"),
    ] {
        let (status, answer) = answer(wrong(header.clone()).send().await.unwrap()).await;
        assert_eq!((status, answer["code"].as_str()), (StatusCode::UNAUTHORIZED, Some(code)), "{header:?}");
        assert_eq!(answer["ok"], json!(false));
    }
    let mut probe = server.probe().await;
    assert_eq!(probe.number("select count(*) from ci_runs").await, 0);
    assert_eq!(probe.number("select count(*) from ci_deliveries").await, 0);
    let (_, health) = server.client.get("/api/ci/health").await;
    assert_eq!(health["last_rejected"]["count"], json!(7));
    server.stop_and_check().await;
}

async fn a_push_creates_a_run_and_its_job(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let (status, answer) = server.client.deliver("push", &payload::push("octo", "shop", SHA)).await;
    assert_eq!((status, &answer["ok"], &answer["deduplicated"]), (StatusCode::OK, &json!(true), &json!(false)));
    let run = server.client.run(answer["run_id"].as_str().unwrap()).await;
    for (field, value) in [
        ("repo_owner", "octo"),
        ("repo_name", "shop"),
        ("ref", "main"),
        ("commit_sha", SHA),
        ("event_type", "push"),
        ("status", "QUEUED"),
        ("title", "Sell by the dozen"),
        ("author", "ada"),
        ("base_sha", "1111111111111111111111111111111111111111"),
    ] {
        assert_eq!(run[field], json!(value), "{field}");
    }
    assert_eq!(run["jobs"][0]["status"], json!("READY"));
    assert_eq!(run["queue_position"], json!(1));
    server.stop_and_check().await;
}

async fn a_delivery_is_answered_without_any_analysis(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    // An analyzer that never ends would keep the answer from coming, were it run inline.
    let server = setting.with_analyzer("sleep 600").start().await;
    let (status, answer) = server.client.deliver("push", &payload::push("octo", "shop", SHA)).await;
    assert_eq!(status, StatusCode::OK);
    let run = server.client.run(answer["run_id"].as_str().unwrap()).await;
    assert_eq!((&run["status"], &run["attempts"], &run["started_at"]), (&json!("QUEUED"), &json!(0), &json!(null)));
    server.stop_and_check().await;
}

async fn a_pull_request_creates_a_run_of_its_head_in_the_base_repository(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    for (action, n) in [("opened", 1), ("synchronize", 2), ("reopened", 3)] {
        let mut request = payload::pull_request("octo", "shop", &format!("{n:040x}"));
        request["action"] = json!(action);
        let (status, answer) = server.client.deliver("pull_request", &request).await;
        assert_eq!(status, StatusCode::OK, "{action}: {answer}");
        let run = server.client.run(answer["run_id"].as_str().unwrap()).await;
        assert_eq!(
            (&run["repo_owner"], &run["ref"], &run["pr_number"]),
            (&json!("octo"), &json!("feature"), &json!(7))
        );
        assert_eq!((&run["event_type"], &run["author"]), (&json!("pull_request"), &json!("grace")));
    }
    server.stop_and_check().await;
}

/// A name, or a word of the answer, and a change to the payload.
type Changed = (&'static str, fn(&mut Value));

/// Event, a change to the payload, and a word of the reason.
type Ignored = (&'static str, fn(&mut Value), &'static str);

async fn what_makes_no_run_is_answered_with_202_and_a_reason(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let cases: &[Ignored] = &[
        ("ping", |_| {}, "connected"),
        ("issues", |_| {}, "issues"),
        ("push", |push| push["deleted"] = json!(true), "deleted"),
        ("push", |push| push["after"] = json!("0".repeat(40)), "deleted"),
        ("push", |push| push["ref"] = json!("refs/tags/v1"), "not a branch"),
        ("push", |push| push["head_commit"]["message"] = json!("wip [skip ci]"), "[skip ci]"),
        ("push", |push| push["head_commit"]["message"] = json!("[actions skip] wip"), "[actions skip]"),
        ("push", |push| push["head_commit"]["message"] = json!("Wip\n\nskip-checks: true\n"), "skip-checks"),
    ];
    for (event, change, reason) in cases {
        let mut push = payload::push("octo", "shop", SHA);
        change(&mut push);
        let (status, answer) = server.client.deliver(event, &push).await;
        assert_eq!((status, &answer["ok"], &answer["ignored"]), (StatusCode::ACCEPTED, &json!(true), &json!(true)));
        assert!(answer["reason"].as_str().unwrap().contains(reason), "{event}: {answer}");
    }
    let mut closed = payload::pull_request("octo", "shop", SHA);
    closed["action"] = json!("closed");
    let (status, _) = server.client.deliver("pull_request", &closed).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let (_, log) = server.client.get("/api/ci/deliveries").await;
    assert_eq!(log["deliveries"].as_array().unwrap().len(), cases.len() + 1);
    assert!(log["deliveries"].as_array().unwrap().iter().all(|line| line["outcome"] == json!("ignored")));
    assert_eq!(server.probe().await.number("select count(*) from ci_runs").await, 0);
    server.stop_and_check().await;
}

async fn variants_of_real_pushes_make_runs(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let cases: &[Changed] = &[
        ("a new branch", |push| {
            push["ref"] = json!("refs/heads/feature/eggs");
            push["before"] = json!("0".repeat(40));
            push["created"] = json!(true);
        }),
        ("a force push", |push| push["forced"] = json!(true)),
        ("an author without an account", |push| {
            push["head_commit"]["author"] = json!({ "name": "Nobody", "email": "n@example.com", "username": null });
        }),
        ("an organisation's repository without owner.name", |push| {
            push["repository"]["owner"] = json!({ "login": "octo", "id": 1, "type": "Organization" });
        }),
        ("an owner without login", |push| push["repository"]["owner"] = json!({ "name": "octo" })),
        ("no head commit", |push| push["head_commit"] = json!(null)),
        ("an emoji title", |push| push["head_commit"]["message"] = json!("🥚🥚🥚")),
        ("a SHA-256 repository", |push| push["after"] = json!("d".repeat(64))),
    ];
    for (n, (name, change)) in cases.iter().enumerate() {
        let mut push = payload::push("octo", "shop", &format!("{:040x}", n + 1));
        change(&mut push);
        let (status, answer) = server.client.deliver("push", &push).await;
        assert_eq!(status, StatusCode::OK, "{name}: {answer}");
    }
    server.stop_and_check().await;
}

async fn values_that_cannot_be_true_are_refused_with_400(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let cases: &[Changed] = &[
        ("commit_sha", |push| push["after"] = json!("main")),
        ("commit_sha", |push| push["after"] = json!("ABABABABABABABABABABABABABABABABABABABAB")),
        ("owner", |push| push["repository"]["owner"]["login"] = json!("../etc")),
        ("repo", |push| push["repository"]["name"] = json!("a/b")),
        ("ref", |push| push["ref"] = json!("refs/heads/a..b")),
        ("NUL", |push| push["head_commit"]["message"] = json!("a\u{0}b")),
        ("payload", |push| *push = json!([1, 2, 3])),
        ("payload", |push| push["after"] = json!(7)),
    ];
    for (word, change) in cases {
        let mut push = payload::push("octo", "shop", SHA);
        change(&mut push);
        let (status, answer) = server.client.deliver("push", &push).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{push}");
        assert!(answer["error"].as_str().unwrap().contains(word), "{word}: {answer}");
    }
    for body in [&b"{"[..], b"", b"\xef\xbb\xbf{}", b"\xff\xfe", &b"[".repeat(100_000)] {
        let response = server.client.deliver_raw("push", "d", SECRET, body.to_vec()).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }
    assert_eq!(server.probe().await.number("select count(*) from ci_deliveries").await, 0);
    server.stop_and_check().await;
}

async fn bodies_that_a_reserialiser_would_change_keep_their_signature(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let pretty = payload::PUSH.replace("2222222222222222222222222222222222222222", SHA);
    let odd = pretty
        .replace(
            "\"forced\": false",
            "\"forced\": false, \"x\": 1.0, \"big\": 123456789012345678901234567890, \"x\": 2e0",
        )
        .replace("Sell", "\\u0053ell 🥚");
    let response = server.client.deliver_raw("push", "d1", SECRET, odd.into_bytes()).await;
    let (status, answer) = answer(response).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let run = server.client.run(answer["run_id"].as_str().unwrap()).await;
    assert_eq!(run["title"], json!("Sell 🥚 by the dozen"));
    server.stop_and_check().await;
}

async fn a_form_delivery_is_verified_over_its_form_and_then_read(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let json = payload::push("octo", "shop", SHA).to_string();
    let form = serde_urlencoded::to_string([("payload", &json)]).unwrap();
    let deliver = |content_type: &'static str, body: String| {
        server
            .client
            .request("POST", "/api/webhooks/github")
            .header("Content-Type", content_type)
            .header("X-GitHub-Event", "push")
            .header("X-Hub-Signature-256", signature::sign(&Secret::new(SECRET), body.as_bytes()))
            .body(body)
            .send()
    };
    let (status, accepted) = answer(deliver("application/x-www-form-urlencoded", form).await.unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{accepted}");
    let refused = deliver("application/x-www-form-urlencoded", "a=b".into()).await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let refused = deliver("text/plain", json).await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    server.stop_and_check().await;
}

async fn both_secrets_are_believed_while_one_is_being_replaced(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("GITHUB_WEBHOOK_SECRET", "old secret, new secret").start().await;
    for (secret, status) in [("old secret", 200), ("new secret", 200), ("old secret, new secret", 401)] {
        let body = payload::push("octo", "shop", SHA).to_string().into_bytes();
        let response = server.client.deliver_raw("push", secret, secret, body).await;
        assert_eq!(response.status().as_u16(), status, "{secret}");
    }
    server.stop_and_check().await;
}

async fn without_a_secret_nothing_is_accepted(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("GITHUB_WEBHOOK_SECRET", "").start().await;
    let response = server.client.deliver_raw("ping", "d", "", b"{}".to_vec()).await;
    let (status, answer) = answer(response).await;
    assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("SECRET_NOT_SET")));
    server.stop_and_check().await;
}

async fn a_repeated_push_of_a_commit_answers_with_its_first_run(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let (_, first) = server.client.deliver("push", &payload::push("octo", "shop", SHA)).await;
    let (_, second) = server.client.deliver("push", &payload::push("OCTO", "Shop", SHA)).await;
    let (_, third) = server.client.deliver("pull_request", &payload::pull_request("octo", "shop", SHA)).await;
    for again in [second, third] {
        assert_eq!((&again["run_id"], &again["deduplicated"]), (&first["run_id"], &json!(true)));
    }
    let run = server.client.run(first["run_id"].as_str().unwrap()).await;
    assert_eq!(run["refs"].as_array().unwrap().len(), 2, "the pull request is attached to the push's run");
    server.stop_and_check().await;
}

async fn four_hundred_deliveries_of_twenty_commits_make_twenty_runs(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let connections: Vec<_> = (0..20)
        .map(|connection| {
            let client = server.client.clone();
            tokio::spawn(async move {
                let mut answers = Vec::new();
                for n in 0..20 {
                    let commit = (connection + n) % 20 + 1;
                    let push = payload::push("octo", "shop", &format!("{commit:040x}"));
                    answers.push((commit, client.deliver("push", &push).await));
                }
                answers
            })
        })
        .collect();
    let mut run_of = std::collections::BTreeMap::new();
    for connection in connections {
        for (commit, (status, answer)) in connection.await.unwrap() {
            assert_eq!(status, StatusCode::OK, "{answer}");
            let run_id = answer["run_id"].as_str().unwrap().to_owned();
            assert_eq!(run_of.entry(commit).or_insert(run_id.clone()), &run_id, "one commit, two runs");
        }
    }
    let mut probe = server.probe().await;
    assert_eq!(probe.number("select count(*) from ci_runs").await, 20);
    invariants::check_answered(&mut probe, &run_of.into_values().collect::<Vec<_>>()).await;
    server.stop_and_check().await;
}

async fn a_body_over_25_mib_is_refused_and_one_of_exactly_that_is_read(backend: Backend) {
    let Some(server) = server(backend).await else { return };
    let response = server.client.deliver_raw("ping", "d1", SECRET, vec![b' '; (25 << 20) + 1]).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let exact = payload::of_size(25 << 20);
    let response = server.client.deliver_raw("ping", "d2", SECRET, exact).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    server.stop_and_check().await;
}

async fn strangers_cannot_use_up_the_webhooks_limit(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_RATE_LIMIT_PER_MINUTE", "60").start().await;
    let mut limited = 0;
    for n in 0..100 {
        let response = server.client.deliver_raw("push", &n.to_string(), "wrong", b"{}".to_vec()).await;
        limited += usize::from(response.status() == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(limited > 50, "only {limited} of 100 wrong signatures were told to wait");
    // From the same address, as through one proxy.
    let (status, answer) = server.client.deliver("push", &payload::push("octo", "shop", SHA)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    server.stop_and_check().await;
}

async fn repositories_outside_the_allowlist_are_ignored(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.with("CI_REPO_ALLOWLIST", "octo/*, other/one").start().await;
    for (owner, repo, expected) in [("octo", "shop", 200), ("OTHER", "One", 200), ("other", "two", 202)] {
        let (status, _) = server.client.deliver("push", &payload::push(owner, repo, SHA)).await;
        assert_eq!(status.as_u16(), expected, "{owner}/{repo}");
    }
    server.stop_and_check().await;
}

on_both_databases! {
    a_delivery_without_a_right_signature_is_refused_and_leaves_no_row,
    a_push_creates_a_run_and_its_job,
    a_delivery_is_answered_without_any_analysis,
    a_pull_request_creates_a_run_of_its_head_in_the_base_repository,
    what_makes_no_run_is_answered_with_202_and_a_reason,
    variants_of_real_pushes_make_runs,
    values_that_cannot_be_true_are_refused_with_400,
    bodies_that_a_reserialiser_would_change_keep_their_signature,
    a_form_delivery_is_verified_over_its_form_and_then_read,
    both_secrets_are_believed_while_one_is_being_replaced,
    without_a_secret_nothing_is_accepted,
    a_repeated_push_of_a_commit_answers_with_its_first_run,
    four_hundred_deliveries_of_twenty_commits_make_twenty_runs,
    a_body_over_25_mib_is_refused_and_one_of_exactly_that_is_read,
    strangers_cannot_use_up_the_webhooks_limit,
    repositories_outside_the_allowlist_are_ignored,
}
