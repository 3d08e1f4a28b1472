//! Calls on the blueprint of a table: its columns, and its new name.

use super::LaravelReplay;
use crate::lang::inflect::laravel::snake;
use crate::lang::php::call::PhpCall;
use crate::lang::php::machine::PhpMachine;
use crate::lang::php::value::PhpValue;

/// Calls that make one column under the name that they are given.
const PLAIN: [&str; 62] = [
    "bigIncrements",
    "bigInteger",
    "binary",
    "boolean",
    "char",
    "date",
    "dateTime",
    "dateTimeTz",
    "decimal",
    "double",
    "enum",
    "float",
    "foreignId",
    "foreignUlid",
    "foreignUuid",
    "geography",
    "geometry",
    "increments",
    "integer",
    "integerIncrements",
    "ipAddress",
    "json",
    "jsonb",
    "lineString",
    "longText",
    "macAddress",
    "mediumIncrements",
    "mediumInteger",
    "mediumText",
    "multiLineString",
    "multiPoint",
    "multiPolygon",
    "point",
    "polygon",
    "set",
    "smallIncrements",
    "smallInteger",
    "string",
    "text",
    "time",
    "timeTz",
    "timestamp",
    "timestampTz",
    "tinyIncrements",
    "tinyInteger",
    "tinyText",
    "ulid",
    "unsignedBigInteger",
    "unsignedDecimal",
    "unsignedDouble",
    "unsignedFloat",
    "unsignedInteger",
    "unsignedMediumInteger",
    "unsignedSmallInteger",
    "unsignedTinyInteger",
    "uuid",
    "vector",
    "year",
    "id",
    "rawColumn",
    "computed",
    "geometryCollection",
];

/// A call on the table that is being described.
pub(super) fn call<'c>(machine: &mut PhpMachine<'c, LaravelReplay>, call: &PhpCall<'c>) -> PhpValue<'c> {
    let first = call.value(0, "column").and_then(PhpValue::as_text).map(str::to_owned);
    let name = call.name.as_ref();
    let added: Vec<String> = match (name, first) {
        ("rename", Some(to)) => {
            let from = machine.host.current.clone();
            machine.host.rename(&from, &to, call.evidence(None));
            machine.host.current = to;
            return PhpValue::Null;
        }
        ("renameColumn", Some(from)) => {
            let to = call.value(1, "to").and_then(PhpValue::as_text).map(str::to_owned);
            change(machine, |columns| {
                if let (Some(at), Some(to)) = (columns.iter().position(|column| *column == from), to) {
                    columns[at] = to;
                }
            });
            return PhpValue::native("column", 0);
        }
        ("dropColumn", _) => {
            let gone: Vec<_> = call.arguments.iter().flat_map(|argument| argument.value.texts()).collect();
            change(machine, |columns| columns.retain(|column| !gone.iter().any(|one| one.as_ref() == column)));
            return PhpValue::Null;
        }
        ("addColumn", _) => call.value(1, "name").and_then(PhpValue::as_text).map(str::to_owned).into_iter().collect(),
        ("id" | "uuid" | "ulid", None) if call.arguments.is_empty() => vec![name.to_owned()],
        ("timestamps" | "nullableTimestamps" | "timestampsTz" | "datetimes", _) => {
            vec!["created_at".to_owned(), "updated_at".to_owned()]
        }
        ("softDeletes" | "softDeletesTz" | "softDeletesDatetime", column) => {
            vec![column.unwrap_or_else(|| "deleted_at".to_owned())]
        }
        ("rememberToken", _) => vec!["remember_token".to_owned()],
        (
            "morphs" | "nullableMorphs" | "uuidMorphs" | "nullableUuidMorphs" | "ulidMorphs" | "nullableUlidMorphs"
            | "numericMorphs",
            Some(name),
        ) => vec![format!("{name}_type"), format!("{name}_id")],
        ("foreignIdFor", Some(class)) => {
            let own = call.value(1, "column").and_then(PhpValue::as_text).map(str::to_owned);
            let short = class.rsplit('\\').next().unwrap_or(&class);
            vec![own.unwrap_or_else(|| format!("{}_id", snake(short, "_")))]
        }
        (name, Some(column)) if PLAIN.contains(&name) => vec![column],
        ("dropTimestamps" | "dropSoftDeletes" | "dropRememberToken", _) => {
            let gone: &[&str] = match name {
                "dropTimestamps" => &["created_at", "updated_at"],
                "dropSoftDeletes" => &["deleted_at"],
                _ => &["remember_token"],
            };
            change(machine, |columns| columns.retain(|column| !gone.contains(&column.as_str())));
            return PhpValue::Null;
        }
        _ => Vec::new(),
    };
    change(machine, |columns| {
        for column in added {
            // A change of a column names it once more.
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
    });
    PhpValue::native("column", 0)
}

fn change(machine: &mut PhpMachine<'_, LaravelReplay>, how: impl FnOnce(&mut Vec<String>)) {
    let current = machine.host.current.clone();
    if let Some(kept) = machine.host.tables.get_mut(&current) {
        how(&mut kept.columns);
    }
}
