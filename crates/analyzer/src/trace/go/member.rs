//! Fields and methods, through embedding too, and methods that are used as values.

use std::rc::Rc;

use super::MAX_EMBEDDED;
use crate::syntax::lower::is_pointer;
use crate::syntax::program::{Expression, NodeId, Program};
use crate::trace::call::Call;
use crate::trace::evaluate::Frame;
use crate::trace::invoke;
use crate::trace::machine::Machine;
use crate::trace::value::{Closure, Object, Value};
use crate::trace::why::Why;

/// Marks a method of something that is used as a value.
const BOUND: &str = "go method ";

impl Machine<'_> {
    /// A field or method of a struct, its own or of what it embeds.
    pub(in crate::trace) fn go_member(&mut self, object: &Rc<Object>, name: &Rc<str>, depth: usize) -> Option<Value> {
        if let Some(own) = object.get(name) {
            return Some(own);
        }
        let class = object.class.clone()?;
        let program = Rc::clone(&class.program);
        let declared = &program.classes[class.class];
        if let Some(field) = declared.members.iter().find(|field| field.name == *name) {
            let of = self.go_field_type(&class, field.value);
            let value = self.go_field_zero(object, &of, &program.nodes[field.value], name);
            object.set(name, value.clone());
            return Some(value);
        }
        if let Some(method) = self.go_method(&class, name) {
            return Some(Value::Function(Rc::new(Closure { this: Some(Value::Object(Rc::clone(object))), ..method })));
        }
        if depth >= MAX_EMBEDDED {
            return None;
        }
        for embedded in &declared.embedded {
            let inner = self.go_member(object, embedded, depth + 1)?;
            match self.settle(&inner) {
                Value::Object(inner) => {
                    if let Some(found) = self.go_member(&inner, name, depth + 1) {
                        return Some(found);
                    }
                }
                inner @ (Value::Handle(_) | Value::Made(_)) => return Some(Self::bound(inner, name)),
                _ => {}
            }
        }
        None
    }

    fn go_field_zero(&mut self, object: &Rc<Object>, of: &Value, node: &Expression, name: &str) -> Value {
        let is_pointer = is_pointer(node);
        let unknown = || Value::unknown(Why::DependsOnField(name.to_string()));
        match of {
            Value::External(path) if &**path == "string" && !is_pointer => {
                if object.is_open.get() {
                    unknown()
                } else {
                    Value::text("")
                }
            }
            Value::Array(_) | Value::Object(_) if object.is_open.get() || is_pointer => unknown(),
            Value::Array(_) | Value::Object(_) | Value::Class(_) if !is_pointer => {
                let place = Call { path: String::new(), start: 1, at: 0, arguments: Vec::new(), callee: "".into() };
                let zero = self.go_zero(of, &place);
                if let Value::Object(inner) = &zero {
                    inner.is_open.set(object.is_open.get());
                }
                zero
            }
            _ => {
                let assumed = self.go_assumed(of);
                assumed.unwrap_or_else(unknown)
            }
        }
    }

    /// A field of something outside of the program is set: rules may want to know.
    pub(in crate::trace) fn go_set(
        &mut self,
        frame: &Frame,
        program: &Program,
        target: NodeId,
        object: &Value,
        name: &str,
        value: &Value,
    ) {
        let object = self.settle(object);
        if matches!(object, Value::Made(_) | Value::External(_) | Value::Handle(_)) {
            let node = &program.nodes[target];
            let place = self.evidence(&self.modules[frame.module].path, node.start, node.end);
            let rules = self.rules;
            for rules in rules {
                rules.set(self, &object, name, value, &place);
            }
        }
    }

    /// A method that is used as a value.
    pub(in crate::trace) fn bound(on: Value, name: &str) -> Value {
        Self::made(format!("{BOUND}{name}").into(), vec![invoke::positional(on)])
    }

    /// The value and the method behind a method that is used as a value.
    pub(in crate::trace) fn unbound(value: &Value) -> Option<(Value, Rc<str>)> {
        let Value::Made(made) = value else { return None };
        let name = made.what.strip_prefix(BOUND)?;
        Some((made.arguments.first()?.value.clone(), name.into()))
    }
}
