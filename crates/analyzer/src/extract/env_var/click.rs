//! Options of click's commands below `auto_envvar_prefix`: `APP_PORT` for `--port`, `APP_SERVE_PORT` for that of a command
//! in a group.

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::mention::{Mention, Mentions, is_name};
use crate::syntax::grammar::Family;
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

const SETTING: &str = "auto_envvar_prefix";

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    for file in prefilter::files_with(corpus, Family::Python, &[SETTING]) {
        let Some(parsed) = file.syntax() else { continue };
        let (root, bytes) = (parsed.tree.root_node(), file.bytes());
        let commands: Vec<Command<'_>> =
            root.preorder(usize::MAX).filter_map(|node| Command::of(node, root, bytes)).collect();
        let mut prefixes: BTreeMap<&str, String> = BTreeMap::new();
        for command in &commands {
            let below = command
                .group
                .and_then(|group| prefixes.get(group))
                .map(|prefix| format!("{prefix}_{}", spelled(&command.name)));
            let called = called_with_prefix(root, command.function, bytes);
            let Some(prefix) = command.prefix.clone().or(called).or(below) else { continue };
            command.options(file, &prefix, mentions);
            prefixes.insert(command.function, prefix);
        }
        // Commands of another file that are started, or added, with a prefix that stands here.
        let is_elsewhere = |call: &Node<'_>| {
            let callee = call.field("function").map(|callee| text(callee, bytes)).unwrap_or_default();
            let is_started = argument(*call, SETTING, bytes).is_some()
                && !matches!(callee, "dict")
                && !commands.iter().any(|command| command.function == callee);
            let is_added = callee.strip_suffix(".add_command").is_some_and(|group| prefixes.contains_key(group))
                && call
                    .first_argument()
                    .is_some_and(|added| !commands.iter().any(|command| command.function == text(added, bytes)));
            is_started || is_added
        };
        for call in root.preorder(usize::MAX).filter(|node| node.kind() == "call").filter(is_elsewhere) {
            let reason =
                "the options of commands in other files are variables, too, below the prefix that click is given";
            mentions.unresolved(reason.to_owned(), file.lines_of(call));
        }
    }
}

/// A function that click makes a command of.
struct Command<'t> {
    function: &'t str,
    /// As people type it.
    name: String,
    /// The group that it belongs to.
    group: Option<&'t str>,
    prefix: Option<String>,
    decorators: Vec<Node<'t>>,
}

impl<'t> Command<'t> {
    fn of(node: Node<'t>, root: Node<'t>, bytes: &'t [u8]) -> Option<Self> {
        let function = node.field("definition").filter(|_| node.kind() == "decorated_definition")?;
        let function = function.field_text("name", bytes);
        let calls = node.inner().filter(|one| one.kind() == "decorator").filter_map(|one| one.named_child(0));
        let decorators: Vec<Node<'t>> = calls.filter(|one| one.kind() == "call").collect();
        let made = decorators.iter().find_map(|call| {
            let of = call.field("function")?;
            let kind = of.field_text("attribute", bytes);
            matches!(kind, "command" | "group").then(|| (*call, of.field_text("object", bytes)))
        });
        let (call, of) = made?;
        let first = call.arguments().into_iter().find(|one| one.kind() == "string");
        let name = first.and_then(|first| whole(first, bytes)).unwrap_or_else(|| function.to_owned());
        let settings = argument(call, "context_settings", bytes);
        let settings = settings.map(|one| match one.kind() {
            "identifier" => super::constant::declared_value(root, text(one, bytes), bytes).unwrap_or(one),
            _ => one,
        });
        let prefix = settings.and_then(|settings| of_settings(settings, bytes));
        Some(Self { function, name, group: (of != "click").then_some(of), prefix, decorators })
    }

    fn options(&self, file: &SourceFile, prefix: &str, mentions: &mut Mentions) {
        let bytes = file.bytes();
        for call in &self.decorators {
            let is_option = call
                .field("function")
                .is_some_and(|of| of.field_text("attribute", bytes) == "option" || text(of, bytes) == "option");
            let is_shut = argument(*call, "allow_from_autoenv", bytes).is_some_and(|one| text(one, bytes) == "False");
            if !is_option || is_shut {
                continue;
            }
            let names = call.arguments().into_iter().filter(|one| one.kind() == "string");
            let names: Vec<String> = names.filter_map(|one| whole(one, bytes)).collect();
            // A name without dashes is the parameter's; else the longest dashes tell it.
            let plain = names.iter().find(|name| !name.starts_with('-'));
            let long = names.iter().find(|name| name.starts_with("--"));
            let Some(name) = plain.or(long).or(names.first()) else { continue };
            let name = name.split('/').next().unwrap_or(name).trim_matches(['-', ' ']);
            let name = format!("{prefix}_{}", spelled(name));
            let default = argument(*call, "default", bytes).and_then(|one| super::fallback::literal(one, bytes));
            if is_name(&name) {
                let required = default.as_ref().map(|_| false);
                mentions.found.push(Mention {
                    required,
                    default,
                    ..Mention::read("Python", name, file.lines_of(*call))
                });
            }
        }
    }
}

/// `main(auto_envvar_prefix="APP")`
fn called_with_prefix(root: Node<'_>, function: &str, bytes: &[u8]) -> Option<String> {
    let mut calls =
        root.preorder(usize::MAX).filter(|node| node.kind() == "call" && node.field_is("function", function, bytes));
    calls.find_map(|call| whole(argument(call, SETTING, bytes).filter(|one| one.kind() == "string")?, bytes))
}

/// `{"auto_envvar_prefix": "APP"}`, `dict(auto_envvar_prefix="APP")`
fn of_settings(settings: Node<'_>, bytes: &[u8]) -> Option<String> {
    let value = match settings.kind() {
        "call" => argument(settings, SETTING, bytes)?,
        _ => settings.parts().into_iter().find_map(|pair| {
            let key = pair.field("key").and_then(|key| whole(key, bytes))?;
            (key == SETTING).then(|| pair.field("value"))?
        })?,
    };
    whole(value, bytes).filter(|_| value.kind() == "string")
}

fn argument<'t>(call: Node<'t>, name: &str, bytes: &[u8]) -> Option<Node<'t>> {
    call.arguments()
        .into_iter()
        .find(|one| one.kind() == "keyword_argument" && one.field_is("name", name, bytes))?
        .field("value")
}

fn spelled(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}
