//! What is Python's own: targets, imports, decorators and comprehensions.

use tree_sitter::Node;

use super::{Lowering, named_children, rc};
use crate::syntax::program::{Import, Kind, Target};
use crate::syntax::query::Role;

impl<'t> Lowering<'t> {
    pub(super) fn python_target(&mut self, node: Node<'t>) -> Target {
        match node.kind() {
            "identifier" | "list_splat_pattern" | "dictionary_splat_pattern" => {
                Target::Name(rc(self.text(node).trim_start_matches('*')))
            }
            "pattern_list" | "tuple_pattern" | "list_pattern" => {
                let children = named_children(node);
                Target::Items(children.into_iter().map(|child| self.python_target(child)).collect())
            }
            _ => Target::Nothing,
        }
    }

    pub(super) fn python_import(&mut self, node: Node<'t>) -> Kind {
        let module = node.child_by_field_name("module_name");
        let from = module.map(|module| self.text(module).replace(char::is_whitespace, "")).unwrap_or_default();
        let mut cursor = node.walk();
        let named: Vec<Node<'t>> = node.children_by_field_name("name", &mut cursor).collect();
        let mut names = Vec::new();
        for child in named {
            let (name, alias) = match child.kind() {
                "aliased_import" => (child.child_by_field_name("name"), child.child_by_field_name("alias")),
                _ => (Some(child), None),
            };
            let Some(name) = name.map(|name| self.text(name)) else { continue };
            names.push((name, alias.map(|alias| self.text(alias))));
        }
        if module.is_some() {
            let all = named_children(node).iter().any(|child| child.kind() == "wildcard_import");
            let names = names.into_iter().map(|(name, alias)| (rc(name), rc(alias.unwrap_or(name)))).collect();
            return Kind::Import(Import { from: rc(from), names, all });
        }
        // `import a.b` binds `a`; `import a.b as c` binds the module itself.
        let imports = names.into_iter().map(|(name, alias)| {
            let top = name.split('.').next().unwrap_or(name);
            let (from, local) = alias.map_or((top, top), |alias| (name, alias));
            Kind::Import(Import { from: rc(from), names: vec![(rc("*"), rc(local))], all: false })
        });
        let kinds: Vec<Kind> = imports.collect();
        let ids = kinds.into_iter().map(|kind| self.add(node, kind)).collect();
        Kind::Block(ids)
    }

    pub(super) fn decorated(&mut self, node: Node<'t>, role: &Role<'t>) -> Kind {
        let Some(definition) = role.part("definition") else { return Kind::Null };
        let mut decorators = Vec::new();
        for child in named_children(node) {
            if child.kind() == "decorator"
                && let Some(inner) = super::first_child(child)
            {
                decorators.push(self.node(inner));
            }
        }
        let definition = self.node(definition);
        match self.program.nodes[definition].kind {
            Kind::DefineFunction(function) => self.program.functions[function].decorators.clone_from(&decorators),
            Kind::DefineClass(class) => self.program.classes[class].decorators.clone_from(&decorators),
            _ => {}
        }
        Kind::Decorated(decorators, definition)
    }

    pub(super) fn comprehension(&mut self, node: Node<'t>) -> Kind {
        let clause = named_children(node).into_iter().find(|child| child.kind() == "for_in_clause");
        let parts = clause.and_then(|clause| {
            let target = clause.child_by_field_name("left")?;
            let iterable = clause.child_by_field_name("right")?;
            Some((target, iterable, node.child_by_field_name("body")?))
        });
        match parts {
            Some((target, iterable, body)) => Kind::Comprehension {
                target: self.target(target),
                iterable: self.node(iterable),
                body: self.node(body),
            },
            None => Kind::Null,
        }
    }
}
