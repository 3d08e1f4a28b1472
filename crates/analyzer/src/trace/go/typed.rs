//! What a type alone says of a value: its zero, and what stands for it when nothing else is known.

use std::rc::Rc;

use super::literal::LITERAL;
use crate::syntax::program::{NodeId, Parameter};
use crate::trace::call::Call;
use crate::trace::evaluate::Frame;
use crate::trace::machine::Machine;
use crate::trace::value::{Closure, Object, Value};
use crate::trace::why::Why;

impl Machine<'_> {
    /// What a variable of a type holds before anything is assigned.
    pub(in crate::trace) fn go_zero(&mut self, of: &Value, place: &Call) -> Value {
        match self.settle(of) {
            Value::Class(class) => self.go_construct(&class, Vec::new(), place),
            Value::Array(_) => Value::array(Vec::new()),
            Value::Object(_) => Value::Object(Rc::new(Object::default())),
            Value::External(path) if &*path == "string" => Value::text(""),
            Value::External(path) if path.contains('.') => {
                let call = Call::at_place(&place.path, place.start, &path);
                self.by_rules(&path, &call).unwrap_or(Value::Null)
            }
            _ => Value::Null,
        }
    }

    pub(in crate::trace) fn zero(&mut self, frame: &mut Frame, id: NodeId, of: NodeId) -> Value {
        let of = self.evaluate(frame, of);
        let place = self.place(frame, &frame.program.nodes[id]);
        self.go_zero(&of, &place)
    }

    /// What is known of a value from its type alone: the instance that the program has of a struct, a router
    /// that nobody is seen to mount.
    pub(super) fn go_assumed(&mut self, of: &Value) -> Option<Value> {
        match self.settle(of) {
            Value::Class(class) => {
                if let Some(known) = self.go.instances.get(&class.place()) {
                    return Some(known.clone());
                }
                let object = Object { class: Some(Rc::clone(&class)), ..Object::default() };
                object.is_open.set(true);
                let value = Value::Object(Rc::new(object));
                self.go.instances.insert(class.place(), value.clone());
                Some(value)
            }
            Value::External(path) => self.typed_by_rules(&path),
            _ => None,
        }
    }

    /// The argument for a parameter, from its type where it is not known.
    pub(in crate::trace) fn go_parameter(&mut self, frame: &mut Frame, parameter: &Parameter, value: Value) -> Value {
        let value = match value {
            import @ Value::Import(_) => return import,
            other => other,
        };
        match (&value, parameter.annotation) {
            (Value::Unknown(_), Some(of)) => {
                let of = self.evaluate(frame, of);
                self.go_assumed(&of).unwrap_or(value)
            }
            (Value::Made(made), Some(of)) if &*made.what == LITERAL => {
                let of = self.evaluate(frame, of);
                let place = Call {
                    path: self.modules[frame.module].path.to_string(),
                    start: 1,
                    at: 0,
                    arguments: Vec::new(),
                    callee: "".into(),
                };
                self.go_typed_as(Some(&of), value, &place)
            }
            _ => value,
        }
    }

    /// The value that a method belongs to.
    pub(in crate::trace) fn go_receiver(&mut self, closure: &Closure, this: Option<Value>, of: &Rc<str>) -> Value {
        if let Some(this) = this {
            return this;
        }
        let of = self.lookup(closure.module, &closure.scope, of);
        self.go_assumed(&of).unwrap_or_else(|| Value::unknown(Why::Receiver))
    }
}
