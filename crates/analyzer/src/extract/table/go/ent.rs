//! ent: the schemas in a folder `schema`. The name is the plural in snake case, unless an annotation says
//! otherwise. Tables that join two schemas are not listed.

use super::{bare, push};
use crate::extract::table::tables::Tables;
use crate::lang::case;
use crate::lang::go::children;
use crate::lang::inflect::go::plural;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

const SAID_BY: &str = "ent schema";

pub(super) fn read(files: &[&SourceFile], tables: &mut Tables) {
    for file in files.iter().filter(|file| file.folder().rsplit('/').next() == Some("schema")) {
        let (Some(pieces), bytes) = (file.pieces(), file.bytes()) else { continue };
        let top = children(pieces.outline.tree.root_node());
        for spec in top.iter().filter(|node| node.kind() == "type_declaration").flat_map(|node| children(*node)) {
            let (Some(name), Some(of)) = (spec.field("name"), spec.field("type")) else { continue };
            let body = text(of, bytes);
            if of.kind() != "struct_type" || !body.split_whitespace().any(|word| word == "ent.Schema") {
                continue;
            }
            let name = text(name, bytes);
            let annotations = top.iter().find(|node| {
                let receiver = node.field_text("receiver", bytes);
                let receiver = receiver.trim_matches(['(', ')']);
                node.kind() == "method_declaration"
                    && node.field_is("name", "Annotations", bytes)
                    && bare(receiver.rsplit(' ').next().unwrap_or_default()) == name
            });
            let said = annotations.map(|node| text(*node, bytes)).unwrap_or_default();
            let given = said.split("Table:").nth(1).or_else(|| said.split("entsql.Table(").nth(1));
            let given = given.and_then(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
            let table = given.map_or_else(|| plural(&case::snake(name, case::around_capitals)), str::to_owned);
            push(tables, table, SAID_BY, file.first_line_of(spec));
        }
    }
}
