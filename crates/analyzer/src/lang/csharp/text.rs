//! The text that an expression is known to have: literals, constants of the program, `nameof`, `+` and interpolation
//! of these. What a method returns or a setting holds is not known.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::CSharpProgram;
use super::lower::CSharpType;
use super::member;
use crate::budget::{Budget, Limits, short};
use crate::syntax::literal::{self, text};
use crate::syntax::node::NodeExt as _;

/// Constants made of constants.
const NESTED: Limits = Limits::nested(24);

/// Where an expression stands: the type around it and the values of the parameters in view.
#[derive(Clone)]
pub(crate) struct ExpressionPlace<'p, 'c> {
    pub(crate) program: &'p CSharpProgram<'c>,
    pub(crate) within: Option<&'p CSharpType<'c>>,
    pub(crate) bytes: &'c [u8],
    pub(crate) bound: BTreeMap<String, Option<String>>,
}

impl<'p, 'c> ExpressionPlace<'p, 'c> {
    /// Inside a type, with no parameters in view.
    pub(crate) fn within(program: &'p CSharpProgram<'c>, of: &'p CSharpType<'c>) -> Self {
        Self { program, within: Some(of), bytes: of.file.bytes(), bound: BTreeMap::new() }
    }

    /// The text of an expression; `None` when it is not known.
    pub(crate) fn text(&self, node: Node<'c>) -> Option<String> {
        self.eval(node, &NESTED.start())
    }

    fn eval(&self, node: Node<'c>, budget: &Budget) -> Option<String> {
        let budget = &budget.deeper()?;
        match node.kind() {
            "string_literal" | "raw_string_literal" | "verbatim_string_literal" => quoted(node, self.bytes),
            "integer_literal" => Some(text(node, self.bytes).to_owned()),
            "interpolated_string_expression" => self.interpolated(node, budget),
            "parenthesized_expression" | "postfix_unary_expression" => self.eval(node.named_child(0)?, budget),
            "cast_expression" => self.eval(node.field("value")?, budget),
            "binary_expression" if text(node.field("operator")?, self.bytes) == "+" => {
                let left = self.eval(node.field("left")?, budget)?;
                short(left + &self.eval(node.field("right")?, budget)?)
            }
            "invocation_expression" => {
                let called = text(node.field("function")?, self.bytes);
                let argument = node.first_argument()?;
                let named = text(argument, self.bytes).trim();
                let last = named.rsplit('.').next()?.split('<').next()?;
                (called == "nameof").then(|| last.to_owned())
            }
            "identifier" => {
                let name = text(node, self.bytes);
                if let Some(value) = self.bound.get(name) {
                    return value.clone();
                }
                self.field(self.within?, name, budget)
            }
            "member_access_expression" => {
                let name = text(node.field("name")?, self.bytes);
                let on = text(node.field("expression")?, self.bytes);
                match on {
                    "string" | "String" if name == "Empty" => return Some(String::new()),
                    "this" | "base" => return self.field(self.within?, name, budget),
                    _ => {}
                }
                let parts = self.program.resolve(on, self.within?);
                parts.first().and_then(|first| self.field(first, name, budget))
            }
            _ => None,
        }
    }

    /// A constant of a type, of its bases or of the types around it.
    fn field(&self, of: &'p CSharpType<'c>, name: &str, budget: &Budget) -> Option<String> {
        let parts = self.program.parts(of);
        let (bases, _) = self.program.bases(&parts);
        let around = of.scope();
        let outer = around.rsplit_once('.').map_or(around.as_str(), |(_, outer)| outer);
        let outer = if of.is_nested { self.program.resolve(outer, of) } else { Vec::new() };
        // `using static` brings in the constants of a type.
        let imported = of.usings.iter().filter_map(|name| name.rsplit('.').next());
        let imported = imported.flat_map(|name| self.program.named(name)).take(8);
        let all = parts.into_iter().chain(bases.into_iter().flatten()).chain(outer).chain(imported);
        for one in all {
            if let Some(value) = member::constant(one, name) {
                let place = ExpressionPlace::within(self.program, one);
                return place.eval(value, budget);
            }
        }
        None
    }

    fn interpolated(&self, node: Node<'c>, budget: &Budget) -> Option<String> {
        let mut out = String::new();
        let is_verbatim =
            text(node, self.bytes).starts_with(['@', '$']) && text(node, self.bytes)[1..].starts_with('@');
        for child in node.inner() {
            match child.kind() {
                "interpolation" => {
                    let inner = child.inner().find(|inner| inner.kind() != "interpolation_brace")?;
                    out.push_str(&self.eval(inner, budget)?);
                }
                "string_content" => out.push_str(&text(child, self.bytes).replace("{{", "{").replace("}}", "}")),
                "escape_sequence" => {
                    let escape = text(child, self.bytes);
                    match escape {
                        "{{" => out.push('{'),
                        "}}" => out.push('}'),
                        _ if is_verbatim => out.push_str(escape),
                        _ => out.push_str(escape.trim_start_matches('\\')),
                    }
                }
                _ => {}
            }
        }
        short(out)
    }
}

/// The value of a string literal of any form without holes.
pub(crate) fn quoted(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "string_literal" => literal::whole(node, bytes),
        "verbatim_string_literal" => {
            let inner = text(node, bytes).trim_start_matches('@').strip_prefix('"')?;
            Some(inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\""))
        }
        "raw_string_literal" => {
            let content = node.inner_of("raw_string_content");
            Some(content.map_or("", |content| text(content, bytes)).trim().to_owned())
        }
        _ => None,
    }
}
