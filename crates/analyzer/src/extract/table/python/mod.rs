//! Models of Python programs. The classes are looked up once for all mappers.

mod django;
mod index;
mod module;
mod peewee;
mod sqlalchemy;
mod sqlalchemy_core;
mod tortoise;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tree_sitter::Node;

use super::constant::Constants;
use super::declarations::Declarations;
use crate::extract::table::tables::Tables;
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use index::{Class, Index};
use module::Module;

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
    fn modules(&self, patterns: &[impl AsRef<str>], is_base: impl Fn(&Class<'c>) -> bool) -> Vec<Rc<Module<'c>>> {
        let mut modules: BTreeMap<&str, Rc<Module<'c>>> = BTreeMap::new();
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

/// The arguments of a call: those without a name, and those with one.
fn arguments<'t>(call: Node<'t>, bytes: &'t [u8]) -> (Vec<Node<'t>>, BTreeMap<&'t str, Node<'t>>) {
    let (mut plain, mut named) = (Vec::new(), BTreeMap::new());
    let Some(list) = call.field("arguments") else { return (plain, named) };
    for argument in list.inner() {
        match (argument.kind(), argument.field("name"), argument.field("value")) {
            ("comment", ..) => {}
            ("keyword_argument", Some(name), Some(value)) => {
                named.insert(text(name, bytes), value);
            }
            _ => plain.push(argument),
        }
    }
    (plain, named)
}

/// The last part of the name of the function that a call calls.
fn called<'t>(value: Node<'t>, bytes: &'t [u8]) -> Option<&'t str> {
    let function = value.field("function").filter(|_| value.kind() == "call")?;
    text(function, bytes).rsplit('.').next()
}

fn is_true(node: Option<Node<'_>>) -> bool {
    node.is_some_and(|node| node.kind() == "true")
}

/// Whether a value is a column of SQLAlchemy.
fn is_column(value: Node<'_>, bytes: &[u8]) -> bool {
    called(value, bytes).is_some_and(|function| matches!(function, "Column" | "mapped_column" | "MappedColumn"))
}
