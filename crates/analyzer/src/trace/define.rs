//! Definitions and bindings: what gets a name.

use std::rc::Rc;

use super::evaluate::Frame;
use super::machine::{Machine, Module};
use super::module::rust::child_folder;
use super::value::{ClassValue, Closure, ImportedName, Object, Scope, Value};
use super::why::Why;
use crate::syntax::grammar::Family;
use crate::syntax::program::{Import, Kind, NodeId, Program, Target};
use crate::tree::path::inside;

/// Parts of names of the path that a program is served below.
const BASES: [&str; 6] = ["base", "context", "mount", "prefix", "root", "web"];

impl Machine<'_> {
    pub(super) fn closure(&mut self, frame: &Frame, function: usize, this: Option<Value>) -> Rc<Closure> {
        let closure = Rc::new(Closure {
            module: frame.module,
            program: Rc::clone(&frame.program),
            function,
            scope: Rc::clone(&frame.scope),
            this,
        });
        self.defined.push(Rc::clone(&closure));
        closure
    }

    pub(super) fn define_class(&mut self, frame: &mut Frame, class: usize) -> Value {
        let program = Rc::clone(&frame.program);
        let supers = program.classes[class].supers.iter().map(|id| match &program.nodes[*id].kind {
            // `Base[T]` is `Base`.
            Kind::Index(base, _) if self.family == Family::Python => self.evaluate(frame, *base),
            _ => self.evaluate(frame, *id),
        });
        let supers = supers.collect();
        // Views are also written as methods below a router's decorator.
        for member in &program.classes[class].members {
            if let Kind::Decorated(decorators, definition) = &program.nodes[member.value].kind {
                let outer = Rc::clone(&frame.scope);
                frame.scope = Scope::inside(&outer);
                self.decorated(frame, &program, decorators, *definition);
                frame.scope = outer;
            }
        }
        let class = Rc::new(ClassValue {
            module: frame.module,
            program: Rc::clone(&frame.program),
            class,
            scope: Rc::clone(&frame.scope),
            supers,
            statics: Rc::new(Object::default()),
        });
        self.classes.push(Rc::clone(&class));
        Value::Class(class)
    }

    pub(super) fn submodule(&mut self, frame: &mut Frame, name: &Rc<str>, body: NodeId) -> Value {
        if frame.scope.own(name).is_some() {
            return Value::Null;
        }
        let outer = &self.modules[frame.module];
        let folder = outer.folder.clone().unwrap_or_else(|| child_folder(&outer.path));
        let module = Module {
            parent: Some(frame.module),
            folder: Some(inside(&folder, name)),
            ..Module::new(Rc::clone(&outer.path), Rc::clone(&frame.program), Rc::default())
        };
        self.modules.push(module);
        let id = self.modules.len() - 1;
        frame.scope.set(name, Value::Module(id));
        self.run_body(id, body);
        Value::Null
    }

    pub(super) fn import(&mut self, frame: &mut Frame, import: &Import) -> Value {
        if import.all {
            frame.scope.globs.borrow_mut().push(Rc::clone(&import.from));
        }
        for (name, local) in &import.names {
            let imported =
                ImportedName { importer: frame.module, from: Rc::clone(&import.from), name: Rc::clone(name) };
            frame.scope.set(local, Value::Import(Rc::new(imported)));
        }
        Value::Null
    }

    /// Bind a pattern in the frame's scope.
    pub(super) fn bind(&mut self, frame: &mut Frame, target: &Target, value: Value) {
        match target {
            Target::Nothing => {}
            Target::Name(name) => frame.scope.set(name, value),
            Target::Fields(fields) => {
                for (key, inner, default) in fields {
                    let mut field = self.member(&value, key);
                    if let (Some(default), Value::Unknown(_) | Value::Null | Value::Env(_, None)) = (default, &field) {
                        let default = self.evaluate(frame, *default);
                        field = match field {
                            Value::Env(name, _) => Value::Env(name, Some(Rc::new(default))),
                            _ => default,
                        };
                    }
                    self.bind(frame, inner, field);
                }
            }
            Target::Items(targets) => {
                let items = match &value {
                    Value::Array(_) => self.items(&value),
                    // `x, err := f()` of a function that is not seen.
                    one if self.family == Family::Go => vec![one.clone()],
                    _ => self.items(&value),
                };
                for (at, inner) in targets.iter().enumerate() {
                    let item = items.get(at).cloned().unwrap_or_else(|| Value::unknown(Why::Unsaid));
                    self.bind(frame, inner, item);
                }
            }
        }
    }

    pub(super) fn assign(&mut self, frame: &mut Frame, program: &Program, target: NodeId, value: Value) {
        match &program.nodes[target].kind {
            Kind::Name(name) => {
                let holder = match self.family {
                    Family::Python => None,
                    _ => frame.scope.holder(name),
                };
                let scope = holder.unwrap_or_else(|| Rc::clone(&frame.scope));
                let old = scope.own(name);
                let value = match old {
                    // `prefix = ""`, and something computed under a condition: the literal is the default, whatever
                    // else the condition does to it.
                    Some(Value::Text(old))
                        if frame.conditional > 0
                            && self.has_default(name, &old)
                            && (is_computed(&value) || scope.kept.borrow().contains(name)) =>
                    {
                        scope.kept.borrow_mut().insert(Rc::clone(name));
                        Value::Text(old)
                    }
                    // `if port == "" { port = "8080" }`
                    Some(Value::Env(variable, None))
                        if self.family == Family::Go
                            && frame.conditional > 0
                            && matches!(value, Value::Text(_) | Value::Number(_)) =>
                    {
                        Value::Env(variable, Some(Rc::new(value)))
                    }
                    // What a loop imports takes the place of what it imported before.
                    Some(Value::Module(_)) if matches!(value, Value::Module(_)) => value,
                    Some(old) if frame.conditional > 0 && !matches!(old, Value::Null) => self.one_of(vec![old, value]),
                    _ => value,
                };
                scope.set(name, value);
            }
            Kind::Member(object, name) => {
                let object = self.evaluate(frame, *object);
                if self.family == Family::Go {
                    self.go_set(frame, program, target, &object, name, &value);
                }
                self.set_member(&object, name, value);
            }
            Kind::Index(object, key) => {
                let (object, key) = (self.evaluate(frame, *object), self.evaluate(frame, *key));
                if let Value::Text(key) = self.settle(&key) {
                    let old = match self.settle(&object) {
                        Value::Object(object) if frame.conditional > 0 => object.get(&key),
                        _ => None,
                    };
                    let value = match old.filter(|old| !matches!(old, Value::Null)) {
                        Some(old) => self.one_of(vec![old, value]),
                        None => value,
                    };
                    self.set_member(&object, &key, value);
                }
            }
            _ => {}
        }
    }

    /// Whether a literal can be what counts unless the program is told otherwise: in Go what is named like a base path.
    fn has_default(&self, name: &str, literal: &str) -> bool {
        let name = name.to_ascii_lowercase();
        match self.family {
            Family::Python => true,
            Family::Go => matches!(literal, "" | "/") && BASES.iter().any(|part| name.contains(part)),
            _ => false,
        }
    }
}

/// What only the running program knows.
fn is_computed(value: &Value) -> bool {
    matches!(value, Value::Unknown(_) | Value::External(_) | Value::Made(_))
}
