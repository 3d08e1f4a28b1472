//! Conditions over texts that are known.

use super::evaluate::Frame;
use super::machine::Machine;
use super::value::Value;
use crate::syntax::program::{Kind, NodeId, Program, TextTest};

impl Machine<'_> {
    /// The branch that a decided condition takes; nothing where it is not decided.
    pub(super) fn branch(
        &mut self,
        frame: &mut Frame,
        program: &Program,
        condition: &TextTest,
        (then, otherwise): (NodeId, Option<NodeId>),
    ) -> Option<Value> {
        let taken = if self.holds(frame, condition)? { Some(then) } else { otherwise };
        let returned = frame.returns.len();
        let value = taken.map_or(Value::Null, |taken| self.evaluate(frame, taken));
        // What follows a return that is taken does not run.
        let is_return = taken.is_some_and(|taken| returns(program, taken));
        frame.is_over |= is_return && frame.returns.len() > returned && frame.conditional == 0;
        Some(value)
    }

    fn holds(&mut self, frame: &mut Frame, condition: &TextTest) -> Option<bool> {
        Some(match condition {
            TextTest::Starts(text, part) => self.known_text(frame, *text)?.starts_with(&self.known_text(frame, *part)?),
            TextTest::Ends(text, part) => self.known_text(frame, *text)?.ends_with(&self.known_text(frame, *part)?),
            TextTest::Holds(text, part) => self.known_text(frame, *text)?.contains(&self.known_text(frame, *part)?),
            TextTest::Same(one, other) => self.known_text(frame, *one)? == self.known_text(frame, *other)?,
            TextTest::Filled(text) => {
                let value = self.evaluate(frame, *text);
                match self.settle(&value) {
                    Value::Bool(truth) => truth,
                    _ => !self.known_text(frame, *text)?.is_empty(),
                }
            }
            TextTest::Not(inner) => !self.holds(frame, inner)?,
            TextTest::All(inner) => {
                let mut all = true;
                for one in inner {
                    all &= self.holds(frame, one)?;
                }
                all
            }
            TextTest::Any(inner) => {
                let mut any = false;
                for one in inner {
                    any |= self.holds(frame, one)?;
                }
                any
            }
        })
    }

    fn known_text(&mut self, frame: &mut Frame, id: NodeId) -> Option<String> {
        let value = self.evaluate(frame, id);
        let value = self.settle(&value);
        // As it is where nobody sets the variable.
        match self.unset(value) {
            Value::Text(text) => Some(text.to_string()),
            _ => None,
        }
    }
}

/// Whether a branch ends with a return.
fn returns(program: &Program, id: NodeId) -> bool {
    match &program.nodes[id].kind {
        Kind::Return(_) => true,
        Kind::Scope(ids) | Kind::Block(ids) => ids.last().is_some_and(|last| returns(program, *last)),
        _ => false,
    }
}
