//! Calls: on a builder, on what was registered, and on anything else that may be handed a builder.

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeMap;

use tree_sitter::Node;

use super::function::{BuilderPlace, HandlerParameter, candidates};
use super::register::IDENTITY;
use super::walk::{Followed, Walk};
use super::{Builder, Call, Origin, RegistrationKind};
use crate::extract::endpoint::aspnet::attribute::{Template, texts_in};
use crate::lang::csharp::lower::flat;
use crate::lang::csharp::member::{CSharpArgument, argument, call_arguments};
use crate::lang::csharp::text::ExpressionPlace;
use crate::syntax::literal::text;

impl<'c> Walk<'_, '_, 'c> {
    pub(super) fn call(&mut self, node: Node<'c>, depth: usize) -> Option<Followed> {
        let bytes = self.file.bytes();
        let function = node.field("function")?;
        let (on, name_node) = match function.kind() {
            "member_access_expression" => (function.field("expression"), function.field("name")?),
            "conditional_access_expression" => {
                let binding = flat(function).into_iter().last()?;
                (function.field("condition"), binding.field("name").unwrap_or(binding))
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
            return Some(Followed::Builder(Builder::new(Origin::Root)));
        }
        match value {
            Some(Followed::Routes(routes)) => {
                self.about(&routes, name, node);
                Some(Followed::Routes(routes))
            }
            Some(Followed::Builder(builder)) => self.on(&builder, on, (name, name_node), node, &arguments, depth),
            None if name == "Invoke" => {
                self.reflected(&arguments);
                None
            }
            None => self.elsewhere((name, receiver), &arguments, depth),
        }
    }

    pub(super) fn about(&mut self, routes: &[usize], name: &str, call: Node<'c>) {
        let says_guard = is_guard(name, text(call, self.file.bytes()));
        for at in routes {
            let on = &mut self.out.registered[*at].on;
            on.is_guarded |= says_guard;
            on.is_open |= name == "AllowAnonymous";
        }
    }

    pub(super) fn elsewhere(
        &mut self,
        (name, receiver): (&str, &str),
        arguments: &[CSharpArgument<'c>],
        depth: usize,
    ) -> Option<Followed> {
        if name == "Configure" && arguments.len() == 1 && arguments[0].value.kind() == "lambda_expression" {
            let lambda = arguments[0].value;
            let first = (self.parameters(lambda).len() == 1).then(|| Builder::new(Origin::Root));
            self.lambda(lambda, first, depth);
            return None;
        }
        self.hand_on((name, receiver), None, arguments, depth)
    }

    pub(super) fn reflected(&mut self, arguments: &[CSharpArgument<'c>]) {
        let bytes = self.file.bytes();
        let written = self.functions.all[self.at].text();
        let named = written.split_once("nameof(").and_then(|(_, rest)| rest.split_once(')')).map(|(name, _)| name);
        let quoted =
            || written.split_once("GetMethod(\"").and_then(|(_, rest)| rest.split_once('"')).map(|(name, _)| name);
        let Some(name) = named.or_else(quoted).and_then(|name| name.rsplit('.').next()) else { return };
        let mut open: Vec<Node<'c>> = arguments.iter().map(|argument| argument.value).collect();
        while let Some(node) = open.pop() {
            if node.kind() != "identifier" {
                open.extend(flat(node));
                continue;
            }
            let Some(Followed::Builder(builder)) = self.names.get(text(node, bytes)).cloned() else { continue };
            for callee in self.functions.by_name.get(name).map(Vec::as_slice).unwrap_or_default() {
                let function = &self.functions.all[*callee];
                if let Some(parameter) = function.builders().next().filter(|_| function.is_kind_named_in(written)) {
                    self.out.calls.push(Call { callee: *callee, parameter, with: builder.clone() });
                }
            }
        }
    }

    pub(super) fn by_type(&mut self, builder: &Builder, name: &str, written: &str) {
        let Some(given) = written.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>')) else { return };
        let functions = self.functions;
        for generic in functions.by_name.get(name).map(Vec::as_slice).unwrap_or_default() {
            let body = functions.all[*generic].text();
            for (own, class) in functions.all[*generic].types.iter().zip(given.split(',')) {
                let class = class.trim().rsplit('.').next().unwrap_or_default();
                let start = format!(" {own}.");
                let called = body.match_indices(&start).filter_map(|(at, found)| {
                    body[at + found.len()..].split_once('(').map(|(method, _)| method.trim())
                });
                for callee in called.filter_map(|method| functions.by_name.get(method)).flatten() {
                    let function = &functions.all[*callee];
                    if let Some(parameter) = function.builders().next().filter(|_| function.within.name == class) {
                        self.out.calls.push(Call { callee: *callee, parameter, with: builder.clone() });
                    }
                }
            }
        }
    }

    pub(super) fn hand_on(
        &mut self,
        (name, receiver): (&str, &str),
        on: Option<&Builder>,
        arguments: &[CSharpArgument<'c>],
        depth: usize,
    ) -> Option<Followed> {
        let mut given: Vec<(BuilderPlace, Builder)> =
            on.iter().map(|on| (BuilderPlace::Receiver, (*on).clone())).collect();
        for (at, argument) in arguments.iter().enumerate() {
            let value = match argument.value.kind() {
                "lambda_expression" | "anonymous_method_expression" if on.is_none() => {
                    self.lambda(argument.value, None, depth + 1);
                    continue;
                }
                _ => self.eval(argument.value, depth + 1),
            };
            if let Some(Followed::Builder(builder)) = value {
                given.push((BuilderPlace::Argument { at, on_builder: on.is_some() }, builder));
            }
        }
        let mut result = None;
        if given.is_empty() {
            // `var app = CreateApp(args);`
            let functions = self.functions;
            let called = functions.by_name.get(name).map(Vec::as_slice).unwrap_or_default();
            result = called.iter().find_map(|callee| {
                let returned = functions.summary(*callee, self.calls + 1)?.returns.clone()?;
                (returned.origin == Origin::Root).then_some(Followed::Builder(returned))
            });
        }
        for (place, builder) in given {
            let functions = self.functions;
            let key = (name, if on.is_some() { "" } else { receiver }, self.at);
            for (callee, parameter) in candidates(&functions.all, &functions.by_name, functions.program, key, place) {
                let mut builder = builder.clone();
                builder.texts = self.texts(callee, on.is_some(), arguments);
                let summary = functions.summary(callee, self.calls + 1);
                let returned = summary.and_then(|summary| summary.returns.clone());
                if let Some(returned) = returned.filter(|returned| returned.origin == Origin::Parameter(parameter)) {
                    result = Some(Followed::Builder(returned.inside(&builder)));
                }
                self.out.calls.push(Call { callee, parameter, with: builder });
            }
        }
        result
    }

    /// What a call gives for the parameters of text of a function.
    fn texts(&self, callee: usize, on_builder: bool, given: &[CSharpArgument<'c>]) -> BTreeMap<String, Template> {
        let function = &self.functions.all[callee];
        let is_extension = function.parameters.first().is_some_and(|first| first.is_receiver);
        let first = usize::from(is_extension && on_builder);
        let text_of = |(at, parameter): (usize, &HandlerParameter<'c>)| {
            let value = argument(given, parameter.name, at.checked_sub(first)?);
            let default = || {
                let place = ExpressionPlace::within(self.functions.program, function.within);
                place.text(parameter.default?).map(Ok)
            };
            let text = value.map(|value| self.template(Some(value))).or_else(default)?;
            Some((parameter.name.to_owned(), text))
        };
        function.parameters.iter().enumerate().filter(|(_, one)| one.is_text()).filter_map(text_of).collect()
    }

    fn lambdas(&mut self, arguments: &[CSharpArgument<'c>], builder: Option<&Builder>, depth: usize) {
        for argument in arguments.iter().filter(|one| one.value.kind() == "lambda_expression") {
            self.lambda(argument.value, builder.cloned(), depth + 1);
        }
    }

    pub(super) fn on(
        &mut self,
        builder: &Builder,
        on: Option<Node<'c>>,
        (name, name_node): (&str, Node<'c>),
        call: Node<'c>,
        arguments: &[CSharpArgument<'c>],
        depth: usize,
    ) -> Option<Followed> {
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
                Some(Followed::Builder(inner))
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
                    let what = RegistrationKind::Route {
                        verbs: vec![verb.to_owned()],
                        path: Ok(path.to_owned()),
                        handler: None,
                    };
                    all.push(self.register(builder, what, (name_node, None)));
                }
                Some(Followed::Routes(all))
            }
            "Map" if arguments.len() >= 2 => self.map(builder, name_node, arguments, depth),
            "MapControllers" => {
                Some(Followed::Routes(vec![self.register(builder, RegistrationKind::Controllers, (name_node, None))]))
            }
            "MapDefaultControllerRoute" | "UseMvcWithDefaultRoute" => {
                let pattern = Ok("{controller=Home}/{action=Index}/{id?}".to_owned());
                let what = RegistrationKind::Conventional { pattern, defaults: BTreeMap::new() };
                Some(Followed::Routes(vec![self.register(builder, what, (name_node, None))]))
            }
            "MapControllerRoute" | "MapRoute" | "MapAreaControllerRoute" | "MapAreaRoute" => {
                let route = self.conventional(builder, name, name_node, arguments);
                // Routes of the old kind are mapped in a chain.
                let is_old = matches!(name, "MapRoute" | "MapAreaRoute");
                Some(if is_old { Followed::Builder(builder.clone()) } else { Followed::Routes(vec![route]) })
            }
            "UseEndpoints" | "UseWhen" | "MapWhen" | "UseMvc" | "UseRouter" => {
                if name == "UseMvc" {
                    self.register(builder, RegistrationKind::Controllers, (name_node, None));
                }
                self.lambdas(arguments, Some(builder), depth);
                self.hand_over(name, builder, arguments);
                Some(Followed::Builder(builder.clone()))
            }
            "RequireAuthorization" | "AllowAnonymous" => {
                let mut changed = builder.clone();
                changed.is_guarded |= is_guard(name, text(call, self.file.bytes()));
                changed.is_open |= name == "AllowAnonymous";
                // What is said about a group counts for all of it.
                if let Some(name) = on.filter(|on| on.kind() == "identifier").map(|on| text(on, self.file.bytes())) {
                    self.names.insert(name.to_owned(), Followed::Builder(changed.clone()));
                }
                Some(Followed::Builder(changed))
            }
            _ => {
                self.by_type(builder, name, text(name_node, self.file.bytes()));
                let returned = self.hand_on((name, ""), Some(builder), arguments, depth);
                self.lambdas(arguments, None, depth);
                Some(returned.unwrap_or_else(|| Followed::Builder(builder.clone())))
            }
        }
    }
}

fn is_guard(name: &str, written: &str) -> bool {
    let policy = written.rsplit("RequireAuthorization").next().unwrap_or_default().to_ascii_lowercase();
    name == "RequireAuthorization" && !["anonymous", "optional", "public"].iter().any(|doubt| policy.contains(doubt))
}
