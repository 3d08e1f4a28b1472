//! What a class says of itself: its name, its constants and cases, the defaults of its properties.

use std::rc::Rc;

use tree_sitter::Node;

use super::machine::{Host, PhpFrame, PhpMachine};
use super::unit::PhpClass;
use super::value::PhpValue;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

impl<'c, H: Host<'c>> PhpMachine<'c, H> {
    /// The full name of a class as a node writes it; `self`, `static`, `parent` from the frame.
    pub(crate) fn class_name(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> Option<String> {
        let written = text(node, frame.file.bytes());
        match (node.kind(), written) {
            ("relative_scope" | "name", "self") => frame.class.as_ref().map(|class| class.name.clone()),
            ("relative_scope" | "name", "static") => match &frame.this {
                Some(PhpValue::Object(object)) => Some(object.class.name.clone()),
                _ => frame.class.as_ref().map(|class| class.name.clone()),
            },
            ("relative_scope" | "name", "parent") => frame.class.as_ref().and_then(|class| class.parent.clone()),
            ("name" | "qualified_name", _) => Some(frame.unit.resolve(written)),
            _ => match self.evaluate(frame, node) {
                PhpValue::Text(name) => Some(name.trim_start_matches('\\').to_owned()),
                PhpValue::Object(object) => Some(object.class.name.clone()),
                _ => None,
            },
        }
    }

    pub(super) fn class_constant(&mut self, frame: &mut PhpFrame<'c>, node: Node<'c>) -> PhpValue<'c> {
        let (Some(scope), Some(name)) = (node.named_child(0), node.named_child(1)) else {
            return self.computed(frame, node);
        };
        let Some(class) = self.class_name(frame, scope) else { return self.computed(frame, node) };
        let constant = text(name, frame.file.bytes());
        if constant == "class" {
            return PhpValue::text(class);
        }
        let own = frame.class.clone().filter(|own| own.name == class);
        let Some(class) = own.or_else(|| self.class(&class)) else { return self.computed(frame, node) };
        for class in self.lineage(&class) {
            if let Some(value) = class.constant(constant) {
                let mut inner = self.inside(&class, None);
                return self.evaluate(&mut inner, value);
            }
            if let Some(case) = enum_case(&class, constant) {
                // The value of a case is asked for by `->value`.
                let mut inner = self.inside(&class, None);
                return self.field(&mut inner, case, "value");
            }
        }
        self.computed(frame, node)
    }

    /// A frame inside a class.
    pub(crate) fn inside(&mut self, class: &Rc<PhpClass<'c>>, this: Option<PhpValue<'c>>) -> PhpFrame<'c> {
        let mut frame = self.frame(class.file);
        frame.class = Some(class.clone());
        frame.this = this;
        frame
    }

    /// The default of a property, from the nearest class that declares it.
    pub(crate) fn default_of(&mut self, class: &Rc<PhpClass<'c>>, name: &str) -> Option<PhpValue<'c>> {
        for class in self.lineage(class) {
            if let Some(default) = class.property(name) {
                let mut inner = self.inside(&class, None);
                return Some(self.evaluate(&mut inner, default));
            }
        }
        None
    }
}

fn enum_case<'c>(class: &Rc<PhpClass<'c>>, name: &str) -> Option<Node<'c>> {
    let bytes = class.file.bytes();
    class.members("enum_case").find(|case| case.field_is("name", name, bytes))
}
