//! SeaORM: entities (`#[sea_orm(table_name = "x")]`) and migrations (`Table::create().table(User::Table)`), whose
//! names come from `Iden` enums. Migrations are replayed in the order of their files; `down` is not run.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::{Table, Tables};
use crate::analyzer::corpus::Corpus;
use crate::analyzer::extract::endpoint::attribute::{Written, literal};
use crate::analyzer::file::SourceFile;
use crate::analyzer::syntax::grammar::Family;
use crate::analyzer::syntax::literal::text;
use crate::analyzer::syntax::prefilter;

/// Nodes of one file that are looked at.
const MAX_NODES: usize = 400_000;
/// Calls of one chain.
const MAX_CHAIN: usize = 200;

/// The names of `Iden` enums in the tree: enum to table.
type Names = BTreeMap<String, Vec<(String, String)>>;

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let files = prefilter::files_with(corpus, Family::Rust, &["sea_orm", "Iden", "Table::create"]);
    let mut names = Names::new();
    for file in &files {
        each(file, |node, attributes, _| match node.kind() {
            "enum_item" => iden(file, node, attributes, &mut names),
            "struct_item" => entity(file, node, attributes, tables),
            _ => {}
        });
    }
    let mut made: Vec<Table> = Vec::new();
    for file in &files {
        each(file, |node, _, function| {
            if node.kind() == "call_expression" && function != "down" {
                statement(file, node, &names, &mut made, tables);
            }
        });
    }
    tables.found.append(&mut made);
}

/// Visit the nodes of a file in the order of the text, each with the attributes above it and the function around it.
fn each<'t>(file: &'t SourceFile, mut visit: impl FnMut(Node<'t>, &[Node<'t>], &'t str)) {
    let Some(parsed) = file.syntax() else { return };
    let bytes = file.bytes();
    let mut open: Vec<(Node<'t>, Vec<Node<'t>>, &'t str)> = vec![(parsed.tree.root_node(), Vec::new(), "")];
    for _ in 0..MAX_NODES {
        let Some((node, attributes, function)) = open.pop() else { return };
        visit(node, &attributes, function);
        let function = match node.kind() {
            "function_item" => node.child_by_field_name("name").map_or(function, |name| text(name, bytes)),
            _ => function,
        };
        let mut above: Vec<Node<'t>> = Vec::new();
        let mut inside = Vec::new();
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "attribute_item" => above.push(child),
                "line_comment" | "block_comment" => {}
                _ => inside.push((child, std::mem::take(&mut above), function)),
            }
        }
        inside.reverse();
        open.append(&mut inside);
    }
}

/// `#[derive(Iden)] enum User { Table, … }` names the table `user`, unless an attribute says otherwise.
fn iden(file: &SourceFile, node: Node<'_>, above: &[Node<'_>], names: &mut Names) {
    let bytes = file.bytes();
    let attributes: Vec<&str> = above.iter().map(|one| text(*one, bytes)).collect();
    let is_iden = |one: &&str| one.contains("derive") && (one.contains("Iden") || one.contains("DeriveIden"));
    let (Some(name), Some(body)) = (node.child_by_field_name("name"), node.child_by_field_name("body")) else { return };
    if !attributes.iter().any(is_iden) {
        return;
    }
    let own = text(name, bytes);
    let mut table = said(&attributes).unwrap_or_else(|| snake(own));
    let mut above: Vec<&str> = Vec::new();
    let mut cursor = body.walk();
    for child in body.named_children(&mut cursor) {
        match child.kind() {
            "attribute_item" => above.push(text(child, bytes)),
            "enum_variant" => {
                let variant = child.child_by_field_name("name").map_or("", |name| text(name, bytes));
                if variant == "Table" {
                    table = said(&above).unwrap_or(table.clone());
                }
                above.clear();
            }
            _ => {}
        }
    }
    names.entry(own.to_owned()).or_default().push((file.path.clone(), table));
}

/// `#[iden = "x"]`, `#[iden(rename = "x")]`, `#[sea_orm(iden = "x")]`.
fn said(attributes: &[&str]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let flat = attribute.trim_start_matches("#[").trim_end_matches(']');
        if let Some(rest) = flat.strip_prefix("iden").map(str::trim_start)
            && let Some(value) = rest.strip_prefix('=')
        {
            return literal(value);
        }
        let written = Written::read(attribute);
        let value = written.get("iden").or_else(|| written.get("rename")).or_else(|| written.get("table_name"));
        value.and_then(literal)
    })
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| letters[at]);
        let starts = letter.is_uppercase()
            && before.is_some_and(|before| {
                before != '_' && (!before.is_uppercase() || letters.get(at + 1).is_some_and(|next| next.is_lowercase()))
            });
        if starts {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// `#[sea_orm(table_name = "x", schema_name = "y")] struct Model { … }`
fn entity(file: &SourceFile, node: Node<'_>, above: &[Node<'_>], tables: &mut Tables) {
    let bytes = file.bytes();
    let Some((attribute, name)) = above.iter().find_map(|attribute| {
        let written = Written::read(text(*attribute, bytes));
        let name = written.get("table_name").filter(|_| written.name == "sea_orm")?;
        Some((*attribute, literal(name)?))
    }) else {
        return;
    };
    let schema =
        Written::read(text(attribute, bytes)).get("schema_name").and_then(literal).filter(|schema| schema != "public");
    let name = schema.map_or_else(|| name.clone(), |schema| format!("{schema}.{name}"));
    let mut columns = Vec::new();
    if let Some(body) = node.child_by_field_name("body") {
        let mut above: Vec<&str> = Vec::new();
        let mut cursor = body.walk();
        for child in body.named_children(&mut cursor) {
            match child.kind() {
                "attribute_item" => above.push(text(child, bytes)),
                "field_declaration" => {
                    let own = child.child_by_field_name("name").map_or("", |name| text(name, bytes));
                    let said: Vec<Written<'_>> = above.iter().map(|one| Written::read(one)).collect();
                    let renamed = said.iter().find_map(|written| literal(written.get("column_name")?));
                    let is_column = !said.iter().any(|written| {
                        written
                            .plain
                            .iter()
                            .any(|word| matches!(*word, "ignore" | "has_many" | "has_one" | "belongs_to" | "self_ref"))
                    });
                    if is_column {
                        columns.push(renamed.unwrap_or_else(|| own.trim_start_matches("r#").to_owned()));
                    }
                    above.clear();
                }
                _ => {}
            }
        }
    }
    let line = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
    let lines = (line(attribute.start_position().row), line(attribute.end_position().row));
    tables.found.push(Table { name, said_by: "sea-orm entity", columns, evidence: file.lines(lines.0, lines.1) });
}

/// `Table::create()…`, `Table::rename()…`, `Table::drop()…`
fn statement(file: &SourceFile, call: Node<'_>, names: &Names, made: &mut Vec<Table>, tables: &mut Tables) {
    let bytes = file.bytes();
    let callee = call.child_by_field_name("function").map_or("", |callee| text(callee, bytes));
    let what = match callee.rsplit("::").next() {
        Some(what @ ("create" | "drop" | "rename"))
            if callee.trim_start_matches("sea_query::").starts_with("Table::") =>
        {
            what
        }
        _ => return,
    };
    let mut top = call;
    let mut given = None;
    for _ in 0..MAX_CHAIN {
        let Some(field) = top.parent().filter(|field| field.kind() == "field_expression") else { break };
        let Some(next) = field.parent().filter(|next| next.kind() == "call_expression") else { break };
        if field.child_by_field_name("field").is_some_and(|name| text(name, bytes) == "table") {
            given = next.child_by_field_name("arguments");
        }
        top = next;
    }
    let Some(given) = given else { return };
    let line = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
    let evidence = file.lines(line(call.start_position().row), line(given.end_position().row));
    let mut cursor = given.walk();
    let arguments: Vec<Node<'_>> = given.named_children(&mut cursor).filter(|node| !node.is_extra()).collect();
    let name = arguments.first().and_then(|first| table_name(file, *first, names));
    let Some(name) = name else {
        tables.unresolved("a migration makes a table whose name could not be followed".to_owned(), evidence);
        return;
    };
    match what {
        "create" => {
            made.retain(|table| table.name != name);
            made.push(Table { name, said_by: "sea-orm migration", columns: Vec::new(), evidence });
        }
        "drop" => made.retain(|table| table.name != name),
        _ => {
            let Some(new) = arguments.get(1).and_then(|second| table_name(file, *second, names)) else {
                tables.unresolved(format!("the table `{name}` gets a name that could not be followed"), evidence);
                return;
            };
            made.retain(|table| table.name != new);
            for table in made.iter_mut().filter(|table| table.name == name) {
                table.name.clone_from(&new);
                table.evidence = evidence.clone();
            }
        }
    }
}

/// `User::Table`, `User`, `Alias::new("x")`, `"x"`.
fn table_name(file: &SourceFile, node: Node<'_>, names: &Names) -> Option<String> {
    let written = text(node, file.bytes());
    if let Some(plain) = literal(written) {
        return Some(plain);
    }
    if let Some(inner) = written.strip_prefix("Alias::new(").and_then(|rest| rest.strip_suffix(')')) {
        return literal(inner.trim());
    }
    let path = written.strip_suffix("::Table")?;
    let known = names.get(path.rsplit("::").next()?)?;
    let own = known.iter().find(|(home, _)| *home == file.path);
    let all_agree = known.iter().all(|(_, name)| *name == known[0].1);
    own.or_else(|| known.first().filter(|_| all_agree)).map(|(_, name)| name.clone())
}
