//! Scripts of SQL and of code, put into sequences and replayed: migrations of one folder in the order of their tool,
//! every other file by itself. A schema that stands beside migrations is compared with their end.

use std::collections::BTreeMap;

use super::code::{self, alembic};
use super::order;
use super::replay::{Change, Replay};
use super::sql::{self, SNAPSHOTS};
use super::step::Step;
use crate::extract::table::step::{Script, ScriptKind};
use crate::extract::table::tables::Tables;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::folder_of;

/// A sequence that was replayed.
struct Sequence {
    place: String,
    kind: ScriptKind,
    said_by: &'static str,
    replay: Replay,
}

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let mut groups: BTreeMap<(ScriptKind, String), Vec<Script<'_>>> = BTreeMap::new();
    for script in sql::scripts(corpus).into_iter().chain(code::scripts(corpus)) {
        if !script.steps.is_empty() {
            groups.entry((script.kind, script.place.clone())).or_default().push(script);
        }
    }
    let mut sequences: Vec<Sequence> = Vec::new();
    for ((kind, place), mut scripts) in groups {
        sort(&mut scripts);
        let folds = folds_case(&scripts);
        let is_sql = scripts.iter().all(|script| is_sql(script.file));
        let mut replay = Replay::default();
        for script in scripts {
            for step in script.steps {
                let last = step.range.end.saturating_sub(1).max(step.range.start);
                let evidence = script.file.lines(script.file.line_at(step.range.start), script.file.line_at(last));
                match step.change {
                    Ok(change) if folds && !step.is_exact => {
                        replay.apply(fold(change, script.file, &step.range), evidence);
                    }
                    Ok(change) => replay.apply(change, evidence),
                    Err(reason) => tables.unresolved(reason, evidence),
                }
            }
        }
        let said_by = match kind {
            ScriptKind::Migration if is_sql => "sql migration",
            ScriptKind::Migration => "migration",
            ScriptKind::Schema => "sql schema",
            ScriptKind::Code => "sql in code",
        };
        sequences.push(Sequence { place, kind, said_by, replay });
    }
    compare(&mut sequences);
    for sequence in sequences {
        sequence.replay.finish(sequence.said_by, tables);
    }
}

fn is_sql(file: &SourceFile) -> bool {
    crate::syntax::grammar::Language::of_path(&file.path).is_none()
}

/// The order in which the tool runs the scripts. One without a number is where the numbered ones go on from; among
/// themselves such scripts have no order but that what takes away follows what makes.
fn sort(scripts: &mut [Script<'_>]) {
    let revisions = alembic::order(scripts.iter().map(|script| script.file));
    scripts.sort_by_cached_key(|script| {
        let revision = revisions.get(script.file.path.as_str()).copied();
        let has_order = revision.is_some()
            || order::is_versioned(script.file.name())
            || is_in_own_folder(script.file)
            || is_repeatable(script.file);
        let key = (has_order, !has_order && takes_away(&script.steps), revision);
        (key, order::Version::of(&script.file.path))
    });
}

/// A schema beside migrations: what they drop of it is gone. If it holds the newest table that they make it is a
/// picture of their end, and what it lacks was only in the way there.
fn compare(sequences: &mut [Sequence]) {
    let parent = |place: &str| folder_of(place).to_owned();
    let (migrations, others): (Vec<&mut Sequence>, Vec<&mut Sequence>) =
        sequences.iter_mut().partition(|sequence| sequence.kind == ScriptKind::Migration);
    let mut schemas: BTreeMap<String, Vec<&mut Sequence>> = BTreeMap::new();
    for schema in others.into_iter().filter(|sequence| sequence.kind == ScriptKind::Schema) {
        schemas.entry(parent(&schema.place)).or_default().push(schema);
    }
    for migration in migrations {
        let beside = [migration.place.clone(), parent(&migration.place)];
        let Some(folder) = beside.into_iter().find(|folder| schemas.contains_key(folder)) else { continue };
        let newest = migration.replay.newest().map(str::to_owned);
        for schema in schemas.get_mut(&folder).into_iter().flatten() {
            migration.replay.gone().iter().for_each(|key| schema.replay.forget(key));
            let name = schema.place.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
            let is_snapshot = name.split('.').next().is_some_and(|stem| SNAPSHOTS.contains(&stem));
            if is_snapshot && newest.as_ref().is_some_and(|newest| schema.replay.holds(newest)) {
                migration.replay.keep(|key| schema.replay.holds(key));
            }
        }
    }
}

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

/// PostgreSQL keeps unquoted names in lower case; MySQL and SQLite keep them as they are written.
fn folds_case(scripts: &[Script<'_>]) -> bool {
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
    let has_upper = |step: &Step| !step.is_exact && step.change.as_ref().is_ok_and(has_upper);
    if !scripts.iter().any(|script| script.steps.iter().any(has_upper)) {
        return false;
    }
    // A word of another dialect in one comment decides nothing: the most files do.
    let count = |patterns: &[&str]| {
        let search = aho_corasick::AhoCorasick::builder().ascii_case_insensitive(true).build(patterns);
        let search = search.expect("a dozen short literals are far below the automaton's limits");
        scripts.iter().filter(|script| search.is_match(script.file.bytes())).count()
    };
    count(POSTGRES) > count(OTHERS)
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
