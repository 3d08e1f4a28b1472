//! Functions of Python and JavaScript programs that read the variable whose name they make of a parameter, and the calls
//! that give it one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use tree_sitter::Node;

use super::alias::list_around;
use super::joined::{FunctionScope, JoinedName, Joiner, Scopes};
use super::mention::{Mention, Mentions, is_name};
use crate::syntax::literal::{text, whole};
use crate::syntax::node::NodeExt as _;
use crate::syntax::prefilter;
use crate::tree::file::SourceFile;

/// The search for files that may call some of these functions: their names stand in half of the files of a program.
pub(super) struct Callers<'j> {
    calls: AhoCorasick,
    stems: AhoCorasick,
    own: BTreeSet<&'j str>,
}

impl<'j> Callers<'j> {
    pub(super) fn new(joiners: &'j BTreeSet<Joiner>) -> Self {
        let calls: Vec<String> = joiners.iter().map(|one| format!("{}(", one.name)).collect();
        let calls: Vec<&str> = calls.iter().map(String::as_str).collect();
        let stems: Vec<&str> = joiners.iter().map(|one| stem(&one.path)).collect();
        let own = joiners.iter().map(|one| one.path.as_str()).collect();
        Self { calls: prefilter::automaton(&calls), stems: prefilter::automaton(&stems), own }
    }

    pub(super) fn may_be(&self, file: &SourceFile) -> bool {
        let bytes = file.bytes();
        self.calls.is_match(bytes) && (self.own.contains(file.path.as_str()) || self.stems.is_match(bytes))
    }
}

/// What the calls of a file read through these functions.
pub(super) fn calls(file: &SourceFile, joiners: &BTreeSet<Joiner>) -> Mentions {
    let mut out = Mentions::default();
    let Some(parsed) = file.syntax() else { return out };
    let (root, bytes) = (parsed.tree.root_node(), file.bytes());
    let (scopes, mut known) = (Scopes::new(root, bytes), Known::new(file));
    for call in root.preorder(usize::MAX).filter(|node| matches!(node.kind(), "call" | "call_expression")) {
        let Some((called, object)) = called(call, bytes) else { continue };
        for joiner in joiners.iter().filter(|joiner| joiner.name == called) {
            if !known.is_called(joiner, object) {
                continue;
            }
            let scope = scopes.around(call);
            for given in given(call, joiner, &scope, root, bytes) {
                let joined = joiner.joined.fill(&given);
                let Some(name) = joined.text() else {
                    out.joiners.extend(scope.joiner(joined, &file.path));
                    continue;
                };
                let is_loud = name.len() > 2 && !name.bytes().any(|byte| byte.is_ascii_lowercase());
                if is_loud && is_name(&name) {
                    out.found.push(Mention::read(parsed.language.name(), name, file.first_line_of(call)));
                }
            }
        }
    }
    out
}

/// The name of what is called, and the object that it is called on.
fn called<'b>(call: Node<'_>, bytes: &'b [u8]) -> Option<(&'b str, Option<&'b str>)> {
    let function = call.field("function")?;
    if function.kind() == "identifier" {
        return Some((text(function, bytes), None));
    }
    let called = function.field("attribute").or_else(|| function.field("property"))?;
    Some((text(called, bytes), Some(text(function.field("object")?, bytes))))
}

/// What is known of a file when it is asked whether a call is one of some function, and not of another of its name.
struct Known<'f> {
    path: &'f str,
    source: Cow<'f, str>,
    /// By function and object; calls repeat.
    answers: BTreeMap<(Joiner, String), bool>,
}

impl<'f> Known<'f> {
    fn new(file: &'f SourceFile) -> Self {
        Self { path: &file.path, source: file.text(), answers: BTreeMap::new() }
    }

    fn is_called(&mut self, joiner: &Joiner, object: Option<&str>) -> bool {
        let key = (joiner.clone(), object.unwrap_or_default().to_owned());
        if let Some(answer) = self.answers.get(&key) {
            return *answer;
        }
        let answer = self.finds(joiner, object);
        self.answers.insert(key, answer);
        answer
    }

    fn finds(&self, joiner: &Joiner, object: Option<&str>) -> bool {
        let (is_own, stem) = (self.path == joiner.path, stem(&joiner.path));
        if !is_own && !self.source.contains(stem) {
            return false;
        }
        let imports = |name: &str| {
            let mut lines = self.source.lines().filter(|line| line.contains("import") || line.contains("require"));
            lines.any(|line| line.contains(name) && line.contains(stem))
        };
        let Some(object) = object else { return joiner.class.is_none() && (is_own || imports(&joiner.name)) };
        let last = object.rsplit('.').next().unwrap_or(object);
        match &joiner.class {
            None => last == stem || imports(last),
            Some(class) => {
                let makes = |start: &str| self.source.contains(&format!("{last} = {start}{class}("));
                matches!(object, "self" | "this" | "cls") && is_own || last == class || makes("") || makes("new ")
            }
        }
    }
}

/// The name of a module.
fn stem(path: &str) -> &str {
    let path = path.rsplit_once('.').map_or(path, |(path, _)| path);
    let path = path.trim_end_matches("/__init__").trim_end_matches("/index");
    path.rsplit('/').next().unwrap_or(path)
}

/// What a call gives for the parameter: a text, what is made of a parameter of the function around, or the items of the
/// literal list that a loop around walks.
fn given<'t>(
    call: Node<'t>,
    joiner: &Joiner,
    scope: &FunctionScope<'_, 't, '_>,
    root: Node<'t>,
    bytes: &[u8],
) -> Vec<JoinedName> {
    let arguments = call.arguments();
    let is_plain = |one: &&Node<'_>| !matches!(one.kind(), "keyword_argument" | "dictionary_splat" | "list_splat");
    let by_name =
        arguments.iter().find(|one| one.kind() == "keyword_argument" && one.field_is("name", &joiner.parameter, bytes));
    let argument = by_name
        .and_then(|one| one.field("value"))
        .or_else(|| arguments.iter().filter(is_plain).nth(joiner.at).copied());
    let Some(argument) = argument else {
        let spread = arguments.iter().find(|one| one.kind() == "dictionary_splat").and_then(|one| one.named_child(0));
        return spread.map(|object| of_items(object, Some(&joiner.parameter), call, root, bytes)).unwrap_or_default();
    };
    if let Some(joined) = scope.joined(argument) {
        return vec![joined];
    }
    let (object, key) = match argument.kind() {
        "subscript" => (argument.field("value"), argument.field("subscript").and_then(|key| whole(key, bytes))),
        "member_expression" => {
            (argument.field("object"), argument.field("property").map(|key| text(key, bytes).to_owned()))
        }
        "identifier" => (Some(argument), None),
        _ => return Vec::new(),
    };
    object.map(|object| of_items(object, key.as_deref(), call, root, bytes)).unwrap_or_default()
}

/// The items of the list that a loop walks with a variable, or what they hold under a key.
fn of_items(variable: Node<'_>, key: Option<&str>, site: Node<'_>, root: Node<'_>, bytes: &[u8]) -> Vec<JoinedName> {
    let list = list_around(text(variable, bytes), site, root, bytes);
    let items = list.map(Node::parts).unwrap_or_default();
    let values = items.into_iter().filter_map(|item| match key {
        None => Some(item),
        Some(key) => item.parts().into_iter().find_map(|pair| {
            let name = pair.field("key")?;
            (text(name, bytes).trim_matches(['"', '\'']) == key).then(|| pair.field("value"))?
        }),
    });
    values
        .filter(|value| value.kind() == "string")
        .filter_map(|value| Some(JoinedName::Text(whole(value, bytes)?)))
        .collect()
}
