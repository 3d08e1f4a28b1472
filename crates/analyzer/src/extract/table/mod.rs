//! `table` facts: the tables that the application's own migrations, schema files and models make, under the names
//! that the database knows. Each source is one file here and one line in [`SOURCES`]; a source that replays
//! migrations states what is left at their end. Names that cannot be known are unresolved, never guessed.

mod active_record;
mod code;
mod diesel;
mod ef_core;
mod fluent_migrator;
mod go;
mod hibernate;
mod jpa;
mod laravel;
mod liquibase;
mod order;
mod python;
mod replay;
mod script;
mod sea_orm;
mod sequence;
mod sql;
mod step;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::fact::FactKind;
use serde_json::json;

use self::tables::{Table, Tables};
use crate::fact::{Fact, Found, distinct};
use crate::tree::corpus::Corpus;

/// What states tables, the language, and what reads it.
type Source = (&'static str, &'static str, fn(&Corpus, &mut Tables));

/// Every source of tables.
const SOURCES: &[Source] = &[
    ("Django, SQLAlchemy, SQLModel, Peewee, Tortoise models", "Python", python::read),
    ("Prisma, Drizzle, TypeORM, MikroORM, Sequelize, Objection models", "JavaScript, TypeScript", script::read),
    ("migrations and schemas, replayed", "SQL and builders in code", sequence::read),
    ("JPA entities", "Java", jpa::read),
    ("Hibernate mappings", "XML", hibernate::read),
    ("Liquibase change logs, replayed", "XML, YAML", liquibase::read),
    ("Laravel migrations, replayed; Eloquent models", "PHP", laravel::read),
    ("Entity Framework Core", "C#", ef_core::read),
    ("FluentMigrator, replayed", "C#", fluent_migrator::read),
    ("Active Record schema; migrations, replayed", "Ruby", active_record::read),
    ("Diesel schema", "Rust", diesel::read),
    ("SeaORM entities", "Rust", sea_orm::read),
    ("GORM, XORM, bun, go-pg, ent", "Go", go::read),
];

/// Every source of tables with its language, for the documentation.
pub(super) fn sources() -> Vec<(String, &'static str)> {
    SOURCES.iter().map(|(name, language, _)| ((*name).to_owned(), *language)).collect()
}

/// Every table of the application, one fact for each name.
pub fn extract(corpus: &Corpus) -> Found {
    let mut tables = Tables::default();
    for (_, _, read) in SOURCES {
        read(corpus, &mut tables);
    }
    let mut by_name: BTreeMap<String, Vec<Table>> = BTreeMap::new();
    for table in tables.found {
        by_name.entry(table.name.clone()).or_default().push(table);
    }
    let copies: Vec<String> =
        by_name.iter().filter(|(name, said)| is_copy(name, said, &by_name)).map(|(name, _)| name.clone()).collect();
    copies.iter().for_each(|name| drop(by_name.remove(name)));
    let facts = by_name.into_iter().map(|(name, tables)| fact(name, tables)).collect();
    Found { facts, unresolved: tables.unresolved }
}

/// Whether a table is the copy under which a migration builds a table anew: `users_new` beside `users`. Where the text
/// shows how it is renamed the replay knows; a loop over structs does not show it.
fn is_copy(name: &str, said: &[Table], all: &BTreeMap<String, Vec<Table>>) -> bool {
    let of = ["_new", "_tmp", "_temp"]
        .iter()
        .find_map(|end| name.strip_suffix(end))
        .or_else(|| ["__new_", "_new_", "new_", "tmp_", "temp_"].iter().find_map(|start| name.strip_prefix(start)));
    let is_migrated = said.iter().all(|table| matches!(table.said_by, "migration" | "sql migration"));
    is_migrated && of.is_some_and(|of| all.contains_key(of))
}

fn fact(name: String, tables: Vec<Table>) -> Fact {
    let said_by: BTreeSet<&str> = tables.iter().map(|table| table.said_by).collect();
    let mut seen = BTreeSet::new();
    let columns: Vec<&String> =
        tables.iter().flat_map(|table| &table.columns).filter(|column| seen.insert(*column)).collect();
    let mut fact = Fact::evidenced(FactKind::Table, name, tables[0].evidence.clone())
        .with("said_by", json!(said_by))
        .with("columns", json!(columns));
    fact.evidence = distinct(tables.iter().map(|table| &table.evidence));
    fact
}
