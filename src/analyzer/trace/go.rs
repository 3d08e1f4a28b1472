//! What is Go's own when a program is followed: literals and zero values of types, fields and methods through
//! embedding, several results, and values that are taken from a type when nothing else is known of them.

use std::rc::Rc;

use super::evaluate::Frame;
use super::machine::{Machine, SHORT_FUNCTION};
use super::rules::Call;
use super::value::{Argument, ClassValue, Closure, Object, Value};
use crate::analyzer::syntax::lower::is_pointer;
use crate::analyzer::syntax::program::{Expression, Function, Item, Kind, NodeId, Parameter, Program};

/// Structs inside structs that are looked through.
const MAX_EMBEDDED: usize = 8;
/// Marks a method of something that is used as a value.
const BOUND: &str = "go method ";
/// A literal whose type stands around it.
const LITERAL: &str = "go literal";
/// Fields of commands that hold what they do.
const ACTIONS: [&str; 8] =
    ["Run", "RunE", "PreRun", "PreRunE", "PersistentPreRun", "PersistentPreRunE", "Action", "Before"];

/// Names of the path below which somebody puts a whole application: the setting that is empty unless they do.
const DEPLOYMENT: [&str; 14] = [
    "basepath",
    "baseurl",
    "baseuri",
    "suburl",
    "subpath",
    "urlprefix",
    "rooturl",
    "rootpath",
    "webroot",
    "contextpath",
    "url.path",
    "siteurl",
    "pathprefix",
    "approot",
];

/// Whether an expression names the path that an application is put below.
pub(crate) fn is_deployment(text: &str) -> bool {
    let text: String = text.to_ascii_lowercase().replace(['_', '(', ')'], "");
    DEPLOYMENT.iter().any(|name| text.ends_with(name))
}

/// Calls this near to the start of a program are followed whatever the function holds.
const NEAR: usize = 6;
/// How often a function runs: in a file that deals with routers, a short one elsewhere.
const MANY_RUNS: u32 = 3_000;
const FEW_RUNS: u32 = 60;

impl Machine<'_> {
    /// Whether a call is worth following. Go's programs are followed from `main` on, and a large one calls
    /// millions of functions that have nothing to do with routers.
    pub(super) fn go_may_run(&mut self, closure: &Closure, arguments: &[Argument]) -> bool {
        if arguments.iter().any(|argument| matches!(argument.value, Value::Handle(_))) {
            return true;
        }
        let (from, to) = closure.program.functions[closure.function].bytes;
        let is_short = to - from <= SHORT_FUNCTION;
        let limit = match (self.go_is_relevant(closure), is_short) {
            (true, _) => MANY_RUNS,
            (false, true) => FEW_RUNS,
            (false, false) => u32::from(self.stack.len() < NEAR),
        };
        let runs = self.go.runs.entry((closure.module, closure.function)).or_default();
        *runs += 1;
        *runs <= limit
    }

    /// Whether the file of a function deals with routers.
    fn go_is_relevant(&mut self, closure: &Closure) -> bool {
        if let Some(known) = self.go.relevant.get(&closure.module) {
            return *known;
        }
        let file = self.corpus.file(&self.modules[closure.module].path);
        let is_relevant = file.is_some_and(|file| self.triggers.is_match(file.bytes()));
        self.go.relevant.insert(closure.module, is_relevant);
        is_relevant
    }

    /// `T{…}`, also for lists and maps.
    pub(super) fn composite(&mut self, frame: &mut Frame, id: NodeId, of: Option<NodeId>, items: &[Item]) -> Value {
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

    fn place(&self, frame: &Frame, node: &Expression) -> Call {
        let path = self.modules[frame.module].path.to_string();
        Call { path, start: node.start, arguments: Vec::new(), callee: "".into() }
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
                let call = Call { path: place.path.clone(), start: place.start, arguments, callee: Rc::clone(path) };
                let rules = self.rules;
                let value = rules.iter().find_map(|rules| rules.external(self, path, &call));
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
    fn go_typed_as(&mut self, of: Option<&Value>, value: Value, place: &Call) -> Value {
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
        self.go.instances.entry((class.module, class.class)).or_insert_with(|| value.clone());
        value
    }

    fn go_field_type(&mut self, class: &Rc<ClassValue>, of: NodeId) -> Value {
        let mut frame = self.class_frame(class, None);
        let of = self.evaluate(&mut frame, of);
        self.settle(&of)
    }

    /// `cfg.BasePath("/api")`: the path itself, unless the configuration puts the application below another.
    pub(super) fn go_below_deployment(&mut self, value: Value, call: &Call) -> Value {
        match (&value, call.arguments.as_slice()) {
            (Value::Unknown(_), [only]) if is_deployment(&call.callee) => match self.settle(&only.value) {
                path @ Value::Text(_) => path,
                _ => value,
            },
            _ => value,
        }
    }

    /// What a variable of a type holds before anything is assigned.
    pub(super) fn go_zero(&mut self, of: &Value, place: &Call) -> Value {
        match self.settle(of) {
            Value::Class(class) => self.go_construct(&class, Vec::new(), place),
            Value::Array(_) => Value::array(Vec::new()),
            Value::Object(_) => Value::Object(Rc::new(Object::default())),
            Value::External(path) if &*path == "string" => Value::text(""),
            Value::External(path) if path.contains('.') => {
                let call = Call {
                    path: place.path.clone(),
                    start: place.start,
                    arguments: Vec::new(),
                    callee: Rc::clone(&path),
                };
                let rules = self.rules;
                rules.iter().find_map(|rules| rules.external(self, &path, &call)).unwrap_or(Value::Null)
            }
            _ => Value::Null,
        }
    }

    pub(super) fn zero(&mut self, frame: &mut Frame, id: NodeId, of: NodeId) -> Value {
        let of = self.evaluate(frame, of);
        let place = self.place(frame, &frame.program.nodes[id]);
        self.go_zero(&of, &place)
    }

    /// What is known of a value from its type alone: the instance that the program has of a struct, a router
    /// that nobody is seen to mount.
    fn go_assumed(&mut self, of: &Value) -> Option<Value> {
        match self.settle(of) {
            Value::Class(class) => {
                if let Some(known) = self.go.instances.get(&(class.module, class.class)) {
                    return Some(known.clone());
                }
                let object = Object { class: Some(Rc::clone(&class)), ..Object::default() };
                object.is_open.set(true);
                let value = Value::Object(Rc::new(object));
                self.go.instances.insert((class.module, class.class), value.clone());
                Some(value)
            }
            Value::External(path) => {
                let rules = self.rules;
                rules.iter().find_map(|rules| rules.typed(self, &path))
            }
            _ => None,
        }
    }

    /// The argument for a parameter, from its type where it is not known.
    pub(super) fn go_parameter(&mut self, frame: &mut Frame, parameter: &Parameter, value: Value) -> Value {
        let value = match value {
            import @ Value::Import(_) => return import,
            other => other,
        };
        match (&value, parameter.annotation) {
            (Value::Unknown(_), Some(of)) => {
                let of = self.evaluate(frame, of);
                self.go_assumed(&of).unwrap_or(value)
            }
            (Value::Made(made), Some(of)) if &*made.what == LITERAL => {
                let of = self.evaluate(frame, of);
                let place = Call {
                    path: self.modules[frame.module].path.to_string(),
                    start: 1,
                    arguments: Vec::new(),
                    callee: "".into(),
                };
                self.go_typed_as(Some(&of), value, &place)
            }
            _ => value,
        }
    }

    /// The value that a method belongs to.
    pub(super) fn go_receiver(&mut self, closure: &Closure, this: Option<Value>, of: &Rc<str>) -> Value {
        if let Some(this) = this {
            return this;
        }
        let of = self.lookup(closure.module, &closure.scope, of);
        self.go_assumed(&of).unwrap_or_else(|| Value::unknown("depends on its receiver"))
    }

    /// A field or method of a struct, its own or of what it embeds.
    pub(super) fn go_member(&mut self, object: &Rc<Object>, name: &Rc<str>, depth: usize) -> Option<Value> {
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
        let unknown = || Value::unknown(format!("depends on the field `{name}`"));
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
                let place = Call { path: String::new(), start: 1, arguments: Vec::new(), callee: "".into() };
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
    pub(super) fn go_set(
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
    pub(super) fn bound(on: Value, name: &str) -> Value {
        Self::made(format!("{BOUND}{name}").into(), vec![super::call::positional(on)])
    }

    /// The value and the method behind a method that is used as a value.
    pub(super) fn unbound(value: &Value) -> Option<(Value, Rc<str>)> {
        let Value::Made(made) = value else {
            return None;
        };
        let name = made.what.strip_prefix(BOUND)?;
        Some((made.arguments.first()?.value.clone(), name.into()))
    }

    /// Something unseen was given this value and may have filled its fields.
    pub(super) fn go_open(&mut self, value: &Value, depth: usize) {
        let Value::Object(object) = value else {
            return;
        };
        if object.class.is_none() || object.is_open.get() || depth > MAX_EMBEDDED {
            return;
        }
        object.is_open.set(true);
        let fields: Vec<Value> = object.fields.borrow().values().cloned().collect();
        object.fields.borrow_mut().retain(|_, value| !matches!(value, Value::Text(text) if text.is_empty()));
        for field in fields {
            self.go_open(&field, depth + 1);
        }
    }

    /// `f(&x)` of something unseen may change `x`; a flag's variable starts with the flag's default.
    pub(super) fn go_out_arguments(
        &mut self,
        frame: &mut Frame,
        program: &Program,
        function: &str,
        nodes: &[NodeId],
        arguments: &[Argument],
    ) {
        for (at, node) in nodes.iter().enumerate() {
            let Some(argument) = arguments.get(at) else {
                continue;
            };
            let value = self.settle(&argument.value);
            self.go_open(&value, 0);
            let Kind::Other(inner) = &program.nodes[*node].kind else {
                continue;
            };
            let is_target = argument.text.starts_with('&')
                && inner.len() == 1
                && matches!(program.nodes[inner[0]].kind, Kind::Name(_) | Kind::Member(..));
            if is_target && matches!(value, Value::Text(_) | Value::Null | Value::Number(_) | Value::Env(..)) {
                let is_flag = function.contains("flag") && function.contains("Var");
                let default = arguments.get(at + if function.ends_with("VarP") { 3 } else { 2 });
                let given = default.filter(|_| is_flag).map(|default| default.value.clone());
                let value = given.unwrap_or_else(|| Value::unknown(format!("is set by `{function}`")));
                self.assign(frame, program, inner[0], value);
            }
        }
    }

    /// The values of a function with several results, one by one.
    pub(super) fn go_results(&mut self, function: &Function, returns: Vec<Value>) -> Value {
        let is_many = function.returns.starts_with('(') && function.returns.contains(',');
        let lists: Vec<Vec<Value>> = returns
            .iter()
            .filter_map(|value| match value {
                Value::Array(items) if is_many => Some(items.borrow().clone()),
                _ => None,
            })
            .collect();
        if lists.is_empty() || lists.len() != returns.len() {
            return self.go_one_of(returns);
        }
        let width = lists.iter().map(Vec::len).max().unwrap_or_default();
        let columns = (0..width).map(|at| {
            let column = lists.iter().filter_map(|list| list.get(at).cloned()).collect();
            self.go_one_of(column)
        });
        Value::array(columns.collect())
    }

    /// One of several; a variable that is read and a literal beside it are the variable with its default.
    fn go_one_of(&mut self, values: Vec<Value>) -> Value {
        let values: Vec<Value> = values.iter().map(|value| self.settle(value)).collect();
        let is_env = |value: &&Value| matches!(value, Value::Env(_, None));
        let others: Vec<Value> = values
            .iter()
            .filter(|value| !is_env(value) && !matches!(value, Value::Text(text) if text.is_empty()))
            .cloned()
            .collect();
        if let (Some(Value::Env(name, None)), [Value::Text(_) | Value::Number(_), ..]) =
            (values.iter().find(is_env), others.as_slice())
            && others.iter().all(|other| other.same(&others[0]))
        {
            return Value::Env(Rc::clone(name), Some(Rc::new(others[0].clone())));
        }
        self.one_of(values)
    }

    /// Where the literal of a pair's value stands.
    pub(super) fn go_place(pair: &Value) -> Option<(String, u32, u32)> {
        let Value::Array(pair) = pair else {
            return None;
        };
        match pair.borrow().get(1)? {
            Value::Object(object) => object.place.get().cloned().filter(|(path, ..)| !path.is_empty()),
            _ => None,
        }
    }

    /// What `range` walks over, as pairs of key and value; once with unknown values when it is not known.
    pub(super) fn go_pairs(&mut self, value: &Value) -> Vec<Value> {
        let unknown = || Value::unknown("is one of a list that is not known");
        match self.settle(value) {
            Value::Array(items) => {
                let items = items.borrow().clone();
                let number = |at: usize| Value::Number(i64::try_from(at).unwrap_or(i64::MAX));
                items.into_iter().enumerate().map(|(at, item)| Value::array(vec![number(at), item])).collect()
            }
            Value::Object(object) if object.class.is_none() => {
                let fields = object.fields.borrow().clone();
                let key = |key: &Rc<str>| if key.starts_with('[') { unknown() } else { Value::Text(Rc::clone(key)) };
                fields.iter().map(|(name, value)| Value::array(vec![key(name), value.clone()])).collect()
            }
            Value::Null => Vec::new(),
            _ => vec![Value::array(vec![unknown(), unknown()])],
        }
    }
}
