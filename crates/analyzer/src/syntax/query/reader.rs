//! The words of a query file. Comments run from `;` to the end of the line.

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum QueryToken {
    Open,
    Close,
    OpenAlternation,
    CloseAlternation,
    /// `.`
    Anchor,
    /// `?`
    Optional,
    /// A kind, `_`, or the key or value of a property.
    Name(&'static str),
    /// `name:`
    Field(&'static str),
    /// `@name`
    Capture(&'static str),
    /// `#name`
    Predicate(&'static str),
    /// `"text"`, its escapes decoded.
    Literal(String),
    End,
}

/// Reads words from a text.
pub(super) struct QueryReader {
    source: &'static str,
    at: usize,
}

impl QueryReader {
    pub(super) fn new(source: &'static str) -> Self {
        Self { source, at: 0 }
    }

    /// The next word, which stays.
    pub(super) fn peek(&mut self) -> Result<QueryToken, String> {
        let at = self.at;
        let token = self.next();
        self.at = at;
        token
    }

    /// Whether the next two words open a group around a node.
    pub(super) fn is_group(&mut self) -> Result<bool, String> {
        let at = self.at;
        let first = self.next()?;
        let second = self.next()?;
        self.at = at;
        Ok(first == QueryToken::Open
            && matches!(second, QueryToken::Open | QueryToken::OpenAlternation | QueryToken::Literal(_)))
    }

    /// Take exactly this word.
    pub(super) fn expect(&mut self, wanted: QueryToken) -> Result<(), String> {
        match self.next()? {
            found if found == wanted => Ok(()),
            found => Err(self.error(&format!("{wanted:?} was expected, not {found:?}"))),
        }
    }

    /// What is wrong, with the line.
    pub(super) fn error(&self, what: &str) -> String {
        let line = self.source[..self.at].bytes().filter(|byte| *byte == b'\n').count() + 1;
        format!("line {line}: {what}")
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Result<QueryToken, String> {
        let rest = self.blank();
        let Some(first) = rest.bytes().next() else { return Ok(QueryToken::End) };
        let simple = match first {
            b'(' => Some(QueryToken::Open),
            b')' => Some(QueryToken::Close),
            b'[' => Some(QueryToken::OpenAlternation),
            b']' => Some(QueryToken::CloseAlternation),
            b'.' => Some(QueryToken::Anchor),
            b'?' => Some(QueryToken::Optional),
            _ => None,
        };
        if let Some(token) = simple {
            self.at += 1;
            return Ok(token);
        }
        match first {
            b'"' => self.literal(rest),
            b'@' => Ok(QueryToken::Capture(self.word(&rest[1..], 1)?)),
            b'#' => Ok(QueryToken::Predicate(self.word(&rest[1..], 1)?)),
            _ => {
                let name = self.word(rest, 0)?;
                if !self.source[self.at..].starts_with(':') {
                    return Ok(QueryToken::Name(name));
                }
                self.at += 1;
                Ok(QueryToken::Field(name))
            }
        }
    }

    /// Skip what is between words.
    fn blank(&mut self) -> &'static str {
        loop {
            let rest = self.source[self.at..].trim_start();
            self.at = self.source.len() - rest.len();
            if !rest.starts_with(';') {
                return rest;
            }
            self.at += rest.find('\n').unwrap_or(rest.len());
        }
    }

    /// A name; `.` belongs to it inside (`@is.call`), `?` and `!` at the end of a predicate's.
    fn word(&mut self, rest: &'static str, mark: usize) -> Result<&'static str, String> {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let is_predicate = self.source[self.at..].starts_with('#');
        let end = end + usize::from(is_predicate && rest[end..].starts_with(['?', '!']));
        if end == 0 {
            return Err(self.error(&format!("`{}` is not known", rest.chars().next().unwrap_or(' '))));
        }
        self.at += mark + end;
        Ok(&rest[..end])
    }

    fn literal(&mut self, rest: &'static str) -> Result<QueryToken, String> {
        let mut text = String::new();
        let mut letters = rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.at += at + 1;
                    return Ok(QueryToken::Literal(text));
                }
                '\\' => match letters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, '0')) => text.push('\0'),
                    Some((_, other)) => text.push(other),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err(self.error("the text does not end"))
    }
}
