//! Names, members, items: what a name or a dotted path stands for.

use std::rc::Rc;

use super::evaluate::{Frame, VARIANT};
use super::machine::Machine;
use super::value::{ClassValue, Closure, ModuleId, Object, Scope, Value};
use super::why::Why;
use crate::syntax::grammar::Family;
use crate::syntax::program::Kind;

/// In a method: the class that it is written in, whose bases `super` means.
pub(super) const SUPER: &str = "[super]";
/// Imports that lead to imports.
const MAX_IMPORT_HOPS: usize = 12;
/// Classes of one lineage.
const MAX_LINEAGE: usize = 24;

impl Machine<'_> {
    /// The value behind imports.
    pub(super) fn settle(&mut self, value: &Value) -> Value {
        let mut value = value.clone();
        for _ in 0..MAX_IMPORT_HOPS {
            let Value::Import(import) = &value else { return value };
            let import = Rc::clone(import);
            value = self.resolve_import(&import);
        }
        Value::unknown(Why::ImportCircle)
    }

    /// The value itself, behind imports.
    pub(crate) fn known(&mut self, value: &Value) -> Value {
        self.settle(value)
    }

    /// What a module exports as its default.
    pub(crate) fn exported(&mut self, module: ModuleId) -> Option<Value> {
        let value = self.module_member(module, "default")?;
        Some(self.settle(&value))
    }

    /// Defaults and annotations of a function's parameters, in its own scope.
    pub(crate) fn parameter_values(&mut self, closure: &Rc<Closure>) -> Vec<Value> {
        let scope = Rc::clone(&closure.scope);
        let program = Rc::clone(&closure.program);
        let mut frame = Frame::new(closure.module, Rc::clone(&program), scope);
        let parameters = program.functions[closure.function].parameters.iter();
        let nodes: Vec<usize> =
            parameters.flat_map(|parameter| [parameter.default, parameter.annotation]).flatten().collect();
        nodes.into_iter().map(|node| self.evaluate(&mut frame, node)).collect()
    }

    /// A plain name in JavaScript and Python.
    pub(super) fn lookup(&mut self, module: ModuleId, scope: &Rc<Scope>, name: &Rc<str>) -> Value {
        if let Some(holder) = scope.holder(name) {
            let found = holder.own(name).unwrap_or(Value::Null);
            return found;
        }
        if let Some(found) = self.through_globs(module, scope, name) {
            return found;
        }
        if let Some(place) = self.own_place(module, name) {
            return place;
        }
        match (self.family, &**name) {
            (Family::Script, "process" | "Deno" | "Bun" | "http" | "https" | "console" | "Object" | "Promise")
            | (
                Family::Script,
                "require" | "parseInt" | "Number" | "String" | "Boolean" | "parseFloat" | "fs" | "path" | "Map" | "Set"
                | "Array",
            )
            | (Family::Python, "int" | "str" | "float" | "bool" | "list" | "tuple" | "super" | "enumerate" | "print")
            | (Family::Python, "getattr" | "range" | "zip" | "sorted" | "reversed" | "set" | "dict") => {
                Value::External(Rc::clone(name))
            }
            (Family::Script, "global" | "globalThis") => Value::Object(Rc::clone(&self.globals)),
            (Family::Go, name) if super::go_builtin::NAMES.contains(&name) => Value::External(name.into()),
            (_, "undefined" | "None") => Value::Null,
            _ => Value::unknown(Why::DependsOnUndefined(name.to_string())),
        }
    }

    fn through_globs(&mut self, module: ModuleId, scope: &Rc<Scope>, name: &str) -> Option<Value> {
        // What a script exports whole is no name in it.
        let mut around = (self.family != Family::Script).then(|| Rc::clone(scope));
        while let Some(here) = around {
            let globs = here.globs.borrow().clone();
            if let Some(found) = self.through_globs_of(module, &globs, name) {
                return Some(found);
            }
            around = here.parent.clone();
        }
        None
    }

    /// A member of a value.
    pub(super) fn member(&mut self, object: &Value, name: &Rc<str>) -> Value {
        let object = self.settle(object);
        if let Some(found) = self.place_member(&object, name) {
            return found;
        }
        match object {
            Value::External(path) => match (&*path, self.family) {
                ("django.conf.settings", Family::Python) => {
                    self.setting(name).unwrap_or_else(|| Value::External(format!("{path}.{name}").into()))
                }
                // Members of Python's enum of methods are their names.
                ("http.HTTPMethod", Family::Python) => Value::text(Rc::clone(name)),
                (_, Family::Go) => {
                    Self::go_constant(&path, name).unwrap_or_else(|| Value::External(format!("{path}.{name}").into()))
                }
                ("process.env" | "import.meta.env" | "Bun.env", _) => Value::Env(Rc::clone(name), None),
                _ => Value::External(format!("{path}.{name}").into()),
            },
            // `http.Server{Handler: r}` has the fields that it was made with, whatever package its type is of.
            Value::Made(made) if self.family == Family::Go && made.named(name).is_some() => {
                made.named(name).cloned().unwrap_or(Value::Null)
            }
            Value::Made(made) => match (&*made.what, &**name) {
                ("axum.http.Method" | "http.Method", _) => Value::External(Rc::clone(name)),
                _ => Value::External(format!("{}().{name}", made.what).into()),
            },
            Value::Module(of) => {
                self.module_member(of, name).unwrap_or_else(|| Value::unknown(Why::NoSuchMember(name.to_string())))
            }
            Value::Folder(folder) if self.family == Family::Go => Self::go_package_member(&folder, name),
            Value::Folder(folder) => self.folder_member(&folder, name),
            Value::Object(object) if self.family == Family::Go => {
                self.go_member(&object, name, 0).unwrap_or_else(|| Value::unknown(Why::Unsaid))
            }
            Value::Object(object) => self.object_member(&object, name),
            // `pair.0`
            list @ Value::Array(_) if self.family == Family::Rust => match name.parse() {
                Ok(at) => self.index(&list, &Value::Number(at)),
                Err(_) => Value::unknown(Why::Unsaid),
            },
            Value::Class(class) => class
                .statics
                .get(name)
                .or_else(|| self.class_member(&class, name, None))
                .or_else(|| self.rust_variant(&class, name))
                .unwrap_or_else(|| match class.supers.first() {
                    Some(Value::External(path)) => Value::External(format!("{path}.{name}").into()),
                    _ => Value::unknown(Why::Unsaid),
                }),
            Value::Function(function) => match &**name {
                "default" => Value::Function(function),
                "__name__" | "name" => match &function.program.functions[function.function].name {
                    Some(name) => Value::Text(Rc::clone(name)),
                    None => Value::unknown(Why::Unsaid),
                },
                _ => Value::unknown(Why::Unsaid),
            },
            Value::OneOf(options) => {
                let values = options.iter().map(|option| self.member(option, name)).collect();
                self.one_of(values)
            }
            // `require('x').default` of what a module exports directly.
            handle @ Value::Handle(_) if &**name == "default" => handle,
            Value::Handle(handle) => self.handle_attribute(handle, name).unwrap_or_else(|| match self.family {
                Family::Go => Self::bound(Value::Handle(handle), name),
                _ => Value::Bound(handle, Rc::clone(name)),
            }),
            env @ Value::Env(..) => env,
            unknown @ Value::Unknown(_) => self.setting_unseen(name, false).unwrap_or(unknown),
            _ => Value::unknown(Why::Unsaid),
        }
    }

    /// `Kind::A` of an enumeration that has methods.
    fn rust_variant(&self, class: &Rc<ClassValue>, name: &Rc<str>) -> Option<Value> {
        let is_variant = self.family == Family::Rust && name.starts_with(char::is_uppercase);
        is_variant.then(|| {
            let object = Object { class: Some(Rc::clone(class)), ..Object::default() };
            object.set(&VARIANT.into(), Value::Text(Rc::clone(name)));
            Value::Object(Rc::new(object))
        })
    }

    fn object_member(&mut self, object: &Rc<Object>, name: &Rc<str>) -> Value {
        if let Some(found) = object.get(name) {
            return found;
        }
        let Some(class) = object.class.clone() else {
            let is_open = object.is_open.get() && matches!(self.family, Family::Script | Family::Python);
            return if is_open { Value::unknown(Why::Unsaid) } else { Value::Null };
        };
        self.class_member(&class, name, Some(Value::Object(Rc::clone(object)))).unwrap_or(Value::Null)
    }

    /// A class and those of the tree that it extends, the nearest first; a bounded number.
    pub(crate) fn lineage(&mut self, class: &Rc<ClassValue>) -> Vec<Rc<ClassValue>> {
        let mut lineage = vec![Rc::clone(class)];
        let mut at = 0;
        while at < lineage.len() && lineage.len() < MAX_LINEAGE {
            let supers = lineage[at].supers.clone();
            at += 1;
            lineage.extend(supers.iter().filter_map(|base| match self.known(base) {
                Value::Class(base) => Some(base),
                _ => None,
            }));
        }
        lineage
    }

    /// A member of a class or of those it extends.
    pub(crate) fn class_member(&mut self, class: &Rc<ClassValue>, name: &str, this: Option<Value>) -> Option<Value> {
        let program = Rc::clone(&class.program);
        let member = program.classes[class.class].members.iter().rev().find(|member| &*member.name == name);
        if let Some(member) = member {
            let mut frame = self.class_frame(class, this.clone());
            let (function, decorators) = match &program.nodes[member.value].kind {
                Kind::Function(function) | Kind::DefineFunction(function) => (Some(*function), &[][..]),
                Kind::Decorated(decorators, inner) => match &program.nodes[*inner].kind {
                    Kind::DefineFunction(function) => (Some(*function), &decorators[..]),
                    _ => (None, &[][..]),
                },
                _ => (None, &[][..]),
            };
            let Some(function) = function else {
                return Some(self.evaluate(&mut frame, member.value)).map(|value| self.field_default(value));
            };
            let is_property = decorators.iter().any(
                |decorator| matches!(&program.nodes[*decorator].kind, Kind::Name(name) if name.ends_with("property")),
            );
            let scope = match class.supers.is_empty() || !matches!(self.family, Family::Script | Family::Python) {
                true => Rc::clone(&class.scope),
                false => {
                    let scope = Scope::inside(&class.scope);
                    scope.set(&SUPER.into(), Value::Class(Rc::clone(class)));
                    scope
                }
            };
            let closure = Rc::new(Closure {
                module: class.module,
                program: Rc::clone(&class.program),
                function,
                scope,
                this: Some(this.unwrap_or_else(|| Value::Class(Rc::clone(class)))),
            });
            if is_property || member.is_getter {
                return Some(self.call_closure(&closure, None, &[]));
            }
            return Some(Value::Function(closure));
        }
        for base in &class.supers {
            if let Value::Class(base) = self.settle(base)
                && let Some(found) = self.class_member(&base, name, this.clone())
            {
                return Some(found);
            }
        }
        None
    }

    pub(super) fn class_frame(&mut self, class: &Rc<ClassValue>, this: Option<Value>) -> Frame {
        let scope = Scope::inside(&class.scope);
        if let Some(this) = this {
            scope.set(&"this".into(), this);
        }
        Frame::new(class.module, Rc::clone(&class.program), scope)
    }

    /// A settings field is declared as `Field(default, …)`.
    fn field_default(&mut self, value: Value) -> Value {
        match &value {
            Value::Made(made) if made.what.ends_with("Field") => {
                let named = made.arguments.iter().find(|argument| argument.name.as_deref() == Some("default"));
                let default = named.or_else(|| made.arguments.iter().find(|argument| argument.name.is_none()));
                default.map_or_else(|| Value::unknown(Why::NoDefault), |default| default.value.clone())
            }
            _ => value,
        }
    }

    pub(super) fn index(&mut self, object: &Value, key: &Value) -> Value {
        let (object, key) = (self.settle(object), self.settle(key));
        match (&object, &key) {
            (Value::External(path), Value::Text(name)) if &**path == "os.environ" => Value::Env(Rc::clone(name), None),
            (Value::External(path), Value::Array(items)) => {
                let items = items.borrow().clone();
                Self::made(Rc::clone(path), items.into_iter().map(super::invoke::positional).collect())
            }
            (Value::External(path), _) if path.ends_with("Annotated") => {
                Self::made(Rc::clone(path), vec![super::invoke::positional(key)])
            }
            // Where keys are computed, a key that is not seen may be one of them.
            (Value::Object(fields), Value::Text(name))
                if fields.get(name).is_none() && fields.fields.borrow().keys().any(|key| key.starts_with('[')) =>
            {
                let values = fields.fields.borrow().values().cloned().collect();
                self.one_of(values)
            }
            (Value::Array(items), Value::Text(at)) if self.family == Family::Script && at.parse::<usize>().is_ok() => {
                let at = at.parse().unwrap_or(usize::MAX);
                items.borrow().get(at).cloned().unwrap_or_else(|| Value::unknown(Why::Unsaid))
            }
            (_, Value::Text(name)) => match self.member(&object, name) {
                unknown @ Value::Unknown(_) => self.setting_unseen(name, true).unwrap_or(unknown),
                known => known,
            },
            (Value::Text(text), Value::Number(at)) => {
                let letter = usize::try_from(*at).ok().and_then(|at| text.chars().nth(at));
                letter.map_or_else(|| Value::unknown(Why::Unsaid), |letter| Value::text(letter.to_string()))
            }
            (Value::Array(items), Value::Number(at)) => {
                let at = usize::try_from(*at).ok();
                at.and_then(|at| items.borrow().get(at).cloned()).unwrap_or_else(|| Value::unknown(Why::Unsaid))
            }
            (Value::Object(fields), _) => {
                let values = fields.fields.borrow().values().cloned().collect();
                self.one_of(values)
            }
            _ => Value::unknown(Why::Unsaid),
        }
    }

    pub(super) fn set_member(&mut self, object: &Value, name: &Rc<str>, value: Value) {
        match self.settle(object) {
            Value::Object(object) => object.set(name, value),
            Value::Class(class) => class.statics.set(name, value),
            Value::Module(module) => self.modules[module].scope.set(name, value),
            _ => {}
        }
    }
}
