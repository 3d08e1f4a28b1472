//! CycloneDX 1.6: the direct dependencies, each with its package address and the version that a lock file pins. What they need
//! themselves is not in it, and the document says so.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{coverage, path_and_line, title, version};
use crate::fact::FactKind;
use crate::v1::{Dossier, Fact};

const ROOT: &str = "root";

/// The document of a dossier.
pub(super) fn of(dossier: &Dossier) -> Value {
    let (mut components, mut left_out): (BTreeMap<String, Component<'_>>, _) = (BTreeMap::new(), 0);
    for fact in dossier.facts_of(FactKind::Dependency) {
        match purl(fact) {
            Some(purl) => components.entry(purl).or_default().facts.push(fact),
            None => left_out += 1,
        }
    }
    let refs: Vec<&String> = components.keys().collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": { "components": [{
                "type": "application", "name": dossier.analyzer.name, "version": dossier.analyzer.version,
            }] },
            "component": { "type": "application", "bom-ref": ROOT, "name": title(dossier), "version": version(dossier) },
            "properties": [
                { "name": "ci-feed:transitive-dependencies", "value": "not included" },
                { "name": "ci-feed:coverage", "value": coverage(dossier, left_out).to_string() },
            ],
        },
        "components": components.iter().map(|(purl, one)| one.shown(purl)).collect::<Vec<_>>(),
        "dependencies": [{ "ref": ROOT, "dependsOn": refs }],
        "compositions": [{ "aggregate": "incomplete", "dependencies": [ROOT] }],
    })
}

/// A package, and the manifests that ask for it.
#[derive(Default)]
struct Component<'d> {
    facts: Vec<&'d Fact>,
}

impl Component<'_> {
    fn shown(&self, purl: &str) -> Value {
        let first = self.facts.first();
        let attr = |name: &str| first.and_then(|fact| fact.attr(name)).unwrap_or_default();
        let is_needed = self.facts.iter().any(|fact| matches!(fact.attr("scope"), None | Some("runtime")));
        let mut properties = Vec::new();
        for fact in &self.facts {
            for name in ["scope", "requirement", "manifest"] {
                if let Some(value) = fact.attr(name) {
                    properties.push(json!({ "name": format!("ci-feed:{name}"), "value": value }));
                }
            }
            if let Some(anchor) = fact.evidence.first() {
                properties.push(json!({ "name": "ci-feed:evidence", "value": format!("{} {}", path_and_line(anchor), anchor.sha256) }));
            }
        }
        let mut component = json!({
            "type": "library",
            "bom-ref": purl,
            "name": attr("name"),
            "purl": purl,
            "scope": if is_needed { "required" } else { "excluded" },
            "properties": properties,
        });
        if let Some(locked) = first.and_then(|fact| fact.attr("locked_version")) {
            component["version"] = locked.into();
        }
        component
    }
}

/// The package's address, without a version where nothing pins one.
fn purl(fact: &Fact) -> Option<String> {
    let name = fact.attr("name").filter(|name| !name.is_empty())?;
    let (kind, path) = match fact.attr("ecosystem")? {
        "pypi" => ("pypi", encoded(&name.to_lowercase().replace(['_', '.'], "-"))),
        "go" => ("golang", segments(&name.to_lowercase(), '/')),
        "maven" => ("maven", segments(name, ':')),
        "npm" => ("npm", segments(name, '/')),
        "composer" => ("composer", segments(&name.to_lowercase(), '/')),
        kind @ ("cargo" | "gem" | "nuget") => (kind, encoded(name)),
        _ => return None,
    };
    let version = fact.attr("locked_version").map(|version| format!("@{}", encoded(version)));
    Some(format!("pkg:{kind}/{path}{}", version.unwrap_or_default()))
}

fn segments(name: &str, separator: char) -> String {
    name.split(separator).filter(|part| !part.is_empty()).map(encoded).collect::<Vec<_>>().join("/")
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
