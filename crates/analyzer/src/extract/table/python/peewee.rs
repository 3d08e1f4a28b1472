//! Peewee: classes that come from `peewee.Model`. A class that others come from and that names no table is taken for
//! an abstract one, as Peewee has no word for it.

use std::collections::BTreeSet;

use super::Program;
use crate::extract::table::tables::Tables;
use crate::lang::case::snake_of_class;
use crate::lang::python::called;
use crate::lang::python::index::{Meaning, PythonClass, assignments};
use crate::syntax::literal::text;

const PATTERNS: &[&str] = &["peewee", "playhouse"];

pub(super) fn read(program: &Program<'_>, tables: &mut Tables) {
    let modules = program.modules(PATTERNS, |class| is_model(program, class));
    let classes: Vec<PythonClass<'_>> = modules.iter().flat_map(|module| program.index.classes(module)).collect();
    let models: Vec<PythonClass<'_>> = classes.into_iter().filter(|class| is_model(program, class)).collect();
    let mut parents = BTreeSet::new();
    for class in &models {
        for one in program.index.lineage(class).into_iter().skip(1) {
            if let Meaning::Class(parent) = one {
                parents.insert(parent.id());
            }
        }
    }
    for class in &models {
        let named = option(program, class, "table_name", true).or_else(|| option(program, class, "db_table", true));
        let has_fields = program.index.lineage(class).iter().any(|one| match one {
            Meaning::Class(owner) => owner
                .assignments()
                .iter()
                .any(|(_, value)| called(*value, owner.bytes()).is_some_and(|function| function.ends_with("Field"))),
            _ => false,
        });
        if named.is_none() && (parents.contains(&class.id()) || !has_fields) {
            continue;
        }
        let name = match named {
            Some((owner, value)) => program.constants.value(owner.module.file, value),
            None if option(program, class, "table_function", false).is_some() => None,
            None => {
                let legacy = option(program, class, "legacy_table_names", false);
                let is_snake = legacy.is_some_and(|(_, value)| value.kind() == "false");
                Some(if is_snake { snake_of_class(&class.name) } else { class.name.to_lowercase() })
            }
        };
        match name {
            Some(name) => tables.add(&name, "peewee model", Vec::new(), vec![class.evidence()]),
            None => tables.unresolved(format!("the table of {} has a computed name", class.name), class.evidence()),
        }
    }
}

fn is_model<'c>(program: &Program<'c>, class: &PythonClass<'c>) -> bool {
    program.index.lineage(class).iter().any(|one| match one {
        Meaning::External(name) => {
            let last = name.rsplit('.').next().unwrap_or(name);
            (name.starts_with("peewee") && last == "Model")
                || (name.starts_with("playhouse") && (last.ends_with("Model") || last == "AIOModel"))
        }
        Meaning::Value(module, value) => text(*value, module.file.bytes()).ends_with("database.Model"),
        _ => false,
    })
}

/// An option of `class Meta`; the name of a table is not inherited.
fn option<'c>(
    program: &Program<'c>,
    class: &PythonClass<'c>,
    wanted: &str,
    is_own: bool,
) -> Option<(PythonClass<'c>, tree_sitter::Node<'c>)> {
    program.index.lineage(class).into_iter().take(if is_own { 1 } else { usize::MAX }).find_map(|one| {
        let Meaning::Class(owner) = one else { return None };
        let meta = owner.inner("class_definition", "Meta")?;
        let found = assignments(meta, owner.bytes()).into_iter().find(|(name, _)| *name == wanted)?;
        Some((owner.clone(), found.1))
    })
}
