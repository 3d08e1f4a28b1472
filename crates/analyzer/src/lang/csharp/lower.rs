//! The type declarations of one file, with their namespaces, modifiers, attributes and base lists. Both branches of
//! `#if` count.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use tree_sitter::Node;

use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// Types inside types, blocks inside `#if`.
const MAX_DECLARATION_DEPTH: usize = 32;

/// One declaration of a class, record, struct or interface; one of several parts when it is partial.
pub(crate) struct CSharpType<'c> {
    pub(crate) file: &'c SourceFile,
    pub(crate) node: Node<'c>,
    pub(crate) name: &'c str,
    /// The namespace and the types around it, joined with dots.
    around: Arc<str>,
    pub(crate) is_nested: bool,
    pub(crate) is_generic: bool,
    modifiers: Vec<&'c str>,
    pub(crate) attributes: Vec<CSharpAttribute<'c>>,
    /// As written, type arguments included.
    pub(crate) bases: Vec<&'c str>,
    /// The namespaces (and types) that the file imports.
    pub(crate) usings: Arc<Vec<String>>,
    /// The values of its constants by name, once somebody asks for one.
    pub(super) constants: OnceLock<BTreeMap<&'c str, Option<Node<'c>>>>,
}

/// One attribute of a declaration.
#[derive(Clone, Copy)]
pub(crate) struct CSharpAttribute<'c> {
    pub(crate) node: Node<'c>,
    /// As written, without namespace and without the ending `Attribute`.
    pub(crate) name: &'c str,
}

impl<'c> CSharpType<'c> {
    /// Namespace and types around, joined with dots.
    pub(crate) fn scope(&self) -> String {
        self.around.to_string()
    }

    pub(crate) fn has(&self, modifier: &str) -> bool {
        self.modifiers.contains(&modifier)
    }

    /// The members, in the order of the text.
    pub(crate) fn members(&self) -> Vec<Node<'c>> {
        let broken = || (self.node.kind() == "ERROR").then(|| flat(self.node));
        self.node.field("body").map(flat).or_else(broken).unwrap_or_default()
    }

    pub(crate) fn bytes(&self) -> &'c [u8] {
        self.file.bytes()
    }
}

fn is_statement(root: Node<'_>, at: usize) -> bool {
    let child = u32::try_from(at).ok().and_then(|at| root.named_child(at));
    child.is_some_and(|child| child.kind() == "global_statement")
}

/// Every type of a file; statements outside of any type are one without a name, the first.
pub(super) fn types<'c>(file: &'c SourceFile) -> Vec<CSharpType<'c>> {
    let Some(parsed) = file.syntax() else { return Vec::new() };
    let root = parsed.tree.root_node();
    let mut usings = Vec::new();
    imports(root, file.bytes(), &mut usings, 0);
    let mut out = Vec::new();
    let lowering = Lowering { file, usings: Arc::new(usings) };
    if root.kind() == "ERROR" {
        out.extend(lowering.broken(root));
    } else if (0..root.named_child_count()).any(|at| is_statement(root, at)) {
        out.push(lowering.one(root, "", false));
    }
    lowering.block(root, &Rc::from(""), false, &mut out, 0);
    out
}

struct Lowering<'c> {
    file: &'c SourceFile,
    usings: Arc<Vec<String>>,
}

impl<'c> Lowering<'c> {
    fn block(&self, block: Node<'c>, around: &Rc<str>, is_nested: bool, out: &mut Vec<CSharpType<'c>>, depth: usize) {
        if depth > MAX_DECLARATION_DEPTH {
            return;
        }
        let mut around = Rc::clone(around);
        for child in flat(block) {
            let name = child.field_text("name", self.file.bytes());
            let inner: Rc<str> = if around.is_empty() { Rc::from(name) } else { format!("{around}.{name}").into() };
            match child.kind() {
                "namespace_declaration" => {
                    if let Some(body) = child.field("body") {
                        self.block(body, &inner, false, out, depth + 1);
                    }
                }
                "file_scoped_namespace_declaration" => {
                    around = inner;
                    self.block(child, &Rc::clone(&around), false, out, depth + 1);
                }
                "class_declaration" | "record_declaration" | "struct_declaration" | "interface_declaration" => {
                    out.push(self.one(child, &around, is_nested));
                    if let Some(body) = child.field("body") {
                        self.block(body, &inner, true, out, depth + 1);
                    }
                }
                _ => {}
            }
        }
    }

    /// The first class of a file that does not parse as a whole: its members lie open in the error.
    fn broken(&self, root: Node<'c>) -> Option<CSharpType<'c>> {
        let bytes = self.file.bytes();
        let mut cursor = root.walk();
        let children: Vec<Node<'c>> = root.children(&mut cursor).collect();
        let keyword = children.iter().position(|child| child.kind() == "class")?;
        let mut found = self.one(root, "", false);
        found.name =
            children.get(keyword + 1).filter(|name| name.kind() == "identifier").map(|name| text(*name, bytes))?;
        let before =
            children[..keyword].iter().rev().take_while(|part| matches!(part.kind(), "modifier" | "attribute_list"));
        found.modifiers = before.filter(|part| part.kind() == "modifier").map(|part| text(*part, bytes)).collect();
        let after = children[keyword + 1..].iter().take_while(|part| part.kind() != "{");
        found.is_generic = after.clone().any(|part| part.kind() == "type_parameter_list");
        found.attributes.retain(|attribute| attribute.node.end_byte() <= children[keyword].start_byte());
        let bases = after.filter(|part| part.kind() == "base_list").flat_map(|list| flat(*list));
        found.bases = bases.filter(|base| base.kind() != "argument_list").map(|base| text(base, bytes)).collect();
        Some(found)
    }

    fn one(&self, node: Node<'c>, around: &str, is_nested: bool) -> CSharpType<'c> {
        let bytes = self.file.bytes();
        let mut found = CSharpType {
            file: self.file,
            node,
            name: node.field_text("name", bytes),
            around: Arc::from(around),
            is_nested,
            is_generic: false,
            modifiers: Vec::new(),
            attributes: attributes(node, bytes),
            bases: Vec::new(),
            usings: Arc::clone(&self.usings),
            constants: OnceLock::new(),
        };
        for child in node.inner() {
            match child.kind() {
                "modifier" => found.modifiers.push(text(child, bytes)),
                "type_parameter_list" => found.is_generic = true,
                "base_list" => {
                    for base in child.inner() {
                        let base = base.field("type").unwrap_or(base);
                        if !matches!(base.kind(), "argument_list" | "comment") {
                            found.bases.push(text(base, bytes));
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// The named children of a block; those inside `#if` stand among them.
pub(crate) fn flat(block: Node<'_>) -> Vec<Node<'_>> {
    fn add<'t>(block: Node<'t>, out: &mut Vec<Node<'t>>, depth: usize) {
        for child in block.inner() {
            match child.kind() {
                "preproc_if" | "preproc_elif" | "preproc_else" | "preproc_region" if depth < MAX_DECLARATION_DEPTH => {
                    add(child, out, depth + 1);
                }
                _ => out.push(child),
            }
        }
    }
    let mut out = Vec::new();
    add(block, &mut out, 0);
    out
}

/// The attributes of a declaration.
pub(crate) fn attributes<'c>(node: Node<'c>, bytes: &'c [u8]) -> Vec<CSharpAttribute<'c>> {
    let mut out = Vec::new();
    for list in flat(node).into_iter().take_while(|child| child.kind() != "declaration_list") {
        if !matches!(list.kind(), "attribute_list" | "preproc_if_in_attribute_list") {
            continue;
        }
        for node in list.inner().filter(|child| child.kind() == "attribute") {
            let name = node.field_text("name", bytes);
            let name = name.split('<').next().unwrap_or(name).rsplit(['.', ':']).next().unwrap_or(name);
            let short = name.strip_suffix("Attribute").filter(|short| !short.is_empty());
            out.push(CSharpAttribute { node, name: short.unwrap_or(name) });
        }
    }
    out
}

fn imports(block: Node<'_>, bytes: &[u8], out: &mut Vec<String>, depth: usize) {
    for child in flat(block) {
        match child.kind() {
            "using_directive" => {
                let written = text(child, bytes).trim_start_matches("global ").trim_start_matches("using ");
                let written = written.trim_start_matches("static ").trim_end_matches(';').trim();
                out.push(written.rsplit('=').next().unwrap_or(written).trim().to_owned());
            }
            "namespace_declaration" | "file_scoped_namespace_declaration" if depth < MAX_DECLARATION_DEPTH => {
                let body = child.field("body").unwrap_or(child);
                imports(body, bytes, out, depth + 1);
            }
            _ => {}
        }
    }
}
