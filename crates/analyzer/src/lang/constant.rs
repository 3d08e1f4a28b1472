//! The text behind a name: a constant, a member of an enum or of an object of constants, in the same file or declared
//! under that name exactly once in the programs of the language. Anything computed has no text.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::declarations::Declarations;
use crate::budget::{Budget, Limits, short};
use crate::syntax::grammar::{Family, Language};
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// Names that are looked for in the whole tree; more of them are left unknown.
const MAX_LOOKUPS: usize = 64;
/// Constants made of constants.
const NESTED: Limits = Limits::nested(8);

/// Kinds of literals that hold text.
const LITERALS: &[&str] = &[
    "string",
    "template_string",
    "string_literal",
    "raw_string_literal",
    "interpreted_string_literal",
    "verbatim_string_literal",
    "encapsed_string",
];

/// Constants as one reader sees them: what it looked up is kept and counted for it alone, so that its answers do not
/// depend on what others ask at the same time.
#[derive(Debug)]
pub(crate) struct Constants<'c> {
    declarations: &'c Declarations<'c>,
    elsewhere: RefCell<BTreeMap<(Family, String), Option<String>>>,
}

impl<'c> Constants<'c> {
    pub(crate) fn new(declarations: &'c Declarations<'c>) -> Self {
        Self { declarations, elsewhere: RefCell::default() }
    }

    /// The text of an expression.
    pub(crate) fn value(&self, file: &SourceFile, node: Node<'_>) -> Option<String> {
        self.value_at(file, node, &NESTED.start())
    }

    fn value_at(&self, file: &SourceFile, node: Node<'_>, budget: &Budget) -> Option<String> {
        let budget = &budget.deeper()?;
        let bytes = file.bytes();
        match node.kind() {
            "template_string" | "string" if node.named_child_count() > 0 => {
                if let Some(known) = whole(node, bytes) {
                    return Some(known);
                }
                let pieces = crate::syntax::literal::pieces(node, bytes);
                let mut out = String::new();
                for piece in pieces {
                    match piece {
                        crate::syntax::literal::Piece::Text(plain) => out.push_str(&plain),
                        crate::syntax::literal::Piece::Hole(hole) => {
                            out.push_str(&self.value_at(file, hole, budget)?);
                        }
                    }
                }
                short(out)
            }
            kind if LITERALS.contains(&kind) => whole(node, bytes),
            "as_expression" | "satisfies_expression" | "parenthesized_expression" => {
                self.value_at(file, node.named_child(0)?, budget)
            }
            "binary_expression" | "binary_operator" => {
                let is_sum = node.field_is("operator", "+", bytes);
                let (left, right) = (node.field("left")?, node.field("right")?);
                let left = is_sum.then(|| self.value_at(file, left, budget))??;
                short(left + &self.value_at(file, right, budget)?)
            }
            "identifier"
            | "shorthand_property_identifier"
            | "member_expression"
            | "attribute"
            | "subscript_expression"
            | "field_access"
            | "selector_expression" => self.named(file, text(node, bytes), budget),
            _ => None,
        }
    }

    /// `NAME` or `Group.NAME`.
    fn named(&self, file: &SourceFile, name: &str, budget: &Budget) -> Option<String> {
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$')) {
            return None;
        }
        if let Some(own) = self.declared(file, name, budget) {
            return Some(own);
        }
        let family = Language::of_path(&file.path)?.family();
        let key = (family, name.to_owned());
        if let Some(known) = self.elsewhere.borrow().get(&key) {
            return known.clone();
        }
        if self.elsewhere.borrow().len() >= MAX_LOOKUPS {
            return None;
        }
        let found = self.search(family, name, budget);
        self.elsewhere.borrow_mut().insert(key, found.clone());
        found
    }

    fn search(&self, family: Family, name: &str, budget: &Budget) -> Option<String> {
        let parts: Vec<&str> = name.split('.').collect();
        let wanted = parts.get(parts.len().saturating_sub(2)..).unwrap_or_default();
        // Constants begin with a capital; other names mean something else in every file.
        let head = wanted.first().copied().filter(|head| head.len() > 2 && head.starts_with(char::is_uppercase))?;
        let mut values = BTreeSet::new();
        for file in self.declarations.of(family, head) {
            values.extend(self.declared(file, &wanted.join("."), budget));
            if values.len() > 1 {
                return None;
            }
        }
        values.pop_first()
    }

    /// What a file declares under this name at its top level.
    fn declared(&self, file: &SourceFile, name: &str, budget: &Budget) -> Option<String> {
        let parsed = file.syntax()?;
        let bytes = file.bytes();
        let (group, member) = name.rsplit_once('.').map_or((name, None), |(group, member)| (group, Some(member)));
        let group = group.rsplit('.').next().unwrap_or(group);
        let root = parsed.tree.root_node();
        let mut open: Vec<Node<'_>> = root.inner().collect();
        open.reverse();
        while let Some(node) = open.pop() {
            match node.kind() {
                "export_statement"
                | "lexical_declaration"
                | "variable_declaration"
                | "expression_statement"
                | "const_declaration"
                | "var_declaration"
                | "const_spec_list"
                | "ambient_declaration" => {
                    let inner: Vec<Node<'_>> = node.inner().collect();
                    open.extend(inner.into_iter().rev());
                }
                "variable_declarator" | "const_item" | "static_item" | "const_spec" | "var_spec" | "assignment" => {
                    let target = node.field("name").or_else(|| node.field("left"));
                    if target.is_none_or(|target| text(target, bytes) != group) {
                        continue;
                    }
                    let mut value = node.field("value").or_else(|| node.field("right"))?;
                    while matches!(value.kind(), "as_expression" | "satisfies_expression" | "expression_list") {
                        value = value.named_child(0)?;
                    }
                    return match member {
                        Some(member) => self.member(file, frozen(value, bytes), member, budget),
                        None => self.value_at(file, value, budget),
                    };
                }
                "enum_declaration" | "class_definition" | "class_declaration"
                    if node.field_is("name", group, bytes) =>
                {
                    return self.member(file, node.field("body")?, member?, budget);
                }
                // Java keeps its constants in a class.
                "class_declaration" if member.is_none() => {
                    let body = node.field("body");
                    let inner = body.into_iter().flat_map(|body| body.inner().collect::<Vec<_>>());
                    let fields = inner.filter(|field| field.kind() == "field_declaration");
                    open.extend(fields.filter_map(|field| field.field("declarator")));
                }
                _ => {}
            }
        }
        None
    }

    fn member(&self, file: &SourceFile, group: Node<'_>, member: &str, budget: &Budget) -> Option<String> {
        let bytes = file.bytes();
        for entry in group.inner() {
            let entry = if entry.kind() == "expression_statement" { entry.named_child(0)? } else { entry };
            let key = ["key", "name", "left", "property"].iter().find_map(|field| entry.field(field));
            if key.is_some_and(|key| text(key, bytes).trim_matches(['"', '\'']) == member) {
                let value = entry.field("value").or_else(|| entry.field("right"))?;
                return self.value_at(file, value, budget);
            }
        }
        None
    }
}

/// The object in `Object.freeze({ … })`.
fn frozen<'t>(value: Node<'t>, bytes: &[u8]) -> Node<'t> {
    let is_frozen = value.kind() == "call_expression" && value.field_is("function", "Object.freeze", bytes);
    let inner = value.first_argument();
    inner.filter(|_| is_frozen).unwrap_or(value)
}
