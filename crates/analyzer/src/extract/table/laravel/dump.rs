//! Schema dumps (`database/schema/mysql-schema.sql`): the tables that they make, and the migrations that they stand for.
//! Only statements that make, rename and drop tables are read; columns of a dump are not.

use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;

use super::LaravelReplay;
use crate::lang::php::machine::PhpMachine;
use crate::tree::file::{PathClass, SourceFile};

/// Connections of a usual installation, the first that has a dump; a dump for tests is not among them.
const CONNECTIONS: [&str; 5] = ["mysql", "mariadb", "pgsql", "sqlite", "sqlsrv"];

/// Read the dump, if there is one; the names of the migrations that it holds.
pub(super) fn read(machine: &mut PhpMachine<'_, LaravelReplay>) -> BTreeSet<String> {
    let mut done = BTreeSet::new();
    let find = |connection: &str| -> Option<&SourceFile> {
        ["sql", "dump"].iter().find_map(|end| {
            let path = machine.project.path(&format!("database/schema/{connection}-schema.{end}"));
            machine.corpus.file(&path).filter(|file| file.class == PathClass::Application)
        })
    };
    let Some(file) = CONNECTIONS.iter().find_map(|connection| find(connection)) else { return done };
    for (line, number) in file.text().lines().zip(1_u32..) {
        let start = line.trim_start();
        let is = |word: &str| start.get(..word.len()).is_some_and(|own| own.eq_ignore_ascii_case(word));
        if is("create table") {
            statement(&mut machine.host, start, &file.lines(number, number));
        } else if (is("insert into") || is("copy ")) && start.contains("migrations") || start.contains('\t') {
            let words = start.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
            done.extend(words.filter(|word| is_migration_name(word)).map(str::to_owned));
        }
    }
    done
}

/// `2014_10_12_000000_create_users_table`
fn is_migration_name(word: &str) -> bool {
    word.len() > 11 && word.as_bytes()[..4].iter().all(u8::is_ascii_digit) && word.as_bytes()[4] == b'_'
}

/// Take over what one statement does to tables.
pub(super) fn statement(replay: &mut LaravelReplay, sql: &str, evidence: &Evidence) {
    let words: Vec<&str> = sql
        .split(|letter: char| letter.is_whitespace() || letter == '(')
        .filter(|word| !word.is_empty())
        .take(9)
        .collect();
    let upper: Vec<String> = words.iter().map(|word| word.to_ascii_uppercase()).collect();
    let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
    let name = |at: usize| words.get(at).map(|word| plain(word)).filter(|name| !name.is_empty());
    match upper.as_slice() {
        ["CREATE", "TABLE", "IF", "NOT", "EXISTS", _, ..] => {
            if let Some(name) = name(5).filter(|name| !replay.tables.contains_key(name)) {
                replay.create(&name, evidence.clone());
            }
        }
        ["CREATE", "TABLE", _, ..] => {
            if let Some(name) = name(2) {
                replay.create(&name, evidence.clone());
            }
        }
        ["DROP", "TABLE", "IF", "EXISTS", _, ..] => {
            name(4).map(|name| replay.tables.remove(&name));
        }
        ["DROP", "TABLE", _, ..] => {
            name(2).map(|name| replay.tables.remove(&name));
        }
        ["RENAME", "TABLE", _, "TO", _, ..] => {
            if let (Some(from), Some(to)) = (name(2), name(4)) {
                replay.rename(&from, &to, evidence.clone());
            }
        }
        ["ALTER", "TABLE", _, "RENAME", "TO", _, ..] => {
            if let (Some(from), Some(to)) = (name(2), name(5)) {
                replay.rename(&from, &to, evidence.clone());
            }
        }
        _ => {}
    }
}

/// A name without quotes; the default schema is not part of it.
fn plain(word: &str) -> String {
    let bare: String = word.chars().filter(|letter| !matches!(letter, '`' | '"' | '[' | ']' | ';' | ',')).collect();
    bare.strip_prefix("public.").map_or(bare.clone(), str::to_owned)
}
