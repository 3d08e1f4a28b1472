//! Registrations: routes, patterns for controllers, and parts of an application below a path.

use crate::budget::MAX_SYNTAX_DEPTH;
use crate::syntax::node::NodeExt as _;
use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use super::function::{BuilderPlace, candidates};
use super::walk::{Followed, Walk};
use super::{Builder, Call, Registered, RegistrationKind};
use crate::extract::endpoint::aspnet::attribute::Template;
use crate::lang::csharp::lower::flat;
use crate::lang::csharp::member::{CSharpArgument, argument, call_arguments};
use crate::syntax::literal::text;

/// What `MapIdentityApi` serves: the framework says so.
pub(super) const IDENTITY: [(&str, &str); 10] = [
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

impl<'c> Walk<'_, '_, 'c> {
    pub(super) fn hand_over(&mut self, name: &str, builder: &Builder, arguments: &[CSharpArgument<'c>]) {
        for argument in arguments {
            let written = text(argument.value, self.file.bytes());
            if name != "UseEndpoints" || !matches!(argument.value.kind(), "identifier" | "member_access_expression") {
                continue;
            }
            let (receiver, name) = written.rsplit_once('.').unwrap_or(("", written));
            let functions = self.functions;
            let place = BuilderPlace::Argument { at: 0, on_builder: false };
            let key = (name, receiver, self.at);
            for (callee, parameter) in candidates(&functions.all, &functions.by_name, functions.program, key, place) {
                self.out.calls.push(Call { callee, parameter, with: builder.clone() });
            }
        }
    }

    pub(super) fn map(
        &mut self,
        builder: &Builder,
        name: Node<'c>,
        arguments: &[CSharpArgument<'c>],
        depth: usize,
    ) -> Option<Followed> {
        let handler = arguments[1].value;
        let is_lambda = handler.kind() == "lambda_expression";
        let branch = if is_lambda { self.parameters(handler) } else { Vec::new() };
        match branch.as_slice() {
            [one] if self.is_branch(handler, one) => {
                let mut inner = builder.clone();
                // A path that the operator sets is empty unless told otherwise, like `UsePathBase`.
                if let Some(path) = self.place.text(arguments[0].value) {
                    inner.prefix = super::join(&builder.prefix, &Ok(path));
                    inner.evidence.insert(0, self.lines(name, Some(arguments[0].value)));
                }
                self.lambda(handler, Some(inner), depth + 1);
                Some(Followed::Builder(builder.clone()))
            }
            _ => Some(self.route(builder, Vec::new(), Some(arguments[0].value), Some(handler), name)),
        }
    }

    pub(super) fn is_branch(&self, lambda: Node<'c>, parameter: &str) -> bool {
        let bytes = self.file.bytes();
        let mut open = vec![(lambda, 0)];
        while let Some((node, depth)) = open.pop() {
            if node.kind() == "invocation_expression"
                && let Some(function) = node.field("function")
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
                let takes =
                    |at: usize| called.iter().any(|one| self.functions.all[*one].builders().any(|own| own == at));
                if at.is_some_and(takes) {
                    return true;
                }
            }
            if depth < MAX_SYNTAX_DEPTH {
                open.extend(flat(node).into_iter().map(|child| (child, depth + 1)));
            }
        }
        false
    }

    pub(super) fn conventional(
        &mut self,
        builder: &Builder,
        name: &str,
        name_node: Node<'c>,
        arguments: &[CSharpArgument<'c>],
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
        let what = RegistrationKind::Conventional { pattern: self.template(pattern), defaults };
        self.register(builder, what, (name_node, pattern))
    }

    pub(super) fn fields(&self, object: Node<'c>, out: &mut BTreeMap<String, String>) {
        let bytes = self.file.bytes();
        let children = flat(object);
        for pair in children.windows(2) {
            if pair[0].kind() == "identifier" {
                let value = self.place.text(pair[1]).unwrap_or_else(|| "?".to_owned());
                out.insert(text(pair[0], bytes).to_ascii_lowercase(), value);
            }
        }
    }

    pub(super) fn route(
        &mut self,
        builder: &Builder,
        verbs: Vec<String>,
        pattern: Option<Node<'c>>,
        handler: Option<Node<'c>>,
        name: Node<'c>,
    ) -> Followed {
        let bytes = self.file.bytes();
        let plain = handler.filter(|one| matches!(one.kind(), "identifier" | "member_access_expression"));
        let what = RegistrationKind::Route {
            verbs,
            path: self.template(pattern),
            handler: plain.map(|one| text(one, bytes).to_owned()),
        };
        Followed::Routes(vec![self.register(builder, what, (name, pattern))])
    }

    pub(super) fn register(
        &mut self,
        builder: &Builder,
        what: RegistrationKind,
        (name, pattern): (Node<'c>, Option<Node<'c>>),
    ) -> usize {
        let evidence = self.lines(name, pattern);
        self.out.registered.push(Registered { what, on: builder.clone(), evidence });
        self.out.registered.len() - 1
    }

    pub(super) fn template(&self, pattern: Option<Node<'c>>) -> Template {
        let pattern = pattern.ok_or_else(|| "it has no pattern".to_owned())?;
        let shown: String = text(pattern, self.file.bytes()).chars().take(60).collect();
        self.place.text(pattern).ok_or_else(|| format!("`{shown}` is computed"))
    }

    pub(super) fn lines(&self, name: Node<'c>, pattern: Option<Node<'c>>) -> Evidence {
        let end = pattern.unwrap_or(name).end_byte();
        self.file.lines(self.file.line_at(name.start_byte()), self.file.line_at(end.saturating_sub(1)))
    }
}
