//! Variables that documentation names and nothing else in the tree does.

use super::{Hit, Input, Level, Rule, RuleText};
use crate::judge::claims::claim::{Claim, ClaimKind, Verdict};
use crate::judge::documents::{AMBIENT, is_documentation, is_env_sample};
use crate::judge::mentions::mentions;

pub(super) const RULE: Rule = Rule {
    text: RuleText {
        id: "documented-env-var-unread",
        level: Level::Note,
        short: "A document or sample file names an environment variable that nothing else in the tree names.",
        what: "A README or a sample of settings assigns the variable. No other file of the tree has its name, also not \
without its first part, as classes of settings that add a prefix would have it.",
        why: "Setting it most likely changes nothing. It may have been renamed or removed in the code. A dependency may \
still read it under this name: that cannot be seen from the tree.",
        fix: "Remove it from the document, correct its name, or say which dependency reads it.",
    },
    find,
};

fn find(input: &Input<'_>, hits: &mut Vec<Hit>) {
    // Libraries build nested names from a prefix and `__`; and a guide may name variables of other programs.
    let is_about_this = |claim: &&Claim| {
        let file_name = claim.doc.rsplit('/').next().unwrap_or(&claim.doc).to_ascii_lowercase();
        let is_here = is_env_sample(&file_name) || file_name.starts_with("readme");
        is_here && !claim.text.contains("__") && !AMBIENT.contains(&claim.text.as_str())
    };
    let unread = |claim: &&Claim| claim.kind == ClaimKind::EnvVar && claim.verdict != Verdict::Verified;
    let unread: Vec<&Claim> = input.claims.iter().filter(unread).filter(is_about_this).collect();
    let names = unread.iter().flat_map(|claim| std::iter::once(claim.text.as_str()).chain(tail(&claim.text)));
    let anywhere = mentions(input.corpus, names, |file| !is_documentation(file));
    for claim in unread {
        if !anywhere.contains(&claim.text) && !tail(&claim.text).is_some_and(|tail| anywhere.contains(tail)) {
            hits.push(Hit {
                key: format!("{}\n{}", claim.doc, claim.text),
                level: None,
                message: format!(
                    "{} names `{}`, but nothing else in the tree does; a dependency may still read it",
                    claim.doc, claim.text
                ),
                evidence: claim.evidence.clone(),
            });
        }
    }
}

/// The name without its first part, when two parts at least are left: settings classes add a prefix to their fields.
fn tail(name: &str) -> Option<&str> {
    name.split_once('_').map(|(_, tail)| tail).filter(|tail| tail.contains('_'))
}
