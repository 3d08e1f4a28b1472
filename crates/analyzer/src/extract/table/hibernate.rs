//! Tables of Hibernate's mapping documents (`*.hbm.xml`): classes, those below them with a table of their own,
//! collections and joins. Without a name written, a class's table is called as the class.

use roxmltree::{Document, Node};

use crate::extract::table::tables::qualified;
use crate::extract::table::tables::{Table, Tables};
use crate::tree::corpus::Corpus;
use crate::tree::document::xml::{line_in, with_xml};
use crate::tree::file::SourceFile;

/// Every table that the documents name.
pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    for file in corpus.application().filter(|file| file.name().ends_with(".hbm.xml")) {
        with_xml(file, |document| {
            for node in document.descendants().filter(Node::is_element) {
                element(file, document, node, tables);
            }
        });
    }
}

fn element(file: &SourceFile, document: &Document<'_>, node: Node<'_, '_>, tables: &mut Tables) {
    let named = node.attribute("table");
    let name = match node.tag_name().name() {
        "class" | "joined-subclass" | "union-subclass" => {
            let is_view = node.children().any(|child| child.tag_name().name() == "subselect");
            let is_abstract = node.attribute("abstract") == Some("true") && named.is_none();
            let class = node.attribute("name").map(|class| class.rsplit('.').next().unwrap_or(class));
            named.or(class).filter(|_| !is_view && !is_abstract)
        }
        // A collection without a table is kept in the one of its items.
        "set" | "bag" | "list" | "map" | "idbag" | "array" | "primitive-array" | "join" => {
            named.filter(|_| !is_one_to_many(node))
        }
        _ => None,
    };
    let Some(name) = name else { return };
    let name = name.trim_matches(['`', '"']).to_owned();
    let schema = node.attribute("schema").filter(|schema| !matches!(*schema, "public" | "dbo"));
    let name = qualified(schema, &name);
    let line = line_in(file, document, node.range().start);
    let end = node.first_element_child().map_or(line, |child| line_in(file, document, child.range().start));
    let opening = end.saturating_sub(1).max(line);
    let columns = node.children().filter(|child| matches!(child.tag_name().name(), "id" | "property" | "key-property"));
    let columns =
        columns.filter_map(|child| child.attribute("column").map(|column| column.trim_matches('`').to_owned()));
    tables.found.push(Table {
        name,
        said_by: "hibernate mapping",
        columns: columns.collect(),
        evidence: file.lines(line, opening.min(line + 6)),
    });
}

fn is_one_to_many(node: Node<'_, '_>) -> bool {
    node.children().any(|child| child.tag_name().name() == "one-to-many")
}
