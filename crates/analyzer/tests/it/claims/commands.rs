//! Commands in documents: which the tree backs, which it denies, and which are left open.

use super::verdicts;
use crate::support::dossier;

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
fn a_feature_that_the_text_tells_to_define_is_not_contradicted() {
    let text = "```toml\nquick = [\"part\"]\n```\n\n```sh\ncargo run --features \"quick, part\"\n```\n";
    assert_eq!(verdicts(text), ["UNVERIFIABLE cargo run --features quick, part"]);
    let other = text.replace("quick, part", "gone");
    assert_eq!(verdicts(&other), ["CONTRADICTED cargo run --features gone"]);
}

#[test]
fn inline_code_is_verified_and_never_contradicted() {
    assert_eq!(
        verdicts("Use `make build`, not `make gone`, and make `sure`."),
        ["VERIFIED make build", "UNVERIFIABLE make gone"]
    );
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
    let dossier = dossier(&files);
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
fn a_document_of_a_part_may_call_workspaces_and_modules_from_the_root() {
    let verdict = |path: &str, line: &str, others: &[(&str, &str)]| {
        let text = format!("```sh\n{line}\n```\n");
        let mut files = WORKSPACE.to_vec();
        files.extend(others);
        files.push((path, &text));
        let claims = dossier(&files).claims;
        claims.into_iter().find(|claim| claim.doc == path).map(|claim| claim.verdict)
    };
    for path in ["packages/api/README.md", ".claude/CLAUDE.md"] {
        let migrate = verdict(path, "npm run migrate --workspace=packages/api", &[]);
        assert_eq!(migrate.as_deref(), Some("VERIFIED"), "{path}");
        let gone = verdict(path, "npm run migrate --workspace=packages/gone", &[]);
        assert_eq!(gone.as_deref(), Some("CONTRADICTED"), "{path}");
    }
    let inner = ("extra/settings.gradle", "rootProject.name = 'extra'\n");
    let known = [inner, ("settings.gradle.kts", "include(\":shop-extra\")\n")];
    let line = "./gradlew :shop-extra:test";
    let wrapper = ("extra/gradlew", "");
    let open = verdict("extra/README.md", line, &[known[0], known[1], wrapper]);
    assert_eq!(open.as_deref(), Some("UNVERIFIABLE"));
    assert_eq!(verdict("extra/README.md", line, &[inner, wrapper]).as_deref(), Some("CONTRADICTED"));
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
