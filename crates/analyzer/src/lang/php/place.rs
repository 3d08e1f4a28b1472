//! Places that hold values: variables, properties, entries of lists; and files by their path.

use std::rc::Rc;

use tree_sitter::Node;

use super::machine::{Host, PhpFrame, PhpMachine};
use super::value::PhpValue;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::{PathClass, SourceFile};
use crate::tree::path::normalise;

impl<'c, H: Host<'c>> PhpMachine<'c, H> {
    /// An application file by a path of the program: absolute from the root of the tree, or from the file that asks.
    pub(crate) fn place(&self, frame: &PhpFrame<'c>, path: &str) -> Option<&'c SourceFile> {
        let own = |path: String| self.corpus.file(&path).filter(|file| file.class == PathClass::Application);
        if path.starts_with('/') {
            return own(normalise(path));
        }
        own(normalise(&format!("{}/{path}", frame.file.folder()))).or_else(|| own(self.project.path(path)))
    }

    pub(super) fn assignment(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let bytes = frame.file.bytes();
        let value = self.field(frame, node, "right");
        let Some(left) = node.field("left") else { return value };
        let operator = node.field("operator").map_or("=", |operator| text(operator, bytes));
        let value = match operator {
            "=" => value,
            ".=" => {
                let before = self.evaluate(frame, left);
                match (before.to_text(), value.to_text()) {
                    (Ok(before), Ok(after)) => PhpValue::text(format!("{before}{after}")),
                    (Err(reason), _) | (_, Err(reason)) => PhpValue::Unknown(reason),
                }
            }
            "??=" => match self.evaluate(frame, left) {
                PhpValue::Null | PhpValue::Unknown(_) => value,
                before => before,
            },
            _ => self.computed(frame, node),
        };
        self.assign(frame, left, value.clone());
        value
    }

    /// Put a value into a place.
    pub(super) fn assign(&mut self, frame: &mut PhpFrame<'c>, place: Node<'c>, value: PhpValue<'c>) {
        let bytes = frame.file.bytes();
        match place.kind() {
            "variable_name" => {
                frame.variables.insert(Rc::from(text(place, bytes).trim_start_matches('$')), value);
            }
            "by_ref" => {
                if let Some(inner) = place.named_child(0) {
                    self.assign(frame, inner, value);
                }
            }
            "member_access_expression" => {
                let Some(object) = place.field("object") else { return };
                let name = place.field_text("name", bytes);
                if let PhpValue::Object(object) = self.evaluate(frame, object) {
                    object.properties.borrow_mut().insert(Rc::from(name), value);
                }
            }
            "subscript_expression" => {
                let Some(holder) = place.named_child(0) else { return };
                let key = place.named_child(1).map(|key| self.evaluate(frame, key));
                let before = match self.evaluate(frame, holder) {
                    PhpValue::Unknown(_) if holder.kind() == "variable_name" => PhpValue::Null,
                    before => before,
                };
                self.assign(frame, holder, before.with_entry(key, value));
            }
            "list_literal" | "array_creation_expression" => {
                let targets: Vec<Node<'c>> = place.inner().collect();
                for (at, target) in targets.into_iter().enumerate() {
                    let target =
                        if target.kind() == "array_element_initializer" { target.named_child(0) } else { Some(target) };
                    let part = value.get(&at.to_string()).cloned();
                    if let Some(target) = target {
                        let part = part.unwrap_or_else(|| self.computed(frame, place));
                        self.assign(frame, target, part);
                    }
                }
            }
            _ => {}
        }
    }

    /// `$object->name`
    pub(super) fn property(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let bytes = frame.file.bytes();
        let object = self.field(frame, node, "object");
        let name = node.field_text("name", bytes);
        match &object {
            PhpValue::Object(object) => {
                let set = object.properties.borrow().get(name).cloned();
                let class = object.class.clone();
                set.or_else(|| self.default_of(&class, name))
                    .or_else(|| self.service(name))
                    .unwrap_or_else(|| self.computed(frame, node))
            }
            PhpValue::Native(native) => native
                .fields
                .get(name)
                .cloned()
                .or_else(|| self.service(name))
                .unwrap_or_else(|| self.computed(frame, node)),
            // The value of an enum's case stands for the case.
            PhpValue::Text(_) | PhpValue::Int(_) if name == "value" => object,
            _ => self.computed(frame, node),
        }
    }

    /// `Name::$name`
    pub(super) fn static_property(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let name = node.field_text("name", frame.file.bytes());
        let class = node.field("scope").and_then(|scope| self.class_name(frame, scope));
        let own = frame.class.clone().filter(|own| Some(&own.name) == class.as_ref());
        let class = own.or_else(|| class.and_then(|class| self.class(&class)));
        let value = class.and_then(|class| self.default_of(&class, name.trim_start_matches('$')));
        value.unwrap_or_else(|| self.computed(frame, node))
    }

    /// What the container holds under a name that every framework of this family uses.
    pub(super) fn service(&self, name: &str) -> Option<PhpValue<'c>> {
        match name {
            "router" => Some(PhpValue::native("router", 0)),
            "app" | "laravel" => Some(PhpValue::native("app", 0)),
            _ => None,
        }
    }
}
