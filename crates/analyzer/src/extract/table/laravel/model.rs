//! Eloquent models, where no migrations say more: `$table`, else the plural of the class's name.

use super::LaravelReplay;
use crate::extract::table::tables::{Table, Tables};
use crate::lang::inflect::laravel::{plural, snake};
use crate::lang::php::machine::PhpMachine;
use crate::lang::php::value::PhpValue;
use crate::syntax::grammar::Family;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::path::is_below;

/// The framework's classes that models extend.
const BASES: [&str; 2] = ["Illuminate\\Database\\Eloquent\\Model", "Illuminate\\Foundation\\Auth\\User"];

/// State the table of every model.
pub(super) fn state(machine: &mut PhpMachine<'_, LaravelReplay>, out: &mut Tables) {
    let corpus = machine.corpus;
    let root = machine.project.root.clone();
    let files = prefilter::files_with(corpus, Family::Php, &["extends "]);
    for file in files.into_iter().filter(|file| is_below(&file.path, &root)) {
        for class in machine.classes(file) {
            let lineage = machine.lineage(&class);
            let base = lineage.last().and_then(|last| last.parent.clone()).unwrap_or_default();
            let is_abstract = class.node.child(0).is_some_and(|first| first.kind() == "abstract_modifier");
            if is_abstract || !BASES.contains(&base.as_str()) {
                continue;
            }
            let short = class.name.rsplit('\\').next().unwrap_or(&class.name);
            let named = machine.default_of(&class, "table");
            let at = class.property("table").or_else(|| class.node.field("name")).unwrap_or(class.node);
            let evidence = file.first_line_of(at);
            let name = match named {
                Some(PhpValue::Text(name)) => name.to_string(),
                Some(PhpValue::Null) | None => {
                    let last = short.rfind(|letter: char| letter.is_ascii_uppercase()).unwrap_or(0);
                    snake(&format!("{}{}", &short[..last], plural(&short[last..])), "_")
                }
                Some(_) => {
                    out.unresolved(format!("the model `{short}` names its table by an expression"), evidence);
                    continue;
                }
            };
            out.found.push(Table { name, said_by: "eloquent model", columns: Vec::new(), evidence });
        }
    }
}
