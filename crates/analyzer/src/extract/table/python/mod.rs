//! Models of Python programs. The classes are looked up once for all mappers.

mod django;
mod peewee;
mod sqlalchemy;
mod sqlalchemy_core;
mod tortoise;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tree_sitter::Node;

use crate::extract::table::tables::Tables;
use crate::lang::constant::Constants;
use crate::lang::declarations::Declarations;
use crate::lang::python::called;
use crate::lang::python::index::{Index, PythonClass};
use crate::lang::python::module::PythonModule;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;

/// How often subclasses of what was found are looked for in files that do not name the mapper.
const ROUNDS: usize = 3;

/// What the mappers share.
struct Program<'c> {
    corpus: &'c Corpus,
    index: Index<'c>,
    constants: Constants<'c>,
}

pub(super) fn read(corpus: &Corpus, tables: &mut Tables) {
    let declarations = Declarations::new(corpus);
    let program = Program { corpus, index: Index::new(corpus), constants: Constants::new(&declarations) };
    for mapper in [django::read, sqlalchemy::read, peewee::read, tortoise::read] {
        mapper(&program, tables);
    }
}

impl<'c> Program<'c> {
    /// The modules that hold one of the texts, and those that name a class which `is_base` accepts.
    fn modules(
        &self,
        patterns: &[impl AsRef<str>],
        is_base: impl Fn(&PythonClass<'c>) -> bool,
    ) -> Vec<Rc<PythonModule<'c>>> {
        let mut modules: BTreeMap<&str, Rc<PythonModule<'c>>> = BTreeMap::new();
        let mut searched: BTreeSet<String> = BTreeSet::new();
        let mut wanted: Vec<String> = patterns.iter().map(|pattern| pattern.as_ref().to_owned()).collect();
        for _ in 0..ROUNDS {
            let texts: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let files = prefilter::files_among(self.corpus, Family::Python, &texts, |path| !is_migration(path));
            let mut bases = BTreeSet::new();
            for file in files {
                if modules.contains_key(file.path.as_str()) {
                    continue;
                }
                let Some(module) = self.index.module(&file.path) else { continue };
                bases.extend(self.index.classes(&module).into_iter().filter(&is_base).map(|class| class.name));
                modules.insert(&file.path, module);
            }
            wanted = bases
                .into_iter()
                .filter(|name| searched.insert(name.clone()))
                .flat_map(|name| as_base(&name))
                .collect();
        }
        modules.into_values().collect()
    }
}

/// How the name of a class stands among the bases of another, or in an import that renames it.
fn as_base(name: &str) -> [String; 9] {
    ["({})", "({},", "({}[", ", {})", ", {},", ".{})", ".{},", "    {},", " {} as "]
        .map(|form| form.replace("{}", name))
}

fn is_migration(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(folders, _)| {
        let folder = folders.rsplit('/').next().unwrap_or(folders);
        folder == "migrations" || folder == "versions"
    })
}

/// Whether a value is a column of SQLAlchemy.
fn is_column(value: Node<'_>, bytes: &[u8]) -> bool {
    called(value, bytes).is_some_and(|function| matches!(function, "Column" | "mapped_column" | "MappedColumn"))
}
