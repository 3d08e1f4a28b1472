//! Calls: of the program's own functions and classes, of frameworks, of what is built in.

pub(crate) mod cite;
mod closure;
mod method;
mod node;

use std::rc::Rc;

use super::call::Call;
use super::graph::{Handle, RouterPlace};
use super::machine::Machine;
use super::value::{Argument, Closure, Value};
use super::why::Why;
use crate::syntax::grammar::Family;
use cite::NEAR;

/// The lines of a call that run to the end of its arguments, if that is near.
fn site(call: &Call) -> (String, u32, u32) {
    let end = call.arguments.iter().map(|argument| argument.end).max().unwrap_or(call.start);
    (call.path.clone(), call.start, end.clamp(call.start, call.start + NEAR))
}

/// An argument without a name or a place.
pub(crate) fn positional(value: Value) -> Argument {
    Argument { name: None, value, end: 0, text: "".into() }
}

impl Machine<'_> {
    /// Run a function whatever it holds; nothing is known of its parameters but their types.
    pub(crate) fn run_function(&mut self, closure: &Rc<Closure>) -> Value {
        self.call_closure(closure, None, &[])
    }

    /// The text of a function.
    pub(crate) fn text_of(&self, closure: &Closure) -> Rc<str> {
        self.source(closure.module, closure.program.functions[closure.function].bytes)
    }

    /// Call a value.
    pub(crate) fn call_value(
        &mut self,
        function: &Value,
        this: Option<Value>,
        arguments: &[Argument],
        call: &Call,
    ) -> Value {
        let function = &self.settle(function);
        if let Some((on, name)) = Self::unbound(function) {
            return self.call_method(&on, &name, call);
        }
        match function.clone() {
            Value::Function(closure) => {
                let carries = |argument: &Argument| {
                    matches!(
                        argument.value,
                        Value::Handle(_) | Value::Bound(..) | Value::Object(_) | Value::Function(_) | Value::Array(_)
                    )
                };
                let is_method = closure.this.is_some() || this.is_some();
                let is_run = match self.family {
                    Family::Go => self.go_may_run(&closure, arguments),
                    _ => is_method || arguments.iter().any(carries) || self.is_interesting(&closure),
                };
                if is_run {
                    self.sites.push(site(call));
                    let value = self.call_closure(&closure, this, arguments);
                    self.sites.pop();
                    value
                } else {
                    Value::unknown(Why::Computed)
                }
            }
            Value::Class(class) => self.construct(&class, arguments, call),
            Value::External(path) => self.call_external(&path, arguments, call),
            // `functools.partial(function, …)`: what is given now follows what was given before.
            Value::Made(made) if self.family == Family::Python && made.what.ends_with("functools.partial") => {
                let Some((function, given)) = made.arguments.split_first() else { return Value::unknown(Why::Unsaid) };
                let arguments: Vec<Argument> = given.iter().chain(arguments).cloned().collect();
                let call = Call { arguments: arguments.clone(), callee: Rc::clone(&function.text), ..call.clone() };
                self.call_value(&function.value, this, &arguments, &call)
            }
            Value::Made(made) => self.call_external(&format!("{}()", made.what).into(), arguments, call),
            Value::OneOf(options) => {
                let values =
                    options.iter().map(|option| self.call_value(option, this.clone(), arguments, call)).collect();
                self.one_of(values)
            }
            Value::Handle(Handle::Draft(draft)) if self.family == Family::Python => self.apply(draft, arguments),
            Value::Handle(handle) => self.handle_method(handle, "()", call),
            Value::Bound(handle, name) => self.call_method(&Value::Handle(handle), &name, call),
            Value::Module(of) => match self.module_member(of, "default") {
                Some(inner @ (Value::Function(_) | Value::Class(_))) => self.call_value(&inner, this, arguments, call),
                _ => Value::unknown(Why::Unsaid),
            },
            other => {
                self.run_callbacks(arguments);
                self.note_dynamic(&other, call);
                Value::unknown(Why::Unsaid)
            }
        }
    }

    fn call_external(&mut self, path: &Rc<str>, arguments: &[Argument], call: &Call) -> Value {
        if let Some(value) = self.builtin_external(path, arguments).or_else(|| self.iterated(path, call)) {
            return value;
        }
        let before = self.graph.routes.len();
        let calls = self.sites.iter().map(|(_, line, _)| *line).collect();
        self.graph.here = Some(RouterPlace { path: call.path.clone(), at: call.at, calls });
        let made = self.by_rules(path, call);
        self.graph.here = None;
        if let Some(value) = made {
            self.cite_callers(before);
            return value;
        }
        self.run_callbacks(arguments);
        Self::made(Rc::clone(path), arguments.to_vec())
    }

    /// Functions handed to something unknown may be called by it.
    fn run_callbacks(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            if let Value::Function(closure) = &argument.value
                && !self.ran.contains(&closure.place())
                && match self.family {
                    Family::Go => self.go_may_run(closure, &[]),
                    Family::Rust | Family::Script => self.has_trigger(closure) || self.uses_router(closure),
                    _ => self.has_trigger(closure),
                }
            {
                let closure = Rc::clone(closure);
                self.call_closure(&closure, None, &[]);
            }
        }
    }

    /// Whether a closure names a router of a function around it (JavaScript: or of the module), as one that answers a request
    /// by hand does.
    fn uses_router(&self, closure: &Closure) -> bool {
        let text = self.text_of(closure);
        let mut around = Some(&closure.scope);
        let is_whole = self.family == Family::Script;
        while let Some(scope) = around.filter(|scope| is_whole || scope.parent.is_some()) {
            let names = scope.names.borrow();
            let mut routers = names.iter().filter(|(_, value)| matches!(value, Value::Handle(Handle::Router(_))));
            if routers.any(|(name, _)| text.contains(&**name)) {
                return true;
            }
            around = scope.parent.as_ref();
        }
        false
    }

    /// A router handed to a module that is loaded under a computed name, or to a function that a list holds of which nothing
    /// is known, registers routes nobody sees.
    fn note_dynamic(&mut self, function: &Value, call: &Call) {
        let Value::Unknown(why) = function else { return };
        let from = match **why {
            Why::ComputedModule => "come from a module loaded under a computed name",
            Why::Parameter | Why::Computed | Why::UnknownList
                if self.family == Family::Script && !call.callee.contains('.') =>
            {
                "are not known: nothing tells which function that is"
            }
            _ => return,
        };
        let routers = call.arguments.iter().any(|argument| matches!(argument.value, Value::Handle(Handle::Router(_))));
        if routers {
            let evidence = call.lines_to(self, None);
            let registers = format!("the routes that `{}` registers", call.callee);
            self.loose(format!("{registers} {from}"), evidence);
        }
    }
}
