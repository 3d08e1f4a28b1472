//! Targets of a Makefile that a person can call by name. Pattern rules, special targets, computed names and files
//! with a path or an ending of object code are no commands.

use crate::fact::Found;
use crate::tree::file::SourceFile;

use super::{Command, kind};

/// What a Makefile defines.
#[derive(Debug, Default)]
pub(crate) struct Makefile {
    /// Name and line of each target, in the order of the file.
    pub(crate) targets: Vec<(String, u32)>,
    /// Whether there may be targets that cannot be seen here: includes, pattern rules, computed names.
    pub(crate) open: bool,
}

pub(super) fn extract(file: &SourceFile, found: &mut Found) {
    let text = file.text();
    let lines: Vec<&str> = text.lines().collect();
    // Targets of one line share what follows.
    let mut last = (0, kind::TargetCalls::default());
    for (target, line) in parse(&text).targets {
        if last.0 != line {
            last = (line, calls(&lines, line));
        }
        let kind = kind::of_target(&target, last.1);
        let command = Command { kind, line: format!("make {target}"), manager: "make", cwd: file.folder() };
        found.facts.push(command.fact(file.lines(line, line)).with("script", target.as_str()));
    }
}

/// What the targets of a line call for.
fn calls(lines: &[&str], line: u32) -> kind::TargetCalls {
    let at = usize::try_from(line).unwrap_or(usize::MAX);
    let head = lines.get(at - 1).map_or("", |head| head.split('#').next().unwrap_or_default());
    let after = top_level_colon(head).map_or("", |colon| head[colon + 1..].trim_start_matches(':'));
    let (before, inline) = after.split_once(';').unwrap_or((after, ""));
    let recipe = lines.iter().skip(at).take_while(|line| line.starts_with('\t')).copied();
    let recipe: Vec<&str> = std::iter::once(inline).chain(recipe).collect();
    kind::TargetCalls::of(before, &recipe.join("\n"))
}

/// Read the targets.
pub(crate) fn parse(text: &str) -> Makefile {
    let mut makefile = Makefile::default();
    let mut in_define = false;
    let mut continued = false;
    for (line, number) in text.lines().zip(1_u32..) {
        let part_of_last = std::mem::replace(&mut continued, line.ends_with('\\'));
        let trimmed = line.trim();
        if in_define || part_of_last {
            in_define &= trimmed != "endef";
            continue;
        }
        if line.starts_with('\t') || trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let first = trimmed.split_whitespace().next().unwrap_or_default();
        match first {
            "define" => in_define = true,
            "include" | "-include" | "sinclude" => makefile.open = true,
            _ => names(line, number, &mut makefile),
        }
    }
    makefile
}

/// The names before the colon of `a b: prerequisites`, unless it is an assignment.
fn names(line: &str, number: u32, makefile: &mut Makefile) {
    let line = line.split('#').next().unwrap_or_default();
    let Some(colon) = top_level_colon(line) else { return };
    let after = &line[colon + 1..];
    let assigns = after.starts_with('=') || after.starts_with(":=") || line[..colon].contains('=');
    if assigns {
        return;
    }
    // `target: VAR = value` sets a variable for a target and defines none.
    let private = after.trim_start_matches(':').trim_start();
    let word_end = private.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(private.len());
    let then = private[word_end..].trim_start();
    if word_end > 0 && [":=", "?=", "+=", "=", "::=", "!="].iter().any(|sign| then.starts_with(sign)) {
        return;
    }
    for name in line[..colon].split_whitespace() {
        if name.contains(['%', '$', '(']) {
            makefile.open = true;
        } else if !name.starts_with('.') && !name.contains(['/', '\\', '*']) && !is_file(name) {
            makefile.targets.push((name.to_owned(), number));
        }
    }
}

/// The first colon outside of `$(...)`.
fn top_level_colon(line: &str) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, c) in line.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// Names of what a compiler writes, not of something to do.
fn is_file(name: &str) -> bool {
    [".o", ".a", ".so", ".c", ".h", ".txt", ".json", ".js", ".css", ".html", ".pdf", ".tar.gz"]
        .iter()
        .any(|end| name.ends_with(end))
}
