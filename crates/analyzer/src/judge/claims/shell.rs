//! Shell lines of documentation taken apart: prompts and comments off, steps split, `cd` followed. No shell runs.

use super::markdown::Block;
use super::place::ReaderPlace;

/// One simple command of a code block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SimpleCommand {
    /// The words, assignments before the command taken off.
    pub(super) words: Vec<String>,
    /// `NAME=value` before the command.
    pub(super) assignments: Vec<String>,
    pub(super) lines: (u32, u32),
    /// Folder entered by `cd` before it, if any; relative as written, joined.
    pub(super) folder: Option<String>,
    /// Whether it may as well run where the line before began.
    pub(super) is_loose: bool,
    /// Whether something earlier in the block makes it uncertain where this runs.
    pub(super) elsewhere: bool,
    /// Whether a clone of this project comes earlier in the block.
    pub(super) home: bool,
}

/// Languages of code blocks that hold commands; a block without one may.
const SHELLS: &[&str] =
    &["", "sh", "bash", "shell", "zsh", "console", "terminal", "shell-session", "shellsession", "fish"];

/// Whether a block holds shell commands.
pub(super) fn is_shell(block: &Block) -> bool {
    SHELLS.contains(&block.language.as_str())
}

/// The simple commands of a block, from a place on; `own` tells the names of this project. What a heredoc puts into a file
/// is no command.
pub(super) fn steps_from(place: &mut ReaderPlace, block: &Block, own: &dyn Fn(&str) -> bool) -> Vec<SimpleCommand> {
    let mut steps = Vec::new();
    let prompted = block.lines.iter().any(|(line, _)| prompt(line).is_some());
    let mut lines = block.lines.iter();
    while let Some((line, number)) = lines.next() {
        // Where some lines have a prompt, those without are output.
        let code = match (prompted, prompt(line)) {
            (true, None) => continue,
            (true, Some(code)) => code,
            (false, _) => line.trim(),
        };
        let mut code = code.to_owned();
        let mut last = *number;
        while let Some(open) = code.strip_suffix('\\') {
            let Some((next, at)) = lines.next() else { break };
            code = format!("{} {}", open.trim_end(), next.trim());
            last = *at;
        }
        if let Some(end) = heredoc(&code) {
            lines.by_ref().find(|(line, _)| line.trim() == end);
        }
        let before = place.folder.clone();
        let found: Vec<SimpleCommand> =
            split(&code).iter().filter_map(|one| step(place, one, (*number, last), own)).collect();
        if place.folder != before {
            // Nobody clones twice: what follows runs in the clone.
            let is_clone = found.iter().any(|step| step.words.iter().any(|word| word == "clone"));
            place.is_loose = !is_clone && found.last().is_some_and(|step| step.folder == place.folder);
        }
        steps.extend(found);
    }
    steps
}

/// The simple commands of a block that nothing comes before.
pub(super) fn steps(block: &Block, own: &dyn Fn(&str) -> bool) -> Vec<SimpleCommand> {
    steps_from(&mut ReaderPlace::default(), block, own)
}

/// The simple commands of a piece of inline code.
pub(super) fn inline(code: &str, line: u32, own: &dyn Fn(&str) -> bool) -> Vec<SimpleCommand> {
    let mut place = ReaderPlace::default();
    let code = prompt(code).unwrap_or(code);
    split(code).iter().filter_map(|one| step(&mut place, one, (line, line), own)).collect()
}

fn step(place: &mut ReaderPlace, code: &str, lines: (u32, u32), own: &dyn Fn(&str) -> bool) -> Option<SimpleCommand> {
    let mut words = shlex::split(code)?;
    let is_assignment = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_variable(name));
    let first = words.iter().position(|word| !is_assignment(word)).unwrap_or(words.len());
    let mut assignments: Vec<String> = words.drain(..first).collect();
    while words
        .first()
        .is_some_and(|word| matches!(word.as_str(), "sudo" | "time" | "export" | "env" | "exec" | "cross-env" | "set"))
    {
        words.remove(0);
        while words.first().is_some_and(is_assignment) {
            assignments.push(words.remove(0));
        }
    }
    // What leads elsewhere is itself called from here.
    let elsewhere = place.elsewhere;
    if place.follow(&words, own) || words.is_empty() && assignments.is_empty() {
        return None;
    }
    let (folder, is_loose) = (place.folder.clone(), place.is_loose);
    Some(SimpleCommand { words, assignments, lines, folder, is_loose, elsewhere, home: place.is_home() })
}

/// The line that ends a heredoc which this line begins.
fn heredoc(code: &str) -> Option<&str> {
    let (_, after) = code.split_once("<<").filter(|(_, after)| !after.starts_with('<'))?;
    let name = after.trim_start_matches('-').trim_start().trim_start_matches(['"', '\'', '\\']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    (end > 0).then(|| &name[..end])
}

/// The command after a prompt.
fn prompt(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let after_environment =
        line.strip_prefix("(").and_then(|rest| rest.split_once(") ")).map_or(line, |(_, rest)| rest);
    ["$ ", "% ", "> ", "❯ "].iter().find_map(|mark| after_environment.strip_prefix(mark)).map(str::trim)
}

/// Split at `&&`, `||`, `;`, `|` and `&` outside of quotes; drop comments.
fn split(code: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quote: Option<char> = None;
    let mut before = ' ';
    for c in code.chars() {
        let part = parts.last_mut().expect("there is always a last part");
        match (quote, c) {
            (Some(open), c) => {
                if c == open {
                    quote = None;
                }
                part.push(c);
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                part.push(c);
            }
            (None, '#') if before.is_whitespace() => break,
            (None, '&' | '|' | ';') => parts.push(String::new()),
            (None, c) => part.push(c),
        }
        before = c;
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// Whether a word can be the name of an environment variable.
pub(super) fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
