//! Every call of certain methods, with the type and the method that it stands in.

use tree_sitter::Node;

use super::CSharpProgram;
use super::lower::{CSharpType, flat};
use super::member;
use super::text::ExpressionPlace;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// Nodes above a node that are remembered; deeper ones are not read.
const MAX_ANCESTORS: usize = 1_000;

/// The name of what `x["key"]` calls.
pub(crate) const INDEX: &str = "[]";

/// A call and what is around it.
pub(crate) struct CSharpCall<'a, 'p, 'c> {
    pub(crate) file: &'c SourceFile,
    pub(crate) node: Node<'c>,
    /// The name of the method, without type arguments.
    pub(crate) name: &'c str,
    /// What it is called on, as written; empty for a plain call.
    pub(crate) on: &'c str,
    /// What is around the call, the root first, the call itself last.
    pub(crate) around: &'a [Node<'c>],
    pub(crate) place: ExpressionPlace<'p, 'c>,
}

impl<'c> CSharpCall<'_, '_, 'c> {
    /// The text of an expression; constants that are local to the method count.
    pub(crate) fn text(&self, node: Node<'c>) -> Option<String> {
        self.place.text(node).or_else(|| self.place.text(self.local(node)?))
    }

    /// What a local constant of this name is made with.
    fn local(&self, node: Node<'c>) -> Option<Node<'c>> {
        let bytes = self.file.bytes();
        let wanted = (node.kind() == "identifier").then(|| text(node, bytes))?;
        for block in self.around.iter().rev().filter(|one| matches!(one.kind(), "block" | "compilation_unit")) {
            for statement in flat(*block) {
                let statement =
                    if statement.kind() == "global_statement" { statement.named_child(0)? } else { statement };
                if statement.kind() != "local_declaration_statement" || !text(statement, bytes).starts_with("const ") {
                    continue;
                }
                let declared = flat(statement).into_iter().find(|part| part.kind() == "variable_declaration").map(flat);
                let found = declared.into_iter().flatten().find(|one| one.field_is("name", wanted, bytes));
                if let Some(found) = found {
                    return member::initial(found);
                }
            }
        }
        None
    }

    /// The method, constructor or local function around the call.
    pub(crate) fn method(&self) -> Option<Node<'c>> {
        let is_method = |node: &&Node<'c>| {
            matches!(node.kind(), "method_declaration" | "constructor_declaration" | "local_function_statement")
        };
        self.around.iter().rev().find(is_method).copied()
    }
}

/// Hand on every call in the files that hold one of the patterns whose name is wanted.
pub(crate) fn each<'p, 'c>(
    program: &'p CSharpProgram<'c>,
    patterns: &[&str],
    is_wanted: impl Fn(&str) -> bool,
    mut then: impl FnMut(&CSharpCall<'_, 'p, 'c>),
) {
    for (file, types) in program.declarations_with(patterns) {
        let Some(parsed) = file.syntax() else { continue };
        let bytes = file.bytes();
        let mut around: Vec<Node<'c>> = Vec::new();
        let mut open = vec![(parsed.tree.root_node(), 0)];
        while let Some((node, depth)) = open.pop() {
            around.truncate(depth);
            around.push(node);
            if let Some((on, name)) = called(node, bytes)
                && is_wanted(name)
                && let Some(within) = innermost(types, node)
            {
                let place = ExpressionPlace::within(program, within);
                then(&CSharpCall { file, node, name, on, around: &around, place });
            }
            if depth < MAX_ANCESTORS {
                let children: Vec<Node<'c>> = node.inner().collect();
                open.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
            }
        }
    }
}

fn called<'c>(node: Node<'c>, bytes: &'c [u8]) -> Option<(&'c str, &'c str)> {
    if node.kind() == "element_access_expression" {
        return Some((node.field_text("expression", bytes), INDEX));
    }
    if node.kind() != "invocation_expression" {
        return None;
    }
    let function = node.field("function")?;
    let (on, name) = match function.kind() {
        "member_access_expression" => (function.field_text("expression", bytes), text(function.field("name")?, bytes)),
        "conditional_access_expression" => {
            let binding = flat(function).into_iter().last()?;
            let on = function.field_text("condition", bytes);
            (on, text(binding.field("name").unwrap_or(binding), bytes))
        }
        _ => ("", text(function, bytes)),
    };
    Some((on, name.split('<').next().unwrap_or(name)))
}

fn innermost<'p, 'c>(types: &'p [CSharpType<'c>], node: Node<'c>) -> Option<&'p CSharpType<'c>> {
    let holds =
        |one: &&CSharpType<'c>| one.node.start_byte() <= node.start_byte() && node.end_byte() <= one.node.end_byte();
    types.iter().filter(holds).min_by_key(|one| one.node.end_byte() - one.node.start_byte())
}
