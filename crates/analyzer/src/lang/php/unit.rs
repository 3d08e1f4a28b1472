//! What one file says about names: its namespace, its imports and its classes.

use std::collections::BTreeMap;
use std::rc::Rc;

use tree_sitter::Node;

use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// How names of a file are resolved.
#[derive(Default)]
pub(crate) struct Unit {
    namespace: String,
    /// Alias in lower case to full name.
    imports: BTreeMap<String, String>,
}

/// A class, trait or enum of the tree.
pub(crate) struct PhpClass<'c> {
    /// Full name without a leading `\`.
    pub(crate) name: String,
    pub(crate) file: &'c SourceFile,
    pub(crate) node: Node<'c>,
    pub(crate) unit: Rc<Unit>,
    /// Full name of what it extends.
    pub(crate) parent: Option<String>,
}

impl Unit {
    /// Read namespace and imports off the top of a file.
    pub(crate) fn read(root: Node<'_>, bytes: &[u8]) -> Self {
        let mut unit = Self::default();
        unit.take(root, bytes);
        unit
    }

    fn take(&mut self, parent: Node<'_>, bytes: &[u8]) {
        for child in parent.inner() {
            match child.kind() {
                "namespace_definition" => {
                    if let Some(name) = child.field("name") {
                        text(name, bytes).clone_into(&mut self.namespace);
                    }
                    if let Some(body) = child.field("body") {
                        self.take(body, bytes);
                    }
                }
                "namespace_use_declaration" => self.import(child, bytes),
                _ => {}
            }
        }
    }

    fn import(&mut self, declaration: Node<'_>, bytes: &[u8]) {
        let group = declaration.field("body");
        let prefix = declaration.inner_of("namespace_name");
        let prefix = prefix.filter(|_| group.is_some()).map_or("", |prefix| text(prefix, bytes));
        let holder = group.unwrap_or(declaration);
        for clause in holder.inner().filter(|child| child.kind() == "namespace_use_clause") {
            let Some(name) = clause.named_child(0) else { continue };
            let own = text(name, bytes).trim_start_matches('\\');
            let full = if prefix.is_empty() { own.to_owned() } else { format!("{prefix}\\{own}") };
            let alias = clause.field("alias").map(|alias| text(alias, bytes));
            let alias = alias.unwrap_or_else(|| full.rsplit('\\').next().unwrap_or(&full)).to_ascii_lowercase();
            self.imports.insert(alias, full);
        }
    }

    /// The full name of a class as this file writes it.
    pub(crate) fn resolve(&self, name: &str) -> String {
        if let Some(rooted) = name.strip_prefix('\\') {
            return rooted.to_owned();
        }
        let (first, rest) = name.split_once('\\').map_or((name, None), |(first, rest)| (first, Some(rest)));
        if let Some(full) = self.imports.get(&first.to_ascii_lowercase()) {
            return rest.map_or_else(|| full.clone(), |rest| format!("{full}\\{rest}"));
        }
        if self.namespace.is_empty() { name.to_owned() } else { format!("{}\\{name}", self.namespace) }
    }

    /// Whether the file imports this short name.
    pub(crate) fn imports(&self, short: &str) -> bool {
        self.imports.contains_key(&short.to_ascii_lowercase())
    }
}

/// The classes of a file, traits and enums among them.
pub(crate) fn classes<'c>(file: &'c SourceFile, unit: &Rc<Unit>) -> Vec<PhpClass<'c>> {
    let Some(parsed) = file.syntax() else { return Vec::new() };
    let mut out = Vec::new();
    collect(file, parsed.tree.root_node(), unit, 0, &mut out);
    out
}

fn collect<'c>(file: &'c SourceFile, parent: Node<'c>, unit: &Rc<Unit>, depth: usize, out: &mut Vec<PhpClass<'c>>) {
    let bytes = file.bytes();
    for child in parent.inner() {
        match child.kind() {
            "class_declaration" | "trait_declaration" | "enum_declaration" | "interface_declaration" => {
                let Some(name) = child.field("name") else { continue };
                let name = unit.resolve_own(text(name, bytes));
                out.push(class(file, child, unit, name));
            }
            // `return new class extends Migration { }`
            "return_statement" | "expression_statement" | "object_creation_expression" if depth < 6 => {
                collect(file, child, unit, depth + 1, out);
            }
            "anonymous_class" => out.push(class(file, child, unit, format!("class@{}", file.path))),
            "namespace_definition" | "compound_statement" | "if_statement" if depth < 6 => {
                collect(file, child, unit, depth + 1, out);
            }
            _ => {}
        }
    }
}

fn class<'c>(file: &'c SourceFile, node: Node<'c>, unit: &Rc<Unit>, name: String) -> PhpClass<'c> {
    let base = node.inner_of("base_clause");
    let parent = base.and_then(|base| base.named_child(0)).map(|base| unit.resolve(text(base, file.bytes())));
    PhpClass { name, file, node, unit: unit.clone(), parent }
}

impl Unit {
    /// The full name of something that this file declares.
    fn resolve_own(&self, name: &str) -> String {
        if self.namespace.is_empty() { name.to_owned() } else { format!("{}\\{name}", self.namespace) }
    }
}

impl<'c> PhpClass<'c> {
    /// Its members of one kind of node.
    pub(crate) fn members(&self, kind: &'static str) -> impl Iterator<Item = Node<'c>> {
        let body = self.node.field("body");
        let count = body.map_or(0, |body| body.named_child_count());
        let at = move |at: usize| body.and_then(|body| body.named_child(u32::try_from(at).unwrap_or(u32::MAX)));
        (0..count).filter_map(at).filter(move |member| member.kind() == kind)
    }

    /// Its own method of this name.
    pub(crate) fn method(&self, name: &str) -> Option<Node<'c>> {
        self.members("method_declaration").find(|method| {
            let own = method.field_text("name", self.file.bytes());
            own.eq_ignore_ascii_case(name)
        })
    }

    /// The default of its own property of this name.
    pub(crate) fn property(&self, name: &str) -> Option<Node<'c>> {
        let bytes = self.file.bytes();
        for declaration in self.members("property_declaration") {
            for element in declaration.inner().filter(|child| child.kind() == "property_element") {
                let own = element.field_text("name", bytes);
                if own.trim_start_matches('$') == name {
                    return element.field("default_value");
                }
            }
        }
        None
    }

    /// The value of its own constant of this name, or of an enum's case.
    pub(crate) fn constant(&self, name: &str) -> Option<Node<'c>> {
        let bytes = self.file.bytes();
        for declaration in self.members("const_declaration") {
            for element in declaration.inner().filter(|child| child.kind() == "const_element") {
                if element.named_child(0).is_some_and(|own| text(own, bytes) == name) {
                    return element.named_child(1);
                }
            }
        }
        None
    }

    /// The traits that it uses, by full name.
    pub(crate) fn traits(&self) -> Vec<String> {
        let mut out = Vec::new();
        for declaration in self.members("use_declaration") {
            let named = declaration.inner().filter(|child| child.kind() != "use_list");
            out.extend(named.map(|name| self.unit.resolve(text(name, self.file.bytes()))));
        }
        out
    }
}
