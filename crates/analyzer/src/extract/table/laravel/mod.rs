//! Tables of Laravel applications: the schema dump and the migrations after it, replayed in the order of their names;
//! where the tree has no migrations, the Eloquent models. `down()` is never run. A prefix of table names is a matter
//! of the installation and is left out.

mod blueprint;
mod dump;
mod model;
mod schema;

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

use crate::extract::endpoint::laravel::roots;
use crate::extract::table::tables::{Table, Tables};
use crate::fact::Unresolved;
use crate::lang::php::machine::{PHP_STACK_BYTES, PhpMachine};
use crate::lang::php::project::PhpProject;
use crate::lang::php::unit::PhpClass;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;
use crate::tree::path::is_below;

/// The database while migrations are replayed.
#[derive(Default)]
pub(super) struct LaravelReplay {
    tables: BTreeMap<String, Kept>,
    /// The table whose columns are being described.
    current: String,
    unresolved: Vec<Unresolved>,
}

/// A table that exists so far.
#[derive(Default)]
struct Kept {
    columns: Vec<String>,
    evidence: Vec<Evidence>,
}

impl LaravelReplay {
    fn open(&mut self, reason: String, evidence: Evidence) {
        self.unresolved.push(Unresolved::new(FactKind::Table, reason, vec![evidence]));
    }

    fn create(&mut self, name: &str, evidence: Evidence) {
        self.tables.insert(name.to_owned(), Kept { columns: Vec::new(), evidence: vec![evidence] });
    }

    fn rename(&mut self, from: &str, to: &str, evidence: Evidence) {
        let mut kept = self.tables.remove(from).unwrap_or_default();
        kept.evidence.insert(0, evidence);
        self.tables.insert(to.to_owned(), kept);
    }
}

/// State the tables of every Laravel application.
pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let roots = roots(corpus);
    if roots.is_empty() {
        return;
    }
    let stated = deal::deep(PHP_STACK_BYTES, || {
        let mut out = Tables::default();
        for (root, _) in &roots {
            application(corpus, root, &mut out);
        }
        out
    });
    let stated = stated.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    tables.found.extend(stated.found);
    tables.unresolved.extend(stated.unresolved);
}

fn application(corpus: &Corpus, root: &str, out: &mut Tables) {
    let project = PhpProject::read(corpus, root);
    let mut machine = PhpMachine::new(corpus, &project, LaravelReplay::default());
    let done = dump::read(&mut machine);
    let files = migrations(corpus, root);
    let has_history = !files.is_empty() || !machine.host.tables.is_empty();
    for file in files {
        let stem = file.name().trim_end_matches(".php");
        if done.contains(stem) {
            continue;
        }
        let classes = machine.classes(file);
        let Some(class) = classes.iter().find(|class| is_migration(class)) else { continue };
        let object = machine.instance(class, Vec::new());
        machine.call_named(&object, "up");
    }
    if has_history {
        let LaravelReplay { tables, unresolved, .. } = machine.host;
        out.unresolved.extend(unresolved);
        for (name, kept) in tables {
            let mut columns = Some(kept.columns);
            for evidence in kept.evidence {
                let columns = columns.take().unwrap_or_default();
                out.found.push(Table { name: name.clone(), said_by: "laravel migration", columns, evidence });
            }
        }
    } else {
        model::state(&mut machine, out);
    }
}

fn is_migration(class: &PhpClass<'_>) -> bool {
    let parent = class.parent.as_deref().unwrap_or_default();
    parent.rsplit('\\').next().unwrap_or(parent).ends_with("Migration")
}

/// Files that the migrator runs, in its order: by name, whatever folder they stand in.
fn migrations<'c>(corpus: &'c Corpus, root: &str) -> Vec<&'c SourceFile> {
    let is_wanted = |file: &&SourceFile| {
        let in_folder = file.folder().to_ascii_lowercase().split('/').any(|part| part == "migrations");
        in_folder && file.name().starts_with(|first: char| first.is_ascii_digit()) && is_below(&file.path, root)
    };
    let files = prefilter::files_with(corpus, Family::Php, &["Schema", "DB::", "Blueprint", "Migration"]);
    let mut files: Vec<&SourceFile> = files.into_iter().filter(is_wanted).collect();
    files.sort_by(|a, b| a.name().cmp(b.name()).then_with(|| a.path.cmp(&b.path)));
    files
}
