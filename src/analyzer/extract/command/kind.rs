//! What a script is for, told from its name alone: `test:e2e` tests, `start:dev` develops. Anything else is `other`.

/// The kind of a command by the name that its repository gave it.
pub(super) fn of(name: &str) -> &'static str {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split([':', '-', '_', '.', '/', ' ']).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let first = |list: &[&str]| words.first().is_some_and(|word| list.contains(word));
    if has(&["migrate", "migration", "migrations"]) {
        "migrate"
    } else if first(&["dev", "develop", "watch"])
        || (first(&["start", "run", "serve"]) && has(&["dev", "watch", "debug"]))
    {
        "dev"
    } else if first(&["test", "tests", "e2e", "pytest", "unittest", "unit"]) {
        "test"
    } else if first(&[
        "lint",
        "format",
        "fmt",
        "eslint",
        "prettier",
        "typecheck",
        "clippy",
        "ruff",
        "mypy",
        "stylelint",
    ]) {
        "lint"
    } else if first(&["build", "compile", "bundle"]) {
        "build"
    } else if first(&["install", "setup", "bootstrap", "deps"]) {
        "install"
    } else if first(&["start", "serve", "run", "up", "server"]) {
        "start"
    } else {
        "other"
    }
}
