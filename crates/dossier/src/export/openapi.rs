//! OpenAPI 3.1: methods, paths and path parameters. Bodies and answers are not read, and the document says so.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{coverage, place, status, title, version};
use crate::fact::FactKind;
use crate::v1::{Dossier, Fact};

/// Methods that a path item may have.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];
/// Those by which a route for every method is written.
const ANY: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "PATCH"];
const GUARD: &str = "guard";

/// The document of a dossier.
pub(super) fn of(dossier: &Dossier) -> Value {
    let (mut paths, mut left_out, mut has_guard) = (Map::new(), 0, false);
    for fact in dossier.facts_of(FactKind::Endpoint) {
        let Some((methods, path)) = route(&fact.key) else {
            left_out += 1;
            continue;
        };
        has_guard |= fact.attr("guard") == Some("found");
        let item = paths.entry(path).or_insert_with(|| json!({}));
        for method in methods {
            // A method that is stated stands before one that stands for every method.
            let name = method.to_ascii_lowercase();
            if methods.len() == 1 || item.get(&name).is_none() {
                item[name] = operation(fact, path);
            }
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": title(dossier),
            "version": version(dossier),
            "description": "Made by ci-feed from source text; nothing was executed. Requests and answers are not described: they were not read. See x-ci-feed-coverage for what is not known.",
        },
        "paths": paths,
        "x-ci-feed-coverage": coverage(dossier, left_out),
    });
    if has_guard {
        document["components"] = json!({ "securitySchemes": { GUARD: {
            "type": "apiKey", "in": "header", "name": "Authorization",
            "description": "A guard stands in front of the handler; which credentials it wants was not read, this is a placeholder.",
        } } });
    }
    document
}

/// Methods and path of a key, if a path item can say it.
fn route(key: &str) -> Option<(&'static [&'static str], &str)> {
    let (method, path) = key.split_once(' ')?;
    let methods: &[&str] = match METHODS.iter().position(|known| *known == method) {
        Some(at) => &METHODS[at..=at],
        None if method == "ANY" => &ANY,
        None => return None,
    };
    let is_plain = path.starts_with('/') && !path.contains(['?', '#']) && names(path).is_some();
    is_plain.then_some((methods, path))
}

/// The parameters of a path, each once; `None` where a brace is not one of a pair.
fn names(path: &str) -> Option<BTreeSet<&str>> {
    let mut names = BTreeSet::new();
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, after) = behind.split_once('}')?;
        if before.contains('}') || name.is_empty() || name.contains('{') {
            return None;
        }
        names.insert(name);
        rest = after;
    }
    (!rest.contains('}')).then_some(names)
}

fn operation(fact: &Fact, path: &str) -> Value {
    let parameter = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": {} });
    let mut operation = json!({
        "responses": { "default": { "description": "not read" } },
        "x-ci-feed-status": status(fact),
        "x-ci-feed-evidence": place(fact),
    });
    let parameters: Vec<Value> = names(path).into_iter().flatten().map(parameter).collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if fact.attr("guard") == Some("found") {
        operation["security"] = json!([{ GUARD: [] }]);
    }
    if fact.key.starts_with("ANY ") {
        operation["x-ci-feed-any-method"] = true.into();
    }
    if let Some(handler) = fact.attr("handler") {
        operation["summary"] = handler.into();
    }
    operation
}
