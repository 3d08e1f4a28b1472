//! Expressions.

use std::cmp::Ordering;
use std::rc::Rc;

use tree_sitter::Node;

use super::machine::{Host, PhpFrame, PhpMachine};
use super::text::whole;
use super::value::{PhpClosure, PhpValue};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

impl<'c, H: Host<'c>> PhpMachine<'c, H> {
    /// The value of an expression.
    pub(crate) fn evaluate(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        if !self.budget.enter() {
            return PhpValue::unknown("the program is too large to follow");
        }
        let value = self.expression(frame, node);
        self.budget.leave();
        value
    }

    fn expression(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let bytes = frame.file.bytes();
        match node.kind() {
            "string" | "nowdoc" => whole(node, bytes).map_or_else(|| self.computed(frame, node), PhpValue::text),
            "encapsed_string" | "heredoc" => self.interpolated(frame, node),
            "integer" => {
                text(node, bytes).replace('_', "").parse().map_or_else(|_| self.computed(frame, node), PhpValue::Int)
            }
            "boolean" => PhpValue::Bool(text(node, bytes).eq_ignore_ascii_case("true")),
            "null" => PhpValue::Null,
            "variable_name" => self.variable(frame, node),
            "array_creation_expression" => self.array(frame, node),
            "anonymous_function" | "arrow_function" => PhpValue::Closure(Rc::new(PhpClosure {
                file: frame.file,
                node,
                unit: frame.unit.clone(),
                variables: frame.variables.clone(),
                this: frame.this.clone(),
                class: frame.class.clone(),
            })),
            "name" | "qualified_name" => self.constant(frame, node),
            "class_constant_access_expression" => self.class_constant(frame, node),
            "function_call_expression" => self.function_call(frame, node),
            "scoped_call_expression" => self.static_call(frame, node),
            "member_call_expression" | "nullsafe_member_call_expression" => self.method_call(frame, node),
            "object_creation_expression" => self.creation(frame, node),
            "assignment_expression" | "reference_assignment_expression" | "augmented_assignment_expression" => {
                self.assignment(frame, node)
            }
            "member_access_expression" | "nullsafe_member_access_expression" => self.property(frame, node),
            "scoped_property_access_expression" => self.static_property(frame, node),
            "subscript_expression" => self.subscript(frame, node),
            "binary_expression" => self.binary(frame, node),
            "conditional_expression" | "match_expression" => self.conditional(frame, node),
            "unary_op_expression" => self.unary(frame, node),
            "require_expression" | "require_once_expression" | "include_expression" | "include_once_expression" => {
                self.required(frame, node)
            }
            "cast_expression" => self.field(frame, node, "value"),
            "parenthesized_expression" | "error_suppression_expression" | "clone_expression" => {
                match node.named_child(0) {
                    Some(inner) => self.evaluate(frame, inner),
                    None => PhpValue::Null,
                }
            }
            _ => self.computed(frame, node),
        }
    }

    /// The value of an expression that is a field of a node.
    pub(super) fn field(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>, name: &str) -> PhpValue<'c> {
        match node.field(name) {
            Some(inner) => self.evaluate(frame, inner),
            None => PhpValue::Null,
        }
    }

    /// What is not followed, in the words of the program.
    pub(super) fn computed(&self, frame: &PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let shown: String = text(node, frame.file.bytes()).chars().take(60).collect();
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        PhpValue::unknown(format!("`{shown}` is computed"))
    }

    fn variable(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let name = text(node, frame.file.bytes()).trim_start_matches('$');
        if name == "this" {
            return frame.this.clone().unwrap_or_else(|| PhpValue::unknown("`$this` is not known"));
        }
        frame.variables.get(name).cloned().unwrap_or_else(|| PhpValue::unknown(format!("`${name}` is computed")))
    }

    fn array(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let mut out = PhpValue::List(Rc::new(Vec::new()));
        let mut plain = Vec::new();
        // Lists without keys are the common case and grow without a search for an equal key.
        let elements: Vec<Node<'c>> =
            node.inner().filter(|child| child.kind() == "array_element_initializer").collect();
        let is_plain = elements.iter().all(|element| {
            element.named_child_count() == 1
                && element.named_child(0).is_some_and(|one| one.kind() != "variadic_unpacking")
        });
        for element in elements {
            let Some(first) = element.named_child(0) else { continue };
            if is_plain {
                let value = self.evaluate(frame, first);
                plain.push(value);
            } else if first.kind() == "variadic_unpacking" {
                let spread = first.named_child(0).map_or(PhpValue::Null, |inner| self.evaluate(frame, inner));
                for (key, value) in spread.entries() {
                    out = out.with_entry(matches!(key, PhpValue::Text(_)).then(|| key.clone()), value.clone());
                }
            } else if let Some(second) = element.named_child(1) {
                let key = self.evaluate(frame, first);
                let value = self.evaluate(frame, second);
                out = out.with_entry(Some(key), value);
            } else {
                let value = self.evaluate(frame, first);
                out = out.with_entry(None, value);
            }
        }
        if is_plain { PhpValue::list(plain) } else { out }
    }

    fn constant(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        match text(node, frame.file.bytes()).trim_start_matches('\\') {
            "__DIR__" => PhpValue::text(format!("/{}", frame.file.folder())),
            "__FILE__" => PhpValue::text(format!("/{}", frame.file.path)),
            "__CLASS__" => frame.class.as_ref().map_or(PhpValue::Null, |class| PhpValue::text(&class.name)),
            "DIRECTORY_SEPARATOR" => PhpValue::text("/"),
            _ => self.computed(frame, node),
        }
    }

    fn subscript(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let Some(holder) = node.named_child(0) else { return PhpValue::Null };
        let holder = self.evaluate(frame, holder);
        let key = node.named_child(1).map(|key| self.evaluate(frame, key));
        match (&holder, key.as_ref().map(PhpValue::to_text)) {
            (PhpValue::List(_), Some(Ok(key))) => holder.get(&key).cloned().unwrap_or(PhpValue::Null),
            (PhpValue::Native(_), Some(Ok(key))) => self.service(&key).unwrap_or_else(|| self.computed(frame, node)),
            (PhpValue::Unknown(_), _) => holder,
            _ => self.computed(frame, node),
        }
    }

    fn binary(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let bytes = frame.file.bytes();
        let operator = node.field_text("operator", bytes);
        let left = self.field(frame, node, "left");
        match operator {
            "??" => {
                return if matches!(left, PhpValue::Null) { self.field(frame, node, "right") } else { left };
            }
            "&&" | "and" if left.truth() == Some(false) => return PhpValue::Bool(false),
            "||" | "or" if left.truth() == Some(true) => return PhpValue::Bool(true),
            _ => {}
        }
        let right = self.field(frame, node, "right");
        let both = || left.truth().zip(right.truth());
        match operator {
            "." => match (left.to_text(), right.to_text()) {
                (Ok(left), Ok(right)) => PhpValue::text(format!("{left}{right}")),
                (Err(reason), _) | (_, Err(reason)) => PhpValue::Unknown(reason),
            },
            "&&" | "and" if both().is_some() => PhpValue::Bool(right.truth() == Some(true)),
            "||" | "or" if both().is_some() => PhpValue::Bool(right.truth() == Some(true)),
            "===" | "==" | "!==" | "!=" | "<>" => match same(&left, &right) {
                Some(equal) => PhpValue::Bool(equal == operator.starts_with('=')),
                None => self.computed(frame, node),
            },
            "<" | ">" | "<=" | ">=" => match (&left, &right) {
                (PhpValue::Int(left), PhpValue::Int(right)) => PhpValue::Bool(match left.cmp(right) {
                    Ordering::Less => operator.starts_with('<'),
                    Ordering::Equal => operator.ends_with('='),
                    Ordering::Greater => operator.starts_with('>'),
                }),
                _ => self.computed(frame, node),
            },
            "+" => match (&left, &right) {
                (PhpValue::Int(left), PhpValue::Int(right)) => PhpValue::Int(left.saturating_add(*right)),
                (PhpValue::List(_), PhpValue::List(more)) => more.iter().fold(left.clone(), |sum, (key, value)| {
                    let is_there = key.to_text().is_ok_and(|key| sum.get(&key).is_some());
                    if is_there { sum } else { sum.with_entry(Some(key.clone()), value.clone()) }
                }),
                _ => self.computed(frame, node),
            },
            _ => self.computed(frame, node),
        }
    }

    fn conditional(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        if node.kind() == "match_expression" {
            return self.matched(frame, node);
        }
        let condition = self.field(frame, node, "condition");
        match condition.truth() {
            Some(true) => match node.field("body") {
                Some(body) => self.evaluate(frame, body),
                None => condition,
            },
            Some(false) => self.field(frame, node, "alternative"),
            None => {
                let then = node.field("body").map(|body| self.evaluate(frame, body));
                let otherwise = self.field(frame, node, "alternative");
                match then {
                    Some(then) if same(&then, &otherwise) == Some(true) => then,
                    _ => self.computed(frame, node),
                }
            }
        }
    }

    fn matched(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let subject = self.field(frame, node, "condition");
        let Some(body) = node.field("body") else { return self.computed(frame, node) };
        for arm in body.inner() {
            if arm.kind() == "match_default_expression" {
                return self.field(frame, arm, "return_expression");
            }
            let Some(conditions) = arm.field("conditional_expressions") else { continue };
            for condition in conditions.inner() {
                let condition = self.evaluate(frame, condition);
                match same(&subject, &condition) {
                    Some(true) => return self.field(frame, arm, "return_expression"),
                    Some(false) => {}
                    None => return self.computed(frame, node),
                }
            }
        }
        self.computed(frame, node)
    }

    fn unary(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let operator = node.child(0).map_or("", |operator| text(operator, frame.file.bytes()));
        let inner = node.field("argument").or_else(|| node.named_child(0));
        let value = inner.map_or(PhpValue::Null, |inner| self.evaluate(frame, inner));
        match (operator, value.truth(), &value) {
            ("!", Some(truth), _) => PhpValue::Bool(!truth),
            ("-", _, PhpValue::Int(number)) => PhpValue::Int(number.saturating_neg()),
            _ => self.computed(frame, node),
        }
    }

    fn required(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let path = node.named_child(0).map_or(PhpValue::Null, |path| self.evaluate(frame, path));
        let Some(path) = path.as_text() else { return self.computed(frame, node) };
        let rows = (node.start_byte(), node.end_byte());
        let from = frame.file.lines(frame.file.line_at(rows.0), frame.file.line_at(rows.1.saturating_sub(1)));
        let Some(file) = self.place(frame, path) else { return self.computed(frame, node) };
        if node.kind().ends_with("once_expression") && self.ran.contains(file.path.as_str()) {
            return PhpValue::Bool(true);
        }
        H::entered(self, &from);
        let value = self.include(frame, file);
        H::left(self);
        value
    }
}

/// Whether two values are equal, where that can be told.
pub(super) fn same(left: &PhpValue<'_>, right: &PhpValue<'_>) -> Option<bool> {
    match (left, right) {
        (PhpValue::Unknown(_), _) | (_, PhpValue::Unknown(_)) => None,
        (PhpValue::Text(left), PhpValue::Text(right)) => Some(left == right),
        (PhpValue::Int(left), PhpValue::Int(right)) => Some(left == right),
        (PhpValue::Bool(left), PhpValue::Bool(right)) => Some(left == right),
        (PhpValue::Null, PhpValue::Null) => Some(true),
        (PhpValue::Null, PhpValue::Text(_) | PhpValue::List(_))
        | (PhpValue::Text(_) | PhpValue::List(_), PhpValue::Null) => Some(false),
        _ => None,
    }
}
