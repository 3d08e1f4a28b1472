//! Tables: one snapshot for each source. What a fixture must not give stands in it under a name that says so.

use ci_feed_analyzer::extract::table;
use ci_feed_analyzer::fact::Found;

use super::support::{corpus, files, shown};

/// Words in the names of what is no table of the application.
const TRAPS: &[&str] = &[
    "commented",
    "in_a_",
    "in a string",
    "inside_a",
    "only_",
    "not_of",
    "notatable",
    "beside_",
    "left_behind",
    "gone_later",
    "reflected",
    "seen_elsewhere",
];

fn found(source: &str) -> Found {
    let found = table::extract(&corpus(files(&format!("table/{source}"))));
    for fact in &found.facts {
        let key = fact.key.to_lowercase();
        assert!(!TRAPS.iter().any(|trap| key.contains(trap)), "{} is no table", fact.key);
    }
    found
}

#[test]
fn sql_files_state_what_is_left_at_the_end_of_each_sequence() {
    insta::assert_snapshot!("table_sql", shown(&found("sql")));
}

#[test]
fn programs_state_the_tables_that_they_make_and_keep() {
    insta::assert_snapshot!("table_code", shown(&found("code")));
}

#[test]
fn django_models_have_tables_under_the_label_of_their_application() {
    insta::assert_snapshot!("table_django", shown(&found("django")));
}

#[test]
fn sqlalchemy_classes_have_the_names_that_they_or_their_bases_give() {
    insta::assert_snapshot!("table_sqlalchemy", shown(&found("sqlalchemy")));
}

#[test]
fn peewee_and_tortoise_models_are_named_by_their_rules() {
    insta::assert_snapshot!("table_python_small", shown(&found("python_small")));
}

#[test]
fn prisma_models_and_implicit_relations_have_tables() {
    insta::assert_snapshot!("table_prisma", shown(&found("prisma")));
}

#[test]
fn drizzle_tables_have_their_schema_and_prefix() {
    insta::assert_snapshot!("table_drizzle", shown(&found("drizzle")));
}

#[test]
fn entities_and_what_joins_them_have_tables() {
    insta::assert_snapshot!("table_entity", shown(&found("entity")));
}

#[test]
fn sequelize_models_are_named_in_the_plural_unless_they_say_otherwise() {
    insta::assert_snapshot!("table_sequelize", shown(&found("sequelize")));
}

#[test]
fn sea_orm_entities_have_the_tables_that_they_name() {
    insta::assert_snapshot!("table_sea_orm", shown(&found("sea_orm")));
}

#[test]
fn the_order_of_files_changes_nothing() {
    let mut turned = files("table/code");
    turned.reverse();
    assert_eq!(shown(&table::extract(&corpus(turned))), shown(&table::extract(&corpus(files("table/code")))));
}

#[test]
fn broken_sql_ends() {
    let texts: [&[u8]; 8] = [
        b"CREATE TABLE",
        b"CREATE TABLE x (",
        b"CREATE TABLE \"x",
        b"ALTER TABLE x RENAME TO",
        b"DO $$ CREATE TABLE x (id int)",
        b"CREATE TABLE \xff\xfe (id int); CREATE TABLE y (id int);",
        b"RENAME TABLE a TO",
        b"COPY x FROM stdin;\n1\t2",
    ];
    for text in texts {
        let files = vec![("db/schema.sql".to_owned(), text.to_vec())];
        let _ = shown(&table::extract(&corpus(files)));
    }
    let deep = "(".repeat(100_000);
    let found = table::extract(&corpus(vec![("a.sql".to_owned(), format!("CREATE TABLE deep {deep}").into_bytes())]));
    assert_eq!(found.facts.len(), 1);
}
