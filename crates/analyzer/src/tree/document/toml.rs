//! TOML with line numbers, through `toml_edit`.
//!
//! A document that does not parse is cut before the table in which the trouble lies and read again, so that
//! the tables above a mistake still count.

use toml_edit::{Item, Table, TableLike};

use super::{Document, DocumentValue, KeyValue, Node};

/// Read a TOML document.
pub(crate) fn parse(bytes: &[u8]) -> Document {
    let text = String::from_utf8_lossy(bytes);
    let text = text.as_ref();
    match toml_edit::Document::parse(text) {
        Ok(document) => Document { roots: vec![root(text, document.as_table())], problem: None },
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let problem = Some(format!("line {}: {}", Lines::new(text).of(at), first_line(error.message())));
            let roots = match toml_edit::Document::parse(before_table(text, at)) {
                Ok(document) => vec![root(text, document.as_table())],
                Err(_) => Vec::new(),
            };
            Document { roots, problem }
        }
    }
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or("not TOML")
}

/// The text up to the last table header at or before `at`.
fn before_table(text: &str, at: usize) -> &str {
    let at = (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let line_start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let cut = if text[line_start..].starts_with('[') {
        line_start
    } else {
        text[..line_start].rfind("\n[").map_or(0, |newline| newline + 1)
    };
    &text[..cut]
}

struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    fn of(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|&newline| newline < offset) + 1).unwrap_or(u32::MAX)
    }
}

fn root(text: &str, table: &Table) -> Node {
    let lines = Lines::new(text);
    let end_line = lines.of(text.trim_end().len());
    Node { start_line: 1, end_line, value: map(&lines, table) }
}

fn map(lines: &Lines, table: &dyn TableLike) -> DocumentValue {
    let entry = |(name, item): (&str, &Item)| {
        let value = node(lines, item);
        let span = table.key(name).and_then(toml_edit::Key::span);
        let line = span.map_or(value.start_line, |span| lines.of(span.start));
        // An implicit table (`[a.b]` without `[a]`) has no span of its own; a header's key has the header's line.
        let start_line = if value.start_line == 0 { line } else { value.start_line };
        let value = Node { start_line, end_line: value.end_line.max(start_line), ..value };
        KeyValue { key: name.to_owned(), line, value }
    };
    DocumentValue::Map(table.iter().map(entry).collect::<Vec<_>>().into())
}

fn node(lines: &Lines, item: &Item) -> Node {
    let value = match item {
        Item::None => DocumentValue::Null,
        Item::Table(table) => map(lines, table),
        Item::ArrayOfTables(tables) => {
            DocumentValue::List(tables.iter().map(|table| table_node(lines, table)).collect())
        }
        Item::Value(value) => return value_node(lines, value),
    };
    let (start_line, end_line) = item.span().map_or((0, 0), |span| (lines.of(span.start), lines.of(span.end)));
    Node { start_line, end_line, value }
}

fn table_node(lines: &Lines, table: &Table) -> Node {
    let (start_line, end_line) = table.span().map_or((1, 1), |span| (lines.of(span.start), lines.of(span.end)));
    Node { start_line, end_line, value: map(lines, table) }
}

fn value_node(lines: &Lines, value: &toml_edit::Value) -> Node {
    let plain = match value {
        toml_edit::Value::String(text) => DocumentValue::String(text.value().clone()),
        toml_edit::Value::Boolean(yes) => DocumentValue::Bool(*yes.value()),
        toml_edit::Value::Integer(number) => DocumentValue::Number(number.value().to_string()),
        toml_edit::Value::Float(number) => DocumentValue::Number(number.value().to_string()),
        toml_edit::Value::Datetime(time) => DocumentValue::Number(time.value().to_string()),
        toml_edit::Value::Array(items) => {
            DocumentValue::List(items.iter().map(|item| value_node(lines, item)).collect())
        }
        toml_edit::Value::InlineTable(table) => map(lines, table),
    };
    let (start_line, end_line) = value.span().map_or((0, 0), |span| (lines.of(span.start), lines.of(span.end)));
    Node { start_line, end_line, value: plain }
}
