//! Calls: first the host's meaning, then functions and classes of the tree, then what PHP itself brings.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use tree_sitter::Node;

use super::builtin;
use super::call::{PhpArgument, PhpCall};
use super::machine::{Host, PhpFrame, PhpMachine};
use super::unit::PhpClass;
use super::value::{PhpClosure, PhpObject, PhpValue, Variables};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::{PathClass, SourceFile};

impl<'c, H: Host<'c>> PhpMachine<'c, H> {
    fn call(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>, name: &str) -> PhpCall<'c> {
        let bytes = frame.file.bytes();
        let mut arguments = Vec::new();
        let holder = node.field("arguments").or_else(|| node.inner_of("arguments"));
        if let Some(holder) = holder {
            for argument in holder.inner().filter(|one| one.kind() == "argument") {
                let name = argument.field("name").map(|name| Rc::from(text(name, bytes)));
                let last = u32::try_from(argument.named_child_count().saturating_sub(1)).unwrap_or(0);
                let Some(inner) = argument.named_child(last) else { continue };
                if inner.kind() == "variadic_unpacking" {
                    let spread = inner.named_child(0).map_or(PhpValue::Null, |inner| self.evaluate(frame, inner));
                    for (_, value) in spread.entries() {
                        arguments.push(PhpArgument { name: None, value: value.clone(), node: inner });
                    }
                } else {
                    let value = self.evaluate(frame, inner);
                    arguments.push(PhpArgument { name, value, node: inner });
                }
            }
        }
        PhpCall { file: frame.file, node, name: Rc::from(name), arguments }
    }

    pub(super) fn function_call(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let Some(function) = node.field("function") else { return self.computed(frame, node) };
        if !matches!(function.kind(), "name" | "qualified_name") {
            let callee = self.evaluate(frame, function);
            let call = self.call(frame, node, "");
            return match callee {
                PhpValue::Closure(closure) => self.call_closure(&closure, call.values()),
                _ => self.leftover(frame, &call),
            };
        }
        let written = text(function, frame.file.bytes());
        let name = written.rsplit('\\').next().unwrap_or(written);
        let call = self.call(frame, node, name);
        if let Some(value) = builtin::function(self, frame, &call) {
            return value;
        }
        if let Some((file, definition)) = self.function(name) {
            let mut inner = self.frame(file);
            return self.run(&mut inner, definition, call.values());
        }
        self.leftover(frame, &call)
    }

    /// A function of the files that the project always loads.
    fn function(&mut self, name: &str) -> Option<(&'c SourceFile, Node<'c>)> {
        if self.functions.is_none() {
            let mut all = BTreeMap::new();
            for path in &self.project.files {
                let file = self.corpus.file(path).filter(|file| file.class == PathClass::Application);
                if let Some(file) = file
                    && let Some(parsed) = file.syntax()
                {
                    definitions(file, parsed.tree.root_node(), 0, &mut all);
                }
            }
            self.functions = Some(all);
        }
        self.functions.as_ref()?.get(name).copied()
    }

    pub(super) fn static_call(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let (Some(scope), Some(name)) = (node.field("scope"), node.field("name")) else {
            return self.computed(frame, node);
        };
        let is_parent = text(scope, frame.file.bytes()) == "parent";
        let class = self.class_name(frame, scope);
        let call = self.call(frame, node, text(name, frame.file.bytes()));
        let Some(class) = class else { return self.leftover(frame, &call) };
        if let Some(value) = H::call_static(self, frame, &class, &call) {
            return value;
        }
        if let Some(value) = builtin::static_method(self, frame, &class, &call) {
            return value;
        }
        let own = frame.class.clone().filter(|own| own.name == class && !is_parent);
        if let Some(class) = own.or_else(|| self.class(&class))
            && let Some((holder, method)) = self.method(&class, &call.name)
        {
            let this = if is_parent || frame.class.is_some() { frame.this.clone() } else { None };
            let mut inner = self.inside(&holder, this);
            return self.run(&mut inner, method, call.values());
        }
        self.leftover(frame, &call)
    }

    pub(super) fn method_call(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let (Some(object), Some(name)) = (node.field("object"), node.field("name")) else {
            return self.computed(frame, node);
        };
        let object = self.evaluate(frame, object);
        let name_text = match name.kind() {
            "name" => text(name, frame.file.bytes()).to_owned(),
            // `$router->{$verb}(...)`
            _ => self.evaluate(frame, name).as_text().unwrap_or_default().to_owned(),
        };
        let call = self.call(frame, node, &name_text);
        if let Some(value) = H::call_method(self, frame, &object, &call) {
            return value;
        }
        match &object {
            PhpValue::Object(instance) => {
                let class = instance.class.clone();
                match self.method(&class, &call.name) {
                    Some((holder, method)) => {
                        let mut inner = self.inside(&holder, Some(object.clone()));
                        self.run(&mut inner, method, call.values())
                    }
                    None => self.leftover(frame, &call),
                }
            }
            _ => builtin::method(self, &object, &call).unwrap_or_else(|| self.leftover(frame, &call)),
        }
    }

    pub(super) fn creation(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let Some(name) = node.named_child(0).filter(|name| matches!(name.kind(), "name" | "qualified_name")) else {
            return self.computed(frame, node);
        };
        let Some(full) = self.class_name(frame, name) else { return self.computed(frame, node) };
        let call = self.call(frame, node, "__construct");
        if full.ends_with("\\Application") && !full.starts_with("Symfony") {
            return PhpValue::native("app", 0);
        }
        match self.class(&full) {
            Some(class) => self.instance(&class, call.values()),
            None => self.computed(frame, node),
        }
    }

    /// An object of a class, its constructor run.
    pub(crate) fn instance(&mut self, class: &Rc<PhpClass<'c>>, arguments: Vec<PhpValue<'c>>) -> PhpValue<'c> {
        let object =
            PhpValue::Object(Rc::new(PhpObject { class: class.clone(), properties: RefCell::new(Variables::new()) }));
        if let Some((holder, method)) = self.method(class, "__construct") {
            let mut inner = self.inside(&holder, Some(object.clone()));
            self.run(&mut inner, method, arguments);
        }
        object
    }

    /// Call a function value.
    pub(crate) fn call_closure(&mut self, closure: &PhpClosure<'c>, arguments: Vec<PhpValue<'c>>) -> PhpValue<'c> {
        let mut frame = PhpFrame {
            file: closure.file,
            unit: closure.unit.clone(),
            variables: closure.variables.clone(),
            this: closure.this.clone(),
            class: closure.class.clone(),
            result: None,
        };
        self.run(&mut frame, closure.node, arguments)
    }

    /// Call a method of an object by its name, with what the framework injects.
    pub(crate) fn call_named(&mut self, object: &PhpValue<'c>, name: &str) -> Option<PhpValue<'c>> {
        let PhpValue::Object(instance) = object else { return None };
        let class = instance.class.clone();
        let (holder, method) = self.method(&class, name)?;
        let mut inner = self.inside(&holder, Some(object.clone()));
        Some(self.run(&mut inner, method, Vec::new()))
    }

    /// Run the body of a function with these arguments.
    fn run(&mut self, frame: &mut PhpFrame<'c>, function: Node<'c>, arguments: Vec<PhpValue<'c>>) -> PhpValue<'c> {
        if !self.budget.enter() {
            return PhpValue::unknown("the program is too large to follow");
        }
        self.parameters(frame, function, arguments);
        let value = match function.field("body") {
            Some(body) if function.kind() == "arrow_function" => self.evaluate(frame, body),
            Some(body) => {
                self.statements(frame, body);
                frame.result.take().unwrap_or(PhpValue::Null)
            }
            None => PhpValue::unknown("a method has no body here"),
        };
        self.budget.leave();
        value
    }

    fn parameters(&mut self, frame: &mut PhpFrame<'c>, function: Node<'c>, arguments: Vec<PhpValue<'c>>) {
        let Some(parameters) = function.field("parameters") else { return };
        let bytes = frame.file.bytes();
        let parameters: Vec<Node<'c>> = parameters.inner().collect();
        let mut given = arguments.into_iter();
        for parameter in parameters {
            let Some(name) = parameter.field("name") else { continue };
            let name = text(name, bytes).trim_start_matches(['&', '$']);
            if parameter.kind() == "variadic_parameter" {
                let rest = PhpValue::list(given.by_ref());
                frame.variables.insert(Rc::from(name), rest);
                continue;
            }
            let value = match given.next() {
                Some(value) => value,
                None => match parameter.field("default_value") {
                    Some(default) => self.evaluate(frame, default),
                    None => {
                        let of_type = parameter.field_text("type", bytes);
                        let full = frame.unit.resolve(of_type.trim_start_matches('?'));
                        H::inject(self, &full).unwrap_or_else(|| PhpValue::unknown(format!("`${name}` is a parameter")))
                    }
                },
            };
            if parameter.kind() == "property_promotion_parameter"
                && let Some(PhpValue::Object(this)) = &frame.this
            {
                this.properties.borrow_mut().insert(Rc::from(name), value.clone());
            }
            frame.variables.insert(Rc::from(name), value);
        }
    }

    /// A call that nobody knows: closures among its arguments may still hold what the host looks for.
    fn leftover(&mut self, frame: &mut PhpFrame<'c>, call: &PhpCall<'c>) -> PhpValue<'c> {
        for argument in &call.arguments {
            if let PhpValue::Closure(closure) = &argument.value
                && argument.node.kind() != "variable_name"
            {
                let source = text(closure.node, closure.file.bytes());
                if H::WORDS.iter().any(|word| source.contains(word)) {
                    self.call_closure(closure, Vec::new());
                }
            }
        }
        self.computed(frame, call.node)
    }
}

fn definitions<'c>(
    file: &'c SourceFile,
    parent: Node<'c>,
    depth: usize,
    out: &mut BTreeMap<String, (&'c SourceFile, Node<'c>)>,
) {
    for child in parent.inner() {
        match child.kind() {
            "function_definition" => {
                if let Some(name) = child.field("name") {
                    out.entry(text(name, file.bytes()).to_owned()).or_insert((file, child));
                }
            }
            // `if (! function_exists('x')) { function x() {} }`
            "if_statement" | "compound_statement" | "namespace_definition" if depth < 6 => {
                definitions(file, child, depth + 1, out);
            }
            _ => {}
        }
    }
}
