//! `GET /api/ci/openapi.json`: what the API takes and answers, as OpenAPI 3.1, made of the handlers and their types.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use ci_feed_dossier::export::Export;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use utoipa::PartialSchema as _;

use super::error::ErrorBody;
use super::operation::{Handler, JSON, Operation};
use super::{
    artifacts, assets, badge, compare, cookie, deletion, deployments, drift, enqueue, export, facts, health, mcp,
    reconcile, run_dossier, run_facts, runs, search, session, statements, tick, trend, trends, webhook,
};
use crate::store::Enqueued;
use crate::worker::Deleted;

const DESCRIPTION: &str = "Facts of repositories, read from their source text at each push, and the queue that makes them. \
docs/api.md says more, and what each error code means. Private repositories are there for holders of the API token only. On \
a server that is bound to a loopback address and has no CI_API_TOKEN, nothing needs the token.";

/// Flattened into answers that may be without them.
const MAY_BE_ABSENT: [&str; 2] = ["Queue", "Fault"];

static TEXT: LazyLock<(Bytes, HeaderValue)> = LazyLock::new(|| {
    let text = document().to_string();
    let tag = format!("W/\"{}\"", &hex::encode(Sha256::digest(&text))[..32]);
    (text.into(), HeaderValue::from_str(&tag).expect("hex digits"))
});

pub(super) async fn show() -> Response {
    let (text, tag) = &*TEXT;
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(JSON)), (header::ETAG, tag.clone())];
    (headers, text.clone()).into_response()
}

/// The document.
pub(crate) fn document() -> Value {
    let (mut paths, mut schemas) = (BTreeMap::<_, Map<_, _>>::new(), BTreeMap::new());
    for operation in operations() {
        let (method, path) = (operation.method, operation.path);
        let (described, referred) = operation.into_parts();
        paths.entry(path).or_default().insert(method.to_owned(), described);
        for (name, schema) in referred {
            let before = schemas.insert(name.clone(), schema.clone());
            assert!(before.is_none_or(|before| before == schema), "two types are called {name}");
        }
    }
    for name in MAY_BE_ABSENT {
        schemas
            .entry(name.to_owned())
            .and_modify(|schema| drop(schema.as_object_mut().map(|it| it.remove("required"))));
    }
    schemas.insert("Error".to_owned(), json!(ErrorBody::schema()));
    let error = json!({ "schema": { "$ref": "#/components/schemas/Error" } });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ci-feed",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Error": { "description": "Whatever is not a success", "content": { "application/json": error } },
                "NotModified": { "description": "The caller has it: If-None-Match was its ETag" },
            },
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "CI_API_TOKEN" },
                "session": { "type": "apiKey", "in": "cookie", "name": cookie::NAME, "description": "Of a browser" },
            },
        },
    })
}

/// Every operation, in the order of docs/api.md.
fn operations() -> Vec<Operation> {
    queue().into_iter().chain(dossiers()).chain(questions()).chain(repositories()).chain(server()).collect()
}

fn get<A, H: Handler<A>>(path: &'static str, handler: H, summary: &str) -> Operation {
    Operation::of("get", path, &handler, summary)
}

fn post<A, H: Handler<A>>(path: &'static str, handler: H, summary: &str) -> Operation {
    Operation::of("post", path, &handler, summary)
}

fn delete<A, H: Handler<A>>(path: &'static str, handler: H, summary: &str) -> Operation {
    Operation::of("delete", path, &handler, summary)
}

fn queue() -> Vec<Operation> {
    vec![
        post("/api/webhooks/github", webhook::github, "Take a delivery of GitHub; 202: it makes no run")
            .with_headers(&["X-GitHub-Event", "X-GitHub-Delivery", "X-Hub-Signature-256"])
            .with_body(&[JSON, "application/x-www-form-urlencoded"])
            .with::<Enqueued>(StatusCode::OK)
            .with::<webhook::Ignored>(StatusCode::ACCEPTED),
        post("/api/ci/worker/tick", tick::tick, "Work on one job at most"),
        post("/api/ci/enqueue", enqueue::enqueue, "Ask for a run"),
        post("/api/ci/runs/{id}/retry", enqueue::retry, "Ask for a new run of the same commit"),
        post("/api/ci/runs/{id}/cancel", enqueue::cancel, "Give up a run that waits"),
        post("/api/ci/reconcile", reconcile::reconcile, "Make runs of what no webhook announced"),
    ]
}

fn dossiers() -> Vec<Operation> {
    vec![
        get("/api/ci/runs", runs::list, "Runs, newest first"),
        get("/api/ci/runs/{id}", runs::show, "One run with everything that explains it"),
        get("/api/ci/runs/{id}/artifacts", artifacts::list, "The files of its dossier"),
        get("/api/ci/runs/{id}/artifacts.zip", artifacts::zip, "All of them")
            .with_file(StatusCode::OK, &["application/zip"]),
        get("/api/ci/runs/{id}/artifacts/{name}", artifacts::show, "One of them").with_file(StatusCode::OK, &["*/*"]),
        get("/api/ci/runs/{id}/artifacts/{name}/html", artifacts::html, "A Markdown file as a sanitised fragment")
            .with_file(StatusCode::OK, &["text/html"]),
        get("/api/ci/runs/{id}/drift", drift::show, "What its commit changed").with::<drift::RunDrift>(StatusCode::OK),
        get("/api/ci/runs/{id}/dossier", run_dossier::show, "What its dossier says beside facts, claims and findings"),
        get("/api/ci/runs/{id}/facts", run_facts::list, "The facts of its dossier, in pages"),
        get("/api/ci/runs/{id}/claims", statements::claims, "The claims of its dossier, in pages"),
        get("/api/ci/runs/{id}/findings", statements::findings, "The findings of its dossier, in pages"),
        get("/api/ci/runs/{id}/export/{name}", export::show, "Its dossier in the forms of others")
            .with_file(StatusCode::OK, &Export::ALL.map(|(_, export)| export.media_type())),
    ]
}

fn questions() -> Vec<Operation> {
    vec![
        get("/api/ci/facts", facts::list, "Which repositories state a fact"),
        get("/api/ci/facts/history", facts::history, "Since when a repository does"),
        get("/api/ci/compare", compare::show, "What differs between two commits")
            .with::<compare::Comparison<'_>>(StatusCode::OK),
        get("/api/ci/deployments", deployments::list, "What runs where"),
        post("/api/ci/deployments", deployments::deploy, "Say that a commit runs in an environment"),
        get("/api/ci/search", search::search, "One box"),
        post("/mcp", mcp::call, "The same questions for agents, over the Model Context Protocol; 202: a notice")
            .with_body(&[JSON])
            .with_file(StatusCode::OK, &[JSON])
            .with_file(StatusCode::ACCEPTED, &[])
            .with_file(StatusCode::BAD_REQUEST, &[JSON]),
        get("/llms.txt", assets::for_agents, "The addresses for agents").with_file(StatusCode::OK, &["text/plain"]),
    ]
}

fn repositories() -> Vec<Operation> {
    vec![
        get("/api/ci/repos", runs::repos, "Repositories, latest activity first"),
        get("/api/ci/repos/trends", trends::show, "The newest runs of some default branches, oldest first"),
        delete("/api/ci/repos/{owner}/{repo}", deletion::delete, "Delete what is known of one; 202: not all of it yet")
            .with::<Deleted>(StatusCode::OK)
            .with::<Deleted>(StatusCode::ACCEPTED),
        get("/api/ci/repos/{owner}/{repo}/trend", trend::trend, "The finished runs of a branch, oldest first"),
        get(
            "/r/{owner}/{repo}/latest/{artifact}",
            trend::latest,
            "A file of a branch's dossier; 202: a newer run is under way",
        )
        .with_file(StatusCode::OK, &["*/*"])
        .with_file(StatusCode::ACCEPTED, &["*/*"]),
        get("/badge/{owner}/{file}", badge::show, "An image for a README, at REPO.svg")
            .with_file(StatusCode::OK, &["image/svg+xml"]),
    ]
}

fn server() -> Vec<Operation> {
    let signed = |operation: Operation| operation.with::<session::SessionState>(StatusCode::OK);
    vec![
        get("/api/ci/deliveries", runs::deliveries, "The webhook log"),
        get("/api/ci/session", session::show, "Whether this browser is signed in"),
        signed(post("/api/ci/session", session::start, "Sign a browser in")),
        signed(delete("/api/ci/session", session::end, "Sign it out")),
        get("/api/ci/health", health::health, "Whether the feed works, and why it does not"),
        get("/api/ci/openapi.json", show, "This document").with_file(StatusCode::OK, &[JSON]),
    ]
}
