//! What the last stage of a Dockerfile starts: its last ENTRYPOINT with its last CMD.

use crate::analyzer::document::dockerfile::{self, Instruction};
use crate::analyzer::fact::Found;
use crate::analyzer::file::SourceFile;

use super::Command;

pub(super) fn extract(file: &SourceFile, found: &mut Found) {
    // What an editor's container runs is no way to start the product.
    if file.path.contains(".devcontainer/") {
        return;
    }
    let instructions = dockerfile::parse(&file.text());
    let last_stage = instructions.iter().rposition(|instruction| instruction.keyword == "FROM").unwrap_or(0);
    let last = |keyword: &str| {
        let stage = &instructions[last_stage.min(instructions.len())..];
        stage.iter().rev().find(|instruction| instruction.keyword == keyword)
    };
    let line = |instruction: Option<&Instruction>| {
        instruction.map(|one| dockerfile::command_line(&one.rest)).unwrap_or_default()
    };
    let (entrypoint, command) = (last("ENTRYPOINT"), last("CMD"));
    // A shell-form ENTRYPOINT ignores CMD.
    let shell_entrypoint = entrypoint.is_some_and(|one| !one.rest.starts_with('['));
    let command = if shell_entrypoint { None } else { command };
    let text = format!("{} {}", line(entrypoint), line(command)).trim().to_owned();
    let mut anchors = [entrypoint, command].into_iter().flatten().map(|one| file.lines(one.start_line, one.end_line));
    let (Some(evidence), false) = (anchors.next(), text.is_empty()) else { return };
    let mut fact = Command { kind: "start", line: text, manager: "docker", cwd: file.folder() }.fact(evidence);
    fact.evidence.extend(anchors);
    found.facts.push(fact.with("process", file.name()));
}
