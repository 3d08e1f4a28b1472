//! Dockerfile instructions with their lines and words, as BuildKit reads them: continuations joined, comments and
//! here-documents left out.

use std::collections::BTreeSet;

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) start_line: u32,
    pub(crate) end_line: u32,
    /// In upper case.
    pub(crate) keyword: String,
    /// Everything after the keyword, with a line break where a continued line ends.
    pub(crate) rest: String,
    /// The words of `rest`.
    pub(crate) words: Vec<Word>,
}

/// One word of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) line: u32,
    /// Without its quotes and escapes.
    pub(crate) text: String,
}

/// A variable that `ENV` or `ARG` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment<'i> {
    pub(crate) name: &'i str,
    /// Missing where an `ARG` has no default.
    pub(crate) value: Option<String>,
    pub(crate) line: u32,
}

impl Instruction {
    /// The image or stage that a `FROM` builds on, and the name of the stage that it begins.
    pub(crate) fn stage(&self) -> Option<(&str, Option<&str>)> {
        let mut words = self.words.iter().map(|word| word.text.as_str()).filter(|word| !word.starts_with("--"));
        let base = words.next().filter(|_| self.keyword == "FROM")?;
        let name = words.next().filter(|word| word.eq_ignore_ascii_case("as")).and_then(|_| words.next());
        Some((base, name))
    }

    /// What `ENV` and `ARG` assign; none for other instructions.
    pub(crate) fn assignments(&self) -> Vec<Assignment<'_>> {
        match (self.keyword.as_str(), self.words.as_slice()) {
            ("ARG", words) => words.iter().map(Word::assignment).collect(),
            // The old form names one variable; all that follows is its value.
            ("ENV", [first, value @ ..]) if !first.text.contains('=') => {
                let value: Vec<&str> = value.iter().map(|word| word.text.as_str()).collect();
                vec![Assignment { value: Some(value.join(" ")), ..first.assignment() }]
            }
            ("ENV", words) => words.iter().map(Word::assignment).filter(|one| one.value.is_some()).collect(),
            _ => Vec::new(),
        }
    }
}

impl Word {
    fn assignment(&self) -> Assignment<'_> {
        let (name, value) = self.text.split_once('=').map_or((&*self.text, None), |(name, value)| (name, Some(value)));
        Assignment { name, value: value.map(str::to_owned), line: self.line }
    }
}

/// Whether a file name is that of a Dockerfile.
pub(crate) fn is_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    // `Dockerfile-worker`; a `dockerfile-lint.js` is a program.
    let is_part =
        |rest: &str| rest.is_empty() || rest.starts_with('.') || rest.starts_with(['-', '_']) && !rest.contains('.');
    !lower.ends_with(".dockerignore")
        && (["dockerfile", "containerfile"].iter().any(|name| lower.strip_prefix(name).is_some_and(is_part))
            || lower.ends_with(".dockerfile"))
}

/// Read the instructions.
pub(crate) fn parse(text: &str) -> Vec<Instruction> {
    let escape = escape(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut instructions = Vec::new();
    let mut endless = BTreeSet::new();
    let mut at = 0;
    while at < lines.len() {
        if is_passed_over(lines[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let mut joined = String::new();
        loop {
            let part = lines[at].trim();
            at += 1;
            // An escape that is escaped itself continues nothing.
            let Some(open) = part.strip_suffix(escape).filter(|open| !open.ends_with(escape)) else {
                joined.push_str(part);
                break;
            };
            joined.push_str(open);
            joined.push('\n');
            while lines.get(at).is_some_and(|line| is_passed_over(line)) {
                joined.push('\n');
                at += 1;
            }
            if at == lines.len() {
                break;
            }
        }
        let (keyword, rest) = joined.split_once(char::is_whitespace).unwrap_or((&joined, ""));
        let keyword = keyword.to_ascii_uppercase();
        for document in here_documents(&keyword, rest) {
            if endless.contains(&document) {
                continue;
            }
            // One that never ends is none, and none of this name ends further down.
            match lines[at..].iter().position(|line| document.ends_at(line)) {
                Some(end) => at += end + 1,
                None => drop(endless.insert(document)),
            }
        }
        // The words are in order: each counts on from the one before.
        let (mut line, mut counted) = (start, 0);
        let rest_at = joined.len() - rest.len();
        let words = raw_words(rest, escape).into_iter().map(|(index, word)| {
            line += joined[counted..rest_at + index].matches('\n').count();
            counted = rest_at + index;
            Word { line: number(line), text: unquoted(word, escape) }
        });
        let words = words.collect();
        let rest = rest.trim().to_owned();
        instructions.push(Instruction { start_line: number(start), end_line: number(at - 1), keyword, rest, words });
    }
    instructions
}

/// The number of a line by its index.
fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

/// Blank lines and comments mean nothing, between the parts of one instruction too.
fn is_passed_over(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// What continues a line: the directive `escape` says it, among those at the very top.
fn escape(text: &str) -> char {
    let directives = text.lines().map_while(|line| line.trim().strip_prefix('#')?.split_once('='));
    let directives = directives.map(|(name, value)| (name.trim(), value.trim()));
    let mut directives = directives.take_while(|(name, _)| name.chars().all(|letter| letter.is_ascii_alphanumeric()));
    let is_backtick = directives.any(|(name, value)| name.eq_ignore_ascii_case("escape") && value == "`");
    if is_backtick { '`' } else { '\\' }
}

/// The words of a text as they are written, each with where it starts; spaces inside quotes do not part them.
fn raw_words(text: &str, escape: char) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let (mut from, mut quote) = (None, None);
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if quote.is_none() && letter.is_whitespace() {
            out.extend(from.take().map(|from| (from, &text[from..at])));
            continue;
        }
        from.get_or_insert(at);
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (Some('\''), _) => {}
            (_, letter) if letter == escape => {
                letters.next();
            }
            _ => {}
        }
    }
    out.extend(from.map(|from| (from, &text[from..])));
    out
}

/// A word without its quotes and escapes.
fn unquoted(word: &str, escape: char) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (None, letter) if letter == escape => out.extend(letters.next()),
            (Some('"'), letter) if letter == escape => {
                out.push(letters.next_if(|next| matches!(next, '"' | '$') || *next == escape).unwrap_or(letter));
            }
            _ => out.push(letter),
        }
    }
    out
}

/// A here-document that an instruction opens.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct HereDocument {
    delimiter: String,
    /// `<<-`: tabs before the delimiter do not count.
    is_indented: bool,
}

impl HereDocument {
    fn ends_at(&self, line: &str) -> bool {
        (if self.is_indented { line.trim_start_matches('\t') } else { line }) == self.delimiter
    }
}

/// The here-documents of `RUN <<EOF`, `COPY <<-"EOF" /file` and the like: words of their own, so neither a shift
/// (`$((1<<2))`), a here-string (`<<<`) nor what stands in quotes.
fn here_documents(keyword: &str, rest: &str) -> Vec<HereDocument> {
    let words = raw_words(rest, '\\');
    let triggered = words.first().filter(|_| keyword == "ONBUILD").map(|(_, word)| word.to_ascii_uppercase());
    if !matches!(triggered.as_deref().unwrap_or(keyword), "RUN" | "COPY" | "ADD") {
        return Vec::new();
    }
    let documents = words.into_iter().filter_map(|(_, word)| {
        let after = word.trim_start_matches(|letter: char| letter.is_ascii_digit()).strip_prefix("<<")?;
        let delimiter = after.strip_prefix('-').unwrap_or(after);
        let is_indented = delimiter.len() < after.len();
        (!delimiter.is_empty() && !delimiter.contains('<'))
            .then(|| HereDocument { delimiter: unquoted(delimiter, '\\'), is_indented })
    });
    documents.collect()
}

/// The words of a CMD or ENTRYPOINT as one line of text: `["a", "b"]` or shell form.
pub(crate) fn command_line(rest: &str) -> String {
    let list = rest.starts_with('[').then(|| super::json::parse(rest.as_bytes()));
    match list {
        Some(document) if document.problem.is_none() => {
            let words = document.root().items().iter().filter_map(|word| word.as_str().map(str::to_owned));
            words.map(|word| quote(&word)).collect::<Vec<_>>().join(" ")
        }
        _ => rest.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// Quote a word that a shell would take apart.
fn quote(word: &str) -> String {
    let plain =
        !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:=@%+,$\u{7b}\u{7d}*".contains(c));
    if plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
