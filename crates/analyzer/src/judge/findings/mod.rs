//! What a person should look at: rules about documentation and operability, one file each. None of them says anything
//! about vulnerability, and each finding names its evidence.

mod contradicted_claim;
mod dead_relative_link;
mod documented_env_var_unread;
mod duplicate_endpoint;
mod manifest_without_lockfile;
mod mutable_base_image;
mod undocumented_env_var;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::rule_text::{Level, RuleText};

use crate::fact::Fact;
use crate::judge::claims::claim::Claim;
use crate::tree::corpus::Corpus;

/// A rule: what it tells a person, and how it is applied.
#[derive(Debug)]
struct Rule {
    text: RuleText,
    find: fn(&Input<'_>, &mut Vec<Hit>),
}

/// Every rule, in the order of their names: SARIF's `ruleIndex` counts here.
const RULES: &[&Rule] = &[
    &contradicted_claim::RULE,
    &dead_relative_link::RULE,
    &documented_env_var_unread::RULE,
    &duplicate_endpoint::RULE,
    &manifest_without_lockfile::RULE,
    &mutable_base_image::RULE,
    &undocumented_env_var::RULE,
];

/// What every rule says of itself, in the same order.
pub fn rule_texts() -> Vec<RuleText> {
    RULES.iter().map(|rule| rule.text).collect()
}

/// What rules look at.
struct Input<'a> {
    corpus: &'a Corpus,
    facts: &'a [Fact],
    claims: &'a [Claim],
}

/// What one rule found at one place.
struct Hit {
    /// What it is about, without any line number: it stays the same while lines move.
    key: String,
    /// Another level than the rule's.
    level: Option<Level>,
    message: String,
    evidence: Vec<Evidence>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    /// What it is about, the same in every commit in which it is found.
    pub(crate) key: String,
    pub(crate) message: String,
    pub(crate) evidence: Vec<Evidence>,
}

/// Apply every rule.
pub(crate) fn find(corpus: &Corpus, facts: &[Fact], claims: &[Claim]) -> Vec<Finding> {
    let input = Input { corpus, facts, claims };
    let mut findings = Vec::new();
    for rule in RULES {
        let mut hits = Vec::new();
        (rule.find)(&input, &mut hits);
        findings.extend(hits.into_iter().map(|hit| Finding {
            rule: rule.text.id,
            level: hit.level.unwrap_or(rule.text.level),
            key: hit.key,
            message: hit.message,
            evidence: hit.evidence,
        }));
    }
    findings.sort_by(|a, b| (a.rule, &a.evidence, &a.message).cmp(&(b.rule, &b.evidence, &b.message)));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_by_name_and_say_everything_in_whole_sentences() {
        assert!(RULES.windows(2).all(|two| two[0].text.id < two[1].text.id));
        for rule in rule_texts() {
            for text in [rule.short, rule.what, rule.why, rule.fix] {
                assert!(text.ends_with('.') && text.len() > 20, "{}: {text}", rule.id);
                let lower = text.to_lowercase();
                assert!(!lower.contains("vulnerab") && !lower.contains("insecure"), "{}: {text}", rule.id);
            }
        }
    }
}
