//! The value of a string literal: quotes and prefixes off, escapes decoded. Holes stay holes.

use tree_sitter::Node;

/// A piece of a string literal.
pub(crate) enum Piece<'t> {
    /// Plain text.
    Text(String),
    /// An expression in a template or f-string.
    Hole(Node<'t>),
}

/// The pieces of a string, template or f-string node.
pub(crate) fn pieces<'t>(node: Node<'t>, bytes: &[u8]) -> Vec<Piece<'t>> {
    let mut cursor = node.walk();
    let children: Vec<Node<'t>> = node.children(&mut cursor).collect();
    let opening = children.first().map_or("", |first| text(*first, bytes));
    let is_raw = opening.starts_with(['r', 'R']) || opening.get(1..).is_some_and(|rest| rest.starts_with(['r', 'R']));
    // In an f-string a doubled brace is a brace.
    let is_format = node.kind() == "string" && opening.trim_end_matches(['"', '\'']).contains(['f', 'F']);
    let single = |text: String| {
        if is_format { text.replace("{{", "{").replace("}}", "}") } else { text }
    };
    let inner = children.get(1..children.len().saturating_sub(1)).unwrap_or_default();
    let mut out = Vec::new();
    let mut plain = String::new();
    let mut at = children.first().map_or(node.start_byte(), Node::end_byte);
    for child in inner {
        plain.push_str(&String::from_utf8_lossy(bytes.get(at..child.start_byte()).unwrap_or_default()));
        at = child.end_byte();
        match child.kind() {
            "template_substitution" | "interpolation" => {
                let hole = child.named_child(0).unwrap_or(*child);
                if !plain.is_empty() {
                    out.push(Piece::Text(single(std::mem::take(&mut plain))));
                }
                out.push(Piece::Hole(hole));
            }
            _ if is_raw => plain.push_str(text(*child, bytes)),
            _ => plain.push_str(&unescape(text(*child, bytes))),
        }
    }
    if let Some(last) = children.last().filter(|_| children.len() > 1) {
        plain.push_str(&String::from_utf8_lossy(bytes.get(at..last.start_byte()).unwrap_or_default()));
    }
    if !plain.is_empty() || out.is_empty() {
        out.push(Piece::Text(single(plain)));
    }
    out
}

/// The whole literal, if it has no holes.
pub(crate) fn whole(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    let mut pieces = pieces(node, bytes);
    match (pieces.pop()?, pieces.is_empty()) {
        (Piece::Text(text), true) => Some(text),
        _ => None,
    }
}

/// The text of a node; empty when it is not UTF-8.
pub(crate) fn text<'b>(node: Node<'_>, bytes: &'b [u8]) -> &'b str {
    bytes.get(node.byte_range()).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or("")
}

/// Decode the escapes that paths, names and hosts are written with; others keep their letter.
fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(next) = chars.next() {
        if next != '\\' {
            out.push(next);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('\n') | None => {}
            Some(other) => out.push(other),
        }
    }
    out
}

/// The value of one of Go's string literals.
pub(crate) fn go_text(node: Node<'_>, bytes: &[u8]) -> Option<String> {
    match node.kind() {
        "raw_string_literal" => Some(text(node, bytes).trim_matches('`').replace('\r', "")),
        "interpreted_string_literal" => whole(node, bytes),
        _ => None,
    }
}

/// Where the brace closes that stands open before the text.
pub(crate) fn closing_brace(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    text.char_indices().find_map(|(at, letter)| {
        match letter {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        (open == 0).then_some(at)
    })
}
