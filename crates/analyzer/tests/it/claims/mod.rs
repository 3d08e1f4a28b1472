//! Claims as a table: what a README says, and the verdict. A wrong CONTRADICTED is the worst row of a dossier, so
//! most of this table is about what must not be contradicted.

mod commands;
mod doubt;
mod links;
mod planted;

use crate::support::dossier;

const TREE: &[(&str, &str)] = &[
    ("package.json", "{\"scripts\": {\"dev\": \"vite\", \"test\": \"vitest\"}}"),
    ("web/package.json", "{\"scripts\": {\"storybook\": \"sb\"}}"),
    ("Makefile", "all: build\nbuild:\n\ttrue\n"),
    ("Cargo.toml", "[package]\nname = \"tool\"\n"),
    ("src/main.rs", "fn main() {}\n"),
    ("examples/hello.rs", "fn main() {}\n"),
    (".cargo/config.toml", "[alias]\nxtask = \"run\"\n"),
    ("scripts/setup.sh", "#!/bin/sh\n"),
    ("app/main.py", "app = 1\n"),
    ("manage.py", "\n"),
    ("requirements.txt", "flask\n"),
    ("compose.yml", "services:\n  db:\n    image: x\n"),
    (".env.example", "A_B=1\n"),
];

/// The verdicts that a README with this text gets, as `VERDICT text`.
fn verdicts(readme: &str) -> Vec<String> {
    let mut files = TREE.to_vec();
    files.push(("README.md", readme));
    let dossier = dossier(&files);
    let claims = dossier.claims.iter().filter(|claim| claim.doc == "README.md");
    claims.map(|claim| format!("{} {}", claim.verdict, claim.text)).collect()
}

#[test]
fn a_contradicted_claim_cites_the_document_and_the_place_where_it_should_have_been() {
    let mut files = TREE.to_vec();
    files.push(("README.md", "```sh\nnpm run gone\n```\n"));
    let dossier = dossier(&files);
    let claim = dossier.claims.iter().find(|claim| claim.verdict == "CONTRADICTED").unwrap();
    let places: Vec<_> = claim.evidence.iter().map(|one| (one.path.as_str(), one.start_line)).collect();
    assert_eq!(places, [("README.md", 2), ("package.json", 1)]);
    assert_eq!(dossier.findings.iter().filter(|finding| finding.rule == "contradicted-claim").count(), 1);
}

#[test]
fn a_change_log_speaks_of_the_past_and_claims_nothing() {
    let mut files = TREE.to_vec();
    files.push(("docs/CHANGELOG.md", "```sh\nnpm run gone\n```\n[x](gone.md)"));
    assert!(dossier(&files).claims.iter().all(|claim| claim.doc == ".env.example"));
}

const SERVER: &str = "const app = require('express')();\napp.get('/api/goods', a);\napp.get('/api/goods/:id', b);\napp.post('/api/orders', c);\napp.listen(4100);\n";

fn of_server(readme: &str) -> Vec<String> {
    let dossier = dossier(&[
        ("package.json", "{\"dependencies\": {\"express\": \"4\"}}"),
        ("server.js", SERVER),
        ("config.js", "module.exports = { probe: 4177 };\n"),
        ("README.md", readme),
    ]);
    let claims = dossier.claims.iter().filter(|claim| claim.kind == "port" || claim.kind == "endpoint");
    claims.map(|claim| format!("{} {}", claim.verdict, claim.text)).collect()
}

#[test]
fn ports_are_compared_with_what_the_program_listens_on() {
    for (readme, expected) in [
        ("Open <http://localhost:4100>.", "VERIFIED port 4100"),
        ("It listens on port 4100 by default.", "VERIFIED port 4100"),
        ("Open `http://localhost:4999`.", "CONTRADICTED port 4999"),
        ("Open http://localhost:4177", "UNVERIFIABLE port 4177"),
        ("Open http://localhost:5432", "UNVERIFIABLE port 5432"),
        ("`PORT=4999 node .`, then http://localhost:4999", "UNVERIFIABLE port 4999"),
    ] {
        assert_eq!(of_server(readme), [expected], "{readme}");
    }
    assert!(of_server("Open port 4999 of the firewall, see localhost:PORT.").is_empty());
}

#[test]
fn endpoints_are_compared_with_what_is_served() {
    for (readme, expected) in [
        ("`GET /api/goods`", "VERIFIED GET /api/goods"),
        ("### `GET /api/goods/{slug}`", "VERIFIED GET /api/goods/{slug}"),
        ("```sh\ncurl -X POST http://localhost/api/orders -d '{}'\n```", "VERIFIED POST /api/orders"),
        ("`DELETE /api/goods`", "CONTRADICTED DELETE /api/goods"),
        ("`GET /api/customers`", "CONTRADICTED GET /api/customers"),
        ("`GET /goods`", "UNVERIFIABLE GET /goods"),
        ("`GET /repos/a/b`", "UNVERIFIABLE GET /repos/a/b"),
    ] {
        assert_eq!(of_server(readme), [expected], "{readme}");
    }
    assert!(of_server("`GET request` and `curl https://example.org/api/gone`").is_empty());
}

#[test]
fn settings_sections_name_variables_and_constants_elsewhere_do_not() {
    let dossier = dossier(&[
        ("app.py", "import os\nos.environ['SHOP_URL']\n"),
        (
            "README.md",
            "Uses `MAX_ITEMS`.\n\n## Environment variables\n\n| name |\n|---|\n| `SHOP_URL` |\n| `SHOP_GONE` |\n",
        ),
    ]);
    let claims: Vec<_> = dossier.claims.iter().map(|claim| format!("{} {}", claim.verdict, claim.text)).collect();
    assert_eq!(claims, ["VERIFIED SHOP_URL", "UNVERIFIABLE SHOP_GONE"]);
    assert!(
        dossier.findings.iter().any(|one| one.rule == "documented-env-var-unread" && one.message.contains("SHOP_GONE"))
    );
}
