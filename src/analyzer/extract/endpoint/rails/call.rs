//! Calls of a route file: those that draw (no receiver, or the mapper), methods of the file, and the methods of texts
//! and lists that route files are written with.

use tree_sitter::Node;

use super::machine::{Dialect, Machine, Target};
use super::scope::Site;
use super::value::{Arguments, Block, Value};
use crate::analyzer::syntax::literal::text;

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

impl<'c> Machine<'c, '_> {
    /// A call, or a name that is a variable or a call without arguments.
    pub(super) fn call(&mut self, node: Node<'c>, is_statement: bool) -> Value<'c> {
        let bytes = self.file.bytes();
        let unknown = || Value::Unknown(text(node, bytes).to_owned());
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

    fn full_call(&mut self, node: Node<'c>, is_statement: bool) -> Option<Value<'c>> {
        let bytes = self.file.bytes();
        // `block.()` has no name.
        let name = node.child_by_field_name("method").map_or("call", |method| text(method, bytes));
        let Some(receiver) = node.child_by_field_name("receiver") else {
            let arguments = self.arguments(node);
            return self.own_call(node, name, arguments, is_statement);
        };
        if let Some(value) = self.framework_call(node, receiver, name) {
            return Some(value);
        }
        let on = self.eval(receiver);
        let mut arguments = self.arguments(node);
        if let Value::Mapper(options) = &on {
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
        let gives_mapper = arguments.positional.iter().any(|value| matches!(value, Value::Mapper(_)));
        if self.is_drawing && gives_mapper && self.dialect == Dialect::Rails && on_load_hooks(text(receiver, bytes)) {
            let called = text(receiver, bytes);
            self.open(format!("`{called}.{name}` draws routes that are not in the route files"), self.site(node));
            return None;
        }
        let is_quiet = matches!(on, Value::Text(_) | Value::Symbol(_) | Value::Number(_));
        if let Some(block) = arguments.block.filter(|_| !is_quiet) {
            self.invoke(block, &[]);
        }
        None
    }

    /// What the framework's own names mean: environments, variables, files, the calls that open a block of routes.
    fn framework_call(&mut self, node: Node<'c>, receiver: Node<'c>, name: &str) -> Option<Value<'c>> {
        let bytes = self.file.bytes();
        let on = text(receiver, bytes).trim_start_matches("::");
        match (on, name) {
            ("Rails", "env") => return Some(Value::Text("production".to_owned())),
            ("Rails", "root") => return Some(Value::Text(String::new())),
            ("Rails.env", "production?") => return Some(Value::Bool(true)),
            ("Rails.env", "development?" | "test?" | "local?") => return Some(Value::Bool(false)),
            ("ENV", "fetch") => {
                let arguments = self.arguments(node);
                let default = arguments.positional.get(1).cloned();
                let default = default.or_else(|| arguments.block.map(|block| self.invoke(block, &[])));
                let name = arguments.positional.first().and_then(Value::text).unwrap_or_default();
                return Some(default.unwrap_or(Value::Unset(name)));
            }
            ("Rails.root" | "File" | "Pathname", "join" | "expand_path" | "new") => {
                let arguments = self.arguments(node);
                let mut parts: Vec<String> = arguments.positional.iter().map(Value::text).collect::<Option<_>>()?;
                if name == "expand_path" {
                    parts.reverse();
                }
                return Some(Value::Text(parts.join("/")));
            }
            ("File" | "IO", "read") => {
                let path = self.arguments(node).positional.first()?.text()?;
                return Some(Value::Content(path));
            }
            ("Dir", "glob") => {
                let pattern = self.arguments(node).positional.first()?.text()?;
                return self.glob(&pattern);
            }
            ("Proc", "new") => return self.arguments(node).block.map(Value::Block),
            _ => {}
        }
        if matches!(name, "draw" | "append" | "prepend")
            && receiver.kind() == "call"
            && receiver.child_by_field_name("method").is_some_and(|method| text(method, bytes) == "routes")
        {
            let whose = receiver.child_by_field_name("receiver").map_or("", |whose| text(whose, bytes));
            let block = node.child_by_field_name("block").map(|block| Block { file: self.file, node: block });
            if let (Some(target), Some(block)) = (self.target_of(whose), block)
                && target == self.target
            {
                let before = std::mem::replace(&mut self.is_drawing, true);
                let base = (*self.base).clone();
                self.within(base, |machine| machine.yield_to(Some(block)));
                self.is_drawing = before;
            }
            return Some(Value::Nil);
        }
        None
    }

    /// Whose routes `X.routes` are; `None` for what is neither an application nor an engine.
    fn target_of(&mut self, whose: &str) -> Option<Target> {
        let whose = whose.trim_start_matches("::");
        let last = whose.rsplit("::").next().unwrap_or(whose);
        if whose == "Rails.application" || last.ends_with("Application") {
            return Some(Target::Application);
        }
        let is_constant = whose.chars().next().is_some_and(char::is_uppercase) && !whose.contains('.');
        is_constant.then(|| match self.constants.get(whose) {
            Some(Value::Constant(name)) => Target::Engine(name.clone()),
            _ => Target::Engine(whose.to_owned()),
        })
    }

    /// A call without a receiver: a method of the file, or of the mapper.
    fn own_call(
        &mut self,
        node: Node<'c>,
        name: &str,
        arguments: Arguments<'c>,
        is_statement: bool,
    ) -> Option<Value<'c>> {
        let site = self.site(node);
        if let Some(method) = self.methods.get(name).copied().filter(|_| name != "draw") {
            let mut values = arguments.positional.clone();
            if !arguments.named.is_empty() {
                values.push(Value::Map(arguments.named.clone()));
            }
            if self.is_drawing {
                let scope = self.scope_at(site);
                return Some(self.within(scope, |machine| machine.invoke(method, &values)));
            }
            return Some(self.invoke(method, &values));
        }
        match name {
            "lambda" | "proc" => return arguments.block.map(Value::Block),
            "instance_exec" | "instance_eval" | "eval" | "module_eval" | "class_eval" => {
                match (arguments.block, arguments.positional.first()) {
                    (Some(block), _) => drop(self.invoke(block, &[Value::Mapper(Vec::new())])),
                    (None, Some(Value::Content(path))) if self.is_drawing => self.draw_file(&path.clone(), site),
                    (None, Some(_)) if self.is_drawing => {
                        self.open("routes are read from files that are found when it runs".to_owned(), site);
                    }
                    _ => {}
                }
                return Some(Value::Nil);
            }
            "__dir__" => return Some(Value::Text(self.file.folder().to_owned())),
            _ => {}
        }
        let is_word = match self.dialect {
            Dialect::Rails => self.is_drawing && self.route_call(name, arguments.clone(), site),
            Dialect::Rack => self.rack_call(name, &arguments, site),
            Dialect::Grape => self.grape_call(name, arguments.clone(), site),
            Dialect::Sinatra => self.sinatra_call(name, &arguments, site),
        };
        if is_word {
            return Some(Value::Mapper(Vec::new()));
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

    /// The methods of texts, lists, maps and blocks.
    fn method(&mut self, on: &Value<'c>, name: &str, arguments: &Arguments<'c>, node: Node<'c>) -> Option<Value<'c>> {
        let first = arguments.positional.first();
        let inflector = &self.application.inflector;
        Some(match (on, name) {
            (_, "freeze" | "dup" | "to_a" | "to_h" | "flatten" | "uniq" | "sort" | "presence" | "clone" | "to_set") => {
                on.clone()
            }
            (Value::Text(_) | Value::Symbol(_), "to_s" | "to_str" | "html_safe") => Value::Text(on.text()?),
            (Value::Number(number), "to_s") => Value::Text(number.to_string()),
            (Value::Text(_) | Value::Symbol(_), "to_sym") => Value::Symbol(on.text()?),
            (Value::Text(text), "pluralize") => Value::Text(inflector.pluralize(text)),
            (Value::Text(text), "singularize") => Value::Text(inflector.singularize(text)),
            (Value::Text(text), "underscore") => Value::Text(inflector.underscore(text)),
            (Value::Text(text), "camelize" | "classify") => Value::Text(inflector.camelize(text)),
            (Value::Text(text), "dasherize") => Value::Text(text.replace('_', "-")),
            (Value::Text(text), "downcase") => Value::Text(text.to_lowercase()),
            (Value::Text(text), "upcase") => Value::Text(text.to_uppercase()),
            (Value::Text(text), "tr" | "gsub") => {
                let (from, to) = (first?.text()?, arguments.positional.get(1)?.text()?);
                (from.chars().count() == 1).then(|| Value::Text(text.replace(&from, &to)))?
            }
            (Value::Text(text), "split") => {
                let by = first.and_then(Value::text);
                let parts: Vec<String> = match by {
                    Some(by) => text.split(&by).map(str::to_owned).collect(),
                    None => text.split_whitespace().map(str::to_owned).collect(),
                };
                Value::List(parts.into_iter().map(Value::Text).collect())
            }
            (Value::Text(text), "in?") if text == "production" => {
                Value::Bool(first?.texts()?.iter().any(|one| one == text))
            }
            (Value::List(items), "include?") => Value::Bool(items.iter().any(|one| one.same_name(first))),
            (Value::List(items), "first") => items.first()?.clone(),
            (Value::List(items), "last") => items.last()?.clone(),
            (Value::List(_), "join") => Value::Text(on.texts()?.join(&first.and_then(Value::text).unwrap_or_default())),
            (Value::Map(pairs), "keys") => Value::List(pairs.iter().map(|(key, _)| key.clone()).collect()),
            (Value::Map(pairs), "values") => Value::List(pairs.iter().map(|(_, value)| value.clone()).collect()),
            (Value::Map(pairs), "merge") => {
                let mut pairs = pairs.clone();
                pairs.extend(arguments.named.clone());
                if let Some(Value::Map(more)) = first {
                    pairs.extend(more.clone());
                }
                pairs.reverse();
                Value::Map(pairs)
            }
            (Value::Map(pairs), "fetch" | "dig") => {
                let found = pairs.iter().find(|(key, _)| key.same_name(first)).map(|(_, value)| value.clone());
                found.or_else(|| arguments.positional.get(1).cloned())?
            }
            (Value::Block(block), "call" | "()" | "yield") => self.invoke(*block, &arguments.positional),
            (Value::Number(count), "times") if (0..1_000).contains(count) => {
                let items: Vec<Value<'c>> = (0..*count).map(Value::Number).collect();
                self.each(&items, "each", arguments, node)?
            }
            (Value::List(items), _) => self.each(items, name, arguments, node)?,
            (Value::Map(pairs), _) => {
                let items: Vec<Value<'c>> =
                    pairs.iter().map(|(key, value)| Value::List(vec![key.clone(), value.clone()])).collect();
                self.each(&items, name, arguments, node)?
            }
            _ => return None,
        })
    }

    /// A loop over a list that is known.
    fn each(
        &mut self,
        items: &[Value<'c>],
        name: &str,
        arguments: &Arguments<'c>,
        node: Node<'c>,
    ) -> Option<Value<'c>> {
        let block = match arguments.block {
            Some(block) => block,
            // `map(&:to_sym)` changes nothing that a path shows.
            None if matches!(name, "map" | "each") => return Some(Value::List(items.to_vec())),
            None => return None,
        };
        if !matches!(
            name,
            "each"
                | "each_with_index"
                | "map"
                | "each_pair"
                | "flat_map"
                | "each_entry"
                | "each_with_object"
                | "collect"
        ) {
            return None;
        }
        let loop_site: Site<'c> = self.site(node);
        let mut scope = if self.is_drawing { self.scope_at(loop_site) } else { (*self.scope).clone() };
        // The items stand where the constant does.
        let receiver = node.child_by_field_name("receiver").filter(|receiver| receiver.kind() == "constant");
        if let Some(at) = receiver.and_then(|name| self.constant_sites.get(text(name, self.file.bytes()))) {
            scope.sites.insert(1.min(scope.sites.len()), *at);
        }
        let made = self.within(scope, |machine| {
            let mut made = Vec::new();
            for (at, item) in (0_i64..).zip(items) {
                let values = match (name, item) {
                    ("each_with_index", item) => vec![item.clone(), Value::Number(at)],
                    (_, Value::List(pair)) if pair.len() > 1 => vec![Value::List(pair.clone())],
                    (_, item) => vec![item.clone()],
                };
                made.push(machine.invoke(block, &values));
            }
            made
        });
        Some(if name.starts_with("each") { Value::List(items.to_vec()) } else { Value::List(made) })
    }

    /// The files of the tree that a pattern with `*` names.
    pub(super) fn glob(&self, pattern: &str) -> Option<Value<'c>> {
        let pattern = self.application.rooted(pattern);
        let (head, tail) = pattern.split_once('*')?;
        let tail = tail.trim_start_matches(['*', '/']);
        let tail = tail.strip_prefix('*').unwrap_or(tail);
        let fits = |path: &&str| path.starts_with(head) && path.ends_with(tail);
        let paths = self.corpus.application().map(|file| file.path.as_str()).filter(fits);
        Some(Value::List(paths.map(|path| Value::Text(format!("/{path}"))).collect()))
    }

    /// The routes of another file, in the scope that is open here.
    pub(super) fn draw_file(&mut self, path: &str, site: Site<'c>) {
        let path = self.application.rooted(path);
        match self.corpus.file(&path) {
            Some(file) if self.spend() => {
                self.depth += 1;
                let scope = self.scope_at(site);
                self.within(scope, |machine| machine.run(file));
                self.depth -= 1;
            }
            _ => self.open(format!("the route file `{path}` is not in the tree"), site),
        }
    }
}

/// Load hooks run what others registered, which is found where they do.
fn on_load_hooks(receiver: &str) -> bool {
    receiver != "ActiveSupport"
}

impl Value<'_> {
    fn same_name(&self, other: Option<&Self>) -> bool {
        other.is_some_and(|other| match (self.text(), other.text()) {
            (Some(one), Some(two)) => one == two,
            _ => false,
        })
    }
}
