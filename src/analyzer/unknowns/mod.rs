//! Nine questions about operation that files rarely answer. Each stays UNKNOWN until a parsed file of the tree proves
//! it; a word in a text proves nothing.

mod hcl;
mod kubernetes;
mod platform;

use std::collections::BTreeMap;

use super::corpus::Corpus;
use super::evidence::Evidence;
use super::fact::Fact;

/// The categories, and what would answer each.
const CATEGORIES: &[(&str, &str)] = &[
    ("tls_termination", "the ingress, proxy or platform configuration that holds the certificate"),
    ("encryption_at_rest", "the infrastructure definition of databases and volumes, or the provider's setting"),
    ("secret_management", "the manifest or infrastructure code that names where secrets are kept"),
    ("deployment_topology", "the manifests, compose file or platform file that production is deployed from"),
    ("runtime_iam", "the roles or service accounts that the running processes use"),
    ("logging_sink", "the configuration that says where logs are shipped"),
    ("monitoring_alerting", "the alert rules or monitoring configuration"),
    ("backup_retention", "the backup schedule and how long copies are kept"),
    ("data_residency", "the region of each data store, in infrastructure code or the provider's setting"),
];

/// One category.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unknown {
    pub(crate) category: &'static str,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) resolve_with: &'static str,
}

impl Unknown {
    /// Whether a file proves it.
    pub(crate) fn proven(&self) -> bool {
        !self.evidence.is_empty()
    }
}

/// Proofs found so far, by category.
type Proofs = BTreeMap<&'static str, Vec<Evidence>>;

/// Most anchors that one category keeps.
const MAX_EVIDENCE: usize = 20;

/// Look through all configuration of the application.
pub(crate) fn look(corpus: &Corpus, _facts: &[Fact]) -> Vec<Unknown> {
    let mut proofs = Proofs::new();
    for file in corpus.application() {
        match file.name().rsplit_once('.').map(|(_, ending)| ending) {
            Some("yml" | "yaml") => {
                kubernetes::look(file, &mut proofs);
                platform::yaml(file, &mut proofs);
            }
            Some("tf") => hcl::look(file, &mut proofs),
            _ => platform::other(file, &mut proofs),
        }
    }
    let unknown = |(category, resolve_with): &(&'static str, &'static str)| {
        let mut evidence = proofs.remove(category).unwrap_or_default();
        evidence.sort();
        evidence.dedup();
        evidence.truncate(MAX_EVIDENCE);
        Unknown { category, evidence, resolve_with }
    };
    CATEGORIES.iter().map(unknown).collect()
}

fn prove(proofs: &mut Proofs, category: &'static str, evidence: Evidence) {
    proofs.entry(category).or_default().push(evidence);
}
