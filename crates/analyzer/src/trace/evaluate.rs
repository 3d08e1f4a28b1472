//! Evaluating the nodes of a program.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::graph::Handle;
use super::machine::Machine;
use super::value::{ClassValue, Made, ModuleId, Object, Scope, Value};
use super::why::Why;
use crate::syntax::grammar::Family;
use crate::syntax::program::{Entry, Kind, NodeId, Program};

/// Rust: the field of a value of an enumeration that names its variant.
pub(super) const VARIANT: &str = "[variant]";
/// Nested evaluations, calls included.
const MAX_EVALUATION_DEPTH: usize = 4_000;

/// A running function or module body.
pub(super) struct Frame {
    pub(super) module: ModuleId,
    pub(super) program: Rc<Program>,
    pub(super) scope: Rc<Scope>,
    pub(super) returns: Vec<Value>,
    /// Inside something that may not run.
    pub(super) conditional: usize,
    /// Behind a return that is certain.
    pub(super) is_over: bool,
}

impl Frame {
    /// Nothing of it has run.
    pub(super) fn new(module: ModuleId, program: Rc<Program>, scope: Rc<Scope>) -> Self {
        Self { module, program, scope, returns: Vec::new(), conditional: 0, is_over: false }
    }
}

impl Machine<'_> {
    pub(super) fn run_body(&mut self, module: ModuleId, body: NodeId) {
        let (program, scope) = (Rc::clone(&self.modules[module].program), Rc::clone(&self.modules[module].scope));
        let mut frame = Frame::new(module, program, scope);
        self.body_begins();
        self.evaluate(&mut frame, body);
        self.body_ends();
    }

    pub(super) fn evaluate(&mut self, frame: &mut Frame, id: NodeId) -> Value {
        if !self.step() || self.depth >= MAX_EVALUATION_DEPTH {
            return Value::unknown(Why::TooDeep);
        }
        self.depth += 1;
        let program = Rc::clone(&frame.program);
        let value = self.evaluate_kind(frame, &program, id);
        self.depth -= 1;
        value
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of node")]
    fn evaluate_kind(&mut self, frame: &mut Frame, program: &Program, id: NodeId) -> Value {
        match &program.nodes[id].kind {
            Kind::Null | Kind::Pattern => Value::Null,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Text(text) => Value::Text(Rc::clone(text)),
            Kind::Number(number) => Value::Number(*number),
            Kind::Name(name) => self.name(frame, name),
            Kind::Concat(parts) => self.concat(frame, parts),
            Kind::Member(object, name) => {
                let object = self.evaluate(frame, *object);
                self.member(&object, name)
            }
            Kind::Index(object, key) => {
                let object = self.evaluate(frame, *object);
                let key = self.evaluate(frame, *key);
                self.index(&object, &key)
            }
            Kind::Call { callee, arguments } => self.call_node(frame, program, id, *callee, arguments),
            Kind::Macro { name, arguments } => self.call_macro(frame, program, id, name, arguments),
            Kind::Function(function) => Value::Function(self.closure(frame, *function, None)),
            Kind::Object(entries) => self.object(frame, entries),
            Kind::Array(items) => self.array_literal(frame, program, items),
            Kind::Spread(inner) => self.evaluate(frame, *inner),
            Kind::Either(left, right) => self.either(frame, *left, *right),
            Kind::Choice(options) => {
                frame.conditional += 1;
                let values: Vec<Value> = options.iter().map(|option| self.evaluate(frame, *option)).collect();
                frame.conditional -= 1;
                self.one_of(values)
            }
            Kind::Branch(children) => {
                frame.conditional += 1;
                let values: Vec<Value> = children.iter().map(|child| self.evaluate(frame, *child)).collect();
                frame.conditional -= 1;
                // Only Rust's branches have values; a router that went through one stays that router, and lists of
                // routes are all served.
                let is_kept = |value: &Value| match value {
                    Value::Handle(_) => true,
                    Value::Array(_) => self.family == Family::Rust,
                    _ => false,
                };
                self.one_of(values.into_iter().filter(is_kept).collect())
            }
            Kind::Match { on, arms, undecided } => {
                let value = self.evaluate(frame, *on);
                let variant = match self.settle(&value) {
                    Value::Object(object) => object.get(VARIANT),
                    _ => None,
                };
                let Some(Value::Text(variant)) = variant else { return self.evaluate(frame, *undecided) };
                // `other => …` takes what is left, as `_` does.
                let takes_all = |names: &[Rc<str>]| matches!(names, [name] if name.starts_with(|first: char| first == '_' || first.is_lowercase()));
                let is_taken = |names: &[Rc<str>]| names.contains(&variant) || takes_all(names);
                let taken = arms.iter().find(|(names, _)| is_taken(names)).map(|(_, value)| *value);
                taken.map_or_else(|| Value::unknown(Why::Unsaid), |value| self.evaluate(frame, value))
            }
            Kind::Instance { of, fields } => {
                let of = self.evaluate(frame, *of);
                let made = self.object(frame, fields);
                match (self.settle(&of), &made) {
                    (Value::Class(class), Value::Object(made)) => made.of_class(&class),
                    (Value::Object(this), Value::Object(made)) => match &this.class {
                        Some(class) => made.of_class(class),
                        None => Value::Object(Rc::clone(made)),
                    },
                    _ => made,
                }
            }
            Kind::If { condition, then, otherwise, undecided } => {
                let taken = self.branch(frame, program, condition, (*then, *otherwise));
                taken.unwrap_or_else(|| self.evaluate(frame, *undecided))
            }
            Kind::Other(children) => {
                let mut last = Value::unknown(Why::Unsaid);
                for child in children {
                    last = self.evaluate(frame, *child);
                }
                if children.len() == 1 { last } else { Value::unknown(Why::Unsaid) }
            }
            Kind::Block(statements) => self.statements(frame, program, statements),
            Kind::Scope(statements) => {
                let outer = Rc::clone(&frame.scope);
                frame.scope = Scope::inside(&outer);
                let value = self.statements(frame, program, statements);
                frame.scope = outer;
                value
            }
            Kind::Loop { target, iterable, body } => {
                let list = self.evaluate(frame, *iterable);
                let items = if self.family == Family::Go { self.go_pairs(&list) } else { self.items(&list) };
                let items = if items.is_empty() { self.unknown_item(&list) } else { items };
                let has_own_names = self.family == Family::Python && items.len() > 1;
                let before = has_own_names.then(|| frame.scope.names.borrow().keys().cloned().collect::<BTreeSet<_>>());
                for item in items {
                    // What only the body sets is set anew by each turn.
                    if let Some(before) = &before {
                        frame.scope.names.borrow_mut().retain(|name, _| before.contains(name));
                    }
                    // A route out of a list is said where the list is written.
                    let place = if self.family == Family::Go { Self::go_place(&item) } else { None };
                    let sites = self.sites.len();
                    self.sites.extend(place);
                    self.bind(frame, target, item);
                    frame.conditional += 1;
                    self.evaluate(frame, *body);
                    frame.conditional -= 1;
                    self.sites.truncate(sites);
                }
                Value::Null
            }
            Kind::Comprehension { target, iterable, body } => {
                let items = self.evaluate(frame, *iterable);
                let mut out = Vec::new();
                for item in self.items(&items) {
                    self.bind(frame, target, item);
                    out.push(self.evaluate(frame, *body));
                }
                Value::array(out)
            }
            Kind::Bind(target, value) => {
                let value = self.evaluate(frame, *value);
                self.bind(frame, target, value.clone());
                value
            }
            Kind::Assign(target, value) => {
                let value = self.evaluate(frame, *value);
                self.assign(frame, program, *target, value.clone());
                value
            }
            Kind::Augment(target, value) => {
                let (old, added) = (self.evaluate(frame, *target), self.evaluate(frame, *value));
                let (old, added) = (self.settle(&old), self.settle(&added));
                let value = match (&old, &added) {
                    (Value::Text(old), Value::Text(added)) => self.combined(format!("{old}{added}")),
                    (Value::Array(list), Value::Array(more)) => {
                        let more = more.borrow().clone();
                        self.extend(list, more);
                        return old;
                    }
                    // More of a list than is known: what is known of it stays.
                    (Value::Array(_), _) => return old,
                    _ => Value::unknown(Why::Computed),
                };
                self.assign(frame, program, *target, value.clone());
                value
            }
            Kind::Return(value) => {
                let value = value.map_or(Value::Null, |value| self.evaluate(frame, value));
                frame.returns.push(value);
                Value::Null
            }
            Kind::DefineFunction(function) => {
                let closure = self.closure(frame, *function, None);
                if let Some(name) = &program.functions[*function].name {
                    // Hoisted definitions were already made.
                    if let Some(Value::Function(known)) = frame.scope.own(name)
                        && known.function == *function
                        && known.module == frame.module
                    {
                        return Value::Function(known);
                    }
                    frame.scope.set(name, Value::Function(Rc::clone(&closure)));
                }
                Value::Function(closure)
            }
            Kind::DefineClass(class) => {
                let value = self.define_class(frame, *class);
                if let Some(name) = &program.classes[*class].name {
                    frame.scope.set(name, value.clone());
                }
                value
            }
            Kind::Decorated(decorators, definition) => self.decorated(frame, program, decorators, *definition),
            Kind::Composite { of, items } => self.composite(frame, id, *of, items),
            Kind::Zero(of) => self.zero(frame, id, *of),
            // Go's packages keep their own list of methods.
            Kind::Method { .. } => Value::Null,
            Kind::Implement { name, class } => {
                // All `impl` blocks of a type are one class; the blocks before it are its supers.
                let known = frame.scope.own(name).filter(|known| matches!(known, Value::Class(_)));
                if let Value::Class(made) = self.define_class(frame, *class) {
                    let supers = known.into_iter().collect();
                    let made = ClassValue {
                        module: made.module,
                        program: Rc::clone(&made.program),
                        class: made.class,
                        scope: Rc::clone(&made.scope),
                        supers,
                        statics: Rc::clone(&made.statics),
                    };
                    frame.scope.set(name, Value::Class(Rc::new(made)));
                }
                Value::Null
            }
            Kind::Submodule { name, body } => self.submodule(frame, name, *body),
            Kind::Import(import) => self.import(frame, import),
            Kind::ExportDefault(value) => {
                let value = self.evaluate(frame, *value);
                let module = &self.modules[frame.module];
                if let Some(Value::Object(exports)) = module.module_object.get("exports") {
                    exports.set(&"default".into(), value);
                }
                Value::Null
            }
            Kind::Export { from, names, all } => {
                let module = &mut self.modules[frame.module];
                for (there, here) in names {
                    module.exports.push((from.clone(), Rc::clone(there), Rc::clone(here)));
                }
                module.scope.globs.borrow_mut().extend(from.clone().filter(|_| *all));
                Value::Null
            }
        }
    }

    /// Statements in order; names that a language sees before their line are defined first.
    fn statements(&mut self, frame: &mut Frame, program: &Program, statements: &[NodeId]) -> Value {
        let is_early = |kind: &Kind| match self.family {
            Family::Script => matches!(kind, Kind::DefineFunction(_)),
            Family::Python => false,
            Family::Go | Family::Java | Family::CSharp | Family::Ruby | Family::Php => {
                matches!(kind, Kind::DefineFunction(_))
            }
            Family::Rust => matches!(
                kind,
                Kind::DefineFunction(_) | Kind::Implement { .. } | Kind::Submodule { .. } | Kind::Import(_)
            ),
        };
        let early: Vec<NodeId> = statements.iter().copied().filter(|id| is_early(&program.nodes[*id].kind)).collect();
        for id in early {
            self.evaluate(frame, id);
        }
        let mut last = Value::Null;
        for id in statements {
            if frame.is_over {
                break;
            }
            let kind = &program.nodes[*id].kind;
            // `export function f` stands inside a block of its own.
            if self.family == Family::Rust && matches!(kind, Kind::Implement { .. } | Kind::Submodule { .. }) {
                continue;
            }
            last = self.evaluate(frame, *id);
        }
        last
    }

    fn name(&mut self, frame: &Frame, name: &Rc<str>) -> Value {
        match self.family {
            Family::Rust => self.rust_path(frame.module, &frame.scope, name),
            _ => self.lookup(frame.module, &frame.scope, name),
        }
    }

    fn object(&mut self, frame: &mut Frame, entries: &[Entry]) -> Value {
        let object = Object::default();
        for entry in entries {
            match entry {
                Entry::Pair(key, value) => {
                    let value = self.evaluate(frame, *value);
                    if let (Family::Rust, Value::Handle(Handle::Router(router))) = (self.family, self.settle(&value)) {
                        self.graph.kept.insert(router);
                    }
                    object.set(key, value);
                }
                Entry::Spread(inner) => {
                    let inner = self.evaluate(frame, *inner);
                    match self.settle(&inner) {
                        Value::Object(inner) => {
                            let fields = inner.fields.borrow().clone();
                            object.fields.borrow_mut().extend(fields);
                            object.is_open.set(object.is_open.get() || inner.is_open.get());
                        }
                        Value::Unknown(_) => object.is_open.set(true),
                        _ => {}
                    }
                }
                Entry::Computed(key, value) => {
                    let key = key.map(|key| self.evaluate(frame, key));
                    let value = self.evaluate(frame, *value);
                    let at = object.fields.borrow().len();
                    match key.map(|key| self.settle(&key)) {
                        Some(Value::Text(key)) => object.set(&key, value),
                        _ => object.set(&format!("[{at}]").into(), value),
                    }
                }
            }
        }
        Value::Object(Rc::new(object))
    }

    fn array_literal(&mut self, frame: &mut Frame, program: &Program, items: &[NodeId]) -> Value {
        let mut out = Vec::new();
        for item in items {
            let value = self.evaluate(frame, *item);
            if matches!(program.nodes[*item].kind, Kind::Spread(_)) {
                out.extend(self.items(&value));
            } else {
                out.push(value);
            }
        }
        self.list_of(out)
    }

    /// An external call's result.
    pub(super) fn made(what: Rc<str>, arguments: Vec<super::value::Argument>) -> Value {
        Value::Made(Rc::new(Made { what, arguments }))
    }
}
