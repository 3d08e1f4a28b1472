//! Gradle build scripts, Groovy and Kotlin alike, as far as dependencies are plain in them: the blocks
//! `dependencies { ... }` and the calls that stand in them. Nothing is evaluated.

/// A word, a text or a sign of a script, with its line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct GradleToken {
    pub(super) kind: Part,
    pub(super) line: u32,
    /// Whether a line ends between the one before and this.
    pub(super) starts_line: bool,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// `libs.spring.boot`, `implementation`.
    Word(String),
    /// A text without its quotes; placeholders stay as they are written.
    Text(String),
    Sign(char),
}

/// A call inside of a `dependencies` block.
#[derive(Debug)]
pub(super) struct Declared {
    /// The configuration that it is for.
    pub(super) configuration: String,
    pub(super) arguments: Vec<GradleToken>,
    /// Whether it is a dependency of the build itself.
    pub(super) is_of_build: bool,
}

/// Blocks inside of blocks.
const MAX_SCRIPT_DEPTH: usize = 64;
/// Blocks whose `dependencies` say only which versions are taken.
const ONLY_VERSIONS: [&str; 4] = ["dependencyManagement", "constraints", "imports", "components"];

/// The words, texts and signs of a script; comments are left out.
pub(super) fn tokens(text: &str) -> Vec<GradleToken> {
    let letters: Vec<char> = text.chars().collect();
    let (mut at, mut line, mut starts_line) = (0, 1_u32, true);
    let mut out = Vec::new();
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '-');
    while at < letters.len() {
        let letter = letters[at];
        let next = letters.get(at + 1).copied();
        let first = line;
        let kind = match letter {
            '\n' => {
                (line, starts_line) = (line + 1, true);
                at += 1;
                continue;
            }
            '/' if next == Some('/') => {
                while at < letters.len() && letters[at] != '\n' {
                    at += 1;
                }
                continue;
            }
            '/' if next == Some('*') => {
                at += 2;
                while at < letters.len() && !(letters[at] == '*' && letters.get(at + 1) == Some(&'/')) {
                    line += u32::from(letters[at] == '\n');
                    at += 1;
                }
                at += 2;
                continue;
            }
            '\'' | '"' => {
                let is_long = next == Some(letter) && letters.get(at + 2) == Some(&letter);
                let quotes = if is_long { 3 } else { 1 };
                at += quotes;
                let mut value = String::new();
                while at < letters.len() {
                    let ends = if is_long { letters[at..].starts_with(&[letter; 3]) } else { letters[at] == letter };
                    if ends || (!is_long && letters[at] == '\n') {
                        break;
                    }
                    if letters[at] == '\\' {
                        at += 1;
                    }
                    if let Some(letter) = letters.get(at) {
                        line += u32::from(*letter == '\n');
                        value.push(*letter);
                    }
                    at += 1;
                }
                at += quotes;
                Part::Text(value)
            }
            letter if letter.is_whitespace() => {
                at += 1;
                continue;
            }
            letter if is_word(letter) => {
                let from = at;
                while at < letters.len() && is_word(letters[at]) {
                    at += 1;
                }
                Part::Word(letters[from..at].iter().collect())
            }
            sign => {
                at += 1;
                Part::Sign(sign)
            }
        };
        out.push(GradleToken { kind, line: first, starts_line });
        starts_line = false;
    }
    out
}

/// Every call inside of the script's `dependencies` blocks.
pub(super) fn declared(tokens: &[GradleToken]) -> Vec<Declared> {
    let mut out = Vec::new();
    // The names of the blocks that are open.
    let mut open: Vec<String> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at].kind {
            Part::Sign('{') => {
                if open.len() >= MAX_SCRIPT_DEPTH {
                    return out;
                }
                open.push(block_name(tokens, at));
            }
            Part::Sign('}') => drop(open.pop()),
            Part::Word(word) if open.iter().any(|name| name == "dependencies") => {
                let is_statement = tokens[at].starts_line || matches!(tokens[at - 1].kind, Part::Sign('{' | ';'));
                let counts = !open.iter().any(|name| ONLY_VERSIONS.contains(&name.as_str()));
                // Inside of the block of one dependency, and inside of branches, nothing else is declared.
                let inside = open.last().map_or("", String::as_str);
                let is_here = matches!(inside, "dependencies" | "if" | "else" | ")" | "");
                if is_statement && counts && is_here {
                    let end = call_end(tokens, at);
                    let arguments = tokens[at + 1..end].to_vec();
                    let is_of_build = open.iter().any(|name| name == "buildscript");
                    // A word in quotes may be the configuration's name too: `"api"(...)`.
                    if !arguments.is_empty()
                        && !matches!(word.as_str(), "if" | "else" | "def" | "val" | "for" | "exclude")
                    {
                        out.push(Declared { configuration: word.clone(), arguments, is_of_build });
                    }
                    at = end;
                    continue;
                }
            }
            Part::Text(word) if open.last().is_some_and(|name| name == "dependencies") && tokens[at].starts_line => {
                let end = call_end(tokens, at);
                if tokens.get(at + 1).is_some_and(|next| next.kind == Part::Sign('(')) {
                    let arguments = tokens[at + 1..end].to_vec();
                    out.push(Declared { configuration: word.clone(), arguments, is_of_build: false });
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    out
}

/// The word before a block: `dependencies {`, `named("x") {`.
fn block_name(tokens: &[GradleToken], at: usize) -> String {
    match at.checked_sub(1).map(|before| &tokens[before].kind) {
        Some(Part::Word(word)) => word.rsplit('.').next().unwrap_or(word).to_owned(),
        Some(Part::Sign(')')) => {
            let mut open = 0_u32;
            let mut here = at - 1;
            loop {
                match tokens[here].kind {
                    Part::Sign(')') => open += 1,
                    Part::Sign('(') => open = open.saturating_sub(1),
                    _ => {}
                }
                if open == 0 || here == 0 {
                    break;
                }
                here -= 1;
            }
            match here.checked_sub(1).map(|before| &tokens[before].kind) {
                Some(Part::Word(word)) if matches!(word.as_str(), "if" | "for") => word.clone(),
                Some(Part::Word(word)) if word == "project" => String::new(),
                _ => "call".to_owned(),
            }
        }
        _ => String::new(),
    }
}

/// Where the arguments of a call end: at its closing parenthesis, or at the end of its line.
fn call_end(tokens: &[GradleToken], from: usize) -> usize {
    let mut at = from + 1;
    let mut open = 0_i32;
    while at < tokens.len() {
        let goes_on = matches!(tokens[at - 1].kind, Part::Sign(',' | '(' | '[' | ':' | '='));
        if open == 0 && (matches!(tokens[at].kind, Part::Sign('{' | '}' | ';')) || (tokens[at].starts_line && !goes_on))
        {
            return at;
        }
        match tokens[at].kind {
            Part::Sign('(' | '[') => open += 1,
            Part::Sign(')' | ']') => open -= 1,
            // A block inside of parentheses is skipped with what it holds.
            Part::Sign('{') => open += 1,
            Part::Sign('}') => open -= 1,
            _ => {}
        }
        at += 1;
    }
    at
}

/// `name = 'value'` and `name: 'value'` anywhere, and `set('name', 'value')`: what versions are kept in.
pub(super) fn assigned(tokens: &[GradleToken]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for window in tokens.windows(3) {
        let [name, GradleToken { kind: Part::Sign('=' | ':' | ','), .. }, GradleToken { kind: Part::Text(value), .. }] =
            window
        else {
            continue;
        };
        match &name.kind {
            Part::Word(name) => {
                let name = name.strip_prefix("ext.").or_else(|| name.strip_prefix("project.ext.")).unwrap_or(name);
                out.push((name.to_owned(), value.clone()));
            }
            Part::Text(name) => out.push((name.clone(), value.clone())),
            Part::Sign(_) => {}
        }
    }
    // `extra["name"] = "value"`, `val name by extra("value")`
    for window in tokens.windows(4) {
        match window {
            [
                GradleToken { kind: Part::Text(name), .. },
                GradleToken { kind: Part::Sign(']'), .. },
                GradleToken { kind: Part::Sign('='), .. },
                GradleToken { kind: Part::Text(value), .. },
            ] => {
                out.push((name.clone(), value.clone()));
            }
            [
                GradleToken { kind: Part::Word(by), .. },
                GradleToken { kind: Part::Word(extra), .. },
                GradleToken { kind: Part::Sign('('), .. },
                GradleToken { kind: Part::Text(_), .. },
            ] if by == "by" && extra == "extra" => {}
            _ => {}
        }
    }
    out
}
