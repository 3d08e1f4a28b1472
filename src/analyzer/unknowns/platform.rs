//! Proofs in the files of hosts and tools: compose, Fly, Render, Replit, Vercel, Serverless, Procfile, Prometheus, SOPS,
//! Litestream, nginx.

use crate::analyzer::document::{Entry, Node};
use crate::analyzer::file::SourceFile;

use super::{Proofs, prove};

pub(super) fn yaml(file: &SourceFile, proofs: &mut Proofs) {
    let name = file.name();
    let stem = name.trim_end_matches(".yaml").trim_end_matches(".yml");
    match stem {
        _ if stem.starts_with("docker-compose") || stem.starts_with("compose") => {
            // A file for developers or tests says nothing about where the product runs.
            let words =
                ["dev", "development", "test", "tests", "ci", "local", "override", "e2e", "debug", "devcontainer"];
            let lower = file.path.to_ascii_lowercase();
            if !lower.split(['.', '-', '_', '/']).any(|part| words.contains(&part)) {
                compose(file, proofs);
            }
        }
        "render" => {
            entry(file, &["services"], "deployment_topology", proofs);
            for database in file.document().root().get("databases").map(Node::items).unwrap_or_default() {
                if let Some(region) = database.entry("region") {
                    prove(proofs, "data_residency", lines(file, region));
                }
            }
        }
        "serverless" => {
            entry(file, &["functions"], "deployment_topology", proofs);
            entry(file, &["provider", "iam"], "runtime_iam", proofs);
            entry(file, &["provider", "iamRoleStatements"], "runtime_iam", proofs);
        }
        ".sops" => entry(file, &["creation_rules"], "secret_management", proofs),
        "litestream" => entry(file, &["dbs"], "backup_retention", proofs),
        "prometheus" => entry(file, &["scrape_configs"], "monitoring_alerting", proofs),
        "alertmanager" => entry(file, &["route"], "monitoring_alerting", proofs),
        _ => {}
    }
}

pub(super) fn other(file: &SourceFile, proofs: &mut Proofs) {
    match file.name() {
        "fly.toml" => {
            entry(file, &["app"], "deployment_topology", proofs);
            let https = file.document().root().entry_at(&["http_service", "force_https"]);
            if let Some(entry) = https.filter(|entry| entry.value.is_true()) {
                prove(proofs, "tls_termination", lines(file, entry));
            }
        }
        ".replit" => entry(file, &["deployment"], "deployment_topology", proofs),
        "vercel.json" | "app.json" | "railway.json" | "railway.toml" => {
            let root = file.document().root();
            let first = root
                .entries()
                .iter()
                .find(|entry| ["builds", "functions", "deploy", "formation", "rewrites"].contains(&entry.key.as_str()));
            if let Some(first) = first {
                prove(proofs, "deployment_topology", file.lines(first.line, first.line));
            }
        }
        "Procfile" => {
            if let Some((_, number)) = file
                .text()
                .lines()
                .zip(1_u32..)
                .find(|(line, _)| line.starts_with("web:") || line.starts_with("worker:"))
            {
                prove(proofs, "deployment_topology", file.lines(number, number));
            }
        }
        name if name.ends_with(".conf") => nginx(file, proofs),
        _ => {}
    }
}

fn compose(file: &SourceFile, proofs: &mut Proofs) {
    entry(file, &["secrets"], "secret_management", proofs);
    for service in file.document().root().get("services").map(Node::entries).unwrap_or_default() {
        prove(proofs, "deployment_topology", file.lines(service.line, service.line));
        if let Some(driver) = service.value.entry_at(&["logging", "driver"]) {
            prove(proofs, "logging_sink", lines(file, driver));
        }
    }
}

/// `ssl_certificate /path;` as a directive of its own.
fn nginx(file: &SourceFile, proofs: &mut Proofs) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        if words.next() == Some("ssl_certificate") && line.trim_end().ends_with(';') {
            prove(proofs, "tls_termination", file.lines(number, number));
        }
    }
}

fn entry(file: &SourceFile, path: &[&str], category: &'static str, proofs: &mut Proofs) {
    if let Some(entry) = file.document().root().entry_at(path) {
        prove(proofs, category, file.lines(entry.line, entry.line));
    }
}

fn lines(file: &SourceFile, entry: &Entry) -> crate::analyzer::evidence::Evidence {
    file.lines(entry.line, entry.value.end_line)
}
