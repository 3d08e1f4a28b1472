//! One snapshot for each fixture; the first line of the fixture's main file says what it must hold.

use ci_feed_analyzer::extract::env_var;
use ci_feed_analyzer::fact::Found;

use super::support::{corpus, endpoints, files, ports, shown};

fn keys(found: &Found) -> Vec<&str> {
    found.facts.iter().map(|fact| fact.key.as_str()).collect()
}

#[test]
fn express_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/express")));
    insta::assert_snapshot!("express", shown(&found));
}

#[test]
fn fastify_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/fastify")));
    insta::assert_snapshot!("fastify", shown(&found));
}

#[test]
fn koa_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/koa")));
    insta::assert_snapshot!("koa", shown(&found));
}

#[test]
fn hono_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/hono")));
    insta::assert_snapshot!("hono", shown(&found));
}

#[test]
fn nestjs_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/nestjs")));
    insta::assert_snapshot!("nestjs", shown(&found));
}

#[test]
fn nextjs_endpoints_are_where_their_files_stand() {
    let found = endpoints(&corpus(files("endpoint/nextjs")));
    insta::assert_snapshot!("nextjs", shown(&found));
}

#[test]
fn fastapi_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/fastapi")));
    insta::assert_snapshot!("fastapi", shown(&found));
}

#[test]
fn flask_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/flask")));
    insta::assert_snapshot!("flask", shown(&found));
}

#[test]
fn django_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/django")));
    insta::assert_snapshot!("django", shown(&found));
}

#[test]
fn django_urls_that_come_with_the_framework_are_written_out() {
    let urls = "from django.urls import include, path\n\
        from rest_framework_nested.routers import NestedSimpleRouter\n\
        from rest_framework.routers import SimpleRouter\n\
        from rest_framework.viewsets import ReadOnlyModelViewSet\n\
        class Items(ReadOnlyModelViewSet):\n    pass\n\
        boxes = SimpleRouter()\n\
        boxes.register('boxes', Items)\n\
        items = NestedSimpleRouter(boxes, 'boxes', lookup='box')\n\
        items.register('items', Items)\n\
        urlpatterns = [path('in/', include('rest_framework.urls')), path('', include('django.conf.urls.i18n')),\n\
        \x20   path('api/', include(boxes.urls + items.urls))]\n";
    let settings = "ROOT_URLCONF = 'site_urls'\n";
    let found =
        endpoints(&corpus(vec![("settings.py".to_owned(), settings.into()), ("site_urls.py".to_owned(), urls.into())]));
    let mut keys = keys(&found);
    keys.sort_unstable();
    let expected = [
        "ANY /setlang/",
        "GET /api/boxes/",
        "GET /api/boxes/{box_pk}/items/",
        "GET /api/boxes/{box_pk}/items/{pk}/",
        "GET /api/boxes/{pk}/",
        "GET /in/login/",
        "POST /in/login/",
        "POST /in/logout/",
        "PUT /in/login/",
    ];
    assert_eq!(keys, expected);
}

#[test]
fn django_settings_that_disagree_leave_a_path_open() {
    let urls = "from django.conf import settings\nfrom django.urls import path\n\
        urlpatterns = [path(settings.BASE + 'a/', page), path(settings.SAME + 'b/', lambda request: None)]\n";
    let found = endpoints(&corpus(vec![
        ("urls.py".to_owned(), urls.into()),
        ("settings/one.py".to_owned(), "ROOT_URLCONF = 'urls'\nBASE = 'x/'\nSAME = 's/'\n".into()),
        ("settings/two.py".to_owned(), "ROOT_URLCONF = 'urls'\nBASE = 'y/'\nSAME = 's/'\n".into()),
    ]));
    assert_eq!(keys(&found), ["ANY /s/b/"]);
    assert!(!found.unresolved.is_empty());
}

#[test]
fn axum_endpoints_have_every_prefix_above_them() {
    let found = endpoints(&corpus(files("endpoint/axum")));
    insta::assert_snapshot!("axum", shown(&found));
}

#[test]
fn environment_variables_say_who_reads_and_who_documents_them() {
    let found = env_var::extract(&corpus(files("env_var")));
    insta::assert_snapshot!("env_var", shown(&found));
}

#[test]
fn ports_say_who_says_them() {
    let found = ports(&corpus(files("port")));
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
    let found = endpoints(&corpus(vec![("app.js".to_owned(), source.into())]));
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
    let found = endpoints(&corpus(vec![("app.js".to_owned(), source.into())]));
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

#[test]
fn patterns_of_parameters_are_not_part_of_a_path() {
    let fastify = "const app = require('fastify')();\n\
        app.get('/a/:id(^\\\\d+$)/name::verb', h);\napp.get('/b/:x?', h);\napp.get('/c/*', h);\napp.get('/d/', h);\n";
    let hono = "import { Hono } from 'hono'\nconst app = new Hono()\n\
        app.get('/a/:id{[0-9]{2}}/:name{.+\\\\.png}', h)\napp.get('/b/:x?', h)\napp.get('/c/*', h)\nexport default app\n";
    let found = endpoints(&corpus(vec![("app.js".to_owned(), fastify.into())]));
    assert_eq!(keys(&found), ["GET /a/{id}/name:verb", "GET /b/{x}", "GET /b", "GET /c/*", "GET /d/"]);
    let found = endpoints(&corpus(vec![("index.ts".to_owned(), hono.into())]));
    assert_eq!(keys(&found), ["GET /a/{id}/{name}", "GET /b/{x}", "GET /b", "GET /c/*"]);
}

#[test]
fn a_base_path_that_is_not_known_leaves_routes_unresolved() {
    let files = |config: &str| {
        vec![
            ("app/api/route.ts".to_owned(), b"export function GET() {}\n".to_vec()),
            ("next.config.js".to_owned(), config.as_bytes().to_vec()),
        ]
    };
    let computed = endpoints(&corpus(files("module.exports = {\n  basePath: read(),\n}\n")));
    assert!(computed.facts.is_empty());
    assert_eq!(computed.unresolved.len(), 1);
    let unset = endpoints(&corpus(files("module.exports = {\n  basePath: process.env.BASE || '',\n}\n")));
    assert_eq!(keys(&unset), ["GET /api"]);
    let none = endpoints(&corpus(files("module.exports = {}\n")));
    assert_eq!(keys(&none), ["GET /api"]);
}
