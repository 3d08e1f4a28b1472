//! The API describes itself: each route is in the document, and each answer is as the document says.

use std::collections::BTreeSet;

use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::support::database::{Backend, on_both_databases};
use crate::support::described::{Answered, DOCUMENT, problem, routes};
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::Setting;

const SCHEMA: &[u8] = include_bytes!("../../crates/dossier/tests/schemas/openapi-3.1.schema.json");

fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

#[test]
fn each_route_is_described_by_its_handler_and_nothing_else_is() {
    let is_page = |handlers: &str| handlers.contains("assets::index") || handlers.contains("assets::asset)");
    let routes = routes().into_iter().filter(|(_, _, handlers)| !is_page(handlers));
    let described: BTreeSet<String> = operations()
        .map(|(method, path, operation)| format!("{path} {method}({})", operation["operationId"].as_str().unwrap()))
        .collect();
    let handler = |method: &str, handlers: &'static str| {
        let (_, handler) = handlers.split_once(&format!("{}(", method.to_lowercase())).unwrap();
        handler.split(')').next().unwrap().replace("::", "_")
    };
    let routes: BTreeSet<String> = routes
        .map(|(method, path, handlers)| format!("{path} {}({})", method.to_lowercase(), handler(&method, handlers)))
        .collect();
    let only = |one: &BTreeSet<_>, other| one.difference(other).cloned().collect::<Vec<_>>();
    assert_eq!((only(&routes, &described), only(&described, &routes)), (vec![], vec![]), "not described; not there");
}

#[test]
fn the_document_is_openapi_with_a_name_for_each_operation() {
    let schema: Value = serde_json::from_slice(SCHEMA).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let problems: Vec<String> =
        validator.iter_errors(&DOCUMENT).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        let mut schema = schema.clone();
        schema["components"] = DOCUMENT["components"].clone();
        assert!(jsonschema::draft202012::new(&schema).is_ok(), "{name} is no schema, or refers to none");
    }
    let names: BTreeSet<&str> =
        operations().map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), operations().count(), "{names:?}");
}

#[test]
fn an_answer_that_is_not_as_described_is_found_out() {
    let found = |path: &str, status: u16, media_type: &str, body: Value| {
        problem(&Answered { path, status, media_type, body: &body.to_string() }).unwrap_or_default()
    };
    let session = json!({ "ok": true, "signed_in": true, "expires_at": "2026-01-01T00:00:00.000Z" });
    let of = |changes: Value| {
        let mut answer = session.clone();
        changes.as_object().unwrap().iter().for_each(|(name, value)| answer[name] = value.clone());
        found("/api/ci/session", 200, "application/json", answer)
    };
    assert_eq!(of(json!({})), "");
    assert_eq!(of(json!({ "expires_at": null })), "");
    assert!(of(json!({ "colour": "red" })).contains("colour"), "{}", of(json!({ "colour": "red" })));
    for wrong in [json!({ "signed_in": "yes" }), json!({ "expires_at": "soon" }), json!({ "ok": false })] {
        assert!(!of(wrong.clone()).is_empty(), "{wrong}");
    }
    let lacking = json!({ "ok": true, "signed_in": false });
    assert!(found("/api/ci/session", 200, "application/json", lacking).contains("expires_at"));
    let page = json!({ "ok": true, "next": null, "runs": [{ "id": "1" }] });
    assert!(found("/api/ci/runs", 200, "application/json", page).contains("/runs/0"));
    let error = json!({ "ok": false, "error": "no", "code": "NO", "why": "no" });
    assert!(found("/api/ci/runs", 418, "application/json", error).contains("why"));
    assert!(found("/api/ci/health", 200, "text/html", json!("x")).contains("knows only"));
}

/// The answer's status, and what is wrong with it.
async fn looked_at(response: Response) -> (StatusCode, Option<String>) {
    let (status, path) = (response.status(), response.url().path().to_owned());
    let media_type = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
    let bytes = response.bytes().await.unwrap();
    let body = String::from_utf8_lossy(&bytes);
    (status, problem(&Answered { path: &path, status: status.as_u16(), media_type: &media_type, body: &body }))
}

async fn each_get_answers_as_the_document_says(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut shop = TestRepo::create(setting.git.root(), "octo", "shop");
    let first = shop.commit(EXPRESS_APP);
    let second = shop.commit(&[("more.js", "exports.key = process.env.STRIPE_KEY;\n")]);
    let pull = shop.commit_on("feature", &[("more.js", "exports.key = process.env.OTHER_KEY;\n")]);
    let server = setting.with("CI_API_TOKEN", "t0ken").start().await;
    let api = &server.client;
    let push = async |event: &str, payload: Value| {
        let (status, answer) = api.deliver(event, &payload).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        api.tick().await;
        answer["run_id"].as_str().unwrap().to_owned()
    };
    push("push", payload::push("octo", "shop", &first)).await;
    let run = push("push", payload::moved(&first, &second)).await;
    push("pull_request", payload::pull_request("octo", "shop", &pull)).await;
    let body = json!({ "owner": "octo", "repo": "shop", "environment": "production", "commit_sha": first });
    let deployed = api.request("POST", "/api/ci/deployments").bearer_auth("t0ken").json(&body).send().await.unwrap();
    assert_eq!(looked_at(deployed).await, (StatusCode::OK, None));

    let values =
        [("owner", "octo"), ("repo", "shop"), ("file", "shop.svg"), ("artifact", "dossier.json"), ("id", &run)];
    let asked = [
        ("base", "deployed:production"),
        ("head", "main"),
        ("kind", "env"),
        ("key", "STRIPE_KEY"),
        ("q", "env:"),
        ("of", "octo/shop"),
    ];
    let mut checked = 0;
    for (_, template, operation) in operations().filter(|(method, ..)| *method == "get") {
        let mut address =
            values.iter().fold(template.to_owned(), |to, (name, value)| to.replace(&format!("{{{name}}}"), value));
        let parameters = operation["parameters"].as_array().unwrap().iter();
        let needed = parameters.filter(|one| one["in"] == json!("query") && one["required"] == json!(true));
        for name in needed.map(|one| one["name"].as_str().unwrap()) {
            let (_, value) = values.iter().chain(&asked).find(|(known, _)| *known == name).unwrap();
            address.push_str(&format!("{}{name}={value}", if address.contains('?') { '&' } else { '?' }));
        }
        if template == "/api/ci/facts" {
            address.push_str("?kind=env");
        }
        let names: &[&str] = match template {
            _ if !address.contains("{name}") => &[""],
            _ if template.contains("/export/") => &["openapi.json", "env.example", "sbom.cdx.json", "facts.csv"],
            _ => &["DOSSIER.md"],
        };
        for name in names {
            let address = address.replace("{name}", name);
            let get = || api.request("GET", &address).bearer_auth("t0ken");
            let (status, problem) = looked_at(get().send().await.unwrap()).await;
            assert_eq!((status, problem), (StatusCode::OK, None), "{address}");
            checked += 1;
        }
        // What does not exist, or cannot be asked.
        let nil = "00000000-0000-0000-0000-000000000000";
        let mut wrong = address.replace(&run, nil).replace("shop", "nothing").replace("{name}", "nothing");
        wrong.push_str(if wrong.contains('?') { "&colour=red" } else { "?colour=red" });
        let (status, problem) = looked_at(api.request("GET", &wrong).send().await.unwrap()).await;
        assert_eq!(problem, None, "{status} {wrong}");
    }
    assert!(checked > 20, "{checked}");

    let served = api.request("GET", "/api/ci/openapi.json").send().await.unwrap();
    let tag = served.headers()[header::ETAG].clone();
    let text = served.text().await.unwrap();
    assert!(serde_json::from_str::<Value>(&text).unwrap() == *DOCUMENT, "ci-feed doctor --openapi > docs/openapi.json");
    let again = api.request("GET", "/api/ci/openapi.json").header(header::IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!((again.status(), again.text().await.unwrap()), (StatusCode::NOT_MODIFIED, String::new()));
    server.stop_and_check().await;
}

on_both_databases! {
    each_get_answers_as_the_document_says,
}
