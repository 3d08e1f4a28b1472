//! Runs a function of the program: its parameters are bound, its body is evaluated.

use std::rc::Rc;

use crate::syntax::grammar::Family;
use crate::syntax::program::{FunctionId, Program, Target};
use crate::trace::evaluate::Frame;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, Closure, Object, Scope, Value};
use crate::trace::why::Why;

/// Calls inside calls.
const MAX_CALL_DEPTH: usize = 48;
/// The same function inside itself.
const MAX_RECURSION: usize = 2;

impl Machine<'_> {
    /// The program and the function in it whose body is there.
    fn with_body(&mut self, closure: &Closure) -> (Rc<Program>, FunctionId) {
        let here = || (Rc::clone(&closure.program), closure.function);
        let Some(number) = closure.program.functions[closure.function].left_out else { return here() };
        let file = self.corpus.file(&self.modules[closure.module].path);
        file.and_then(|file| self.outlines.function(file, number)).unwrap_or_else(here)
    }

    /// Run a function of the program.
    pub(in crate::trace) fn call_closure(
        &mut self,
        closure: &Rc<Closure>,
        this: Option<Value>,
        arguments: &[Argument],
    ) -> Value {
        self.within_most(|machine| machine.run_call(closure, this, arguments))
    }

    fn run_call(&mut self, closure: &Rc<Closure>, this: Option<Value>, arguments: &[Argument]) -> Value {
        let place = closure.place();
        let again = self.stack.iter().filter(|other| **other == place).count();
        if self.stack.len() >= MAX_CALL_DEPTH || again >= MAX_RECURSION {
            return Value::unknown(Why::Computed);
        }
        self.ran.insert(place);
        let (program, function) = self.with_body(closure);
        let function = &program.functions[function];
        let scope = Scope::inside(&closure.scope);
        let mut frame = Frame::new(closure.module, Rc::clone(&program), Rc::clone(&scope));
        let mut this = this.or_else(|| closure.this.clone());
        if let Some((name, of)) = &function.receiver {
            let receiver = self.go_receiver(closure, this.take(), of);
            scope.set(name, receiver);
        }
        let mut parameters = function.parameters.as_slice();
        if let Some(this) = this {
            scope.set(&"this".into(), this.clone());
            if let Some(first) = parameters.first()
                && let Target::Name(name) = &first.target
                && matches!(&**name, "self" | "cls")
            {
                scope.set(name, this);
                parameters = &parameters[1..];
            }
        }
        let mut positional = arguments.iter().filter(|argument| argument.name.is_none());
        for parameter in parameters {
            let named = match &parameter.target {
                Target::Name(name) => arguments.iter().find(|argument| argument.name.as_ref() == Some(name)),
                _ => None,
            };
            if parameter.is_rest {
                let rest = positional.by_ref().map(|argument| argument.value.clone()).collect();
                self.bind(&mut frame, &parameter.target, Value::array(rest));
                continue;
            }
            if parameter.is_named_rest {
                let is_own = |name: &Rc<str>| {
                    parameters.iter().any(|other| matches!(&other.target, Target::Name(own) if own == name))
                };
                let rest = Object::default();
                for argument in arguments {
                    if let Some(name) = argument.name.as_ref().filter(|name| !is_own(name)) {
                        rest.set(name, argument.value.clone());
                    }
                }
                self.bind(&mut frame, &parameter.target, Value::Object(Rc::new(rest)));
                continue;
            }
            let given = named.or_else(|| positional.next()).map(|argument| argument.value.clone());
            let value = match (given, parameter.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.evaluate(&mut frame, default),
                (None, None) => Value::unknown(Why::Parameter),
            };
            let value = if self.family == Family::Go { self.go_parameter(&mut frame, parameter, value) } else { value };
            self.bind(&mut frame, &parameter.target, value);
        }
        self.stack.push(place);
        let last = self.evaluate(&mut frame, function.body);
        self.stack.pop();
        if self.family == Family::Rust {
            frame.returns.push(last);
            frame.returns.reverse();
        }
        let returns = std::mem::take(&mut frame.returns);
        if self.family == Family::Go {
            return self.go_results(function, returns);
        }
        self.one_of(returns)
    }
}
