//! Documentation that the tree contradicts, links apart.

use crate::judge::claims::claim::{ClaimKind, Verdict};

use super::{Hit, Input, Level, Rule, RuleText};

pub(super) const RULE: Rule = Rule {
    text: RuleText {
        id: "contradicted-claim",
        level: Level::Warning,
        short: "A document says something that the tree contradicts.",
        what: "A README, a guide or a sample file names a command, port, endpoint or path, and the place of the repository \
where it should be defined does not have it. The first evidence is the statement, the next ones are the place that was \
looked at. What could be true in another folder, tool or project is not reported.",
        why: "Whoever follows the document gets stuck at this line. Most often something was renamed or removed and the \
document was not.",
        fix: "Correct the document, or bring back what it names. If the document is right, the analyzer has overlooked \
where it is defined: the reason in the message says where it looked.",
    },
    find,
};

fn find(input: &Input<'_>, hits: &mut Vec<Hit>) {
    let contradicted = input.claims.iter().filter(|claim| claim.verdict == Verdict::Contradicted);
    for claim in contradicted.filter(|claim| claim.kind != ClaimKind::Link) {
        hits.push(Hit {
            key: format!("{}\n{}\n{}", claim.doc, claim.kind.name(), claim.text),
            level: None,
            message: format!("{} says `{}`, but {}", claim.doc, claim.text, claim.why),
            evidence: claim.evidence.clone(),
        });
    }
}
