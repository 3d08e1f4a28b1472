//! Links of documentation to files and headings that are not there.

use crate::judge::claims::claim::{ClaimKind, Verdict};

use super::{Hit, Input, Level, Rule, RuleText};

pub(super) const RULE: Rule = Rule {
    text: RuleText {
        id: "dead-relative-link",
        level: Level::Warning,
        short: "A document links to a file or heading that is not in the tree.",
        what: "A relative link or image leads to a path that this commit does not have, or to a heading that the target \
does not have. Addresses that a documentation site, the forge or a submodule may serve are not reported.",
        why: "The reader lands on an error page, or at the top of a long document instead of the passage that was meant.",
        fix: "Point the link to where the file or heading is now, or take it out.",
    },
    find,
};

fn find(input: &Input<'_>, hits: &mut Vec<Hit>) {
    let contradicted = input.claims.iter().filter(|claim| claim.verdict == Verdict::Contradicted);
    for claim in contradicted.filter(|claim| claim.kind == ClaimKind::Link) {
        hits.push(Hit {
            key: format!("{}\n{}", claim.doc, claim.text),
            level: None,
            message: format!("{} links to `{}`, but {}", claim.doc, claim.text, claim.why),
            evidence: claim.evidence.clone(),
        });
    }
}
