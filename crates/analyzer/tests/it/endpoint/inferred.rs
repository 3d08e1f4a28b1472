//! The second tier: routes whose full path a named rule infers, told apart from those that lines say.

use ci_feed_dossier::fact::{FactKind, FactStatus};
use ci_feed_dossier::v1::{Dossier, Fact, What};
use ci_feed_dossier::{drift, markdown};

use crate::support::{dossier, endpoints};

type Tree<'t> = [(&'t str, &'t str)];

/// Key and rule of the endpoints, where a rule is nothing for what lines say; and what is open.
fn said(files: &Tree<'_>) -> (Vec<(String, String)>, Vec<String>) {
    let found = endpoints(files);
    let facts = found.facts.iter().map(|fact| {
        let is_inferred = fact.status == FactStatus::Inferred;
        assert_eq!(is_inferred, fact.attr("rule").is_some(), "{fact:?}");
        (fact.key.clone(), fact.attr("rule").unwrap_or_default().to_owned())
    });
    (facts.collect(), found.unresolved.iter().map(|one| one.name.clone()).collect())
}

fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter().map(|(key, rule)| ((*key).to_owned(), (*rule).to_owned())).collect()
}

#[test]
fn a_document_says_below_which_prefix_a_router_is_that_nobody_is_seen_to_mount() {
    let routes = "const r = require('express').Router();\nr.get('/', h);\nr.get('/items', h);\nr.post('/items/:id', h);\n\
        r.get('/more', h);\nmodule.exports = r;\n";
    let document = "openapi: 3.0.0\ninfo: {title: x, version: '1'}\nservers: [{url: /v1}]\npaths:\n  /shop:\n    get: {}\n  \
        /shop/items:\n    get: {}\n  /shop/items/{item}:\n    post: {}\n  /other/list:\n    get: {}\n";
    let (facts, open) = said(&[("routes.js", routes), ("openapi.yaml", document)]);
    let rule = "endpoint-described-by-document";
    let rows = [
        ("GET /v1/shop", rule),
        ("GET /v1/shop/items", rule),
        ("GET /v1/shop/more", "endpoint-beside-described"),
        ("POST /v1/shop/items/{id}", rule),
    ];
    assert_eq!(facts, pairs(&rows));
    assert_eq!(open, ["operations that only a document describes"]);
    // One route in common is too little to place another.
    let one = document.replace("  /shop/items/{item}:\n    post: {}\n", "");
    let few = routes.replace("r.post('/items/:id', h);\n", "");
    let (facts, open) = said(&[("routes.js", &few), ("openapi.yaml", &one)]);
    assert_eq!(facts, pairs(&[("GET /v1/shop", rule), ("GET /v1/shop/items", rule)]));
    assert!(open.contains(&"GET /more".to_owned()), "{open:?}");
    // Two places fit equally well: nobody knows which.
    let two = document.replace("/other/list:\n    get: {}", "/b/items:\n    get: {}\n  /b/items/{item}:\n    post: {}");
    assert_eq!(said(&[("routes.js", routes), ("openapi.yaml", &two)]).0, Vec::new());
}

/// A program whose one route stands below a prefix that is known, configured, or not known at all.
fn mounted(prefix: &str) -> Dossier {
    let program = format!(
        "const express = require('express');\nconst settings = require('s');\nconst app = express();\nconst r = express.Router();\n\
         r.post('/impersonate', h);\napp.use({prefix}, r);\n"
    );
    dossier(&[("app.js", program.as_str()), ("README.md", "# X\n\n`POST /impersonate` and `GET /none`\n")])
}

#[test]
fn an_inferred_endpoint_counts_in_no_share_and_settles_no_claim() {
    let (open, inferred) = (mounted("process.env.SEGMENT"), mounted("process.env.BASE_PATH"));
    let structural = |dossier: &Dossier| {
        let share = &dossier.metrics.dci_structural;
        (share.numerator, share.denominator - share.numerator)
    };
    assert_eq!(structural(&inferred).0, structural(&open).0);
    assert!(structural(&inferred).1 < structural(&open).1);
    assert_eq!(inferred.metrics.facts_by_kind["endpoint_inferred"], 1);
    assert!(!inferred.metrics.facts_by_kind.contains_key("endpoint"));
    assert!(inferred.claims.iter().all(|claim| claim.kind != "endpoint" || claim.verdict == "UNVERIFIABLE"));
    let document = markdown::render(&inferred, None);
    let section = document.split("\n## ").find(|section| section.starts_with("Endpoints that a rule infers (1)"));
    assert!(
        section.is_some_and(|section| section.contains("`POST /impersonate` (inferred: endpoint-below-base-path)")),
        "{document}"
    );
    assert!(!document.contains("## Endpoints (1)"));
}

#[test]
fn what_is_settled_by_a_commit_is_no_drift_or_one_changed_row() {
    let inferred = mounted("process.env.BASE_PATH");
    let of_endpoints = |dossier: &Dossier| {
        let drift = drift::between(&inferred, dossier);
        let is_one = |fact: &Fact| fact.kind == FactKind::Endpoint;
        assert!(!drift.facts.added.iter().chain(&drift.facts.removed).any(is_one), "{:?}", drift.facts);
        drift.facts.changed
    };
    assert!(of_endpoints(&mounted("'/'")).is_empty());
    let changed = of_endpoints(&mounted("'/admin'"));
    let [row] = changed.as_slice() else { panic!("{changed:?}") };
    assert_eq!((row.base_key.as_deref(), row.key.as_str()), (Some("POST /impersonate"), "POST /admin/impersonate"));
    let came = drift::between(&dossier(&[("app.js", "const app = require('express')();\n")]), &inferred);
    let steps: Vec<&str> = came.before_deploy.iter().map(|step| step.text.as_str()).collect();
    assert!(steps.contains(&"a route `POST /impersonate` appeared; its full path is not known"), "{steps:?}");
}

#[test]
fn two_routes_that_appear_on_a_router_that_nobody_mounts_are_no_all_clear() {
    let router = |more: &str| {
        let text = format!(
            "const r = require('express').Router();\nr.get('/a', h);\n{more}module.exports = (load) => load(r);\n"
        );
        dossier(&[("routes.js", text.as_str())])
    };
    let drift = drift::between(&router(""), &router("r.post('/impersonate', h);\nr.get('/b', h);\n"));
    let added: Vec<&str> = drift.unresolved.added.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(added, ["POST /impersonate", "GET /b"]);
    assert!(drift.unresolved.added.iter().all(|one| one.what == What::Route) && !drift.is_empty);
    let said = markdown::changes(&router(""), &drift);
    assert!(said.contains("POST /impersonate") && !said.contains("No drift"), "{said}");
}

#[test]
fn a_class_that_keeps_the_configuration_is_asked_for_the_base_path_as_well() {
    let settings = "class Settings {\n  constructor(argv, env) {\n    this.all = { ...defaults(), ...fromEnv(env) };\n  }\n  \
        get(key) {\n    const { connections, ...rest } = this.all;\n    if (!key) {\n      return rest;\n    }\n    return this.all[key];\n  }\n}\n\
        module.exports = Settings;\n";
    let app = "const express = require('express');\nconst users = require('./users');\nmodule.exports = async function makeApp(config) {\n  \
        const app = express();\n  const baseUrl = config.get('baseUrl');\n  const routers = [users];\n  \
        routers.forEach((router) => app.use(baseUrl, router));\n  return app;\n};\n";
    let server = "const Settings = require('./settings');\nconst makeApp = require('./app');\nconst config = new Settings(argv, process.env);\n\
        async function start() {\n  const app = await makeApp(config);\n  app.listen(80);\n}\nstart();\n";
    let users = "const r = require('express').Router();\nr.get('/users', h);\nmodule.exports = r;\n";
    let (facts, open) = said(&[("settings.js", settings), ("app.js", app), ("server.js", server), ("users.js", users)]);
    assert_eq!(facts, pairs(&[("GET /users", "endpoint-below-base-path")]), "{open:?}");
    // A default that the program has is what holds while nobody sets another one, also where texts are made flags.
    let flags = "const all = { baseUrl: '/shop', ...fromEnv(env) };\n    Object.keys(all).forEach((key) => {\n      \
        if (typeof all[key] === 'string' && all[key] === 'true') {\n        all[key] = true;\n      } else if (all[key] === 'false') {\n        all[key] = false;\n      }\n    });\n    this.all = all;";
    let settings = settings.replace("this.all = { ...defaults(), ...fromEnv(env) };", flags);
    let (facts, open) =
        said(&[("settings.js", &settings), ("app.js", app), ("server.js", server), ("users.js", users)]);
    assert_eq!(facts, pairs(&[("GET /shop/users", "")]), "{open:?}");
}
