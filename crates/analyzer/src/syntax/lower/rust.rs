//! What is Rust's own: patterns, `use` trees and `impl` blocks.

use tree_sitter::Node;

use super::{Lowering, first_child, named_children, rc};
use crate::syntax::program::{Class, Import, Kind, Target};
use crate::syntax::query::Role;

impl<'t> Lowering<'t> {
    pub(super) fn rust_target(&mut self, node: Node<'t>) -> Target {
        match node.kind() {
            "identifier" | "self" => Target::Name(rc(self.text(node))),
            "mut_pattern" | "ref_pattern" | "reference_pattern" | "parameter" => {
                let inner = named_children(node).into_iter().find(|child| child.kind() != "mutable_specifier");
                match node.child_by_field_name("pattern").or(inner) {
                    Some(inner) => self.rust_target(inner),
                    None => Target::Nothing,
                }
            }
            "tuple_pattern" => {
                let children = named_children(node);
                Target::Items(children.into_iter().map(|child| self.rust_target(child)).collect())
            }
            _ => Target::Nothing,
        }
    }

    pub(super) fn rust_import(&mut self, role: &Role<'t>) -> Kind {
        let mut imports = Vec::new();
        if let Some(tree) = role.part("inner") {
            self.use_tree(tree, "", &mut imports);
        }
        let Some(tree) = role.part("inner") else { return Kind::Null };
        let ids = imports.into_iter().map(|import| self.add(tree, Kind::Import(import))).collect();
        Kind::Block(ids)
    }

    /// `Name { field: value }`
    pub(super) fn rust_instance(&mut self, node: Node<'t>, role: &Role<'t>) -> Kind {
        let (Some(name), Some(body)) = (role.part("name"), role.part("body")) else { return Kind::Null };
        let name = self.text(name).split('<').next().unwrap_or_default().trim_end_matches("::");
        let of = self.add(node, Kind::Name(name.into()));
        Kind::Instance { of, fields: self.entries(body) }
    }

    /// `match value { Kind::A => …, Kind::B | Kind::C => … }`
    pub(super) fn rust_match(&mut self, node: Node<'t>, role: &Role<'t>) -> Kind {
        let (Some(value), Some(body)) = (role.part("value"), role.part("body")) else { return Kind::Null };
        let on = self.node(value);
        let mut arms = Vec::new();
        for arm in named_children(body).into_iter().filter(|arm| arm.kind() == "match_arm") {
            let (Some(pattern), Some(value)) = (arm.child_by_field_name("pattern"), arm.child_by_field_name("value"))
            else {
                continue;
            };
            let words = self.text(pattern).split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            let names = words.filter(|word| !word.is_empty()).map(rc).collect();
            arms.push((names, self.node(value)));
        }
        let all = std::iter::once(on).chain(arms.iter().map(|(_, value)| *value)).collect();
        let undecided = self.add(node, Kind::Branch(all));
        Kind::Match { on, arms, undecided }
    }

    fn use_tree(&mut self, node: Node<'t>, prefix: &str, out: &mut Vec<Import>) {
        let joined = |tail: &str| {
            if prefix.is_empty() { tail.to_owned() } else { format!("{prefix}::{tail}") }
        };
        match node.kind() {
            "use_list" => {
                for child in named_children(node) {
                    self.use_tree(child, prefix, out);
                }
            }
            "scoped_use_list" => {
                let path = node.child_by_field_name("path").map(|path| joined(self.text(path)));
                if let Some(list) = node.child_by_field_name("list") {
                    self.use_tree(list, path.as_deref().unwrap_or(prefix), out);
                }
            }
            "use_wildcard" => {
                let path = first_child(node).map(|path| joined(self.text(path)));
                out.push(Import { from: rc(path.unwrap_or_else(|| prefix.to_owned())), names: Vec::new(), all: true });
            }
            "use_as_clause" => {
                let path = node.child_by_field_name("path").map(|path| joined(self.text(path)));
                let alias = node.child_by_field_name("alias").map(|alias| rc(self.text(alias)));
                if let (Some(path), Some(alias)) = (path, alias) {
                    out.push(Import { from: rc(path), names: vec![(rc("*"), alias)], all: false });
                }
            }
            "self" if !prefix.is_empty() => {
                let local = prefix.rsplit("::").next().unwrap_or(prefix);
                out.push(Import { from: rc(prefix), names: vec![(rc("*"), rc(local))], all: false });
            }
            _ => {
                let path = joined(self.text(node));
                let local = rc(path.rsplit("::").next().unwrap_or(&path));
                out.push(Import { from: rc(path), names: vec![(rc("*"), local)], all: false });
            }
        }
    }

    pub(super) fn implementation(&mut self, role: &Role<'t>) -> Kind {
        let (Some(name), Some(body)) = (role.part("name"), role.part("body")) else { return Kind::Null };
        let name = self.text(name).split('<').next().unwrap_or_default().trim();
        let members = self.members(body);
        self.program.classes.push(Class {
            name: Some(rc(name)),
            supers: Vec::new(),
            members,
            decorators: Vec::new(),
            embedded: Vec::new(),
            start: 0,
            bytes: (body.start_byte(), body.end_byte()),
        });
        Kind::Implement { name: rc(name), class: self.program.classes.len() - 1 }
    }
}
