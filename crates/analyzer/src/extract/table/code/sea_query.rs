//! SeaORM's migrations: `Table::create().table(Post::Table)` and its like. The name of a table is what the enum of
//! identifiers says: an attribute, or the name of the enum in snake case.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use crate::extract::table::replay::Change;
use crate::extract::table::step::Step;
use crate::lang::case::snake_of_class;
use crate::lang::rust::attribute::attributed;
use crate::syntax::grammar::Family;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Calls in a chain that are looked through for its beginning.
const MAX_CHAIN: usize = 400;

/// The enums of identifiers of the programs. Looked up before files are dealt out to threads: a search that deals files
/// out itself must not run inside of a lock that its own threads may wait for.
pub(super) struct Idens {
    known: BTreeMap<String, BTreeSet<String>>,
}

impl Idens {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in prefilter::outlines_with(corpus, Family::Rust, &["Iden"]) {
            for (name, table) in enums(file) {
                known.entry(name).or_default().insert(table);
            }
        }
        Self { known }
    }

    /// The table of an enum: as its own file says, else as all files agree.
    fn table(&self, file: &SourceFile, name: &str) -> Option<String> {
        if let Some((_, own)) = enums(file).into_iter().find(|(known, _)| known == name) {
            return Some(own);
        }
        self.known.get(name).filter(|tables| tables.len() == 1)?.first().cloned()
    }
}

/// The enums of a file that derive `Iden` or `DeriveIden`, with their tables.
fn enums(file: &SourceFile) -> Vec<(String, String)> {
    let Some(pieces) = file.pieces() else { return Vec::new() };
    let bytes = file.bytes();
    let table = |(item, above): (Node<'_>, Vec<Node<'_>>)| {
        let before: String = above.iter().map(|one| text(*one, bytes)).collect();
        let name = item.field("name").filter(|_| item.kind() == "enum_item" && before.contains("Iden"))?;
        let name = text(name, bytes);
        let said = variant(item, bytes).or_else(|| setting(&before));
        Some((name.to_owned(), said.unwrap_or_else(|| snake_of_class(name))))
    };
    attributed(pieces.outline.tree.root_node()).into_iter().filter_map(table).collect()
}

/// The name in the attribute of the variant `Table`.
fn variant(item: Node<'_>, bytes: &[u8]) -> Option<String> {
    let mut variants = attributed(item.field("body")?).into_iter();
    let (_, above) = variants.find(|(one, _)| one.kind() == "enum_variant" && one.field_is("name", "Table", bytes))?;
    setting(text(*above.last()?, bytes))
}

/// `iden = "x"`.
fn setting(attribute: &str) -> Option<String> {
    let rest = &attribute[attribute.find("iden")? + 4..];
    let inner = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
    Some(inner[..inner.find('"')?].to_owned())
}

/// The change that `.table(…)` in a chain makes.
pub(super) fn step(file: &SourceFile, idens: &Idens, call: Node<'_>) -> Option<Step> {
    let bytes = file.bytes();
    let function = call.field("function").filter(|node| node.kind() == "field_expression")?;
    let method = function.field("field")?;
    if text(method, bytes) != "table" {
        return None;
    }
    let mut here = function.field("value")?;
    for _ in 0..MAX_CHAIN {
        let inner = here.field("function").filter(|_| here.kind() == "call_expression")?;
        if inner.kind() != "field_expression" {
            here = inner;
            break;
        }
        here = inner.field("value")?;
    }
    let does = text(here, bytes).rsplit_once("Table::")?.1;
    let list = call.field("arguments")?;
    let arguments: Vec<Node<'_>> = list.inner().collect();
    let named = |at: usize| -> Result<String, String> {
        let argument = arguments.get(at).copied().ok_or_else(String::new)?;
        let shown = || text(argument, bytes).chars().take(60).collect::<String>();
        name(file, idens, argument).ok_or_else(shown)
    };
    let change = match does {
        "create" => named(0).map(|table| Change::Create { table, columns: Vec::new() }),
        "drop" => Ok(Change::Drop { table: named(0).ok()? }),
        "rename" => named(0).and_then(|from| named(1).map(|to| Change::Rename { from, to })),
        _ => return None,
    };
    let change = change.map_err(|shown| format!("a table is made under a computed name: `{shown}`"));
    Some(Step { change, range: method.start_byte()..call.end_byte(), is_exact: true })
}

/// `Post::Table`, `Alias::new("post")`, `"post"`.
fn name(file: &SourceFile, idens: &Idens, argument: Node<'_>) -> Option<String> {
    let bytes = file.bytes();
    match argument.kind() {
        "string_literal" => whole(argument, bytes),
        "call_expression" => {
            let first = argument.first_argument()?;
            let is_alias = text(argument.field("function")?, bytes).ends_with("Alias::new");
            whole(first, bytes).filter(|_| is_alias && first.kind() == "string_literal")
        }
        "scoped_identifier" => {
            let path = text(argument, bytes).strip_suffix("::Table")?;
            idens.table(file, path.rsplit("::").next()?)
        }
        _ => None,
    }
}
