//! Applications that are made and of which no route was found: nothing is said of them otherwise, and that would read as
//! an application without endpoints.

use ci_feed_dossier::fact::FactKind;
use serde_json::Value;

use crate::extract::frameworks;
use crate::fact::{Found, Unresolved};
use crate::syntax::prefilter;
use crate::trace::rules::Framework;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// One row for each framework whose applications show nothing.
pub(super) fn applications(corpus: &Corpus, found: &Found) -> Vec<Unresolved> {
    let frameworks = frameworks::all().map(|rules| rules.framework()).filter(|one| !one.makes.is_empty());
    let silent = frameworks.filter(|one| !says_something(found, one));
    silent.filter_map(|framework| made(corpus, framework)).collect()
}

fn says_something(found: &Found, framework: &Framework) -> bool {
    let is_of = |path: &str| {
        crate::syntax::grammar::Language::of_path(path).is_some_and(|language| language.family() == framework.family)
    };
    found.facts.iter().any(|fact| {
        let named = fact.attrs.get("framework");
        match named {
            Some(Value::Array(names)) => names.iter().any(|name| name == framework.name),
            Some(name) => name == framework.name,
            None => false,
        }
    }) || found.unresolved.iter().flat_map(|one| &one.evidence).any(|at| is_of(&at.path))
}

/// Where the first of them is made.
fn made(corpus: &Corpus, framework: &Framework) -> Option<Unresolved> {
    let files = prefilter::files_that_hold(corpus, framework.family, framework.makes);
    let mut files = files.into_iter().filter(|file| framework.triggers.iter().any(|trigger| file.holds(trigger)));
    let (file, line) = files.find_map(|file| Some((file, line_of(file, framework.makes)?)))?;
    let reason = format!("an application of {} is made here, and no route of it was found", framework.name);
    Some(Unresolved::new(FactKind::Endpoint, reason, vec![file.lines(line, line)]))
}

/// The line of code that holds one of the texts.
fn line_of(file: &SourceFile, makes: &[&str]) -> Option<u32> {
    let text = file.text();
    let is_code = |line: &str| !line.trim_start().starts_with(['/', '#', '*', '"', '\'']);
    let mut lines = text.lines().zip(1..);
    lines.find(|(line, _)| is_code(line) && makes.iter().any(|made| line.contains(made))).map(|(_, number)| number)
}
