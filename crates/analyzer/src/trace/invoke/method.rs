//! Calls of methods: of objects, of routers, of what is built in.

use std::rc::Rc;

use super::site;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

impl Machine<'_> {
    pub(super) fn call_method(&mut self, on: &Value, name: &Rc<str>, call: &Call) -> Value {
        match on {
            Value::Handle(_) | Value::Made(_) | Value::Function(_)
                if self.family == Family::Go && &**name == "ServeHTTP" =>
            {
                self.serving.push(on.clone());
                Value::Null
            }
            Value::Object(object) if self.family == Family::Go => match self.go_member(object, name, 0) {
                Some(function) => self.call_value(&function, None, &call.arguments, call),
                None => {
                    self.run_callbacks(&call.arguments);
                    Value::unknown(Why::Unsaid)
                }
            },
            Value::Handle(handle) => {
                if let Some(own) = self.own_method(*handle, name) {
                    self.sites.push(site(call));
                    let value = self.call_closure(&own, Some(on.clone()), &call.arguments);
                    self.sites.pop();
                    return value;
                }
                let before = self.graph.routes.len();
                let value = self.handle_method(*handle, name, call);
                self.cite_callers(before);
                value
            }
            Value::Function(closure) if matches!(&**name, "call" | "bind" | "apply") => {
                let this = call.at(0).map(|argument| argument.value.clone());
                let rest = call.arguments.get(1..).unwrap_or_default().to_vec();
                if &**name == "bind" {
                    return Value::Function(Rc::clone(closure));
                }
                self.call_value(&Value::Function(Rc::clone(closure)), this, &rest, call)
            }
            // `app[method].call(app, path, handler)`
            Value::Bound(handle, method) if self.family == Family::Script && matches!(&**name, "call" | "apply") => {
                let mut arguments = call.arguments.get(1..).unwrap_or_default().to_vec();
                if let ("apply", [list]) = (&**name, arguments.as_slice()) {
                    let (end, text) = (list.end, Rc::clone(&list.text));
                    let items = self.items(&list.value.clone()).into_iter();
                    arguments =
                        items.map(|value| Argument { name: None, value, end, text: Rc::clone(&text) }).collect();
                }
                let call = Call { arguments, ..call.clone() };
                self.call_method(&Value::Handle(*handle), method, &call)
            }
            Value::Unknown(_) | Value::Null | Value::Bool(_) => {
                self.run_callbacks(&call.arguments);
                self.note_dynamic(on, call);
                self.setting_asked(name, call).unwrap_or_else(|| Value::unknown(Why::Unsaid))
            }
            Value::OneOf(options) => {
                let values = options.iter().map(|option| self.call_method(option, name, call)).collect();
                self.one_of(values)
            }
            _ => {
                if let Some(value) = self.builtin_method(on, name, call) {
                    return value;
                }
                let function = self.member(on, name);
                let this = matches!(on, Value::Object(_) | Value::Class(_)).then(|| on.clone());
                match self.call_value(&function, this, &call.arguments, call) {
                    unknown @ Value::Unknown(_) => self.setting_asked(name, call).unwrap_or(unknown),
                    value => value,
                }
            }
        }
    }

    /// Call a method by its name.
    pub(crate) fn call_named(&mut self, on: &Value, name: &str, call: &Call) -> Value {
        let on = self.settle(on);
        self.call_method(&on, &name.into(), call)
    }
}
