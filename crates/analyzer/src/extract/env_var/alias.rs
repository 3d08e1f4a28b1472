//! What the names of one file mean where they stand: the module that holds the environment, the environment itself, a
//! function that reads from it, or something else that hides such a name.

use std::collections::BTreeMap;
use std::ops::Range;

use tree_sitter::Node;

use super::around::ancestors;
use super::constant::{constant, declared_value};
use super::fallback::literal;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameMeaning {
    /// Python's `os`, Node's `process`.
    Module,
    Environment,
    /// The environment that a bundler fills in, `import.meta.env`.
    Bundled,
    /// `os.getenv`, `os.environ.get`.
    Getter,
    Other,
}

impl NameMeaning {
    pub(super) fn is_environment(self) -> bool {
        matches!(self, Self::Environment | Self::Bundled)
    }
}

/// The names that a file binds, each with the bytes of the function that it belongs to.
#[derive(Debug, Default)]
pub(super) struct KnownNames<'b> {
    bound: BTreeMap<&'b str, Vec<(Range<usize>, NameMeaning)>>,
    /// The functions around the node that is being looked at, the outermost first.
    around: Vec<Range<usize>>,
}

impl<'b> KnownNames<'b> {
    /// Go on to a node; nodes come in the order of the text.
    pub(super) fn enter(&mut self, node: Node<'_>, is_function: bool) {
        while self.around.last().is_some_and(|scope| node.start_byte() >= scope.end) {
            self.around.pop();
        }
        if is_function {
            self.around.push(node.byte_range());
        }
    }

    /// Bind a name in the function that was entered last.
    pub(super) fn bind(&mut self, name: &'b str, meaning: NameMeaning) {
        let scope = self.around.last().cloned().unwrap_or(0..usize::MAX);
        self.bound.entry(name).or_default().push((scope, meaning));
    }

    /// What a name means at a byte: what the nearest function binds it to, and where that binds it twice, what is more
    /// than something else.
    pub(super) fn meaning(&self, name: &str, at: usize) -> Option<NameMeaning> {
        let around = self.bound.get(name)?.iter().filter(|(scope, _)| scope.contains(&at));
        let nearest = |(scope, meaning): &&(Range<usize>, NameMeaning)| (scope.start, *meaning != NameMeaning::Other);
        around.max_by_key(nearest).map(|(_, meaning)| *meaning)
    }
}

/// A place that reads the variable of a name, literal or not.
pub(super) struct NamedRead<'t> {
    pub(super) site: Node<'t>,
    pub(super) name: Node<'t>,
    /// The program ends without it unless it says what else to do.
    pub(super) is_required: bool,
    /// A bundler fills it in.
    pub(super) is_bundled: bool,
}

/// The names that a node stands for: a literal, a constant of the file, or every item of the literal list that the
/// loop around it walks.
pub(super) fn names_of(node: Node<'_>, site: Node<'_>, root: Node<'_>, bytes: &[u8]) -> Vec<String> {
    if node.kind() != "identifier" {
        let is_text = matches!(node.kind(), "string" | "template_string");
        return is_text.then(|| whole(node, bytes)).flatten().into_iter().collect();
    }
    let name = text(node, bytes);
    match constant(root, name, bytes) {
        Some(one) => vec![one],
        None => looped(name, site, root, bytes).unwrap_or_default(),
    }
}

fn looped(name: &str, site: Node<'_>, root: Node<'_>, bytes: &[u8]) -> Option<Vec<String>> {
    let list = list_around(name, site, root, bytes)?;
    list.parts().into_iter().map(|item| literal(item, bytes)).collect()
}

/// The literal list that the loop around a place walks with a name.
pub(super) fn list_around<'t>(name: &str, site: Node<'t>, root: Node<'t>, bytes: &[u8]) -> Option<Node<'t>> {
    let list = ancestors(site, root).into_iter().find_map(|around| match around.kind() {
        "for_statement" | "for_in_statement" if around.field_is("left", name, bytes) => around.field("right"),
        "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
            let mut clauses = around.inner().filter(|clause| clause.kind() == "for_in_clause");
            clauses.find(|clause| clause.field_is("left", name, bytes))?.field("right")
        }
        "arrow_function" => {
            let parameter = around.field("parameter").or_else(|| around.field("parameters")?.named_child(0))?;
            let called = around.parent()?.parent()?.field("function")?;
            let walks = matches!(
                called.field_text("property", bytes),
                "forEach" | "map" | "filter" | "every" | "some" | "find" | "flatMap"
            );
            (walks && text(parameter, bytes) == name).then(|| called.field("object"))?
        }
        _ => None,
    })?;
    let list = if list.kind() == "identifier" { declared_value(root, text(list, bytes), bytes)? } else { list };
    let list = if list.kind() == "as_expression" { list.named_child(0)? } else { list };
    let is_list = matches!(list.kind(), "list" | "tuple" | "set" | "array");
    is_list.then_some(list)
}
