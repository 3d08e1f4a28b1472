//! JSON (and JSON with comments and trailing commas) with line numbers, one pass over the bytes.
//!
//! Hand-written because lock files of several MB have to be read in milliseconds, and because a broken
//! document must still yield everything before the break. It refuses nothing and panics on nothing.

use super::{Document, DocumentValue, KeyValue, MAX_DOCUMENT_DEPTH, Node};

/// Read a JSON document; comments, trailing commas and a byte order mark are accepted.
pub(crate) fn parse(bytes: &[u8]) -> Document {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = Reader { bytes, at: 0, line: 1, problem: None };
    reader.skip_space();
    let mut roots = Vec::new();
    if reader.peek().is_some() {
        roots.push(reader.value(0));
        reader.skip_space();
        if reader.peek().is_some() {
            reader.trouble("text after the end of the document");
        }
    } else {
        reader.trouble("the document is empty");
    }
    Document { roots, problem: reader.problem }
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u32,
    problem: Option<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        self.line += u32::from(byte == b'\n');
        Some(byte)
    }

    /// Note the first trouble and stop: everything after it would be guessing.
    fn trouble(&mut self, what: &str) {
        self.problem.get_or_insert_with(|| format!("line {}: {what}", self.line));
        self.at = self.bytes.len();
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match (byte, self.bytes.get(self.at + 1)) {
                (b' ' | b'\t' | b'\r' | b'\n', _) => {
                    self.take();
                }
                (b'/', Some(b'/')) => while self.peek().is_some_and(|byte| byte != b'\n') && self.take().is_some() {},
                (b'/', Some(b'*')) => {
                    self.at += 2;
                    while self.peek().is_some() && !self.bytes[self.at..].starts_with(b"*/") {
                        self.take();
                    }
                    self.at = (self.at + 2).min(self.bytes.len());
                }
                _ => break,
            }
        }
    }

    fn value(&mut self, depth: usize) -> Node {
        let start_line = self.line;
        let value = match self.peek() {
            Some(b'{' | b'[') if depth >= MAX_DOCUMENT_DEPTH => {
                self.trouble("nested deeper than is read");
                DocumentValue::Null
            }
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => DocumentValue::String(self.string()),
            Some(_) => self.word(),
            None => {
                self.trouble("the document ends too early");
                DocumentValue::Null
            }
        };
        Node { start_line, end_line: self.line, value }
    }

    fn map(&mut self, depth: usize) -> DocumentValue {
        let mut entries = Vec::new();
        self.take();
        loop {
            self.skip_space();
            match self.peek() {
                Some(b'}') => {
                    self.take();
                    break;
                }
                Some(b'"') => {}
                _ => {
                    self.trouble("expected a key or `}`");
                    break;
                }
            }
            let line = self.line;
            let key = self.string();
            self.skip_space();
            if self.peek() != Some(b':') {
                self.trouble("expected `:`");
                break;
            }
            self.take();
            self.skip_space();
            let broken_before = self.problem.is_some();
            let value = self.value(depth + 1);
            if !broken_before {
                entries.push(KeyValue { key, line, value });
            }
            if !self.next_item(b'}') {
                break;
            }
        }
        DocumentValue::Map(entries.into())
    }

    fn list(&mut self, depth: usize) -> DocumentValue {
        let mut items = Vec::new();
        self.take();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.take();
                break;
            }
            if self.peek().is_none() {
                self.trouble("a list is not closed");
                break;
            }
            items.push(self.value(depth + 1));
            if !self.next_item(b']') {
                break;
            }
        }
        DocumentValue::List(items)
    }

    /// Step over `,` or the closing bracket; whether another item may follow.
    fn next_item(&mut self, close: u8) -> bool {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.take();
                true
            }
            Some(byte) if byte == close => {
                self.take();
                false
            }
            _ => {
                self.trouble("expected `,` or a closing bracket");
                false
            }
        }
    }

    fn string(&mut self) -> String {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            match self.take() {
                Some(b'"') => break,
                Some(b'\\') => self.escape(&mut out),
                Some(b'\n') | None => {
                    self.trouble("a string is not closed");
                    break;
                }
                Some(byte) => out.push(byte),
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    fn escape(&mut self, out: &mut Vec<u8>) {
        let plain = match self.take() {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'u') => {
                let text = self.unicode();
                out.extend_from_slice(text.encode_utf8(&mut [0; 4]).as_bytes());
                return;
            }
            Some(other) => other,
            None => return,
        };
        out.push(plain);
    }

    /// `\uXXXX`, with its second half for characters beyond the basic plane; a lone half is replaced.
    fn unicode(&mut self) -> char {
        let first = self.hex4();
        if (0xd800..0xdc00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u") {
            let (at, line) = (self.at, self.line);
            self.at += 2;
            let second = self.hex4();
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            (self.at, self.line) = (at, line);
        }
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn hex4(&mut self) -> u32 {
        let digits = self.bytes.get(self.at..self.at + 4).and_then(|four| std::str::from_utf8(four).ok());
        match digits.and_then(|four| u32::from_str_radix(four, 16).ok()) {
            Some(code) => {
                self.at += 4;
                code
            }
            None => u32::from(char::REPLACEMENT_CHARACTER),
        }
    }

    fn word(&mut self) -> DocumentValue {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte)) {
            self.at += 1;
        }
        let word = String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned();
        match word.as_str() {
            "null" => DocumentValue::Null,
            "true" => DocumentValue::Bool(true),
            "false" => DocumentValue::Bool(false),
            // Rust also reads `inf` and `nan` as numbers; JSON does not.
            number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) && number.parse::<f64>().is_ok() => {
                DocumentValue::Number(word)
            }
            _ => {
                self.trouble("expected a value");
                DocumentValue::Null
            }
        }
    }
}
