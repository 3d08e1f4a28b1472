//! Proofs in the configuration of proxies: nginx, Apache, HAProxy, Caddy, Traefik. Certificates that are only for a
//! developer's machine prove nothing.

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{Proofs, is_set, lines, prove};

/// Names of certificates that nobody else trusts.
const SELF_MADE: &[&str] = &["snakeoil", "self", "localhost", "mkcert", "dummy", "/dev/"];

pub(super) fn look(file: &SourceFile, proofs: &mut Proofs) {
    let name = file.name();
    let is_conf = name.ends_with(".conf")
        || file.path.contains("sites-available/")
        || file.path.contains("sites-enabled/")
        || name == "haproxy.cfg";
    if is_conf {
        directives(file, proofs);
    } else if name == "Caddyfile" || name.ends_with(".caddy") || name.starts_with("Caddyfile.prod") {
        caddy(file, proofs);
    } else if name == "traefik.toml" {
        resolvers(file, proofs);
    }
}

/// A directive that names a certificate, not in a comment.
fn directives(file: &SourceFile, proofs: &mut Proofs) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        let code = line.split('#').next().unwrap_or_default().trim();
        let words: Vec<&str> = code.split_whitespace().collect();
        let certificate = match words.as_slice() {
            ["ssl_certificate", path, ..] if code.ends_with(';') => Some(*path),
            ["SSLCertificateFile", path, ..] => Some(*path),
            ["bind", _, rest @ ..] => {
                rest.iter().position(|word| *word == "crt").and_then(|at| rest.get(at + 1)).copied()
            }
            _ => None,
        };
        if certificate.is_some_and(|path| !SELF_MADE.iter().any(|word| path.to_ascii_lowercase().contains(word))) {
            prove(proofs, "tls_termination", file.lines(number, number));
        }
    }
}

/// Caddy gets a certificate for every site that is addressed by a public name.
fn caddy(file: &SourceFile, proofs: &mut Proofs) {
    let text = file.text();
    if text.contains("auto_https off") || text.contains("local_certs") {
        return;
    }
    let mut depth = 0_usize;
    for (line, number) in text.lines().zip(1_u32..) {
        let code = line.split(" #").next().unwrap_or_default().trim();
        if code.is_empty() || code.starts_with('#') {
            continue;
        }
        if depth == 0 {
            let addresses = code.trim_end_matches('{').split([',', ' ']).filter(|one| !one.is_empty());
            if addresses.into_iter().any(is_public) {
                prove(proofs, "tls_termination", file.lines(number, number));
            }
        }
        let placeholders = code.matches("{$").count() + code.matches("{env.").count();
        depth = (depth + code.matches('{').count().saturating_sub(placeholders))
            .saturating_sub(code.matches('}').count().saturating_sub(placeholders));
    }
}

fn is_public(address: &str) -> bool {
    let host = address.strip_prefix("https://").unwrap_or(address);
    let host = host.split(['/', ':']).next().unwrap_or(host);
    let port = address.rsplit_once(':').map(|(_, port)| port);
    let is_local = ["localhost", ".local", ".internal", ".test", ".localhost", "example.com", "example.org"]
        .iter()
        .any(|end| host.ends_with(end));
    let is_name = host.contains('.') && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.*".contains(c));
    let is_address = host.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_name && !is_local && !is_address && !address.starts_with("http://") && port != Some("80")
}

/// Traefik's own configuration: resolvers that get certificates.
pub(super) fn traefik(file: &SourceFile, proofs: &mut Proofs) {
    if matches!(file.name(), "traefik.yml" | "traefik.yaml") {
        resolvers(file, proofs);
    }
}

fn resolvers(file: &SourceFile, proofs: &mut Proofs) {
    for resolver in file.document().root().get("certificatesResolvers").map(Node::entries).unwrap_or_default() {
        if let Some(acme) = resolver.value.entry("acme").filter(|acme| is_set(&acme.value)) {
            prove(proofs, "tls_termination", lines(file, acme));
        }
    }
}
