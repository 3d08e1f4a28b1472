//! The defaults that a reader of django-environ is made with: `environ.Env(DEBUG=(bool, False))`.

use std::collections::BTreeSet;

use super::fallback::{NOTHING, fallen_back};
use super::mention::{Mention, MentionRole, Mentions};
use crate::syntax::grammar::Family;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;

/// The classes of the package.
const READERS: [&str; 2] = ["Env", "FileAwareEnv"];

/// State the defaults of those variables that are read somewhere.
pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let is_read = |mention: &&Mention| !matches!(mention.role, MentionRole::Documents);
    let read: BTreeSet<String> = mentions.found.iter().filter(is_read).map(|mention| mention.name.clone()).collect();
    for file in prefilter::files_with(corpus, Family::Python, &["Env("]) {
        let Some(parsed) = file.syntax().filter(|_| file.holds("environ")) else { continue };
        let bytes = file.bytes();
        let calls = parsed.tree.root_node().preorder(usize::MAX).filter(|node| node.kind() == "call");
        let makers = calls.filter(|call| {
            call.field_text("function", bytes).rsplit('.').next().is_some_and(|name| READERS.contains(&name))
        });
        for given in makers.flat_map(|call| call.arguments()).filter(|one| one.kind() == "keyword_argument") {
            let name = given.field_text("name", bytes);
            let pair = given.field("value").filter(|value| value.kind() == "tuple").map(|value| value.parts());
            let Some(default) = pair.and_then(|pair| pair.get(1).copied()).filter(|_| read.contains(name)) else {
                continue;
            };
            let is_nothing = NOTHING.contains(&text(default, bytes));
            let literal = if is_nothing { Some(String::new()) } else { fallen_back(default, bytes).0 };
            let mention = Mention::read("Python", name, file.lines_of(given));
            mentions.found.push(Mention { required: Some(false), default: literal, ..mention });
        }
    }
}
