//! `migration` facts: the files that change a database step by step, by the layouts of the tools that run them. What
//! they do to tables is the business of `table`; here it is that there is one more to run.

use ci_feed_dossier::fact::FactKind;
use sha2::{Digest as _, Sha256};

use super::change_log::{self, ChangeSet};
use crate::fact::{Fact, Found};
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Every migration that runs forwards.
pub(super) fn extract(corpus: &Corpus) -> Found {
    let fact = |file: &SourceFile| {
        let sets = change_log::read(file);
        let step = || Fact::evidenced(FactKind::Migration, file.path.as_str(), file.exists()).with("code", code(file));
        log(file, &sets).or_else(|| is_migration(file).then(step))
    };
    Found { facts: corpus.application().filter_map(fact).collect(), ..Found::default() }
}

/// A change log of Liquibase, which grows: each of its change sets is a step.
fn log(file: &SourceFile, sets: &[ChangeSet]) -> Option<Fact> {
    let names: Vec<String> = sets.iter().map(|set| format!("{} {}", set.name, set.code)).collect();
    let mut fact = Fact::evidenced(FactKind::Migration, file.path.as_str(), sets.first()?.evidence.clone());
    fact.evidence = sets.iter().map(|set| set.evidence.clone()).collect();
    Some(fact.with("change_sets", names))
}

/// The first 16 hex digits of a hash of what it does: no white space and no comment that has a line of its own, so that
/// a formatter is no change of it.
fn code(file: &SourceFile) -> String {
    let mut hash = Sha256::new();
    for line in file.bytes().split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
        if ![&b"--"[..], b"#", b"//"].iter().any(|comment| line.starts_with(comment)) {
            line.split(u8::is_ascii_whitespace).for_each(|word| hash.update(word));
        }
    }
    let mut digest = hex::encode(hash.finalize());
    digest.truncate(16);
    digest
}

fn is_migration(file: &SourceFile) -> bool {
    let Some((stem, ending)) = file.name().rsplit_once('.') else { return false };
    let holds = |text: &[u8]| memchr::memmem::find(file.bytes(), text).is_some();
    match ending {
        "sql" => is_sql_step(file, stem),
        // Alembic names its steps by random ids; the step before it is always named.
        "py" if is_below(file, "versions") => holds(b"down_revision"),
        "py" => is_stepwise(file) && starts_numbered(stem, 4) && holds(b"Migration"),
        "rb" => {
            let last = file.folder().rsplit('/').next().unwrap_or_default();
            // Those of the data, of the gem data_migrate, lie beside those of the schema.
            let is_of_data = file.folder().ends_with("db/data") && holds(b"Migration");
            (last.ends_with("migrate") || is_of_data) && starts_numbered(stem, 3)
        }
        // SeaORM writes `m20220101_000001_users`.
        "rs" => {
            let is_timed = stem.strip_prefix('m').is_some_and(|rest| starts_numbered(rest, 4));
            is_stepwise(file) && (is_timed || is_numbered(stem))
        }
        "java" | "kt" => is_stepwise(file) && stem.starts_with(['V', 'R']) && stem.contains("__"),
        "php" | "js" | "cjs" | "mjs" | "ts" | "cts" | "mts" | "go" | "exs" => {
            is_stepwise(file) && is_numbered(stem) && !stem.ends_with(".d")
        }
        "cs" => {
            // Entity Framework numbers by time; FluentMigrator's steps are marked.
            let is_numbered = starts_numbered(stem, 8) || starts_numbered(stem, 1) && holds(b"[Migration(");
            is_stepwise(file) && is_numbered && !stem.ends_with(".Designer")
        }
        _ => false,
    }
}

/// Folders in which Flyway is told to look, besides those of migrations.
const PLACES: [&str; 4] = ["resources", "db", "sql", "flyway"];

/// SQL that goes forwards: numbered in a folder of migrations, named as Flyway does, or `up.sql` in a numbered folder.
fn is_sql_step(file: &SourceFile, stem: &str) -> bool {
    let lower = stem.to_ascii_lowercase();
    let backwards = [".down", "_down", "-down", ".rollback", ".undo"].iter().any(|end| lower.ends_with(end))
        || matches!(&*lower, "down" | "rollback")
        || is_below(file, "rollback");
    if backwards {
        return false;
    }
    let is_baseline = lower.strip_prefix('b').is_some_and(|rest| starts_numbered(rest, 1));
    let is_flyway = (lower.starts_with(['v', 'r']) || is_baseline) && lower.contains("__");
    // Where the settings name another place, a version says enough: `resources/db/common/V110__teams.sql`.
    let is_version = lower.strip_prefix('v').is_some_and(|rest| starts_numbered(rest, 1));
    let is_flyway = is_flyway
        && (has_migration_word(file.folder()) || is_version && PLACES.iter().any(|place| is_below(file, place)));
    let in_own_folder = matches!(&*lower, "up" | "migration")
        && file.folder().rsplit('/').next().is_some_and(|folder| starts_numbered(folder, 1));
    is_flyway || in_own_folder || (is_stepwise(file) && is_numbered(stem))
}

/// Whether a folder above says that steps lie in it.
fn is_stepwise(file: &SourceFile) -> bool {
    has_migration_word(file.folder())
}

fn has_migration_word(folder: &str) -> bool {
    folder.split('/').any(|part| {
        let part = part.to_ascii_lowercase();
        part.ends_with("migrations") || part.ends_with("migration") || part.ends_with("migrate")
    })
}

fn is_below(file: &SourceFile, name: &str) -> bool {
    file.folder().split('/').any(|part| part.eq_ignore_ascii_case(name))
}

/// A step has a number or a time first (`0001_users`, `2024_01_31_120000_x`, `V2.1__x`, `migration_0001`) or, as TypeORM writes
/// it, last.
fn is_numbered(stem: &str) -> bool {
    let stem = stem.trim_end_matches(".up");
    let stem = stem.strip_prefix("migration").map_or(stem, |rest| rest.trim_start_matches(['_', '-']));
    let digits_at_end = stem.len() - stem.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    starts_numbered(stem.trim_start_matches(['v', 'V']), 1) || digits_at_end >= 10
}

fn starts_numbered(name: &str, digits: usize) -> bool {
    name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len() >= digits
}
