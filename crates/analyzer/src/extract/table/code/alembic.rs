//! Alembic: the operations of `upgrade`, in the order that `down_revision` gives, not in that of file names.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::extract::table::replay::Change;
use crate::extract::table::step::Step;
use crate::lang::constant::Constants;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// The place of each revision in the chain, by path; branches stand next to each other.
pub(in crate::extract::table) fn order<'f>(files: impl Iterator<Item = &'f SourceFile>) -> BTreeMap<&'f str, usize> {
    let mut revisions: BTreeMap<String, (&str, Vec<String>)> = BTreeMap::new();
    for file in files.filter(|file| file.path.ends_with(".py")) {
        let Some((revision, before)) = revision(file) else { continue };
        revisions.insert(revision, (file.path.as_str(), before));
    }
    // A revision stands one behind the last of those before it; a circle ends after as many rounds as there are.
    let mut places: BTreeMap<&str, usize> = revisions.keys().map(|revision| (revision.as_str(), 0)).collect();
    let mut open: Vec<&str> = revisions.keys().map(String::as_str).collect();
    let mut after: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut waits: BTreeMap<&str, usize> = BTreeMap::new();
    for (revision, (_, before)) in &revisions {
        for one in before.iter().filter(|one| revisions.contains_key(*one)) {
            after.entry(one.as_str()).or_default().push(revision);
            *waits.entry(revision).or_default() += 1;
        }
    }
    open.retain(|revision| !waits.contains_key(revision));
    while let Some(here) = open.pop() {
        let place = places[here] + 1;
        for next in after.get(here).into_iter().flatten() {
            if let Some(known) = places.get_mut(next) {
                *known = (*known).max(place);
            }
            if let Some(left) = waits.get_mut(next) {
                *left -= 1;
                if *left == 0 {
                    open.push(next);
                }
            }
        }
    }
    revisions.iter().map(|(revision, (path, _))| (*path, places[revision.as_str()])).collect()
}

/// The names at the top of a revision file.
fn revision(file: &SourceFile) -> Option<(String, Vec<String>)> {
    let root = file.syntax()?.tree.root_node();
    let bytes = file.bytes();
    let mut own = None;
    let mut before = Vec::new();
    for statement in root.inner() {
        let Some(assignment) = statement.named_child(0).filter(|inner| inner.kind() == "assignment") else { continue };
        let target = assignment.field_text("left", bytes);
        let Some(value) = assignment.field("right") else { continue };
        match target {
            "revision" => own = strings(value, bytes).pop(),
            "down_revision" | "depends_on" => before.extend(strings(value, bytes)),
            _ => {}
        }
    }
    Some((own?, before))
}

/// A string, or those of a tuple or list.
fn strings(node: Node<'_>, bytes: &[u8]) -> Vec<String> {
    if node.kind() == "string" {
        return crate::syntax::literal::whole(node, bytes).into_iter().collect();
    }
    let inner = node.inner().filter(|child| child.kind() == "string");
    inner.filter_map(|child| crate::syntax::literal::whole(child, bytes)).collect()
}

/// The change that a call makes, if it is an operation of Alembic.
pub(super) fn step(file: &SourceFile, constants: &Constants<'_>, call: Node<'_>) -> Option<Step> {
    let bytes = file.bytes();
    let function = call.field("function").filter(|node| node.kind() == "attribute")?;
    let (on, method) = (function.field("object")?, function.field("attribute")?);
    let on = text(on, bytes);
    if on != "op" && !on.ends_with("_op") && !on.ends_with(".op") {
        return None;
    }
    let arguments = call.field("arguments")?;
    let arguments: Vec<Node<'_>> = arguments.parts();
    let keyword = |wanted: &str| {
        let mut named = arguments.iter().filter(|argument| argument.kind() == "keyword_argument");
        let found = named.find(|argument| argument.field_is("name", wanted, bytes));
        found.and_then(|argument| argument.field("value"))
    };
    let schema = keyword("schema").and_then(|schema| constants.value(file, schema)).filter(|schema| schema != "public");
    let table = |at: usize, name: &str| {
        let plain = arguments.get(at).filter(|argument| argument.kind() != "keyword_argument").copied();
        let table = constants.value(file, plain.or_else(|| keyword(name))?)?;
        Some(schema.as_ref().map_or_else(|| table.clone(), |schema| format!("{schema}.{table}")))
    };
    let change = match text(method, bytes) {
        "create_table" => match table(0, "table_name") {
            Some(table) => Ok(Change::Create { table, columns: columns(&arguments, bytes) }),
            None => Err("`create_table` is called with a computed name".to_owned()),
        },
        "drop_table" => Ok(Change::Drop { table: table(0, "table_name")? }),
        "rename_table" => Ok(Change::Rename { from: table(0, "old_table_name")?, to: table(1, "new_table_name")? }),
        _ => return None,
    };
    Some(Step { change, range: call.byte_range(), is_exact: true })
}

/// The names of `sa.Column("x", …)`.
fn columns(arguments: &[Node<'_>], bytes: &[u8]) -> Vec<String> {
    let column = |argument: &Node<'_>| {
        let function = argument.field("function").filter(|_| argument.kind() == "call")?;
        let first = argument.first_argument()?;
        let is_column = text(function, bytes).ends_with("Column") && first.kind() == "string";
        is_column.then(|| crate::syntax::literal::whole(first, bytes)).flatten()
    };
    arguments.iter().filter_map(column).collect()
}
