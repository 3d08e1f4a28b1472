//! Tortoise ORM: models under the name in `class Meta` or their own in lower case, and the tables between them.

use super::Program;
use crate::extract::table::tables::Tables;
use crate::lang::python::index::{Meaning, PythonClass, assignments};
use crate::lang::python::{arguments, called, is_true};

const PATTERNS: &[&str] = &["tortoise"];

pub(super) fn read(program: &Program<'_>, tables: &mut Tables) {
    let modules = program.modules(PATTERNS, |class| is_model(program, class));
    for module in modules {
        for class in program.index.classes(&module).into_iter().filter(|class| is_model(program, class)) {
            model(program, &class, tables);
        }
    }
}

fn is_model<'c>(program: &Program<'c>, class: &PythonClass<'c>) -> bool {
    program
        .index
        .lineage(class)
        .iter()
        .any(|one| matches!(one, Meaning::External(name) if name.starts_with("tortoise") && name.ends_with(".Model")))
}

fn model<'c>(program: &Program<'c>, class: &PythonClass<'c>, tables: &mut Tables) {
    let meta = class.inner("class_definition", "Meta");
    let options = meta.map(|meta| assignments(meta, class.bytes())).unwrap_or_default();
    let option = |wanted: &str| options.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    if is_true(option("abstract")) {
        return;
    }
    let name = match option("table") {
        Some(value) => program.constants.value(class.module.file, value),
        None => Some(class.name.to_lowercase()),
    };
    let Some(name) = name else {
        tables.unresolved(format!("the table of {} has a computed name", class.name), class.evidence());
        return;
    };
    tables.add(&name, "tortoise model", Vec::new(), vec![class.evidence()]);
    for (_, value) in class.assignments() {
        if called(value, class.bytes()) != Some("ManyToManyField") {
            continue;
        }
        // Without `through` the name is made of both tables; the other one may be in any module.
        let (_, named) = arguments(value, class.bytes());
        if let Some(through) = named.get("through").and_then(|value| program.constants.value(class.module.file, *value))
        {
            tables.add(&through, "tortoise model", Vec::new(), vec![class.evidence()]);
        }
    }
}
