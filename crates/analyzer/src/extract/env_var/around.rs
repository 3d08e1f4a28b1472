//! What stands around a read: the nodes, and the function that may be given the variable's name.

use tree_sitter::Node;

use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// The nodes around a node, the nearest first; found from the root down, because a node does not know its parent.
pub(super) fn ancestors<'t>(node: Node<'t>, root: Node<'t>) -> Vec<Node<'t>> {
    let mut out = vec![root];
    while let Some(next) =
        out.last().and_then(|here| here.child_with_descendant(node)).filter(|next| next.id() != node.id())
    {
        out.push(next);
    }
    out.reverse();
    out
}

/// The function around a node, when the name is one of its parameters.
pub(super) fn helper_around(site: Node<'_>, root: Node<'_>, name: &str, bytes: &[u8]) -> Option<String> {
    for here in ancestors(site, root) {
        let kinds =
            ["function_item", "function_definition", "function_declaration", "method_definition", "arrow_function"];
        if !kinds.contains(&here.kind()) {
            continue;
        }
        let parameters = here.field("parameters")?;
        let first = text(parameters, bytes).trim_start_matches('(').trim_start();
        let is_first = first
            .strip_prefix(name)
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '_'));
        let declared = match here.kind() {
            "arrow_function" => here.parent().filter(|parent| parent.kind() == "variable_declarator")?,
            _ => here,
        };
        let own = declared.field("name").map(|own| text(own, bytes).to_owned());
        return own.filter(|_| is_first);
    }
    None
}

/// Whether a read stands below a condition that asks for the same variable: `ENV.fetch("X") if ENV["X"].present?`.
pub(super) fn is_asked(site: Node<'_>, around: &[Node<'_>], name: &str, bytes: &[u8]) -> bool {
    // `URL` is not asked for where `URL_HOST` is.
    let is_whole = |(at, _): (usize, &str), asked: &str| {
        let is_more = |next: char| next.is_alphanumeric() || next == '_';
        !asked[..at].ends_with(is_more) && !asked[at + name.len()..].starts_with(is_more)
    };
    around.iter().filter_map(|one| one.field("condition")).any(|condition| {
        let asked = text(condition, bytes);
        let is_outside = !condition.byte_range().contains(&site.start_byte());
        is_outside && asked.match_indices(name).any(|found| is_whole(found, asked))
    })
}
