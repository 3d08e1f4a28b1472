//! Tasks of the runners that keep a file of their own: just, Task, Deno. Private recipes and internal tasks are no
//! commands, and neither is what an include brings.

use crate::fact::Found;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Command, kind};

/// Recipes of a justfile: `name parameters: dependencies`, at the beginning of a line.
pub(super) fn just(file: &SourceFile, found: &mut Found) {
    let mut is_private = false;
    for (line, number) in file.text().lines().zip(1_u32..) {
        if line.starts_with('[') {
            is_private |= line.contains("private");
            continue;
        }
        let Some(name) = just_recipe(line) else {
            is_private &= line.starts_with('#');
            continue;
        };
        if !std::mem::take(&mut is_private) && !name.starts_with('_') {
            push(file, name, &format!("just {name}"), "just", (number, number), found);
        }
    }
}

fn just_recipe(line: &str) -> Option<&str> {
    let line = line.strip_prefix('@').unwrap_or(line);
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')?;
    let (name, rest) = line.split_at(end);
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let colon = colon_outside_quotes(rest)?;
    // `name := value` is a variable; `alias`, `set` and `export` are followed by one.
    (is_word && !rest[colon + 1..].starts_with('=')).then_some(name)
}

/// The first colon that is not inside a parameter's default.
fn colon_outside_quotes(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (c, quote) {
            ('\'' | '"' | '`', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (':', None) => return Some(at),
            _ => {}
        }
    }
    None
}

/// Tasks of a Taskfile.
pub(super) fn task(file: &SourceFile, found: &mut Found) {
    for entry in file.document().root().get("tasks").map(Node::entries).unwrap_or_default() {
        let is_internal = entry.value.get("internal").and_then(Node::scalar).is_some_and(|value| value == "true");
        if !is_internal && !entry.key.contains('*') {
            push(file, &entry.key, &format!("task {}", entry.key), "task", (entry.line, entry.line), found);
        }
    }
}

/// Tasks of a Deno configuration.
pub(super) fn deno(file: &SourceFile, found: &mut Found) {
    for entry in file.document().root().get("tasks").map(Node::entries).unwrap_or_default() {
        push(file, &entry.key, &format!("deno task {}", entry.key), "deno", (entry.line, entry.value.end_line), found);
    }
}

fn push(file: &SourceFile, name: &str, line: &str, manager: &str, lines: (u32, u32), found: &mut Found) {
    let command = Command { kind: kind::of(name), line: line.to_owned(), manager, cwd: file.folder() };
    found.facts.push(command.fact(file.lines(lines.0, lines.1)).with("script", name));
}
