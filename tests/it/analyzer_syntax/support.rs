//! Fixture folders as corpora, and findings as text.

use std::path::{Path, PathBuf};

use ci_feed_analyzer::extract::sources::Sources;
use ci_feed_analyzer::extract::{endpoint, env_var, port, table};
use ci_feed_analyzer::fact::Found;
use ci_feed_analyzer::tree::corpus::Corpus;
use ci_feed_analyzer::tree::file::{PathClass, SourceFile};
use ci_feed_dossier::evidence::Evidence;

/// Every fixture folder.
pub(crate) const FIXTURES: &[&str] = &[
    "endpoint/express",
    "endpoint/django",
    "endpoint/fastapi",
    "endpoint/fastify",
    "endpoint/flask",
    "endpoint/aspnet",
    "endpoint/actix",
    "endpoint/axum",
    "endpoint/openapi",
    "endpoint/rocket",
    "endpoint/warp",
    "endpoint/go",
    "endpoint/laravel",
    "endpoint/laravel_old",
    "endpoint/lumen",
    "endpoint/hono",
    "endpoint/koa",
    "endpoint/nestjs",
    "endpoint/nextjs",
    "dotnet",
    "endpoint/spring",
    "endpoint/jaxrs",
    "endpoint/micronaut",
    "env_var_java",
    "table/jpa",
    "endpoint/rails",
    "env_var",
    "settings/php",
    "table/laravel",
    "env_var_ruby",
    "port",
    "settings/rust",
    "table/rust",
    "table/rails",
    "table/rails_migrations",
    "table/code",
    "table/django",
    "table/drizzle",
    "table/entity",
    "table/gorm",
    "table/prisma",
    "table/python_small",
    "table/sea_orm",
    "table/sequelize",
    "table/sql",
    "table/sqlalchemy",
];

/// The files of a fixture folder as (path, bytes), sorted.
pub(crate) fn files(fixture: &str) -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(fixture);
    let mut open: Vec<PathBuf> = vec![root.clone()];
    let mut out = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                std::fs::read_dir(&path).expect("a folder of the tree").map(|entry| entry.expect("an entry").path()),
            );
        } else {
            let name = path.strip_prefix(&root).expect("below the root").to_str().expect("a plain name").to_owned();
            out.push((name, std::fs::read(&path).expect("a file of the tree")));
        }
    }
    assert!(!out.is_empty(), "{fixture} has files");
    out.sort();
    out
}

/// A corpus of these files; folders of tests are classified as such.
pub(crate) fn corpus(files: Vec<(String, Vec<u8>)>) -> Corpus {
    let class = |path: &str| {
        let is_test = path.split('/').any(|part| matches!(part, "test" | "tests"));
        if is_test { PathClass::Test } else { PathClass::Application }
    };
    let files =
        files.into_iter().map(|(path, bytes)| SourceFile::new(path.clone(), class(&path), String::new(), bytes));
    Corpus::new(files.collect())
}

/// The endpoints of a corpus.
pub(crate) fn endpoints(corpus: &Corpus) -> Found {
    endpoint::extract(&Sources::new(corpus))
}

/// The ports of a corpus.
pub(crate) fn ports(corpus: &Corpus) -> Found {
    port::extract(&Sources::new(corpus))
}

/// What the syntax-based extractors find.
pub(crate) fn everything(corpus: &Corpus) -> Found {
    let sources = Sources::new(corpus);
    let mut found = endpoint::extract(&sources);
    found.merge(env_var::extract(corpus));
    found.merge(port::extract(&sources));
    found.merge(table::extract(corpus));
    found
}

/// One line for each fact and each unresolved construct, sorted.
pub(crate) fn shown(found: &Found) -> String {
    let places = |evidence: &[Evidence]| {
        let one = |at: &Evidence| format!("{}:{}-{}", at.path, at.start_line, at.end_line);
        evidence.iter().map(one).collect::<Vec<_>>().join(" < ")
    };
    let mut facts: Vec<String> = Vec::new();
    for fact in &found.facts {
        let attrs = fact.attrs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ");
        facts.push(format!("{}  {}  [{attrs}]", fact.key, places(&fact.evidence)));
    }
    facts.sort();
    let mut open: Vec<String> = Vec::new();
    for unresolved in &found.unresolved {
        open.push(format!("? {}  {}", unresolved.reason, places(&unresolved.evidence)));
    }
    open.sort();
    facts.extend(open);
    facts.join("\n")
}
