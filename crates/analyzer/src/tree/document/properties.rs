//! Java's `.properties` files: keys, values and their lines. Every text is one; nothing is refused.

/// One `key = value`; a value that goes on below keeps all of its lines.
#[derive(Debug, PartialEq)]
pub(crate) struct Property {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) lines: (u32, u32),
    /// The part of the file, counted by the `#---` lines above it.
    pub(crate) part: usize,
}

/// Every property, in the order of the file.
pub(crate) fn parse(text: &str) -> Vec<Property> {
    let mut out = Vec::new();
    let mut part = 0;
    let mut open: Option<(u32, String)> = None;
    for (line, number) in text.lines().zip(1_u32..) {
        let trimmed = line.trim_start();
        let (first, mut body) = match open.take() {
            Some((first, body)) => (first, body),
            None if trimmed.starts_with("#---") || trimmed.starts_with("!---") => {
                part += 1;
                continue;
            }
            None if trimmed.is_empty() || trimmed.starts_with(['#', '!']) => continue,
            None => (number, String::new()),
        };
        let trimmed = trimmed.trim_end_matches('\r');
        let slashes = trimmed.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if slashes % 2 == 1 {
            body.push_str(&trimmed[..trimmed.len() - 1]);
            open = Some((first, body));
        } else {
            body.push_str(trimmed);
            out.push(property(&body, (first, number), part));
        }
    }
    if let Some((first, body)) = open {
        out.push(property(&body, (first, first), part));
    }
    out
}

fn property(body: &str, lines: (u32, u32), part: usize) -> Property {
    let mut is_escaped = false;
    let end = body.find(|letter: char| {
        let ends = !is_escaped && (matches!(letter, '=' | ':') || letter.is_whitespace());
        is_escaped = letter == '\\' && !is_escaped;
        ends
    });
    let (key, rest) = body.split_at(end.unwrap_or(body.len()));
    let rest = rest.trim_start();
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim();
    Property { key: unescaped(key), value: unescaped(value), lines, part }
}

fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}
