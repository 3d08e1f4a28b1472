//! Files of variables, `.env` and its samples, as the libraries that load them read them: `export`, spaces around `=`,
//! `NAME: value`, and quoted values over several lines, whose lines assign nothing.

/// A variable that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DotenvEntry<'t> {
    pub(crate) name: &'t str,
    pub(crate) line: u32,
}

/// Read the assignments, and those that a sample shows commented out: in upper case, and with nothing around.
pub(crate) fn parse(text: &str) -> Vec<DotenvEntry<'_>> {
    let mut out = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while !rest.is_empty() {
        let shown = rest.split('\n').next().unwrap_or_default();
        let mut taken = shown.len();
        if let Some(comment) = shown.trim_start().strip_prefix('#').map(|rest| rest.trim_start_matches('#')) {
            let name = without_export(comment.trim_start()).split_once('=').map(|(name, _)| name);
            let is_sample = |name: &&str| name.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
            out.extend(name.filter(is_sample).map(|name| DotenvEntry { name, line }));
        } else if let Some((name, value)) = assigned(without_export(shown.trim_start())) {
            out.push(DotenvEntry { name, line });
            let from = shown.len() - value.len();
            taken = quoted(&rest[from..]).map_or(taken, |end| from + end);
        }
        let (read, after) = rest.split_at(taken);
        line += u32::try_from(read.matches('\n').count() + 1).unwrap_or(u32::MAX - line);
        rest = after.split_once('\n').map_or("", |(_, after)| after);
    }
    out
}

fn without_export(text: &str) -> &str {
    let after = text.strip_prefix("export").filter(|after| after.starts_with([' ', '\t']));
    after.map_or(text, str::trim_start)
}

/// The name and what follows `=`, or `:` and a space.
fn assigned(text: &str) -> Option<(&str, &str)> {
    let end = text.find(['=', ':'])?;
    let (name, value) = (text[..end].trim_end(), &text[end + 1..]);
    (text[end..].starts_with('=') || value.starts_with([' ', '\t'])).then_some((name, value))
}

/// Where a value ends that a quote opens; nothing but a comment may follow on the line of the closing quote.
fn quoted(value: &str) -> Option<usize> {
    let open = value.find(|letter: char| !matches!(letter, ' ' | '\t'))?;
    let quote = value[open..].chars().next().filter(|letter| matches!(letter, '"' | '\'' | '`'))?;
    let mut letters = value[open + 1..].char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == quote {
            let end = open + 1 + at + 1;
            let after = value[end..].split('\n').next().unwrap_or_default().trim();
            return (after.is_empty() || after.starts_with('#')).then_some(end);
        }
    }
    None
}
