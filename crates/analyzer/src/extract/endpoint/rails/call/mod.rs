//! Calls of a route file: those that draw (no receiver, or the mapper), methods of the file, and the methods of texts
//! and lists that route files are written with.

mod file;
mod framework;
mod method;

use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

use super::apis::Dialect;
use super::machine::RouteMachine;
use super::value::{Arguments, RubyValue};
use crate::syntax::literal::text;

/// Calls without a receiver that make no routes.
const SILENT: &[&str] = &[
    "require",
    "require_relative",
    "require_dependency",
    "load",
    "puts",
    "p",
    "warn",
    "raise",
    "return",
    "next",
    "break",
    "include",
    "extend",
    "prepend",
    "private",
    "public",
    "protected",
    "direct",
    "resolve",
    "redirect",
    "lambda",
    "proc",
    "freeze",
    "attr_reader",
    "attr_accessor",
    "default_url_options",
    "url_options",
    "binding",
    "abort",
    "exit",
    "block_given?",
    "using",
    "module_function",
    "private_constant",
    "class_attribute",
    "print",
    "pp",
    "yield",
    "defined?",
    "gem",
    "default_scope",
    "disable_clear_and_finalize",
    "clear!",
    "polymorphic_url",
    "not",
    "sleep",
    "rand",
    "format",
    "catch",
];

impl<'c> RouteMachine<'c, '_> {
    /// A call, or a name that is a variable or a call without arguments.
    pub(super) fn call(&mut self, node: Node<'c>, is_statement: bool) -> RubyValue<'c> {
        let bytes = self.file.bytes();
        let unknown = || RubyValue::Unknown(text(node, bytes).to_owned());
        if !self.spend() {
            return unknown();
        }
        self.depth += 1;
        let value = if node.kind() == "identifier" {
            let name = text(node, bytes);
            match self.local(name).cloned() {
                Some(known) => Some(known),
                None => self.own_call(node, name, Arguments::default(), is_statement),
            }
        } else {
            self.full_call(node, is_statement)
        };
        self.depth -= 1;
        value.unwrap_or_else(unknown)
    }

    fn full_call(&mut self, node: Node<'c>, is_statement: bool) -> Option<RubyValue<'c>> {
        let bytes = self.file.bytes();
        // `block.()` has no name.
        let name = node.field("method").map_or("call", |method| text(method, bytes));
        let Some(receiver) = node.field("receiver") else {
            let arguments = self.arguments(node);
            return self.own_call(node, name, arguments, is_statement);
        };
        if let Some(value) = self.framework_call(node, receiver, name) {
            return Some(value);
        }
        let on = self.eval(receiver);
        let mut arguments = self.arguments(node);
        if let RubyValue::Mapper(options) = &on {
            for (key, value) in options {
                if !arguments.named.iter().any(|(known, _)| known.same(key) == Some(true)) {
                    arguments.named.push((key.clone(), value.clone()));
                }
            }
            return self.own_call(node, name, arguments, is_statement);
        }
        if let Some(value) = self.method(&on, name, &arguments, node) {
            return Some(value);
        }
        // Whatever else is given the mapper may draw with it.
        let gives_mapper = arguments.positional.iter().any(|value| matches!(value, RubyValue::Mapper(_)));
        if self.is_drawing && gives_mapper && self.dialect == Dialect::Rails && on_load_hooks(text(receiver, bytes)) {
            let called = text(receiver, bytes);
            self.open(format!("`{called}.{name}` draws routes that are not in the route files"), self.site(node));
            return None;
        }
        let is_quiet = matches!(on, RubyValue::Text(_) | RubyValue::Symbol(_) | RubyValue::Number(_));
        if let Some(block) = arguments.block.filter(|_| !is_quiet) {
            self.invoke(block, &[]);
        }
        None
    }

    /// A call without a receiver: a method of the file, or of the mapper.
    fn own_call(
        &mut self,
        node: Node<'c>,
        name: &str,
        arguments: Arguments<'c>,
        is_statement: bool,
    ) -> Option<RubyValue<'c>> {
        let site = self.site(node);
        if let Some(method) = self.methods.get(name).copied().filter(|_| name != "draw") {
            let mut values = arguments.positional.clone();
            if !arguments.named.is_empty() {
                values.push(RubyValue::Map(arguments.named.clone()));
            }
            if self.is_drawing {
                let scope = self.scope_at(site);
                return Some(self.within(scope, |machine| machine.invoke(method, &values)));
            }
            return Some(self.invoke(method, &values));
        }
        match name {
            "lambda" | "proc" => return arguments.block.map(RubyValue::Block),
            "instance_exec" | "instance_eval" | "eval" | "module_eval" | "class_eval" => {
                match (arguments.block, arguments.positional.first()) {
                    (Some(block), _) => drop(self.invoke(block, &[RubyValue::Mapper(Vec::new())])),
                    (None, Some(RubyValue::Content(path))) if self.is_drawing => self.draw_file(&path.clone(), site),
                    (None, Some(_)) if self.is_drawing => {
                        self.open("routes are read from files that are found when it runs".to_owned(), site);
                    }
                    _ => {}
                }
                return Some(RubyValue::Nil);
            }
            "__dir__" => return Some(RubyValue::Text(self.file.folder().to_owned())),
            _ => {}
        }
        let is_word = match self.dialect {
            Dialect::Rails => self.is_drawing && self.route_call(name, arguments.clone(), site),
            Dialect::Rack => self.rack_call(name, &arguments, site),
            Dialect::Grape => self.grape_call(name, arguments.clone(), site),
            Dialect::Sinatra => self.sinatra_call(name, &arguments, site),
        };
        if is_word {
            return Some(RubyValue::Mapper(Vec::new()));
        }
        if let Some(block) = arguments.block {
            if SILENT.contains(&name) {
                return None;
            } else if self.is_drawing {
                // It may put anything around its block.
                self.open(format!("`{name}` draws what is in its block, and is not defined in the route files"), site);
            } else {
                self.invoke(block, &[]);
            }
        } else if is_statement && self.is_drawing && !SILENT.contains(&name) && !name.ends_with(['?', '=']) {
            self.open(format!("`{name}` draws routes, and is not defined in the route files"), site);
        }
        None
    }
}

/// Load hooks run what others registered, which is found where they do.
fn on_load_hooks(receiver: &str) -> bool {
    receiver != "ActiveSupport"
}
