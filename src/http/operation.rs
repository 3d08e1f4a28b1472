//! What a handler takes and answers, read from its signature: what is described cannot differ from what is done. Only of a
//! handler that answers a bare `Response` has to be said what that holds.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};

use super::answer::{Answer, Tagged};
use super::budget::Share;
use super::error::ApiError;
use super::extract::{Json, MayRead, MayWrite, Path, Query, SameSite};

pub(super) const JSON: &str = "application/json";

/// One method of one address, as OpenAPI describes it.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    parameters: Vec<Value>,
    responses: Map<String, Value>,
    rest: Map<String, Value>,
    /// What it refers to, by name.
    schemas: Vec<(String, Value)>,
}

impl Operation {
    /// What this handler does.
    pub(super) fn of<A, H: Handler<A>>(method: &'static str, path: &'static str, handler: &H, summary: &str) -> Self {
        let (parameters, responses, rest) = (in_path(path), Map::new(), Map::new());
        let mut operation = Self { method, path, parameters, responses, rest, schemas: Vec::new() };
        operation.rest.insert("summary".into(), summary.into());
        operation.rest.insert("operationId".into(), name_of(handler).into());
        operation.responses.insert("default".into(), json!({ "$ref": "#/components/responses/Error" }));
        if method == "get" {
            operation.responses.insert("304".into(), json!({ "$ref": "#/components/responses/NotModified" }));
        }
        H::describe(&mut operation);
        operation
    }

    /// Headers that it needs.
    pub(super) fn with_headers(mut self, names: &[&str]) -> Self {
        let text = json!({ "type": "string" });
        let header = |name: &&str| json!({ "name": name, "in": "header", "required": true, "schema": text });
        self.parameters.extend(names.iter().map(header));
        self
    }

    /// A body that others describe.
    pub(super) fn with_body(mut self, media_types: &[&str]) -> Self {
        self.takes(media_types, &json!({ "type": "object" }));
        self
    }

    /// `"ok":true` and the fields of `T`.
    pub(super) fn with<T: ToSchema>(mut self, status: StatusCode) -> Self {
        self.succeeds::<T>(status);
        self
    }

    /// A file, or what others describe.
    pub(super) fn with_file(mut self, status: StatusCode, media_types: &[&str]) -> Self {
        self.answers(status, media_types, &json!({}));
        self
    }

    /// OpenAPI's object, and the schemas that it refers to.
    pub(super) fn into_parts(mut self) -> (Value, Vec<(String, Value)>) {
        self.rest.insert("parameters".into(), self.parameters.into());
        self.rest.insert("responses".into(), self.responses.into());
        (self.rest.into(), self.schemas)
    }

    fn takes(&mut self, media_types: &[&str], schema: &Value) {
        self.rest.insert("requestBody".into(), json!({ "required": true, "content": content(media_types, schema) }));
    }

    fn succeeds<T: ToSchema>(&mut self, status: StatusCode) {
        let ok = json!({ "type": "object", "required": ["ok"], "properties": { "ok": { "const": true } } });
        let answer = self.refer::<T>(always_there);
        self.answers(status, &[JSON], &json!({ "allOf": [answer, ok] }));
    }

    fn answers(&mut self, status: StatusCode, media_types: &[&str], schema: &Value) {
        let description = status.canonical_reason().unwrap_or_default();
        let response = json!({ "description": description, "content": content(media_types, schema) });
        self.responses.insert(status.as_str().to_owned(), response);
    }

    fn is_for(&mut self, schemes: Value) {
        self.rest.insert("security".into(), schemes);
    }

    fn refer<T: ToSchema>(&mut self, form: fn(Value) -> Value) -> Value {
        let (name, mut found) = (T::name().into_owned(), Vec::new());
        T::schemas(&mut found);
        found.push((name.clone(), T::schema()));
        let found = found.into_iter().map(|(name, schema)| (name, form(json!(schema))));
        self.schemas.extend(found);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}

fn content(media_types: &[&str], schema: &Value) -> Value {
    media_types
        .iter()
        .map(|media_type| ((*media_type).to_owned(), json!({ "schema": schema })))
        .collect::<Map<_, _>>()
        .into()
}

/// The parameters of a template; an `{id}` is that of a run.
fn in_path(template: &str) -> Vec<Value> {
    let names = template.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let schema = |name| match name {
        "id" => json!({ "type": "string", "format": "uuid" }),
        _ => json!({ "type": "string" }),
    };
    names.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": schema(name) })).collect()
}

/// The module and the name of a function.
fn name_of<H>(_: &H) -> String {
    let name = std::any::type_name::<H>();
    let mut parts = name.rsplit("::");
    let (function, module) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    format!("{module}_{function}")
}

/// What may be null in an answer stands there all the same.
fn always_there(mut schema: Value) -> Value {
    require_nullable(&mut schema);
    schema
}

fn require_nullable(schema: &mut Value) {
    if let Some(forms) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        return forms.iter_mut().for_each(require_nullable);
    }
    // An object's own members stand behind what is flattened into it.
    if let Some(own) = schema.get_mut("allOf").and_then(Value::as_array_mut).and_then(|parts| parts.last_mut()) {
        return require_nullable(own);
    }
    let null = json!("null");
    let is_null =
        |schema: &Value| schema["type"] == null || schema["type"].as_array().is_some_and(|of| of.contains(&null));
    let may_be_null =
        |schema: &Value| is_null(schema) || schema["oneOf"].as_array().is_some_and(|of| of.iter().any(is_null));
    let members = schema["properties"].as_object().into_iter().flatten();
    let names: Vec<Value> = members.filter(|(_, member)| may_be_null(member)).map(|(name, _)| json!(name)).collect();
    match schema.get_mut("required").and_then(Value::as_array_mut) {
        Some(required) => required.extend(names),
        None if names.is_empty() => {}
        None => schema["required"] = names.into(),
    }
}

/// A handler, by what it takes.
pub(super) trait Handler<A> {
    fn describe(operation: &mut Operation);
}

/// What a handler takes.
pub(super) trait Takes {
    fn describe(_: &mut Operation) {}
}

/// What a handler answers.
pub(super) trait Gives {
    fn describe(_: &mut Operation) {}
}

macro_rules! handlers {
    ($(($($argument:ident),*)),+) => {$(
        impl<H, F, $($argument),*> Handler<($($argument,)*)> for H
        where
            H: Fn($($argument),*) -> F,
            F: Future<Output: Gives>,
            $($argument: Takes),*
        {
            fn describe(operation: &mut Operation) {
                $($argument::describe(operation);)*
                <F::Output as Gives>::describe(operation);
            }
        }
    )+};
}
handlers!((), (A), (A, B), (A, B, C), (A, B, C, D), (A, B, C, D, E));

impl<S> Takes for State<S> {}
impl Takes for ConnectInfo<SocketAddr> {}
impl Takes for HeaderMap {}
impl Takes for SameSite {}
impl Takes for Body {}
impl Takes for Request {}
/// The template says it.
impl<T> Takes for Path<T> {}

impl Takes for MayRead {
    fn describe(operation: &mut Operation) {
        operation.is_for(json!([{}, { "token": [] }, { "session": [] }]));
    }
}

impl Takes for MayWrite {
    fn describe(operation: &mut Operation) {
        operation.is_for(json!([{ "token": [] }, { "session": [] }]));
    }
}

impl<T: IntoParams> Takes for Query<T> {
    fn describe(operation: &mut Operation) {
        let parameters = T::into_params(|| Some(ParameterIn::Query));
        operation.parameters.extend(parameters.into_iter().map(|parameter| json!(parameter)));
    }
}

impl<T: ToSchema> Takes for Json<T> {
    fn describe(operation: &mut Operation) {
        let body = operation.refer::<T>(std::convert::identity);
        operation.takes(&[JSON], &body);
    }
}

impl Gives for Response {}

impl<T: Gives> Gives for Result<T, ApiError> {
    fn describe(operation: &mut Operation) {
        T::describe(operation);
    }
}

impl<T: ToSchema> Gives for Answer<T> {
    fn describe(operation: &mut Operation) {
        operation.succeeds::<T>(StatusCode::OK);
    }
}

impl<T: ToSchema> Gives for (Extension<Arc<Share>>, Answer<T>) {
    fn describe(operation: &mut Operation) {
        operation.succeeds::<T>(StatusCode::OK);
    }
}

/// Health, whose `ok` is its own.
impl<T: ToSchema> Gives for Tagged<T> {
    fn describe(operation: &mut Operation) {
        let answer = operation.refer::<T>(always_there);
        for status in [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE] {
            operation.answers(status, &[JSON], &answer);
        }
    }
}
