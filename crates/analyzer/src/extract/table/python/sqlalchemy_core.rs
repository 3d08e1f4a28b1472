//! SQLAlchemy's `Table(…)`: association tables and schemas without classes. A table that is only reflected, or that has
//! no columns here, is not stated.

use super::{Program, is_migration};
use crate::extract::table::python::is_column;
use crate::extract::table::tables::Tables;
use crate::extract::table::tables::qualified;
use crate::lang::python::{arguments, called};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::file::SourceFile;

pub(super) fn read(program: &Program<'_>, tables: &mut Tables) {
    for file in prefilter::files_with(program.corpus, Family::Python, &["Table("]) {
        let is_wanted = ["sqlalchemy", "SQLAlchemy", "db.Table("].iter().any(|word| file.holds(word));
        if is_wanted && !is_migration(&file.path) {
            core(program, file, tables);
        }
    }
}

/// `Table("x", metadata, Column(…))` and `db.Table("x", db.Column(…))`.
fn core(program: &Program<'_>, file: &SourceFile, tables: &mut Tables) {
    let Some(parsed) = file.syntax() else { return };
    let bytes = file.bytes();
    let mut open = vec![parsed.tree.root_node()];
    while let Some(node) = open.pop() {
        open.extend(node.inner());
        if called(node, bytes) != Some("Table") {
            continue;
        }
        let (plain, named) = arguments(node, bytes);
        let is_reflected = ["autoload", "autoload_with", "autoload_replace"].iter().any(|key| named.contains_key(key));
        let has_columns =
            plain.iter().skip(1).any(|argument| is_column(*argument, bytes) || matches!(argument.kind(), "list_splat"));
        let Some(first) = plain.first().copied().or_else(|| named.get("name").copied()) else { continue };
        if is_reflected || !has_columns || plain.len() < 2 {
            continue;
        }
        let evidence = file.lines_of(node);
        let Some(name) = program.constants.value(file, first) else {
            let shown = text(first, bytes);
            tables.unresolved(format!("a table is made under a computed name: `{shown}`"), evidence);
            continue;
        };
        let columns = plain.iter().filter(|argument| is_column(**argument, bytes)).filter_map(|column| {
            let first = arguments(*column, bytes).0.first().copied().filter(|first| first.kind() == "string")?;
            whole(first, bytes)
        });
        let schema = named.get("schema").and_then(|schema| program.constants.value(file, *schema));
        let table = qualified(schema.filter(|schema| schema != "public"), &name);
        tables.add(&table, "sqlalchemy table", columns.collect(), vec![evidence]);
    }
}
