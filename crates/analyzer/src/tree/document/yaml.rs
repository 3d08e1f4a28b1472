//! YAML with line numbers, through the events of `saphyr-parser`.
//!
//! Several documents in one file give several roots. Aliases and `<<` merges are expanded up to a budget,
//! so that an alias bomb costs a note and not the memory. Plain scalars are typed as YAML 1.2 does.

use std::collections::{BTreeMap, HashSet};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::{Document, DocumentValue, KeyValue, MAX_DOCUMENT_DEPTH, Node};

/// Most nodes that one file may have, expanded aliases included.
const MAX_YAML_NODES: usize = 200_000;

/// Lists and maps in brackets whose end is moved in one file.
const MAX_MOVED: usize = 32;

/// Read a YAML stream.
pub(crate) fn parse(bytes: &[u8]) -> Document {
    let mut text = String::from_utf8_lossy(bytes);
    for _ in 0..MAX_MOVED {
        let (document, broken_at) = read(&text);
        match broken_at.and_then(|line| with_end_inside(&text, line)) {
            Some(moved) => text = moved.into(),
            None => return document,
        }
    }
    read(&text).0
}

/// The document, and the line at which its syntax is broken.
fn read(text: &str) -> (Document, Option<usize>) {
    let (mut builder, mut broken_at) = (Builder::default(), None);
    for event in Parser::new_from_str(text) {
        let step = match event {
            Ok((event, span)) => builder.take(event, &span.start, &span.end),
            Err(error) => {
                broken_at = Some(error.marker().line());
                Err(format!("line {}: {}", error.marker().line(), error.info()))
            }
        };
        if let Err(problem) = step {
            builder.problem = Some(problem);
            break;
        }
    }
    (builder.finish(), broken_at)
}

/// The text with the bracket that ends a list or map further inside: the specification wants it deeper than the key, what
/// most tools read YAML with does not.
fn with_end_inside(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let at = [line, line.saturating_sub(1)]
        .into_iter()
        .filter_map(|line| line.checked_sub(1))
        .find(|at| lines.get(*at).is_some_and(|line| line.trim_start().starts_with([']', '}'])))?;
    let before = lines[..at].iter().rev().find(|line| !line.trim().is_empty())?;
    let deeper = (indent(before) + 1).max(indent(lines[at]));
    (deeper > indent(lines[at])).then(|| {
        let moved = format!("{}{}", " ".repeat(deeper), lines[at].trim_start());
        let all = lines.iter().enumerate().map(|(here, line)| if here == at { moved.as_str() } else { line });
        all.collect::<Vec<_>>().join("\n") + "\n"
    })
}

#[derive(Default)]
struct Builder {
    roots: Vec<Node>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    problem: Option<String>,
}

/// A list or map whose end has not been read yet.
struct Open {
    start_line: u32,
    anchor: usize,
    nodes_before: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { entries: Vec<KeyValue>, key: Option<(String, u32)>, merged: Vec<KeyValue> },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, start: &Marker, end: &Marker) -> Result<(), String> {
        let line = line_of(start);
        match event {
            Event::Scalar(text, style, anchor, _) => {
                self.count(1, line)?;
                let value =
                    if style == ScalarStyle::Plain { plain(&text) } else { DocumentValue::String(text.into_owned()) };
                // A block scalar's end is the start of the line after it.
                let last = if end.col() == 0 && line_of(end) > line { line_of(end) - 1 } else { line_of(end) };
                let node = Node { start_line: line, end_line: last.max(line), value };
                self.remember(anchor, &node, 1);
                self.put(node);
            }
            Event::Alias(anchor) => {
                if let Some((node, size)) = self.anchors.get(&anchor).cloned() {
                    self.count(size, line)?;
                    self.put(node);
                } else {
                    self.put(Node { start_line: line, end_line: line, value: DocumentValue::Null });
                }
            }
            Event::SequenceStart(anchor, _) => self.begin(anchor, line, Content::List(Vec::new()))?,
            Event::MappingStart(anchor, _) => {
                self.begin(anchor, line, Content::Map { entries: Vec::new(), key: None, merged: Vec::new() })?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, more: usize, line: u32) -> Result<(), String> {
        self.nodes += more;
        if self.nodes > MAX_YAML_NODES { Err(format!("line {line}: more values than are read")) } else { Ok(()) }
    }

    fn begin(&mut self, anchor: usize, start_line: u32, content: Content) -> Result<(), String> {
        self.count(1, start_line)?;
        if self.open.len() >= MAX_DOCUMENT_DEPTH {
            return Err(format!("line {start_line}: nested deeper than is read"));
        }
        self.open.push(Open { start_line, anchor, nodes_before: self.nodes, content });
        Ok(())
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let value = match open.content {
            Content::List(items) => DocumentValue::List(items),
            Content::Map { mut entries, merged, .. } => {
                let mut keys: HashSet<String> = match merged.is_empty() {
                    true => HashSet::new(),
                    false => entries.iter().map(|own| own.key.clone()).collect(),
                };
                entries.extend(merged.into_iter().filter(|entry| keys.insert(entry.key.clone())));
                DocumentValue::Map(entries.into())
            }
        };
        let end_line = last_line(&value).max(open.start_line);
        let node = Node { start_line: open.start_line, end_line, value };
        self.remember(open.anchor, &node, self.nodes - open.nodes_before + 1);
        self.put(node);
    }

    fn remember(&mut self, anchor: usize, node: &Node, size: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
    }

    fn put(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.roots.push(node);
            return;
        };
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, key, merged } => match key.take() {
                None => *key = Some((node.scalar().unwrap_or_default(), node.start_line)),
                Some((key, _)) if key == "<<" => {
                    let sources = if node.items().is_empty() { std::slice::from_ref(&node) } else { node.items() };
                    merged.extend(sources.iter().flat_map(|source| source.entries().iter().cloned()));
                }
                Some((key, line)) => entries.push(KeyValue { key, line, value: node }),
            },
        }
    }

    /// Close what is still open (a broken document) and hand over.
    fn finish(mut self) -> Document {
        while !self.open.is_empty() {
            self.end();
        }
        Document { roots: self.roots, problem: self.problem }
    }
}

fn line_of(marker: &Marker) -> u32 {
    u32::try_from(marker.line()).unwrap_or(u32::MAX).max(1)
}

/// Alias targets may stand above; only what lies below the start counts as the end.
fn last_line(value: &DocumentValue) -> u32 {
    match value {
        DocumentValue::List(items) => items.iter().map(|item| item.end_line).max().unwrap_or(0),
        DocumentValue::Map(entries) => {
            entries.list.iter().map(|entry| entry.value.end_line.max(entry.line)).max().unwrap_or(0)
        }
        _ => 0,
    }
}

fn plain(text: &str) -> DocumentValue {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => DocumentValue::Null,
        "true" | "True" | "TRUE" => DocumentValue::Bool(true),
        "false" | "False" | "FALSE" => DocumentValue::Bool(false),
        number if is_number(number) => DocumentValue::Number(number.to_owned()),
        _ => DocumentValue::String(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte))
        && text.parse::<f64>().is_ok()
}
