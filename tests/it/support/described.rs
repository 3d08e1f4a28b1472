//! Whether an answer is as docs/openapi.json says: [`super::server::answer`] asks this of everything that any test is answered.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The document, read when it is needed: whoever writes it anew need not build the tests again.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
});

/// The schemas of the document, without room for members that it does not name.
static CLOSED: LazyLock<Value> = LazyLock::new(|| {
    let mut schemas = DOCUMENT["components"]["schemas"].clone();
    schemas.as_object_mut().unwrap().values_mut().for_each(close_members);
    schemas
});

/// Method, template and handlers of every route of the router.
pub(crate) fn routes() -> Vec<(String, String, &'static str)> {
    let source = include_str!("../../../src/http/mod.rs");
    let of = |rest: &'static str| {
        let (path, handler) = rest.split_once("\", ").unwrap();
        let line = handler.lines().next().unwrap();
        let methods = ["get", "post", "delete", "put", "patch"].into_iter();
        let methods = methods.filter(move |method| line.contains(&format!("{method}(")));
        methods.map(move |method| (method.to_uppercase(), path.to_owned(), line))
    };
    source.split(".route(\"").skip(1).flat_map(of).collect()
}

/// What an answer is told by: the method is not known of every answer.
pub(crate) struct Answered<'a> {
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) media_type: &'a str,
    pub(crate) body: &'a str,
}

/// The templates of the document that an address fits, those that name most of it first.
fn templates(path: &str) -> Vec<&'static str> {
    let fits = |template: &&String| {
        let (wanted, given): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        wanted.len() == given.len()
            && wanted.iter().zip(given).all(|(part, value)| part.starts_with('{') || *part == value)
    };
    let mut found: Vec<&str> = DOCUMENT["paths"].as_object().unwrap().keys().filter(fits).map(String::as_str).collect();
    found.sort_by_key(|template| template.matches('{').count());
    found
}

/// What is wrong with an answer; nothing where the document does not speak of its address.
pub(crate) fn problem(answered: &Answered<'_>) -> Option<String> {
    let template = *templates(answered.path).first()?;
    let operations = DOCUMENT["paths"][template].as_object().unwrap();
    let mut problems = operations.keys().map(|method| problem_of(template, method, answered));
    let first = problems.next().unwrap()?;
    if problems.any(|problem| problem.is_none()) { None } else { Some(first) }
}

fn problem_of(template: &str, method: &str, answered: &Answered<'_>) -> Option<String> {
    let Answered { path, status, media_type, body } = answered;
    let at = format!("{} {path}: {status} {media_type}", method.to_uppercase());
    let responses = &DOCUMENT["paths"][template][method]["responses"];
    let response = responses.get(status.to_string()).unwrap_or(&responses["default"]);
    let response = response["$ref"].as_str().map_or(response, |name| DOCUMENT.pointer(&name[1..]).unwrap());
    let content = response["content"].as_object().cloned().unwrap_or_default();
    if content.is_empty() {
        return (!body.is_empty()).then(|| format!("{at}: the document knows no content"));
    }
    let plain = media_type.split(';').next().unwrap();
    let known = content.iter().find(|(name, _)| name.split(';').next() == Some(plain));
    let Some((name, known)) = known.or_else(|| content.get_key_value("*/*")) else {
        return Some(format!("{at}: the document knows only {:?}", content.keys()));
    };
    let Ok(value) = serde_json::from_str(body) else {
        return name.ends_with("json").then(|| format!("{at}: not JSON: {body}"));
    };
    let validator = validator(&known["schema"]);
    let errors: Vec<String> =
        validator.iter_errors(&value).take(5).map(|error| format!("{}: {error}", error.instance_path())).collect();
    (!errors.is_empty()).then(|| format!("{at}: {}\n{body:.2000}", errors.join("\n")))
}

/// A schema of an answer, compiled once.
fn validator(schema: &Value) -> Arc<Validator> {
    static COMPILED: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().unwrap();
    let validator = compiled.entry(schema.to_string()).or_insert_with(|| {
        let mut schema = schema.clone();
        close(&mut schema);
        schema["components"] = json!({ "schemas": *CLOSED });
        Arc::new(jsonschema::options().should_validate_formats(true).build(&schema).unwrap())
    });
    Arc::clone(validator)
}

/// Let a schema of a value take no member that neither it nor its parts name.
fn close(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    let is_named = ["$ref", "properties", "allOf", "oneOf"].iter().any(|name| object.contains_key(*name));
    close_members(schema);
    if is_named {
        schema["unevaluatedProperties"] = json!(false);
    }
}

/// The same for its members; itself it may be a part of another.
fn close_members(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    for (name, value) in object {
        match name.as_str() {
            "properties" => value.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(close),
            "items" | "additionalProperties" => close(value),
            "allOf" | "oneOf" => value.as_array_mut().into_iter().flatten().for_each(close_members),
            _ => {}
        }
    }
}
