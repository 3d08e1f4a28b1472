//! Proofs in the configuration of log shippers: Fluent Bit, Fluentd, Vector, Promtail, Filebeat, the OpenTelemetry
//! collector, Docker's daemon. A sink that prints or throws away is none.

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, has, is_set, lines, prove};

/// Outputs that ship nothing anywhere.
const NO_SINKS: &[&str] = &[
    "stdout",
    "null",
    "console",
    "blackhole",
    "debug",
    "logging",
    "file",
    "copy",
    "relabel",
    "json-file",
    "local",
    "none",
];

pub(super) fn other(file: &SourceFile, proofs: &mut Proofs) {
    let name = file.name();
    if name.ends_with(".conf") || name.ends_with(".toml") && name.starts_with("vector") {
        let text = file.text();
        if name.starts_with("vector") {
            vector(file, proofs);
        } else if ships(name, &text) {
            let first = text.lines().zip(1_u32..).find(|(line, _)| is_output(line)).map_or(1, |(_, number)| number);
            prove(proofs, "logging_sink", file.lines(first, first + 1));
        }
    }
}

pub(super) fn yaml(file: &SourceFile, proofs: &mut Proofs) {
    let name = file.name();
    let root = || file.document().root();
    if name.starts_with("vector") {
        vector(file, proofs);
    } else if name.starts_with("promtail") {
        for client in root().get("clients").map(Node::items).unwrap_or_default() {
            if let Some(url) = client.entry("url").filter(|url| is_set(&url.value)) {
                prove(proofs, "logging_sink", lines(file, url));
            }
        }
    } else if name.starts_with("filebeat") {
        for output in ["output.elasticsearch", "output.logstash", "output.kafka"] {
            super::entry(file, root(), &[output], "logging_sink", proofs);
        }
    } else if has(file, b"pipelines:") && has(file, b"exporters:") {
        let exporters = root().entry_at(&["service", "pipelines", "logs", "exporters"]);
        let ships = |entry: &&crate::tree::document::KeyValue| {
            let names = entry.value.items().iter().filter_map(Node::as_str);
            names.into_iter().any(|name| !NO_SINKS.contains(&name.split('/').next().unwrap_or(name)))
        };
        if let Some(entry) = exporters.filter(ships) {
            prove(proofs, "logging_sink", lines(file, entry));
        }
    }
}

/// Sinks of Vector.
fn vector(file: &SourceFile, proofs: &mut Proofs) {
    for sink in file.document().root().get("sinks").map(Node::entries).unwrap_or_default() {
        let kind = sink.value.entry("type");
        if let Some(kind) = kind.filter(|kind| kind.value.as_str().is_some_and(|name| !NO_SINKS.contains(&name))) {
            prove(proofs, "logging_sink", lines(file, kind));
        }
    }
}

/// Whether a configuration of Fluent Bit or Fluentd has an output that ships somewhere.
pub(super) fn ships(name: &str, text: &str) -> bool {
    if !name.contains("fluent") && !name.contains("td-agent") && !name.contains("output") {
        return false;
    }
    let mut in_output = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            in_output = line.eq_ignore_ascii_case("[output]");
        } else if line.starts_with("<match") {
            in_output = true;
        } else if line.starts_with("</match") {
            in_output = false;
        }
        let mut words = line.split_whitespace();
        let key = words.next().unwrap_or_default().to_ascii_lowercase();
        if in_output && (key == "name" || key == "@type") && words.next().is_some_and(|kind| !NO_SINKS.contains(&kind))
        {
            return true;
        }
    }
    false
}

fn is_output(line: &str) -> bool {
    let line = line.trim();
    line.eq_ignore_ascii_case("[output]") || line.starts_with("<match")
}
