//! Dockerfile instructions with their lines: continuations joined, comments and here-documents left out.

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) start_line: u32,
    pub(crate) end_line: u32,
    /// In upper case.
    pub(crate) keyword: String,
    /// Everything after the keyword, continuation lines joined by a space.
    pub(crate) rest: String,
}

/// Whether a file name is that of a Dockerfile.
pub(crate) fn is_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let stem = lower.strip_suffix(".dockerignore").is_none();
    stem && (["dockerfile", "containerfile"].contains(&lower.as_str())
        || lower.starts_with("dockerfile.")
        || lower.ends_with(".dockerfile"))
}

/// Read the instructions.
pub(crate) fn parse(text: &str) -> Vec<Instruction> {
    let escape = if text.lines().take(3).any(|line| line.replace(' ', "").eq_ignore_ascii_case("#escape=`")) {
        '`'
    } else {
        '\\'
    };
    let mut instructions = Vec::new();
    let mut lines = text.lines().zip(1_u32..).peekable();
    while let Some((line, start_line)) = lines.next() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let mut end_line = start_line;
        let mut joined = String::new();
        let mut part = trimmed;
        while let Some(open) = part.strip_suffix(escape) {
            joined.push_str(open.trim_end());
            joined.push(' ');
            // Comments between the parts of one instruction are allowed and mean nothing.
            let next = loop {
                match lines.next() {
                    Some((next, _)) if next.trim_start().starts_with('#') || next.trim().is_empty() => {}
                    other => break other,
                }
            };
            let Some((next, at)) = next else {
                part = "";
                break;
            };
            (part, end_line) = (next.trim(), at);
        }
        joined.push_str(part);
        for tag in here_documents(&joined) {
            for (next, at) in lines.by_ref() {
                end_line = at;
                if next.trim() == tag {
                    break;
                }
            }
        }
        let (keyword, rest) = joined.split_once(char::is_whitespace).unwrap_or((&joined, ""));
        instructions.push(Instruction {
            start_line,
            end_line,
            keyword: keyword.to_ascii_uppercase(),
            rest: rest.trim().to_owned(),
        });
    }
    instructions
}

/// The words that end the here-documents of `RUN <<EOF` and `COPY <<EOF`.
fn here_documents(instruction: &str) -> Vec<String> {
    let upper = instruction.get(..4).map(str::to_ascii_uppercase);
    if !matches!(upper.as_deref(), Some("RUN " | "COPY" | "ADD ")) {
        return Vec::new();
    }
    let tags = instruction.split("<<").skip(1).map(|after| {
        let after = after.trim_start_matches('-').trim_start_matches(['"', '\'']);
        after.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
    });
    tags.filter(|tag| !tag.is_empty()).collect()
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
