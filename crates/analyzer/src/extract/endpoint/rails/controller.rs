//! Whether a controller turns strangers away before every action: only where its own class says so without a
//! condition, and nothing in the file takes it back.

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::syntax::literal::text;
use crate::tree::corpus::Corpus;

/// What was asked before, by controller.
pub(super) struct Guards<'c> {
    corpus: &'c Corpus,
    root: String,
    known: BTreeMap<String, bool>,
}

impl<'c> Guards<'c> {
    pub(super) fn new(corpus: &'c Corpus, root: &str) -> Self {
        Self { corpus, root: root.to_owned(), known: BTreeMap::new() }
    }

    /// Whether the controller of `controller#action` guards every action.
    pub(super) fn guards(&mut self, handler: &str) -> bool {
        let Some((controller, _)) = handler.split_once('#') else { return false };
        if let Some(known) = self.known.get(controller) {
            return *known;
        }
        let folder = if self.root.is_empty() { String::new() } else { format!("{}/", self.root) };
        let guards = is_guarded(self.corpus, &format!("{folder}app/controllers/{controller}_controller.rb"));
        self.known.insert(controller.to_owned(), guards);
        guards
    }
}

fn is_guarded(corpus: &Corpus, path: &str) -> bool {
    let Some(file) = corpus.application_file(path) else { return false };
    let source = file.text();
    if !source.contains("before_action") || source.contains("skip_before_action") || source.contains("skip_filter") {
        return false;
    }
    let Some(parsed) = file.syntax() else { return false };
    let mut open = vec![parsed.tree.root_node()];
    let mut guards = false;
    while let Some(node) = open.pop() {
        for child in node.inner() {
            match child.kind() {
                // What stands in a method, a branch or a block is not sure to count.
                "class" | "module" | "body_statement" => open.push(child),
                "call" => guards |= is_guard(child, file.bytes()),
                _ => {}
            }
        }
    }
    guards
}

/// `before_action :authenticate_user!` with nothing else.
fn is_guard(call: Node<'_>, bytes: &[u8]) -> bool {
    let is_before = call.field("method").is_some_and(|method| text(method, bytes) == "before_action");
    let Some(arguments) = call.field("arguments").filter(|_| is_before) else { return false };
    let names: Vec<Node<'_>> = arguments.inner().collect();
    if call.field("block").is_some() || names.iter().any(|name| name.kind() != "simple_symbol") {
        return false;
    }
    names.iter().any(|name| {
        let name = text(*name, bytes).trim_start_matches(':');
        (name.starts_with("authenticate_") && name.ends_with('!')) || matches!(name, "require_login" | "require_user")
    })
}
