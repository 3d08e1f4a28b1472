//! Dependencies of a Gemfile (with the files that it evaluates) and of a gemspec, and the pins of Gemfile.lock. What a
//! program computes the name of is left out; branches all count, as the gems of each are asked for by somebody.

use std::collections::BTreeMap;

use tree_sitter::Node;

use crate::fact::Found;
use crate::lang::ruby;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::inside;

use super::lock::Locks;
use super::{Dependency, locked};

/// Groups that a running application does without.
const DEVELOPMENT: [&str; 12] =
    ["development", "dev", "test", "tests", "testing", "ci", "cucumber", "rubocop", "lint", "doc", "docs", "debug"];
/// Files that evaluate each other, and blocks inside each other.
const MAX_EVALUATED_FILES: usize = 100;
const MAX_BLOCK_DEPTH: usize = 100;

/// What stands around a `gem` line.
#[derive(Clone, Default)]
struct Around {
    groups: Vec<String>,
    is_optional: bool,
    /// `git`, `path` or `source` with its place.
    source: Option<(String, String)>,
    /// The variable of a loop over a literal list, with its items.
    items: Option<(String, Vec<String>)>,
}

/// Every gem of a Gemfile.
pub(super) fn gemfile(corpus: &Corpus, locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let mut open = vec![file];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(file) = open.pop() {
        if seen.contains(&file.path.as_str()) || seen.len() >= MAX_EVALUATED_FILES {
            continue;
        }
        seen.push(&file.path);
        let Some(parsed) = file.syntax() else { continue };
        let mut reading = Reading { locks, file, evaluated: Vec::new(), found };
        reading.walk(parsed.tree.root_node(), &Around::default(), 0);
        let folder = file.folder();
        for name in std::mem::take(&mut reading.evaluated) {
            // One that is a Gemfile itself is read for itself.
            open.extend(corpus.application_file(&inside(folder, &name)).filter(|file| file.name() != "Gemfile"));
        }
    }
}

struct Reading<'r, 'c> {
    locks: &'r Locks<'c>,
    file: &'c SourceFile,
    evaluated: Vec<String>,
    found: &'r mut Found,
}

impl Reading<'_, '_> {
    fn walk(&mut self, node: Node<'_>, around: &Around, depth: usize) {
        if depth > MAX_BLOCK_DEPTH {
            return;
        }
        let bytes = self.file.bytes();
        let mut inside = around.clone();
        if node.kind() == "call" {
            let method = node.field_text("method", bytes);
            let receiver = node.field("receiver");
            let (given, options) = arguments(node, bytes);
            match (method, receiver) {
                ("gem", None) => return self.gem(node, &given, &options, around),
                ("group", None) => {
                    inside.groups.extend(given.into_iter().flatten());
                    inside.is_optional |=
                        options.get("optional").is_some_and(|value| value.contains(&"true".to_owned()));
                }
                ("git" | "path" | "source" | "github", None) => {
                    inside.source = given.into_iter().flatten().next().map(|place| (method.to_owned(), place));
                }
                ("eval_gemfile" | "eval", None) => self.evaluated.extend(given.into_iter().flatten()),
                ("each", Some(list)) => {
                    let block = node.field("block");
                    let name = block.and_then(|block| block.field("parameters"));
                    let name = name.map(|name| text(name, bytes).trim_matches(['|', ' ']).to_owned());
                    if let (Some(name), items) = (name, ruby::list(list, bytes))
                        && !items.is_empty()
                    {
                        inside.items = Some((name, items));
                    }
                }
                _ => {}
            }
        }
        for child in node.inner() {
            self.walk(child, &inside, depth + 1);
        }
    }

    fn gem(
        &mut self,
        node: Node<'_>,
        given: &[Option<String>],
        options: &BTreeMap<&str, Vec<String>>,
        around: &Around,
    ) {
        let bytes = self.file.bytes();
        let first = node.first_argument();
        let names = match (given.first(), &around.items) {
            (Some(Some(name)), _) => vec![name.clone()],
            (_, Some((name, items))) if first.is_some_and(|first| text(first, bytes) == name) => items.clone(),
            _ => return,
        };
        let mut groups = around.groups.clone();
        for key in ["group", "groups"] {
            groups.extend(options.get(key).cloned().unwrap_or_default());
        }
        let is_development = !groups.is_empty() && groups.iter().all(|group| DEVELOPMENT.contains(&group.as_str()));
        let scope = if is_development {
            "dev"
        } else if around.is_optional {
            "optional"
        } else {
            "runtime"
        };
        let versions: Vec<&str> = given.iter().skip(1).flatten().map(String::as_str).collect();
        for name in names {
            let dependency = Dependency {
                ecosystem: "gem",
                name: &name,
                scope,
                requirement: (!versions.is_empty()).then(|| versions.join(", ")),
                evidence: self.file.lines_of(node),
            };
            let mut fact = dependency.fact(self.file);
            for source in ["git", "github", "path", "source"] {
                if let Some([place]) = options.get(source).map(Vec::as_slice) {
                    fact = fact.with(source, place.as_str());
                }
            }
            if let Some((source, place)) = &around.source {
                fact = fact.with(source, place.as_str());
            }
            if !groups.is_empty() {
                fact = fact.with("groups", groups.clone());
            }
            self.found.facts.push(locked(fact, self.locks.pin("gem", self.file.folder(), &name)));
        }
    }
}

/// `spec.add_dependency "rack", ">= 2"` and its kin.
pub(super) fn gemspec(locks: &Locks<'_>, file: &SourceFile, found: &mut Found) {
    let Some(parsed) = file.syntax() else { return };
    let bytes = file.bytes();
    for node in parsed.tree.root_node().preorder(MAX_BLOCK_DEPTH).filter(|node| node.kind() == "call") {
        let scope = match node.field_text("method", bytes) {
            "add_dependency" | "add_runtime_dependency" => "runtime",
            "add_development_dependency" => "dev",
            _ => continue,
        };
        let (given, _) = arguments(node, bytes);
        let mut given = given.into_iter();
        let Some(Some(name)) = given.next() else { continue };
        let versions: Vec<String> = given.flatten().collect();
        let dependency = Dependency {
            ecosystem: "gem",
            name: &name,
            scope,
            requirement: (!versions.is_empty()).then(|| versions.join(", ")),
            evidence: file.lines_of(node),
        };
        found.facts.push(locked(dependency.fact(file), locks.pin("gem", file.folder(), &name)));
    }
}

/// What a call is given, `None` for what is computed, and its options; several requirements may stand in one list.
fn arguments<'t>(node: Node<'t>, bytes: &'t [u8]) -> (Vec<Option<String>>, BTreeMap<&'t str, Vec<String>>) {
    let (given, options) = ruby::arguments(node, bytes);
    let names = given.into_iter().flat_map(|one| match one.kind() {
        "array" => ruby::list(one, bytes).into_iter().map(Some).collect(),
        _ => vec![ruby::literal(one, bytes)],
    });
    let listed = |value: Option<Node<'_>>| value.map(|value| ruby::list(value, bytes)).unwrap_or_default();
    (names.collect(), options.into_iter().map(|(key, value)| (key, listed(value))).collect())
}
