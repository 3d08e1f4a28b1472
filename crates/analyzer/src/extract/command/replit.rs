//! Commands of `.replit`: what the Run button starts, and how a deployment is built and run.

use crate::fact::Found;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::Command;

/// Where the commands stand and what they are for.
const COMMANDS: &[(&[&str], &str)] = &[
    (&["run"], "dev"),
    (&["compile"], "build"),
    (&["deployment", "build"], "build"),
    (&["deployment", "run"], "start"),
];

pub(super) fn extract(file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    for (path, kind) in COMMANDS {
        let Some(entry) = root.entry_at(path) else { continue };
        let Some(line) = line(&entry.value) else { continue };
        let command = Command { kind, line, manager: "replit", cwd: file.folder() };
        found.facts.push(command.fact(file.lines(entry.line, entry.value.end_line)).with("process", path.join(".")));
    }
}

/// A string as it is; a list of words as one line, with `sh -c` looked through.
fn line(value: &Node) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    }
    let words: Vec<&str> = value.items().iter().filter_map(Node::as_str).collect();
    match words.as_slice() {
        [] => None,
        ["sh" | "bash", "-c", line] => Some((*line).to_owned()),
        words => Some(words.join(" ")),
    }
}
