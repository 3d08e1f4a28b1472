//! A call as it is written: what is called, with which arguments.

use std::rc::Rc;

use crate::syntax::grammar::Family;
use crate::syntax::program::{self, Kind, NodeId, Program};
use crate::trace::call::Call;
use crate::trace::evaluate::Frame;
use crate::trace::graph::Handle;
use crate::trace::machine::Machine;
use crate::trace::member::SUPER;
use crate::trace::value::{Argument, Value};
use crate::trace::why::Why;

/// Stands for the name of a method that is not known.
const COMPUTED: &str = "[computed]";

impl Machine<'_> {
    pub(in crate::trace) fn call_node(
        &mut self,
        frame: &mut Frame,
        program: &Program,
        id: NodeId,
        callee: NodeId,
        arguments: &[program::ArgumentNode],
    ) -> Value {
        let callee_text = self.source(frame.module, program.nodes[callee].bytes);
        if self.family == Family::Script && (&*callee_text == "require" || &*callee_text == "import") {
            return self.require(frame, arguments);
        }
        let inherited = self.inherited(frame, program, callee);
        let receiver = if inherited.is_some() { None } else { self.receiver(frame, program, callee) };
        let function = match (inherited, &receiver) {
            (Some(inherited), _) => inherited,
            (None, Some(_)) => Value::Null,
            (None, None) => self.evaluate(frame, callee),
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
            at: node.bytes.0,
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
                Value::unknown(Why::Unsaid)
            }
            Some((on, name)) => self.call_method(&on, &name, &call),
            None => self.call_value(&function, None, &call.arguments, &call),
        };
        if self.family == Family::Go { self.go_below_deployment(value, &call) } else { value }
    }

    /// What a method is called on, and its name.
    fn receiver(&mut self, frame: &mut Frame, program: &Program, callee: NodeId) -> Option<(Value, Rc<str>)> {
        match &program.nodes[callee].kind {
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
        }
    }

    /// What `super(…)`, `super.name(…)` and `super().name(…)` call: the method of a base of the class that says so.
    fn inherited(&mut self, frame: &Frame, program: &Program, callee: NodeId) -> Option<Value> {
        let is_super = |id: NodeId| matches!(&program.nodes[id].kind, Kind::Name(name) if &**name == "super");
        let name = match (&program.nodes[callee].kind, self.family) {
            (Kind::Name(name), Family::Script) if &**name == "super" => "constructor".into(),
            (Kind::Member(object, name), Family::Script) if is_super(*object) => Rc::clone(name),
            (Kind::Member(object, name), Family::Python) => match &program.nodes[*object].kind {
                Kind::Call { callee, .. } if is_super(*callee) => Rc::clone(name),
                _ => return None,
            },
            _ => return None,
        };
        let of = |name: &str| frame.scope.holder(name).and_then(|holder| holder.own(name));
        let (Some(Value::Class(class)), this) = (of(SUPER), of("this")) else { return None };
        for base in &class.supers {
            if let Value::Class(base) = self.settle(base)
                && let Some(found) = self.class_member(&base, &name, this.clone())
            {
                return Some(found);
            }
        }
        match this {
            Some(Value::Handle(handle)) if &*name != "constructor" => Some(Value::Bound(handle, name)),
            _ => None,
        }
    }

    fn require(&mut self, frame: &mut Frame, arguments: &[program::ArgumentNode]) -> Value {
        let Some(first) = arguments.first() else { return Value::Null };
        let value = self.evaluate(frame, first.value);
        match self.settle(&value) {
            Value::Text(spec) => self.script_module(frame.module, &spec, "="),
            _ => Value::unknown(Why::ComputedModule),
        }
    }
}
