//! Which calls are followed, and how often.

use crate::trace::machine::{Machine, SHORT_FUNCTION};
use crate::trace::value::{Argument, Closure, Value};

/// Calls this near to the start of a program are followed whatever the function holds.
const MAX_CALLS_FROM_START: usize = 6;
/// How often a function runs: in a file that deals with routers, a short one elsewhere.
const MANY_RUNS: u32 = 3_000;
const FEW_RUNS: u32 = 60;

impl Machine<'_> {
    /// Whether a call is worth following. Go's programs are followed from `main` on, and a large one calls
    /// millions of functions that have nothing to do with routers.
    pub(in crate::trace) fn go_may_run(&mut self, closure: &Closure, arguments: &[Argument]) -> bool {
        if arguments.iter().any(|argument| matches!(argument.value, Value::Handle(_))) {
            return true;
        }
        let (from, to) = closure.program.functions[closure.function].bytes;
        let is_short = to - from <= SHORT_FUNCTION;
        let limit = match (self.go_is_relevant(closure), is_short) {
            (true, _) => MANY_RUNS,
            (false, true) => FEW_RUNS,
            (false, false) => u32::from(self.stack.len() < MAX_CALLS_FROM_START),
        };
        let runs = self.go.runs.entry(closure.place()).or_default();
        *runs += 1;
        *runs <= limit
    }

    /// Whether the file of a function deals with routers.
    fn go_is_relevant(&mut self, closure: &Closure) -> bool {
        if let Some(known) = self.go.relevant.get(&closure.module) {
            return *known;
        }
        let file = self.corpus.file(&self.modules[closure.module].path);
        let is_relevant = file.is_some_and(|file| self.outlines.triggers.is_match(file.bytes()));
        self.go.relevant.insert(closure.module, is_relevant);
        is_relevant
    }
}
