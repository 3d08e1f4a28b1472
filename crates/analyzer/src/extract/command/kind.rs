//! What a script is for, told from its name: `test:e2e` tests, `start:dev` develops, `web:build` builds. The first word
//! decides; what it leaves open, the words after it do, and then the program that the script runs, where that does one
//! thing only. Anything else is `other`.

const DEV: &[&str] = &["dev", "develop", "watch"];
const TEST: &[&str] = &["test", "tests", "e2e", "pytest", "unittest", "unit", "coverage"];
const LINT: &[&str] = &[
    "lint",
    "linter",
    "format",
    "fmt",
    "eslint",
    "oxlint",
    "biome",
    "prettier",
    "typecheck",
    "clippy",
    "ruff",
    "mypy",
    "stylelint",
    "rubocop",
    "phpcs",
    "phpstan",
    "psalm",
    "vet",
    "codespell",
    "analyze",
    "analyse",
    "cs",
];
const BUILD: &[&str] = &["build", "rebuild", "compile", "bundle"];
const INSTALL: &[&str] = &["install", "setup", "bootstrap", "deps"];
const START: &[&str] = &["start", "serve", "run", "up", "server", "preview", "prod", "production"];

/// Programs that do one thing, by how their call begins.
const PROGRAMS: &[(&str, &str)] = &[
    ("biome ", "lint"),
    ("cypress run", "test"),
    ("docker build", "build"),
    ("docker buildx build", "build"),
    ("eslint", "lint"),
    ("jest", "test"),
    ("mocha", "test"),
    ("next build", "build"),
    // What a compiler has written.
    ("node build/index.js", "start"),
    ("node dist/index.js", "start"),
    ("node dist/main.js", "start"),
    ("node dist/server.js", "start"),
    ("nodemon", "dev"),
    ("nuxt build", "build"),
    ("nuxt generate", "build"),
    ("nyc ", "test"),
    ("phpunit", "test"),
    ("playwright test", "test"),
    ("prettier", "lint"),
    ("tsc --noemit", "lint"),
    ("tsx watch", "dev"),
    ("vite build", "build"),
    ("vitest", "test"),
    ("webpack", "build"),
];

/// What is done to a thing that is named like a kind: `clean:build` builds nothing. Hooks are called by nobody.
const OTHER: &[&str] = &[
    "add", "bump", "check", "clean", "copy", "create", "delete", "deploy", "down", "gen", "generate", "kill", "logs",
    "make", "new", "post", "pre", "prepare", "publish", "pull", "push", "release", "remove", "reset", "restart", "rm",
    "show", "stop", "sync", "update", "upgrade", "version",
];

/// What stands between the words of a name.
const SEPARATORS: [char; 6] = [':', '-', '_', '.', '/', ' '];

/// The kind of a command by the name that its repository gave it.
pub(super) fn of(name: &str) -> &'static str {
    let lower = name.to_ascii_lowercase();
    // `dev2` is one more `dev`.
    let words = lower.split(SEPARATORS).map(|word| word.trim_end_matches(|letter: char| letter.is_ascii_digit()));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    // Where, not what: `psql-prod` looks into the database of production. Alone it can only be a start.
    let said: Vec<&str> = words.iter().copied().filter(|word| !matches!(*word, "prod" | "production")).collect();
    let words = if said.is_empty() { words } else { said };
    let Some((first, rest)) = words.split_first() else { return "other" };
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let checks = has(&["check"])
        && (has(&["type", "types", "format", "style", "lint"])
            || words.iter().all(|word| matches!(*word, "check" | "all" | "fix")));
    if has(&["migrate", "migration", "migrations"]) || (has(&["db", "database"]) && has(&["upgrade", "downgrade"])) {
        "migrate"
    } else if checks {
        "lint"
    } else if DEV.contains(first) || (["start", "run", "serve"].contains(first) && has(&["dev", "watch", "debug"])) {
        "dev"
    } else if let Some(kind) = kind(first) {
        kind
    } else if OTHER.contains(first) {
        "other"
    } else {
        // `images:server` is about the server.
        rest.iter().filter(|word| **word != "server").find_map(|word| kind(word)).unwrap_or("other")
    }
}

/// The kind of a script by its name, else by the first program that it runs.
pub(super) fn of_script(name: &str, body: &str) -> &'static str {
    let first = name.split(SEPARATORS).next().unwrap_or_default();
    match of(name) {
        // A word as plain as `run` says less than a program that can only test.
        "start" if of_program(body) == Some("test") => "test",
        "other" if !OTHER.contains(&first) || first == "generate" => of_program(body).unwrap_or("other"),
        kind => kind,
    }
}

/// What the lines of a Makefile's target say of its kind.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TargetCalls {
    migrates: bool,
    tests: bool,
    /// It gives values to what other targets run: `make production deploy`.
    only_sets: bool,
}

impl TargetCalls {
    /// Of what stands behind the colon, and of the recipe below.
    pub(super) fn of(prerequisites: &str, recipe: &str) -> Self {
        let mut lines = recipe.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
        Self {
            only_sets: lines.peek().is_some() && lines.all(|line| line.trim_start_matches('@').starts_with("$(eval")),
            migrates: ["db migrate", "db revision", "alembic revision"].iter().any(|call| recipe.contains(call)),
            tests: prerequisites.split_whitespace().any(|before| of(before) == "test"),
        }
    }
}

/// The kind of a Makefile's target: what it calls revisions are those of the database if its lines say so, and a check
/// that calls for a test is one.
pub(super) fn of_target(name: &str, calls: TargetCalls) -> &'static str {
    let has = |one: &str| name.split(SEPARATORS).any(|word| word == one);
    if calls.migrates && (has("revision") || has("revisions")) {
        "migrate"
    } else if calls.tests && has("check") {
        "test"
    } else if calls.only_sets {
        "other"
    } else {
        of(name)
    }
}

fn of_program(body: &str) -> Option<&'static str> {
    let lower = body.to_ascii_lowercase();
    let mut words = lower.split_whitespace().peekable();
    while words.next_if(|word| word.contains('=') || matches!(*word, "npx" | "cross-env" | "@php")).is_some() {}
    let call: Vec<&str> = words.collect();
    let call = call.join(" ").replace("node ./", "node ");
    // What goes on with another program is for two things.
    let is_one = !call.contains("&&") && !call.contains(';') && !call.contains(" -e ");
    PROGRAMS.iter().find(|(start, _)| is_one && call.starts_with(start)).map(|(_, kind)| *kind)
}

fn kind(word: &str) -> Option<&'static str> {
    let kinds =
        [(TEST, "test"), (LINT, "lint"), (BUILD, "build"), (DEV, "dev"), (INSTALL, "install"), (START, "start")];
    kinds.into_iter().find(|(list, _)| list.contains(&word)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::{TargetCalls, of, of_script, of_target};

    #[test]
    fn a_name_that_tells_nothing_leaves_it_to_the_program() {
        assert_eq!(of_script("coverage-report", "nyc mocha"), "test");
        assert_eq!(of_script("worker", "QUEUE_MODE=worker nodemon index.js"), "dev");
        assert_eq!(of_script("check-db", "node scripts/check-db.js"), "other");
        assert_eq!(of_script("image", "docker buildx build --push ."), "build");
        assert_eq!(of_script("client", "npm ci && vite build"), "other");
        assert_eq!(of_script("prepare", "node husky.js"), "other");
        assert_eq!(of_script("worker", "QUEUE_MODE=worker node ./dist/index.js"), "start");
        assert_eq!(of_script("cypress-run", "cypress run"), "test");
    }

    #[test]
    fn a_target_is_told_by_what_it_calls_for_too() {
        let target = |name: &str, before: &str, recipe: &str| of_target(name, TargetCalls::of(before, recipe));
        assert_eq!(target("check-python", "lint test-python", ""), "test");
        assert_eq!(target("check-all", "lint", ""), "lint");
        assert_eq!(target("check-deps", "", "command -v go"), "other");
        assert_eq!(target("revision", "", "$(FLASK) db revision --message $(MESSAGE)"), "migrate");
        assert_eq!(target("revision", "", "git rev-parse HEAD"), "other");
        assert_eq!(target("production", "cluster", "\n\t$(eval KEY=a)\n\t@$(eval include b.sh)"), "other");
        assert_eq!(target("production", "", "\t$(eval KEY=a)\n\tserve"), "start");
    }

    #[test]
    fn the_first_word_that_tells_something_decides() {
        for (name, kind) in [
            ("test:e2e", "test"),
            ("start:dev", "dev"),
            ("docker-test-client-watch", "test"),
            ("web:build", "build"),
            ("docs:dev", "dev"),
            ("type-check", "lint"),
            ("format-check", "lint"),
            ("check", "lint"),
            ("check:fix", "lint"),
            ("type-check-client", "lint"),
            ("images:server", "other"),
            ("cs:fix", "lint"),
            ("check-deps", "other"),
            ("dev2", "dev"),
            ("e2e", "test"),
            ("docker-rebuild", "build"),
            ("upgrade-db", "migrate"),
            ("create-migrations", "migrate"),
            ("clean:build", "other"),
            ("post-install-cmd", "other"),
            ("release", "other"),
            ("psql-prod", "other"),
            ("prod-build", "build"),
            ("prod:start", "start"),
            ("prod", "start"),
            ("-", "other"),
        ] {
            assert_eq!(of(name), kind, "{name}");
        }
    }
}
