//! The one reader of XML. What the parser would take quadratic time or memory without end for is refused before it is
//! parsed: many attributes on one element, namespaces over and over, entities. Refusals are noted on the file.

use std::fmt;

use ci_feed_dossier::evidence::Evidence;
use memchr::memmem;
use roxmltree::{Document, Node, ParsingOptions};

use crate::tree::file::SourceFile;

/// Attributes of one element, each of which is compared with all before it.
const MAX_ATTRIBUTES: usize = 1_000;
/// Mentions of `xmlns`: every element inherits those above it.
const MAX_NAMESPACES: usize = 2_000;
/// Elements inside each other.
const MAX_ELEMENT_DEPTH: usize = 1_000;
/// Elements, texts and comments.
const MAX_XML_NODES: u32 = 400_000;

/// Why a text is not parsed.
#[derive(Debug, PartialEq)]
enum Refused {
    Attributes(usize),
    Nesting(usize),
    Namespaces,
    Entities,
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attributes(line) => write!(out, "line {line}: an element has more than {MAX_ATTRIBUTES} attributes"),
            Self::Nesting(line) => write!(out, "line {line}: more than {MAX_ELEMENT_DEPTH} elements inside each other"),
            Self::Namespaces => write!(out, "more than {MAX_NAMESPACES} namespaces"),
            Self::Entities => write!(out, "it declares entities, which are not expanded"),
        }
    }
}

/// Read a file as XML and hand it on; one that cannot be read says why in its note.
pub(crate) fn with_xml<T>(file: &SourceFile, read: impl FnOnce(&Document<'_>) -> T) -> Option<T> {
    let text = file.text();
    if let Err(refused) = within_bounds(text.as_bytes()) {
        file.note(refused);
        return None;
    }
    let options = ParsingOptions { allow_dtd: true, nodes_limit: MAX_XML_NODES, ..ParsingOptions::default() };
    let parsed = Document::parse_with_options(&text, options);
    parsed.map_err(|error| file.note(error)).ok().map(|document| read(&document))
}

/// The first and last line of an element.
pub(crate) fn rows_of(file: &SourceFile, document: &Document<'_>, node: Node<'_, '_>) -> (u32, u32) {
    let range = node.range();
    (line_in(file, document, range.start), line_in(file, document, range.end.saturating_sub(1).max(range.start)))
}

/// The lines of an element.
pub(crate) fn lines_of(file: &SourceFile, document: &Document<'_>, node: Node<'_, '_>) -> Evidence {
    let (first, last) = rows_of(file, document, node);
    file.lines(first, last)
}

/// Whether it is an element of this name, whatever its namespace.
pub(crate) fn is_named(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// The first child of this name.
pub(crate) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| is_named(*child, name))
}

/// The text of the first child of this name; empty where it holds none.
pub(crate) fn text_of(node: Node<'_, '_>, name: &str) -> Option<String> {
    child(node, name).map(|child| child.text().unwrap_or_default().trim().to_owned())
}

/// The 1-based line of an offset in the text that a document was read from. The parser itself counts from the top of the
/// text for each one that it is asked for.
pub(crate) fn line_in(file: &SourceFile, document: &Document<'_>, offset: usize) -> u32 {
    // Replaced bytes move what follows.
    let is_moved = file.bytes().len() != document.input_text().len();
    if is_moved { document.text_pos_at(offset).row } else { file.line_at(offset) }
}

/// One look at the bytes, without a parser.
fn within_bounds(bytes: &[u8]) -> Result<(), Refused> {
    if memmem::find(bytes, b"<!ENTITY").is_some() {
        return Err(Refused::Entities);
    }
    if memmem::find_iter(bytes, b"xmlns").nth(MAX_NAMESPACES).is_some() {
        return Err(Refused::Namespaces);
    }
    let line = |at: usize| memchr::memchr_iter(b'\n', &bytes[..at]).count() + 1;
    let (mut at, mut nesting) = (0, 0_usize);
    while let Some(open) = memchr::memchr(b'<', &bytes[at..]) {
        at += open + 1;
        let rest = &bytes[at..];
        let passed = [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>"), ("!", ">")];
        if let Some((_, end)) = passed.iter().find(|(start, _)| rest.starts_with(start.as_bytes())) {
            at += memmem::find(rest, end.as_bytes()).unwrap_or(rest.len());
        } else if rest.starts_with(b"/") {
            nesting = nesting.saturating_sub(1);
        } else {
            let (length, attributes) = tag(rest);
            if attributes > MAX_ATTRIBUTES {
                return Err(Refused::Attributes(line(at)));
            }
            nesting += usize::from(!rest[..length].ends_with(b"/"));
            if nesting > MAX_ELEMENT_DEPTH {
                return Err(Refused::Nesting(line(at)));
            }
            at += length;
        }
    }
    Ok(())
}

/// How long a tag is, up to its `>`, and how many attributes it has.
fn tag(rest: &[u8]) -> (usize, usize) {
    let (mut at, mut attributes) = (0, 0);
    while let Some(next) = memchr::memchr3(b'>', b'"', b'\'', &rest[at..]) {
        at += next;
        if rest[at] == b'>' {
            return (at, attributes);
        }
        attributes += 1;
        let Some(end) = memchr::memchr(rest[at], &rest[at + 1..]) else { break };
        at += end + 2;
    }
    (rest.len(), attributes)
}

#[cfg(test)]
mod tests {
    use super::{MAX_ATTRIBUTES, MAX_ELEMENT_DEPTH, Refused, within_bounds};

    #[test]
    fn attributes_nesting_and_entities_are_bounded_where_they_stand() {
        let attributes = |count: usize| (0..count).map(|at| format!(" a{at}='>'")).collect::<String>();
        assert_eq!(within_bounds(format!("<r>\n<a{}/></r>", attributes(MAX_ATTRIBUTES)).as_bytes()), Ok(()));
        let many = format!("<r>\n<a{}/></r>", attributes(MAX_ATTRIBUTES + 1));
        assert_eq!(within_bounds(many.as_bytes()), Err(Refused::Attributes(2)));
        let nested = |depth: usize| format!("<!-- <a> --><?x <a>?>{}", "<a>\n".repeat(depth));
        assert_eq!(within_bounds(nested(MAX_ELEMENT_DEPTH).as_bytes()), Ok(()));
        assert_eq!(
            within_bounds(nested(MAX_ELEMENT_DEPTH + 1).as_bytes()),
            Err(Refused::Nesting(MAX_ELEMENT_DEPTH + 1))
        );
        assert_eq!(within_bounds("<a/><b></b>".repeat(MAX_ELEMENT_DEPTH + 1).as_bytes()), Ok(()));
        assert_eq!(within_bounds(b"<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>"), Err(Refused::Entities));
        assert_eq!(within_bounds(b"<a b=\"<"), Ok(()));
    }
}
