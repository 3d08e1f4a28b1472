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
        "docker compose up gone",
        "ssh host; make gone",
        "mkdir x; make gone",
        "make -f other.mk gone",
        "npm run <script>",
        "npm run gone --prefix web",
        "npm --prefix web run gone",
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
        "UNVERIFIABLE /gone.md",
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
