//! What every reader of the syntax of JavaScript and TypeScript needs: classes with their decorators, fields of objects.

pub(crate) mod import;

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// Every node of a file in no order; `visit` says nothing about going on, all of them are seen.
pub(crate) fn nodes<'f>(file: &'f SourceFile, mut visit: impl FnMut(Node<'f>)) {
    let Some(parsed) = file.syntax() else { return };
    let mut open = vec![parsed.tree.root_node()];
    while let Some(node) = open.pop() {
        visit(node);
        open.extend(node.inner());
    }
}

/// A class with the decorators that stand before it, also before `export`.
pub(crate) struct DecoratedClass<'f> {
    pub(crate) node: Node<'f>,
    pub(crate) name: String,
    pub(crate) decorators: Vec<Node<'f>>,
}

/// The classes of a file in the order of the text.
pub(crate) fn classes(file: &SourceFile) -> Vec<DecoratedClass<'_>> {
    let bytes = file.bytes();
    let mut out: Vec<DecoratedClass<'_>> = Vec::new();
    let mut known: BTreeMap<usize, usize> = BTreeMap::new();
    nodes(file, |node| {
        let is_export = node.kind() == "export_statement";
        let class = if is_export { node.field("declaration") } else { Some(node) };
        let class =
            class.filter(|class| matches!(class.kind(), "class_declaration" | "abstract_class_declaration" | "class"));
        let Some(class) = class else { return };
        let Some(name) = class.field("name") else { return };
        let mut found = decorators(class);
        if is_export {
            found.extend(decorators(node));
        }
        match known.get(&class.id()).map(|at| &mut out[*at]) {
            Some(known) => {
                let new = found.into_iter().filter(|one| !known.decorators.iter().any(|old| old.id() == one.id()));
                let new: Vec<Node<'_>> = new.collect();
                known.decorators.extend(new);
            }
            None => {
                known.insert(class.id(), out.len());
                out.push(DecoratedClass { node: class, name: text(name, bytes).to_owned(), decorators: found });
            }
        }
    });
    out.sort_by_key(|class| class.node.start_byte());
    out
}

/// The decorators of a class or member.
pub(crate) fn decorators(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).filter(|child| child.kind() == "decorator").collect()
}

/// The name of a decorator and its arguments.
pub(crate) fn decorated<'f>(decorator: Node<'f>, bytes: &'f [u8]) -> (&'f str, Vec<Node<'f>>) {
    let Some(inner) = decorator.named_child(0) else { return ("", Vec::new()) };
    match inner.field("function").filter(|_| inner.kind() == "call_expression") {
        Some(function) => (last(text(function, bytes)), inner.arguments()),
        None => (last(text(inner, bytes)), Vec::new()),
    }
}

/// The last part of a dotted name.
pub(crate) fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// The value of a field of an object.
pub(crate) fn field<'f>(object: Node<'f>, wanted: &str, bytes: &[u8]) -> Option<Node<'f>> {
    object.inner().find_map(|entry| match entry.kind() {
        "pair" => {
            let key = entry.field_text("key", bytes);
            (key.trim_matches(['"', '\'']) == wanted).then(|| entry.field("value")).flatten()
        }
        "shorthand_property_identifier" => (text(entry, bytes) == wanted).then_some(entry),
        _ => None,
    })
}
