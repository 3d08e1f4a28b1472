//! Expressions of a route file.

use tree_sitter::Node;

use super::machine::Machine;
use super::value::{Block, Value};
use crate::syntax::literal::text;

impl<'c> Machine<'c, '_> {
    /// The value of an expression.
    pub(super) fn eval(&mut self, node: Node<'c>) -> Value<'c> {
        let bytes = self.file.bytes();
        let unknown = || Value::Unknown(text(node, bytes).to_owned());
        if !self.spend() {
            return unknown();
        }
        self.depth += 1;
        let value = self.expression(node).unwrap_or_else(unknown);
        self.depth -= 1;
        value
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of expression")]
    fn expression(&mut self, node: Node<'c>) -> Option<Value<'c>> {
        let bytes = self.file.bytes();
        let field = |name: &str| node.child_by_field_name(name);
        Some(match node.kind() {
            "string" | "bare_string" | "heredoc_body" => Value::Text(self.string(node)?),
            "chained_string" => {
                let mut out = String::new();
                let mut cursor = node.walk();
                let parts: Vec<Node<'c>> = node.named_children(&mut cursor).collect();
                for part in parts {
                    out.push_str(&self.eval(part).text()?);
                }
                Value::Text(out)
            }
            "delimited_symbol" | "bare_symbol" => Value::Symbol(self.string(node)?),
            "simple_symbol" => Value::Symbol(text(node, bytes).trim_start_matches(':').to_owned()),
            "integer" => Value::Number(text(node, bytes).replace('_', "").parse().ok()?),
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "nil" => Value::Nil,
            "self" => Value::Mapper(Vec::new()),
            "string_array" | "symbol_array" | "array" => self.list(node),
            "hash" => {
                let mut pairs = Vec::new();
                let mut cursor = node.walk();
                let children: Vec<Node<'c>> = node.named_children(&mut cursor).collect();
                for child in children {
                    match child.kind() {
                        "pair" => pairs.push(self.pair(child)),
                        "hash_splat_argument" => {
                            if let Some(Value::Map(inner)) = child.named_child(0).map(|inner| self.eval(inner)) {
                                pairs.extend(inner);
                            }
                        }
                        _ => {}
                    }
                }
                Value::Map(pairs)
            }
            "lambda" => Value::Block(Block { file: self.file, node }),
            "constant" | "scope_resolution" => {
                let name = text(node, bytes).trim_start_matches("::");
                let own = self.constants.get(name).or_else(|| self.constants.get(name.rsplit("::").next()?)).cloned();
                own.or_else(|| self.application.constant(name)).unwrap_or_else(|| Value::Constant(name.to_owned()))
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
            "rescue" | "ensure" => Value::Nil,
            "while" | "until" | "for" => {
                self.body(field("body")?);
                Value::Nil
            }
            "assignment" | "operator_assignment" => self.assignment(node)?,
            "binary" => self.binary(node)?,
            "unary" => match (text(node.child(0)?, bytes), self.eval(field("operand")?)) {
                ("!" | "not", value) => Value::Bool(!value.truth()?),
                ("-", Value::Number(number)) => Value::Number(-number),
                _ => return None,
            },
            "range" => match (self.eval(field("begin")?), self.eval(field("end")?)) {
                (Value::Number(from), Value::Number(to)) if to >= from && to - from < 1_000 => {
                    let end = if text(field("operator")?, bytes) == "..." { to } else { to + 1 };
                    Value::List((from..end).map(Value::Number).collect())
                }
                _ => return None,
            },
            "method" | "singleton_method" => {
                let name = text(field("name")?, bytes).to_owned();
                self.methods.insert(name.clone(), Block { file: self.file, node });
                Value::Symbol(name)
            }
            _ => return None,
        })
    }

    fn list(&mut self, node: Node<'c>) -> Value<'c> {
        let mut items = Vec::new();
        let mut cursor = node.walk();
        let children: Vec<Node<'c>> = node.named_children(&mut cursor).collect();
        for child in children {
            match child.kind() {
                "comment" => {}
                "splat_argument" => match child.named_child(0).map(|inner| self.eval(inner)) {
                    Some(Value::List(inner)) => items.extend(inner),
                    Some(other) => items.push(other),
                    None => {}
                },
                "pair" => {
                    let (key, value) = self.pair(child);
                    items.push(Value::Map(vec![(key, value)]));
                }
                _ => items.push(self.eval(child)),
            }
        }
        Value::List(items)
    }

    /// A literal with its holes filled, if all of them are known.
    fn string(&mut self, node: Node<'c>) -> Option<String> {
        let bytes = self.file.bytes();
        let mut out = String::new();
        let mut cursor = node.walk();
        let children: Vec<Node<'c>> = node.children(&mut cursor).collect();
        for child in children {
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
                            Value::Nil => {}
                            other => out.push_str(&other.text()?),
                        }
                    }
                }
                _ => {}
            }
        }
        Some(out)
    }

    fn branch(&mut self, node: Node<'c>) -> Option<Value<'c>> {
        let condition = self.eval(node.child_by_field_name("condition")?).truth();
        let is_unless = node.kind().starts_with("unless");
        let holds = if is_unless { condition.map(|holds| !holds) } else { condition };
        let (then, other) = if node.kind().ends_with("_modifier") {
            (node.child_by_field_name("body"), None)
        } else {
            (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
        };
        let mut run = |part: Option<Node<'c>>| match part {
            Some(part) if matches!(part.kind(), "identifier" | "call") => self.call(part, true),
            Some(part) => self.eval(part),
            None => Value::Nil,
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
    fn case(&mut self, node: Node<'c>) -> Value<'c> {
        let subject = node.child_by_field_name("value").map(|value| self.eval(value));
        let mut cursor = node.walk();
        let children: Vec<Node<'c>> = node.named_children(&mut cursor).collect();
        for child in children {
            match child.kind() {
                "when" => {
                    let mut inner = child.walk();
                    let patterns: Vec<Node<'c>> = child.children_by_field_name("pattern", &mut inner).collect();
                    let mut fits = Some(false);
                    for pattern in patterns {
                        let value = pattern.named_child(0).map_or(Value::Nil, |inner| self.eval(inner));
                        let same = subject.as_ref().map_or_else(|| value.truth(), |subject| subject.same(&value));
                        fits = match (fits, same) {
                            (Some(true), _) | (_, Some(true)) => Some(true),
                            (Some(false), Some(false)) => Some(false),
                            _ => None,
                        };
                    }
                    if fits != Some(false)
                        && let Some(body) = child.child_by_field_name("body")
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
        Value::Unknown("a choice".to_owned())
    }

    fn assignment(&mut self, node: Node<'c>) -> Option<Value<'c>> {
        let bytes = self.file.bytes();
        let left = node.child_by_field_name("left")?;
        let right = node.child_by_field_name("right")?;
        let name = text(left, bytes).to_owned();
        let mut value = self.eval(right);
        let known = match left.kind() {
            "constant" => self.constants.get(&name).cloned(),
            _ => self.local(&name).cloned(),
        };
        match (node.child_by_field_name("operator").map(|sign| text(sign, bytes)), known) {
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

    fn binary(&mut self, node: Node<'c>) -> Option<Value<'c>> {
        let bytes = self.file.bytes();
        let operator = text(node.child_by_field_name("operator")?, bytes);
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        let left = self.eval(left);
        Some(match operator {
            "||" | "or" => match left.truth() {
                Some(true) => left,
                Some(false) => self.eval(right),
                // What is not set gives way to its default.
                None => match (&left, self.eval(right)) {
                    (Value::Unset(_), right) => right,
                    (_, right @ Value::Bool(true)) => right,
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
                (Value::List(all), Value::List(without)) => {
                    let keeps = |item: &&Value<'_>| !without.iter().any(|other| other.same(item) == Some(true));
                    Value::List(all.iter().filter(keeps).cloned().collect())
                }
                _ => return None,
            },
            "|" => sum(&left, &self.eval(right))?,
            "/" => match (left.text(), self.eval(right).text()) {
                (Some(folder), Some(name)) => Value::Text(format!("{folder}/{name}")),
                _ => return None,
            },
            "<<" => {
                let sum = sum(&left, &Value::List(vec![self.eval(right)]))?;
                if let Some(name) = node.child_by_field_name("left").filter(|left| left.kind() == "identifier") {
                    self.set(text(name, bytes), sum.clone());
                }
                sum
            }
            "==" => Value::Bool(left.same(&self.eval(right))?),
            "!=" => Value::Bool(!left.same(&self.eval(right))?),
            _ => return None,
        })
    }

    /// `ENV['X']`, `HASH[:key]`, `LIST[0]`.
    fn element(&mut self, node: Node<'c>) -> Option<Value<'c>> {
        let bytes = self.file.bytes();
        let object = node.child_by_field_name("object")?;
        let index = node.named_child(1).map(|index| self.eval(index))?;
        if text(object, bytes) == "ENV" {
            return Some(Value::Unset(index.text()?));
        }
        if text(object, bytes) == "Dir" {
            return self.glob(&index.text()?);
        }
        match (self.eval(object), index) {
            (Value::Map(pairs), index) => {
                pairs.into_iter().find(|(key, _)| key.same(&index) == Some(true)).map(|(_, value)| value)
            }
            (Value::List(items), Value::Number(at)) => usize::try_from(at).ok().and_then(|at| items.get(at).cloned()),
            _ => None,
        }
    }
}

fn sum<'c>(left: &Value<'c>, right: &Value<'c>) -> Option<Value<'c>> {
    match (left, right) {
        (Value::List(left), Value::List(right)) => Some(Value::List([left.clone(), right.clone()].concat())),
        (Value::Number(left), Value::Number(right)) => Some(Value::Number(left.checked_add(*right)?)),
        (Value::Text(left), Value::Text(right)) => Some(Value::Text(format!("{left}{right}"))),
        _ => None,
    }
}
