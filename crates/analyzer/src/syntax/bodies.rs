//! Finds what of a file need not be parsed, without parsing it: brackets are matched, past comments and texts. Most
//! functions of a program have nothing to do with what is looked for, and parsing them is what would cost most. What is
//! not found here, in a file that is broken or written in an odd way, is parsed with the rest.

use std::ops::Range;

use super::grammar::Family;
use super::tests_in_file::is_for_tests;

/// What is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Function,
    /// A module of tests (Rust).
    Tests,
    /// A comment outside of functions, or what defines no value: a struct, a trait, a macro (Rust).
    Silent,
}

/// A part of a file: what stands between the braces, or the whole comment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Body {
    pub(crate) kind: BodyKind,
    /// The word or comment that it starts with.
    pub(crate) start: usize,
    pub(crate) range: Range<usize>,
}

/// The bodies of a file of Go or Rust, in the order of the text.
pub(crate) fn bodies(family: Family, bytes: &[u8]) -> Vec<Body> {
    let mut scanner = Scanner { family, bytes, at: 0, found: Vec::new() };
    scanner.file();
    scanner.found
}

struct Scanner<'b> {
    family: Family,
    bytes: &'b [u8],
    at: usize,
    found: Vec<Body>,
}

impl<'b> Scanner<'b> {
    fn file(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'#' if self.family == Family::Rust && self.bytes.get(self.at + 1) == Some(&b'[') => self.attribute(),
                b'/' => self.comments(),
                _ if is_word(byte) => self.word_outside(),
                _ => self.pass(),
            }
        }
    }

    /// Comments that follow each other with nothing but space between.
    fn comments(&mut self) {
        let start = self.at;
        let mut end = start;
        while self.peek() == Some(b'/') && matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*')) {
            self.pass();
            end = self.at;
            let space = self.bytes[end..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.at = end + space;
        }
        if end > start {
            self.found.push(Body { kind: BodyKind::Silent, start, range: start..end });
        } else {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// A word that is in no function.
    fn word_outside(&mut self) {
        let start = self.at;
        let is_line_start = start == 0 || self.bytes[start - 1] == b'\n';
        match (self.family, self.word()) {
            (Family::Rust, b"fn") => {
                self.blank();
                // `fn(u8)` is a type.
                if self.peek().is_some_and(is_word) {
                    self.braces(BodyKind::Function, start);
                }
            }
            (Family::Rust, b"struct" | b"trait") => self.braces(BodyKind::Silent, start),
            (Family::Go, b"func") if is_line_start => self.braces(BodyKind::Function, start),
            (Family::Rust, word) if self.peek() == Some(b'!') => {
                self.at += 1;
                self.macro_call(word == b"macro_rules", start);
            }
            _ => {}
        }
    }

    /// Past what a macro is given: its tokens may mean anything, but for those that define another.
    fn macro_call(&mut self, is_definition: bool, start: usize) {
        self.blank();
        self.word();
        self.blank();
        if let Some(range) = self.peek().and_then(closer).and_then(|close| self.group(close)).filter(|_| is_definition)
        {
            self.found.push(Body { kind: BodyKind::Silent, start, range });
        }
    }

    /// Past a function or the like, from behind the word that starts it; its body is found.
    fn braces(&mut self, kind: BodyKind, start: usize) {
        let mut before: &[u8] = b"";
        while let Some(byte) = self.peek() {
            match byte {
                b'{' if matches!(before, b"interface" | b"struct") => {
                    self.group(b'}');
                    before = b"";
                }
                b'{' => {
                    let body = self.group(b'}').map(|range| Body { kind, start, range });
                    self.found.extend(body);
                    return;
                }
                b'(' => drop(self.group(b')')),
                b'[' => drop(self.group(b']')),
                b';' => return,
                // Go: a function that is written in assembler.
                b'\n' if self.family == Family::Go => return,
                _ if is_word(byte) => {
                    before = self.word();
                }
                _ => self.pass(),
            }
        }
    }

    /// An attribute, and the module behind it if both are for tests alone.
    fn attribute(&mut self) {
        let start = self.at;
        self.at += 1;
        let Some(inside) = self.group(b']') else { return };
        let text = String::from_utf8_lossy(&self.bytes[start..=inside.end]);
        if !is_for_tests(&text) {
            return;
        }
        loop {
            self.blank();
            match self.peek() {
                Some(b'#') if self.bytes.get(self.at + 1) == Some(&b'[') => {
                    self.at += 1;
                    self.group(b']');
                }
                Some(b'(') => drop(self.group(b')')),
                Some(byte) if is_word(byte) => {
                    let start = self.at;
                    match self.word() {
                        b"pub" => {}
                        b"mod" => break,
                        // Whatever it is, it is looked at like the rest.
                        _ => return self.at = start,
                    }
                }
                _ => return,
            }
        }
        self.blank();
        self.word();
        self.blank();
        if self.peek() == Some(b'{') {
            let body = self.group(b'}').map(|range| Body { kind: BodyKind::Tests, start, range });
            self.found.extend(body);
        }
    }

    /// Past a group, from its opening bracket; what stands in it, if it ends.
    fn group(&mut self, close: u8) -> Option<Range<usize>> {
        let open = self.bytes[self.at];
        self.at += 1;
        let start = self.at;
        let mut depth = 1_usize;
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += rest.iter().position(|byte| is_bracket_or_quote(*byte))?;
            let byte = self.bytes[self.at];
            if byte == open {
                depth += 1;
            } else if byte == close {
                depth -= 1;
                if depth == 0 {
                    let end = self.at;
                    self.at += 1;
                    return Some(start..end);
                }
            }
            self.pass();
        }
    }

    fn blank(&mut self) {
        while let Some(byte) = self.peek() {
            let is_comment = byte == b'/' && matches!(self.bytes.get(self.at + 1), Some(b'/' | b'*'));
            if !byte.is_ascii_whitespace() && !is_comment {
                return;
            }
            self.pass();
        }
    }

    fn word(&mut self) -> &'b [u8] {
        let start = self.at;
        let length = self.bytes[start..].iter().position(|byte| !is_word(*byte));
        self.at = length.map_or(self.bytes.len(), |length| start + length);
        &self.bytes[start..self.at]
    }

    /// Past one byte, or past the comment or text that starts with it.
    fn pass(&mut self) {
        let (here, rest) = (self.at, &self.bytes[self.at..]);
        let is_go = self.family == Family::Go;
        self.at = match (rest[0], rest.get(1)) {
            (b'/', Some(b'/')) => self.behind(here, |rest| memchr::memchr(b'\n', rest)),
            (b'/', Some(b'*')) => self.behind(here + 2, |rest| end_of_comment(rest, !is_go)),
            (b'"', _) if !is_go => match self.hashes() {
                Some(hashes) => self.behind(here + 1, |rest| end_of_raw(rest, hashes)),
                None => self.behind(here + 1, |rest| end_of_text(rest, b'"')),
            },
            (b'"', _) => self.behind(here + 1, |rest| end_of_text(rest, b'"')),
            (b'`', _) if is_go => self.behind(here + 1, |rest| memchr::memchr(b'`', rest).map(|end| end + 1)),
            (b'\'', _) if is_go => self.behind(here + 1, |rest| end_of_text(rest, b'\'')),
            (b'\'', Some(b'\\')) => self.behind(here + 1, |rest| end_of_text(rest, b'\'')),
            (b'\'', Some(next)) => {
                // A letter between two quotes; with one quote it is the name of a lifetime.
                let length = match next {
                    0..0x80 => 1,
                    0x80..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    _ => 4,
                };
                if rest.get(1 + length) == Some(&b'\'') { here + length + 2 } else { here + 1 }
            }
            _ => here + 1,
        };
    }

    fn behind(&self, from: usize, end: impl Fn(&[u8]) -> Option<usize>) -> usize {
        self.bytes.get(from..).and_then(end).map_or(self.bytes.len(), |end| from + end)
    }

    /// The number of `#` of a raw text that starts with the quote here.
    fn hashes(&self) -> Option<usize> {
        let before = &self.bytes[..self.at];
        let hashes = before.iter().rev().take_while(|byte| **byte == b'#').count();
        let before = &before[..before.len() - hashes];
        let is_raw = before.strip_suffix(b"r").is_some_and(|before| {
            // `br"` and `cr"` too, but not the end of a longer word.
            let before = before.strip_suffix(b"b").or_else(|| before.strip_suffix(b"c")).unwrap_or(before);
            !before.last().copied().is_some_and(is_word)
        });
        is_raw.then_some(hashes)
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn is_bracket_or_quote(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b'\'' | b'`' | b'/')
}

fn closer(open: u8) -> Option<u8> {
    match open {
        b'(' => Some(b')'),
        b'[' => Some(b']'),
        b'{' => Some(b'}'),
        _ => None,
    }
}

fn end_of_text(rest: &[u8], quote: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let found = at + memchr::memchr2(quote, b'\\', &rest[at..])?;
        if rest[found] == quote {
            return Some(found + 1);
        }
        at = (found + 2).min(rest.len());
    }
}

fn end_of_raw(rest: &[u8], hashes: usize) -> Option<usize> {
    memchr::memchr_iter(b'"', rest).map(|quote| quote + 1).find_map(|behind| {
        let closing = rest.get(behind..behind + hashes)?;
        closing.iter().all(|byte| *byte == b'#').then_some(behind + hashes)
    })
}

/// Comments of Rust stand inside each other.
fn end_of_comment(rest: &[u8], is_nested: bool) -> Option<usize> {
    let (mut at, mut depth) = (0, 1_usize);
    loop {
        let found = at + memchr::memchr2(b'*', b'/', &rest[at..])?;
        at = found + 1;
        match (&rest[found], rest.get(found + 1)?) {
            (b'*', b'/') => depth -= 1,
            (b'/', b'*') if is_nested => depth += 1,
            _ => continue,
        }
        at = found + 2;
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests;
