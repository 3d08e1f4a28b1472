//! The default that the readers of packages are given: django-environ, environs, python-decouple, Starlette. By name it is
//! `default=` in all of them; by place it is the second argument, or the third where the second converts.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::fallback::{NOTHING, Unset, fallen_back};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;

/// The default of a call. Without the variable the program goes on, whatever it is given; `None` is an empty default.
pub(super) fn default(call: Node<'_>, bytes: &[u8]) -> Unset {
    let Some(given) = given(call, bytes) else { return (None, None) };
    let literal = if NOTHING.contains(&text(given, bytes)) { Some(String::new()) } else { fallen_back(given, bytes).0 };
    (literal, Some(false))
}

/// The other names that a file gives its reader, on some way: `secret = env`, `settings = environ.Env()`.
pub(super) fn other_names(source: &str) -> BTreeSet<&str> {
    let given = source.lines().filter_map(|line| line.split_once('='));
    let given = given.filter(|(_, value)| {
        let value = value.split(['(', '#']).next().unwrap_or_default().trim();
        matches!(value, "env" | "Env" | "environ.Env" | "environ.FileAwareEnv" | "environs.Env")
    });
    let names = given.map(|(name, _)| name.split(':').next().unwrap_or_default().trim());
    names.filter(|name| *name != "env").collect()
}

fn given<'t>(call: Node<'t>, bytes: &[u8]) -> Option<Node<'t>> {
    let all = call.arguments();
    let is_named = |one: &&Node<'_>| one.kind() == "keyword_argument";
    if let Some(named) = all.iter().filter(is_named).find(|one| one.field_is("name", "default", bytes)) {
        return named.field("value");
    }
    // `env.bool("X", given)` knows how to convert.
    let converts_itself = call
        .field("function")
        .is_some_and(|function| !matches!(function.field_text("attribute", bytes), "" | "dict" | "list" | "tuple"));
    let by_place = all.iter().take_while(|one| !is_named(one) && !one.kind().ends_with("_splat"));
    by_place.skip(1).take(2).find(|one| converts_itself || !converts(**one, bytes)).copied()
}

/// Whether an argument can only be what makes something of the text: a type, a function.
fn converts(argument: Node<'_>, bytes: &[u8]) -> bool {
    match argument.kind() {
        "lambda" => true,
        // Constants are written in capitals, types and functions are not.
        "identifier" | "attribute" => text(argument, bytes)
            .rsplit('.')
            .next()
            .is_some_and(|name| name.chars().any(|letter| letter.is_ascii_lowercase())),
        _ => false,
    }
}
