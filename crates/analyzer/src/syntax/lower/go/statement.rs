//! Statements: assignments, loops, switches and returns.

use std::rc::Rc;

use tree_sitter::Node;

use crate::syntax::lower::{Lowering, first_child, named_children, rc};
use crate::syntax::program::{Kind, NodeId, Target};

impl<'t> Lowering<'t> {
    /// One value for each name, or one call that gives them all.
    pub(super) fn go_bound(&mut self, at: Node<'t>, mut targets: Vec<Target>, values: &[Node<'t>]) -> Vec<NodeId> {
        match values {
            [one] if targets.len() > 1 => {
                let value = self.node(*one);
                let is_call = one.kind() == "call_expression";
                let target = if is_call { Target::Items(targets) } else { targets.swap_remove(0) };
                vec![self.add(at, Kind::Bind(target, value))]
            }
            _ => {
                let mut out = Vec::new();
                for (target, value) in targets.into_iter().zip(values) {
                    let value = self.node(*value);
                    out.push(self.add(at, Kind::Bind(target, value)));
                }
                out
            }
        }
    }

    pub(super) fn go_assignment(&mut self, node: Node<'t>) -> Kind {
        let sides = (node.child_by_field_name("left"), node.child_by_field_name("right"));
        let (Some(left), Some(right)) = sides else { return Kind::Null };
        let (left, right) = (self.go_listed(left), self.go_listed(right));
        let operator = node.child_by_field_name("operator").map_or("=", |operator| operator.kind());
        if node.kind() == "short_var_declaration" {
            let targets = left.iter().map(|target| self.go_target(*target)).collect();
            return Kind::Block(self.go_bound(node, targets, &right));
        }
        match (operator, left.as_slice(), right.as_slice()) {
            ("=", [target], [value]) => Kind::Assign(self.node(*target), self.node(*value)),
            ("+=", [target], [value]) => Kind::Augment(self.node(*target), self.node(*value)),
            ("=", targets, values) => {
                // All values are there before the first is assigned.
                let names: Vec<Rc<str>> = (0..targets.len()).map(|at| rc(format!("#{at}"))).collect();
                let held = names.iter().map(|name| Target::Name(Rc::clone(name))).collect();
                let mut out = self.go_bound(node, held, values);
                for (target, name) in targets.iter().zip(names) {
                    if self.text(*target) == "_" {
                        continue;
                    }
                    let (target, value) = (self.node(*target), self.add(node, Kind::Name(name)));
                    out.push(self.add(node, Kind::Assign(target, value)));
                }
                Kind::Scope(out)
            }
            _ => Kind::Null,
        }
    }

    fn go_listed(&self, node: Node<'t>) -> Vec<Node<'t>> {
        match node.kind() {
            "expression_list" => named_children(node).into_iter().filter(|child| !child.is_extra()).collect(),
            _ => vec![node],
        }
    }

    fn go_target(&self, node: Node<'t>) -> Target {
        match self.text(node) {
            "_" => Target::Nothing,
            name if node.kind() == "identifier" => Target::Name(rc(name)),
            _ => Target::Nothing,
        }
    }

    pub(super) fn go_loop(&mut self, node: Node<'t>) -> Kind {
        let head = named_children(node).into_iter().find(|child| child.kind() != "block" && !child.is_extra());
        let body = node.child_by_field_name("body");
        let Some(body) = body else { return Kind::Null };
        match head {
            Some(range) if range.kind() == "range_clause" => {
                let left = range.child_by_field_name("left").map(|left| self.go_listed(left)).unwrap_or_default();
                let target = Target::Items(left.into_iter().map(|target| self.go_target(target)).collect());
                let iterable = match range.child_by_field_name("right") {
                    Some(right) => self.node(right),
                    None => self.add(range, Kind::Null),
                };
                let body = self.node(body);
                let walk = self.add(node, Kind::Loop { target, iterable, body });
                Kind::Scope(vec![walk])
            }
            Some(counted) if self.go_counter(counted).is_some() => {
                // The variable that counts stands for an item of the list whose length ends the loop, else for any number.
                let before = counted.child_by_field_name("initializer");
                let mut out: Vec<NodeId> = before.into_iter().map(|before| self.node(before)).collect();
                let (name, list) = self.go_counter(counted).expect("just seen");
                let iterable = match list {
                    Some(list) => self.node(list),
                    None => self.add(counted, Kind::Other(Vec::new())),
                };
                let body = self.node(body);
                let target = Target::Items(vec![Target::Name(name)]);
                out.push(self.add(node, Kind::Loop { target, iterable, body }));
                Kind::Scope(out)
            }
            head => {
                let before = head.and_then(|head| head.child_by_field_name("initializer"));
                let mut out: Vec<NodeId> = before.into_iter().map(|before| self.node(before)).collect();
                let body = self.node(body);
                out.push(self.add(node, Kind::Branch(vec![body])));
                Kind::Scope(out)
            }
        }
    }

    /// The variable that a loop counts up, and the list whose length it counts to.
    fn go_counter(&self, clause: Node<'t>) -> Option<(Rc<str>, Option<Node<'t>>)> {
        let counts = clause.child_by_field_name("update").is_some_and(|update| update.kind() == "inc_statement");
        let start =
            clause.child_by_field_name("initializer").filter(|start| start.kind() == "short_var_declaration")?;
        let names = self.go_listed(start.child_by_field_name("left")?);
        let ([name], true) = (names.as_slice(), counts) else { return None };
        let end = clause.child_by_field_name("condition").and_then(|condition| condition.child_by_field_name("right"));
        let length = end.filter(|end| end.kind() == "call_expression" && self.text(*end).starts_with("len("));
        let list = length.and_then(|length| length.child_by_field_name("arguments")).and_then(first_child);
        Some((rc(self.text(*name)), list))
    }

    pub(super) fn go_switch(&mut self, node: Node<'t>) -> Kind {
        let mut out = self.go_fields(node, &["initializer"]);
        let alias = node.child_by_field_name("alias").map(|alias| self.go_listed(alias)).unwrap_or_default();
        if let Some(value) = node.child_by_field_name("value") {
            let value = self.node(value);
            match alias.first() {
                Some(alias) => {
                    let target = self.go_target(*alias);
                    out.push(self.add(node, Kind::Bind(target, value)));
                }
                None => out.push(value),
            }
        }
        let cases = named_children(node).into_iter().filter(|child| child.kind().ends_with("_case"));
        let cases = cases.map(|case| self.node(case)).collect();
        out.push(self.add(node, Kind::Branch(cases)));
        Kind::Scope(out)
    }

    pub(super) fn go_return(&mut self, node: Node<'t>) -> Kind {
        let values = first_child(node).map(|values| self.go_listed(values)).unwrap_or_default();
        let value = match values.as_slice() {
            [] => {
                let names = self.results.last().cloned().unwrap_or_default();
                let mut values: Vec<NodeId> = names.into_iter().map(|name| self.add(node, Kind::Name(name))).collect();
                match values.len() {
                    0 => return Kind::Return(None),
                    1 => values.remove(0),
                    _ => self.add(node, Kind::Array(values)),
                }
            }
            [one] => self.node(*one),
            several => {
                let values = several.iter().map(|value| self.node(*value)).collect();
                self.add(node, Kind::Array(values))
            }
        };
        Kind::Return(Some(value))
    }
}
