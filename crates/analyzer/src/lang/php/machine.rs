//! The state of an evaluation (the project, the files that ran, the budget), and what it asks of a framework: the meaning
//! of its calls.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::call::PhpCall;
use super::project::PhpProject;
use super::unit::{PhpClass, Unit, classes};
use super::value::{PhpValue, Variables};
use crate::budget::{Budget, Limits};
use crate::tree::corpus::Corpus;
use crate::tree::file::{PathClass, SourceFile};

/// Nodes that one project may cost.
const MAX_PHP_STEPS: usize = 3_000_000;
/// Expressions, statements and calls inside each other.
pub(super) const MAX_PHP_DEPTH: usize = 160;
/// Stack of the thread that evaluates: [`MAX_PHP_DEPTH`] times what a level may take, with room to spare.
pub(crate) const PHP_STACK_BYTES: usize = 32 * 1024 * 1024;

/// The evaluator of one project.
pub(crate) struct PhpMachine<'c, H> {
    pub(crate) corpus: &'c Corpus,
    pub(crate) project: &'c PhpProject,
    pub(crate) host: H,
    /// Files whose statements ran.
    pub(crate) ran: BTreeSet<&'c str>,
    /// Configuration that packages bring: key to file.
    pub(crate) merged: BTreeMap<String, Vec<&'c SourceFile>>,
    pub(super) configured: BTreeMap<String, PhpValue<'c>>,
    pub(super) functions: Option<BTreeMap<String, (&'c SourceFile, Node<'c>)>>,
    pub(super) running: Vec<&'c str>,
    pub(super) budget: Budget,
    units: BTreeMap<&'c str, Rc<Unit>>,
    known: BTreeMap<String, Option<Rc<PhpClass<'c>>>>,
}

/// Variables and surroundings of the code that runs.
pub(crate) struct PhpFrame<'c> {
    pub(crate) file: &'c SourceFile,
    pub(crate) unit: Rc<Unit>,
    pub(crate) variables: Variables<'c>,
    pub(crate) this: Option<PhpValue<'c>>,
    pub(crate) class: Option<Rc<PhpClass<'c>>>,
    pub(super) result: Option<PhpValue<'c>>,
}

/// A framework's calls. `None` means that the host does not know the call and the evaluator goes on.
pub(crate) trait Host<'c>: Sized {
    /// A closure that is given to an unknown call is followed when its text holds one of these.
    const WORDS: &'static [&'static str];

    /// `Name::call(...)`, the name resolved.
    fn call_static(
        machine: &mut PhpMachine<'c, Self>,
        frame: &mut PhpFrame<'c>,
        class: &str,
        call: &PhpCall<'c>,
    ) -> Option<PhpValue<'c>>;

    /// `$value->call(...)`.
    fn call_method(
        machine: &mut PhpMachine<'c, Self>,
        frame: &mut PhpFrame<'c>,
        object: &PhpValue<'c>,
        call: &PhpCall<'c>,
    ) -> Option<PhpValue<'c>>;

    /// What the framework hands to a parameter of this type (full name).
    fn inject(_machine: &mut PhpMachine<'c, Self>, _of_type: &str) -> Option<PhpValue<'c>> {
        None
    }

    /// A file is included from these lines.
    fn entered(_machine: &mut PhpMachine<'c, Self>, _from: &Evidence) {}

    /// The file that was entered last has ended.
    fn left(_machine: &mut PhpMachine<'c, Self>) {}
}

impl<'c, H: Host<'c>> PhpMachine<'c, H> {
    /// A machine that has run nothing.
    pub(crate) fn new(corpus: &'c Corpus, project: &'c PhpProject, host: H) -> Self {
        Self {
            corpus,
            project,
            host,
            ran: BTreeSet::new(),
            merged: BTreeMap::new(),
            configured: BTreeMap::new(),
            functions: None,
            running: Vec::new(),
            budget: Limits::new(MAX_PHP_STEPS, MAX_PHP_DEPTH).start(),
            units: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// Namespace and imports of a file.
    pub(crate) fn unit(&mut self, file: &'c SourceFile) -> Rc<Unit> {
        let read = || {
            let parsed = file.syntax();
            Rc::new(parsed.map_or_else(Unit::default, |parsed| Unit::read(parsed.tree.root_node(), file.bytes())))
        };
        self.units.entry(&file.path).or_insert_with(read).clone()
    }

    /// A frame for the top level of a file.
    pub(crate) fn frame(&mut self, file: &'c SourceFile) -> PhpFrame<'c> {
        let unit = self.unit(file);
        PhpFrame { file, unit, variables: Variables::new(), this: None, class: None, result: None }
    }

    /// The classes of a file.
    pub(crate) fn classes(&mut self, file: &'c SourceFile) -> Vec<Rc<PhpClass<'c>>> {
        let unit = self.unit(file);
        classes(file, &unit).into_iter().map(Rc::new).collect()
    }

    /// A class of the tree by its full name, or by the alias that the configuration gives it.
    pub(crate) fn class(&mut self, name: &str) -> Option<Rc<PhpClass<'c>>> {
        let found = self.autoloaded(name);
        if found.is_some() || name.contains('\\') {
            return found;
        }
        let alias = self.config("app.aliases")?.get(name)?.as_text()?.trim_start_matches('\\').to_owned();
        if alias == name { None } else { self.autoloaded(&alias) }
    }

    /// A class where the autoload rules of a manifest put it.
    fn autoloaded(&mut self, name: &str) -> Option<Rc<PhpClass<'c>>> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let mut found = None;
        for path in self.project.places_of(name) {
            let file = self.corpus.file(&path).filter(|file| file.class == PathClass::Application);
            let Some(file) = file else { continue };
            found = self.classes(file).into_iter().find(|class| class.name.eq_ignore_ascii_case(name));
            if found.is_some() {
                break;
            }
        }
        self.known.insert(name.to_owned(), found.clone());
        found
    }

    /// A class and what it extends within the tree, the nearest first.
    pub(crate) fn lineage(&mut self, class: &Rc<PhpClass<'c>>) -> Vec<Rc<PhpClass<'c>>> {
        let mut out = vec![class.clone()];
        while out.len() < 12
            && let Some(parent) = out.last().and_then(|last| last.parent.clone())
            && let Some(parent) = self.class(&parent)
        {
            out.push(parent);
        }
        out
    }

    /// The method of a class, of its traits or of what it extends, with the class that has it.
    pub(crate) fn method(&mut self, class: &Rc<PhpClass<'c>>, name: &str) -> Option<(Rc<PhpClass<'c>>, Node<'c>)> {
        for class in self.lineage(class) {
            if let Some(method) = class.method(name) {
                return Some((class, method));
            }
            for used in class.traits() {
                if let Some(used) = self.class(&used)
                    && let Some(method) = used.method(name)
                {
                    return Some((used, method));
                }
            }
        }
        None
    }

    /// Run a file in the variables of a frame, as `require` does, and give what it returns.
    pub(crate) fn include(&mut self, frame: &mut PhpFrame<'c>, file: &'c SourceFile) -> PhpValue<'c> {
        if self.running.contains(&file.path.as_str()) || self.running.len() > 24 {
            return PhpValue::unknown("a file includes itself");
        }
        let Some(parsed) = file.syntax() else { return PhpValue::unknown("a file could not be parsed") };
        self.ran.insert(&file.path);
        self.running.push(&file.path);
        let unit = self.unit(file);
        let (own_file, own_unit) = (frame.file, std::mem::replace(&mut frame.unit, unit));
        frame.file = file;
        let result = frame.result.take();
        self.statements(frame, parsed.tree.root_node());
        let given = std::mem::replace(&mut frame.result, result);
        frame.file = own_file;
        frame.unit = own_unit;
        self.running.pop();
        given.unwrap_or(PhpValue::Int(1))
    }
}
