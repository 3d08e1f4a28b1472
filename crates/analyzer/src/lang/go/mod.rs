//! What every reader of Go's syntax needs: nodes without comments, literals, constants of a package.

pub(crate) mod modules;

use tree_sitter::Node;

use crate::budget::MAX_SYNTAX_DEPTH;
use crate::syntax::literal::{go_text, text};
use crate::syntax::node::{NodeExt as _, Preorder};
use crate::tree::file::SourceFile;

/// The named children that parse and are no comments.
pub(crate) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    node.inner().filter(|child| !child.is_extra()).collect()
}

/// A node and those below it that parse, in the order of the text.
pub(crate) fn preorder(node: Node<'_>) -> Preorder<'_> {
    Preorder::new(node, MAX_SYNTAX_DEPTH, |child| !child.is_extra())
}

/// The arguments of a call.
pub(crate) fn arguments(call: Node<'_>) -> Vec<Node<'_>> {
    call.field("arguments").map(children).unwrap_or_default()
}

/// The constants and variables that a file declares outside of functions, with the first value of each.
pub(crate) fn declared<'c>(file: &'c SourceFile) -> impl Iterator<Item = (&'c str, Node<'c>)> {
    let top = file.pieces().map(|pieces| children(pieces.outline.tree.root_node())).unwrap_or_default();
    top.into_iter()
        .filter(|node| matches!(node.kind(), "const_declaration" | "var_declaration"))
        .flat_map(children)
        .flat_map(|spec| if spec.kind() == "var_spec_list" { children(spec) } else { vec![spec] })
        .filter_map(|spec| {
            let value = children(spec.field("value")?).into_iter().next()?;
            Some((text(spec.field("name")?, file.bytes()), value))
        })
}

/// The packages that a file imports, each with the name that the file has for it. The name of a package that is not
/// renamed is taken from its path.
pub(crate) fn imports(source: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_over = |line: &&str| !["func ", "type ", "var ", "const "].iter().any(|word| line.starts_with(word));
    source.lines().take_while(is_over).filter_map(|line| {
        let line = line.trim_start();
        let (name, rest) = line.strip_prefix("import").unwrap_or(line).split_once('"')?;
        let (path, _) = rest.split_once('"')?;
        let is_version = |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.parse::<u32>().is_ok());
        let of_path = path.rsplit('/').find(|part| !is_version(part)).unwrap_or(path);
        let name = name.trim().trim_start_matches('(').trim();
        let is_name = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_' || letter == '.');
        is_name.then_some((if name.is_empty() { of_path } else { name }, path))
    })
}

/// The fields of a struct type.
pub(crate) fn fields(of: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    children(of).into_iter().flat_map(children).filter(|field| field.kind() == "field_declaration")
}

/// The text of a literal that may be a default.
pub(crate) fn plain_literal(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "int_literal" | "float_literal" | "true" | "false" => Some(text(node, bytes).to_owned()),
        _ => go_text(node, bytes),
    }
}
