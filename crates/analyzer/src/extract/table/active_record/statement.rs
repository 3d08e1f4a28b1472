//! What the statements of a dump or a migration do to the tables.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::State;
use crate::budget::MAX_SYNTAX_DEPTH;
use crate::extract::table::tables::Tables;
use crate::lang::inflect::rails::Inflector;
use crate::lang::ruby::literal_arguments;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

pub(super) struct ActiveRecordReplay<'c, 'a> {
    pub(super) file: &'c SourceFile,
    pub(super) state: &'a mut State,
    pub(super) tables: &'a mut Tables,
    pub(super) inflector: &'a Inflector,
}

impl<'c> ActiveRecordReplay<'c, '_> {
    /// Every statement in the order of the text, but what only goes back.
    pub(super) fn walk(&mut self, root: Node<'c>) {
        let bytes = self.file.bytes();
        let mut nodes = root.preorder(MAX_SYNTAX_DEPTH);
        while let Some(node) = nodes.next() {
            let is_done = match node.kind() {
                "method" | "singleton_method" => node.field_is("name", "down", bytes),
                "call" => {
                    let method = node.field_text("method", bytes);
                    method == "down" || self.call(node, method)
                }
                _ => false,
            };
            if is_done {
                nodes.skip_below();
            }
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
        let (given, options) = literal_arguments(node, bytes);
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
                if let Some((columns, _)) = self.state.get_mut(table) {
                    match method {
                        "change_table" => columns.extend(block),
                        _ => change(columns, method, &given, options.contains_key("polymorphic")),
                    }
                }
            }
            _ => {}
        }
        true
    }

    fn lines(&self, node: Node<'c>) -> Evidence {
        let last = node.field("arguments").map_or(node.first_line(), |list| list.last_line());
        self.file.lines(node.first_line(), last)
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

/// The key that a new table has without saying so, or as its options say.
fn primary_key(options: &BTreeMap<&str, Option<String>>) -> Vec<String> {
    match (options.get("id"), options.get("primary_key")) {
        (Some(Some(id)), _) if id == "false" => Vec::new(),
        (_, Some(Some(key))) => vec![key.clone()],
        (_, Some(None)) => Vec::new(),
        _ => vec!["id".to_owned()],
    }
}

/// What a call does to the columns of its table.
fn change(columns: &mut Vec<String>, method: &str, given: &[Option<String>], is_polymorphic: bool) {
    let second = given.get(1).cloned().flatten();
    match (method, second) {
        ("add_column", Some(name)) => columns.push(name),
        ("add_reference" | "add_belongs_to", Some(name)) => {
            columns.push(format!("{name}_id"));
            if is_polymorphic {
                columns.push(format!("{name}_type"));
            }
        }
        ("add_timestamps", _) => columns.extend(["created_at".to_owned(), "updated_at".to_owned()]),
        ("remove_column" | "remove_columns", Some(name)) => {
            let gone =
                |column: &String| method == "remove_columns" && given.iter().flatten().any(|name| name == column);
            columns.retain(|column| *column != name && !gone(column));
        }
        ("rename_column", Some(old)) => {
            if let (Some(at), Some(Some(new))) = (columns.iter().position(|column| *column == old), given.get(2)) {
                columns[at].clone_from(new);
            }
        }
        _ => {}
    }
}
