//! `Schema::create(...)`, `Schema::rename(...)`, `Schema::drop(...)` and SQL in `DB::statement(...)`.

use super::{LaravelReplay, blueprint};
use crate::lang::php::call::PhpCall;
use crate::lang::php::machine::{Host, PhpFrame, PhpMachine};
use crate::lang::php::value::PhpValue;
use crate::syntax::node::NodeExt as _;

impl<'c> Host<'c> for LaravelReplay {
    const WORDS: &'static [&'static str] = &["Schema::", "->create("];

    fn call_static(
        machine: &mut PhpMachine<'c, Self>,
        _frame: &mut PhpFrame<'c>,
        class: &str,
        call: &PhpCall<'c>,
    ) -> Option<PhpValue<'c>> {
        match class.rsplit('\\').next().unwrap_or(class) {
            "Schema" => Some(builder(machine, call)),
            "DB" if matches!(call.name.as_ref(), "statement" | "unprepared") => {
                if let Some(PhpValue::Text(sql)) = call.value(0, "query") {
                    for statement in sql.split(';') {
                        super::dump::statement(&mut machine.host, statement, &call.evidence(None));
                    }
                }
                Some(PhpValue::Bool(true))
            }
            "DB" if call.name.as_ref() == "getSchemaBuilder" => Some(PhpValue::native("schema", 0)),
            _ => None,
        }
    }

    fn call_method(
        machine: &mut PhpMachine<'c, Self>,
        _frame: &mut PhpFrame<'c>,
        object: &PhpValue<'c>,
        call: &PhpCall<'c>,
    ) -> Option<PhpValue<'c>> {
        match object {
            PhpValue::Native(native) => match native.kind {
                "schema" => Some(builder(machine, call)),
                "table" => Some(blueprint::call(machine, call)),
                "column" => Some(object.clone()),
                _ => None,
            },
            _ if call.name.as_ref() == "getSchemaBuilder" => Some(PhpValue::native("schema", 0)),
            // A builder that came some other way is known by what its closure takes.
            PhpValue::Unknown(_) if matches!(call.name.as_ref(), "create" | "table") => {
                let Some(PhpValue::Closure(closure)) = call.value(1, "callback") else { return None };
                let takes = closure.node.field_text("parameters", closure.file.bytes());
                takes.contains("Blueprint").then(|| builder(machine, call))
            }
            _ => None,
        }
    }
}

fn builder<'c>(machine: &mut PhpMachine<'c, LaravelReplay>, call: &PhpCall<'c>) -> PhpValue<'c> {
    let name = call.value(0, "table").map(PhpValue::to_text);
    let known = |name: &Option<Result<std::rc::Rc<str>, std::rc::Rc<str>>>| match name {
        Some(Ok(name)) if !name.is_empty() => Some(name.to_string()),
        _ => None,
    };
    let table = known(&name);
    match call.name.as_ref() {
        "connection" | "setConnection" => PhpValue::native("schema", 0),
        "hasTable" => match table {
            Some(table) => PhpValue::Bool(machine.host.tables.contains_key(&table)),
            None => PhpValue::unknown("the table is computed"),
        },
        "create" | "createTableIfNotExists" => {
            let end = call.argument(1, "callback").map(|callback| callback.node.start_byte());
            let evidence = call.evidence(end);
            match table {
                Some(table) => {
                    machine.host.create(&table, evidence);
                    describe(machine, &table, call);
                }
                None => {
                    let why = match name {
                        Some(Err(reason)) => reason.to_string(),
                        _ => "it has no name".to_owned(),
                    };
                    machine.host.open(format!("a table is made under a name that is not known: {why}"), evidence);
                }
            }
            PhpValue::Null
        }
        "table" => {
            if let Some(table) = table {
                describe(machine, &table, call);
            }
            PhpValue::Null
        }
        "rename" => {
            let to = known(&call.value(1, "to").map(PhpValue::to_text));
            let from = known(&call.value(0, "from").map(PhpValue::to_text));
            match (from, to) {
                (Some(from), Some(to)) => machine.host.rename(&from, &to, call.evidence(None)),
                _ => machine.host.open("a table is renamed to or from a computed name".to_owned(), call.evidence(None)),
            }
            PhpValue::Null
        }
        "drop" | "dropIfExists" => {
            if let Some(table) = table {
                machine.host.tables.remove(&table);
            }
            PhpValue::Null
        }
        "dropAllTables" => {
            machine.host.tables.clear();
            PhpValue::Null
        }
        "withoutForeignKeyConstraints" => {
            if let Some(PhpValue::Closure(closure)) = call.value(0, "callback") {
                machine.call_closure(closure, Vec::new());
            }
            PhpValue::Null
        }
        _ => PhpValue::unknown("the database decides"),
    }
}

/// Run the closure that describes a table.
fn describe<'c>(machine: &mut PhpMachine<'c, LaravelReplay>, table: &str, call: &PhpCall<'c>) {
    let Some(PhpValue::Closure(closure)) = call.value(1, "callback") else { return };
    let before = std::mem::replace(&mut machine.host.current, table.to_owned());
    machine.call_closure(closure, vec![PhpValue::native("table", 0)]);
    machine.host.current = before;
}
