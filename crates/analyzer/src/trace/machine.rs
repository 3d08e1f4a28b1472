//! The state of a trace (modules, budgets, the graph that grows), and what a framework contributes to it: which external
//! names make routers and what calls on them mean.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::call::{Call, Decorated};
use super::framework::Framework;
use super::graph::{Draft, DraftId, Graph, Handle, Loose, PathText, RouterId};
use super::module::go::programs::GoPrograms;
use super::module::searches::Searches;
use super::outline::Outlines;
use super::shares::Shares;
use super::value::{Argument, ClassValue, Closure, DefinitionPlace, ImportedName, ModuleId, Object, Scope, Value};
use super::why::Why;
use crate::lang::script::import::Alias;
use crate::syntax::grammar::{Family, Language};
use crate::syntax::program::Program;
use crate::tree::corpus::Corpus;
use crate::tree::file::PathClass;

/// Functions without a trigger are run only when they are at most this long.
pub(super) const SHORT_FUNCTION: usize = 800;

/// An export under another name: the module it comes from if not this one, the name there, the name here.
pub(crate) type Export = (Option<Rc<str>>, Rc<str>, Rc<str>);

/// A loaded file, or a module written inside one (Rust).
pub(crate) struct Module {
    pub(crate) path: Rc<str>,
    pub(crate) program: Rc<Program>,
    pub(crate) scope: Rc<Scope>,
    /// JavaScript: `module`, whose field `exports` is what others see.
    pub(crate) module_object: Rc<Object>,
    /// JavaScript: `export { … }` and `export { … } from`; what is exported whole is among the scope's globs.
    pub(crate) exports: Vec<Export>,
    /// JavaScript and Python: the modules that it takes whole, as far as somebody asked.
    pub(super) whole: Vec<Option<ModuleId>>,
    /// Rust: the module around it, for modules inside a file.
    pub(crate) parent: Option<ModuleId>,
    /// Rust: the folder in which the files of a module inside a file lie.
    pub(crate) folder: Option<String>,
}

impl Module {
    /// A module that exports nothing yet.
    pub(super) fn new(path: Rc<str>, program: Rc<Program>, scope: Rc<Scope>) -> Self {
        let (module_object, exports, whole) = Default::default();
        Self { path, program, scope, module_object, exports, whole, parent: None, folder: None }
    }
}

/// A call on a router that is understood at the end: what it says, with which arguments, and where.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) what: &'static str,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) evidence: Evidence,
}

/// The rules of one framework (or of a family of calls, such as servers that listen).
pub(crate) trait Rules: Sync {
    /// What is the same for all of its programs.
    fn framework(&self) -> &Framework;

    /// A call of a name out of a package, by its path (`express.Router`).
    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let _ = (machine, name, call);
        None
    }

    /// Whether a package is the framework's own: it is not followed, also where a copy of it lies in the tree.
    fn owns(&self, package: &str) -> bool {
        let _ = package;
        false
    }

    /// A method called on a router of these rules.
    fn method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        let _ = (machine, on, name, call);
        None
    }

    /// A method called on a draft of these rules.
    fn draft_method(&'static self, machine: &mut Machine<'_>, on: DraftId, name: &str, call: &Call) -> Option<Value> {
        let _ = (machine, on, name, call);
        None
    }

    /// A method called on a router of any framework of the language whose own rules do not know the method.
    fn any_method(&'static self, machine: &mut Machine<'_>, on: RouterId, name: &str, call: &Call) -> Option<Value> {
        let _ = (machine, on, name, call);
        None
    }

    /// A member of a router of these rules, read without a call.
    fn attribute(&self, machine: &mut Machine<'_>, on: RouterId, name: &str) -> Option<Value> {
        let _ = (machine, on, name);
        None
    }

    /// What something of this external type is when nobody is seen to have made it.
    fn typed(&'static self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
        let _ = (machine, of);
        None
    }

    /// A field of something that these rules or a package made is set.
    fn set(&self, machine: &mut Machine<'_>, on: &Value, name: &str, value: &Value, place: &Evidence) {
        let _ = (machine, on, name, value, place);
    }

    /// A decorator that these rules made is applied.
    fn decorate(&self, machine: &mut Machine<'_>, draft: &Draft, target: &Decorated<'_>, others: &[Rc<str>]) {
        let _ = (machine, draft, target, others);
    }

    /// Whether the tree's layout alone makes a program of this framework, whatever its files hold.
    fn is_laid_out(&self, corpus: &Corpus) -> bool {
        let _ = corpus;
        false
    }

    /// The program has run: put together what depends on all of it.
    fn finish(&'static self, machine: &mut Machine<'_>) {
        let _ = machine;
    }
}

/// Traces the programs of one language family.
pub(crate) struct Machine<'c> {
    pub(crate) corpus: &'c Corpus,
    pub(crate) family: Family,
    pub(crate) rules: &'c [&'static dyn Rules],
    pub(crate) graph: Graph,
    pub(crate) modules: Vec<Module>,
    pub(super) by_path: BTreeMap<Rc<str>, Option<ModuleId>>,
    pub(super) crates: BTreeMap<String, String>,
    pub(super) go: GoPrograms,
    /// JavaScript: what imports may start with, and the folders it stands for.
    pub(super) aliases: Vec<Alias>,
    /// Routers made from a class of the program that extends the framework's.
    pub(super) extended: BTreeMap<RouterId, Rc<ClassValue>>,
    pub(crate) classes: Vec<Rc<ClassValue>>,
    /// What rules were told of a router and need when the program has run.
    pub(crate) kept: BTreeMap<RouterId, Vec<Kept>>,
    /// Go: the handlers that a handler was seen to pass requests to.
    pub(crate) serving: Vec<Value>,
    /// Go: routers whose registrations belong to a group for as long as its function runs.
    pub(crate) grouped: BTreeMap<RouterId, RouterId>,
    /// Modules that another one imports something of.
    pub(crate) imported: BTreeSet<ModuleId>,
    /// JavaScript: what the program keeps on `global`.
    pub(super) globals: Rc<Object>,
    /// Python: the functions that the program's own decorators are being applied to.
    pub(super) decorating: Vec<Rc<Closure>>,
    /// Rust: the imports that are being looked up.
    pub(super) resolving: Vec<Rc<ImportedName>>,
    pub(super) searches: Searches,
    pub(super) outlines: Outlines<'c>,
    pub(super) shares: Shares,
    pub(super) depth: usize,
    pub(super) stack: Vec<DefinitionPlace>,
    /// The calls that the running functions were called by: path, first and last line.
    pub(super) sites: Vec<(String, u32, u32)>,
    /// Functions seen, in order, and those that ran.
    pub(crate) defined: Vec<Rc<Closure>>,
    pub(super) ran: BTreeSet<DefinitionPlace>,
}

impl<'c> Machine<'c> {
    /// Run a module once; a module that is already running gives what it has so far.
    pub(crate) fn load(&mut self, path: &str) -> Option<ModuleId> {
        if let Some(known) = self.by_path.get(path) {
            return *known;
        }
        if self.family == Family::Go {
            return self.go_load(path);
        }
        let path: Rc<str> = path.into();
        self.by_path.insert(Rc::clone(&path), None);
        let file = self.corpus.file(&path)?;
        let language = Language::of_path(&path)?;
        if language.family() != self.family || file.class != PathClass::Application {
            return None;
        }
        let program = Rc::new(self.outlines.program(file)?);
        let id = self.modules.len();
        self.by_path.insert(Rc::clone(&path), Some(id));
        let module_object = Rc::new(Object::default());
        let exports = Value::Object(Rc::new(Object::default()));
        module_object.set(&"exports".into(), exports.clone());
        let scope = Rc::new(Scope::default());
        if self.family == Family::Script {
            scope.set(&"exports".into(), exports);
            scope.set(&"module".into(), Value::Object(Rc::clone(&module_object)));
        }
        let body = program.body;
        self.modules.push(Module { module_object, ..Module::new(path, program, scope) });
        self.run_body(id, body);
        Some(id)
    }

    /// Whether a function calls something of a router of its module: `app.add_api_route(…)`.
    fn registers_on_module(&self, closure: &Closure) -> bool {
        self.says_router(closure, |name| {
            vec![format!(" {name}.add_"), format!(" {name}.include_"), format!(" {name}.route(")]
        })
    }

    /// Whether the text of a function has one of these words for a router of its module.
    pub(super) fn says_router(&self, closure: &Closure, words: impl Fn(&str) -> Vec<String>) -> bool {
        let function = &closure.program.functions[closure.function];
        let names = self.modules[closure.module].scope.names.borrow();
        let mut routers = names.iter().filter(|(_, value)| matches!(value, Value::Handle(Handle::Router(_))));
        let text = String::from_utf8_lossy(self.bytes(closure.module, function.bytes));
        routers.any(|(name, _)| words(name).iter().any(|word| text.contains(word)))
    }

    pub(super) fn has_trigger(&self, closure: &Closure) -> bool {
        let function = &closure.program.functions[closure.function];
        self.outlines.triggers.is_match(self.bytes(closure.module, function.bytes))
    }

    /// Whether running the function can matter at all.
    pub(super) fn is_interesting(&self, closure: &Closure) -> bool {
        let (from, to) = closure.program.functions[closure.function].bytes;
        let may_register = || self.family == Family::Python && self.registers_on_module(closure);
        to - from <= SHORT_FUNCTION || self.has_trigger(closure) || may_register()
    }

    fn bytes(&self, module: ModuleId, (from, to): (usize, usize)) -> &[u8] {
        let file = self.corpus.file(&self.modules[module].path);
        file.and_then(|file| file.bytes().get(from..to)).unwrap_or_default()
    }

    /// The source text of a byte range.
    pub(crate) fn source(&self, module: ModuleId, range: (usize, usize)) -> Rc<str> {
        String::from_utf8_lossy(self.bytes(module, range)).into()
    }

    /// Evidence for lines of a file of the corpus.
    pub(crate) fn evidence(&self, path: &str, start: u32, end: u32) -> Evidence {
        match self.corpus.file(path) {
            Some(file) => file.lines(start, end),
            None => Evidence::of_file(path, ""),
        }
    }

    /// Note something that was recognised and could not be followed.
    pub(crate) fn loose(&mut self, reason: impl Into<String>, evidence: Evidence) {
        self.graph.loose.push(Loose { reason: reason.into(), evidence });
    }

    /// Keep a call until the program has run.
    pub(crate) fn keep(&mut self, router: RouterId, what: &'static str, call: &Call) {
        let evidence = call.lines_to_near(self, call.arguments.last());
        let kept = Kept { what, arguments: call.arguments.clone(), evidence };
        self.kept.entry(router).or_default().push(kept);
    }

    /// A value as a path, or why it is none.
    pub(crate) fn path_text(&mut self, value: &Value, text: &str) -> PathText {
        let shown: String = text.chars().take(60).collect();
        let value = self.settle(value);
        if let Some(path) = Self::path_below_base(&value) {
            return PathText::Known(path.to_owned());
        }
        match self.unset(value) {
            Value::Text(text) => PathText::Known(text.to_string()),
            value if self.base_path(&value).is_some() => {
                let (base, path) = self.base_path(&value).unwrap_or_default();
                PathText::Below { base, path }
            }
            Value::Env(name, _) => PathText::Unknown(Why::Environment(name.to_string()).of(shown)),
            Value::Unknown(why) if why.is_said() => PathText::Unknown(Why::clone(&why).of(shown)),
            _ => PathText::Unknown(Why::Computed.of(shown)),
        }
    }
}
