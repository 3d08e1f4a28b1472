//! What a framework contributes: which external names make routers and what calls on them mean.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::graph::{Draft, Handle, PathText};
use super::machine::Machine;
use super::value::{Argument, ClassValue, Closure, Value};
use crate::syntax::grammar::Family;
use crate::tree::corpus::Corpus;

/// A call with its evaluated arguments and its place.
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) start: u32,
    pub(crate) arguments: Vec<Argument>,
    /// Text of the called expression.
    pub(crate) callee: Rc<str>,
}

/// What a decorator is applied to.
pub(crate) enum Decorated<'a> {
    Function(&'a Rc<Closure>),
    Class(&'a Rc<ClassValue>),
}

/// The rules of one framework (or of a family of calls, such as servers that listen).
pub(crate) trait Rules: Sync {
    /// The languages it is written in.
    fn family(&self) -> Family;

    /// Byte patterns one of which stands in every file where a program using this framework begins.
    fn triggers(&self) -> &'static [&'static str];

    /// Patterns in functions that are worth running although nobody is seen to call them.
    fn starts(&self) -> &'static [&'static str];

    /// A call of a name out of a package, by its path (`express.Router`).
    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value>;

    /// A method called on something that these rules made.
    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value>;

    /// A member of something that these rules made, read without a call.
    fn attribute(&self, machine: &mut Machine<'_>, on: Handle, name: &str) -> Option<Value> {
        let _ = (machine, on, name);
        None
    }

    /// What something of this external type is when nobody is seen to have made it.
    fn typed(&self, machine: &mut Machine<'_>, of: &str) -> Option<Value> {
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
    fn finish(&self, machine: &mut Machine<'_>) {
        let _ = machine;
    }

    /// The framework's name in facts.
    fn name(&self) -> &'static str;
}

impl Call {
    /// The n-th positional argument.
    pub(crate) fn at(&self, index: usize) -> Option<&Argument> {
        self.arguments.iter().filter(|argument| argument.name.is_none()).nth(index)
    }

    /// The argument of this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name.as_deref() == Some(name))
    }

    /// The argument of this name, or else at this position.
    pub(crate) fn either(&self, name: &str, index: usize) -> Option<&Argument> {
        self.named(name).or_else(|| self.at(index))
    }

    /// Evidence from the call's first line to the end of the argument (or the first line alone).
    pub(crate) fn lines_to(&self, machine: &Machine<'_>, last: Option<&Argument>) -> Evidence {
        let end = last.map_or(self.start, |argument| argument.end).max(self.start);
        machine.evidence(&self.path, self.start, end)
    }
}

impl Argument {
    /// The argument as a path.
    pub(crate) fn as_path(&self, machine: &mut Machine<'_>) -> PathText {
        machine.path_text(&self.value, &self.text)
    }
}
