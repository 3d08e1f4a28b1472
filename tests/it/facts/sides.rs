//! Any two commits, by whatever they are called; what runs where; and one box for what a person has in hand.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Feed, reads};
use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::server::answer;

const OF_SHOP: &str = "/api/ci/compare?owner=octo&repo=shop";

fn added(answer: &Value) -> Vec<&str> {
    answer["drift"]["facts"]["added"].as_array().unwrap().iter().map(|fact| fact["key"].as_str().unwrap()).collect()
}

async fn two_sides_are_compared_by_whatever_they_are_called(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let first = feed.shop.commit(&[("a.js", &reads(&["ALPHA"]))]);
    let second = feed.shop.commit(&[("a.js", &reads(&["ALPHA", "BETA"]))]);
    let topic = feed.shop.commit_on("topic", &[("a.js", &reads(&["ALPHA", "BETA", "GAMMA"]))]);
    let fork = feed.shop.commit_on("feature", &[("a.js", &reads(&["ALPHA", "PULL"]))]);
    let run = feed.push("shop", &first).await;
    feed.push("shop", &second).await;
    feed.deliver("push", &payload::push_to("topic", "octo", "shop", &topic)).await;
    let pull = payload::pull_request("octo", "shop", &fork);
    feed.deliver("pull_request", &pull).await;
    let deploy = async |body: Value, token: bool| {
        let request = feed.server.client.request("POST", "/api/ci/deployments").json(&body);
        let request = if token { request.bearer_auth("t0ken") } else { request };
        answer(request.send().await.unwrap()).await
    };
    let body = json!({ "owner": "octo", "repo": "Shop", "environment": "production", "commit_sha": first });
    assert_eq!(deploy(body.clone(), false).await.0, StatusCode::UNAUTHORIZED);
    let (status, deployed) = deploy(body.clone(), true).await;
    assert_eq!(status, StatusCode::OK, "{deployed}");
    assert_eq!([&deployed["run_id"], &deployed["environment"]], [&json!(run), &json!("production")]);
    let listed = feed.ok("/api/ci/deployments?owner=octo&repo=shop").await;
    assert_eq!(listed["deployments"][0]["commit_sha"], json!(first), "{listed}");

    let pull = format!("%23{}", pull["number"]);
    for (base, head, expected) in [
        (&*run, "main", vec!["BETA"]),
        (&first[..9], &*second, vec!["BETA"]),
        ("deployed:production", "main", vec!["BETA"]),
        ("main", "topic", vec!["GAMMA"]),
        ("branch:topic", "branch:topic", vec![]),
        ("deployed:production", &pull, vec!["PULL"]),
    ] {
        let answer = feed.ok(&format!("{OF_SHOP}&base={base}&head={head}")).await;
        assert_eq!(added(&answer), expected, "{base} {head}: {answer}");
        assert_eq!(answer["drift"]["base"]["subject"]["sha"], answer["base"]["commit_sha"]);
        assert_eq!(answer["head"]["is_behind"], json!(false));
    }
    // A commit of which nobody made a dossier yet stands there.
    feed.server.client.deliver("push", &payload::moved(&second, &"7".repeat(40))).await;
    let behind = feed.ok(&format!("{OF_SHOP}&base={first}&head=main")).await;
    assert_eq!((&behind["head"]["is_behind"], &behind["head"]["commit_sha"]), (&json!(true), &json!(second)));

    let nowhere = "9".repeat(40);
    let nil = "00000000-0000-0000-0000-000000000000";
    for (side, status, code, says) in [
        (&*nowhere, 404, "NO_DOSSIER", "ci-feed enqueue octo/shop --sha 9999"),
        (nil, 404, "NO_DOSSIER", "no dossier of run 00000000"),
        ("%2399", 404, "NO_DOSSIER", "pull request 99"),
        ("nowhere", 404, "NOT_FOUND", "this branch"),
        ("deployed:moon", 400, "INVALID_REQUEST", "\"production\""),
    ] {
        let (found, named, error) = feed.refused(&format!("{OF_SHOP}&base={side}&head=main")).await;
        assert_eq!((found, &*named), (status, code), "{side}: {error}");
        assert!(error.contains(says), "{side}: {error}");
    }
    for (change, status) in [
        (json!({ "environment": " " }), 400),
        (json!({ "environment": "a\u{0}b" }), 400),
        (json!({ "commit_sha": "abc" }), 400),
        (json!({ "repo": "nothing" }), 404),
        (json!({ "colour": "red" }), 400),
    ] {
        let mut wrong = body.clone();
        change.as_object().unwrap().iter().for_each(|(name, value)| wrong[name] = value.clone());
        let (found, answer) = deploy(wrong, true).await;
        assert_eq!(found.as_u16(), status, "{answer}");
    }
    assert_eq!(feed.refused("/api/ci/compare?owner=octo&repo=nothing&base=a&head=b").await.0, 404);
    assert_eq!(feed.refused("/api/ci/deployments?owner=octo&repo=nothing").await.0, 404);
    feed.server.stop_and_check().await;
}

async fn one_box_finds_whatever_a_person_has_in_hand(backend: Backend) {
    let Some(mut feed) = Feed::new(backend).await else { return };
    let sha = feed.shop.commit(super::super::support::repo::EXPRESS_APP);
    let mut push = payload::push("octo", "shop", &sha);
    push["head_commit"]["message"] = json!("Sell eggs 100% by the dozen");
    let run = feed.deliver("push", &push).await;
    let delivery =
        feed.trusted("/api/ci/deliveries").await["deliveries"][0]["delivery_id"].as_str().unwrap().to_owned();
    let find = async |q: &str| feed.ok(&format!("/api/ci/search?q={q}")).await;
    for q in [&sha[..8], &*run, "eGGs", "100%25"] {
        let found = find(q).await;
        assert_eq!(found["runs"][0]["id"], json!(run), "{q}: {found}");
        assert_eq!((found["runs"].as_array().unwrap().len(), &found["truncated"]), (1, &json!(false)), "{q}: {found}");
    }
    assert_eq!(find("100_").await["runs"], json!([]));
    for q in ["SHO", "octo/sh"] {
        assert_eq!(find(q).await["repositories"], json!([{ "repo_owner": "octo", "repo_name": "shop" }]), "{q}");
    }
    assert_eq!(find("main").await["branches"][0]["run_id"], json!(run));
    for (q, key) in [
        ("env:database", "DATABASE_URL"),
        ("DATABASE_U", "DATABASE_URL"),
        ("endpoint:/api/items/", "GET /api/items/{id}"),
        ("/api/items/", "GET /api/items/{id}"),
        ("dep:express", "npm:express (runtime) package.json"),
    ] {
        let found = find(q).await;
        assert_eq!(found["facts"][0]["key"], json!(key), "{q}: {found}");
    }
    assert_eq!(find(&delivery).await["deliveries"], json!([]), "the log names what is private");
    let found = feed.trusted(&format!("/api/ci/search?q={delivery}")).await;
    assert_eq!(found["deliveries"][0]["run_id"], json!(run), "{found}");
    feed.server.stop_and_check().await;
}

on_both_databases! {
    two_sides_are_compared_by_whatever_they_are_called,
    one_box_finds_whatever_a_person_has_in_hand,
}
