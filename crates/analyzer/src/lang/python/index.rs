//! Modules and classes of Python programs: what a name in a list of bases means, through imports, re-exports and
//! `import *`. Only classes at the top of a module count; nothing is executed.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::import;
use super::module::{PythonModule, undecorated};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use crate::tree::file::PathClass;
use crate::tree::path::{folder_of, inside, upwards};

/// Imports of imports, bases of bases.
const MAX_IMPORT_DEPTH: usize = 24;

/// A class of the program.
#[derive(Debug, Clone)]
pub(crate) struct PythonClass<'c> {
    pub(crate) module: Rc<PythonModule<'c>>,
    pub(crate) name: String,
    pub(crate) node: Node<'c>,
}

/// What a name means.
#[derive(Debug, Clone)]
pub(crate) enum Meaning<'c> {
    Class(PythonClass<'c>),
    /// Any other value of a module.
    Value(Rc<PythonModule<'c>>, Node<'c>),
    /// A dotted name of a package that is not in the tree.
    External(String),
    Unknown,
}

/// Everything that was looked up so far.
#[derive(Debug)]
pub(crate) struct Index<'c> {
    corpus: &'c Corpus,
    modules: RefCell<BTreeMap<String, Option<Rc<PythonModule<'c>>>>>,
    paths: RefCell<BTreeMap<(String, String), Option<String>>>,
}

impl<'c> PythonClass<'c> {
    pub(crate) fn bytes(&self) -> &'c [u8] {
        self.module.file.bytes()
    }

    /// One class in one place of the tree.
    pub(crate) fn id(&self) -> (String, usize) {
        (self.module.file.path.clone(), self.node.start_byte())
    }

    /// The expressions in the parentheses: bases, then keywords.
    fn arguments(&self) -> Vec<Node<'c>> {
        let Some(list) = self.node.field("superclasses") else { return Vec::new() };
        list.parts()
    }

    /// The names of the bases; `Base[int]` is `Base`, those that `with_metaclass` takes count too.
    fn bases(&self) -> Vec<&'c str> {
        let mut out = Vec::new();
        for argument in self.arguments() {
            match argument.kind() {
                "identifier" | "attribute" => out.push(text(argument, self.bytes())),
                "subscript" => {
                    out.extend(argument.field("value").map(|value| text(value, self.bytes())));
                }
                "call" if text(argument, self.bytes()).contains("metaclass") => {
                    let Some(inner) = argument.field("arguments") else { continue };
                    let names = inner.inner();
                    let names = names.filter(|name| matches!(name.kind(), "identifier" | "attribute"));
                    out.extend(names.map(|name| text(name, self.bytes())));
                }
                _ => {}
            }
        }
        out
    }

    /// The value of a keyword in the parentheses, e.g. `table=True`.
    pub(crate) fn keyword(&self, wanted: &str) -> Option<Node<'c>> {
        let is_wanted = |argument: &Node<'c>| {
            argument.kind() == "keyword_argument" && argument.field_is("name", wanted, self.bytes())
        };
        self.arguments().into_iter().find(is_wanted)?.field("value")
    }

    /// Names and values that the body assigns.
    pub(crate) fn assignments(&self) -> Vec<(&'c str, Node<'c>)> {
        assignments(self.node, self.bytes())
    }

    /// The value that the body gives to a name.
    pub(crate) fn assigned(&self, wanted: &str) -> Option<Node<'c>> {
        self.assignments().into_iter().rev().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }

    /// A class or function in the body, without its decorators.
    pub(crate) fn inner(&self, kind: &str, wanted: &str) -> Option<Node<'c>> {
        let body = self.node.field("body")?;
        let mut children = body.inner().map(undecorated);
        children.find(|child| child.kind() == kind && child.field_is("name", wanted, self.bytes()))
    }

    /// The lines of a node of the class.
    pub(crate) fn lines_of(&self, node: Node<'_>) -> Evidence {
        self.module.file.lines_of(node)
    }

    /// The line of the class's head.
    pub(crate) fn evidence(&self) -> Evidence {
        let last = self.node.field("superclasses").map_or(self.node.first_line(), |list| list.last_line());
        self.module.file.lines(self.node.first_line(), last)
    }
}

/// Names and values that the body of a class assigns.
pub(crate) fn assignments<'c>(class: Node<'c>, bytes: &'c [u8]) -> Vec<(&'c str, Node<'c>)> {
    let Some(body) = class.field("body") else { return Vec::new() };
    let mut out = Vec::new();
    for statement in body.inner() {
        let Some(assignment) = statement.named_child(0).filter(|inner| inner.kind() == "assignment") else { continue };
        let (target, value) = (assignment.field("left"), assignment.field("right"));
        if let (Some(target), Some(value)) = (target, value) {
            out.push((text(target, bytes), value));
        }
    }
    out
}

impl<'c> Index<'c> {
    pub(crate) fn new(corpus: &'c Corpus) -> Self {
        Self { corpus, modules: RefCell::default(), paths: RefCell::default() }
    }

    /// The module in a file of the application.
    pub(crate) fn module(&self, path: &str) -> Option<Rc<PythonModule<'c>>> {
        if let Some(known) = self.modules.borrow().get(path) {
            return known.clone();
        }
        let file = self.corpus.file(path).filter(|file| file.class == PathClass::Application);
        let module = file.and_then(PythonModule::read).map(Rc::new);
        self.modules.borrow_mut().insert(path.to_owned(), module.clone());
        module
    }

    /// The classes of a module in the order of their names.
    pub(crate) fn classes(&self, module: &Rc<PythonModule<'c>>) -> Vec<PythonClass<'c>> {
        let class = |(name, node): (&String, &Node<'c>)| PythonClass {
            module: Rc::clone(module),
            name: name.clone(),
            node: *node,
        };
        module.classes.iter().map(class).collect()
    }

    /// What a dotted name means in a module.
    pub(crate) fn meaning(&self, module: &Rc<PythonModule<'c>>, name: &str) -> Meaning<'c> {
        self.meaning_at(module, name, 0)
    }

    fn meaning_at(&self, module: &Rc<PythonModule<'c>>, name: &str, depth: usize) -> Meaning<'c> {
        if depth > MAX_IMPORT_DEPTH {
            return Meaning::Unknown;
        }
        let (head, rest) = name.split_once('.').map_or((name, None), |(head, rest)| (head, Some(rest)));
        if rest.is_none() {
            if let Some(node) = module.classes.get(head) {
                return Meaning::Class(PythonClass { module: Rc::clone(module), name: head.to_owned(), node: *node });
            }
            if let Some(node) = module.values.get(head) {
                // Another name of the same thing.
                let alias = text(*node, module.file.bytes());
                return match node.kind() {
                    "identifier" | "attribute" if alias != name => self.meaning_at(module, alias, depth + 1),
                    _ => Meaning::Value(Rc::clone(module), *node),
                };
            }
        }
        if let Some(import) = module.imports.get(head) {
            let mut dotted = import.from.clone();
            for part in import.name.as_deref().into_iter().chain(rest) {
                if !dotted.ends_with('.') {
                    dotted.push('.');
                }
                dotted.push_str(part);
            }
            return self.dotted(module, &dotted, depth + 1);
        }
        if rest.is_some() && module.values.contains_key(head) {
            // A member of a value: `db.Model`.
            return Meaning::External(name.to_owned());
        }
        let mut outside = None;
        for from in &module.globs {
            match self.file_of(&module.file.path, from) {
                Some(path) if path != module.file.path => {
                    if let Some(inner) = self.module(&path) {
                        match self.meaning_at(&inner, name, depth + 1) {
                            Meaning::Unknown => {}
                            known => return known,
                        }
                    }
                }
                Some(_) => {}
                None => outside = outside.or_else(|| Some(format!("{from}.{name}"))),
            }
        }
        outside.map_or(Meaning::Unknown, Meaning::External)
    }

    /// The meaning of an absolute or relative dotted name: the longest part of it that is a module, then names.
    fn dotted(&self, module: &Rc<PythonModule<'c>>, dotted: &str, depth: usize) -> Meaning<'c> {
        let mut ends: Vec<usize> = dotted.match_indices('.').map(|(at, _)| at).collect();
        ends.push(dotted.len());
        let dots = dotted.len() - dotted.trim_start_matches('.').len();
        for end in ends.into_iter().rev().filter(|end| *end >= dots) {
            let Some(path) = self.file_of(&module.file.path, &dotted[..end]) else { continue };
            let rest = dotted[end..].trim_start_matches('.');
            if rest.is_empty() || path.ends_with('/') {
                continue;
            }
            let Some(inner) = self.module(&path) else { return Meaning::Unknown };
            if Rc::ptr_eq(&inner, module) && depth > 4 {
                return Meaning::Unknown;
            }
            return self.meaning_at(&inner, rest, depth + 1);
        }
        if dots > 0 { Meaning::Unknown } else { Meaning::External(dotted.to_owned()) }
    }

    /// The file of a module as seen from a file.
    fn file_of(&self, importer: &str, from: &str) -> Option<String> {
        let folder = folder_of(importer);
        let key = (folder.to_owned(), from.to_owned());
        if let Some(known) = self.paths.borrow().get(&key) {
            return known.clone();
        }
        let found = self.find(folder, from);
        self.paths.borrow_mut().insert(key, found.clone());
        found
    }

    fn find(&self, folder: &str, from: &str) -> Option<String> {
        let dots = from.len() - from.trim_start_matches('.').len();
        let rest = from[dots..].replace('.', "/");
        let mut bases: Vec<&str> = upwards(folder).collect();
        if dots > 0 {
            let base = *bases.get(dots - 1)?;
            return self.at(&below(base, &rest));
        }
        // Programs are started outside of packages, so a folder that is a package is the last choice.
        bases.sort_by_key(|base| self.corpus.has_path(&inside(base, "__init__.py")));
        bases
            .iter()
            .find_map(|base| self.at(&below(base, &rest)).or_else(|| self.at(&below(&below(base, "src"), &rest))))
            .or_else(|| self.at(&below(import::member_of(self.corpus, &rest)?, &rest)))
    }

    fn at(&self, path: &str) -> Option<String> {
        let package = below(path, "__init__.py");
        if self.corpus.has_path(&package) {
            return Some(package);
        }
        Some(format!("{path}.py")).filter(|file| self.corpus.has_path(file))
    }

    /// The class, its bases, their bases, as far as they are in the tree; names of packages among them.
    pub(crate) fn lineage(&self, class: &PythonClass<'c>) -> Vec<Meaning<'c>> {
        let mut seen = BTreeSet::new();
        let mut out = Vec::new();
        self.add_lineage(class, &mut seen, &mut out, 0);
        out
    }

    fn add_lineage(
        &self,
        class: &PythonClass<'c>,
        seen: &mut BTreeSet<(String, usize)>,
        out: &mut Vec<Meaning<'c>>,
        depth: usize,
    ) {
        if depth > MAX_IMPORT_DEPTH || !seen.insert(class.id()) {
            return;
        }
        out.push(Meaning::Class(class.clone()));
        for base in class.bases() {
            match self.meaning(&class.module, base) {
                Meaning::Class(base) => self.add_lineage(&base, seen, out, depth + 1),
                Meaning::Unknown if base.contains('.') => out.push(Meaning::External(base.to_owned())),
                other => out.push(other),
            }
        }
    }
}

fn below(folder: &str, path: &str) -> String {
    match (folder.is_empty(), path.is_empty()) {
        (true, _) => path.to_owned(),
        (_, true) => folder.to_owned(),
        _ => format!("{folder}/{path}"),
    }
}
