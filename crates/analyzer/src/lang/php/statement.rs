//! Statements. Where a condition cannot be known, both ways are followed.

use std::rc::Rc;

use tree_sitter::Node;

use super::machine::{Host, PhpFrame, PhpMachine};
use super::value::PhpValue;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// Rounds of one loop.
const MAX_LOOP_ROUNDS: usize = 512;

/// How a statement ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Return,
    Break,
    Continue,
}

impl<'c, H: Host<'c>> PhpMachine<'c, H> {
    /// Run the statements below a node.
    pub(super) fn statements(&mut self, frame: &mut PhpFrame<'c>, parent: Node<'c>) -> Flow {
        for child in parent.inner() {
            let flow = self.statement(frame, child);
            if flow != Flow::Next {
                return flow;
            }
        }
        Flow::Next
    }

    pub(super) fn statement(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> Flow {
        if !self.budget.enter() {
            return Flow::Next;
        }
        let flow = self.one(frame, node);
        self.budget.leave();
        flow
    }

    fn one(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> Flow {
        match node.kind() {
            "expression_statement" | "echo_statement" => {
                if let Some(inner) = node.named_child(0) {
                    self.evaluate(frame, inner);
                }
                Flow::Next
            }
            "return_statement" => {
                let value = node.named_child(0).map_or(PhpValue::Null, |inner| self.evaluate(frame, inner));
                frame.result = Some(value);
                Flow::Return
            }
            "compound_statement" | "colon_block" => self.statements(frame, node),
            "namespace_definition" => match node.field("body") {
                Some(body) => self.statements(frame, body),
                None => Flow::Next,
            },
            "if_statement" => self.branch(frame, node),
            "foreach_statement" => self.each(frame, node),
            "switch_statement" => self.switch(frame, node),
            // A loop over a counter runs an unknown number of times; what it does is seen once.
            "while_statement" | "do_statement" | "for_statement" => {
                if let Some(start) = node.field("initialize") {
                    self.evaluate(frame, start);
                }
                if let Some(body) = node.field("body") {
                    self.statement(frame, body);
                }
                Flow::Next
            }
            "try_statement" => {
                let flow = node.field("body").map_or(Flow::Next, |body| self.statement(frame, body));
                let finally = node.inner_of("finally_clause");
                if let Some(body) = finally.and_then(|finally| finally.field("body")) {
                    self.statement(frame, body);
                }
                flow
            }
            "break_statement" => Flow::Break,
            "continue_statement" => Flow::Continue,
            _ => Flow::Next,
        }
    }

    fn branch(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> Flow {
        let truth = self.decided(frame, node);
        let mut unsure = truth.is_none();
        if truth != Some(false)
            && let Some(body) = node.field("body")
        {
            let flow = self.statement(frame, body);
            if !unsure {
                return flow;
            }
        }
        let mut cursor = node.walk();
        for other in node.children_by_field_name("alternative", &mut cursor) {
            let truth = match other.kind() {
                "else_if_clause" => self.decided(frame, other),
                _ => Some(true),
            };
            if truth == Some(false) {
                continue;
            }
            let flow = other.field("body").map_or(Flow::Next, |body| self.statement(frame, body));
            if truth == Some(true) {
                return if unsure { Flow::Next } else { flow };
            }
            unsure = true;
        }
        Flow::Next
    }

    /// What a condition is, unless it compares a setting, of which only the default is known here.
    fn decided(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> Option<bool> {
        let truth = self.field(frame, node, "condition").truth();
        let asked = text(node.field("condition")?, frame.file.bytes());
        let is_setting = ["config(", "Config::", "env("].iter().any(|setting| asked.contains(setting));
        truth.filter(|_| !(is_setting && ["==", "!="].iter().any(|compared| asked.contains(compared))))
    }

    fn switch(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> Flow {
        let Some(body) = node.field("body") else { return Flow::Next };
        for case in body.inner() {
            let value = case.field("value").map(|value| value.id());
            for statement in case.inner().filter(|one| Some(one.id()) != value) {
                if self.statement(frame, statement) != Flow::Next {
                    break;
                }
            }
        }
        Flow::Next
    }

    fn each(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> Flow {
        let (Some(source), Some(target)) = (node.named_child(0), node.named_child(1)) else {
            return Flow::Next;
        };
        let Some(body) = node.field("body") else { return Flow::Next };
        let (key, place) = match target.kind() {
            "pair" => (target.named_child(0), target.named_child(1)),
            _ => (None, Some(target)),
        };
        let source_value = self.evaluate(frame, source);
        let rounds: Vec<(PhpValue<'c>, PhpValue<'c>)> = match &source_value {
            PhpValue::List(items) => items.iter().take(MAX_LOOP_ROUNDS).cloned().collect(),
            PhpValue::Unknown(reason) => vec![(PhpValue::Unknown(reason.clone()), PhpValue::Unknown(reason.clone()))],
            _ => {
                let shown = text(source, frame.file.bytes());
                let unknown = PhpValue::Unknown(Rc::from(format!("`{shown}` is computed")));
                vec![(unknown.clone(), unknown)]
            }
        };
        let is_known = matches!(source_value, PhpValue::List(_));
        for (at, value) in rounds {
            if let Some(key) = key {
                self.assign(frame, key, at);
            }
            if let Some(place) = place {
                self.assign(frame, place, value);
            }
            match self.statement(frame, body) {
                Flow::Return if is_known => return Flow::Return,
                Flow::Break => break,
                _ => {}
            }
        }
        Flow::Next
    }
}
