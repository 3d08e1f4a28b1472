//! The structs of a Rust tree by name, and their fields with what serde's attributes say of them.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::lang::rust::attribute::{Written, attributed, literal};
use crate::syntax::grammar::{Family, Language};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::{folder_of, is_below, upwards};

/// Nested nodes that are looked through for a definition.
const MAX_DEFINITION_DEPTH: usize = 12;

/// Where each struct of the tree is defined, found by a search over the bytes; only what is asked for is parsed.
pub(super) struct RustStructs<'c> {
    corpus: &'c Corpus,
    by_name: BTreeMap<String, Vec<&'c SourceFile>>,
}

/// A field of a struct.
#[derive(Debug)]
pub(super) struct RustField {
    /// The name by which it is deserialised.
    pub(super) name: String,
    /// Without `Option<…>`.
    pub(super) of_type: String,
    pub(super) is_optional: bool,
    /// `#[serde(default)]`, at the field or at the struct.
    pub(super) has_default: bool,
    pub(super) is_flat: bool,
    pub(super) lines: (u32, u32),
}

impl<'c> RustStructs<'c> {
    /// Index the application's Rust files.
    pub(super) fn index(corpus: &'c Corpus) -> Self {
        let mut by_name: BTreeMap<String, Vec<&SourceFile>> = BTreeMap::new();
        for file in corpus.application() {
            if Language::of_path(&file.path).is_none_or(|language| language.family() != Family::Rust) {
                continue;
            }
            let source = file.text();
            for (at, word) in source.match_indices("struct ") {
                let starts = at == 0 || source.as_bytes()[at - 1].is_ascii_whitespace();
                let rest = &source[at + word.len()..];
                let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
                if starts && end > 0 {
                    let files = by_name.entry(rest[..end].to_owned()).or_default();
                    if !files.iter().any(|known| known.path == file.path) {
                        files.push(file);
                    }
                }
            }
        }
        Self { corpus, by_name }
    }

    /// The fields of the struct that a file means by a name: its own, or the only one in the nearest folder around
    /// (of several there, the one whose module it imports).
    pub(super) fn fields(&self, name: &str, used_in: &str) -> Option<(&'c SourceFile, Vec<RustField>)> {
        let files = self.by_name.get(name)?;
        let near =
            |at: &str| files.iter().copied().filter(|file| file.path == at || is_below(&file.path, at)).collect();
        let around = std::iter::once(used_in).chain(upwards(folder_of(used_in)));
        let mut found: Vec<&SourceFile> = around.map(near).find(|found: &Vec<_>| !found.is_empty()).unwrap_or_default();
        if found.len() > 1 {
            let home = self.imported_from(name, used_in);
            found.retain(|file| home.as_deref().is_some_and(|home| is_module(&file.path, home)));
        }
        let [file] = found.as_slice() else { return None };
        let parsed = file.syntax()?;
        let mut fields = None;
        definition(parsed.tree.root_node(), file.bytes(), name, 0, &mut fields);
        fields.map(|fields| (*file, fields))
    }

    /// The last module in the path of the `use` that brings a name into a file.
    fn imported_from(&self, name: &str, used_in: &str) -> Option<String> {
        let file = self.corpus.file(used_in)?;
        let tree = &file.syntax()?.tree;
        let uses = tree.root_node().inner().filter(|node| node.kind() == "use_declaration");
        let mut found = None;
        for node in uses {
            let tree = node.field("argument")?;
            found = found.or_else(|| module_of(tree, "", name, file.bytes()));
        }
        found
    }
}

/// The module that a tree of imports takes a name from.
fn module_of(node: Node<'_>, module: &str, name: &str, bytes: &[u8]) -> Option<String> {
    let last = |node: Node<'_>| text(node, bytes).rsplit("::").next().unwrap_or_default().to_owned();
    match node.kind() {
        "identifier" => (text(node, bytes) == name && !module.is_empty()).then(|| module.to_owned()),
        "scoped_identifier" => {
            let is_it = node.field_is("name", name, bytes);
            node.field("path").filter(|_| is_it).map(last)
        }
        "scoped_use_list" => {
            let module = node.field("path").map_or_else(|| module.to_owned(), last);
            module_of(node.field("list")?, &module, name, bytes)
        }
        "use_list" => {
            let children: Vec<Node<'_>> = node.inner().collect();
            children.into_iter().find_map(|child| module_of(child, module, name, bytes))
        }
        _ => None,
    }
}

/// Whether a file is the module of a name.
fn is_module(path: &str, name: &str) -> bool {
    let stem = path.trim_end_matches(".rs").trim_end_matches("/mod");
    stem.rsplit('/').next() == Some(name)
}

fn definition(node: Node<'_>, bytes: &[u8], name: &str, depth: usize, out: &mut Option<Vec<RustField>>) {
    if depth > MAX_DEFINITION_DEPTH || out.is_some() {
        return;
    }
    for (child, above) in attributed(node) {
        match child.kind() {
            "struct_item" if child.field_is("name", name, bytes) => {
                let has_default = serde(&above, bytes).any(|written| written.plain.contains(&"default"));
                *out = child.field("body").map(|body| fields_of(body, bytes, has_default));
                return;
            }
            "mod_item" | "declaration_list" => definition(child, bytes, name, depth + 1, out),
            _ => {}
        }
    }
}

/// The attributes `#[serde(…)]` in their parts.
fn serde<'t>(above: &[Node<'_>], bytes: &'t [u8]) -> impl Iterator<Item = Written<'t>> {
    above.iter().map(|one| Written::read(text(*one, bytes))).filter(|written| written.name == "serde")
}

pub(super) fn fields_of(body: Node<'_>, bytes: &[u8], all_default: bool) -> Vec<RustField> {
    let field = |(child, above): (Node<'_>, Vec<Node<'_>>)| {
        let name = child.field("name").filter(|_| child.kind() == "field_declaration")?;
        let of_type = text(child.field("type")?, bytes);
        let said: Vec<Written<'_>> = serde(&above, bytes).collect();
        let is = |word: &str| said.iter().any(|written| written.plain.contains(&word));
        let value = |word: &str| said.iter().find_map(|written| written.get(word));
        let inner = of_type.strip_prefix("Option<").and_then(|inner| inner.strip_suffix('>'));
        (!is("skip") && !is("skip_deserializing")).then(|| RustField {
            name: said
                .iter()
                .find_map(|written| literal(written.get("rename")?))
                .unwrap_or_else(|| text(name, bytes).trim_start_matches("r#").to_owned()),
            of_type: inner.unwrap_or(of_type).trim().to_owned(),
            is_optional: inner.is_some(),
            has_default: all_default || is("default") || value("default").is_some(),
            is_flat: is("flatten"),
            lines: (above.first().unwrap_or(&child).first_line(), child.last_line()),
        })
    };
    attributed(body).into_iter().filter_map(field).collect()
}
