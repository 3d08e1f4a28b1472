//! SQL of any dialect as words, quoted names and punctuation. Comments, strings and quoted bodies become nothing or
//! one token each, so that what stands in them is never taken for a statement. It never fails.

use std::cell::OnceCell;
use std::collections::HashMap;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A keyword, an unquoted name, a number.
    Word,
    /// `"x"`, `` `x` `` or `[x]`.
    Quoted,
    /// `'x'`.
    Text,
    /// `$$ … $$`; the range is that of the body.
    Body,
    /// The comment that begins the part that is run.
    Up,
    /// The comment that begins the part that takes it back.
    Down,
    /// Any other byte.
    Punct(u8),
}

/// A token, as a range of the bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct SqlToken {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Nothing but space stands before it on its line.
    pub(super) begins_line: bool,
}

/// The tokens of a text, one by one.
pub(super) struct Lexer<'b> {
    bytes: &'b [u8],
    at: usize,
    begins_line: bool,
    /// MySQL's backslash escapes and `#` comments; assumed where a name is quoted with backticks.
    is_mysql: bool,
    /// Where each `$tag$` stands.
    fences: OnceCell<HashMap<&'b [u8], Vec<usize>>>,
}

impl<'b> Lexer<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, begins_line: true, is_mysql: bytes.contains(&b'`'), fences: OnceCell::new() }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_line(&mut self) -> &'b [u8] {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// `/* … */`, nested as in PostgreSQL. MySQL's conditional comments are comments.
    fn skip_block(&mut self) {
        let mut depth = 0_usize;
        while self.at < self.bytes.len() {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'*') if depth == 0 || !self.is_mysql => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth = depth.saturating_sub(1);
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    /// To the closing quote; a doubled one is part of the text.
    fn skip_quoted(&mut self, close: u8, has_escapes: bool) {
        self.at += 1;
        while self.at < self.bytes.len() {
            let here = self.peek(0);
            if (here == b'\\' && has_escapes) || (here == close && self.peek(1) == close) {
                self.at += 2;
            } else {
                self.at += 1;
                if here == close {
                    return;
                }
            }
        }
        self.at = self.bytes.len();
    }

    /// The body of `$tag$ … $tag$`, when one begins here.
    fn dollar_body(&mut self) -> Option<(usize, usize)> {
        let fence = fence_at(self.bytes, self.at).filter(|fence| !fence[1].is_ascii_digit())?;
        let from = self.at + fence.len();
        let fences = self.fences.get_or_init(|| {
            let mut fences: HashMap<&[u8], Vec<usize>> = HashMap::new();
            for at in memchr::memchr_iter(b'$', self.bytes) {
                if let Some(fence) = fence_at(self.bytes, at) {
                    fences.entry(fence).or_default().push(at);
                }
            }
            fences
        });
        let places = fences.get(fence)?;
        let to = *places.get(places.partition_point(|place| *place < from))?;
        self.at = to + fence.len();
        Some((from, to))
    }

    /// The rows of `COPY … FROM stdin;` up to `\.`.
    pub(super) fn skip_rows(&mut self) {
        while self.at < self.bytes.len() {
            self.at += usize::from(self.peek(0) == b'\n');
            if self.skip_line().trim_ascii_end() == b"\\." {
                return;
            }
        }
    }

    /// To the line that puts the delimiter back.
    pub(super) fn skip_delimited(&mut self) {
        self.skip_line();
        while self.at < self.bytes.len() {
            self.at += usize::from(self.peek(0) == b'\n');
            let line = self.skip_line().trim_ascii().to_ascii_lowercase();
            if line.strip_prefix(b"delimiter").is_some_and(|rest| rest.trim_ascii() == b";") {
                return;
            }
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = SqlToken;

    fn next(&mut self) -> Option<SqlToken> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            let (start, begins_line) = (self.at, self.begins_line);
            let token = |kind, start, end| Some(SqlToken { kind, start, end, begins_line });
            match byte {
                b'\n' => {
                    self.begins_line = true;
                    self.at += 1;
                    continue;
                }
                _ if byte.is_ascii_whitespace() => {
                    self.at += 1;
                    continue;
                }
                b'-' if self.peek(1) == b'-' => {
                    if let Some(kind) = marker(self.skip_line()) {
                        return token(kind, start, self.at);
                    }
                    continue;
                }
                b'#' if self.is_mysql || (begins_line && self.peek(1) == b' ') => {
                    if let Some(kind) = marker(self.skip_line()) {
                        return token(kind, start, self.at);
                    }
                    continue;
                }
                b'/' if self.peek(1) == b'*' => {
                    self.skip_block();
                    continue;
                }
                // A command of psql.
                b'\\' if begins_line => {
                    self.skip_line();
                    continue;
                }
                _ => {}
            }
            self.begins_line = false;
            return match byte {
                b'\'' => {
                    let is_escaped = start > 0 && matches!(self.bytes[start - 1], b'E' | b'e');
                    self.skip_quoted(byte, self.is_mysql || is_escaped);
                    token(TokenKind::Text, start, self.at)
                }
                b'"' | b'`' => {
                    self.skip_quoted(byte, false);
                    token(TokenKind::Quoted, start, self.at)
                }
                // An index or the type of an array is no name.
                b'[' if self.peek(1).is_ascii_alphabetic() || self.peek(1) == b'_' => {
                    self.skip_quoted(b']', false);
                    token(TokenKind::Quoted, start, self.at)
                }
                b'$' => match self.dollar_body() {
                    Some((from, to)) => token(TokenKind::Body, from, to),
                    None => {
                        self.at += 1;
                        token(TokenKind::Punct(byte), start, self.at)
                    }
                },
                _ if is_word(byte) => {
                    while self.bytes.get(self.at).is_some_and(|byte| is_word(*byte) || *byte == b'$') {
                        self.at += 1;
                    }
                    token(TokenKind::Word, start, self.at)
                }
                _ => {
                    self.at += 1;
                    token(TokenKind::Punct(byte), start, self.at)
                }
            };
        }
    }
}

/// The `$tag$` that begins here.
fn fence_at(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let rest = &bytes[at + 1..];
    let tag = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')?;
    (rest[tag] == b'$').then(|| &bytes[at..at + tag + 2])
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The comments by which tools divide a file: goose, sql-migrate, dbmate, node-pg-migrate, tern, MyBatis, Play and
/// those that only say `Up` and `Down`.
fn marker(comment: &[u8]) -> Option<TokenKind> {
    let text = std::str::from_utf8(comment).ok()?;
    let text = text.trim_start_matches(['-', '#', '/', ' ', '\t']).trim().to_ascii_lowercase();
    let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    let ends = ["+goose down", "+migrate down", "+micrate down", "migrate:down", "rambler down", "!downs", "@undo"];
    let opens = ["+goose up", "+migrate up", "+micrate up", "migrate:up", "rambler up", "!ups"];
    if begins(&ends) || begins(&["down migration", "create above / drop below"]) || matches!(&*text, "down" | "down:") {
        Some(TokenKind::Down)
    } else if begins(&opens) || begins(&["up migration"]) || matches!(&*text, "up" | "up:") {
        Some(TokenKind::Up)
    } else {
        None
    }
}
