//! Rust's frameworks and what Rust programs read and store; OpenAPI documents.

use ci_feed_analyzer::extract::{env_var, table};
use ci_feed_analyzer::fact::Found;
use ci_feed_analyzer::tree::corpus::Corpus;
use ci_feed_analyzer::tree::file::{PathClass, SourceFile};

use super::support::{corpus, endpoints, files, ports, shown};

fn keys(found: &Found) -> Vec<&str> {
    let mut keys: Vec<&str> = found.facts.iter().map(|fact| fact.key.as_str()).collect();
    keys.sort_unstable();
    keys
}

fn of(files: &[(&str, &str)]) -> Corpus {
    corpus(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).into())).collect())
}

#[test]
fn actix_endpoints_have_every_scope_above_them() {
    let found = endpoints(&corpus(files("endpoint/actix")));
    insta::assert_snapshot!("actix", shown(&found));
}

#[test]
fn rocket_endpoints_are_where_their_routes_are_mounted() {
    let found = endpoints(&corpus(files("endpoint/rocket")));
    insta::assert_snapshot!("rocket", shown(&found));
}

#[test]
fn warp_endpoints_are_the_filters_that_are_served() {
    let found = endpoints(&corpus(files("endpoint/warp")));
    insta::assert_snapshot!("warp", shown(&found));
}

#[test]
fn rust_settings_say_their_variables_and_ports() {
    let corpus = corpus(files("settings/rust"));
    let mut found = env_var::extract(&corpus);
    found.merge(ports(&corpus));
    insta::assert_snapshot!("rust_settings", shown(&found));
}

#[test]
fn rust_schemas_entities_and_migrations_say_their_tables() {
    let found = table::extract(&corpus(files("table/rust")));
    insta::assert_snapshot!("rust_tables", shown(&found));
}

#[test]
fn a_schema_file_that_diesel_marks_as_generated_is_read() {
    let schema = |mark: &str| {
        let text =
            format!("// @generated {mark}.\ndiesel::table! {{\n    users (id) {{\n        id -> Int4,\n    }}\n}}\n");
        let file = SourceFile::new("src/schema.rs".to_owned(), PathClass::Generated, String::new(), text.into());
        table::extract(&Corpus::new(vec![file]))
    };
    assert_eq!(keys(&schema("automatically by Diesel CLI")), ["users"]);
    assert!(schema("by somebody else").facts.is_empty());
}

#[test]
fn a_document_alone_states_endpoints_where_the_tree_opens_a_port() {
    let found = endpoints(&corpus(files("endpoint/openapi")));
    insta::assert_snapshot!("openapi", shown(&found));
    let without = files("endpoint/openapi").into_iter().filter(|(path, _)| path != "compose.yaml").collect();
    let found = endpoints(&corpus(without));
    assert!(found.facts.is_empty() && !found.unresolved.is_empty(), "{}", shown(&found));
}

#[test]
fn a_document_that_code_does_not_confirm_adds_no_endpoint() {
    let code = "use axum::{Router, routing::get};\n\
        fn main() { axum::serve(l, Router::new().route(\"/api/users/{user_id}\", get(x))); }\n";
    let api = "swagger: '2.0'\nbasePath: /api\npaths:\n  /users/{id}:\n    get:\n      responses: {}\n  \
        /gone:\n    get:\n      responses: {}\n";
    let found = endpoints(&of(&[("src/main.rs", code), ("docs/swagger.yaml", api)]));
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
    assert_eq!(keys(&endpoints(&of(&[("openapi.yaml", api), opens]))), ["GET /users"]);
    assert!(endpoints(&of(&[("openapi.yaml", api), opens, client])).facts.is_empty());
    assert!(endpoints(&of(&[("sdk/openapi.yaml", api), opens])).facts.is_empty());
}

#[test]
fn modules_that_import_from_each_other_end() {
    let main =
        "mod a;\nmod b;\nuse a::*;\nuse b::go;\nfn main() { actix_web::App::new().configure(go).configure(gone); }\n";
    let a = "pub use super::b::*;\npub use super::b::gone;\n";
    let b = "pub use super::a::*;\npub use super::a::gone;\n\
        pub fn go(cfg: &mut ServiceConfig) { cfg.route(\"/x\", actix_web::web::get().to(h)); }\n";
    let found = endpoints(&of(&[("src/main.rs", main), ("src/a.rs", a), ("src/b.rs", b)]));
    assert_eq!(keys(&found), ["GET /x"]);
}
