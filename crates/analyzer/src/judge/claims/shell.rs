//! Shell lines of documentation taken apart: prompts and comments off, steps split, `cd` followed. No shell runs.

use super::markdown::Block;

/// One simple command of a code block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// The words, assignments before the command taken off.
    pub(super) words: Vec<String>,
    /// `NAME=value` before the command.
    pub(super) assignments: Vec<String>,
    pub(super) lines: (u32, u32),
    /// Folder entered by `cd` before it, if any; relative as written, joined.
    pub(super) folder: Option<String>,
    /// Whether something earlier in the block makes it uncertain where this runs.
    pub(super) elsewhere: bool,
}

/// Languages of code blocks that hold commands; a block without one may.
const SHELLS: &[&str] =
    &["", "sh", "bash", "shell", "zsh", "console", "terminal", "shell-session", "shellsession", "fish"];

/// Whether a block holds shell commands.
pub(super) fn is_shell(block: &Block) -> bool {
    SHELLS.contains(&block.language.as_str())
}

/// The simple commands of a block; `own` tells the names of this project.
pub(super) fn steps(block: &Block, own: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut place = Place::default();
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
        steps.extend(split(&code).iter().filter_map(|one| place.step(one, (*number, last), own)));
    }
    steps
}

/// The simple commands of a piece of inline code.
pub(super) fn inline(code: &str, line: u32, own: &dyn Fn(&str) -> bool) -> Vec<Step> {
    let mut place = Place::default();
    let code = prompt(code).unwrap_or(code);
    split(code).iter().filter_map(|one| place.step(one, (line, line), own)).collect()
}

/// Where the commands of a block run.
#[derive(Default)]
struct Place {
    /// As written; from the root of the tree when it starts with `/`.
    folder: Option<String>,
    elsewhere: bool,
    /// The folder that a clone of this project was put into.
    clone: Option<String>,
}

impl Place {
    /// `git clone`: of this project it changes nothing but the folder to enter; of another one, everything.
    fn cloned(&mut self, words: &[String], own: &dyn Fn(&str) -> bool) {
        let mut names = words.iter().filter(|word| !word.starts_with('-'));
        let address = names.next().map(|word| word.trim_end_matches('/').trim_end_matches(".git")).unwrap_or_default();
        let name = address.rsplit(['/', ':']).next().unwrap_or(address);
        if own(name) {
            self.clone = Some(names.next().map_or(name, String::as_str).to_owned());
        } else {
            self.elsewhere = true;
        }
    }

    fn step(&mut self, code: &str, lines: (u32, u32), own: &dyn Fn(&str) -> bool) -> Option<Step> {
        let mut words = shlex::split(code)?;
        let is_assignment = |word: &String| word.split_once('=').is_some_and(|(name, _)| is_variable(name));
        let first = words.iter().position(|word| !is_assignment(word)).unwrap_or(words.len());
        let mut assignments: Vec<String> = words.drain(..first).collect();
        while words.first().is_some_and(|word| {
            matches!(word.as_str(), "sudo" | "time" | "export" | "env" | "exec" | "cross-env" | "set")
        }) {
            words.remove(0);
            while words.first().is_some_and(is_assignment) {
                assignments.push(words.remove(0));
            }
        }
        match words.first().map(String::as_str) {
            Some("cd" | "pushd") => {
                let target = words.get(1).cloned().unwrap_or_default();
                let target = target.trim_end_matches('/').to_owned();
                // The folder of a clone of this project is the root of this tree.
                if self.clone.as_deref() == Some(target.as_str()) {
                    self.folder = Some("/".to_owned());
                    return None;
                }
                if let Some(below) =
                    self.clone.as_deref().and_then(|clone| target.strip_prefix(clone)?.strip_prefix('/'))
                {
                    self.folder = Some(format!("/{below}"));
                    return None;
                }
                self.folder = Some(match self.folder.take() {
                    Some(folder) => format!("{folder}/{target}"),
                    None => target,
                });
                return None;
            }
            Some("git") if words.get(1).is_some_and(|word| word == "clone") => self.cloned(&words[2..], own),
            Some("git") if words.get(1).is_some_and(|word| matches!(word.as_str(), "checkout" | "switch")) => {
                // Another branch may hold another tree; a new one does not.
                let makes_one = words.iter().any(|word| matches!(word.as_str(), "-b" | "-c"));
                let is_main = words.last().is_some_and(|word| matches!(word.as_str(), "main" | "master" | "develop"));
                self.elsewhere |= !makes_one && !is_main;
            }
            Some("docker" | "podman" | "kubectl") => {
                // From an interactive container on, lines run in it.
                let interactive = words.iter().any(|word| {
                    word.starts_with('-') && !word.starts_with("--") && word.contains('t') && word.contains('i')
                });
                self.elsewhere |= interactive;
            }
            Some(
                "npx" | "ssh" | "popd" | "degit" | "django-admin" | "wget" | "tar" | "unzip" | "vagrant" | "su"
                | "nix-shell",
            ) => {
                // From here on it may be another folder, machine or project.
                self.elsewhere = true;
            }
            Some("curl") => {
                self.elsewhere |= !words.iter().any(|word| word.contains("localhost") || word.contains("127.0.0.1"));
            }
            Some("npm" | "yarn" | "pnpm" | "bun" | "cargo" | "composer" | "dotnet" | "uv" | "poetry" | "rails") => {
                self.elsewhere |= matches!(
                    words.get(1).map(String::as_str),
                    Some("create" | "init" | "dlx" | "new" | "create-project")
                );
            }
            _ => {}
        }
        (!words.is_empty() || !assignments.is_empty()).then(|| Step {
            words,
            assignments,
            lines,
            folder: self.folder.clone(),
            elsewhere: self.elsewhere,
        })
    }
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
