//! The same method and path at two places: which handler answers depends on the order of registration.

use ci_feed_dossier::fact::{FactKind, FactStatus};

use super::{Hit, Input, Level, Rule, RuleText};
use crate::fact::Fact;

pub(super) const RULE: Rule = Rule {
    text: RuleText {
        id: "duplicate-endpoint",
        level: Level::Warning,
        short: "The same method and path is registered more than once, with different handlers.",
        what: "Two registrations give the same method and full path, all prefixes included, and name different handlers.",
        why: "Only one of them answers, and the order of registration decides which. The other one is code that nobody \
calls, or that takes over when lines are reordered.",
        fix: "Remove one of the registrations, or give it another path. Where two programs of the repository serve the \
same path on purpose, nothing is to be done.",
    },
    find,
};

fn find(input: &Input<'_>, hits: &mut Vec<Hit>) {
    let is_one = |fact: &&Fact| fact.kind == FactKind::Endpoint && fact.status == FactStatus::Evidenced;
    for fact in input.facts.iter().filter(is_one) {
        let handlers = fact.attrs.get("handler").and_then(|handler| handler.as_array()).map_or(1, Vec::len);
        if handlers > 1 && fact.evidence.len() > 1 {
            hits.push(Hit {
                key: fact.key.clone(),
                level: None,
                message: format!("`{}` is registered more than once, with different handlers", fact.key),
                evidence: fact.evidence.clone(),
            });
        }
    }
}
