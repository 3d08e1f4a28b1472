//! `ALTER TABLE`: new names, schemas and columns. What is said of constraints, indexes and storage is read over.

use super::name::{Cursor, TableName};
use crate::extract::table::replay::Change;
use crate::extract::table::sql::name::{Changes, known};

pub(super) fn alter(cursor: &mut Cursor<'_>, out: &mut Changes) {
    cursor.take_if_exists();
    cursor.take("only");
    let name = cursor.name();
    if cursor.take("on") && cursor.take("cluster") {
        cursor.skip();
    }
    // What has a computed name before has one after as well; helpers that rename any table say nothing.
    let TableName::Known(table) = name else { return };
    let mut table = table;
    loop {
        if let Some(change) = action(cursor, &table) {
            if let Change::Rename { to, .. } = &change {
                let old = std::mem::replace(&mut table, to.clone());
                out.push(Ok(Change::Rename { from: old, to: table.clone() }));
            } else {
                out.push(Ok(change));
            }
        }
        if !cursor.skip_past_comma() {
            return;
        }
    }
}

/// Words after `ADD` and `DROP` that are no column.
const NOT_COLUMNS: &[&str] = &[
    "constraint",
    "primary",
    "foreign",
    "unique",
    "index",
    "key",
    "check",
    "fulltext",
    "spatial",
    "partition",
    "exclude",
    "period",
    "system",
    "projection",
    "default",
    "statistics",
    "not",
];

fn action(cursor: &mut Cursor<'_>, table: &str) -> Option<Change> {
    let table = table.to_owned();
    if cursor.take("rename") {
        if cursor.take("column") {
            let from = cursor.plain()?;
            let to = cursor.take("to").then(|| cursor.plain())??;
            return Some(Change::RenameColumn { table, from, to });
        }
        if let Some(word) = ["index", "key", "constraint", "value", "attribute"].iter().find(|word| cursor.take(word)) {
            // `RENAME key TO name` is a column of that name.
            let to = cursor.take("to").then(|| cursor.plain())??;
            return Some(Change::RenameColumn { table, from: (*word).to_owned(), to });
        }
        if !cursor.take("to") && !cursor.take("as") {
            // `RENAME a TO b` is a column; `RENAME b` alone is MySQL's short form.
            let name = cursor.name();
            if cursor.take("to") {
                let TableName::Known(from) = name else { return None };
                return Some(Change::RenameColumn { table, from, to: cursor.plain()? });
            }
            return known(name).map(|to| Change::Rename { to, from: table });
        }
        let to = known(cursor.name())?;
        let schema = table.rsplit_once('.').filter(|_| !to.contains('.')).map(|(schema, _)| format!("{schema}."));
        return Some(Change::Rename { to: schema.unwrap_or_default() + &to, from: table });
    }
    if cursor.take("set") && cursor.take("schema") {
        let schema = cursor.plain()?;
        let bare = table.rsplit('.').next().unwrap_or(&table).to_owned();
        let is_default = schema.eq_ignore_ascii_case("public");
        return Some(Change::Rename { from: table, to: if is_default { bare } else { format!("{schema}.{bare}") } });
    }
    if cursor.take("attach") && cursor.take("partition") {
        return known(cursor.name()).map(|table| Change::Drop { table });
    }
    let is_added = cursor.take("add");
    if !is_added && !cursor.take("drop") {
        return None;
    }
    let is_column = cursor.take("column");
    cursor.take_if_exists();
    if !is_column && NOT_COLUMNS.iter().any(|word| cursor.peek(word)) {
        return None;
    }
    let column = cursor.plain()?;
    Some(if is_added { Change::AddColumn { table, column } } else { Change::DropColumn { table, column } })
}
