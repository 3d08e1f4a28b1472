//! The main job with the built-in analyzer: what the stored dossier says is in the commit, byte for byte.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Setting, TestServer};

async fn artifact(server: &TestServer, run_id: &str, name: &str) -> Vec<u8> {
    let response =
        server.client.request("GET", &format!("/api/ci/runs/{run_id}/artifacts/{name}")).send().await.unwrap();
    assert_eq!(response.status(), 200, "{name}");
    response.bytes().await.unwrap().to_vec()
}

async fn a_pushed_commit_becomes_a_dossier_of_exactly_that_commit(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let first = repo.commit(EXPRESS_APP);
    let second =
        repo.commit(&[("routes/items.js", "const router = require('express').Router();\nmodule.exports = router;\n")]);
    let server = setting.start().await;
    let mut endpoints = Vec::new();
    for sha in [&first, &second] {
        let (_, accepted) = server.client.deliver("push", &payload::push("octo", "shop", sha)).await;
        let run_id = accepted["run_id"].as_str().unwrap().to_owned();
        let tick = server.client.tick().await;
        assert_eq!(tick["status"], json!("SUCCEEDED"), "{tick}");
        let run = server.client.run(&run_id).await;
        let dossier: Value = serde_json::from_slice(&artifact(&server, &run_id, "dossier.json").await).unwrap();
        assert_eq!(dossier["subject"]["sha"], json!(sha));
        let facts = dossier["facts"].as_array().unwrap();
        let keys = |kind: &str| -> Vec<String> {
            let of_kind = facts.iter().filter(|fact| fact["kind"] == json!(kind));
            of_kind.map(|fact| fact["key"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(keys("env_var"), ["DATABASE_URL", "PORT"]);
        assert_eq!(run["summary_json"]["facts"]["endpoint"].as_u64().unwrap_or(0) as usize, keys("endpoint").len());
        let contradicted: Vec<_> = dossier["claims"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|claim| claim["verdict"] == json!("CONTRADICTED"))
            .map(|claim| claim["text"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(contradicted, ["npm run serve"]);
        check_manifest(&server, &run_id).await;
        endpoints.push(keys("endpoint"));
    }
    assert_eq!(endpoints, [vec!["GET /api/items/{id}".to_owned(), "POST /api/items".to_owned()], vec![]]);
    server.stop_and_check().await;
}

/// The manifest lists the other files with their true size and hash.
async fn check_manifest(server: &TestServer, run_id: &str) {
    let manifest: Value = serde_json::from_slice(&artifact(server, run_id, "manifest.json").await).unwrap();
    let files = manifest["files"].as_array().unwrap();
    assert!(files.len() >= 3, "{manifest}");
    for file in files {
        let bytes = artifact(server, run_id, file["name"].as_str().unwrap()).await;
        assert_eq!(file["bytes"], json!(bytes.len()));
        assert_eq!(file["sha256"], json!(hex::encode(Sha256::digest(&bytes))));
    }
}

async fn the_same_commit_gives_the_same_bytes_again_on_any_branch(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(EXPRESS_APP);
    let server = setting.start().await;
    let mut dossiers = Vec::new();
    for branch in ["main", "release"] {
        let mut push = payload::push("octo", "shop", &sha);
        push["ref"] = json!(format!("refs/heads/{branch}"));
        let (_, accepted) = server.client.deliver("push", &push).await;
        assert_eq!(accepted["deduplicated"], json!(false));
        let run_id = accepted["run_id"].as_str().unwrap().to_owned();
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
        // As if the window had passed.
        server.probe().await.execute("delete from ci_dedupe").await;
        let mut bytes = Vec::new();
        for name in ["dossier.json", "DOSSIER.md", "summary.json", "manifest.json"] {
            bytes.push(artifact(&server, &run_id, name).await);
        }
        dossiers.push(bytes);
    }
    assert_eq!(dossiers[0], dossiers[1]);
    server.probe().await.execute("update ci_runs set event_type = 'manual' where ref = 'release'").await;
    server.stop_and_check().await;
}

on_both_databases! {
    a_pushed_commit_becomes_a_dossier_of_exactly_that_commit,
    the_same_commit_gives_the_same_bytes_again_on_any_branch,
}
