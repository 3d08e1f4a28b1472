//! Expressions with parts of their own: calls and the items of literals.

use tree_sitter::Node;

use crate::syntax::lower::{Lowering, first_child, named_children, rc};
use crate::syntax::program::{ArgumentNode, Item, Kind, NodeId};

impl<'t> Lowering<'t> {
    pub(super) fn go_call(&mut self, node: Node<'t>) -> NodeId {
        let Some(callee) = node.child_by_field_name("function") else { return self.add(node, Kind::Null) };
        let name = callee.child_by_field_name("field");
        let first = name.filter(|name| name.start_position().row > node.start_position().row);
        let callee = self.node(callee);
        let list = node.child_by_field_name("arguments").map(named_children).unwrap_or_default();
        let mut arguments = Vec::new();
        for argument in list.into_iter().filter(|argument| !argument.is_extra()) {
            arguments.push(ArgumentNode { name: None, value: self.node(argument) });
        }
        self.add_from(node, first.unwrap_or(node), Kind::Call { callee, arguments })
    }

    pub(super) fn go_items(&mut self, body: Node<'t>) -> Vec<Item> {
        let mut out = Vec::new();
        for child in named_children(body).into_iter().filter(|child| !child.is_extra()) {
            if child.kind() != "keyed_element" {
                out.push(Item { name: None, key: None, value: self.node(child) });
                continue;
            }
            let (Some(key), Some(value)) = (child.child_by_field_name("key"), child.child_by_field_name("value"))
            else {
                continue;
            };
            let plain = first_child(key).filter(|key| key.kind() == "identifier");
            let name = plain.map(|plain| rc(self.text(plain)));
            let (key, value) = (self.node(key), self.node(value));
            out.push(Item { name, key: Some(key), value });
        }
        out
    }
}
