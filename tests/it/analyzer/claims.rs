//! Claims as a table: what a README says, and the verdict. A wrong CONTRADICTED is the worst row of a dossier, so
//! most of this table is about what must not be contradicted.

use super::support::{dossier, tree};

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
    let folder = tree(&files);
    let dossier = dossier(folder.path(), None);
    let claims = dossier.claims.iter().filter(|claim| claim.doc == "README.md");
    claims.map(|claim| format!("{} {}", claim.verdict, claim.text)).collect()
}

/// The verdict of one command in a code block; `None` when it is no claim.
fn command(line: &str) -> Option<String> {
    let all = verdicts(&format!("```sh\n{line}\n```\n"));
    assert!(all.len() <= 1, "{all:?}");
    all.first().map(|one| one.split(' ').next().unwrap_or_default().to_owned())
}

#[test]
fn commands_that_the_tree_backs_are_verified() {
    for line in [
        "npm run dev",
        "npm test",
        "yarn dev",
        "pnpm run dev",
        "bun run dev",
        "npm install",
        "$ npm run dev  # start",
        "make",
        "make build",
        "make build V=1",
        "cargo build --release",
        "cargo run --bin tool",
        "cargo run --example hello",
        "cargo xtask ci",
        "./scripts/setup.sh",
        "bash scripts/setup.sh",
        "uvicorn app.main:app --reload",
        "python -m app.main",
        "python manage.py migrate",
        "pip install -r requirements.txt",
        "docker compose up -d db",
        "cp .env.example .env",
        "cd web && npm run storybook",
        "sudo make build",
    ] {
        assert_eq!(command(line).as_deref(), Some("VERIFIED"), "{line}");
    }
}

#[test]
fn commands_that_the_tree_clearly_denies_are_contradicted() {
    for line in [
        "npm run gone",
        "npm start",
        "pnpm run gone",
        "make gone",
        "cargo run --bin gone",
        "cargo run --example gone",
        "./scripts/gone.sh",
        "pip install -r requirements-gone.txt",
        "cp .env.sample .env",
        "docker compose up gone",
        "npm run gone --prefix web",
        "npm --prefix web run gone",
        "cd web && npm run gone",
        "yarn db:gone",
    ] {
        assert_eq!(command(line).as_deref(), Some("CONTRADICTED"), "{line}");
    }
}

#[test]
fn commands_that_may_be_true_elsewhere_are_not_contradicted() {
    for line in [
        "cd other && npm run gone",
        "git clone https://example.org/x && cd x && npm run gone",
        "npm run storybook",
        "yarn run gone",
        "bun run gone",
        "npx create-app my-app; npm run gone",
        "./build/tool",
        "./gradlew build",
        "python manage.py gone",
        "python -m http.server",
        "node dist/index.js",
        "ssh host; make gone",
        "make -f other.mk gone",
        "npm run <script>",
        "git checkout v1 && make gone",
        "docker run -it image bash; make gone",
    ] {
        assert_ne!(command(line).as_deref(), Some("CONTRADICTED"), "{line}");
    }
}

#[test]
fn other_tools_and_placeholders_are_no_claims() {
    for line in [
        "ls -la",
        "echo hello",
        "brew install node",
        "npm run <script>",
        "make $TARGET",
        "cargo install ripgrep",
        "npm install express",
        "git push",
        "export PATH=$PATH:x",
    ] {
        assert_eq!(command(line), None, "{line}");
    }
}

#[test]
fn output_below_a_prompt_is_no_command() {
    assert_eq!(verdicts("```console\n$ make build\nmake gone\n```\n"), ["VERIFIED make build"]);
}

#[test]
fn code_in_other_languages_is_no_command() {
    assert!(verdicts("```js\nmake gone\n```\n").is_empty());
}

#[test]
fn a_script_that_the_text_tells_to_add_is_not_contradicted() {
    let readme = "```json\n{ \"scripts\": {\n  \"gone\": \"x\" } }\n```\n\n```sh\nnpm run gone\n```\n";
    assert_eq!(verdicts(readme), ["UNVERIFIABLE npm run gone"]);
}

#[test]
fn inline_code_is_verified_and_never_contradicted() {
    assert_eq!(
        verdicts("Use `make build`, not `make gone`, and make `sure`."),
        ["VERIFIED make build", "UNVERIFIABLE make gone"]
    );
}

#[test]
fn relative_links_are_checked_and_the_doubtful_ones_are_left_open() {
    let readme = "# My title\n\n[a](Makefile) [b](scripts) [c](gone.md) [d](../../issues) [e](https://x.y/z) [f](#my-title) [g](#gone) [h](scripts/setup.sh#L1) [i](gone)\n\
                  [j](mailto:a@b.c) [k](app/<name>.py) [l](/gone.md) ![m](gone.png)";
    let expected = [
        "VERIFIED #my-title",
        "CONTRADICTED #gone",
        "UNVERIFIABLE ../../issues",
        "CONTRADICTED /gone.md",
        "VERIFIED Makefile",
        "UNVERIFIABLE gone",
        "UNVERIFIABLE app/<name>.py",
        "CONTRADICTED gone.md",
        "CONTRADICTED gone.png",
        "VERIFIED scripts",
        "VERIFIED scripts/setup.sh#L1",
    ];
    let mut all = verdicts(readme);
    let mut expected = expected.map(str::to_owned).to_vec();
    all.sort();
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn anchors_and_addresses_of_a_documentation_site_are_left_to_its_generator() {
    let folder = tree(&[
        ("docs/SUMMARY.md", "# Summary\n"),
        ("docs/a.md", "[x](b.md#limits-and-regions) [y](#gone) [z](gone.md)"),
        ("docs/b.md", "## Limits & regions\n"),
    ]);
    let dossier = dossier(folder.path(), None);
    assert_eq!(dossier.claims.len(), 3);
    assert!(dossier.claims.iter().all(|claim| claim.verdict == "UNVERIFIABLE"), "{:?}", dossier.claims);
}

#[test]
fn a_contradicted_claim_cites_the_document_and_the_place_where_it_should_have_been() {
    let mut files = TREE.to_vec();
    files.push(("README.md", "```sh\nnpm run gone\n```\n"));
    let folder = tree(&files);
    let dossier = dossier(folder.path(), None);
    let claim = dossier.claims.iter().find(|claim| claim.verdict == "CONTRADICTED").unwrap();
    let places: Vec<_> = claim.evidence.iter().map(|one| (one.path.as_str(), one.start_line)).collect();
    assert_eq!(places, [("README.md", 2), ("package.json", 1)]);
    assert_eq!(dossier.findings.iter().filter(|finding| finding.rule == "contradicted-claim").count(), 1);
}

#[test]
fn a_change_log_speaks_of_the_past_and_claims_nothing() {
    let mut files = TREE.to_vec();
    files.push(("docs/CHANGELOG.md", "```sh\nnpm run gone\n```\n[x](gone.md)"));
    let folder = tree(&files);
    assert!(dossier(folder.path(), None).claims.iter().all(|claim| claim.doc == ".env.example"));
}

/// A tree with something of everything, for the tables below.
const WORKSPACE: &[(&str, &str)] = &[
    ("package.json", "{\"name\": \"shop\", \"scripts\": {\"dev\": \"x\"}}"),
    ("packages/api/package.json", "{\"name\": \"@shop/api\", \"scripts\": {\"migrate\": \"x\"}}"),
    ("justfile", "test:\n    x\n"),
    ("Cargo.toml", "[package]\nname = \"shop\"\n[features]\nfull = []\n[[example]]\nname = \"tour\"\n"),
    ("src/main.rs", "fn main() {}\n"),
    ("src/bin/seed.rs", "fn main() {}\n"),
    ("pyproject.toml", "[tool.poe.tasks]\nlint = \"x\"\n[project.scripts]\nshopctl = \"x:y\"\n"),
    ("shop/__init__.py", ""),
    ("shop/worker.py", ""),
    ("manage.py", ""),
    ("store/management/commands/import_goods.py", ""),
    ("composer.json", "{\"scripts\": {\"stan\": \"x\"}}"),
    ("artisan", "<?php\n"),
    ("app/Console/Commands/Sync.php", "<?php\nclass Sync { protected $signature = 'shop:sync {--all}'; }\n"),
    ("Rakefile", "namespace :goods do\n  task :load do\n  end\nend\n"),
    ("go.mod", "module example.org/shop\n"),
    ("cmd/shopd/main.go", "package main\n"),
    ("settings.gradle", "include 'core'\n"),
    ("build.gradle", "plugins {}\n"),
    ("core/build.gradle", ""),
    ("pom.xml", "<project><modules><module>rest</module></modules></project>"),
    ("rest/pom.xml", "<project/>"),
    ("compose.yml", "services:\n  web:\n    image: x\n"),
    ("compose.prod.yml", "services:\n  web:\n    image: x\n"),
    ("docker/Dockerfile", "FROM x\n"),
    ("bin/setup", "#!/bin/sh\n"),
    ("scripts/lint.sh", "#!/bin/sh\n"),
    (".gitignore", "/tools/local.sh\n"),
    ("tools/other.sh", "#!/bin/sh\n"),
];

fn of_workspace(line: &str) -> Option<String> {
    let readme = format!("```sh\n{line}\n```\n");
    let mut files = WORKSPACE.to_vec();
    files.push(("README.md", &readme));
    let folder = tree(&files);
    let dossier = dossier(folder.path(), None);
    let claims: Vec<_> = dossier.claims.iter().filter(|claim| claim.kind == "command").collect();
    assert!(claims.len() <= 1, "{claims:?}");
    claims.first().map(|claim| claim.verdict.clone())
}

#[test]
fn each_family_of_tools_knows_what_is_there_and_what_is_not() {
    for (good, bad) in [
        ("npm run migrate -w @shop/api", "npm run gone -w @shop/api"),
        ("pnpm --filter api run migrate", "pnpm --filter gone run migrate"),
        ("pnpm -C packages/api run migrate", "pnpm -C packages/api run gone"),
        ("yarn workspace @shop/api migrate", "yarn workspace @shop/api seed"),
        ("just test", "just gone"),
        ("cargo run --bin seed", "cargo run --bin gone"),
        ("cargo run --example tour", "cargo run --example gone"),
        ("cargo build --features full", "cargo build --features gone"),
        ("cargo test -p shop", "cargo test -p gone"),
        ("poe lint", "poe gone"),
        ("python -m shop.worker", "python -m shop.gone"),
        ("composer stan", "composer run-script gone"),
        ("php artisan shop:sync --all", "php artisan shop:gone"),
        ("bundle exec rake goods:load", "bundle exec rake goods:gone"),
        ("go run ./cmd/shopd", "go run ./cmd/gone"),
        ("gradle :core:build", "gradle :gone:build"),
        ("mvn -pl rest test", "mvn -pl gone test"),
        ("docker compose -f compose.prod.yml up -d web", "docker compose -f compose.gone.yml up"),
        ("docker compose run --rm web sh", "docker compose run --rm gone sh"),
        ("docker build -f docker/Dockerfile .", "docker build -f docker/Dockerfile.gone ."),
        ("bin/setup", "bin/gone"),
        ("bash scripts/lint.sh", "bash scripts/gone.sh"),
        (
            "git clone https://example.org/a/shop.git && cd shop && npm run dev",
            "git clone https://example.org/a/shop && cd shop && npm run gone",
        ),
    ] {
        assert_eq!(of_workspace(good).as_deref(), Some("VERIFIED"), "{good}");
        assert_eq!(of_workspace(bad).as_deref(), Some("CONTRADICTED"), "{bad}");
    }
}

#[test]
fn what_another_place_may_define_is_left_open_in_each_family() {
    for line in [
        "npm run migrate",
        "yarn eslint",
        "bun run eslint",
        "python -m pip",
        "python manage.py gone",
        "composer normalize",
        "php artisan horizon:gone",
        "rake other:gone",
        "gradle gone",
        "mvn gone:goal",
        "./tools/local.sh",
        "./out/gone.sh",
        "node dist/gone.js",
        "cargo run --bin <name>",
        "npm run <name>",
        "cd elsewhere && npm run gone",
        "git clone https://example.org/other/tool && cd tool && npm run gone",
        "poetry run gone",
    ] {
        assert_ne!(of_workspace(line).as_deref(), Some("CONTRADICTED"), "{line}");
    }
}

const SERVER: &str = "const app = require('express')();\napp.get('/api/goods', a);\napp.get('/api/goods/:id', b);\napp.post('/api/orders', c);\napp.listen(4100);\n";

fn of_server(readme: &str) -> Vec<String> {
    let folder = tree(&[
        ("package.json", "{\"dependencies\": {\"express\": \"4\"}}"),
        ("server.js", SERVER),
        ("config.js", "module.exports = { probe: 4177 };\n"),
        ("README.md", readme),
    ]);
    let dossier = dossier(folder.path(), None);
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
fn paths_in_inline_code_are_looked_for_from_the_document_up() {
    let verdict = |sentence: &str| {
        let readme = format!("{sentence}\n");
        let folder =
            tree(&[("src/a/one.js", ""), ("src/a/two.js", ""), ("src/b/three.js", ""), ("src/README.md", &readme)]);
        let dossier = dossier(folder.path(), None);
        dossier.claims.first().map(|claim| format!("{} {}", claim.verdict, claim.kind))
    };
    for sentence in ["See `src/a/one.js`.", "See `a/one.js:3`.", "See `src/a/`."] {
        assert_eq!(verdict(sentence).as_deref(), Some("VERIFIED path"), "{sentence}");
    }
    assert_eq!(verdict("The start is in `src/a/gone.js`.").as_deref(), Some("CONTRADICTED path"));
    for sentence in [
        "Create `src/a/gone.js`.",
        "It is in `src/a/three.js`.",
        "It is in `src/a/gone.py`.",
        "It is in `src/gone/x.js`.",
    ] {
        assert_eq!(verdict(sentence).as_deref(), Some("UNVERIFIABLE path"), "{sentence}");
    }
    for sentence in
        ["`application/json`", "`origin/main`", "`src/a/COMPONENT_NAME.js`", "`path/to/x.js`", "`node/alpine.js`"]
    {
        assert_eq!(verdict(sentence), None, "{sentence}");
    }
}

#[test]
fn settings_sections_name_variables_and_constants_elsewhere_do_not() {
    let folder = tree(&[
        ("app.py", "import os\nos.environ['SHOP_URL']\n"),
        (
            "README.md",
            "Uses `MAX_ITEMS`.\n\n## Environment variables\n\n| name |\n|---|\n| `SHOP_URL` |\n| `SHOP_GONE` |\n",
        ),
    ]);
    let dossier = dossier(folder.path(), None);
    let claims: Vec<_> = dossier.claims.iter().map(|claim| format!("{} {}", claim.verdict, claim.text)).collect();
    assert_eq!(claims, ["VERIFIED SHOP_URL", "UNVERIFIABLE SHOP_GONE"]);
    assert!(
        dossier.findings.iter().any(|one| one.rule == "documented-env-var-unread" && one.message.contains("SHOP_GONE"))
    );
}

#[test]
fn links_in_html_references_and_anchors_are_read() {
    let readme = "<h2 align=center>My Shop</h2>\n<p>\n<a href=\"gone.md\">x</a> <img src=\"logo.png\">\n</p>\n\n[a][one] [b](#my-shop) [c](#own) <a name=\"own\"></a> [d](#top)\n\n[one]: docs/a.md#set-up--run\n";
    let folder =
        tree(&[("README.md", readme), ("logo.png", "x"), ("docs/a.md", "# Set-up & run\n[up](../README.md#gone)\n")]);
    let dossier = dossier(folder.path(), None);
    let mut claims: Vec<_> = dossier
        .claims
        .iter()
        .map(|claim| format!("{} {} {}:{}", claim.verdict, claim.text, claim.doc, claim.line))
        .collect();
    claims.sort();
    assert_eq!(
        claims,
        [
            "CONTRADICTED ../README.md#gone docs/a.md:2",
            "CONTRADICTED gone.md README.md:3",
            "VERIFIED #my-shop README.md:6",
            "VERIFIED #own README.md:6",
            "VERIFIED #top README.md:6",
            "VERIFIED docs/a.md#set-up--run README.md:6",
            "VERIFIED logo.png README.md:3",
        ]
    );
}

#[test]
fn pages_of_a_site_are_found_by_their_addresses() {
    let folder = tree(&[
        ("docs/.vitepress/config.ts", ""),
        ("docs/guide/start.md", "[a](/guide/next) [b](./next) [c](/guide/gone) [d](next.html) [e](next.md)"),
        ("docs/guide/next.md", "# Next\n"),
    ]);
    let dossier = dossier(folder.path(), None);
    let claims: Vec<_> = dossier.claims.iter().map(|claim| format!("{} {}", claim.verdict, claim.text)).collect();
    assert_eq!(
        claims,
        [
            "VERIFIED ./next",
            "UNVERIFIABLE /guide/gone",
            "VERIFIED /guide/next",
            "VERIFIED next.html",
            "VERIFIED next.md"
        ]
    );
}
