//! A call with its evaluated arguments, and what a decorator is applied to.

use std::rc::Rc;

use super::value::{Argument, ClassValue, Closure};

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
}
