//! Reads one function: which builders its names hold, what it registers on them, and to whom it hands them.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::function::{Place as Position, candidates};
use super::{Builder, Call, Functions, Origin, Registered, Summary, What};
use crate::analyzer::evidence::Evidence;
use crate::analyzer::extract::csharp::lower::flat;
use crate::analyzer::extract::csharp::member::{self, Argument, argument, call_arguments};
use crate::analyzer::extract::csharp::text::Place;
use crate::analyzer::extract::endpoint::aspnet::attribute::{Template, texts_in};
use crate::analyzer::file::SourceFile;
use crate::analyzer::syntax::literal::text;

/// Expressions inside expressions.
const MAX_DEPTH: usize = 200;
/// What `MapIdentityApi` serves: the framework says so.
const IDENTITY: [(&str, &str); 10] = [
    ("POST", "register"),
    ("POST", "login"),
    ("POST", "refresh"),
    ("GET", "confirmEmail"),
    ("POST", "resendConfirmationEmail"),
    ("POST", "forgotPassword"),
    ("POST", "resetPassword"),
    ("POST", "manage/2fa"),
    ("GET", "manage/info"),
    ("POST", "manage/info"),
];

/// What an expression gives.
#[derive(Clone)]
enum Value {
    Builder(Builder),
    /// Registrations, by their place in the summary.
    Routes(Vec<usize>),
}

struct Walk<'f, 'p, 'c> {
    functions: &'f Functions<'p, 'c>,
    at: usize,
    file: &'c SourceFile,
    place: Place<'p, 'c>,
    names: BTreeMap<String, Value>,
    out: Summary,
    calls: usize,
}

/// Read a function relative to its parameters.
pub(super) fn read<'p, 'c>(functions: &Functions<'p, 'c>, at: usize, calls: usize) -> Summary {
    let function = &functions.all[at];
    let mut place = Place::within(functions.program, function.within);
    let mut names = BTreeMap::new();
    for (at, parameter) in function.parameters.iter().enumerate() {
        place.bound.insert(parameter.name.to_owned(), None);
        if parameter.is_builder() {
            names.insert(parameter.name.to_owned(), Value::Builder(Builder::new(Origin::Parameter(at))));
        }
    }
    let mut walk = Walk { functions, at, file: function.file, place, names, out: Summary::default(), calls };
    if function.node.kind() == "compilation_unit" {
        for child in flat(function.node).into_iter().filter(|child| child.kind() == "global_statement") {
            walk.visit(child, 0);
        }
    } else if let Some(body) = function.node.child_by_field_name("body") {
        walk.visit(body, 0);
    }
    walk.out
}

impl<'c> Walk<'_, '_, 'c> {
    fn visit(&mut self, node: Node<'c>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match node.kind() {
            "variable_declarator" => {
                let name = node.child_by_field_name("name").map_or("", |name| text(name, self.file.bytes()));
                if let Some(value) = member::initial(node) {
                    self.bind(name.to_owned(), value, depth);
                }
            }
            "invocation_expression"
            | "assignment_expression"
            | "await_expression"
            | "conditional_access_expression" => {
                drop(self.eval(node, depth));
            }
            "return_statement" | "arrow_expression_clause" => {
                if let Some(value) = node.named_child(0)
                    && let Some(Value::Builder(builder)) = self.eval(value, depth + 1)
                {
                    self.out.returns = Some(builder);
                }
            }
            "local_function_statement" => {
                // With a builder of its own it is a function that is called; else it sees the names around it.
                let bytes = self.file.bytes();
                let takes = node.child_by_field_name("parameters").map_or("", |list| text(list, bytes));
                if !takes.contains("Builder")
                    && !takes.contains("WebApplication")
                    && let Some(body) = node.child_by_field_name("body")
                {
                    let returns = self.out.returns.take();
                    self.visit(body, depth + 1);
                    self.out.returns = returns;
                }
            }
            "lambda_expression" | "anonymous_method_expression" => self.lambda(node, None, depth),
            _ => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    self.visit(child, depth + 1);
                }
            }
        }
    }

    fn bind(&mut self, name: String, value: Node<'c>, depth: usize) {
        match self.eval(value, depth + 1) {
            Some(found) => drop(self.names.insert(name, found)),
            None => {
                let known = self.place.text(value);
                let before = self.place.bound.get(&name).cloned();
                let agrees = before.is_none_or(|before| before == known);
                self.place.bound.insert(name, known.filter(|_| agrees));
            }
        }
    }

    /// A function written in place; its first parameter may be a builder.
    fn lambda(&mut self, node: Node<'c>, first: Option<Builder>, depth: usize) {
        let names = self.names.clone();
        let returns = self.out.returns.take();
        if let (Some(name), Some(builder)) = (self.parameters(node).first(), first) {
            self.names.insert((*name).to_owned(), Value::Builder(builder));
        }
        if let Some(body) = node.child_by_field_name("body") {
            self.visit(body, depth + 1);
        }
        self.out.returns = returns;
        self.names = names;
    }

    fn parameters(&self, lambda: Node<'c>) -> Vec<&'c str> {
        let bytes = self.file.bytes();
        let Some(list) = lambda.child_by_field_name("parameters") else {
            return Vec::new();
        };
        if list.kind() == "implicit_parameter" {
            return vec![text(list, bytes)];
        }
        let all = flat(list).into_iter().filter(|one| one.kind() == "parameter");
        all.map(|one| one.child_by_field_name("name").map_or("", |name| text(name, bytes))).collect()
    }

    fn eval(&mut self, node: Node<'c>, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        match node.kind() {
            "identifier" => self.names.get(text(node, self.file.bytes())).cloned(),
            "parenthesized_expression" | "await_expression" | "postfix_unary_expression" => {
                self.eval(node.named_child(0)?, depth + 1)
            }
            "cast_expression" => self.eval(node.child_by_field_name("value")?, depth + 1),
            "conditional_expression" => {
                let then = node.child_by_field_name("consequence").and_then(|then| self.eval(then, depth + 1));
                let other = node.child_by_field_name("alternative").and_then(|other| self.eval(other, depth + 1));
                then.or(other)
            }
            "assignment_expression" => {
                let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
                self.bind(text(left, self.file.bytes()).to_owned(), right, depth);
                self.names.get(text(left, self.file.bytes())).cloned()
            }
            "invocation_expression" => self.call(node, depth),
            "lambda_expression" | "anonymous_method_expression" => {
                self.lambda(node, None, depth);
                None
            }
            _ => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    self.visit(child, depth + 1);
                }
                None
            }
        }
    }

    fn call(&mut self, node: Node<'c>, depth: usize) -> Option<Value> {
        let bytes = self.file.bytes();
        let function = node.child_by_field_name("function")?;
        let (on, name_node) = match function.kind() {
            "member_access_expression" => {
                (function.child_by_field_name("expression"), function.child_by_field_name("name")?)
            }
            "conditional_access_expression" => {
                let binding = flat(function).into_iter().last()?;
                (function.child_by_field_name("condition"), binding.child_by_field_name("name").unwrap_or(binding))
            }
            _ => (None, function),
        };
        let name = text(name_node, bytes).split('<').next().unwrap_or_default();
        let receiver = on.map_or("", |on| text(on, bytes));
        let value = on.and_then(|on| self.eval(on, depth + 1));
        let arguments = call_arguments(node, bytes);
        // `builder.Build()`, `WebApplication.Create(args)`
        let is_made = (name == "Build" && arguments.is_empty() && value.is_none())
            || (receiver == "WebApplication" && name == "Create");
        if is_made {
            return Some(Value::Builder(Builder::new(Origin::Root)));
        }
        match value {
            Some(Value::Routes(routes)) => {
                self.about(&routes, name, node);
                Some(Value::Routes(routes))
            }
            Some(Value::Builder(builder)) => self.on(&builder, on, (name, name_node), node, &arguments, depth),
            None => self.elsewhere((name, receiver), &arguments, depth),
        }
    }

    /// What follows a registration in its chain.
    fn about(&mut self, routes: &[usize], name: &str, call: Node<'c>) {
        let says_guard = is_guard(name, text(call, self.file.bytes()));
        for at in routes {
            let on = &mut self.out.registered[*at].on;
            on.is_guarded |= says_guard;
            on.is_open |= name == "AllowAnonymous";
        }
    }

    /// A call on something that is no builder: it may be handed one.
    fn elsewhere(&mut self, (name, receiver): (&str, &str), arguments: &[Argument<'c>], depth: usize) -> Option<Value> {
        if name == "Configure" && arguments.len() == 1 && arguments[0].value.kind() == "lambda_expression" {
            let lambda = arguments[0].value;
            let first = (self.parameters(lambda).len() == 1).then(|| Builder::new(Origin::Root));
            self.lambda(lambda, first, depth);
            return None;
        }
        self.hand_on((name, receiver), None, arguments, depth)
    }

    /// Hand the builders among receiver and arguments to the program's functions of this name.
    fn hand_on(
        &mut self,
        (name, receiver): (&str, &str),
        on: Option<&Builder>,
        arguments: &[Argument<'c>],
        depth: usize,
    ) -> Option<Value> {
        let mut given: Vec<(Position, Builder)> = on.iter().map(|on| (Position::Receiver, (*on).clone())).collect();
        for (at, argument) in arguments.iter().enumerate() {
            let value = match argument.value.kind() {
                "lambda_expression" | "anonymous_method_expression" if on.is_none() => {
                    self.lambda(argument.value, None, depth + 1);
                    continue;
                }
                _ => self.eval(argument.value, depth + 1),
            };
            if let Some(Value::Builder(builder)) = value {
                given.push((Position::Argument { at, on_builder: on.is_some() }, builder));
            }
        }
        let mut result = None;
        for (place, builder) in given {
            let functions = self.functions;
            let key = (name, if on.is_some() { "" } else { receiver }, self.at);
            for (callee, parameter) in candidates(&functions.all, &functions.by_name, functions.program, key, place) {
                let summary = functions.summary(callee, self.calls + 1);
                let returned = summary.and_then(|summary| summary.returns.clone());
                if let Some(returned) = returned.filter(|returned| returned.origin == Origin::Parameter(parameter)) {
                    result = Some(Value::Builder(returned.inside(&builder)));
                }
                self.out.calls.push(Call { callee, parameter, with: builder.clone() });
            }
        }
        result
    }

    /// A call on a builder.
    fn on(
        &mut self,
        builder: &Builder,
        on: Option<Node<'c>>,
        (name, name_node): (&str, Node<'c>),
        call: Node<'c>,
        arguments: &[Argument<'c>],
        depth: usize,
    ) -> Option<Value> {
        let pattern = |at: usize| argument(arguments, "pattern", at).or_else(|| argument(arguments, "template", at));
        let verb = match name {
            "MapGet" => Some("GET"),
            "MapPost" => Some("POST"),
            "MapPut" => Some("PUT"),
            "MapDelete" => Some("DELETE"),
            "MapPatch" => Some("PATCH"),
            _ => None,
        };
        if let Some(verb) = verb.filter(|_| arguments.len() >= 2) {
            let handler = argument(arguments, "handler", 1);
            return Some(self.route(builder, vec![verb.to_owned()], pattern(0), handler, name_node));
        }
        match name {
            "MapGroup" => {
                let prefix = self.template(pattern(0).or_else(|| argument(arguments, "prefix", 0)));
                let mut inner = builder.clone();
                inner.prefix = super::join(&builder.prefix, &prefix);
                inner.evidence.insert(0, self.lines(name_node, pattern(0)));
                Some(Value::Builder(inner))
            }
            "MapMethods" if arguments.len() >= 3 => {
                let verbs = argument(arguments, "httpMethods", 1).map(|list| texts_in(list, &self.place));
                let verbs = verbs.unwrap_or_default().into_iter().map(|verb| verb.to_ascii_uppercase()).collect();
                Some(self.route(builder, verbs, pattern(0), argument(arguments, "handler", 2), name_node))
            }
            "MapHealthChecks" => Some(self.route(builder, Vec::new(), pattern(0), None, name_node)),
            "MapIdentityApi" => {
                let mut all = Vec::new();
                for (verb, path) in IDENTITY {
                    let what = What::Route { verbs: vec![verb.to_owned()], path: Ok(path.to_owned()), handler: None };
                    all.push(self.register(builder, what, (name_node, None)));
                }
                Some(Value::Routes(all))
            }
            "Map" if arguments.len() >= 2 => self.map(builder, name_node, arguments, depth),
            "MapControllers" => Some(Value::Routes(vec![self.register(builder, What::Controllers, (name_node, None))])),
            "MapDefaultControllerRoute" | "UseMvcWithDefaultRoute" => {
                let pattern = Ok("{controller=Home}/{action=Index}/{id?}".to_owned());
                let what = What::Conventional { pattern, defaults: BTreeMap::new() };
                Some(Value::Routes(vec![self.register(builder, what, (name_node, None))]))
            }
            "MapControllerRoute" | "MapRoute" | "MapAreaControllerRoute" | "MapAreaRoute" => {
                let route = self.conventional(builder, name, name_node, arguments);
                // Routes of the old kind are mapped in a chain.
                let is_old = matches!(name, "MapRoute" | "MapAreaRoute");
                Some(if is_old { Value::Builder(builder.clone()) } else { Value::Routes(vec![route]) })
            }
            "UseEndpoints" | "UseWhen" | "MapWhen" | "UseMvc" | "UseRouter" => {
                if name == "UseMvc" {
                    self.register(builder, What::Controllers, (name_node, None));
                }
                for argument in
                    arguments.iter().filter(|one| one.value.kind() == "lambda_expression").collect::<Vec<_>>()
                {
                    self.lambda(argument.value, Some(builder.clone()), depth + 1);
                }
                self.hand_over(name, builder, arguments);
                Some(Value::Builder(builder.clone()))
            }
            "RequireAuthorization" | "AllowAnonymous" => {
                let mut changed = builder.clone();
                changed.is_guarded |= is_guard(name, text(call, self.file.bytes()));
                changed.is_open |= name == "AllowAnonymous";
                // What is said about a group counts for all of it.
                if let Some(name) = on.filter(|on| on.kind() == "identifier").map(|on| text(on, self.file.bytes())) {
                    self.names.insert(name.to_owned(), Value::Builder(changed.clone()));
                }
                Some(Value::Builder(changed))
            }
            _ => {
                let returned = self.hand_on((name, ""), Some(builder), arguments, depth);
                for argument in
                    arguments.iter().filter(|one| one.value.kind() == "lambda_expression").collect::<Vec<_>>()
                {
                    self.lambda(argument.value, None, depth + 1);
                }
                Some(returned.unwrap_or_else(|| Value::Builder(builder.clone())))
            }
        }
    }

    /// `UseEndpoints(Register)`: a function given by its name.
    fn hand_over(&mut self, name: &str, builder: &Builder, arguments: &[Argument<'c>]) {
        for argument in arguments {
            let written = text(argument.value, self.file.bytes());
            if name != "UseEndpoints" || !matches!(argument.value.kind(), "identifier" | "member_access_expression") {
                continue;
            }
            let (receiver, name) = written.rsplit_once('.').unwrap_or(("", written));
            let functions = self.functions;
            let place = Position::Argument { at: 0, on_builder: false };
            let key = (name, receiver, self.at);
            for (callee, parameter) in candidates(&functions.all, &functions.by_name, functions.program, key, place) {
                self.out.calls.push(Call { callee, parameter, with: builder.clone() });
            }
        }
    }

    /// `Map(path, branch => ...)` is a part of the application below a path; `Map(path, handler)` a route.
    fn map(&mut self, builder: &Builder, name: Node<'c>, arguments: &[Argument<'c>], depth: usize) -> Option<Value> {
        let handler = arguments[1].value;
        let branch = (handler.kind() == "lambda_expression").then(|| self.parameters(handler)).unwrap_or_default();
        match branch.as_slice() {
            [one] if self.is_branch(handler, one) => {
                let mut inner = builder.clone();
                // A path that the operator sets is empty unless told otherwise, like `UsePathBase`.
                if let Some(path) = self.place.text(arguments[0].value) {
                    inner.prefix = super::join(&builder.prefix, &Ok(path));
                    inner.evidence.insert(0, self.lines(name, Some(arguments[0].value)));
                }
                self.lambda(handler, Some(inner), depth + 1);
                Some(Value::Builder(builder.clone()))
            }
            _ => Some(self.route(builder, Vec::new(), Some(arguments[0].value), Some(handler), name)),
        }
    }

    /// Whether a function given to `Map` builds a part of the application, rather than answering requests: it calls
    /// what builders have on its parameter, or hands it to a function that takes a builder.
    fn is_branch(&self, lambda: Node<'c>, parameter: &str) -> bool {
        let bytes = self.file.bytes();
        let mut open = vec![(lambda, 0)];
        while let Some((node, depth)) = open.pop() {
            if node.kind() == "invocation_expression"
                && let Some(function) = node.child_by_field_name("function")
            {
                let written = text(function, bytes);
                let method = written.strip_prefix(parameter).and_then(|rest| rest.strip_prefix('.'));
                if method.is_some_and(|name| ["Use", "Run", "Map"].iter().any(|start| name.starts_with(start))) {
                    return true;
                }
                let name = written.rsplit('.').next().unwrap_or(written);
                let given = call_arguments(node, bytes);
                let at = given.iter().position(|one| text(one.value, bytes) == parameter);
                let called = self.functions.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
                let takes = |at: usize| called.iter().any(|one| self.functions.all[*one].builders().any(|own| own == at));
                if at.is_some_and(takes) {
                    return true;
                }
            }
            if depth < MAX_DEPTH {
                open.extend(flat(node).into_iter().map(|child| (child, depth + 1)));
            }
        }
        false
    }

    fn conventional(
        &mut self,
        builder: &Builder,
        name: &str,
        name_node: Node<'c>,
        arguments: &[Argument<'c>],
    ) -> usize {
        let has_area = name.contains("Area");
        let at = if has_area { 2 } else { 1 };
        let pattern = argument(arguments, "pattern", at).or_else(|| argument(arguments, "template", at));
        let mut defaults = BTreeMap::new();
        if let Some(given) = argument(arguments, "defaults", at + 1) {
            self.fields(given, &mut defaults);
        }
        if has_area && let Some(area) = argument(arguments, "areaName", 1) {
            let area = self.place.text(area).unwrap_or_default();
            defaults.insert("area".to_owned(), area);
        }
        let what = What::Conventional { pattern: self.template(pattern), defaults };
        self.register(builder, what, (name_node, pattern))
    }

    /// `new { controller = "Home", action = "Index" }`
    fn fields(&self, object: Node<'c>, out: &mut BTreeMap<String, String>) {
        let bytes = self.file.bytes();
        let children = flat(object);
        for pair in children.windows(2) {
            if pair[0].kind() == "identifier" {
                let value = self.place.text(pair[1]).unwrap_or_else(|| "?".to_owned());
                out.insert(text(pair[0], bytes).to_ascii_lowercase(), value);
            }
        }
    }

    fn route(
        &mut self,
        builder: &Builder,
        verbs: Vec<String>,
        pattern: Option<Node<'c>>,
        handler: Option<Node<'c>>,
        name: Node<'c>,
    ) -> Value {
        let bytes = self.file.bytes();
        let plain = handler.filter(|one| matches!(one.kind(), "identifier" | "member_access_expression"));
        let what =
            What::Route { verbs, path: self.template(pattern), handler: plain.map(|one| text(one, bytes).to_owned()) };
        Value::Routes(vec![self.register(builder, what, (name, pattern))])
    }

    fn register(&mut self, builder: &Builder, what: What, (name, pattern): (Node<'c>, Option<Node<'c>>)) -> usize {
        let evidence = self.lines(name, pattern);
        self.out.registered.push(Registered { what, on: builder.clone(), evidence });
        self.out.registered.len() - 1
    }

    fn template(&self, pattern: Option<Node<'c>>) -> Template {
        let pattern = pattern.ok_or_else(|| "it has no pattern".to_owned())?;
        let shown: String = text(pattern, self.file.bytes()).chars().take(60).collect();
        self.place.text(pattern).ok_or_else(|| format!("`{shown}` is computed"))
    }

    /// From the name of the method to the end of the pattern.
    fn lines(&self, name: Node<'c>, pattern: Option<Node<'c>>) -> Evidence {
        let end = pattern.unwrap_or(name).end_byte();
        self.file.lines(self.file.line_at(name.start_byte()), self.file.line_at(end.saturating_sub(1)))
    }
}

fn is_guard(name: &str, written: &str) -> bool {
    let policy = written.rsplit("RequireAuthorization").next().unwrap_or_default().to_ascii_lowercase();
    name == "RequireAuthorization" && !["anonymous", "optional", "public"].iter().any(|doubt| policy.contains(doubt))
}
