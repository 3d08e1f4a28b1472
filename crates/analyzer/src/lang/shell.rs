//! Shell scripts: which one a command line runs, and the variables that a script takes from its environment. No shell runs and
//! nothing is parsed: a script is read once from its first letter to its last, whatever branch a line stands in.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, normalise};

/// Lines between the question whether a variable is set and what is done where it is not.
const MAX_LINES_BETWEEN: u32 = 4;
/// Commands inside commands, and defaults inside defaults.
const MAX_DEPTH: u32 = 40;
/// Words after which a command begins.
const BEFORE_COMMANDS: [&str; 10] = ["then", "do", "else", "if", "elif", "while", "until", "!", "time", "{"];
/// Commands that set the variables among their arguments.
const DECLARES: [&str; 5] = ["export", "local", "readonly", "declare", "typeset"];
/// Commands whose arguments are the names of variables that they set.
const FILLS: [&str; 5] = ["for", "select", "read", "mapfile", "readarray"];
/// What the shell, the kernel or a login sets.
const OF_THE_SHELL: [&str; 30] = [
    "BASH",
    "BASHPID",
    "COLUMNS",
    "EUID",
    "FUNCNAME",
    "GID",
    "HOME",
    "HOSTNAME",
    "IFS",
    "LANG",
    "LINENO",
    "LINES",
    "LOGNAME",
    "OLDPWD",
    "OPTARG",
    "OPTIND",
    "PATH",
    "PIPESTATUS",
    "PPID",
    "PS4",
    "PWD",
    "RANDOM",
    "REPLY",
    "SECONDS",
    "SHELL",
    "SHLVL",
    "TERM",
    "TMPDIR",
    "UID",
    "USER",
];

/// The script that a command line names: of the folder of the line, of the root, or the only one of its name.
pub(crate) fn script_of<'c>(corpus: &'c Corpus, folder: &str, line: &str) -> Option<&'c SourceFile> {
    line.split_whitespace().find_map(|word| script(corpus, folder, word))
}

fn script<'c>(corpus: &'c Corpus, folder: &str, word: &str) -> Option<&'c SourceFile> {
    let path = normalise(word.trim_matches(['"', '\'']));
    let name = path.rsplit('/').next().unwrap_or_default();
    if !(name.ends_with(".sh") || name.contains("entrypoint")) {
        return None;
    }
    corpus.file(&inside(folder, &path)).or_else(|| corpus.file(&path)).or_else(|| {
        let mut named = corpus.application().filter(|file| file.name() == name);
        named.next().filter(|_| named.next().is_none())
    })
}

/// A variable that a script takes from its environment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ShellRead {
    /// `None` where another variable has it: `${!NAME}`.
    pub(crate) name: Option<String>,
    /// From one.
    pub(crate) line: u32,
    /// A literal in its place where it is unset.
    pub(crate) default: Option<String>,
    /// Whether the script ends without it; `None` where nothing tells.
    pub(crate) required: Option<bool>,
    /// It is only asked whether it is set.
    is_asked: bool,
}

/// Every read of a variable in upper case that the script has not set before.
pub(crate) fn reads(script: &str) -> Vec<ShellRead> {
    let mut reader = Reader {
        rest: script,
        line: 1,
        depth: 0,
        set: BTreeSet::new(),
        found: Vec::new(),
        newest: BTreeMap::new(),
        texts: Vec::new(),
    };
    while !reader.rest.is_empty() {
        reader.commands();
    }
    reader.found
}

struct Reader<'s> {
    rest: &'s str,
    line: u32,
    depth: u32,
    /// The variables that the script has set so far.
    set: BTreeSet<String>,
    found: Vec<ShellRead>,
    /// Where in it the last read of a variable is.
    newest: BTreeMap<String, usize>,
    /// Ends of texts that begin on the next line, with whether variables stand in them.
    texts: Vec<(String, bool)>,
}

impl<'s> Reader<'s> {
    fn next(&mut self) -> Option<char> {
        let letter = self.rest.chars().next()?;
        self.rest = &self.rest[letter.len_utf8()..];
        self.line += u32::from(letter == '\n');
        Some(letter)
    }

    /// Up to the parenthesis that closes, or the end.
    fn commands(&mut self) {
        self.depth += 1;
        let mut command: Option<String> = None;
        let mut before = String::new();
        while let Some(letter) = self.rest.chars().next() {
            match letter {
                '\n' | ';' | '&' | '|' | '(' | ')' => {
                    self.next();
                    command = None;
                    match letter {
                        '\n' => self.texts(),
                        '(' if self.depth < MAX_DEPTH => self.commands(),
                        ')' if self.depth > 1 => break,
                        _ => {}
                    }
                }
                '#' => drop(self.until('\n')),
                '<' if self.rest.starts_with("<<") && !self.rest.starts_with("<<<") => self.text_begins(),
                _ if letter.is_whitespace() || matches!(letter, '<' | '>') => drop(self.next()),
                _ => {
                    let word = self.word(&before);
                    match command.as_deref() {
                        None if word.contains('=') => self.assigned(&word),
                        None if BEFORE_COMMANDS.contains(&word.as_str()) => {}
                        None => command = Some(word.clone()),
                        Some(command) if DECLARES.contains(&command) => self.assigned(&word),
                        Some(command) if FILLS.contains(&command) => drop(self.set.insert(word.clone())),
                        Some(_) => {}
                    }
                    if word == "exit" {
                        self.ends();
                    }
                    before = word;
                }
            }
        }
        self.depth -= 1;
    }

    /// One word without its quotes; what it reads is kept, `before` is the word before it.
    fn word(&mut self, before: &str) -> String {
        let asks = matches!(before, "-z" | "-n");
        let (mut word, mut is_quoted) = (String::new(), false);
        while let Some(letter) = self.rest.chars().next() {
            match letter {
                '\\' => {
                    self.next();
                    word.extend(self.next());
                }
                '"' => {
                    self.next();
                    is_quoted = !is_quoted;
                }
                '\'' if !is_quoted => {
                    self.next();
                    let plain = self.until('\'');
                    word.push_str(plain);
                    self.next();
                }
                '$' => self.variable(&mut word, asks),
                _ if is_quoted => word.extend(self.next()),
                '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                _ if letter.is_whitespace() => break,
                _ => word.extend(self.next()),
            }
        }
        word
    }

    /// Everything up to a letter, which is left.
    fn until(&mut self, end: char) -> &'s str {
        let (text, rest) = self.rest.split_at(self.rest.find(end).unwrap_or(self.rest.len()));
        self.line += u32::try_from(text.matches('\n').count()).unwrap_or_default();
        self.rest = rest;
        text
    }

    /// `$X`, `${X}`, `${X:-default}`, `$(…)`; what stands for it in the word is no literal.
    fn variable(&mut self, word: &mut String, asks: bool) {
        self.next();
        word.push('$');
        if self.rest.starts_with('(') && self.depth < MAX_DEPTH {
            self.next();
            return self.commands();
        }
        let is_braced = self.rest.starts_with('{') && self.depth < MAX_DEPTH;
        if is_braced {
            self.next();
        }
        if is_braced && self.rest.starts_with('!') {
            self.found.push(ShellRead { name: None, line: self.line, default: None, required: None, is_asked: false });
        }
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let end = self.rest.find(|letter| !is_part(letter)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        let line = self.line;
        let name = name.to_owned();
        self.rest = rest;
        if !is_braced {
            self.found(name, line, None, None, asks);
            return;
        }
        self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
        let operator = self.rest.chars().next();
        self.depth += 1;
        let value = self.braces();
        self.depth -= 1;
        let is_literal = !value.contains('$') && !value.contains('`');
        let (default, required) = match operator {
            Some('-' | '=') if value.len() == 1 => (Some(String::new()), Some(false)),
            Some('-' | '=') => (is_literal.then(|| value[1..].to_owned()), Some(false)),
            Some('?') => (None, Some(true)),
            Some('+') => (None, Some(false)),
            _ => (None, None),
        };
        self.found(name.clone(), line, default, required, asks);
        if operator == Some('=') {
            self.set.insert(name);
        }
    }

    /// Up to the brace that closes.
    fn braces(&mut self) -> String {
        let mut text = String::new();
        let mut depth = 1;
        while let Some(letter) = self.rest.chars().next() {
            match letter {
                '$' => {
                    self.variable(&mut text, false);
                    continue;
                }
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            self.next();
            match letter {
                '}' if depth == 0 => break,
                '"' | '\'' => {}
                _ => text.push(letter),
            }
        }
        text
    }

    fn found(&mut self, name: String, line: u32, default: Option<String>, required: Option<bool>, is_asked: bool) {
        let is_loud = name.len() > 1 && !name.starts_with(|first: char| first.is_ascii_digit());
        let is_loud = is_loud && !name.chars().any(|letter| letter.is_ascii_lowercase());
        let is_own = OF_THE_SHELL.contains(&name.as_str()) || name.starts_with("BASH_") || name.starts_with("LC_");
        if is_loud && !is_own && !self.set.contains(&name) {
            self.newest.insert(name.clone(), self.found.len());
            self.found.push(ShellRead { name: Some(name), line, default, required, is_asked });
        }
    }

    /// What a word sets, `X=1`: the value that a variable has where it was asked before whether it is set is its default.
    fn assigned(&mut self, word: &str) {
        let Some((name, value)) = word.split_once('=') else { return };
        let name = name.trim_end_matches('+');
        let line = self.line;
        let asked = self.newest.get(name).and_then(|at| self.found.get_mut(*at));
        if let Some(asked) = asked.filter(|one| one.is_asked && line - one.line <= MAX_LINES_BETWEEN) {
            asked.required = Some(false);
            asked.default = (!value.contains(['$', '`'])).then(|| value.to_owned());
        }
        self.set.insert(name.to_owned());
    }

    /// The script ends where what was asked for just before is not set.
    fn ends(&mut self) {
        let line = self.line;
        let asked = self.found.last_mut().filter(|one| one.is_asked && line - one.line <= MAX_LINES_BETWEEN);
        if let Some(asked) = asked.filter(|one| one.required.is_none()) {
            asked.required = Some(true);
        }
    }

    /// `<<EOF`, `<<-'EOF'`
    fn text_begins(&mut self) {
        self.rest = self.rest[2..].trim_start_matches('-').trim_start_matches(' ');
        let is_plain = self.rest.starts_with(['\'', '"', '\\']);
        let end = self.word("");
        self.texts.push((end, !is_plain));
    }

    /// The texts that begin here, up to their ends.
    fn texts(&mut self) {
        for (end, holds_variables) in std::mem::take(&mut self.texts) {
            while !self.rest.is_empty() {
                let line = self.rest.split('\n').next().unwrap_or_default();
                if line.trim() == end {
                    break;
                }
                let left = self.rest.len() - line.len();
                while self.rest.len() > left {
                    match self.rest.chars().next() {
                        Some('\\') => drop((self.next(), self.next())),
                        Some('$') if holds_variables => self.variable(&mut String::new(), false),
                        _ => drop(self.next()),
                    }
                }
                self.next();
            }
            self.until('\n');
        }
    }
}
