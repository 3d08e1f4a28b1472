//! Expressions of a route file.

use crate::budget::{MAX_ITEMS, MAX_TEXT_BYTES, short};
use crate::syntax::node::NodeExt as _;
use tree_sitter::Node;

use super::machine::RouteMachine;
use super::value::{RubyBlock, RubyValue};
use crate::syntax::literal::text;

impl<'c> RouteMachine<'c, '_> {
    /// The value of an expression.
    pub(super) fn eval(&mut self, node: Node<'c>) -> RubyValue<'c> {
        let bytes = self.file.bytes();
        let unknown = || RubyValue::Unknown(text(node, bytes).to_owned());
        if !self.spend() {
            return unknown();
        }
        self.depth += 1;
        let value = self.expression(node).unwrap_or_else(unknown);
        self.depth -= 1;
        value
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    fn expression(&mut self, node: Node<'c>) -> Option<RubyValue<'c>> {
        let bytes = self.file.bytes();
        let field = |name: &str| node.field(name);
        Some(match node.kind() {
            "string" | "bare_string" | "heredoc_body" => RubyValue::Text(self.string(node)?),
            "chained_string" => {
                let mut out = String::new();
                for part in node.inner() {
                    out.push_str(&self.eval(part).text()?);
                }
                RubyValue::Text(out)
            }
            "delimited_symbol" | "bare_symbol" => RubyValue::Symbol(self.string(node)?),
            "simple_symbol" => RubyValue::Symbol(text(node, bytes).trim_start_matches(':').to_owned()),
            "integer" => RubyValue::Number(text(node, bytes).replace('_', "").parse().ok()?),
            "true" => RubyValue::Bool(true),
            "false" => RubyValue::Bool(false),
            "nil" => RubyValue::Nil,
            "self" => RubyValue::Mapper(Vec::new()),
            "string_array" | "symbol_array" | "array" => self.list(node),
            "hash" => {
                let mut pairs = Vec::new();
                for child in node.inner() {
                    match child.kind() {
                        "pair" => pairs.push(self.pair(child)),
                        "hash_splat_argument" => {
                            if let Some(RubyValue::Map(inner)) = child.named_child(0).map(|inner| self.eval(inner)) {
                                pairs.extend(inner);
                            }
                        }
                        _ => {}
                    }
                }
                RubyValue::Map(pairs)
            }
            "lambda" => RubyValue::Block(RubyBlock { file: self.file, node }),
            "constant" | "scope_resolution" => {
                let name = text(node, bytes).trim_start_matches("::");
                let own = self.constants.get(name).or_else(|| self.constants.get(name.rsplit("::").next()?)).cloned();
                own.unwrap_or_else(|| RubyValue::Constant(name.to_owned()))
            }
            "identifier" | "call" => self.call(node, false),
            "element_reference" => self.element(node)?,
            "parenthesized_statements"
            | "begin"
            | "then"
            | "else"
            | "body_statement"
            | "do"
            | "class"
            | "module"
            | "begin_block"
            | "block_body" => match field("body").filter(|_| matches!(node.kind(), "class" | "module")) {
                Some(body) => self.body(body),
                None => self.body(node),
            },
            "if" | "unless" | "elsif" | "conditional" | "if_modifier" | "unless_modifier" => self.branch(node)?,
            "case" => self.case(node),
            "rescue_modifier" => self.body(field("body")?),
            "rescue" | "ensure" => RubyValue::Nil,
            "while" | "until" | "for" => {
                self.body(field("body")?);
                RubyValue::Nil
            }
            "assignment" | "operator_assignment" => self.assignment(node)?,
            "binary" => self.binary(node)?,
            "unary" => match (text(node.child(0)?, bytes), self.eval(field("operand")?)) {
                ("!" | "not", value) => RubyValue::Bool(!value.truth()?),
                ("-", RubyValue::Number(number)) => RubyValue::Number(-number),
                _ => return None,
            },
            "range" => match (self.eval(field("begin")?), self.eval(field("end")?)) {
                (RubyValue::Number(from), RubyValue::Number(to)) if to >= from && to - from < 1_000 => {
                    let end = if text(field("operator")?, bytes) == "..." { to } else { to + 1 };
                    RubyValue::List((from..end).map(RubyValue::Number).collect())
                }
                _ => return None,
            },
            "method" | "singleton_method" => {
                let name = text(field("name")?, bytes).to_owned();
                self.methods.insert(name.clone(), RubyBlock { file: self.file, node });
                RubyValue::Symbol(name)
            }
            _ => return None,
        })
    }

    fn list(&mut self, node: Node<'c>) -> RubyValue<'c> {
        let mut items = Vec::new();
        for child in node.inner() {
            match child.kind() {
                "comment" => {}
                "splat_argument" => match child.named_child(0).map(|inner| self.eval(inner)) {
                    Some(RubyValue::List(inner)) => items.extend(inner),
                    Some(other) => items.push(other),
                    None => {}
                },
                "pair" => {
                    let (key, value) = self.pair(child);
                    items.push(RubyValue::Map(vec![(key, value)]));
                }
                _ => items.push(self.eval(child)),
            }
        }
        RubyValue::List(items)
    }

    /// A literal with its holes filled, if all of them are known.
    fn string(&mut self, node: Node<'c>) -> Option<String> {
        let bytes = self.file.bytes();
        let mut out = String::new();
        let mut cursor = node.walk();
        for child in node.children(&mut cursor) {
            match child.kind() {
                "string_content" => out.push_str(text(child, bytes)),
                "escape_sequence" => match text(child, bytes) {
                    "\\n" => out.push('\n'),
                    "\\t" => out.push('\t'),
                    other => out.push_str(other.trim_start_matches('\\')),
                },
                "interpolation" => {
                    if let Some(inner) = child.named_child(0) {
                        let value = self.eval(inner);
                        match value {
                            RubyValue::Nil => {}
                            other => out.push_str(&other.text()?),
                        }
                    }
                }
                _ => {}
            }
        }
        short(out)
    }

    fn branch(&mut self, node: Node<'c>) -> Option<RubyValue<'c>> {
        let condition = self.eval(node.field("condition")?).truth();
        let is_unless = node.kind().starts_with("unless");
        let holds = if is_unless { condition.map(|holds| !holds) } else { condition };
        let (then, other) = if node.kind().ends_with("_modifier") {
            (node.field("body"), None)
        } else {
            (node.field("consequence"), node.field("alternative"))
        };
        let mut run = |part: Option<Node<'c>>| match part {
            Some(part) if matches!(part.kind(), "identifier" | "call") => self.call(part, true),
            Some(part) => self.eval(part),
            None => RubyValue::Nil,
        };
        match holds {
            Some(true) => Some(run(then)),
            Some(false) => Some(run(other)),
            None => {
                let (one, two) = (run(then), run(other));
                if one.same(&two) == Some(true) { Some(one) } else { None }
            }
        }
    }

    /// Every branch that may be taken.
    fn case(&mut self, node: Node<'c>) -> RubyValue<'c> {
        let subject = node.field("value").map(|value| self.eval(value));
        for child in node.inner() {
            match child.kind() {
                "when" => {
                    let mut inner = child.walk();
                    let patterns: Vec<Node<'c>> = child.children_by_field_name("pattern", &mut inner).collect();
                    let mut fits = Some(false);
                    for pattern in patterns {
                        let value = pattern.named_child(0).map_or(RubyValue::Nil, |inner| self.eval(inner));
                        let same = subject.as_ref().map_or_else(|| value.truth(), |subject| subject.same(&value));
                        fits = match (fits, same) {
                            (Some(true), _) | (_, Some(true)) => Some(true),
                            (Some(false), Some(false)) => Some(false),
                            _ => None,
                        };
                    }
                    if fits != Some(false)
                        && let Some(body) = child.field("body")
                    {
                        let value = self.body(body);
                        if fits == Some(true) {
                            return value;
                        }
                    }
                }
                "else" => drop(self.body(child)),
                _ => {}
            }
        }
        RubyValue::Unknown("a choice".to_owned())
    }

    fn assignment(&mut self, node: Node<'c>) -> Option<RubyValue<'c>> {
        let bytes = self.file.bytes();
        let left = node.field("left")?;
        let right = node.field("right")?;
        let name = text(left, bytes).to_owned();
        let mut value = self.eval(right);
        let known = match left.kind() {
            "constant" => self.constants.get(&name).cloned(),
            _ => self.local(&name).cloned(),
        };
        match (node.field("operator").map(|sign| text(sign, bytes)), known) {
            (Some("||="), Some(known)) if known.truth() != Some(false) => value = known,
            (Some("+="), Some(known)) => value = sum(&known, &value)?,
            _ => {}
        }
        match left.kind() {
            "constant" => {
                self.constant_sites.insert(name.clone(), self.whole_site(node));
                self.constants.insert(name, value.clone());
            }
            "identifier" | "instance_variable" | "global_variable" => self.set(&name, value.clone()),
            _ => {}
        }
        Some(value)
    }

    fn binary(&mut self, node: Node<'c>) -> Option<RubyValue<'c>> {
        let bytes = self.file.bytes();
        let operator = text(node.field("operator")?, bytes);
        let (left, right) = (node.field("left")?, node.field("right")?);
        let left = self.eval(left);
        Some(match operator {
            "||" | "or" => match left.truth() {
                Some(true) => left,
                Some(false) => self.eval(right),
                // What is not set gives way to its default.
                None => match (&left, self.eval(right)) {
                    (RubyValue::Unset(_), right) => right,
                    (_, right @ RubyValue::Bool(true)) => right,
                    _ => return None,
                },
            },
            "&&" | "and" => match (left.truth(), self.eval(right)) {
                (Some(true), right) => right,
                (Some(false), _) => left,
                (None, right) if right.truth() == Some(false) => right,
                _ => return None,
            },
            "+" => sum(&left, &self.eval(right))?,
            "-" => match (&left, self.eval(right)) {
                (RubyValue::List(all), RubyValue::List(without)) => {
                    let keeps = |item: &&RubyValue<'_>| !without.iter().any(|other| other.same(item) == Some(true));
                    RubyValue::List(all.iter().filter(keeps).cloned().collect())
                }
                _ => return None,
            },
            "|" => sum(&left, &self.eval(right))?,
            "/" => match (left.text(), self.eval(right).text()) {
                (Some(folder), Some(name)) => RubyValue::Text(format!("{folder}/{name}")),
                _ => return None,
            },
            "<<" => {
                let sum = sum(&left, &RubyValue::List(vec![self.eval(right)]))?;
                if let Some(name) = node.field("left").filter(|left| left.kind() == "identifier") {
                    self.set(text(name, bytes), sum.clone());
                }
                sum
            }
            "==" => RubyValue::Bool(left.same(&self.eval(right))?),
            "!=" => RubyValue::Bool(!left.same(&self.eval(right))?),
            _ => return None,
        })
    }

    /// `ENV['X']`, `HASH[:key]`, `LIST[0]`.
    fn element(&mut self, node: Node<'c>) -> Option<RubyValue<'c>> {
        let bytes = self.file.bytes();
        let object = node.field("object")?;
        let index = node.named_child(1).map(|index| self.eval(index))?;
        if text(object, bytes) == "ENV" {
            return Some(RubyValue::Unset(index.text()?));
        }
        if text(object, bytes) == "Dir" {
            return self.glob(&index.text()?);
        }
        match (self.eval(object), index) {
            (RubyValue::Map(pairs), index) => {
                pairs.into_iter().find(|(key, _)| key.same(&index) == Some(true)).map(|(_, value)| value)
            }
            (RubyValue::List(items), RubyValue::Number(at)) => {
                usize::try_from(at).ok().and_then(|at| items.get(at).cloned())
            }
            _ => None,
        }
    }
}

fn sum<'c>(left: &RubyValue<'c>, right: &RubyValue<'c>) -> Option<RubyValue<'c>> {
    match (left, right) {
        (RubyValue::List(left), RubyValue::List(right)) => {
            (left.len() + right.len() <= MAX_ITEMS).then(|| RubyValue::List([left.clone(), right.clone()].concat()))
        }
        (RubyValue::Number(left), RubyValue::Number(right)) => Some(RubyValue::Number(left.checked_add(*right)?)),
        (RubyValue::Text(left), RubyValue::Text(right)) => {
            (left.len() + right.len() <= MAX_TEXT_BYTES).then(|| RubyValue::Text(format!("{left}{right}")))
        }
        _ => None,
    }
}
