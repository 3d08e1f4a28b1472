//! Contradictions planted into a tree whose documentation is true: each must be reported, and the tree as it is, or
//! with its lines moved, must not be. The bench `mutations` does the same with real repositories.

use std::collections::BTreeSet;

use crate::support::dossier;

const README: &str = "# Shop

[Guide](docs/guide.md), [running](#running), ![picture](docs/picture.png)

## Running

```sh
git clone https://example.org/acme/shop
cd shop
cp .env.example .env
npm install
npm run dev
make lint
./scripts/seed.sh
docker compose up -d database
go run ./cmd/shopd
cd web && npm run storybook
```

It listens on port 4100: <http://localhost:4100>. The start is in `src/server.js`.

| method | does |
|---|---|
| `GET /api/goods` | lists |
| `POST /api/orders` | orders |
";

const FILES: &[(&str, &str)] = &[
    ("README.md", README),
    ("docs/guide.md", "# Guide\n\nSee [running](../README.md#running).\n"),
    ("docs/picture.png", "x"),
    (".env.example", "# Where orders go\nSHOP_QUEUE_URL=\n"),
    (
        "package.json",
        "{\n  \"name\": \"shop\",\n  \"dependencies\": {\"express\": \"4\"},\n  \"scripts\": {\n    \"dev\": \"node src/server.js\"\n  }\n}\n",
    ),
    ("package-lock.json", "{}"),
    ("web/package.json", "{\"scripts\": {\"storybook\": \"sb\"}}\n"),
    ("Makefile", "lint:\n\ttrue\n"),
    ("scripts/seed.sh", "#!/bin/sh\n"),
    ("scripts/other.sh", "#!/bin/sh\n"),
    ("compose.yml", "services:\n  database:\n    image: postgres\n"),
    ("go.mod", "module example.org/acme/shop\n"),
    ("cmd/shopd/main.go", "package main\n"),
    ("cmd/other/main.go", "package main\n"),
    (
        "src/server.js",
        "const app = require('express')();\napp.get('/api/goods', a);\napp.get('/api/goods/:id', b);\napp.post('/api/orders', c);\nconst queue = process.env.SHOP_QUEUE_URL;\napp.listen(4100);\n",
    ),
    ("src/other.js", "\n"),
];

/// Contradicted claims and findings, by id.
fn reports(files: &[(&str, &str)]) -> BTreeSet<String> {
    let dossier = dossier(files);
    let claims = dossier.claims.iter().filter(|claim| claim.verdict == "CONTRADICTED").map(|claim| claim.id.clone());
    claims.chain(dossier.findings.iter().map(|finding| finding.id.clone())).collect()
}

/// The tree with one file's text replaced; an empty new text removes the file.
fn changed(path: &str, old: &str, new: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> =
        FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let at = files.iter().position(|(known, _)| known == path).unwrap();
    if old.is_empty() {
        files.remove(at);
    } else {
        assert!(files[at].1.contains(old), "{path} does not contain {old}");
        files[at].1 = files[at].1.replace(old, new);
    }
    files
}

#[test]
fn a_true_documentation_is_not_contradicted() {
    assert_eq!(reports(FILES), BTreeSet::new());
}

#[test]
fn each_planted_contradiction_is_reported() {
    for (path, old, new) in [
        ("package.json", "\"dev\"", "\"serve\""),
        ("web/package.json", "storybook", "stories"),
        ("Makefile", "lint:", "check:"),
        ("scripts/seed.sh", "", ""),
        ("compose.yml", "  database:", "  db:"),
        ("cmd/shopd/main.go", "", ""),
        (".env.example", "", ""),
        (".env.example", "SHOP_QUEUE_URL", "SHOP_QUEUE"),
        ("src/server.js", "SHOP_QUEUE_URL", "SHOP_TOPIC_URL"),
        ("src/server.js", "4100", "4200"),
        ("src/server.js", "'/api/orders'", "'/api/purchases'"),
        ("src/server.js", "app.post", "app.put"),
        ("src/server.js", "", ""),
        ("docs/guide.md", "", ""),
        ("docs/picture.png", "", ""),
        ("README.md", "## Running", "## Starting"),
        ("README.md", "npm run dev", "npm run develop"),
        ("README.md", "make lint", "make lints"),
        ("README.md", "localhost:4100", "localhost:4101"),
        ("README.md", "src/server.js", "src/serve.js"),
        ("README.md", "GET /api/goods", "GET /api/items"),
        ("README.md", "docs/guide.md", "docs/guides.md"),
    ] {
        let files = changed(path, old, new);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert!(!reports(&files).is_empty(), "{path}: {old} -> {new} was not reported");
    }
}

#[test]
fn lines_that_only_move_report_nothing() {
    for path in ["README.md", "docs/guide.md", ".env.example", "Makefile", "src/server.js", "compose.yml"] {
        let mut files: Vec<(&str, String)> = FILES.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
        files.iter_mut().filter(|(known, _)| *known == path).for_each(|(_, text)| *text = format!("\n\n{text}"));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        assert_eq!(reports(&files), BTreeSet::new(), "{path}");
    }
}
