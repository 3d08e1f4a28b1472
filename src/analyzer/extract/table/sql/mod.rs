//! Files of SQL: migrations of one folder are one sequence in the order of their tool, every other file is a sequence
//! of its own. Files that take changes back, seeds and samples are not read.

mod lexer;
mod name;
mod statement;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub(super) use statement::{Origin, Step, steps};

use super::Tables;
use super::order::{self, DIALECTS};
use super::replay::{Change, Replay};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::file::SourceFile;

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

/// A sequence that was replayed, with the folder that it stands in.
struct Sequence {
    place: String,
    said_by: &'static str,
    replay: Replay,
}

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let files: Vec<&SourceFile> = corpus.application().filter(|file| is_read(file)).collect();
    let read: Vec<Vec<Step>> = files.par_iter().map(|file| steps(file.bytes(), Origin::File)).collect();
    let mut groups: BTreeMap<(String, &'static str), Vec<(&SourceFile, Vec<Step>)>> = BTreeMap::new();
    for (file, steps) in files.into_iter().zip(read) {
        if !steps.is_empty() {
            groups.entry(place(&file.path)).or_default().push((file, steps));
        }
    }
    let mut sequences: Vec<Sequence> = Vec::new();
    for ((place, said_by), mut files) in groups {
        files.sort_by(|(a, left), (b, right)| {
            // A file without a number is where the numbered ones go on from; among themselves such files have no
            // order but that what takes away follows what makes.
            let key = |file: &SourceFile, steps: &[Step]| {
                let has_order = order::is_versioned(file.name()) || is_in_own_folder(file) || is_repeatable(file);
                (has_order, !has_order && takes_away(steps))
            };
            key(a, left).cmp(&key(b, right)).then_with(|| order::by_version(&a.path, &b.path))
        });
        let folds = folds_case(&files);
        let mut replay = Replay::default();
        for (file, steps) in files {
            for step in steps {
                let evidence = lines(file, &step);
                match step.change {
                    Ok(change) => replay.apply(if folds { fold(change, file, &step.range) } else { change }, evidence),
                    Err(reason) => tables.unresolved(reason, evidence),
                }
            }
        }
        sequences.push(Sequence { place, said_by, replay });
    }
    take_away(&mut sequences);
    for sequence in sequences {
        sequence.replay.finish(sequence.said_by, tables);
    }
}

/// A schema that stands beside the migrations that go on from it: what they drop is gone from it too.
fn take_away(sequences: &mut [Sequence]) {
    let parent = |place: &str| place.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
    let mut gone: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for sequence in sequences.iter().filter(|sequence| sequence.said_by == MIGRATION) {
        gone.entry(parent(&sequence.place)).or_default().extend_from_slice(sequence.replay.gone());
    }
    for sequence in sequences.iter_mut().filter(|sequence| sequence.said_by == SCHEMA) {
        for key in gone.get(&parent(&sequence.place)).into_iter().flatten() {
            sequence.replay.forget(key);
        }
    }
}

const MIGRATION: &str = "sql migration";
const SCHEMA: &str = "sql schema";

/// Flyway's `R__x.sql`.
fn is_repeatable(file: &SourceFile) -> bool {
    file.name().starts_with("R__")
}

/// One folder for each migration, as Diesel, Prisma and Hasura lay them out.
fn is_in_own_folder(file: &SourceFile) -> bool {
    matches!(file.name(), "up.sql" | "migration.sql")
}

/// Whether a file drops or renames a table that it has not made itself.
fn takes_away(steps: &[Step]) -> bool {
    let changes = || steps.iter().filter_map(|step| step.change.as_ref().ok());
    let made: Vec<&str> = changes()
        .filter_map(|change| match change {
            Change::Create { table, .. } | Change::Rename { to: table, .. } => Some(table.as_str()),
            _ => None,
        })
        .collect();
    changes().any(|change| match change {
        Change::Drop { table } | Change::Rename { from: table, .. } => {
            !made.iter().any(|made| made.eq_ignore_ascii_case(table))
        }
        _ => false,
    })
}

/// The sequence that a file belongs to.
fn place(path: &str) -> (String, &'static str) {
    if let Some(root) = order::root(path) {
        return (root.to_owned() + &dialect_of(path), MIGRATION);
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if order::is_versioned(name) {
        return (folder.to_owned() + &dialect_of(path), MIGRATION);
    }
    if matches!(name, "up.sql" | "migration.sql") {
        return (folder.rsplit_once('/').map_or("", |(above, _)| above).to_owned(), MIGRATION);
    }
    (path.to_owned(), SCHEMA)
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
    let has_table = file.bytes().windows(5).any(|window| window.eq_ignore_ascii_case(b"table"));
    if !has_table || folders.split('/').any(|folder| OTHERWISE.contains(&folder)) {
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
    !takes_back && !is_undo && !is_otherwise
}

fn lines(file: &SourceFile, step: &Step) -> crate::analyzer::evidence::Evidence {
    file.lines(file.line_at(step.range.start), file.line_at(step.range.end.saturating_sub(1)))
}

/// PostgreSQL keeps unquoted names in lower case; MySQL and SQLite keep them as they are written.
fn folds_case(files: &[(&SourceFile, Vec<Step>)]) -> bool {
    const POSTGRES: &[&str] =
        &["serial", "timestamptz", "jsonb", "plpgsql", "::", "uuid", "bytea", "timestamp with", "pg_catalog", "text[]"];
    const OTHERS: &[&str] = &[
        "`",
        "autoincrement",
        "auto_increment",
        "engine=",
        "engine =",
        "nvarchar",
        "varchar2",
        "pragma",
        "identity(",
        "without rowid",
    ];
    let has_upper = |change: &Change| {
        matches!(change, Change::Create { table, .. } | Change::Rename { to: table, .. }
            if table.bytes().any(|byte| byte.is_ascii_uppercase()))
    };
    if !files.iter().any(|(_, steps)| steps.iter().any(|step| step.change.as_ref().is_ok_and(has_upper))) {
        return false;
    }
    let holds = |patterns: &[&str]| {
        let search = aho_corasick::AhoCorasick::builder().ascii_case_insensitive(true).build(patterns);
        let search = search.expect("a dozen short literals are far below the automaton's limits");
        files.iter().any(|(file, _)| search.is_match(file.bytes()))
    };
    holds(POSTGRES) && !holds(OTHERS)
}

/// The change with the names in lower case that are not quoted in its text.
fn fold(change: Change, file: &SourceFile, range: &std::ops::Range<usize>) -> Change {
    let text = file.bytes().get(range.clone()).unwrap_or_default();
    let one = |name: String| {
        let bare = name.rsplit('.').next().unwrap_or(&name);
        let quoted = format!("\"{bare}\"");
        let is_quoted = text.windows(quoted.len()).any(|window| window == quoted.as_bytes());
        if is_quoted { name } else { name.to_lowercase() }
    };
    match change {
        Change::Create { table, columns } => Change::Create { table: one(table), columns },
        Change::Rename { from, to } => Change::Rename { from, to: one(to) },
        other => other,
    }
}
