//! Mappers whose tags hold the table's name: bun (`bun:"table:users"`) and go-pg (`pg:"users"` on `tableName`).

use super::{Models, push, tag};
use crate::extract::table::tables::Tables;
use crate::lang::case;
use crate::lang::inflect::go::plural;

pub(super) fn read(models: &Models, tables: &mut Tables) {
    for ((_, name), of) in &models.structs {
        for field in &of.fields {
            if field.is_embedded && field.name == "bun.BaseModel" {
                let given = tag(&field.tag, "bun").unwrap_or_default();
                let table = given.split(',').find_map(|part| part.trim().strip_prefix("table:"));
                let table = table.map_or_else(|| plural(&case::snake(name, case::after_small)), str::to_owned);
                push(tables, table, "bun model", of.evidence.clone());
            }
            if matches!(field.name.as_str(), "tableName" | "TableName")
                && let Some(given) = tag(&field.tag, "pg").or_else(|| tag(&field.tag, "sql"))
            {
                let table = given.split(',').next().unwrap_or_default().trim_matches('\'');
                if !table.is_empty() && table != "-" && !table.contains(':') {
                    push(tables, table.to_owned(), "go-pg model", of.evidence.clone());
                }
            }
        }
    }
}
