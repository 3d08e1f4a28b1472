//! What a framework contributes: which external names make routers and what calls on them mean.

use std::fmt;
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::graph::{Draft, DraftId, PathText, RouterId};
use super::join::{Join, braces};
use super::machine::Machine;
use super::value::{Argument, ClassValue, Closure, Value};
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::tree::corpus::Corpus;

/// Lines below the first one that a call is cited with: what is longer is cited with its first line.
pub(crate) const NEAR: u32 = 8;

/// A call with its evaluated arguments and its place.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) start: u32,
    /// Where its text starts in the file.
    pub(crate) at: usize,
    pub(crate) arguments: Vec<Argument>,
    /// Text of the called expression.
    pub(crate) callee: Rc<str>,
}

/// What a decorator is applied to.
pub(crate) enum Decorated<'a> {
    Function(&'a Rc<Closure>),
    Class(&'a Rc<ClassValue>),
}

/// What is the same for all programs of one framework.
pub(crate) struct Framework {
    /// Its name in facts.
    pub(crate) name: &'static str,
    /// The languages it is written in.
    pub(crate) family: Family,
    /// How it joins the prefix of a router and the path of a route.
    pub(crate) join: Join,
    /// The paths that a client calls for one path as written, which starts with a slash: more than one where a part
    /// is optional.
    pub(crate) as_called: fn(&str) -> Vec<String>,
    /// The port that it listens on when it is given none; the variable `PORT` overrides it.
    pub(crate) default_port: Option<u16>,
    /// Whether a router that is handed to a server is served by itself even where another one that nobody serves
    /// mounts it.
    pub(crate) is_served_beside_mounts: bool,
    /// Byte patterns one of which stands in every file where a program using this framework begins.
    pub(crate) triggers: &'static [&'static str],
    /// Patterns in functions that are worth running although nobody is seen to call them.
    pub(crate) starts: &'static [&'static str],
    /// What makes an application of it and nothing else: where one is made, routes are expected.
    pub(crate) makes: &'static [&'static str],
    /// Its page in the documentation; calls that open ports have none.
    pub(crate) page: Option<&'static Page>,
}

impl Framework {
    /// A framework that joins texts and writes parameters as `{name}`.
    pub(crate) const fn new(name: &'static str, family: Family) -> Self {
        Self {
            name,
            family,
            join: Join::Verbatim,
            as_called: |path| vec![braces(path)],
            default_port: None,
            is_served_beside_mounts: false,
            triggers: &[],
            starts: &[],
            makes: &[],
            page: None,
        }
    }
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

impl fmt::Debug for dyn Rules {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.framework().name)
    }
}

impl<'r> dyn Rules + 'r {
    /// Whether these are the rules of the same framework.
    pub(crate) fn is(&self, other: &dyn Rules) -> bool {
        let (one, two) = (self.framework(), other.framework());
        (one.name, one.family) == (two.name, two.family)
    }
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

    /// A call that is written nowhere, at a place.
    pub(crate) fn at_place(path: &str, start: u32, callee: &str) -> Self {
        Self { path: path.to_owned(), start, at: 0, arguments: Vec::new(), callee: callee.into() }
    }

    /// Evidence from the call's first line to the end of an argument that ends near, else the first line alone.
    pub(crate) fn lines_to_near(&self, machine: &Machine<'_>, last: Option<&Argument>) -> Evidence {
        self.lines_within(machine, last, NEAR)
    }

    /// The same where the argument ends at most so many lines below.
    pub(crate) fn lines_within(&self, machine: &Machine<'_>, last: Option<&Argument>, lines: u32) -> Evidence {
        self.lines_to(machine, last.filter(|last| last.end <= self.start + lines))
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
