//! Programs that walk the whole environment and take the names that they know: `switch key { case "PORT": … }` in the loop
//! that splits `os.Environ()`, or in the function that is given it.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::lines;
use crate::extract::env_var::mention::{Mention, Mentions, is_name};
use crate::lang::go::{children, plain_literal};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

const ALL: &str = "os.Environ()";

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let walking = prefilter::files_with(corpus, Family::Go, &[ALL]);
    // The functions that are given the environment, with the folders of their packages.
    let mut given: BTreeSet<(&str, &str)> = BTreeSet::new();
    for file in &walking {
        let Some(parsed) = file.syntax() else { continue };
        for call in parsed.tree.root_node().preorder(usize::MAX).filter(|node| node.kind() == "call_expression") {
            let arguments = call.field("arguments").map(children).unwrap_or_default();
            if arguments.iter().any(|one| text(*one, file.bytes()) == ALL) {
                let called = call.field_text("function", file.bytes());
                given.insert((file.folder(), called.rsplit('.').next().unwrap_or(called)));
            }
        }
    }
    let folders: BTreeSet<&str> = walking.iter().map(|file| file.folder()).collect();
    let of_packages =
        corpus.programs(Family::Go).filter(|file| folders.contains(file.folder()) && file.holds("switch"));
    for file in of_packages {
        let Some(parsed) = file.syntax() else { continue };
        for function in parsed.tree.root_node().inner() {
            let name = function.field_text("name", file.bytes());
            let is_given = given.contains(&(file.folder(), name));
            if matches!(function.kind(), "function_declaration" | "method_declaration") {
                of_function(file, function, is_given, mentions);
            }
        }
    }
}

/// The names that the loops of a function over the environment, or over what it is given, compare with.
fn of_function(file: &SourceFile, function: Node<'_>, is_given: bool, mentions: &mut Mentions) {
    let bytes = file.bytes();
    let mut parameters = BTreeSet::new();
    for parameter in function.field("parameters").map(children).unwrap_or_default() {
        let mut cursor = parameter.walk();
        let names = parameter.children_by_field_name("name", &mut cursor);
        parameters.extend(names.map(|name| text(name, bytes)));
    }
    for walk in function.preorder(usize::MAX).filter(|node| node.kind() == "for_statement") {
        let list = walk.inner_of("range_clause").and_then(|clause| clause.field("right")).map(|list| text(list, bytes));
        let Some(list) = list.filter(|list| *list == ALL || is_given && parameters.contains(list)) else { continue };
        let Some(body) = walk.field("body").filter(|body| text(*body, bytes).contains("\"=\"")) else { continue };
        let switches = body.preorder(usize::MAX).filter(|node| node.kind() == "expression_switch_statement");
        for switch in switches.filter(|switch| takes_name(*switch, body, list, bytes)) {
            for case in switch.inner().filter(|one| one.kind() == "expression_case") {
                let values = case.field("value").map(children).unwrap_or_default();
                for name in values.iter().filter_map(|value| plain_literal(*value, bytes)) {
                    let is_loud = name.len() > 1 && !name.bytes().any(|byte| byte.is_ascii_lowercase());
                    if is_loud && is_name(&name) {
                        mentions.found.push(Mention::read("Go", name, lines(file, case)));
                    }
                }
            }
        }
    }
}

/// Whether what a switch asks is the first part of what the body of the loop splits: a name that the body declares.
fn takes_name(switch: Node<'_>, body: Node<'_>, list: &str, bytes: &[u8]) -> bool {
    let Some(value) = switch.field("value") else { return false };
    let asked: BTreeSet<&str> =
        value.preorder(usize::MAX).filter(|node| node.kind() == "identifier").map(|node| text(node, bytes)).collect();
    let declared = body.preorder(usize::MAX).filter(|node| node.kind() == "short_var_declaration");
    let mut firsts = declared.filter_map(|node| children(node.field("left")?).into_iter().next());
    !asked.contains(list) && firsts.any(|first| asked.contains(text(first, bytes)))
}
