//! Nine questions about operation that files rarely answer. Each stays UNKNOWN until a parsed file of the tree proves
//! it; a word in a text proves nothing, and what is for development, tests or local clusters proves nothing either.

mod backup;
mod cloudformation;
mod compose;
mod deploy;
mod hcl;
mod helm;
mod kubernetes;
mod logging;
mod monitoring;
mod platform;
mod proxy;

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;

use crate::tree::corpus::Corpus;
use crate::tree::document::{KeyValue, Node};
use crate::tree::file::SourceFile;

/// The categories, and what would answer each.
const CATEGORIES: &[(&str, &str)] = &[
    (
        "tls_termination",
        "the ingress, proxy or platform configuration that holds the certificate (nginx, Caddy, Traefik, an Ingress with tls, a load balancer's listener)",
    ),
    (
        "encryption_at_rest",
        "the infrastructure definition of databases and volumes (storage_encrypted, StorageEncrypted, an encrypted StorageClass), or the provider's setting",
    ),
    (
        "secret_management",
        "the manifest or infrastructure code that names where secrets are kept (Secret, ExternalSecret, a secret manager, SOPS, compose secrets)",
    ),
    (
        "deployment_topology",
        "the manifests, compose file, platform file or deploy workflow that production is deployed from",
    ),
    (
        "runtime_iam",
        "the roles or service accounts that the running processes use (ServiceAccount, RoleBinding, aws_iam_role, taskRoleArn)",
    ),
    (
        "logging_sink",
        "the configuration that says where logs are shipped (a logging driver, Fluent Bit, Vector, Promtail, a log group)",
    ),
    (
        "monitoring_alerting",
        "the alert rules or monitoring configuration (Prometheus rules, Alertmanager, alarms, monitors)",
    ),
    (
        "backup_retention",
        "the backup schedule and how long copies are kept (backup_retention_period, a CronJob that dumps, Velero, Litestream, pgBackRest)",
    ),
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
const MAX_UNKNOWN_EVIDENCE: usize = 20;

/// Parts of a path that say that a file is not about where the product runs.
const NOT_PRODUCTION: &[&str] = &[
    "dev",
    "devel",
    "development",
    "test",
    "tests",
    "testing",
    "ci",
    "local",
    "localhost",
    "override",
    "e2e",
    "debug",
    "devcontainer",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "sandbox",
    "minikube",
    "k3d",
    "kind",
    "playground",
    "tutorial",
    "docs",
    "doc",
    "benchmark",
    "integration",
    "templates",
    "quickstart",
];

/// Look through all configuration of the application.
pub(crate) fn look(corpus: &Corpus) -> Vec<Unknown> {
    let mut proofs = Proofs::new();
    let mut regions = hcl::Regions::default();
    for file in corpus.application().filter(|file| is_for_production(&file.path)) {
        let ending = file.name().rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending {
            "yml" | "yaml" => yaml(corpus, file, &mut proofs),
            "tf" => hcl::look(file, &mut proofs, &mut regions),
            "json" => {
                cloudformation::look(file, &mut proofs);
                platform::other(file, &mut proofs);
            }
            _ => {
                platform::other(file, &mut proofs);
                proxy::look(file, &mut proofs);
                logging::other(file, &mut proofs);
                backup::other(file, &mut proofs);
            }
        }
    }
    // A provider's region says where data is kept only when something that keeps data is made with it.
    if regions.has_store {
        regions.named.into_iter().for_each(|evidence| prove(&mut proofs, "data_residency", evidence));
    }
    let unknown = |(category, resolve_with): &(&'static str, &'static str)| {
        let mut evidence = proofs.remove(category).unwrap_or_default();
        evidence.sort();
        evidence.dedup();
        evidence.truncate(MAX_UNKNOWN_EVIDENCE);
        Unknown { category, evidence, resolve_with }
    };
    CATEGORIES.iter().map(unknown).collect()
}

fn yaml(corpus: &Corpus, file: &SourceFile, proofs: &mut Proofs) {
    if file.path.starts_with(".github/workflows/") {
        deploy::workflow(file, proofs);
        return;
    }
    if helm::is_chart(corpus, file) {
        helm::look(file, proofs);
        return;
    }
    // A template of another engine is no YAML, whatever its name says.
    if file.bytes().windows(2).any(|two| two == b"{{") && !has(file, b"alert") {
        return;
    }
    kubernetes::look(file, proofs);
    compose::look(file, proofs);
    cloudformation::look(file, proofs);
    platform::yaml(file, proofs);
    proxy::traefik(file, proofs);
    logging::yaml(file, proofs);
    monitoring::yaml(file, proofs);
    backup::yaml(file, proofs);
}

/// Whether nothing in the path says that the file is for development, tests or as an example. Charts keep what they
/// install in `templates`.
fn is_for_production(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let in_chart = lower.contains("chart") || lower.contains("helm");
    let mut parts = lower.split(['.', '-', '_', '/']);
    !parts.any(|part| NOT_PRODUCTION.contains(&part) && !(in_chart && part == "templates"))
}

fn prove(proofs: &mut Proofs, category: &'static str, evidence: Evidence) {
    proofs.entry(category).or_default().push(evidence);
}

/// The value under a path of keys proves a category, unless it is empty or switched off.
fn entry(file: &SourceFile, root: &Node, path: &[&str], category: &'static str, proofs: &mut Proofs) {
    if let Some(entry) = root.entry_at(path).filter(|entry| is_set(&entry.value)) {
        prove(proofs, category, file.lines(entry.line, entry.line));
    }
}

/// Whether a value says more than "nothing" or "off".
fn is_set(value: &Node) -> bool {
    let is_off = matches!(value.scalar().as_deref(), Some("false" | "0" | "" | "none" | "off"));
    let is_filled = value.scalar().is_some() || !value.items().is_empty() || !value.entries().is_empty();
    is_filled && !is_off
}

fn lines(file: &SourceFile, entry: &KeyValue) -> Evidence {
    file.lines(entry.line, entry.value.end_line.min(entry.line + 3))
}

/// Whether a file holds a text at all: most need not be parsed to know that they prove nothing.
fn has(file: &SourceFile, text: &[u8]) -> bool {
    memchr::memmem::find(file.bytes(), text).is_some()
}

/// Whether a command makes a copy of a datastore.
fn is_backup(text: &str) -> bool {
    [
        "pg_dump",
        "pg_basebackup",
        "mysqldump",
        "mariadb-dump",
        "mongodump",
        "wal-g",
        "pgbackrest",
        "barman",
        "restic backup",
        "borg create",
    ]
    .iter()
    .any(|tool| text.contains(tool))
}
