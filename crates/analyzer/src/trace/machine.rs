//! The state of a trace: modules, budgets, the graph that grows, and the order in which a program's
//! parts are run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use aho_corasick::AhoCorasick;
use ci_feed_dossier::evidence::Evidence;

use super::bounds::Shares;
use super::graph::{Graph, Handle, Loose, PathText, RouterId};
use super::module::GoPrograms;
use super::module::missed::Searches;
use super::outline::Outlines;
use super::rules::{Call, Rules};
use super::settings;
use super::value::{Argument, ClassValue, Closure, DefinitionPlace, ImportedName, ModuleId, Object, Scope, Value};
use super::why::Why;
use crate::lang::script::import::{self, Alias};
use crate::syntax::grammar::{Family, Language};
use crate::syntax::prefilter;
use crate::syntax::program::Program;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::{PathClass, SourceFile};

/// The stack of the thread that traces; nesting is bounded well below what would fill it.
const STACK_BYTES: usize = 128 << 20;
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

/// A call on a router that is understood at the end: what it says, with which arguments, and where.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) what: &'static str,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) evidence: Evidence,
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

/// Trace all programs of a family.
pub(crate) fn trace(corpus: &Corpus, family: Family, rules: &[&'static dyn Rules]) -> Graph {
    let rules: Vec<_> = rules.iter().copied().filter(|rules| rules.framework().family == family).collect();
    let patterns: Vec<&str> = rules.iter().flat_map(|rules| rules.framework().triggers).copied().collect();
    let seeds = prefilter::files_that_hold(corpus, family, &patterns);
    if seeds.is_empty() && !corpus.is_thorough() && !rules.iter().any(|rules| rules.is_laid_out(corpus)) {
        return Graph::default();
    }
    let starts: Vec<&str> = rules.iter().flat_map(|rules| rules.framework().starts).copied().collect();
    let triggers = prefilter::automaton(&starts);
    let graph = deal::deep(STACK_BYTES, || {
        let mut machine = Machine::new(corpus, family, &rules, triggers);
        machine.outlines.ahead(&seeds);
        machine.run(&seeds);
        machine.graph
    });
    // One odd program must not cost the whole dossier, and must not be passed over in silence either.
    graph.unwrap_or_else(|_| unfollowed(&seeds))
}

/// What is said when following the programs of a family ended by a fault of the analyzer itself.
fn unfollowed(seeds: &[&SourceFile]) -> Graph {
    let reason = "no endpoint of this language could be looked for: the analyzer failed on one of its programs";
    let loose = seeds.iter().take(1).map(|file| Loose { reason: reason.to_owned(), evidence: file.exists() });
    Graph { loose: loose.collect(), ..Graph::default() }
}

impl<'c> Machine<'c> {
    fn new(corpus: &'c Corpus, family: Family, rules: &'c [&'static dyn Rules], triggers: AhoCorasick) -> Self {
        Self {
            corpus,
            family,
            rules,
            graph: Graph::default(),
            modules: Vec::new(),
            by_path: BTreeMap::new(),
            crates: if family == Family::Rust { super::module::crates(corpus) } else { BTreeMap::new() },
            go: if family == Family::Go { GoPrograms::of(corpus) } else { GoPrograms::default() },
            aliases: if family == Family::Script { import::aliases(corpus) } else { Vec::new() },
            extended: BTreeMap::new(),
            classes: Vec::new(),
            kept: BTreeMap::new(),
            serving: Vec::new(),
            grouped: BTreeMap::new(),
            imported: BTreeSet::new(),
            globals: Rc::new(Object::default()),
            decorating: Vec::new(),
            resolving: Vec::new(),
            searches: Searches::default(),
            outlines: Outlines::new(corpus, family, triggers),
            shares: Shares::default(),
            depth: 0,
            stack: Vec::new(),
            sites: Vec::new(),
            defined: Vec::new(),
            ran: BTreeSet::new(),
        }
    }

    fn run(&mut self, seeds: &[&'c SourceFile]) {
        let (first, rest): (Vec<&SourceFile>, Vec<&SourceFile>) =
            seeds.iter().copied().partition(|file| settings::is_settings(self.family, file.bytes()));
        let entries = if self.family == Family::Script { super::module::entries(self.corpus) } else { Vec::new() };
        self.shares = Shares::of(seeds.iter().map(|file| file.path.clone()).chain(entries.iter().cloned()));
        for path in entries {
            self.within_share(&path, |machine| machine.load(&path));
        }
        for file in first.into_iter().chain(rest) {
            let loaded = self.within_share(&file.path, |machine| machine.load(&file.path));
            // What is served is often handed to a server by a `main.rs` that names no framework.
            if let (Family::Rust, Some(module)) = (self.family, loaded) {
                self.crate_roots(module);
            }
        }
        let (mut functions, mut classes) = (0, 0);
        self.run_the_rest(&mut functions, &mut classes);
        if self.corpus.is_thorough() {
            let corpus = self.corpus;
            for file in corpus.programs(self.family) {
                self.within_share(&file.path, |machine| machine.load(&file.path));
            }
            self.run_the_rest(&mut functions, &mut classes);
        }
        self.graph.drop_doubles();
        let first = self.modules.first().map_or_else(|| Rc::from(""), |module| Rc::clone(&module.path));
        for rules in self.rules {
            self.shares.renew(&first);
            self.within_share(&first, |machine| rules.finish(machine));
        }
    }

    /// Run what was defined and not run, from these numbers on.
    fn run_the_rest(&mut self, functions: &mut usize, classes: &mut usize) {
        // Entry points first; then whatever nobody called, as a server's own tooling would.
        let mut later = VecDeque::new();
        while *functions < self.defined.len() || !later.is_empty() || !self.go.commands.is_empty() {
            if *functions >= self.defined.len() && !self.go.commands.is_empty() {
                let command = self.go.commands.remove(0);
                if !self.ran.contains(&command.place()) {
                    self.run_closure(&command);
                }
                continue;
            }
            let (closure, is_late) = match self.defined.get(*functions) {
                Some(closure) => (Rc::clone(closure), false),
                None => (later.pop_front().expect("the loop ends when both are empty"), true),
            };
            *functions += usize::from(!is_late);
            if self.ran.contains(&closure.place()) || !self.is_worth_calling(&closure) {
                continue;
            }
            let name = closure.program.functions[closure.function].name.as_deref().unwrap_or("");
            if !is_late && name != "main" {
                later.push_back(closure);
                continue;
            }
            self.run_closure(&closure);
        }
        while let Some(class) = self.classes.get(*classes).cloned() {
            *classes += 1;
            let path = Rc::clone(&self.modules[class.module].path);
            self.within_share(&path, |machine| machine.run_class(&class));
        }
    }

    fn run_closure(&mut self, closure: &Rc<Closure>) {
        let path = Rc::clone(&self.modules[closure.module].path);
        self.within_share(&path, |machine| machine.call_closure(closure, None, &[]));
    }

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
        let module = Module {
            path,
            program,
            scope,
            module_object,
            exports: Vec::new(),
            whole: Vec::new(),
            parent: None,
            folder: None,
        };
        self.modules.push(module);
        self.run_body(id, body);
        Some(id)
    }

    /// A function that makes an application, serves one, or returns a router.
    fn is_worth_calling(&self, closure: &Closure) -> bool {
        let function = &closure.program.functions[closure.function];
        if self.family == Family::Rust && function.returns.contains("Router") {
            return true;
        }
        if self.family == Family::Go && function.name.as_deref() == Some("main") && function.receiver.is_none() {
            return true;
        }
        self.has_trigger(closure) || (self.family == Family::Python && self.hands_router_on(closure))
    }

    /// Whether a function that asks for nothing gives a router of its module to another function (`def build(): load(app)`), or
    /// has handlers of it inside.
    fn hands_router_on(&self, closure: &Closure) -> bool {
        let function = &closure.program.functions[closure.function];
        function.parameters.is_empty()
            && self.says_router(closure, |name| {
                vec![format!("({name})"), format!("({name},"), format!(", {name})"), format!("    @{name}.")]
            })
    }

    /// Whether a function calls something of a router of its module: `app.add_api_route(…)`.
    fn registers_on_module(&self, closure: &Closure) -> bool {
        self.says_router(closure, |name| {
            vec![format!(" {name}.add_"), format!(" {name}.include_"), format!(" {name}.route(")]
        })
    }

    /// Whether the text of a function has one of these words for a router of its module.
    fn says_router(&self, closure: &Closure, words: impl Fn(&str) -> Vec<String>) -> bool {
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
