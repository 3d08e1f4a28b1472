//! Dependencies of MSBuild projects: `PackageReference` with central versions and properties, `packages.config`, local
//! tools. Conditions are not evaluated: a package under one counts. Project references are none.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use roxmltree::{Document, Node};

use super::{Dependency, locked};
use crate::fact::Found;
use crate::lang::csharp::project::{is_project, project};
use crate::tree::corpus::Corpus;
use crate::tree::document;
use crate::tree::document::xml::{child, is_named, lines_of, with_xml};
use crate::tree::file::{PathClass, SourceFile};
use crate::tree::path::{inside, upwards};

use super::lock::Pin;

/// Properties inside properties.
const MAX_EXPANSIONS: usize = 6;
/// Files that the projects below their folder take in.
const SHARED: [&str; 3] = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"];

/// What the shared files of one folder say.
#[derive(Default)]
struct Shared {
    properties: BTreeMap<String, String>,
    /// Central versions of packages.
    versions: BTreeMap<String, (String, Evidence)>,
}

pub(super) fn extract(corpus: &Corpus, found: &mut Found) {
    let mut shared: BTreeMap<&str, Shared> = BTreeMap::new();
    for file in corpus.files().iter().filter(|file| SHARED.contains(&file.name())) {
        let here = shared.entry(file.folder()).or_default();
        with_xml(file, |document| here.take(file, document));
    }
    for file in corpus.files().iter().filter(|file| matches!(file.class, PathClass::Application | PathClass::Test)) {
        let name = file.name();
        if is_project(name) || SHARED.contains(&name) || name == "packages.config" {
            let is_test = file.class == PathClass::Test;
            with_xml(file, |document| manifest(corpus, &shared, file, document, is_test, found));
        } else if name == "dotnet-tools.json" && file.class == PathClass::Application {
            tools(file, found);
        }
    }
}

impl Shared {
    fn take(&mut self, file: &SourceFile, document: &Document<'_>) {
        properties(document, &mut self.properties);
        for node in document.descendants().filter(|node| is_named(*node, "PackageVersion")) {
            let name = node.attribute("Include").or(node.attribute("Update"));
            if let (Some(name), Some(version)) = (name, part(node, "Version")) {
                self.versions.insert(name.trim().to_ascii_lowercase(), (version, lines_of(file, document, node)));
            }
        }
    }
}

fn properties(document: &Document<'_>, out: &mut BTreeMap<String, String>) {
    let groups = document.descendants().filter(|node| is_named(*node, "PropertyGroup"));
    for property in groups.flat_map(|group| group.children()).filter(Node::is_element) {
        let value = property.text().unwrap_or_default().trim();
        // With a condition it is one of several values; the first that stands counts.
        let name = property.tag_name().name().to_owned();
        if property.attribute("Condition").is_some() {
            out.entry(name).or_insert_with(|| value.to_owned());
        } else {
            out.insert(name, value.to_owned());
        }
    }
}

/// An attribute or a child element.
fn part(node: Node<'_, '_>, name: &str) -> Option<String> {
    let inner = || child(node, name).and_then(|child| child.text());
    node.attribute(name).or_else(inner).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// `$(X)` replaced; what is not defined stays as it is written.
fn expanded(text: &str, properties: &BTreeMap<String, String>) -> String {
    let mut text = text.to_owned();
    for _ in 0..MAX_EXPANSIONS {
        let Some((before, after)) = text.split_once("$(") else { break };
        let Some((name, tail)) = after.split_once(')') else { break };
        let Some(value) = properties.get(name) else { break };
        text = format!("{before}{value}{tail}");
    }
    text
}

fn manifest(
    corpus: &Corpus,
    shared: &BTreeMap<&str, Shared>,
    file: &SourceFile,
    document: &Document<'_>,
    is_test: bool,
    found: &mut Found,
) {
    let mut known = BTreeMap::new();
    let above: Vec<&Shared> = upwards(file.folder()).filter_map(|folder| shared.get(folder)).collect();
    above.iter().rev().for_each(|one| known.extend(one.properties.clone()));
    properties(document, &mut known);
    let is_test = is_test || project(file, document).is_test();
    for node in document.descendants().filter(Node::is_element) {
        let tag = node.tag_name().name();
        let (name, is_own) = match tag {
            "PackageReference" | "GlobalPackageReference" => (node.attribute("Include"), true),
            "package" if file.name() == "packages.config" => (node.attribute("id"), false),
            _ => continue,
        };
        let is_development = tag == "GlobalPackageReference"
            || node.attribute("developmentDependency") == Some("true")
            || part(node, "PrivateAssets").is_some_and(|assets| assets.eq_ignore_ascii_case("all"));
        let scope = match (is_test, is_development) {
            (true, _) => "test",
            (false, true) => "dev",
            (false, false) => "runtime",
        };
        for name in name.unwrap_or_default().split(';').map(str::trim).filter(|name| !name.is_empty()) {
            let name = expanded(name, &known);
            if name.contains("$(") || name.contains("@(") {
                continue;
            }
            let own = part(node, "VersionOverride")
                .or_else(|| part(node, "Version"))
                .or_else(|| node.attribute("version").map(str::to_owned));
            let central = above.iter().find_map(|one| one.versions.get(&name.to_ascii_lowercase()));
            let (requirement, place) = match (own, central) {
                (Some(own), _) => (Some(expanded(&own, &known)), None),
                (None, Some((version, place))) => (Some(expanded(version, &known)), Some(place.clone())),
                (None, None) => (None, None),
            };
            let evidence = lines_of(file, document, node);
            let dependency = Dependency { ecosystem: "nuget", name: &name, scope, requirement, evidence };
            let pin = if is_own { pin(corpus, file, &name) } else { None };
            let mut fact = locked(dependency.fact(file), pin);
            fact.evidence.extend(place);
            found.facts.push(fact);
        }
    }
}

/// What `packages.lock.json` beside the project pins.
fn pin(corpus: &Corpus, file: &SourceFile, name: &str) -> Option<Pin> {
    let lock = corpus.file(&inside(file.folder(), "packages.lock.json"))?;
    let frameworks = lock.document().root().get("dependencies").map(document::Node::entries).unwrap_or_default();
    let mut pins: Vec<(&str, u32)> = Vec::new();
    for framework in frameworks {
        let entry = framework.value.entries().iter().find(|entry| entry.key.eq_ignore_ascii_case(name));
        let Some(entry) = entry else { continue };
        if let Some(resolved) = entry.value.get("resolved").and_then(document::Node::as_str) {
            pins.push((resolved, entry.line));
        }
    }
    let (version, line) = *pins.first()?;
    // Frameworks may pin different versions.
    let agrees = pins.iter().all(|(other, _)| *other == version);
    agrees.then(|| Pin { version: version.to_owned(), evidence: lock.lines(line, line) })
}

/// `.config/dotnet-tools.json`
fn tools(file: &SourceFile, found: &mut Found) {
    for tool in file.document().root().get("tools").map(document::Node::entries).unwrap_or_default() {
        let requirement = tool.value.get("version").and_then(document::Node::as_str).map(str::to_owned);
        let evidence = file.lines(tool.line, tool.value.end_line);
        let dependency = Dependency { ecosystem: "nuget", name: &tool.key, scope: "dev", requirement, evidence };
        found.facts.push(dependency.fact(file));
    }
}
