//! The attributes of Rust, `#[name(plain, key = value)]`, split at the commas that stand outside of texts and brackets.
//! What is no literal stays text.

use tree_sitter::Node;

use crate::syntax::node::NodeExt as _;

/// What stands in a block, each with the attributes above it; comments between them do not count.
pub(crate) fn attributed<'t>(block: Node<'t>) -> Vec<(Node<'t>, Vec<Node<'t>>)> {
    let mut out = Vec::new();
    let mut above = Vec::new();
    for child in block.inner() {
        match child.kind() {
            "attribute_item" => above.push(child),
            "line_comment" | "block_comment" => {}
            _ => out.push((child, std::mem::take(&mut above))),
        }
    }
    out
}

/// An attribute that was split into its parts.
#[derive(Debug, Default)]
pub(crate) struct Written<'t> {
    /// The name without its path.
    pub(crate) name: &'t str,
    /// What is given without a name, as written.
    pub(crate) plain: Vec<&'t str>,
    /// What is given by name, in order.
    pub(crate) named: Vec<(&'t str, &'t str)>,
}

impl<'t> Written<'t> {
    /// `#[path::name(…)]` in its parts.
    pub(crate) fn read(text: &'t str) -> Self {
        let inner = text.trim().trim_start_matches("#!").trim_start_matches('#').trim();
        let inner = inner.strip_prefix('[').unwrap_or(inner);
        let inner = inner.strip_suffix(']').unwrap_or(inner).trim();
        let (path, arguments) = inner.split_once('(').unwrap_or((inner, ""));
        let name = path.trim().rsplit("::").next().unwrap_or_default().trim();
        let arguments = arguments.trim_end().strip_suffix(')').unwrap_or(arguments);
        let mut written = Self { name, ..Self::default() };
        for part in split(arguments) {
            match part.split_once('=') {
                Some((key, value)) if is_word(key.trim()) => written.named.push((key.trim(), value.trim())),
                _ => written.plain.push(part),
            }
        }
        written
    }

    /// The first value of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&'t str> {
        self.named.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

/// The text of a literal.
pub(crate) fn literal(written: &str) -> Option<String> {
    let written = written.trim();
    let raw = written.strip_prefix('r').map(|rest| rest.trim_matches('#'));
    let inner = raw.unwrap_or(written).strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('"') && raw.is_none() {
        return None;
    }
    Some(if raw.is_some() { inner.to_owned() } else { inner.replace("\\\\", "\\") })
}

/// Whether a text is one word.
pub(crate) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// Parts between the commas that stand outside of texts and brackets.
pub(crate) fn split(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut open, mut is_text, mut escaped, mut from) = (0_i32, false, false, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if is_text => escaped = true,
            '"' => is_text = !is_text,
            _ if is_text => {}
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open -= 1,
            ',' if open == 0 => {
                out.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    out.push(text[from..].trim());
    out.retain(|part| !part.is_empty());
    out
}
