//! Tables of Rails applications. The dump of the schema (`db/schema.rb`, `db/<name>_schema.rb`) is the truth where there
//! is one; with a dump in SQL nothing is said here; otherwise the migrations are replayed in the order of their numbers,
//! forwards only. A name that is computed is unresolved.

mod column;
mod statement;

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::table::tables::{Table, Tables};
use crate::lang::inflect::rails::Inflector;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::folder_of;
use ci_feed_dossier::evidence::Evidence;
use statement::ActiveRecordReplay;

/// What a database holds while its migrations are replayed.
type State = BTreeMap<String, (Vec<String>, Evidence)>;

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    // By the folder that holds the database's files.
    let mut migrations: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
    let mut dumped: BTreeSet<String> = BTreeSet::new();
    for file in corpus.application() {
        let name = file.name();
        let folder = file.folder();
        let is_db = folder == "db" || folder.ends_with("/db");
        if is_db && (name == "schema.rb" || name.ends_with("_schema.rb")) {
            schema(file, tables);
            dumped.insert(group(folder, name.strip_suffix("schema.rb").unwrap_or_default()));
        } else if is_db && name.ends_with("structure.sql") {
            dumped.insert(group(folder, name.strip_suffix("structure.sql").unwrap_or_default()));
        } else if let Some(place) = migration_folder(&file.path) {
            migrations.entry(place).or_default().push(file);
        }
    }
    let mut by_database: BTreeMap<String, Vec<&SourceFile>> = BTreeMap::new();
    for (place, files) in migrations {
        let (folder, last) = place.rsplit_once('/').unwrap_or(("", place));
        let database = last.strip_suffix("migrate").unwrap_or_default();
        // What runs after a deployment changes the same database.
        let database = if database == "post_" { "" } else { database };
        by_database.entry(group(folder, database)).or_default().extend(files);
    }
    for (database, mut files) in by_database {
        let folder = database.split(' ').next().unwrap_or_default();
        if dumped.contains(&database) || !is_loaded(corpus, folder) {
            continue;
        }
        files.sort_by_key(|file| (number(file.name()), file.path.clone()));
        replay(corpus, &files, tables);
    }
}

fn group(folder: &str, database: &str) -> String {
    format!("{folder} {database}")
}

/// `db/migrate` of `db/migrate/2019/20190101000000_x.rb`; `db/cache_migrate` is another database's.
fn migration_folder(path: &str) -> Option<&str> {
    let numbered = path.rsplit('/').next()?;
    if !numbered.ends_with(".rb") || !numbered.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let mut end = 0;
    let mut above = "";
    for part in path.split('/') {
        end += part.len();
        if above == "db" && part.ends_with("migrate") {
            return path.get(..end);
        }
        above = part;
        end += 1;
    }
    None
}

/// Whether somebody runs the migrations of a `db` folder: it is an application's, a package's or a plugin's in its place.
fn is_loaded(corpus: &Corpus, folder: &str) -> bool {
    let root = folder.strip_suffix("db").unwrap_or(folder).trim_end_matches('/');
    let holds = |name: &str| corpus.has_path(&format!("{root}/{name}"));
    let above = folder_of(root).rsplit('/').next().unwrap_or_default();
    root.is_empty()
        || ["config/application.rb", "Gemfile", "Rakefile", "plugin.rb"].into_iter().any(holds)
        || matches!(above, "plugins" | "engines" | "packs" | "packages" | "components" | "modules" | "gems")
        || corpus.files().iter().any(|file| file.folder() == root && file.name().ends_with(".gemspec"))
}

/// The number that a migration's name begins with.
fn number(name: &str) -> u64 {
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(u64::MAX)
}

fn schema(file: &SourceFile, tables: &mut Tables) {
    let Some(parsed) = file.syntax() else { return };
    let mut state = State::new();
    let mut replayed = ActiveRecordReplay { file, state: &mut state, tables, inflector: &Inflector::default() };
    replayed.walk(parsed.tree.root_node());
    push(state, "rails schema", tables);
}

fn replay(corpus: &Corpus, files: &[&SourceFile], tables: &mut Tables) {
    let mut state = State::new();
    let inflector = Inflector::of_rails(corpus);
    for file in files {
        let source = file.text();
        if !source.contains("table") && !source.contains("column") && !source.contains("reference") {
            continue;
        }
        let Some(parsed) = file.syntax() else { continue };
        let mut replayed = ActiveRecordReplay { file, state: &mut state, tables, inflector: &inflector };
        replayed.walk(parsed.tree.root_node());
    }
    push(state, "rails migration", tables);
}

fn push(state: State, said_by: &'static str, tables: &mut Tables) {
    for (name, (columns, evidence)) in state {
        let name = name.strip_prefix("public.").map_or(name.clone(), str::to_owned);
        tables.found.push(Table { name, said_by, columns, evidence });
    }
}
