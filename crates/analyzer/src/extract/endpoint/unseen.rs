//! Applications that are made and of which no route was found, and routes in code that is not read because somebody else
//! or a tool wrote it: nothing is said of them otherwise, and that would read as an application without endpoints.

use std::collections::BTreeSet;

use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::What;
use serde_json::Value;

use crate::extract::frameworks;
use crate::fact::{Found, Unresolved};
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::trace::framework::Framework;
use crate::tree::classify;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::{PathClass, SourceFile};

/// How routes are registered: a decorator with a verb and a path.
const ROUTES: [&str; 10] = [
    ".route(\"/",
    ".route('/",
    ".get(\"/",
    ".get('/",
    ".post(\"/",
    ".post('/",
    ".put(\"/",
    ".put('/",
    ".delete(\"/",
    ".delete('/",
];
/// Quotes before the slash of a path.
const PATHS: &[&str] = &["\"/", "'/", "`/"];

/// One row for each framework whose applications show nothing.
pub(super) fn applications(corpus: &Corpus, found: &Found) -> Vec<Unresolved> {
    let frameworks = frameworks::all().map(|rules| rules.framework()).filter(|one| !one.makes.is_empty());
    let silent = frameworks.filter(|one| !says_something(found, one));
    silent.filter_map(|framework| made(corpus, framework).or_else(|| spoken_of(corpus, framework, found))).collect()
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

/// Where something of the framework is given a path, in a way that nobody understood here.
fn spoken_of(corpus: &Corpus, framework: &Framework, found: &Found) -> Option<Unresolved> {
    // In other languages a client asks in the same words.
    if framework.family != Family::Python {
        return None;
    }
    let files = prefilter::files_that_hold(corpus, framework.family, framework.triggers);
    // What another framework understood is none of this one's.
    let cites = |file: &SourceFile| found.facts.iter().flat_map(|fact| &fact.evidence).any(|at| at.path == file.path);
    let mut files = files.into_iter().filter(|file| !cites(file));
    let (file, line) = files.find_map(|file| Some((file, line_of(file, &ROUTES)?)))?;
    let reason = format!("a route of {} seems to be registered here, and none of it was understood", framework.name);
    Some(Unresolved::new(FactKind::Endpoint, reason, vec![file.lines(line, line)]))
}

/// One row for each file that a tool wrote among the application's own, or that the application imports from somebody
/// else's code, and that speaks of a router and of paths.
pub(super) fn of_others(corpus: &Corpus) -> Vec<Unresolved> {
    let families: BTreeSet<_> = frameworks::all().map(|rules| rules.framework().family).collect();
    let mut rows = Vec::new();
    for family in families {
        let of_family = || frameworks::all().map(|rules| rules.framework()).filter(|one| one.family == family);
        let triggers: Vec<&str> = of_family().flat_map(|one| one.triggers).copied().collect();
        let automaton = prefilter::automaton(&triggers);
        let files = corpus.files().iter().filter(|file| {
            let language = crate::syntax::grammar::Language::of_path(&file.path);
            language.is_some_and(|language| language.family() == family)
                && (is_written_among_own(file) || corpus.is_imported_foreign(file))
        });
        let speaks = |file: &&SourceFile| automaton.is_match(file.bytes()) && PATHS.iter().any(|path| file.holds(path));
        for file in deal::filter(files, speaks) {
            let named = of_family().find_map(|one| Some((one.name, line_of(file, one.triggers)?)));
            let Some((name, line)) = named else { continue };
            let name = format!("{name} in {}", file.path);
            let who = if file.class == PathClass::Generated { "a tool" } else { "somebody else" };
            let reason = format!("routes of {name} are not read: {who} wrote the file");
            let row = Unresolved::new(FactKind::Endpoint, reason, vec![file.lines(line, line)]);
            rows.push(row.named(What::Framework, name));
        }
    }
    rows
}

/// Whether a file is no application's only because its name or its first lines say that a tool wrote it; not what
/// bundlers make of programs.
fn is_written_among_own(file: &SourceFile) -> bool {
    let bundled = [".min.", ".bundle.", ".chunk."];
    file.class == PathClass::Generated
        && !bundled.iter().any(|part| file.name().contains(part))
        && classify::classify(&format!("{}/a", file.folder()), b"") == PathClass::Application
}

/// The line of code that holds one of the texts.
fn line_of(file: &SourceFile, makes: &[&str]) -> Option<u32> {
    let text = file.text();
    let is_code = |line: &str| !line.trim_start().starts_with(['/', '#', '*', '"', '\'']);
    let mut lines = text.lines().zip(1..);
    lines.find(|(line, _)| is_code(line) && makes.iter().any(|made| line.contains(made))).map(|(_, number)| number)
}
