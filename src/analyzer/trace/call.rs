//! Calls: of the program's own functions and classes, of frameworks, of what is built in.

use std::rc::Rc;

use super::evaluate::Frame;
use super::graph::{Handle, PathText};
use super::machine::Machine;
use super::rules::Call;
use super::value::{Argument, Closure, Object, Scope, Value};
use crate::analyzer::syntax::grammar::Family;
use crate::analyzer::syntax::program::{self, Kind, NodeId, Program, Target};

/// Calls inside calls.
const MAX_CALLS: usize = 48;
/// Stands for the name of a method that is not known.
const COMPUTED: &str = "[computed]";
/// Calls around a registration that are looked at for its path.
const MAX_CITED: usize = 12;
/// The same function inside itself.
const MAX_RECURSION: usize = 2;

/// The lines of a call that run to the end of its arguments, if that is near.
fn site(call: &Call) -> (String, u32, u32) {
    let end = call.arguments.iter().map(|argument| argument.end).max().unwrap_or(call.start);
    (call.path.clone(), call.start, end.clamp(call.start, call.start + 8))
}

/// An argument without a name or a place.
pub(crate) fn positional(value: Value) -> Argument {
    Argument { name: None, value, end: 0, text: "".into() }
}

impl Machine<'_> {
    pub(super) fn call_node(
        &mut self,
        frame: &mut Frame,
        program: &Program,
        id: NodeId,
        callee: NodeId,
        arguments: &[program::Argument],
    ) -> Value {
        let callee_text = self.source(frame.module, program.nodes[callee].bytes);
        if self.family == Family::Script && (&*callee_text == "require" || &*callee_text == "import") {
            return self.require(frame, arguments);
        }
        let receiver = match &program.nodes[callee].kind {
            Kind::Member(object, name) => {
                let object = self.evaluate(frame, *object);
                Some((self.settle(&object), Rc::clone(name)))
            }
            // `app[method](…)`
            Kind::Index(object, key) if self.family == Family::Script => {
                let (object, key) = (self.evaluate(frame, *object), self.evaluate(frame, *key));
                match (self.settle(&object), self.settle(&key)) {
                    (on @ Value::Handle(_), Value::Text(name)) => Some((on, name)),
                    (on @ Value::Handle(Handle::Router(_)), _) => Some((on, COMPUTED.into())),
                    _ => None,
                }
            }
            _ => None,
        };
        let function = match receiver {
            Some(_) => Value::Null,
            None => self.evaluate(frame, callee),
        };
        let mut evaluated = Vec::new();
        for argument in arguments {
            let value = self.evaluate(frame, argument.value);
            let node = &program.nodes[argument.value];
            if matches!(node.kind, Kind::Spread(_)) {
                let text = self.source(frame.module, node.bytes);
                if let (Family::Python, Value::Object(named)) = (self.family, self.settle(&value)) {
                    for (name, value) in named.fields.borrow().iter() {
                        let (name, value) = (Some(Rc::clone(name)), value.clone());
                        evaluated.push(Argument { name, value, end: node.end, text: Rc::clone(&text) });
                    }
                    continue;
                }
                for value in self.items(&value) {
                    evaluated.push(Argument { name: None, value, end: node.end, text: Rc::clone(&text) });
                }
                continue;
            }
            evaluated.push(Argument {
                name: argument.name.clone(),
                value,
                end: node.end,
                text: self.source(frame.module, node.bytes),
            });
        }
        let node = &program.nodes[id];
        let call = Call {
            path: self.modules[frame.module].path.to_string(),
            start: node.start,
            arguments: evaluated,
            callee: callee_text,
        };
        if self.family == Family::Go {
            let seen = match &receiver {
                Some((on @ (Value::Object(_) | Value::Folder(_)), name)) => {
                    let method = self.member(on, name);
                    self.settle(&method)
                }
                Some(_) => Value::Null,
                None => self.settle(&function),
            };
            if !matches!(seen, Value::Function(_)) {
                let nodes: Vec<NodeId> = arguments.iter().map(|argument| argument.value).collect();
                self.go_out_arguments(frame, program, &call.callee, &nodes, &call.arguments);
            }
        }
        let value = match receiver {
            Some((_, name)) if &*name == COMPUTED => {
                let evidence = call.lines_to(self, call.arguments.first());
                self.loose(format!("`{}` is called on a router under a computed name", call.callee), evidence);
                Value::unknown("")
            }
            Some((on, name)) => self.call_method(&on, &name, &call),
            None => self.call_value(&function, None, &call.arguments, &call),
        };
        if self.family == Family::Go { self.go_below_deployment(value, &call) } else { value }
    }

    fn require(&mut self, frame: &mut Frame, arguments: &[program::Argument]) -> Value {
        let Some(first) = arguments.first() else {
            return Value::Null;
        };
        let value = self.evaluate(frame, first.value);
        match self.settle(&value) {
            Value::Text(spec) => self.script_module(frame.module, &spec, "="),
            _ => Value::unknown("is a module loaded under a computed name"),
        }
    }

    fn call_method(&mut self, on: &Value, name: &Rc<str>, call: &Call) -> Value {
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
                    Value::unknown("")
                }
            },
            Value::Handle(handle) => {
                if let Some(own) = self.own_method(*handle, name) {
                    self.sites.push(site(call));
                    let value = self.call_closure(&own, Some(on.clone()), &call.arguments);
                    self.sites.pop();
                    return value;
                }
                let (rules, before) = (self.rules, self.graph.routes.len());
                let value = rules.iter().find_map(|rules| rules.method(self, *handle, name, call));
                self.cite_callers(before);
                value.unwrap_or_else(|| Value::unknown(""))
            }
            Value::Function(closure) if matches!(&**name, "call" | "bind" | "apply") => {
                let this = call.at(0).map(|argument| argument.value.clone());
                let rest = call.arguments.get(1..).unwrap_or_default().to_vec();
                if &**name == "bind" {
                    return Value::Function(Rc::clone(closure));
                }
                self.call_value(&Value::Function(Rc::clone(closure)), this, &rest, call)
            }
            Value::Unknown(_) | Value::Null | Value::Bool(_) => {
                self.run_callbacks(&call.arguments);
                self.note_dynamic(on, call);
                Value::unknown("")
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
                self.call_value(&function, this, &call.arguments, call)
            }
        }
    }

    /// Call a method by its name.
    pub(crate) fn call_named(&mut self, on: &Value, name: &str, call: &Call) -> Value {
        let on = self.settle(on);
        self.call_method(&on, &name.into(), call)
    }

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
                    Value::unknown("is computed")
                }
            }
            Value::Class(class) => self.construct(&class, arguments, call),
            Value::External(path) => self.call_external(&path, arguments, call),
            Value::Made(made) => self.call_external(&format!("{}()", made.what).into(), arguments, call),
            Value::OneOf(options) => {
                let values =
                    options.iter().map(|option| self.call_value(option, this.clone(), arguments, call)).collect();
                self.one_of(values)
            }
            Value::Handle(Handle::Draft(draft)) if self.family == Family::Python => self.apply(draft, arguments),
            Value::Handle(handle) => {
                let rules = self.rules;
                rules
                    .iter()
                    .find_map(|rules| rules.method(self, handle, "()", call))
                    .unwrap_or_else(|| Value::unknown(""))
            }
            Value::Bound(handle, name) => self.call_method(&Value::Handle(handle), &name, call),
            Value::Module(of) => match self.module_member(of, "default") {
                Some(inner @ (Value::Function(_) | Value::Class(_))) => self.call_value(&inner, this, arguments, call),
                _ => Value::unknown(""),
            },
            other => {
                self.run_callbacks(arguments);
                self.note_dynamic(&other, call);
                Value::unknown("")
            }
        }
    }

    fn call_external(&mut self, path: &Rc<str>, arguments: &[Argument], call: &Call) -> Value {
        if let Some(value) = self.builtin_external(path, arguments) {
            return value;
        }
        let (rules, before) = (self.rules, self.graph.routes.len());
        self.graph.here = Some((call.path.clone(), call.start));
        let made = rules.iter().find_map(|rules| rules.external(self, path, call));
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
                && !self.ran.contains(&(closure.module, closure.function))
                && match self.family {
                    Family::Go => self.go_may_run(closure, &[]),
                    _ => self.has_trigger(closure),
                }
            {
                let closure = Rc::clone(closure);
                self.call_closure(&closure, None, &[]);
            }
        }
    }

    /// A router handed to a module that is loaded under a computed name registers routes nobody sees.
    fn note_dynamic(&mut self, function: &Value, call: &Call) {
        let Value::Unknown(reason) = function else {
            return;
        };
        let routers = call.arguments.iter().any(|argument| matches!(argument.value, Value::Handle(Handle::Router(_))));
        if routers && reason.starts_with("is a module") {
            let evidence = call.lines_to(self, None);
            self.loose(
                format!("the routes that `{}` registers {reason}", call.callee).replacen(" is a", " come from a", 1),
                evidence,
            );
        }
    }

    /// Run a function of the program.
    pub(super) fn call_closure(&mut self, closure: &Rc<Closure>, this: Option<Value>, arguments: &[Argument]) -> Value {
        let key = (closure.module, closure.function);
        let again = self.stack.iter().filter(|other| **other == key).count();
        if self.stack.len() >= MAX_CALLS || again >= MAX_RECURSION {
            return Value::unknown("is computed");
        }
        self.ran.insert(key);
        let program = Rc::clone(&closure.program);
        let function = &program.functions[closure.function];
        let scope = Scope::inside(&closure.scope);
        let mut frame = Frame {
            module: closure.module,
            program: Rc::clone(&closure.program),
            scope: Rc::clone(&scope),
            returns: Vec::new(),
            conditional: 0,
        };
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
                (None, None) => Value::unknown("depends on a parameter"),
            };
            let value = if self.family == Family::Go { self.go_parameter(&mut frame, parameter, value) } else { value };
            self.bind(&mut frame, &parameter.target, value);
        }
        self.stack.push(key);
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

    /// The same for every part of the path: a router of the program's own keeps the prefix of its groups, and each
    /// group is a call around this one.
    fn cite_all_callers(&mut self, before: usize) {
        for at in before..self.graph.routes.len() {
            let PathText::Known(written) = self.graph.routes[at].path.clone() else {
                continue;
            };
            for part in written.split('/').map(|part| part.trim_start_matches([':', '*', '{'])) {
                let part = part.split([':', '}', '<', '?']).next().unwrap_or_default();
                if !part.contains(char::is_alphanumeric) {
                    continue;
                }
                let evidence = &self.graph.routes[at].evidence;
                if evidence.iter().any(|place| place.excerpt.contains(part)) {
                    continue;
                }
                let places = self.sites.iter().rev().take(MAX_CITED);
                let place = places
                    .map(|(path, start, end)| self.evidence(path, *start, *end))
                    .find(|place| place.excerpt.contains(part));
                self.graph.routes[at].evidence.extend(place);
            }
        }
    }

    /// A route that a helper registers is said where the helper is called: cite that place too when
    /// the registration itself does not hold the path.
    pub(super) fn cite_callers(&mut self, before: usize) {
        if self.family == Family::Go {
            return self.cite_all_callers(before);
        }
        let Some((path, start, end)) = self.sites.last().cloned() else {
            return;
        };
        let place = self.evidence(&path, start, end);
        for route in &mut self.graph.routes[before..] {
            let PathText::Known(written) = &route.path else {
                continue;
            };
            let last = written.rsplit('/').find(|part| part.chars().any(char::is_alphanumeric)).unwrap_or_default();
            let is_cited = route.evidence.iter().any(|at| at.excerpt.contains(last));
            if !is_cited && place.excerpt.contains(last) {
                route.evidence.insert(0, place.clone());
            }
        }
    }
}
