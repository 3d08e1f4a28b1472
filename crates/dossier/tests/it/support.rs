//! Dossiers in memory.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::{FactKind, FactStatus};
use ci_feed_dossier::rule_text::{Level, RuleText};
use ci_feed_dossier::v1::{
    Analyzer, Claim, Coverage, Dossier, Fact, Finding, Metric, Metrics, SCHEMA, Subject, Unresolved, What,
};

/// Two rules, one for each level.
pub(crate) const RULES: &[RuleText] = &[
    RuleText {
        id: "undocumented-env-var",
        level: Level::Note,
        short: "A variable is read and not documented.",
        what: "The code reads a variable that no document names.",
        why: "Whoever deploys it cannot know.",
        fix: "Name it in `.env.example`.",
    },
    RuleText {
        id: "dead-relative-link",
        level: Level::Warning,
        short: "A link leads nowhere.",
        what: "A document links to a file that the tree does not have.",
        why: "A reader is led astray.",
        fix: "Mend or remove it.",
    },
];

fn metric() -> Metric {
    Metric {
        value: None,
        numerator: 0.0,
        denominator: 0.0,
        formula: "a / b".to_owned(),
        interpretation: "a share".to_owned(),
    }
}

/// A dossier that states nothing.
pub(crate) fn dossier() -> Dossier {
    Dossier {
        schema: SCHEMA.to_owned(),
        analyzer: Analyzer { name: "made".to_owned(), version: "1".to_owned(), rules_digest: "0".repeat(64) },
        subject: Subject::default(),
        coverage: Coverage {
            files_seen: 1,
            analyzed: 1,
            by_class: BTreeMap::new(),
            skipped: BTreeMap::new(),
            languages: Vec::new(),
            unsupported_languages: BTreeMap::new(),
            parse_problems: Vec::new(),
            unread: Vec::new(),
            unread_complete: true,
            folders: Vec::new(),
            unresolved_has_ids: true,
            partial: false,
        },
        facts: Vec::new(),
        unresolved: Vec::new(),
        claims: Vec::new(),
        unknowns: Vec::new(),
        findings: Vec::new(),
        metrics: Metrics {
            dci: metric(),
            dci_structural: metric(),
            rci: metric(),
            facts_by_kind: BTreeMap::new(),
            lines_by_language: BTreeMap::new(),
        },
        policy: None,
    }
}

/// The first line of a file, which says this.
pub(crate) fn line(path: &str, text: &str) -> Evidence {
    Evidence::of_lines(path, 1, 1, text.as_bytes())
}

pub(crate) fn fact(kind: FactKind, key: &str, evidence: Evidence) -> Fact {
    Fact {
        id: format!("{kind:?} {key}"),
        kind,
        key: key.to_owned(),
        status: FactStatus::Evidenced,
        attrs: BTreeMap::new(),
        evidence: vec![evidence],
    }
}

/// A command in the README with this verdict.
pub(crate) fn claim(text: &str, verdict: &str) -> Claim {
    Claim {
        id: format!("command {text}"),
        kind: "command".to_owned(),
        doc: "README.md".to_owned(),
        line: 1,
        text: text.to_owned(),
        verdict: verdict.to_owned(),
        why: "a reason".to_owned(),
        evidence: vec![line("README.md", text)],
    }
}

/// A finding of the first rule in a file, anchored at a line that says `what`.
pub(crate) fn finding(what: &str, path: &str) -> Finding {
    Finding {
        id: format!("{what} {path}"),
        rule: RULES[0].id.to_owned(),
        level: "note".to_owned(),
        message: what.to_owned(),
        evidence: vec![line(path, what)],
    }
}

/// A construct of an endpoint that was not pinned down.
pub(crate) fn unresolved(what: What, name: &str, evidence: Evidence) -> Unresolved {
    let id = format!("{name} {} {}", evidence.path, evidence.sha256);
    let reason = format!("{name} is not known");
    Unresolved { id, kind: FactKind::Endpoint, what, name: name.to_owned(), reason, evidence: vec![evidence] }
}
