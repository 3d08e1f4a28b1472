//! Names of variables in tables: `{ envName: "SMTP_HOST", … }`, where the program reads `process.env[option.envName]`. Only
//! fields whose own name speaks of the environment, with names of variables in capitals.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::mention::{Mention, Mentions, is_name};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// The field that names the variable: `option.envName`, or `envName` that was taken out of one.
pub(super) fn field_of(name: Node<'_>, bytes: &[u8]) -> Option<String> {
    let field = match name.kind() {
        "member_expression" => name.field_text("property", bytes),
        "identifier" => text(name, bytes),
        _ => return None,
    };
    let is_telling = field.to_ascii_lowercase().contains("env") && field.len() > 3;
    is_telling.then(|| field.to_owned())
}

/// What tables name of the fields that are read. Where they name any, the read is no longer computed.
pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let listed = std::mem::take(&mut mentions.listed);
    let fields: BTreeSet<&str> = listed.iter().map(|(field, _)| field.as_str()).collect();
    if fields.is_empty() {
        return;
    }
    let wanted: Vec<&str> = fields.iter().copied().collect();
    let files = prefilter::files_with(corpus, Family::Script, &wanted);
    let mut named = BTreeSet::new();
    for (field, mention) in deal::map(files, |file| pairs(file, &fields)).into_iter().flatten() {
        named.insert(field);
        mentions.found.push(mention);
    }
    let known = |at: &_| listed.iter().any(|(field, place)| place == at && named.contains(field));
    mentions.unresolved.retain(|one| !one.evidence.first().is_some_and(known));
}

fn pairs(file: &SourceFile, fields: &BTreeSet<&str>) -> Vec<(String, Mention)> {
    let Some(parsed) = file.syntax() else { return Vec::new() };
    let bytes = file.bytes();
    let pair = |node: Node<'_>| {
        let field = text(node.field("key")?, bytes).trim_matches(['"', '\'']);
        let value = node.field("value").filter(|value| matches!(value.kind(), "string" | "template_string"))?;
        let name = whole(value, bytes).filter(|name| is_name(name) && name.len() > 2)?;
        let is_loud = !name.bytes().any(|byte| byte.is_ascii_lowercase());
        let read = || Mention::read(parsed.language.name(), name.clone(), file.lines_of(node));
        (is_loud && fields.contains(field)).then(|| (field.to_owned(), read()))
    };
    let nodes = parsed.tree.root_node().preorder(usize::MAX);
    nodes.into_iter().filter(|node| node.kind() == "pair").filter_map(pair).collect()
}
