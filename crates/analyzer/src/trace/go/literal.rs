//! Literals: `T{…}` of structs, lists and maps, of types of the program and of others.

use std::rc::Rc;

use crate::syntax::program::{Expression, Item, NodeId};
use crate::trace::call::Call;
use crate::trace::evaluate::Frame;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, ClassValue, Object, Value};

/// A literal whose type stands around it.
pub(super) const LITERAL: &str = "go literal";
/// Fields of commands that hold what they do.
const ACTIONS: [&str; 8] =
    ["Run", "RunE", "PreRun", "PreRunE", "PersistentPreRun", "PersistentPreRunE", "Action", "Before"];

impl Machine<'_> {
    /// `T{…}`, also for lists and maps.
    pub(in crate::trace) fn composite(
        &mut self,
        frame: &mut Frame,
        id: NodeId,
        of: Option<NodeId>,
        items: &[Item],
    ) -> Value {
        let of = of.map(|of| self.evaluate(frame, of));
        let of = of.map(|of| self.settle(&of));
        let is_struct = !matches!(of, Some(Value::Array(_) | Value::Object(_)));
        let program = Rc::clone(&frame.program);
        let mut arguments = Vec::new();
        for item in items {
            let mut value = self.evaluate(frame, item.value);
            let mut name = item.name.clone().filter(|_| is_struct);
            if let (None, Some(key)) = (&name, item.key) {
                let key = self.evaluate(frame, key);
                match self.settle(&key) {
                    Value::Text(key) => name = Some(key),
                    Value::Number(_) => {}
                    _ => name = Some(format!("[{}]", arguments.len()).into()),
                }
            }
            value = match value {
                import @ Value::Import(_) => import,
                other => self.settle(&other),
            };
            let node = &program.nodes[item.value];
            let text = self.source(frame.module, node.bytes);
            arguments.push(Argument { name, value, end: node.end, text });
        }
        let place = self.place(frame, &program.nodes[id]);
        match of {
            Some(of) => self.go_literal(&of, arguments, &place),
            None => Self::made(LITERAL.into(), arguments),
        }
    }

    pub(super) fn place(&self, frame: &Frame, node: &Expression) -> Call {
        let path = self.modules[frame.module].path.to_string();
        Call { path, start: node.start, at: node.bytes.0, arguments: Vec::new(), callee: "".into() }
    }

    /// A literal of a known type.
    fn go_literal(&mut self, of: &Value, arguments: Vec<Argument>, place: &Call) -> Value {
        match of {
            Value::Class(class) => self.go_construct(class, arguments, place),
            Value::Array(element) => {
                let element = element.borrow().first().cloned();
                let values =
                    arguments.into_iter().map(|argument| self.go_typed_as(element.as_ref(), argument.value, place));
                Value::array(values.collect())
            }
            Value::Object(map) => {
                let element = map.get("[]");
                let object = Object::default();
                for (at, argument) in arguments.into_iter().enumerate() {
                    let value = self.go_typed_as(element.as_ref(), argument.value, place);
                    object.set(&argument.name.unwrap_or_else(|| format!("[{at}]").into()), value);
                }
                Value::Object(Rc::new(object))
            }
            Value::External(path) => {
                if path.ends_with(".Command") || path.ends_with(".App") {
                    self.keep_commands(&arguments);
                }
                let call = Call {
                    path: place.path.clone(),
                    start: place.start,
                    at: place.at,
                    arguments,
                    callee: Rc::clone(path),
                };
                let value = self.by_rules(path, &call);
                value.unwrap_or_else(|| Self::made(Rc::clone(path), call.arguments))
            }
            _ => Self::made(LITERAL.into(), arguments),
        }
    }

    fn keep_commands(&mut self, arguments: &[Argument]) {
        for argument in arguments {
            let is_action = argument.name.as_deref().is_some_and(|name| ACTIONS.contains(&name));
            if let (true, Value::Function(action)) = (is_action, self.settle(&argument.value)) {
                self.go.commands.push(action);
            }
        }
    }

    /// An element of a list takes the list's type where it has none of its own.
    pub(super) fn go_typed_as(&mut self, of: Option<&Value>, value: Value, place: &Call) -> Value {
        match (of, &value) {
            (Some(of), Value::Made(made)) if &*made.what == LITERAL => {
                let of = self.settle(of);
                self.go_literal(&of, made.arguments.clone(), place)
            }
            _ => value,
        }
    }

    pub(super) fn go_construct(&mut self, class: &Rc<ClassValue>, arguments: Vec<Argument>, place: &Call) -> Value {
        let object = Rc::new(Object { class: Some(Rc::clone(class)), ..Object::default() });
        let ends = || arguments.iter().map(|argument| argument.end);
        if let (Some(first), Some(last)) = (ends().min(), ends().max()) {
            // Set once: the object is new.
            let _ = object.place.set((place.path.clone(), first, last.min(first + 8)));
        }
        let program = Rc::clone(&class.program);
        let fields = &program.classes[class.class].members;
        for (at, argument) in arguments.into_iter().enumerate() {
            let named = argument.name.as_ref().and_then(|name| fields.iter().find(|field| field.name == *name));
            let Some(field) = named.or_else(|| fields.get(at).filter(|_| argument.name.is_none())) else {
                continue;
            };
            let mut value = argument.value;
            if matches!(&value, Value::Made(made) if &*made.what == LITERAL) {
                let of = self.go_field_type(class, field.value);
                value = self.go_typed_as(Some(&of), value, place);
            }
            object.set(&field.name, value);
        }
        let value = Value::Object(object);
        self.go.instances.entry(class.place()).or_insert_with(|| value.clone());
        value
    }

    pub(super) fn go_field_type(&mut self, class: &Rc<ClassValue>, of: NodeId) -> Value {
        let mut frame = self.class_frame(class, None);
        let of = self.evaluate(&mut frame, of);
        self.settle(&of)
    }
}
