//! One snapshot for each fixture; the first line of the fixture's main file says what it must hold.

use ci_feed::analyzer::extract::{endpoint, env_var, port};
use ci_feed::analyzer::fact::Found;

use super::support::{corpus, files, shown};

fn keys(found: &Found) -> Vec<&str> {
    found.facts.iter().map(|fact| fact.key.as_str()).collect()
}

#[test]
fn express_endpoints_have_every_prefix_above_them() {
    let found = endpoint::extract(&corpus(files("endpoint/express")));
    insta::assert_snapshot!("express", shown(&found));
}

#[test]
fn fastapi_endpoints_have_every_prefix_above_them() {
    let found = endpoint::extract(&corpus(files("endpoint/fastapi")));
    insta::assert_snapshot!("fastapi", shown(&found));
}

#[test]
fn flask_endpoints_have_every_prefix_above_them() {
    let found = endpoint::extract(&corpus(files("endpoint/flask")));
    insta::assert_snapshot!("flask", shown(&found));
}

#[test]
fn django_endpoints_have_every_prefix_above_them() {
    let found = endpoint::extract(&corpus(files("endpoint/django")));
    insta::assert_snapshot!("django", shown(&found));
}

#[test]
fn axum_endpoints_have_every_prefix_above_them() {
    let found = endpoint::extract(&corpus(files("endpoint/axum")));
    insta::assert_snapshot!("axum", shown(&found));
}

#[test]
fn environment_variables_say_who_reads_and_who_documents_them() {
    let found = env_var::extract(&corpus(files("env_var")));
    insta::assert_snapshot!("env_var", shown(&found));
}

#[test]
fn ports_say_who_says_them() {
    let found = port::extract(&corpus(files("port")));
    insta::assert_snapshot!("port", shown(&found));
}

#[test]
fn comments_strings_and_tests_yield_nothing() {
    let traps =
        ["commented", "in-a-string", "in-a-docstring", "only-in-tests", "not-ours", "COMMENTED", "IN_A_STRING", "9999"];
    for fixture in super::support::FIXTURES {
        let found = super::support::everything(&corpus(files(fixture)));
        for key in keys(&found) {
            assert!(!traps.iter().any(|trap| key.contains(trap)), "{fixture}: {key}");
        }
    }
}

#[test]
fn a_guard_that_may_be_optional_is_not_called_found() {
    let source = "const app = require('express')();\n\
        app.get('/a', auth.optional, list);\n\
        app.get('/b', requireAuth, list);\n\
        app.get('/c', (req, res) => requireAuth(req), list);\n\
        app.get('/d', list);\n\
        app.get('/e', passport.authenticate('google'), list);\n\
        app.get('/f', passport.authenticate('jwt', { session: false }), list);\n\
        app.get('/g', csrf.protect(), list);\n";
    let found = endpoint::extract(&corpus(vec![("app.js".to_owned(), source.into())]));
    let guards: Vec<(&str, &str)> =
        found.facts.iter().map(|fact| (fact.key.as_str(), fact.attrs["guard"].as_str().unwrap())).collect();
    let expected = [
        ("GET /a", "unknown"),
        ("GET /b", "found"),
        ("GET /c", "unknown"),
        ("GET /d", "unknown"),
        ("GET /e", "unknown"),
        ("GET /f", "found"),
        ("GET /g", "unknown"),
    ];
    assert_eq!(guards, expected);
}

#[test]
fn a_path_is_written_as_a_client_calls_it() {
    let source = "const app = require('express')();\n\
        app.get('/a/:id(\\\\d+)/:from-:to', h);\napp.get('/b/:x?', h);\napp.get('/c{/:y}', h);\n\
        app.get('/d/*rest', h);\napp.get('*', h);\napp.get('/e/', h);\n";
    let found = endpoint::extract(&corpus(vec![("app.js".to_owned(), source.into())]));
    let expected = [
        "GET /a/{id}/{from}-{to}",
        "GET /b/{x}",
        "GET /b",
        "GET /c",
        "GET /c/{y}",
        "GET /d/{rest}",
        "GET /*",
        "GET /e",
    ];
    assert_eq!(keys(&found), expected);
}
