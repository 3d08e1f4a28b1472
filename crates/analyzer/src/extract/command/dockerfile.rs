//! What the last stage of a Dockerfile starts: its last ENTRYPOINT with its last CMD, its own or of the stage that
//! it is made from.

use crate::fact::Found;
use crate::tree::aside;
use crate::tree::corpus::Corpus;
use crate::tree::document::dockerfile::{self, Instruction};
use crate::tree::file::SourceFile;

use super::{Command, node, shell};

pub(super) fn extract(corpus: &Corpus, file: &SourceFile, found: &mut Found) {
    // What an editor's container runs is no way to start the product.
    if file.path.contains(".devcontainer/") {
        return;
    }
    let instructions = dockerfile::parse(&file.text());
    let stages = stages(&instructions);
    // What the last stage does not say it takes from the stage that it is made from.
    let last = |keyword: &str| stages.iter().find_map(|stage| stage.iter().rev().find(|one| one.keyword == keyword));
    let line = |instruction: Option<&Instruction>| {
        instruction.map(|one| dockerfile::command_line(&one.rest)).unwrap_or_default()
    };
    let (entrypoint, command) = (last("ENTRYPOINT"), last("CMD"));
    // A shell-form ENTRYPOINT ignores CMD.
    let shell_entrypoint = entrypoint.is_some_and(|one| !one.rest.starts_with('['));
    let command = if shell_entrypoint { None } else { command };
    let text = format!("{} {}", line(entrypoint), line(command)).trim().to_owned();
    let mut anchors = [entrypoint, command].into_iter().flatten().map(|one| file.lines(one.start_line, one.end_line));
    // An init process or a wrapper that is given nothing to run starts nothing: the service file gives it the command.
    let is_init = text.ends_with(" --") && text.split_whitespace().count() == 2;
    let is_bare = is_init || matches!(text.as_str(), "bundle exec" | "tail -f /dev/null");
    let (Some(evidence), false) = (anchors.next(), text.is_empty() || is_bare) else { return };
    let script = node::script_of(corpus, file.folder(), &text).map(|(runs, place)| (runs, vec![place]));
    let script = script.or_else(|| shell::starts_of(corpus, file.folder(), &text));
    let mut fact = Command { kind: "start", line: text, manager: "docker", cwd: file.folder() }.fact(evidence);
    fact.evidence.extend(anchors);
    if let Some((runs, places)) = script {
        // Of a container that nobody deploys, what it runs is deployed no more.
        fact.evidence.extend(places.into_iter().filter(|_| !aside::is_aside(&file.path)));
        fact = fact.with("runs", runs);
    }
    found.facts.push(fact.with("process", file.name()));
}

/// The last stage, and below it the stages of the same file that it is made from.
fn stages(instructions: &[Instruction]) -> Vec<&[Instruction]> {
    let starts: Vec<usize> =
        (0..instructions.len()).filter(|at| *at == 0 || instructions[*at].keyword == "FROM").collect();
    let stages: Vec<&[Instruction]> = starts
        .iter()
        .zip(starts.iter().skip(1).chain([&instructions.len()]))
        .map(|(from, to)| &instructions[*from..*to])
        .collect();
    let mut out = Vec::new();
    let mut next = stages.len().checked_sub(1);
    while let Some(at) = next {
        out.push(stages[at]);
        let base = stages[at].first().and_then(Instruction::stage);
        next = base.and_then(|(base, _)| {
            let is_base = |stage: &[Instruction]| {
                let name = stage.first().and_then(Instruction::stage).and_then(|(_, name)| name);
                name.is_some_and(|name| name.eq_ignore_ascii_case(base))
            };
            stages[..at].iter().rposition(|stage| is_base(stage))
        });
    }
    out
}
