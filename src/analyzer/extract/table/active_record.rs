//! Tables of Rails applications. The dump of the schema (`db/schema.rb`, `db/<name>_schema.rb`) is the truth where there
//! is one; with a dump in SQL nothing is said here; otherwise the migrations are replayed in the order of their numbers,
//! forwards only. A name that is computed is unresolved.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::{Table, Tables};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::evidence::Evidence;
use crate::analyzer::file::SourceFile;
use crate::analyzer::inflect::Inflector;
use crate::analyzer::syntax::literal::{text, whole};

/// Calls on `t` that make no column.
const NO_COLUMNS: [&str; 9] = [
    "index",
    "foreign_key",
    "check_constraint",
    "unique_constraint",
    "exclusion_constraint",
    "remove",
    "remove_index",
    "rename",
    "unique_key",
];
/// Blocks inside blocks.
const MAX_DEPTH: usize = 200;

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
    let above = root.rsplit_once('/').map_or("", |(above, _)| above).rsplit('/').next().unwrap_or_default();
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
    let mut replayed = Replay { file, state: &mut state, tables, inflector: &Inflector::default() };
    replayed.walk(parsed.tree.root_node(), 0);
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
        let mut replayed = Replay { file, state: &mut state, tables, inflector: &inflector };
        replayed.walk(parsed.tree.root_node(), 0);
    }
    push(state, "rails migration", tables);
}

fn push(state: State, said_by: &'static str, tables: &mut Tables) {
    for (name, (columns, evidence)) in state {
        let name = name.strip_prefix("public.").map_or(name.clone(), str::to_owned);
        tables.found.push(Table { name, said_by, columns, evidence });
    }
}

struct Replay<'c, 'a> {
    file: &'c SourceFile,
    state: &'a mut State,
    tables: &'a mut Tables,
    inflector: &'a Inflector,
}

impl<'c> Replay<'c, '_> {
    /// Every statement in the order of the text, but what only goes back.
    fn walk(&mut self, node: Node<'c>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let bytes = self.file.bytes();
        match node.kind() {
            "method" | "singleton_method" => {
                let name = node.child_by_field_name("name").map_or("", |name| text(name, bytes));
                if name == "down" {
                    return;
                }
            }
            "call" => {
                let method = node.child_by_field_name("method").map_or("", |method| text(method, bytes));
                if method == "down" || self.call(node, method) {
                    return;
                }
            }
            _ => {}
        }
        let mut cursor = node.walk();
        let children: Vec<Node<'c>> = node.named_children(&mut cursor).collect();
        for child in children {
            self.walk(child, depth + 1);
        }
    }

    /// What a call does to the tables; `false` if nothing, so that its blocks are read.
    fn call(&mut self, node: Node<'c>, method: &str) -> bool {
        let is_of_table = matches!(
            method,
            "create_table"
                | "create_join_table"
                | "rename_table"
                | "drop_table"
                | "drop_join_table"
                | "change_table"
                | "add_column"
                | "add_reference"
                | "add_belongs_to"
                | "add_timestamps"
                | "remove_column"
                | "remove_columns"
                | "rename_column"
        );
        if !is_of_table {
            return false;
        }
        let bytes = self.file.bytes();
        let (given, options) = arguments(node, bytes);
        let evidence = self.lines(node);
        let names: Option<Vec<&str>> = given.iter().map(|name| name.as_deref()).collect();
        let first = given.first().and_then(|name| name.as_deref());
        match (method, first) {
            ("create_table" | "rename_table" | "drop_table", None) => {
                let reason = format!("`{method}` is given a computed name");
                self.tables.unresolved(reason, evidence);
            }
            ("create_table", Some(name)) => {
                let mut columns = primary_key(&options);
                columns.extend(self.block_columns(node));
                let is_forced = options.contains_key("force");
                let entry = self.state.entry(name.to_owned());
                match entry {
                    std::collections::btree_map::Entry::Occupied(mut known) if is_forced => {
                        known.insert((columns, evidence));
                    }
                    // The same table in two branches.
                    std::collections::btree_map::Entry::Occupied(_) => {}
                    std::collections::btree_map::Entry::Vacant(free) => drop(free.insert((columns, evidence))),
                }
            }
            ("create_join_table" | "drop_join_table", _) => {
                let Some([one, two]) = names.as_deref().and_then(|names| names.get(..2)) else { return true };
                let name = match options.get("table_name") {
                    Some(Some(name)) => name.clone(),
                    Some(None) => return true,
                    None => joined(one, two),
                };
                if method == "drop_join_table" {
                    self.state.remove(&name);
                } else {
                    let column = |name: &&str| format!("{}_id", self.inflector.singularize(name));
                    let mut columns = vec![column(one), column(two)];
                    columns.extend(self.block_columns(node));
                    self.state.entry(name).or_insert((columns, evidence));
                }
            }
            ("rename_table", Some(old)) => {
                if let (Some((columns, _)), Some(Some(new))) = (self.state.remove(old), given.get(1)) {
                    self.state.insert(new.clone(), (columns, evidence));
                }
            }
            ("drop_table", Some(_)) => {
                for name in given.iter().flatten() {
                    self.state.remove(name);
                }
            }
            (_, Some(table)) => {
                let block = self.block_columns(node);
                let Some((columns, _)) = self.state.get_mut(table) else { return true };
                let second = given.get(1).cloned().flatten();
                match (method, second) {
                    ("change_table", _) => columns.extend(block),
                    ("add_column", Some(name)) => columns.push(name),
                    ("add_reference" | "add_belongs_to", Some(name)) => {
                        columns.push(format!("{name}_id"));
                        if options.contains_key("polymorphic") {
                            columns.push(format!("{name}_type"));
                        }
                    }
                    ("add_timestamps", _) => columns.extend(["created_at".to_owned(), "updated_at".to_owned()]),
                    ("remove_column" | "remove_columns", Some(name)) => {
                        let gone = |column: &String| {
                            method == "remove_columns" && given.iter().flatten().any(|name| name == column)
                        };
                        columns.retain(|column| *column != name && !gone(column));
                    }
                    ("rename_column", Some(old)) => {
                        if let (Some(at), Some(Some(new))) =
                            (columns.iter().position(|column| *column == old), given.get(2))
                        {
                            columns[at].clone_from(new);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        true
    }

    fn lines(&self, node: Node<'c>) -> Evidence {
        let last = node.child_by_field_name("arguments").map_or(node.start_position(), |list| list.end_position());
        let line = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
        self.file.lines(line(node.start_position().row), line(last.row))
    }

    /// The columns that the block of a table makes.
    fn block_columns(&self, node: Node<'c>) -> Vec<String> {
        let bytes = self.file.bytes();
        let mut out = Vec::new();
        let body = node.child_by_field_name("block").and_then(|block| block.child_by_field_name("body"));
        let Some(body) = body else { return out };
        let mut cursor = body.walk();
        for child in body.named_children(&mut cursor).filter(|child| child.kind() == "call") {
            if child.child_by_field_name("receiver").is_none_or(|receiver| receiver.kind() != "identifier") {
                continue;
            }
            let method = child.child_by_field_name("method").map_or("", |method| text(method, bytes));
            if NO_COLUMNS.contains(&method) {
                continue;
            }
            let (given, options) = arguments(child, bytes);
            match method {
                "timestamps" => out.extend(["created_at".to_owned(), "updated_at".to_owned()]),
                "column" => out.extend(given.into_iter().take(1).flatten()),
                "references" | "belongs_to" => {
                    for name in given.into_iter().flatten() {
                        out.push(format!("{name}_id"));
                        if options.contains_key("polymorphic") {
                            out.push(format!("{name}_type"));
                        }
                    }
                }
                _ => out.extend(given.into_iter().flatten()),
            }
        }
        out
    }
}

/// The names that a call is given, `None` for a computed one, and its options.
fn arguments(node: Node<'_>, bytes: &[u8]) -> (Vec<Option<String>>, BTreeMap<String, Option<String>>) {
    let mut given = Vec::new();
    let mut options = BTreeMap::new();
    let Some(list) = node.child_by_field_name("arguments") else {
        return (given, options);
    };
    let mut cursor = list.walk();
    for argument in list.named_children(&mut cursor) {
        match argument.kind() {
            "comment" => {}
            "pair" => {
                let key = argument.child_by_field_name("key").map_or("", |key| text(key, bytes));
                let value = argument.child_by_field_name("value").and_then(|value| name(value, bytes));
                options.insert(key.trim_matches([':', '"']).to_owned(), value);
            }
            _ => given.push(name(argument, bytes)),
        }
    }
    (given, options)
}

fn name(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "simple_symbol" => Some(text(node, bytes).trim_start_matches(':').to_owned()),
        "string" => {
            let mut cursor = node.walk();
            let has_hole = node.named_children(&mut cursor).any(|child| child.kind() == "interpolation");
            whole(node, bytes).filter(|_| !has_hole)
        }
        "false" => Some("false".to_owned()),
        _ => None,
    }
}

fn primary_key(options: &BTreeMap<String, Option<String>>) -> Vec<String> {
    match (options.get("id"), options.get("primary_key")) {
        (Some(Some(id)), _) if id == "false" => Vec::new(),
        (_, Some(Some(key))) => vec![key.clone()],
        (_, Some(None)) => Vec::new(),
        _ => vec!["id".to_owned()],
    }
}

/// The name of a join table: both in order, what they begin with in common once.
fn joined(one: &str, two: &str) -> String {
    let mut both = [one.to_owned(), two.to_owned()];
    both.sort();
    let [one, two] = both;
    let common = one.rfind('_').map(|at| &one[..=at]).filter(|head| two.starts_with(*head));
    match common {
        Some(head) => format!("{one}_{}", &two[head.len()..]),
        None => format!("{one}_{two}"),
    }
}
