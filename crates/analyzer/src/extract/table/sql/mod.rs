//! Files of SQL: migrations of one folder are one sequence in the order of their tool, every other file is a sequence
//! of its own. Files that take changes back, seeds and samples are not read.

mod alter;
mod lexer;
mod name;
mod statement;

pub(super) use statement::{Origin, steps};

use super::order::{self, DIALECTS};
use crate::extract::table::step::{Script, ScriptKind, Step};
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;
use crate::tree::path::folder_of;

/// Endings of files that hold nothing but SQL.
const ENDINGS: &[&str] = &["sql", "ddl", "pgsql", "psql", "mysql"];

/// Words in the name of a file, or names of folders, that say it makes no table that stays.
const OTHERWISE: &[&str] = &[
    "seed",
    "seeds",
    "seeder",
    "seeders",
    "seeding",
    "fixture",
    "fixtures",
    "sample",
    "samples",
    "demo",
    "dummy",
    "mock",
    "test",
    "tests",
    "testdata",
    "example",
    "examples",
    "rollback",
    "rollbacks",
    "undo",
    "revert",
    "teardown",
    "uninstall",
    "downgrade",
    "verify",
    "cleanup",
    "drop",
    "reset",
    "down",
    "queries",
    "archive",
    "deprecated",
];

/// Every file that makes tables, with the sequence that it belongs to.
pub(super) fn scripts(corpus: &Corpus) -> Vec<Script<'_>> {
    let files: Vec<&SourceFile> = corpus.application().filter(|file| is_read(file)).collect();
    let script = |file: &'_ SourceFile| {
        let (place, kind) = place(&file.path);
        let steps = statement::steps(file.bytes(), Origin::File);
        (place, kind, steps)
    };
    let read: Vec<(String, ScriptKind, Vec<Step>)> = deal::map(&files, |file| script(file));
    let scripts = files.into_iter().zip(read);
    scripts.map(|(file, (place, kind, steps))| Script { file, place, kind, steps }).collect()
}

/// Files that hold all of a schema, also among the migrations.
pub(super) const SNAPSHOTS: &[&str] = &["latest", "schema", "structure", "current", "snapshot", "full"];

/// The sequence that a file belongs to.
fn place(path: &str) -> (String, ScriptKind) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_ascii_lowercase();
    if SNAPSHOTS.contains(&&*stem) {
        return (path.to_owned(), ScriptKind::Schema);
    }
    if let Some(root) = order::root(path) {
        return (root.to_owned() + &dialect_of(path), ScriptKind::Migration);
    }
    if order::is_versioned(name) {
        return (folder.to_owned() + &dialect_of(path), ScriptKind::Migration);
    }
    if matches!(name, "up.sql" | "migration.sql") {
        return (folder_of(folder).to_owned(), ScriptKind::Migration);
    }
    (path.to_owned(), ScriptKind::Schema)
}

/// `.postgres` for `0001_init.postgres.sql`: variants of one schema side by side.
fn dialect_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let parts = name.split('.').rev().skip(1);
    parts.take(2).find(|part| DIALECTS.contains(part)).map_or_else(String::new, |part| format!(".{part}"))
}

fn is_read(file: &SourceFile) -> bool {
    let lower = file.path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    if !ENDINGS.contains(&ending) {
        return false;
    }
    if folders.split('/').any(|folder| OTHERWISE.contains(&folder)) {
        return false;
    }
    let takes_back = ["down", "undo", "rollback", "revert"]
        .iter()
        .any(|end| stem.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with(['.', '_', '-'])));
    let is_undo = stem
        .strip_prefix('u')
        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()) && rest.contains("__"));
    // A numbered file may well be about samples or drop something.
    let is_otherwise =
        !order::is_versioned(stem) && stem.split(['.', '_', '-', ' ']).any(|word| OTHERWISE.contains(&word));
    !takes_back && !is_undo && !is_otherwise && holds_table(file.bytes())
}

fn holds_table(bytes: &[u8]) -> bool {
    let says = |at: usize| bytes.get(at..at + 5).is_some_and(|word| word.eq_ignore_ascii_case(b"table"));
    memchr::memchr2_iter(b't', b'T', bytes).any(says)
}
