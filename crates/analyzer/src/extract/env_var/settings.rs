//! Settings classes whose fields are environment variables: classes that extend pydantic's
//! `BaseSettings`, directly or through others of the tree, and what they mix in.

use std::collections::BTreeSet;

use tree_sitter::Node;

use crate::extract::env_var::mention::{Mention, Mentions, is_name};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::syntax::query::{self, Purpose};
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Mixins of mixins.
const MAX_MIXED: usize = 4;

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let files = prefilter::files_with(corpus, Family::Python, &["Settings"]);
    let mut classes = Vec::new();
    for file in files {
        let Some(parsed) = file.syntax() else { continue };
        for one in query::matches(parsed, Purpose::EnvVar, file.bytes()) {
            if let (Some(class), Some(base)) = (one.get("class"), one.get("base")) {
                classes.push((file, class, text(base, file.bytes()).rsplit('.').next().unwrap_or_default()));
            }
        }
    }
    // Classes that extend one of the known, until nothing is new.
    let mut known: BTreeSet<&str> = BTreeSet::from(["BaseSettings"]);
    let mut done: BTreeSet<(&str, usize)> = BTreeSet::new();
    let mut mixed: Vec<Mixed> = Vec::new();
    loop {
        let before = done.len();
        for (file, class, base) in &classes {
            if !known.contains(base) || !done.insert((&file.path, class.start_byte())) {
                continue;
            }
            if let Some(name) = class.field("name") {
                known.insert(text(name, file.bytes()));
            }
            let prefix = class.field("body").map(|body| prefix(body, file.bytes())).unwrap_or_default();
            fields(file, *class, &prefix, mentions);
            mixed.extend(bases(*class, file.bytes()).map(|name| Mixed {
                name,
                prefix: prefix.clone(),
                into: file.path.clone(),
            }));
        }
        if done.len() == before {
            break;
        }
    }
    mixed.retain(|one| !known.contains(one.name.as_str()));
    mix_in(corpus, mixed, mentions);
}

/// A class whose fields become those of a settings class.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Mixed {
    name: String,
    prefix: String,
    /// The file of the class that extends it.
    into: String,
}

/// The last part of each name that a class extends.
fn bases<'t>(class: Node<'t>, bytes: &'t [u8]) -> impl Iterator<Item = String> + 't {
    let bases = class.field("superclasses").map(Node::parts).unwrap_or_default().into_iter();
    let named = bases.filter(|base| matches!(base.kind(), "identifier" | "attribute"));
    named.map(|base| text(base, bytes).rsplit('.').next().unwrap_or_default().to_owned())
}

/// State the fields of classes of the tree under the prefix of the settings that extend them. Of several classes with
/// one name it is that of the same file.
fn mix_in(corpus: &Corpus, mut wanted: Vec<Mixed>, mentions: &mut Mentions) {
    let mut done = BTreeSet::new();
    for _ in 0..MAX_MIXED {
        wanted.retain(|one| done.insert(one.clone()));
        if wanted.is_empty() {
            return;
        }
        let patterns: Vec<String> = wanted.iter().map(|one| format!("class {}", one.name)).collect();
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let files = prefilter::files_with(corpus, Family::Python, &patterns);
        let classes = files.into_iter().filter_map(|file| Some((file, file.syntax()?))).flat_map(|(file, parsed)| {
            let nodes = parsed.tree.root_node().preorder(usize::MAX);
            nodes.filter(|node| node.kind() == "class_definition").map(move |class| (file, class))
        });
        let classes: Vec<(&SourceFile, Node<'_>)> = classes.collect();
        let mut next = Vec::new();
        for Mixed { name, prefix, into } in &wanted {
            let of_name = || classes.iter().filter(|(file, class)| class.field_is("name", name, file.bytes()));
            let own = of_name().find(|(file, _)| file.path == *into);
            let only = of_name().next().filter(|_| of_name().count() == 1);
            let Some((file, class)) = own.or(only) else { continue };
            fields(file, *class, prefix, mentions);
            let into = &file.path;
            next.extend(bases(*class, file.bytes()).map(|name| Mixed {
                name,
                prefix: prefix.clone(),
                into: into.clone(),
            }));
        }
        wanted = next;
    }
}

fn fields(file: &SourceFile, class: Node<'_>, prefix: &str, mentions: &mut Mentions) {
    let bytes = file.bytes();
    let Some(body) = class.field("body") else { return };
    for statement in body.inner() {
        let Some(field) = statement.named_child(0).filter(|inner| inner.kind() == "assignment") else {
            continue;
        };
        let (Some(left), Some(of_type)) = (field.field("left"), field.field("type")) else { continue };
        let field_name = text(left, bytes);
        if field_name.starts_with('_') || field_name == "model_config" || text(of_type, bytes).contains("ClassVar") {
            continue;
        }
        let right = field.field("right");
        let alias = right
            .and_then(|right| argument(right, &["env", "validation_alias", "alias"], bytes))
            .and_then(|node| whole(node, bytes));
        let name = alias.unwrap_or_else(|| format!("{prefix}{field_name}").to_ascii_uppercase());
        if !is_name(&name) {
            continue;
        }
        let value = right.and_then(|right| match right.kind() {
            "call" => argument(right, &["default", ""], bytes),
            _ => Some(right),
        });
        let has_default = match (right.map(|right| right.kind()), value) {
            (Some("call"), None) => right.is_some_and(|right| text(right, bytes).contains("default_factory")),
            (_, Some(value)) => value.kind() != "ellipsis",
            (_, None) => false,
        };
        let default = value.and_then(|value| match value.kind() {
            "string" => whole(value, bytes),
            "integer" | "float" | "true" | "false" => Some(text(value, bytes).to_owned()),
            _ => None,
        });
        let required = match (has_default, text(of_type, bytes).contains("Optional")) {
            // `None` says that there is none.
            (true, _) => value.is_none_or(|value| value.kind() != "none").then_some(false),
            (false, false) => Some(true),
            (false, true) => None,
        };
        let evidence = file.lines_of(field);
        mentions.found.push(Mention { required, default, ..Mention::read("Python", name, evidence) });
    }
}

/// The named argument of a call, in the order of the names; the name `` is the first positional one.
fn argument<'t>(call: Node<'t>, names: &[&str], bytes: &[u8]) -> Option<Node<'t>> {
    let arguments = call.field("arguments")?;
    let given: Vec<Node<'t>> = arguments.parts();
    names.iter().find_map(|name| {
        if name.is_empty() {
            return given.first().filter(|first| first.kind() != "keyword_argument").copied();
        }
        let named = given.iter().find(|argument| argument.field_is("name", name, bytes))?;
        named.field("value")
    })
}

/// `env_prefix` of the inner `Config` class or of `model_config`.
fn prefix(body: Node<'_>, bytes: &[u8]) -> String {
    let source = text(body, bytes);
    let literal = source.split("env_prefix").nth(1).and_then(|rest| {
        let rest = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(['=', ':'])?.trim_start();
        let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        rest[1..].split(quote).next()
    });
    literal.unwrap_or_default().to_owned()
}
