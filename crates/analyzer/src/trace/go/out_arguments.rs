//! What a call of something unseen may do to the values that it is given.

use super::MAX_EMBEDDED;
use crate::syntax::program::{Kind, NodeId, Program};
use crate::trace::evaluate::Frame;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

impl Machine<'_> {
    /// Something unseen was given this value and may have filled its fields.
    pub(super) fn go_open(&mut self, value: &Value, depth: usize) {
        let Value::Object(object) = value else { return };
        if object.class.is_none() || object.is_open.get() || depth > MAX_EMBEDDED {
            return;
        }
        object.is_open.set(true);
        let fields: Vec<Value> = object.fields.borrow().values().cloned().collect();
        object.fields.borrow_mut().retain(|_, value| !matches!(value, Value::Text(text) if text.is_empty()));
        for field in fields {
            self.go_open(&field, depth + 1);
        }
    }

    /// `f(&x)` of something unseen may change `x`; a flag's variable starts with the flag's default.
    pub(in crate::trace) fn go_out_arguments(
        &mut self,
        frame: &mut Frame,
        program: &Program,
        function: &str,
        nodes: &[NodeId],
        arguments: &[Argument],
    ) {
        for (at, node) in nodes.iter().enumerate() {
            let Some(argument) = arguments.get(at) else { continue };
            let value = self.settle(&argument.value);
            self.go_open(&value, 0);
            let Kind::Other(inner) = &program.nodes[*node].kind else { continue };
            let is_target = argument.text.starts_with('&')
                && inner.len() == 1
                && matches!(program.nodes[inner[0]].kind, Kind::Name(_) | Kind::Member(..));
            if is_target && matches!(value, Value::Text(_) | Value::Null | Value::Number(_) | Value::Env(..)) {
                let is_flag = function.contains("flag") && function.contains("Var");
                let default = arguments.get(at + if function.ends_with("VarP") { 3 } else { 2 });
                let given = default.filter(|_| is_flag).map(|default| default.value.clone());
                let value = given.unwrap_or_else(|| Value::unknown(Why::SetBy(function.to_owned())));
                self.assign(frame, program, inner[0], value);
            }
        }
    }
}
