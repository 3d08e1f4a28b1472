//! Traces all programs of a family: what is known before any of them runs, and the order in which their parts are run.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use aho_corasick::AhoCorasick;

use super::graph::{Graph, Loose};
use super::machine::{Machine, Rules};
use super::module::go::programs::GoPrograms;
use super::module::rust::crates;
use super::module::script::entries;
use super::module::searches::Searches;
use super::outline::Outlines;
use super::settings;
use super::shares::Shares;
use super::value::{Closure, Object};
use crate::lang::script::import;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// The stack of the thread that traces; nesting is bounded well below what would fill it.
const TRACE_STACK_BYTES: usize = 128 << 20;

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
    let graph = deal::deep(TRACE_STACK_BYTES, || {
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
            crates: if family == Family::Rust { crates(corpus) } else { BTreeMap::new() },
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
        let entries = if self.family == Family::Script { entries(self.corpus) } else { Vec::new() };
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
}
