//! Proofs in the configuration of monitoring: rules of Prometheus, Alertmanager, Grafana's provisioned alerts.

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, entry, has, prove};

pub(super) fn yaml(file: &SourceFile, proofs: &mut Proofs) {
    let stem = file.name().trim_end_matches(".yaml").trim_end_matches(".yml");
    match stem {
        "prometheus" => {
            let root = file.document().root();
            // Scraping alone alerts nobody, but it is monitoring that is configured.
            for key in ["scrape_configs", "rule_files", "alerting"] {
                entry(file, root, &[key], "monitoring_alerting", proofs);
            }
        }
        "alertmanager" => entry(file, file.document().root(), &["route"], "monitoring_alerting", proofs),
        _ if has(file, b"groups:") && (has(file, b"alert") || has(file, b"condition")) => rules(file, proofs),
        _ => {}
    }
}

/// `groups` of `rules`, each with an `alert` and an expression, or as Grafana provisions them.
fn rules(file: &SourceFile, proofs: &mut Proofs) {
    let root = file.document().root();
    for rule in root
        .get("groups")
        .map(Node::items)
        .unwrap_or_default()
        .iter()
        .flat_map(|group| group.get("rules").map(Node::items).unwrap_or_default())
    {
        let prometheus = rule.entry("alert").filter(|_| rule.get("expr").is_some());
        let grafana =
            rule.entry("title").filter(|_| rule.get("condition").is_some() && root.get("apiVersion").is_some());
        if let Some(name) = prometheus.or(grafana) {
            prove(proofs, "monitoring_alerting", file.lines(name.line, name.line));
        }
    }
}
