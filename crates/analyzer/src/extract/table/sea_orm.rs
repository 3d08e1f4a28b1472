//! SeaORM: the tables that entities name in `#[sea_orm(table_name = "…")]`, with their columns. Entities that carry the
//! mark of generated code are not application code; the migrations (`code/sea_query.rs`) state their tables.

use tree_sitter::Node;

use crate::extract::table::tables::Tables;
use crate::extract::table::tables::qualified;
use crate::lang::rust::attribute::{Written, attributed, literal};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Relations, not columns.
const RELATIONS: &[&str] = &["ignore", "has_many", "has_one", "belongs_to", "self_ref"];

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    for file in prefilter::files_with(corpus, Family::Rust, &["sea_orm("]) {
        let Some(parsed) = file.syntax() else { continue };
        let mut open = vec![parsed.tree.root_node()];
        while let Some(node) = open.pop() {
            for (item, above) in attributed(node) {
                match item.kind() {
                    // Entities are items of modules, not of functions.
                    "mod_item" | "declaration_list" => open.push(item),
                    "struct_item" => entity(file, item, &above, tables),
                    _ => {}
                }
            }
        }
    }
}

/// `#[sea_orm(table_name = "x", schema_name = "y")] struct Model { … }`
fn entity(file: &SourceFile, node: Node<'_>, above: &[Node<'_>], tables: &mut Tables) {
    let bytes = file.bytes();
    let said = above.iter().find_map(|attribute| {
        let written = Written::read(text(*attribute, bytes));
        let name = literal(written.get("table_name").filter(|_| written.name == "sea_orm")?)?;
        let schema = written.get("schema_name").and_then(literal).filter(|schema| schema != "public");
        Some((*attribute, qualified(schema, &name)))
    });
    let Some((attribute, name)) = said else { return };
    let at = file.lines_of(attribute);
    tables.add(&name, "sea-orm entity", columns(node, bytes), vec![at]);
}

/// The fields of an entity that are columns, under the names that the database knows.
fn columns(node: Node<'_>, bytes: &[u8]) -> Vec<String> {
    let Some(body) = node.field("body") else { return Vec::new() };
    let fields = attributed(body).into_iter().filter(|(field, _)| field.kind() == "field_declaration");
    let column = |(field, above): (Node<'_>, Vec<Node<'_>>)| {
        let said: Vec<Written<'_>> = above.iter().map(|one| Written::read(text(*one, bytes))).collect();
        let is_column = !said.iter().any(|written| written.plain.iter().any(|word| RELATIONS.contains(word)));
        let renamed = said.iter().find_map(|written| literal(written.get("column_name")?));
        let own = || field.field_text("name", bytes).trim_start_matches("r#").to_owned();
        is_column.then(|| renamed.unwrap_or_else(own))
    };
    fields.filter_map(column).collect()
}
