//! Calls, literals and assignments, in every language.

use tree_sitter::Node;

use super::{Lowering, first_child, named_children};
use crate::syntax::literal::{self, Piece};
use crate::syntax::program::{ArgumentNode, Entry, Kind, NodeId};
use crate::syntax::query::Role;

impl<'t> Lowering<'t> {
    pub(super) fn call(&mut self, node: Node<'t>, role: &Role<'t>) -> NodeId {
        let Some(callee) = role.part("callee") else { return self.add(node, Kind::Other(Vec::new())) };
        let first = self.roles.get(callee).filter(|role| role.name == "member").and_then(|role| role.part("name"));
        let first = first.filter(|name| name.start_position().row > node.start_position().row);
        let callee = self.node(callee);
        let arguments = match role.part("args") {
            Some(args) if args.kind() == "template_string" => vec![ArgumentNode { name: None, value: self.node(args) }],
            Some(args) if args.kind() == "generator_expression" => {
                vec![ArgumentNode { name: None, value: self.node(args) }]
            }
            Some(args) => self.arguments(args),
            None => Vec::new(),
        };
        self.add_from(node, first.unwrap_or(node), Kind::Call { callee, arguments })
    }

    pub(super) fn arguments(&mut self, args: Node<'t>) -> Vec<ArgumentNode> {
        let mut out = Vec::new();
        for child in named_children(args) {
            if self.is_ignored(child) {
                continue;
            }
            if child.kind() == "keyword_argument" {
                if let (Some(name), Some(value)) =
                    (child.child_by_field_name("name"), child.child_by_field_name("value"))
                {
                    let name = self.text(name).into();
                    out.push(ArgumentNode { name: Some(name), value: self.node(value) });
                }
                continue;
            }
            out.push(ArgumentNode { name: None, value: self.node(child) });
        }
        out
    }

    pub(super) fn string(&mut self, node: Node<'t>) -> Kind {
        let mut parts = Vec::new();
        for piece in literal::pieces(node, self.bytes) {
            let id = match piece {
                Piece::Text(text) => self.add(node, Kind::Text(text.into())),
                Piece::Hole(hole) => self.node(hole),
            };
            parts.push(id);
        }
        match parts.as_slice() {
            [only] if matches!(self.program.nodes[*only].kind, Kind::Text(_)) => {
                std::mem::replace(&mut self.program.nodes[*only].kind, Kind::Null)
            }
            _ => Kind::Concat(parts),
        }
    }

    pub(super) fn entries(&mut self, node: Node<'t>) -> Vec<Entry> {
        let mut out = Vec::new();
        for child in named_children(node) {
            let Some(role) = self.roles.get(child) else { continue };
            match role.name {
                "pair" => {
                    let (Some(key), Some(value)) = (role.part("key"), role.part("value")) else { continue };
                    let literal = self.roles.name(key);
                    let key = match (literal, key.kind()) {
                        (Some("string"), _) => literal::whole(key, self.bytes),
                        (_, "property_identifier" | "field_identifier" | "number") => Some(self.text(key).to_owned()),
                        _ => None,
                    };
                    let value = self.node(value);
                    out.push(match key {
                        Some(key) => Entry::Pair(key.into(), value),
                        None => {
                            let key = role.part("key").map(|key| first_child(key).unwrap_or(key));
                            Entry::Computed(key.map(|key| self.node(key)), value)
                        }
                    });
                }
                "name" => {
                    let name = self.path_text(child).into();
                    let value = self.node(child);
                    out.push(Entry::Pair(name, value));
                }
                "method" => {
                    let name = role.part("name").map(|name| self.text(name)).unwrap_or_default().into();
                    let value = self.node(child);
                    out.push(Entry::Pair(name, value));
                }
                "spread" => {
                    if let Some(inner) = first_child(child) {
                        let inner = self.node(inner);
                        out.push(Entry::Spread(inner));
                    }
                }
                _ => {}
            }
        }
        out
    }

    pub(super) fn assign(&mut self, target: Node<'t>, value: Node<'t>, is_augment: bool) -> Kind {
        let value = self.node(value);
        if matches!(target.kind(), "object_pattern" | "array_pattern" | "pattern_list" | "tuple_pattern") {
            return Kind::Bind(self.target(target), value);
        }
        let target = self.node(target);
        if is_augment { Kind::Augment(target, value) } else { Kind::Assign(target, value) }
    }
}
