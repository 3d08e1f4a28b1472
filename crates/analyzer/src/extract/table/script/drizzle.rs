//! Drizzle: `pgTable("x", …)` and its like, tables of a `pgSchema`, and creators that put something before each name.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::extract::table::tables::Tables;
use crate::lang::constant::Constants;
use crate::lang::script::{last, nodes};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{Piece, pieces, text};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

const TABLES: &[&str] =
    &["pgTable", "mysqlTable", "sqliteTable", "singlestoreTable", "gelTable", "cockroachTable", "mssqlTable"];
const CREATORS: &[&str] = &["pgTableCreator", "mysqlTableCreator", "sqliteTableCreator", "singlestoreTableCreator"];
const SCHEMAS: &[&str] = &["pgSchema", "mysqlSchema", "gelSchema", "mssqlSchema", "cockroachSchema"];

/// What a creator puts before and after a name; `None` when it computes more than that.
type Affixes = Option<(String, String)>;

pub(super) fn read(corpus: &Corpus, constants: &Constants<'_>, tables: &mut Tables) {
    let patterns: Vec<&str> = TABLES.iter().chain(CREATORS).chain(SCHEMAS).copied().collect();
    let files = prefilter::files_with(corpus, Family::Script, &patterns);
    let mut creators: BTreeMap<String, Affixes> = BTreeMap::new();
    let mut schemas: BTreeMap<String, Option<String>> = BTreeMap::new();
    for file in &files {
        nodes(file, |node| declared(file, constants, node, &mut creators, &mut schemas));
    }
    let mut names: Vec<String> = TABLES.iter().map(|name| format!("{name}(")).collect();
    names.extend(creators.keys().map(|name| format!("{name}(")));
    names.extend(schemas.keys().map(|name| format!("{name}.table(")));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for file in prefilter::files_with(corpus, Family::Script, &names) {
        nodes(file, |node| call(file, constants, node, &creators, &schemas, tables));
    }
}

/// `const createTable = pgTableCreator(name => `app_${name}`)`, `const auth = pgSchema("auth")`.
fn declared(
    file: &SourceFile,
    constants: &Constants<'_>,
    node: Node<'_>,
    creators: &mut BTreeMap<String, Affixes>,
    schemas: &mut BTreeMap<String, Option<String>>,
) {
    let bytes = file.bytes();
    if node.kind() != "variable_declarator" {
        return;
    }
    let (Some(name), Some(value)) = (node.field("name"), node.field("value")) else { return };
    let Some(function) = value.field("function").filter(|_| value.kind() == "call_expression") else { return };
    let function = text(function, bytes);
    let Some(first) = value.arguments().first().copied() else { return };
    if CREATORS.contains(&last(function)) {
        creators.insert(text(name, bytes).to_owned(), affixes(first, bytes));
    } else if SCHEMAS.contains(&last(function)) {
        schemas.insert(text(name, bytes).to_owned(), constants.value(file, first));
    }
}

fn affixes(function: Node<'_>, bytes: &[u8]) -> Affixes {
    let parameter = function
        .field("parameter")
        .or_else(|| function.field("parameters").and_then(|parameters| parameters.named_child(0)))?;
    let parameter = text(parameter, bytes).split(':').next()?.trim().to_owned();
    let body = function.field("body")?;
    if text(body, bytes) == parameter {
        return Some((String::new(), String::new()));
    }
    if body.kind() != "template_string" {
        return None;
    }
    let (mut before, mut after, mut is_past) = (String::new(), String::new(), false);
    for piece in pieces(body, bytes) {
        match piece {
            Piece::Text(plain) if is_past => after.push_str(&plain),
            Piece::Text(plain) => before.push_str(&plain),
            Piece::Hole(hole) if text(hole, bytes) == parameter && !is_past => is_past = true,
            Piece::Hole(_) => return None,
        }
    }
    is_past.then_some((before, after))
}

fn call(
    file: &SourceFile,
    constants: &Constants<'_>,
    node: Node<'_>,
    creators: &BTreeMap<String, Affixes>,
    schemas: &BTreeMap<String, Option<String>>,
    tables: &mut Tables,
) {
    let bytes = file.bytes();
    let Some(function) = node.field("function").filter(|_| node.kind() == "call_expression") else { return };
    let given = node.arguments();
    let [first, columns, ..] = given.as_slice() else { return };
    let name = text(function, bytes);
    // `pgTable.withRLS("x", …)`
    let name = name.strip_suffix(".withRLS").unwrap_or(name);
    // `import * as pg` puts the package before the name.
    let form = if TABLES.contains(&last(name)) {
        Some((String::new(), String::new()))
    } else if let Some(affixes) = creators.get(name) {
        affixes.clone()
    } else if let Some(schema) = name.strip_suffix(".table").and_then(|name| schemas.get(name)) {
        schema
            .clone()
            .map(|schema| (if schema == "public" { String::new() } else { format!("{schema}.") }, String::new()))
    } else {
        return;
    };
    let table = constants.value(file, *first);
    match (form, table) {
        (Some((before, after)), Some(table)) => {
            let columns = columns_of(*columns, bytes);
            tables.add(&format!("{before}{table}{after}"), "drizzle schema", columns, vec![file.first_line_of(node)]);
        }
        _ => {
            let shown = text(*first, bytes);
            tables.unresolved(format!("a table is made under a computed name: `{shown}`"), file.first_line_of(node));
        }
    }
}

/// The keys of the object, or the names given to the columns.
fn columns_of(object: Node<'_>, bytes: &[u8]) -> Vec<String> {
    if object.kind() != "object" {
        return Vec::new();
    }
    let pairs = object.inner().filter(|pair| pair.kind() == "pair");
    let mut out = Vec::new();
    for pair in pairs {
        let key = pair.field_text("key", bytes).trim_matches(['"', '\'']).to_owned();
        // The innermost call of the chain names the column.
        let mut here = pair.field("value");
        let mut named = None;
        for _ in 0..64 {
            let Some(node) = here else { break };
            if node.kind() == "call_expression" {
                let function = node.field("function");
                let is_innermost = function.is_some_and(|function| function.kind() == "identifier");
                if is_innermost {
                    named = node.arguments().first().copied().filter(|first| first.kind() == "string");
                }
                here = function;
            } else {
                here = node.field("object");
            }
        }
        out.push(named.and_then(|name| crate::syntax::literal::whole(name, bytes)).unwrap_or(key));
    }
    out
}
