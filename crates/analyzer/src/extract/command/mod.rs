//! `command` facts: how the repository says it is installed, developed, built, tested, started, migrated, linted.
//! One file per source. Nothing is executed, and a command that no file states is not invented without its rule.

mod cargo;
mod composer;
mod dockerfile;
mod dotnet;
pub(crate) mod go;
mod install;
mod java;
mod kind;
pub(crate) mod makefile;
pub(crate) mod node;
mod procfile;
mod pyproject;
mod replit;
mod ruby;
mod runner;
mod shell;
mod tool;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};

use crate::fact::{Fact, Found};
use crate::tree::corpus::Corpus;

/// All commands of the application.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    for file in corpus.application() {
        match file.name() {
            "package.json" => node::extract(corpus, file, &mut found),
            "composer.json" => composer::extract(corpus, file, &mut found),
            "Makefile" | "makefile" | "GNUmakefile" => makefile::extract(file, &mut found),
            "Cargo.toml" => cargo::extract(corpus, file, &mut found),
            "config.toml" | "config" if file.folder().ends_with(".cargo") => cargo::aliases(file, &mut found),
            "pyproject.toml" => pyproject::extract(file, &mut found),
            "Procfile" => procfile::extract(file, &mut found),
            "justfile" | "Justfile" | ".justfile" => runner::just(file, &mut found),
            "Taskfile.yml" | "Taskfile.yaml" | "taskfile.yml" | "taskfile.yaml" => runner::task(file, &mut found),
            "deno.json" | "deno.jsonc" => runner::deno(file, &mut found),
            "Gemfile" => ruby::gemfile(corpus, file, &mut found),
            name if name == "Rakefile" || name.ends_with(".rake") => ruby::tasks(corpus, file, &mut found),
            ".replit" => replit::extract(file, &mut found),
            name if crate::tree::document::dockerfile::is_name(name) => dockerfile::extract(corpus, file, &mut found),
            _ => {}
        }
        tool::extract(corpus, file, &mut found);
    }
    install::extract(corpus, &mut found);
    dotnet::extract(corpus, &mut found);
    go::extract(corpus, &mut found);
    java::extract(corpus, &mut found);
    found
}

/// A command as text, with what it is for, which program runs it and from where.
struct Command<'c> {
    kind: &'c str,
    line: String,
    manager: &'c str,
    /// Folder to run it in, empty for the root.
    cwd: &'c str,
}

impl Command<'_> {
    fn fact(&self, evidence: Evidence) -> Fact {
        let place = if self.cwd.is_empty() { String::new() } else { format!(" (in {})", self.cwd) };
        Fact::evidenced(FactKind::Command, format!("{}: {}{place}", self.kind, self.line), evidence)
            .with("kind", self.kind)
            .with("command", self.line.as_str())
            .with("manager", self.manager)
            .with("cwd", if self.cwd.is_empty() { "." } else { self.cwd })
    }

    fn inferred(&self, rule: &str, evidence: Evidence) -> Fact {
        let mut fact = self.fact(evidence).with("rule", rule);
        fact.status = FactStatus::Inferred;
        fact
    }
}
