//! SQL in string literals: one text of all the pieces that a literal is joined from, with the way back to the bytes of
//! the file. What is not known of it is the byte 1, which no name may hold.

use std::ops::Range;

use tree_sitter::Node;

use crate::lang::constant::Constants;
use crate::syntax::literal::text;
use crate::syntax::node::NodeExt as _;
use crate::tree::file::SourceFile;

/// Stands for what is not known.
const HOLE: u8 = 1;
/// Joined pieces within each other.
const MAX_JOINED_DEPTH: usize = 400;

/// A text and where its parts come from.
#[derive(Debug, Default)]
pub(super) struct JoinedText {
    pub(super) bytes: Vec<u8>,
    /// Where a part begins in the text, and where in the file.
    parts: Vec<(usize, usize)>,
}

impl JoinedText {
    /// The bytes of the file behind a range of the text.
    pub(super) fn source(&self, range: &Range<usize>) -> Range<usize> {
        let back = |at: usize| {
            let part = self.parts.partition_point(|(own, _)| *own <= at).saturating_sub(1);
            self.parts.get(part).map_or(0, |(own, source)| source + at.saturating_sub(*own))
        };
        back(range.start)..back(range.end.saturating_sub(1)) + 1
    }

    fn push(&mut self, byte: u8, source: usize) {
        let follows = self.parts.last().is_some_and(|(own, start)| start + (self.bytes.len() - own) == source);
        if !follows {
            self.parts.push((self.bytes.len(), source));
        }
        self.bytes.push(byte);
    }
}

/// Whether a node is a literal or joins literals.
pub(super) fn is_text(node: Node<'_>, bytes: &[u8]) -> bool {
    match node.kind() {
        "string"
        | "template_string"
        | "string_literal"
        | "raw_string_literal"
        | "interpreted_string_literal"
        | "verbatim_string_literal"
        | "interpolated_string_expression"
        | "encapsed_string"
        | "heredoc_body"
        | "nowdoc_body"
        | "concatenated_string"
        | "nowdoc"
        | "heredoc" => true,
        "binary_expression" | "binary_operator" => {
            // A long sum leans to the left: its literals are at the right of each step.
            let mut here = node;
            for _ in 0..MAX_JOINED_DEPTH {
                let operator = here.field("operator").map(|operator| text(operator, bytes));
                if !matches!(operator, Some("+" | ".")) {
                    return false;
                }
                if here.field("right").is_some_and(|right| is_text(right, bytes)) {
                    return true;
                }
                match here.field("left") {
                    Some(left) if matches!(left.kind(), "binary_expression" | "binary_operator") => here = left,
                    Some(left) => return is_text(left, bytes),
                    None => return false,
                }
            }
            false
        }
        _ => false,
    }
}

/// The text of a literal, or of literals that are joined.
pub(super) fn join(file: &SourceFile, constants: &Constants<'_>, node: Node<'_>) -> JoinedText {
    let mut out = JoinedText::default();
    add(file, constants, node, &mut out, 0);
    out
}

fn add(file: &SourceFile, constants: &Constants<'_>, node: Node<'_>, out: &mut JoinedText, depth: usize) {
    let bytes = file.bytes();
    if depth > MAX_JOINED_DEPTH {
        return;
    }
    match node.kind() {
        "binary_expression" | "binary_operator" if is_text(node, bytes) => {
            for side in ["left", "right"] {
                if let Some(side) = node.field(side) {
                    add(file, constants, side, out, depth + 1);
                }
            }
        }
        "concatenated_string" => {
            for part in node.inner() {
                if is_text(part, bytes) {
                    add(file, constants, part, out, depth + 1);
                }
            }
        }
        _ if is_text(node, bytes) => literal(file, constants, node, out),
        _ => hole(file, constants, node, out),
    }
}

fn hole(file: &SourceFile, constants: &Constants<'_>, node: Node<'_>, out: &mut JoinedText) {
    match constants.value(file, node) {
        Some(known) => known.bytes().for_each(|byte| {
            out.parts.push((out.bytes.len(), node.start_byte()));
            out.bytes.push(byte);
        }),
        None => out.push(HOLE, node.start_byte()),
    }
}

/// One literal without its quotes, its escapes read.
fn literal(file: &SourceFile, constants: &Constants<'_>, node: Node<'_>, out: &mut JoinedText) {
    let all = file.bytes();
    let raw = &all[node.byte_range()];
    let prefix = raw.iter().take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'@' | b'$' | b'#')).count();
    let (opening, rest) = raw.split_at(if node.kind().ends_with("doc_body") { 0 } else { prefix.min(4) });
    let quote = rest.first().copied().filter(|quote| matches!(quote, b'"' | b'\'' | b'`'));
    let is_heredoc = node.kind().ends_with("doc_body");
    let triple = quote.is_some_and(|quote| rest.len() >= 6 && rest[1] == quote && rest[2] == quote);
    let width = if quote.is_none() || is_heredoc {
        0
    } else if triple {
        3
    } else {
        1
    };
    let is_raw = opening.iter().any(|byte| matches!(byte, b'r' | b'R' | b'@'))
        || node.kind() == "raw_string_literal"
        || node.kind().starts_with("nowdoc");
    let hashes = opening.iter().filter(|byte| **byte == b'#').count();
    let mut at = node.start_byte() + opening.len() + width;
    let end = node.end_byte().saturating_sub(width + hashes).max(at);
    let holes: Vec<Node<'_>> = node
        .inner()
        .filter(|child| {
            matches!(
                child.kind(),
                "interpolation" | "template_substitution" | "variable_name" | "member_access_expression"
            )
        })
        .collect();
    let mut holes = holes.into_iter().peekable();
    while at < end {
        if let Some(next) = holes.next_if(|next| next.start_byte() <= at) {
            match next.named_child(0).filter(|_| next.named_child_count() > 0) {
                Some(inner) => hole(file, constants, inner, out),
                None => out.push(HOLE, next.start_byte()),
            }
            at = next.end_byte().max(at + 1);
            continue;
        }
        let byte = all[at];
        if byte == b'\\' && !is_raw && at + 1 < end {
            match all[at + 1] {
                b'n' | b't' | b'r' | b'\n' => out.push(b' ', at),
                other => out.push(other, at),
            }
            // An escaped line end is a line end for the comments of SQL.
            if all[at + 1] == b'n' {
                out.push(b'\n', at + 1);
            }
            at += 2;
        } else {
            out.push(byte, at);
            at += 1;
        }
    }
}
