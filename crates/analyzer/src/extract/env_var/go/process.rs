//! Structs that envconfig, or a copy of it in the tree, fills (`envconfig.Process("app", &cfg)`): every exported field is a
//! variable, named by its tag or by itself, below the prefix and the names of the fields around it. A call whose prefix or
//! struct is not plain is unresolved.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::Node;

use super::structs::{GoStructs, Key, Named};
use super::tags::TaggedField;
use super::{Mention, Mentions, is_name, lines, viper};
use crate::budget::{Budget, Limits};
use crate::lang::case;
use crate::lang::go::{arguments, children, imports, plain_literal, preorder};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Fields of all structs that a program fills, and structs inside structs.
const FIELDS: Limits = Limits::new(50_000, 12);

/// State the variables; whether the program fills any struct this way.
pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) -> bool {
    let mut structs = GoStructs::of(corpus);
    let mut filled: BTreeSet<(String, Key)> = BTreeSet::new();
    let budget = FIELDS.start();
    let mut is_processed = false;
    for file in prefilter::files_with(corpus, Family::Go, &["/envconfig\""]) {
        let source = file.text();
        let name = imports(&source).find(|(_, path)| path.ends_with("/envconfig")).map(|(name, _)| name);
        let (Some(name), Some(parsed)) = (name, file.syntax()) else { continue };
        let top = children(parsed.tree.root_node());
        let variables = top.iter().filter(|node| node.kind() == "var_declaration").copied();
        let variables = declarations(file, variables);
        for outer in top {
            let mut calls = preorder(outer).filter_map(|node| call(file, node, name)).peekable();
            if calls.peek().is_none() {
                continue;
            }
            is_processed = true;
            let own = declarations(file, [outer].into_iter());
            for (node, prefix, target) in calls {
                let of = type_of(file, target, [&own, &variables]).and_then(|named| structs.key(&file.path, &named));
                let unsaid = match (prefix, of.filter(|of| structs.fields(of).is_some())) {
                    (None, _) => Some("the variables of a struct are read below a computed prefix".to_owned()),
                    (_, None) => {
                        let shown: String = text(target, file.bytes()).chars().take(60).collect();
                        Some(format!("the struct `{shown}` that is filled from the environment is not known"))
                    }
                    (Some(prefix), Some(of)) if filled.insert((prefix.clone(), of.clone())) => {
                        let (is_bare, mentions) = (prefix.is_empty(), &mut *mentions);
                        let mut filling = Filling { structs: &mut structs, mentions, is_bare, is_cut: false };
                        filling.take(&of, &prefix, &budget, &mut Vec::new());
                        let cut = || format!("the struct `{}` has more fields inside of it than are read", of.1);
                        filling.is_cut.then(cut)
                    }
                    _ => None,
                };
                if let Some(reason) = unsaid {
                    mentions.unresolved(reason, lines(file, node));
                }
            }
        }
    }
    is_processed
}

/// A call that fills a struct: itself, the prefix where it is plain, and the target. A copy may have more such functions than
/// the original, and they may take more.
fn call<'t>(file: &SourceFile, node: Node<'t>, package: &str) -> Option<(Node<'t>, Option<String>, Node<'t>)> {
    let bytes = file.bytes();
    let called = node.field("function").filter(|_| node.kind() == "call_expression")?;
    let called = text(called, bytes).strip_prefix(package)?.strip_prefix('.')?;
    let is_process = called.starts_with("Process") || called.starts_with("MustProcess");
    let arguments = arguments(node);
    let ([prefix, target, ..], true) = (arguments.as_slice(), is_process) else { return None };
    let given = match prefix.kind() {
        "identifier" => viper::constant(file, text(*prefix, bytes)),
        _ => plain_literal(*prefix, bytes),
    };
    let below = |given: String| if given.is_empty() { given } else { format!("{}_", given.to_uppercase()) };
    Some((node, given.map(below), *target))
}

/// The types that names are declared with; none of a declaration that does not say it.
type Declared = BTreeMap<String, BTreeSet<Option<Named>>>;

/// The type of what is filled: as it is made in place, or as the one name of it is declared in the function around the call,
/// else outside of all functions.
fn type_of(file: &SourceFile, target: Node<'_>, declared: [&Declared; 2]) -> Option<Named> {
    let target = if target.kind() == "unary_expression" { target.field("operand")? } else { target };
    if target.kind() != "identifier" {
        return named(file, target);
    }
    let name = text(target, file.bytes());
    let mut found = declared.iter().find_map(|declared| declared.get(name))?.iter();
    found.next().filter(|_| found.next().is_none())?.clone()
}

/// What is declared below nodes.
fn declarations<'t>(file: &SourceFile, nodes: impl Iterator<Item = Node<'t>>) -> Declared {
    let mut out = Declared::new();
    for node in nodes.flat_map(preorder) {
        let (Some(of), Some(list)) = (declared_as(node), node.field("left").or_else(|| node.field("name"))) else {
            continue;
        };
        let of = of.and_then(|of| named(file, of));
        for name in text(list, file.bytes()).split(',') {
            out.entry(name.trim().to_owned()).or_default().insert(of.clone());
        }
    }
    out
}

/// What says the type of what a node declares, if it declares anything.
fn declared_as(node: Node<'_>) -> Option<Option<Node<'_>>> {
    match node.kind() {
        "short_var_declaration" => Some(node.field("right")),
        "var_spec" => Some(node.field("type").or_else(|| node.field("value"))),
        "parameter_declaration" => Some(node.field("type")),
        "range_clause" => Some(None),
        _ => None,
    }
}

/// The type that an expression makes, or that is written.
fn named(file: &SourceFile, node: Node<'_>) -> Option<Named> {
    let bytes = file.bytes();
    let own = |name: String| Some(Named { package: String::new(), name });
    let first = |node: Node<'_>| named(file, children(node).into_iter().next()?);
    match node.kind() {
        "expression_list" | "pointer_type" => first(node),
        "unary_expression" => named(file, node.field("operand")?),
        "composite_literal" => named(file, node.field("type")?),
        "call_expression" if node.field_is("function", "new", bytes) => {
            named(file, arguments(node).into_iter().next()?)
        }
        "type_identifier" | "identifier" => own(text(node, bytes).to_owned()),
        "qualified_type" | "selector_expression" => {
            let (package, name) = text(node, bytes).split_once('.')?;
            Some(Named { package: package.to_owned(), name: name.to_owned() })
        }
        "struct_type" => own(format!("{}:{}", file.path, node.start_byte())),
        _ => None,
    }
}

/// A struct that is being filled.
struct Filling<'s, 'c> {
    structs: &'s mut GoStructs<'c>,
    mentions: &'s mut Mentions,
    /// The call names no prefix.
    is_bare: bool,
    /// Not all of it was looked at.
    is_cut: bool,
}

impl Filling<'_, '_> {
    fn take(&mut self, of: &Key, prefix: &str, budget: &Budget, around: &mut Vec<Key>) {
        let Some(fields) = self.structs.fields(of).filter(|_| !around.contains(of)) else { return };
        around.push(of.clone());
        for field in fields.iter() {
            let Some(inside) = budget.deeper() else {
                self.is_cut = true;
                break;
            };
            self.field(field, prefix, &inside, around);
        }
        around.pop();
    }

    fn field(&mut self, field: &TaggedField, prefix: &str, budget: &Budget, around: &mut Vec<Key>) {
        let tag = |key: &str| field.tag.get(key).map(String::as_str).filter(|value| !value.is_empty());
        if tag("ignored") == Some("true") || !field.name.starts_with(char::is_uppercase) {
            return;
        }
        let own = match tag("envconfig") {
            Some(given) => given.to_uppercase(),
            None if tag("split_words") == Some("true") => {
                case::words(&field.name, case::around_capitals).join("_").to_uppercase()
            }
            None => field.name.to_uppercase(),
        };
        let named = Named { package: field.package.clone(), name: field.of.clone() };
        let inner = self.structs.key(&field.evidence.path, &named);
        if let Some(inner) = inner.filter(|inner| self.structs.fields(inner).is_some()) {
            let below = if field.is_embedded { prefix.to_owned() } else { format!("{prefix}{own}_") };
            self.take(&inner, &below, budget, around);
            return;
        }
        let (name, default) = (format!("{prefix}{own}"), tag("default").map(str::to_owned));
        let required = match tag("required") {
            Some("true") => Some(true),
            _ => default.as_ref().map(|_| false),
        };
        // What a tag names is read alone, too, where the call names no prefix: that is the name that people know.
        let name = if self.is_bare && tag("envconfig").is_some() { own } else { name };
        if is_name(&name) {
            let read = Mention::read("Go", name, field.evidence.clone());
            self.mentions.found.push(Mention { required, default, ..read });
        }
    }
}
