//! Reads one function: which builders its names hold, what it registers on them, and to whom it hands them.

use crate::budget::MAX_SYNTAX_DEPTH;
use crate::syntax::node::NodeExt as _;
use std::collections::BTreeMap;

use tree_sitter::Node;

use super::{Builder, Functions, Origin, Summary, hole};
use crate::lang::csharp::lower::flat;
use crate::lang::csharp::member;
use crate::lang::csharp::text::ExpressionPlace;
use crate::syntax::literal::text;
use crate::tree::file::SourceFile;

/// What an expression gives.
#[derive(Clone)]
pub(super) enum Followed {
    Builder(Builder),
    /// Registrations, by their place in the summary.
    Routes(Vec<usize>),
}

pub(super) struct Walk<'f, 'p, 'c> {
    pub(super) functions: &'f Functions<'p, 'c>,
    pub(super) at: usize,
    pub(super) file: &'c SourceFile,
    pub(super) place: ExpressionPlace<'p, 'c>,
    pub(super) names: BTreeMap<String, Followed>,
    pub(super) out: Summary,
    pub(super) calls: usize,
}

/// Read a function relative to its parameters.
pub(super) fn read<'p, 'c>(functions: &Functions<'p, 'c>, at: usize, calls: usize) -> Summary {
    let function = &functions.all[at];
    let mut place = ExpressionPlace::within(functions.program, function.within);
    let mut names = BTreeMap::new();
    for (at, parameter) in function.parameters.iter().enumerate() {
        place.bound.insert(parameter.name.to_owned(), parameter.is_text().then(|| hole(parameter.name)));
        if parameter.is_builder() {
            names.insert(parameter.name.to_owned(), Followed::Builder(Builder::new(Origin::Parameter(at))));
        }
    }
    let mut walk = Walk { functions, at, file: function.file, place, names, out: Summary::default(), calls };
    if function.node.kind() == "compilation_unit" {
        for child in flat(function.node).into_iter().filter(|child| child.kind() == "global_statement") {
            walk.visit(child, 0);
        }
    } else if let Some(body) = function.node.field("body") {
        walk.visit(body, 0);
    }
    walk.out
}

impl<'c> Walk<'_, '_, 'c> {
    pub(super) fn visit(&mut self, node: Node<'c>, depth: usize) {
        if depth > MAX_SYNTAX_DEPTH {
            return;
        }
        match node.kind() {
            "variable_declarator" => {
                let name = node.field("name").map_or("", |name| text(name, self.file.bytes()));
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
                    && let Some(Followed::Builder(builder)) = self.eval(value, depth + 1)
                {
                    self.out.returns = Some(builder);
                }
            }
            "local_function_statement" => {
                // With a builder of its own it is a function that is called; else it sees the names around it.
                let bytes = self.file.bytes();
                let takes = node.field("parameters").map_or("", |list| text(list, bytes));
                if !takes.contains("Builder")
                    && !takes.contains("WebApplication")
                    && let Some(body) = node.field("body")
                {
                    let returns = self.out.returns.take();
                    self.visit(body, depth + 1);
                    self.out.returns = returns;
                }
            }
            "lambda_expression" | "anonymous_method_expression" => self.lambda(node, None, depth),
            _ => {
                for child in node.inner() {
                    self.visit(child, depth + 1);
                }
            }
        }
    }

    pub(super) fn bind(&mut self, name: String, value: Node<'c>, depth: usize) {
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

    pub(super) fn lambda(&mut self, node: Node<'c>, first: Option<Builder>, depth: usize) {
        let names = self.names.clone();
        let returns = self.out.returns.take();
        if let (Some(name), Some(builder)) = (self.parameters(node).first(), first) {
            self.names.insert((*name).to_owned(), Followed::Builder(builder));
        }
        if let Some(body) = node.field("body") {
            self.visit(body, depth + 1);
        }
        self.out.returns = returns;
        self.names = names;
    }

    pub(super) fn parameters(&self, lambda: Node<'c>) -> Vec<&'c str> {
        let bytes = self.file.bytes();
        let Some(list) = lambda.field("parameters") else { return Vec::new() };
        if list.kind() == "implicit_parameter" {
            return vec![text(list, bytes)];
        }
        let all = flat(list).into_iter().filter(|one| one.kind() == "parameter");
        all.map(|one| one.field("name").map_or("", |name| text(name, bytes))).collect()
    }

    pub(super) fn eval(&mut self, node: Node<'c>, depth: usize) -> Option<Followed> {
        if depth > MAX_SYNTAX_DEPTH {
            return None;
        }
        match node.kind() {
            "identifier" => self.names.get(text(node, self.file.bytes())).cloned(),
            "parenthesized_expression" | "await_expression" | "postfix_unary_expression" => {
                self.eval(node.named_child(0)?, depth + 1)
            }
            "cast_expression" => self.eval(node.field("value")?, depth + 1),
            "conditional_expression" => {
                let then = node.field("consequence").and_then(|then| self.eval(then, depth + 1));
                let other = node.field("alternative").and_then(|other| self.eval(other, depth + 1));
                then.or(other)
            }
            "assignment_expression" => {
                let (left, right) = (node.field("left")?, node.field("right")?);
                self.bind(text(left, self.file.bytes()).to_owned(), right, depth);
                self.names.get(text(left, self.file.bytes())).cloned()
            }
            "invocation_expression" => self.call(node, depth),
            "lambda_expression" | "anonymous_method_expression" => {
                self.lambda(node, None, depth);
                None
            }
            _ => {
                for child in node.inner() {
                    self.visit(child, depth + 1);
                }
                None
            }
        }
    }
}
