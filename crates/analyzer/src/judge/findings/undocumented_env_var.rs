//! Variables that code reads and no document or sample file names.

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};

use super::{Hit, Input, Level, Rule, RuleText};
use crate::fact::{Fact, is_read};
use crate::judge::documents::{AMBIENT, is_documentation};
use crate::judge::mentions::mentions;

pub(super) const RULE: Rule = Rule {
    text: RuleText {
        id: "undocumented-env-var",
        level: Level::Note,
        short: "An environment variable is read, but no document or sample file names it.",
        what: "Code or configuration reads the variable at the lines of the evidence. No Markdown, reStructuredText or \
AsciiDoc file and no sample of settings such as `.env.example` has its name. Variables that a shell, a host or a build \
tool sets are left out.",
        why: "Whoever installs the program cannot know that the setting exists, what it changes, or that it must be set.",
        fix: "Name it in the README or in the sample file with one line about what it does, or stop reading it.",
    },
    find,
};

fn find(input: &Input<'_>, hits: &mut Vec<Hit>) {
    // What only may be read is no promise that somebody would document.
    let is_evidenced = |fact: &&Fact| fact.kind == FactKind::EnvVar && fact.status == FactStatus::Evidenced;
    let read: Vec<&Fact> = input.facts.iter().filter(is_evidenced).filter(|fact| is_read(fact)).collect();
    let documented = mentions(input.corpus, read.iter().map(|fact| fact.key.as_str()), is_documentation);
    for fact in read {
        let told = documents(fact);
        let code = fact.evidence.iter().filter(|one| !told.contains(&one.path.as_str()));
        let code: Vec<Evidence> = code.cloned().collect();
        let ambient = AMBIENT.contains(&fact.key.as_str())
            || ["npm_", "GITHUB_", "CARGO_", "VERCEL_"].iter().any(|prefix| fact.key.starts_with(prefix));
        if !code.is_empty() && told.is_empty() && !documented.contains(&fact.key) && !ambient {
            hits.push(Hit {
                key: fact.key.clone(),
                level: None,
                message: format!("`{}` is read, but no document or sample file of the repository names it", fact.key),
                evidence: code,
            });
        }
    }
}

/// The files that set or document a variable.
fn documents(fact: &Fact) -> Vec<&str> {
    let listed = fact.attrs.get("documented_in").and_then(|list| list.as_array());
    listed.into_iter().flatten().filter_map(|path| path.as_str()).collect()
}
