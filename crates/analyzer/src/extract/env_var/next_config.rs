//! `env` in the configuration of Next.js: `process.env.NAME` is filled in there, by the build, and no variable of the
//! environment.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::mention::Mention;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Leave out the reads of what a configuration fills in, unless it is the variable of the same name.
pub(super) fn leave_out_filled(corpus: &Corpus, found: &mut Vec<Mention>) {
    for config in corpus.application().filter(|file| file.name().starts_with("next.config.")) {
        let mut filled = filled(config);
        for mention in found.iter().filter(|mention| mention.evidence.path == config.path) {
            filled.remove(&mention.name);
        }
        let below = |path: &str| path.strip_prefix(config.folder()).is_some_and(|rest| rest.starts_with('/'));
        found.retain(|mention| {
            let path = mention.evidence.path.as_str();
            !(filled.contains(&mention.name) && (config.folder().is_empty() || below(path)))
        });
    }
}

/// The keys of each object under `env`.
fn filled(config: &SourceFile) -> BTreeSet<String> {
    let Some(parsed) = config.syntax() else { return BTreeSet::new() };
    let bytes = config.bytes();
    let key = |pair: Node<'_>| {
        let key = if pair.kind() == "pair" { pair.field("key")? } else { pair };
        let named = matches!(key.kind(), "property_identifier" | "string" | "shorthand_property_identifier");
        named.then(|| text(key, bytes).trim_matches(['"', '\'']).to_owned())
    };
    let objects = parsed.tree.root_node().preorder(usize::MAX);
    let objects = objects.filter(|node| node.kind() == "pair" && key(*node).as_deref() == Some("env"));
    let objects = objects.filter_map(|pair| pair.field("value").filter(|value| value.kind() == "object"));
    objects.flat_map(|object| object.inner().filter_map(key).collect::<Vec<_>>()).collect()
}
