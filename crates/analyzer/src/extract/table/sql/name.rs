//! Reading the tokens of one statement: keywords, names of tables with their schemas, lists of columns.

use super::lexer::{SqlToken, TokenKind};
use crate::extract::table::replay::Change;

/// The name of a table, as far as the text tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TableName {
    /// With its schema, unless that is the default one.
    Known(String),
    /// It holds a placeholder.
    Unknown(String),
    /// `#x`: a temporary table of SQL Server.
    Temporary,
    /// Nothing stands here.
    None,
}

/// Schemas that need not be said.
const DEFAULT_SCHEMAS: &[&str] = &["public", "dbo", "main"];

/// A position in the tokens of a statement.
pub(super) struct Cursor<'s> {
    bytes: &'s [u8],
    tokens: &'s [SqlToken],
    at: usize,
}

impl<'s> Cursor<'s> {
    pub(super) fn new(bytes: &'s [u8], tokens: &'s [SqlToken]) -> Self {
        Self { bytes, tokens, at: 0 }
    }

    fn here(&self) -> Option<&'s SqlToken> {
        self.tokens.get(self.at)
    }

    fn raw(&self, token: &SqlToken) -> &'s [u8] {
        &self.bytes[token.start..token.end]
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn skip(&mut self) {
        self.at += 1;
    }

    pub(super) fn peek(&self, keyword: &str) -> bool {
        self.here().is_some_and(|token| {
            token.kind == TokenKind::Word && self.raw(token).eq_ignore_ascii_case(keyword.as_bytes())
        })
    }

    pub(super) fn take(&mut self, keyword: &str) -> bool {
        let is_here = self.peek(keyword);
        self.at += usize::from(is_here);
        is_here
    }

    pub(super) fn peek_punct(&self, punct: u8) -> bool {
        self.here().is_some_and(|token| token.kind == TokenKind::Punct(punct))
    }

    pub(super) fn take_punct(&mut self, punct: u8) -> bool {
        let is_here = self.peek_punct(punct);
        self.at += usize::from(is_here);
        is_here
    }

    /// `IF EXISTS` or `IF NOT EXISTS`.
    pub(super) fn take_if_exists(&mut self) {
        if self.take("if") {
            self.take("not");
            self.take("exists");
        }
    }

    /// `CREATE … TABLE`, `ALTER TABLE`, `DROP TABLE` begins here.
    pub(super) fn starts_change(&self) -> bool {
        let starts = ["create", "alter", "drop", "exec"].iter().any(|word| self.peek(word));
        let next = self.tokens.get(self.at + 1);
        starts
            && next.is_some_and(|next| {
                let next = self.raw(next);
                [&b"table"[..], b"unlogged", b"sp_rename"].iter().any(|word| next.eq_ignore_ascii_case(word))
            })
    }

    /// A string.
    pub(super) fn text(&mut self) -> Option<String> {
        if self.peek("n") {
            self.at += 1;
        }
        let token = self.here().filter(|token| token.kind == TokenKind::Text)?;
        let inner = self.bytes.get(token.start + 1..token.end - 1)?;
        self.at += 1;
        Some(String::from_utf8_lossy(inner).replace("''", "'"))
    }

    /// A name of one part, as of a column.
    pub(super) fn plain(&mut self) -> Option<String> {
        let token = self.here()?;
        let name = part(self.raw(token), token.kind)?;
        self.at += 1;
        Some(name)
    }

    /// The name of a table: parts joined by dots. Tokens that touch each other belong together, which is how
    /// placeholders of templates show.
    pub(super) fn name(&mut self) -> TableName {
        let Some(first) = self.here() else { return TableName::None };
        let from = self.at;
        let mut parts: Vec<Option<String>> = Vec::new();
        let mut pieces = 0;
        let mut only: Option<String> = None;
        let mut end = first.start;
        let mut braces = 0_usize;
        while let Some(token) = self.here() {
            let stops = matches!(token.kind, TokenKind::Punct(b'(' | b')' | b',' | b';')) && braces == 0;
            // A placeholder may hold spaces: `{{ .Prefix }}`.
            let touches = token.start == end || braces > 0;
            if stops || (!touches && !matches!(token.kind, TokenKind::Punct(b'.')) && !self.follows_dot(from)) {
                break;
            }
            match token.kind {
                TokenKind::Punct(b'.') if braces == 0 => {
                    parts.push(only.take().filter(|_| pieces == 1));
                    pieces = 0;
                }
                kind => {
                    braces += usize::from(kind == TokenKind::Punct(b'{'));
                    braces -= usize::from(kind == TokenKind::Punct(b'}') && braces > 0);
                    only = part(self.raw(token), kind);
                    pieces += 1;
                }
            }
            end = token.end;
            self.at += 1;
        }
        if self.at == from {
            return TableName::None;
        }
        let shown = String::from_utf8_lossy(&self.bytes[first.start..end.max(first.start)]).replace('\u{1}', "…");
        if first.kind == TokenKind::Punct(b'#') && parts.is_empty() {
            return TableName::Temporary;
        }
        let Some(last) = only.filter(|_| pieces == 1) else {
            return TableName::Unknown(shown.chars().take(60).collect());
        };
        // Of three parts the first is the database; a schema that is computed is left out.
        match parts.pop().flatten() {
            Some(schema) if !DEFAULT_SCHEMAS.iter().any(|known| schema.eq_ignore_ascii_case(known)) => {
                TableName::Known(format!("{schema}.{last}"))
            }
            _ => TableName::Known(last),
        }
    }

    fn follows_dot(&self, from: usize) -> bool {
        self.at > from && self.tokens[self.at - 1].kind == TokenKind::Punct(b'.')
    }

    /// To the next action of an `ALTER TABLE`.
    pub(super) fn skip_past_comma(&mut self) -> bool {
        let mut depth = 0_usize;
        while let Some(token) = self.here() {
            self.at += 1;
            match token.kind {
                TokenKind::Punct(b'(') => depth += 1,
                TokenKind::Punct(b')') => depth = depth.saturating_sub(1),
                TokenKind::Punct(b',') if depth == 0 => return true,
                _ => {}
            }
        }
        false
    }

    /// The columns of `( … )`, when one begins here.
    pub(super) fn columns(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        if !self.take_punct(b'(') {
            return out;
        }
        let mut depth = 1_usize;
        let mut begins = true;
        while let Some(token) = self.here() {
            self.at += 1;
            match token.kind {
                TokenKind::Punct(b'(') => depth += 1,
                TokenKind::Punct(b')') => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                TokenKind::Punct(b',') if depth == 1 => {
                    begins = true;
                    continue;
                }
                kind if begins && depth == 1 => {
                    let is_typed = self.here().is_some_and(|next| is_type(self.raw(next)));
                    let is_column = kind == TokenKind::Quoted || is_typed || !is_constraint(self.raw(token));
                    out.extend(part(self.raw(token), kind).filter(|_| is_column));
                }
                _ => {}
            }
            begins = false;
        }
        out
    }
}

/// The commonest types, by which a column named `key` is told from a key.
fn is_type(word: &[u8]) -> bool {
    let types =
        ["text", "varchar", "char", "int", "integer", "bigint", "smallint", "uuid", "blob", "bytea", "json", "jsonb"];
    types.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

fn is_constraint(word: &[u8]) -> bool {
    let words = [
        "constraint",
        "primary",
        "foreign",
        "unique",
        "check",
        "key",
        "index",
        "exclude",
        "like",
        "fulltext",
        "spatial",
        "period",
        "projection",
    ];
    words.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// The name that a token is, unless it is none or holds a placeholder.
fn part(raw: &[u8], kind: TokenKind) -> Option<String> {
    let text = std::str::from_utf8(raw).ok()?;
    match kind {
        TokenKind::Word => Some(text.to_owned()).filter(|name| !name.bytes().all(|byte| byte.is_ascii_digit())),
        TokenKind::Quoted => {
            let inner = text.get(1..text.len().checked_sub(1)?)?;
            let is_plain = !inner.is_empty() && !inner.contains(['{', '$', '%', '<', '\u{1}', '@']);
            let quote = &text[..1];
            is_plain.then(|| inner.replace(&format!("{quote}{quote}"), quote))
        }
        _ => None,
    }
}

pub(super) type Changes = Vec<Result<Change, String>>;

pub(super) fn known(name: TableName) -> Option<String> {
    match name {
        TableName::Known(name) => Some(name),
        _ => None,
    }
}
