//! Attributes above the fields of a Rust struct that bind the field to a variable: clap's and structopt's `env`,
//! confique's and bpaf's; and those of a derive that the program brings itself, `#[env_key("X")]`.

use tree_sitter::Node;

use crate::extract::env_var::constant::{constant, last_part};
use crate::extract::env_var::mention::{Mention, MentionRole, Mentions, is_name};
use crate::lang::rust::attribute::{Written, literal};
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// `#[arg(long, env = "X", default_value = "y")]`; a bare `env` takes the field's name, upper case.
pub(super) fn read(
    file: &SourceFile,
    attribute: Node<'_>,
    root: Node<'_>,
    constants: &(dyn Fn(&str) -> Option<String> + Sync),
    out: &mut Mentions,
) {
    let bytes = file.bytes();
    let written = Written::read(text(attribute, bytes));
    let mut plain = written.plain.iter().copied();
    let called = plain.find_map(|part| part.strip_prefix("env(")?.strip_suffix(')'));
    // The attribute itself is called so.
    let alone = written.plain.first().copied().filter(|_| written.name.starts_with("env"));
    let given = written.get("env").or(called).or(alone);
    let is_bare = written.plain.contains(&"env") && alone.is_none();
    if given.is_none() && !is_bare {
        return;
    }
    let mut field = attribute.next_named_sibling();
    while field.is_some_and(|next| {
        matches!(next.kind(), "attribute_item" | "line_comment" | "block_comment" | "visibility_modifier")
    }) {
        field = field.and_then(|next| next.next_named_sibling());
    }
    let Some(field) = field else { return };
    let own = field.field("name").map(|name| text(name, bytes).trim_start_matches("r#"));
    let name = match given {
        Some(given) => literal(given).or_else(|| constant(root, given, bytes)).or_else(|| constants(last_part(given))),
        None => own.map(str::to_ascii_uppercase),
    };
    let evidence = file.lines_between(attribute, field);
    let Some(name) = name.filter(|name| is_name(name)) else {
        let shown = given.unwrap_or_default();
        out.unresolved(format!("an argument's environment variable has a computed name: `{shown}`"), evidence);
        return;
    };
    let keys = ["default_value", "default_value_t", "default", "default_values", "default_value_os"];
    let default = keys.iter().find_map(|key| written.get(key));
    let has_default = default.is_some()
        || ["default_value_os_t", "default_values_t"].iter().any(|key| written.get(key).is_some())
        || written.plain.iter().any(|part| matches!(*part, "default_value_t" | "default_value_os_t"));
    let shown = default.and_then(|default| match literal(default) {
        Some(text) => Some(text),
        None if default.parse::<f64>().is_ok() || matches!(default, "true" | "false") => Some(default.to_owned()),
        None => None,
    });
    // Without a default the argument may still come from the command line.
    let required = has_default.then_some(false);
    out.found.push(Mention { name, required, default: shown, role: MentionRole::Reads("Rust"), evidence });
}
