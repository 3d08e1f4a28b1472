//! Statements of SQL and what they do to tables. Views, temporary and foreign tables, partitions and the bodies of
//! functions are read over; `DO` blocks are run at once and are read.

use super::alter::alter;
use super::lexer::{Lexer, SqlToken, TokenKind};
use super::name::{Cursor, TableName};
use crate::extract::table::replay::Change;
use crate::extract::table::sql::name::Changes;
use crate::extract::table::step::Step;

/// More tokens than a statement about a table has; the rest of a longer one is data.
const MAX_TOKENS: usize = 20_000;
/// `DO` blocks within each other.
const MAX_DO_BLOCKS: usize = 4;

/// Where a text of SQL stands, which decides how much of a statement is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::extract::table) enum Origin {
    /// A file of SQL.
    File,
    /// A literal of a program: prose may begin with the same words, so a table must have columns.
    Literal,
}

/// Every change that a text makes, in its order; parts that take changes back are left out.
pub(in crate::extract::table) fn steps(bytes: &[u8], origin: Origin) -> Vec<Step> {
    let mut out = Vec::new();
    read(bytes, 0, origin, 0, &mut out);
    out
}

fn read(bytes: &[u8], base: usize, origin: Origin, depth: usize, out: &mut Vec<Step>) {
    let mut lexer = Lexer::new(bytes);
    let mut tokens: Vec<SqlToken> = Vec::new();
    let mut is_down = false;
    // Open `BEGIN` and `CASE` of a routine's body, whose semicolons end nothing.
    let mut open = 0_usize;
    let mut parens = 0_usize;
    let mut before = SqlToken { kind: TokenKind::Punct(b';'), start: 0, end: 0, begins_line: true };
    while let Some(token) = lexer.next() {
        let word = if token.kind == TokenKind::Word { &bytes[token.start..token.end] } else { &[] };
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        let mut ends = false;
        match token.kind {
            TokenKind::Up | TokenKind::Down => {
                flush(bytes, base, origin, depth, &mut tokens, out, is_down);
                is_down = token.kind == TokenKind::Down;
                (open, parens) = (0, 0);
                continue;
            }
            TokenKind::Punct(b'(') => parens += 1,
            TokenKind::Punct(b')') => parens = parens.saturating_sub(1),
            TokenKind::Punct(b';') if open == 0 => ends = true,
            TokenKind::Word if tokens.is_empty() && is("delimiter") => {
                lexer.skip_delimited();
                continue;
            }
            TokenKind::Word if token.begins_line && is("go") => {
                open = 0;
                ends = true;
            }
            TokenKind::Word if is_routine(bytes, &tokens) => {
                let was_end =
                    before.kind == TokenKind::Word && bytes[before.start..before.end].eq_ignore_ascii_case(b"end");
                if is("begin") || (is("case") && !was_end) {
                    open += 1;
                } else if is("end") {
                    open = open.saturating_sub(1);
                } else if was_end && (is("if") || is("loop") || is("while") || is("repeat")) {
                    open += 1;
                } else if was_end && is("case") {
                    // `END CASE` has closed one already.
                }
            }
            // Statements without a semicolon between them.
            TokenKind::Word
                if token.begins_line
                    && parens == 0
                    && open == 0
                    && ["create", "alter", "drop", "insert", "exec", "rename"].iter().any(|start| is(start))
                    && begins(bytes, &tokens, &["create", "alter", "exec"])
                    && tokens.len() > 3
                    && !(is("drop") || is("alter") || is("rename")) =>
            {
                flush(bytes, base, origin, depth, &mut tokens, out, is_down);
            }
            _ => {}
        }
        before = token;
        if ends {
            let is_copy = begins(bytes, &tokens, &["copy"]);
            let from_stdin =
                is_copy && tokens.iter().any(|one| bytes[one.start..one.end].eq_ignore_ascii_case(b"stdin"));
            flush(bytes, base, origin, depth, &mut tokens, out, is_down);
            parens = 0;
            if from_stdin {
                lexer.skip_rows();
            }
        } else if tokens.len() < MAX_TOKENS && (tokens.is_empty() || may_matter(bytes, &tokens)) {
            tokens.push(token);
        }
    }
    flush(bytes, base, origin, depth, &mut tokens, out, is_down);
}

fn begins(bytes: &[u8], tokens: &[SqlToken], words: &[&str]) -> bool {
    tokens.first().is_some_and(|first| {
        let first = &bytes[first.start..first.end];
        words.iter().any(|word| first.eq_ignore_ascii_case(word.as_bytes()))
    })
}

/// Whether the rest of the statement is worth keeping.
fn may_matter(bytes: &[u8], tokens: &[SqlToken]) -> bool {
    begins(bytes, tokens, &["create", "alter", "drop", "rename", "do", "if", "exec", "execute", "copy", "begin"])
}

/// `CREATE [OR REPLACE] … PROCEDURE | FUNCTION | TRIGGER | EVENT`.
fn is_routine(bytes: &[u8], tokens: &[SqlToken]) -> bool {
    begins(bytes, tokens, &["create", "alter"])
        && tokens.iter().take(12).any(|token| {
            let word = &bytes[token.start..token.end];
            token.kind == TokenKind::Word
                && [&b"procedure"[..], b"proc", b"function", b"trigger", b"event", b"package"]
                    .iter()
                    .any(|routine| word.eq_ignore_ascii_case(routine))
        })
}

fn flush(
    bytes: &[u8],
    base: usize,
    origin: Origin,
    depth: usize,
    tokens: &mut Vec<SqlToken>,
    out: &mut Vec<Step>,
    is_down: bool,
) {
    let tokens = std::mem::take(tokens);
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
    if is_down {
        return;
    }
    let range = base + first.start..base + last.end;
    let mut cursor = Cursor::new(bytes, &tokens);
    if cursor.take("do") {
        if let Some(body) = tokens.iter().find(|token| token.kind == TokenKind::Body).filter(|_| depth < MAX_DO_BLOCKS)
        {
            read(&bytes[body.start..body.end], base + body.start, Origin::Literal, depth + 1, out);
        }
        return;
    }
    let mut changes = Vec::new();
    // What a condition guards is taken as done.
    if cursor.peek("if") || cursor.peek("begin") {
        if is_routine(bytes, &tokens) {
            return;
        }
        while !cursor.is_done() && !cursor.starts_change() {
            cursor.skip();
        }
    }
    statement(&mut cursor, origin, &mut changes);
    out.extend(changes.into_iter().map(|change| Step { change, range: range.clone(), is_exact: false }));
}

fn statement(cursor: &mut Cursor<'_>, origin: Origin, out: &mut Changes) {
    if cursor.take("create") {
        create(cursor, origin, out);
    } else if cursor.take("alter") {
        if cursor.take("foreign") || !cursor.take("table") {
            return;
        }
        alter(cursor, out);
    } else if cursor.take("drop") {
        drop_some(cursor, out);
    } else if cursor.take("rename") {
        if !cursor.take("table") && !cursor.take("tables") {
            return;
        }
        loop {
            let from = cursor.name();
            if !cursor.take("to") {
                return;
            }
            rename(from, cursor.name(), out);
            if !cursor.take_punct(b',') {
                return;
            }
        }
    } else if cursor.take("exec") || cursor.take("execute") {
        if cursor.take("sys") {
            cursor.take_punct(b'.');
        }
        if cursor.take("sp_rename") {
            sp_rename(cursor, out);
        }
    }
}

fn create(cursor: &mut Cursor<'_>, origin: Origin, out: &mut Changes) {
    if cursor.take("or") {
        cursor.take("replace");
    }
    let mut is_virtual = false;
    while !cursor.take("table") {
        is_virtual |= cursor.peek("virtual");
        let kept = ["unlogged", "virtual", "transient", "dynamic", "hybrid", "columnar", "reference", "rowstore"];
        if !kept.iter().any(|word| cursor.take(word)) {
            return;
        }
    }
    cursor.take_if_exists();
    let name = cursor.name();
    if cursor.peek("partition") {
        return;
    }
    let has_body = cursor.peek_punct(b'(') || (is_virtual && cursor.peek("using"));
    if origin == Origin::Literal && !has_body && !["as", "like", "on"].iter().any(|word| cursor.peek(word)) {
        let is_computed = matches!(&name, TableName::Unknown(shown) if shown.contains(['…', '{', '%', '$']));
        if is_computed || (name == TableName::None && cursor.is_done()) {
            out.push(Err(unknown("created", &name)));
        }
        return;
    }
    match name {
        TableName::Known(table) => {
            let columns = if is_virtual { Vec::new() } else { cursor.columns() };
            out.push(Ok(Change::Create { table, columns }));
        }
        TableName::Unknown(_) => out.push(Err(unknown("created", &name))),
        TableName::Temporary | TableName::None => {}
    }
}

fn unknown(done: &str, name: &TableName) -> String {
    match name {
        TableName::Unknown(shown) => format!("a table is {done} under a computed name: `{shown}`"),
        _ => format!("a table is {done} under a computed name"),
    }
}

fn rename(from: TableName, to: TableName, out: &mut Changes) {
    match (from, to) {
        (TableName::Known(from), TableName::Known(to)) => out.push(Ok(Change::Rename { from, to })),
        (TableName::Known(_), TableName::Unknown(shown)) => {
            out.push(Err(unknown("renamed", &TableName::Unknown(shown))))
        }
        _ => {}
    }
}

fn drop_some(cursor: &mut Cursor<'_>, out: &mut Changes) {
    let is_schema = cursor.take("schema");
    if !is_schema && !cursor.take("table") && !cursor.take("tables") {
        return;
    }
    cursor.take_if_exists();
    loop {
        match cursor.name() {
            TableName::Known(schema) if is_schema => out.push(Ok(Change::DropSchema { schema })),
            TableName::Known(table) => out.push(Ok(Change::Drop { table })),
            TableName::None => return,
            TableName::Unknown(_) | TableName::Temporary => {}
        }
        if !cursor.take_punct(b',') {
            return;
        }
    }
}

/// `sp_rename 'a', 'b'`; with a third argument it is no table.
fn sp_rename(cursor: &mut Cursor<'_>, out: &mut Changes) {
    let from = cursor.text();
    if !cursor.take_punct(b',') {
        return;
    }
    let to = cursor.text();
    let is_table = !cursor.take_punct(b',');
    if let (Some(from), Some(to), true) = (from, to, is_table) {
        let from = from.trim_matches(['[', ']']).replace("].[", ".");
        let from = from.strip_prefix("dbo.").unwrap_or(&from).to_owned();
        out.push(Ok(Change::Rename { from, to }));
    }
}
