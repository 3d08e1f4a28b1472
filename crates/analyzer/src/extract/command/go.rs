//! What `go` can do with a module: build and test it, and run the programs in it. A folder is a program when
//! its package is `main` and has the function of that name.

use ci_feed_dossier::evidence::Evidence;

use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

use super::Command;

pub(super) fn extract(corpus: &Corpus, found: &mut Found) {
    for file in corpus.application().filter(|file| file.name() == "go.mod") {
        let text = file.text();
        let Some(line) = text.lines().zip(1_u32..).find_map(|(line, at)| line.starts_with("module ").then_some(at))
        else {
            continue;
        };
        for (kind, line_of_command) in [("build", "go build ./..."), ("test", "go test ./...")] {
            let command = Command { kind, line: line_of_command.to_owned(), manager: "go", cwd: file.folder() };
            found.facts.push(command.inferred("go-module", file.lines(line, line)));
        }
    }
    let programs = programs(corpus);
    for program in &programs {
        // A program beside the product's own is run now and then: a generator, a script.
        let is_alone = programs.iter().filter(|other| other.module == program.module).count() == 1;
        let is_own = program.folder.is_empty() || program.folder.split('/').any(|part| part == "cmd") || is_alone;
        let kind = if is_own { "start" } else { "other" };
        let line = match program.folder.as_str() {
            "" => "go run .".to_owned(),
            folder => format!("go run ./{folder}"),
        };
        let command = Command { kind, line, manager: "go", cwd: &program.module };
        found
            .facts
            .push(command.inferred("go-package-main", program.evidence.clone()).with("bin", program.name.as_str()));
    }
}

/// A folder that is a program.
pub(crate) struct GoProgram {
    /// As `go build` and `go install` call it.
    pub(crate) name: String,
    /// The folder of its module.
    pub(crate) module: String,
    /// Its own, from there.
    pub(crate) folder: String,
    /// The file with the function `main`.
    pub(crate) path: String,
    pub(crate) evidence: Evidence,
}

/// The programs of all modules, one for each folder.
pub(crate) fn programs(corpus: &Corpus) -> Vec<GoProgram> {
    let mut out: Vec<GoProgram> = Vec::new();
    for file in corpus.application().filter(|file| file.path.ends_with(".go")) {
        let Some(line) = main_line(file) else { continue };
        let Some((module, path)) = module_of(corpus, file.folder()) else { continue };
        let folder = file.folder()[module.len()..].trim_start_matches('/').to_owned();
        if out.iter().any(|known| known.module == module && known.folder == folder) {
            continue;
        }
        let is_version = |part: &&str| part.strip_prefix('v').is_none_or(|rest| rest.parse::<u32>().is_err());
        let whole = if folder.is_empty() { path.as_str() } else { folder.as_str() };
        let name = whole.rsplit('/').find(is_version).unwrap_or(whole).to_owned();
        let evidence = file.lines(line, line);
        out.push(GoProgram { name, module, folder, path: file.path.clone(), evidence });
    }
    out
}

/// The line of `func main()` in a file of a package `main` that is built.
fn main_line(file: &SourceFile) -> Option<u32> {
    let (mut is_main, mut number) = (false, 0_u32);
    for line in file.bytes().split(|byte| *byte == b'\n') {
        number += 1;
        // A generator that is run by hand is no program of the repository.
        if !is_main && (line.starts_with(b"//go:build ignore") || line.starts_with(b"// +build ignore")) {
            return None;
        }
        if let Some(name) = line.strip_prefix(b"package ") {
            is_main = name.trim_ascii().starts_with(b"main");
            if !is_main {
                return None;
            }
        }
        if is_main && line.starts_with(b"func main()") {
            return Some(number);
        }
    }
    None
}

/// The folder of the module around a folder, and the module's path.
fn module_of(corpus: &Corpus, folder: &str) -> Option<(String, String)> {
    let (at, file) = upwards(folder).find_map(|at| Some((at, corpus.file(&inside(at, "go.mod"))?)))?;
    let text = file.text();
    let path = text.lines().find_map(|line| line.strip_prefix("module "))?;
    let path = path.split("//").next().unwrap_or(path).trim().trim_matches('"');
    Some((at.to_owned(), path.to_owned()))
}
