//! Tables of FluentMigrator's migrations, replayed in the order of their numbers: made, renamed, deleted. What a
//! migration does by SQL text, and what `Down` undoes, is not read.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;

use crate::extract::table::tables::{Table, Tables};
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::calls::{self, CSharpCall};
use crate::lang::csharp::member::{argument, attribute_arguments, call_arguments};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;

/// One change, in the order in which it is made.
enum Change {
    Create(String, Evidence),
    Rename(String, String, Evidence),
    Delete(String),
    Unknown(String, Evidence),
}

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let Some(program) = CSharpProgram::with(corpus, &["FluentMigrator"]) else { return };
    let mut changes: Vec<(u64, String, usize, Change)> = Vec::new();
    let is_wanted = |name: &str| name.starts_with("Table") || name == "To";
    calls::each(&program, &["FluentMigrator"], is_wanted, |call| {
        let is_undone = call.method().is_some_and(|method| {
            method.field("name").is_some_and(|name| text(name, call.file.bytes()).starts_with("Down"))
        });
        if let Some(change) = change(call).filter(|_| !is_undone) {
            changes.push((number(call), call.file.path.clone(), call.node.start_byte(), change));
        }
    });
    changes.sort_by(|a, b| (a.0, &a.1, a.2).cmp(&(b.0, &b.1, b.2)));
    let mut alive: BTreeMap<String, Evidence> = BTreeMap::new();
    for (.., change) in changes {
        match change {
            Change::Create(name, evidence) => drop(alive.insert(name, evidence)),
            Change::Rename(from, to, evidence) => {
                if alive.remove(&from).is_some() {
                    alive.insert(to, evidence);
                }
            }
            Change::Delete(name) => drop(alive.remove(&name)),
            Change::Unknown(reason, evidence) => tables.unresolved(reason, evidence),
        }
    }
    for (name, evidence) in alive {
        tables.found.push(Table { name, said_by: "fluentmigrator", columns: Vec::new(), evidence });
    }
}

/// The number of the migration around a call.
fn number(call: &CSharpCall<'_, '_, '_>) -> u64 {
    let attributes = call.place.within.map(|within| within.attributes.as_slice()).unwrap_or_default();
    let migration = attributes.iter().find(|attribute| attribute.name.ends_with("Migration"));
    let arguments = migration.map(|one| attribute_arguments(one, call.file.bytes())).unwrap_or_default();
    let numbers = arguments.iter().filter_map(|one| call.place.text(one.value)?.replace('_', "").parse().ok());
    numbers.into_iter().next().unwrap_or(u64::MAX)
}

fn change(call: &CSharpCall<'_, '_, '_>) -> Option<Change> {
    let bytes = call.file.bytes();
    let arguments = call_arguments(call.node, bytes);
    let first = argument(&arguments, "tableName", 0);
    let evidence = || {
        let from = call.node.field("arguments").map_or(call.node.start_byte(), |list| list.start_byte());
        let to = first.map_or(from, |first| first.end_byte());
        call.file.lines(call.file.line_at(from), call.file.line_at(to.saturating_sub(1)))
    };
    let verb = call.on.rsplit('.').next().unwrap_or_default().trim();
    if call.name == "To" {
        // `Rename.Table("a").To("b")`
        let from = call.around.last()?.field("function")?.field("expression")?;
        let on = text(from.field("function")?, bytes);
        if !on.replace(char::is_whitespace, "").ends_with("Rename.Table") {
            return None;
        }
        let from = call_arguments(from, bytes).first().and_then(|one| call.place.text(one.value))?;
        return Some(Change::Rename(from, call.place.text(first?)?, evidence()));
    }
    let name = first.and_then(|first| call.place.text(first));
    match (verb, name) {
        ("Create", Some(name)) => Some(Change::Create(name, evidence())),
        ("Delete", Some(name)) if call.name == "Table" => Some(Change::Delete(name)),
        ("Create", None) => Some(Change::Unknown("a table has a computed name".to_owned(), evidence())),
        _ => None,
    }
}
