//! What `dotnet` can do here: restore, build and test a solution (or a project that no solution is above), run the
//! programs. No file states these commands: they follow from solutions and projects, and name their rule.

use crate::fact::Found;
use crate::lang::csharp::project::{is_project, project};
use crate::tree::corpus::Corpus;
use crate::tree::document::xml::with_xml;
use crate::tree::file::{PathClass, SourceFile};
use crate::tree::path::is_below;

use super::Command;

pub(super) fn extract(corpus: &Corpus, found: &mut Found) {
    let solutions: Vec<&SourceFile> = corpus.application().filter(|file| is_solution(file.name())).collect();
    let projects: Vec<&SourceFile> = corpus.files().iter().filter(|file| is_project(file.name())).collect();
    for solution in &solutions {
        let folder = solution.folder();
        // Of several in one folder each must be named.
        let is_alone = solutions.iter().filter(|other| other.folder() == folder).count() == 1;
        let what = if is_alone { String::new() } else { format!(" {}", solution.name()) };
        let has_tests = projects.iter().any(|file| is_below(&file.path, folder) && is_test(file));
        state(solution, &what, "dotnet-solution", has_tests, found);
    }
    for file in projects.iter().filter(|file| file.class == PathClass::Application) {
        let is_covered = solutions.iter().any(|solution| is_below(&file.path, solution.folder()));
        if !is_covered && !is_test(file) {
            state(file, "", "dotnet-project", false, found);
        }
        let is_program =
            with_xml(file, |document| project(file, document)).is_some_and(|one| one.is_program() && !one.is_test());
        if is_program {
            let line = format!("dotnet run --project {}", file.path);
            let command = Command { kind: "start", line, manager: "dotnet", cwd: "" };
            found.facts.push(command.inferred("dotnet-program", file.exists()));
        }
    }
}

fn state(file: &SourceFile, what: &str, rule: &str, has_tests: bool, found: &mut Found) {
    let verbs = [("install", "restore", true), ("build", "build", true), ("test", "test", has_tests)];
    for (kind, verb, _) in verbs.into_iter().filter(|(.., is_there)| *is_there) {
        let command = Command { kind, line: format!("dotnet {verb}{what}"), manager: "dotnet", cwd: file.folder() };
        found.facts.push(command.inferred(rule, file.exists()));
    }
}

fn is_solution(name: &str) -> bool {
    name.ends_with(".sln") || name.ends_with(".slnx")
}

fn is_test(file: &SourceFile) -> bool {
    with_xml(file, |document| project(file, document)).is_some_and(|project| project.is_test())
}
