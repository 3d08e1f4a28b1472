//! SeaORM: the tables that entities name in `#[sea_orm(table_name = "…")]`. Entities that carry the mark of generated
//! code are not application code; the migrations (`code/sea_query.rs`) state their tables.

use tree_sitter::Node;

use super::Tables;
use crate::analyzer::corpus::Corpus;
use crate::analyzer::syntax::grammar::Family;
use crate::analyzer::syntax::literal::text;
use crate::analyzer::syntax::prefilter;

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    for file in prefilter::files_with(corpus, Family::Rust, &["sea_orm("]) {
        let Some(parsed) = file.syntax() else { continue };
        let mut open = vec![parsed.tree.root_node()];
        while let Some(node) = open.pop() {
            if node.kind() == "attribute_item" {
                let code = text(node, file.bytes());
                let name = setting(code, "table_name").filter(|_| code.contains("sea_orm("));
                let line = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
                if let Some(name) = name {
                    let schema = setting(code, "schema_name").filter(|schema| schema != "public");
                    let table = schema.map_or_else(|| name.clone(), |schema| format!("{schema}.{name}"));
                    let at = file.lines(line(node.start_position().row), line(node.end_position().row));
                    tables.add(&table, "sea-orm entity", Vec::new(), vec![at]);
                }
            } else {
                let mut cursor = node.walk();
                let inner = node.named_children(&mut cursor);
                // Entities are items of modules, not of functions.
                open.extend(inner.filter(|child: &Node<'_>| child.kind() != "block"));
            }
        }
    }
}

/// The string that an attribute gives to a name.
fn setting(code: &str, name: &str) -> Option<String> {
    let rest = code[code.find(name)? + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    let inner = rest.strip_prefix('"')?;
    Some(inner[..inner.find('"')?].to_owned())
}
