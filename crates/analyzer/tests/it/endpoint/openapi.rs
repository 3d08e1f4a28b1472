//! OpenAPI documents: when they state endpoints, and when they only confirm the code.

use crate::support::{endpoints, files, keys};

#[test]
fn a_document_alone_states_endpoints_where_the_tree_opens_a_port() {
    let mut files = files("endpoint/openapi");
    assert!(!endpoints(&files).facts.is_empty());
    files.retain(|(path, _)| path != "compose.yaml");
    let found = endpoints(&files);
    assert!(found.facts.is_empty() && !found.unresolved.is_empty(), "{found:?}");
}

#[test]
fn a_document_that_code_does_not_confirm_adds_no_endpoint() {
    let code = "use axum::{Router, routing::get};\n\
        fn main() { axum::serve(l, Router::new().route(\"/api/users/{user_id}\", get(x))); }\n";
    let api = "swagger: '2.0'\nbasePath: /api\npaths:\n  /users/{id}:\n    get:\n      responses: {}\n  \
        /gone:\n    get:\n      responses: {}\n";
    let found = endpoints(&[("src/main.rs", code), ("docs/swagger.yaml", api)]);
    assert_eq!(keys(&found), ["GET /api/users/{user_id}"]);
    let fact = &found.facts[0];
    assert_eq!(fact.attrs["framework"], "axum");
    let places: Vec<&str> = fact.evidence.iter().map(|at| at.path.as_str()).collect();
    assert_eq!(places, ["src/main.rs", "docs/swagger.yaml", "docs/swagger.yaml"]);
    assert_eq!(found.unresolved.len(), 1);
    assert!(found.unresolved[0].reason.contains("GET /api/gone"), "{}", found.unresolved[0].reason);
}

#[test]
fn a_document_from_which_a_client_is_made_adds_no_endpoint() {
    let api = "openapi: 3.1.0\npaths:\n  /users:\n    get: {}\n";
    let opens = ("Dockerfile", "FROM nginx\nEXPOSE 80\n");
    let client = ("package.json", "{\"scripts\": {\"api\": \"orval --input openapi.yaml\"}}\n");
    assert_eq!(keys(&endpoints(&[("openapi.yaml", api), opens])), ["GET /users"]);
    assert!(endpoints(&[("openapi.yaml", api), opens, client]).facts.is_empty());
    assert!(endpoints(&[("sdk/openapi.yaml", api), opens]).facts.is_empty());
}

#[test]
fn servers_of_a_document_a_path_and_an_operation_say_the_base() {
    let document = "openapi: 3.0.0\ninfo: {title: D, version: '1'}\nservers:\n  - url: //{env}.example.com/{base}/v1\n    \
        variables:\n      env: {default: api}\n      base: {default: public}\npaths:\n  /a:\n    get: {operationId: x.a}\n  \
        /b:\n    servers: [{url: /other/}]\n    get: {operationId: x.b}\n    put:\n      servers: [{url: https://files.example.com/up}]\n      \
        operationId: x.c\n";
    let app = "import connexion\napp = connexion.App(__name__, specification_dir='spec/')\napp.add_api('d.yaml')\n";
    let found = endpoints(&[("app.py", app), ("spec/d.yaml", document)]);
    assert_eq!(keys(&found), ["GET /other/b", "GET /public/v1/a", "PUT /up/b"]);
}

#[test]
fn a_server_that_a_build_makes_of_a_document_serves_it() {
    let api = "openapi: 3.1.0\npaths:\n  /users:\n    get: {}\n";
    let code = ("app.js", "const app = require('express')();\napp.get('/own', h);\napp.listen(80);\n");
    let served = |path: &str, build: &str| keys(&endpoints(&[("api/users.yaml", api), code, (path, build)])).len() == 2;
    let gradle = |name: &str| {
        format!("openApiGenerate {{\n  generatorName = \"{name}\"\n  inputSpec = \"$rootDir/api/users.yaml\"\n}}\n")
    };
    let maven = |name: &str, other: &str| {
        format!(
            "<project><executions><execution><inputSpec>api/users.yaml</inputSpec><generatorName>{name}</generatorName></execution>\
             <execution><inputSpec>other.yaml</inputSpec><generatorName>{other}</generatorName></execution></executions></project>"
        )
    };
    for (path, build) in [
        ("build.gradle", gradle("spring")),
        ("build.gradle.kts", gradle("kotlin-spring").replace(" = \"kotlin-spring\"", ".set(\"kotlin-spring\")")),
        ("pom.xml", maven("jaxrs-spec", "java")),
    ] {
        assert!(served(path, &build), "{build}");
    }
    for (path, build) in [
        ("build.gradle", gradle("java")),
        ("pom.xml", maven("jaxrs-cxf-client", "java")),
        ("pom.xml", maven("java", "spring")),
        ("build.gradle", gradle("spring").replace("inputSpec", "library = \"spring-cloud\"\n  inputSpec")),
    ] {
        assert!(!served(path, &build), "{build}");
    }
}
