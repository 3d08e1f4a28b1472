//! Variables that a shell fills in: in what containers and Procfiles run, and in the scripts that these run.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::mention::{Mention, MentionRole, Mentions};
use crate::lang::shell::{ShellRead, reads, script_of};
use crate::tree::aside;
use crate::tree::corpus::Corpus;
use crate::tree::document::dockerfile::{self, Instruction};
use crate::tree::file::SourceFile;

/// Scripts that one command runs, one through the other.
const MAX_SCRIPTS: usize = 20;

/// What every platform that reads a Procfile sets.
const OF_PLATFORMS: [&str; 1] = ["PORT"];

/// What the container that runs a script gives its variables.
type Given = BTreeMap<String, String>;

pub(super) fn read(corpus: &Corpus, mentions: &mut Mentions) {
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for file in corpus.application().filter(|file| !aside::is_aside(&file.path)) {
        for Run { line, is_shell, place, given } in runs(file) {
            if is_shell {
                let is_left = |name: &str| is_procfile(file) && OF_PLATFORMS.contains(&name);
                let read = reads(&line).into_iter().filter(|read| !read.name.as_deref().is_some_and(is_left));
                of_shell(read, |_| place.clone(), &given, mentions);
            }
            let mut open: Vec<&SourceFile> = script_of(corpus, file.folder(), &line).into_iter().collect();
            for _ in 0..MAX_SCRIPTS {
                let Some(script) = open.pop() else { break };
                if known.insert(&script.path) {
                    let text = script.text();
                    of_shell(reads(&text), |line| script.lines(line, line), &given, mentions);
                    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#') && line.contains(".sh"));
                    let scripts = lines.take(MAX_SCRIPTS).filter_map(|line| script_of(corpus, script.folder(), line));
                    open.extend(scripts);
                }
            }
        }
    }
}

/// A command line that a deploy runs.
struct Run {
    line: String,
    /// Whether a shell reads it.
    is_shell: bool,
    place: Evidence,
    given: Rc<Given>,
}

fn is_procfile(file: &SourceFile) -> bool {
    file.name() == "Procfile"
}

fn runs(file: &SourceFile) -> Vec<Run> {
    if is_procfile(file) {
        let lines = file.text().into_owned();
        let run = |(line, at): (&str, u32)| {
            let (_, line) = line.split_once(':')?;
            Some(Run { line: line.to_owned(), is_shell: true, place: file.lines(at, at), given: Rc::default() })
        };
        return lines.lines().zip(1..).filter_map(run).collect();
    }
    if !dockerfile::is_name(file.name()) {
        return Vec::new();
    }
    let instructions = dockerfile::parse(&file.text());
    let set = instructions.iter().filter(|one| one.keyword == "ENV").flat_map(|one| one.assignments());
    let given: Rc<Given> = Rc::new(set.filter_map(|one| Some((one.name.to_owned(), one.value?))).collect());
    let runs = instructions.iter().filter(|one| matches!(one.keyword.as_str(), "ENTRYPOINT" | "CMD"));
    let run = |one: &Instruction| {
        let line = dockerfile::command_line(&one.rest);
        let is_shell = !one.rest.starts_with('[') || line.contains("sh -c ");
        Run { line, is_shell, place: file.lines(one.start_line, one.end_line), given: Rc::clone(&given) }
    };
    runs.map(run).collect()
}

fn of_shell(
    reads: impl IntoIterator<Item = ShellRead>,
    place: impl Fn(u32) -> Evidence,
    given: &Given,
    mentions: &mut Mentions,
) {
    for read in reads {
        let Some(name) = read.name else {
            mentions.unresolved("a script reads a variable whose name is in another one".to_owned(), place(read.line));
            continue;
        };
        let of_container = given.get(&name).filter(|value| !value.contains('$'));
        let required = if of_container.is_some() { Some(false) } else { read.required };
        let default = of_container.cloned().or(read.default);
        let role = MentionRole::Reads("shell");
        mentions.found.push(Mention { name, required, default, role, evidence: place(read.line) });
    }
}
