//! A call with its evaluated arguments.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::value::PhpValue;
use crate::tree::file::SourceFile;

/// One argument of a call.
pub(crate) struct PhpArgument<'c> {
    pub(crate) name: Option<Rc<str>>,
    pub(crate) value: PhpValue<'c>,
    pub(crate) node: Node<'c>,
}

/// A call with evaluated arguments.
pub(crate) struct PhpCall<'c> {
    pub(crate) file: &'c SourceFile,
    pub(crate) node: Node<'c>,
    /// Name of the function or method, as written.
    pub(crate) name: Rc<str>,
    pub(crate) arguments: Vec<PhpArgument<'c>>,
}

impl<'c> PhpCall<'c> {
    /// The argument at a place or under a name.
    pub(crate) fn argument(&self, at: usize, name: &str) -> Option<&PhpArgument<'c>> {
        let named = self.arguments.iter().find(|argument| argument.name.as_deref() == Some(name));
        named.or_else(|| self.arguments.get(at).filter(|argument| argument.name.is_none()))
    }

    /// The value of the argument at a place or under a name.
    pub(crate) fn value(&self, at: usize, name: &str) -> Option<&PhpValue<'c>> {
        self.argument(at, name).map(|argument| &argument.value)
    }

    /// The lines of the call up to a node; those of the whole call where the node is `None`.
    pub(crate) fn evidence(&self, end: Option<usize>) -> Evidence {
        let start = self.file.line_at(self.node.start_byte());
        self.file.lines(start, self.file.line_at(end.unwrap_or_else(|| self.node.end_byte().saturating_sub(1))))
    }

    /// The values of the arguments, in order.
    pub(crate) fn values(&self) -> Vec<PhpValue<'c>> {
        self.arguments.iter().map(|argument| argument.value.clone()).collect()
    }
}
