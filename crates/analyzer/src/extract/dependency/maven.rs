//! Dependencies of Maven's `pom.xml`: versions of the file itself, of its properties, and of the parents and their
//! `dependencyManagement` that lie in the tree. A version that comes from outside of the tree (a parent or a BOM) is
//! managed and not known. Plugins, and what is only managed, are no dependencies.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use roxmltree::{Document, Node};

use super::Dependency;
use crate::budget::{Budget, Limits, short};
use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::document::xml::{child, is_named, line_in, text_of, with_xml};
use crate::tree::file::SourceFile;
use crate::tree::path::resolve;

/// Parents of parents, and properties made of properties.
const MAX_PARENTS: usize = 16;
/// Properties that one text is filled in with, and those inside each other: properties may double each other.
const FILLED: Limits = Limits::new(256, MAX_PARENTS + 1);

/// A pom with what it gives to those below it.
struct Pom<'c> {
    file: &'c SourceFile,
    group: Option<String>,
    artifact: Option<String>,
    version: Option<String>,
    parent: Option<Parent>,
    properties: BTreeMap<String, String>,
    /// `group:artifact` to version and lines.
    managed: BTreeMap<String, (Option<String>, (u32, u32))>,
    dependencies: Vec<Entry>,
}

struct Parent {
    group: String,
    artifact: String,
    version: String,
    path: Option<String>,
}

struct Entry {
    group: String,
    artifact: String,
    version: Option<String>,
    scope: Option<String>,
    is_optional: bool,
    profile: Option<String>,
    lines: (u32, u32),
}

/// All direct dependencies of every pom.
pub(super) fn extract(corpus: &Corpus, found: &mut Found) {
    let files = corpus.application().filter(|file| file.name() == "pom.xml");
    let poms: Vec<Pom<'_>> = files.filter_map(|file| with_xml(file, |document| read(file, document))).collect();
    let by_path: BTreeMap<&str, usize> =
        poms.iter().enumerate().map(|(at, pom)| (pom.file.path.as_str(), at)).collect();
    let mut by_artifact: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, pom) in poms.iter().enumerate() {
        by_artifact.entry(pom.artifact.as_deref().unwrap_or_default()).or_insert(at);
    }
    for at in 0..poms.len() {
        let chain = ancestry(&poms, &by_path, &by_artifact, at);
        for entry in &poms[at].dependencies {
            found.facts.push(fact(&poms, &chain, entry));
        }
    }
}

fn fact(poms: &[Pom<'_>], chain: &[usize], entry: &Entry) -> crate::fact::Fact {
    let file = poms[chain[0]].file;
    let filled = |text: &str| fill(poms, chain, text, &mut FILLED.start());
    let group = filled(&entry.group).unwrap_or_else(|| entry.group.clone());
    let artifact = filled(&entry.artifact).unwrap_or_else(|| entry.artifact.clone());
    let name = format!("{group}:{artifact}");
    let managed = chain.iter().find_map(|at| {
        let pom = &poms[*at];
        let (version, lines) =
            pom.managed.get(&name).or_else(|| pom.managed.get(&format!("{}:{}", entry.group, entry.artifact)))?;
        Some((version.clone(), pom.file.lines(lines.0, lines.1)))
    });
    let (version, by): (Option<String>, Option<Evidence>) = match (&entry.version, managed) {
        (Some(own), _) => (Some(own.clone()), None),
        (None, Some((version, evidence))) => (version, Some(evidence)),
        (None, None) => (None, None),
    };
    let scope = entry.scope.as_deref().and_then(filled).unwrap_or_else(|| "compile".to_owned());
    let is_managed = entry.version.is_none();
    let requirement = version.map(|version| filled(&version).unwrap_or(version));
    let evidence = file.lines(entry.lines.0, entry.lines.1);
    let mut fact = Dependency { ecosystem: "maven", name: &name, scope: &scope, requirement, evidence }.fact(file);
    fact.evidence.extend(by);
    if is_managed {
        fact = fact.with("managed", true);
    }
    if entry.is_optional {
        fact = fact.with("optional", true);
    }
    match &entry.profile {
        Some(profile) => fact.with("profile", profile.as_str()),
        None => fact,
    }
}

/// A pom and its parents that lie in the tree, the nearest first.
fn ancestry(
    poms: &[Pom<'_>],
    by_path: &BTreeMap<&str, usize>,
    by_artifact: &BTreeMap<&str, usize>,
    at: usize,
) -> Vec<usize> {
    let mut chain = vec![at];
    while chain.len() < MAX_PARENTS {
        let here = &poms[chain[chain.len() - 1]];
        let Some(parent) = &here.parent else { break };
        let is_parent = |other: &usize| {
            let other = &poms[*other];
            other.artifact.as_deref() == Some(parent.artifact.as_str())
        };
        let near = parent.path.as_ref().and_then(|path| by_path.get(path.as_str()).copied()).filter(is_parent);
        let Some(next) =
            near.or_else(|| by_artifact.get(parent.artifact.as_str()).copied()).filter(|next| !chain.contains(next))
        else {
            break;
        };
        chain.push(next);
    }
    chain
}

/// A text with `${...}` filled in from the pom and those above it.
fn fill(poms: &[Pom<'_>], chain: &[usize], text: &str, budget: &mut Budget) -> Option<String> {
    let Some((before, after)) = text.split_once("${") else { return Some(text.to_owned()) };
    if !budget.enter() {
        return None;
    }
    let (key, rest) = after.split_once('}')?;
    let own = &poms[chain[0]];
    let parent = own.parent.as_ref();
    let value = match key.trim() {
        "project.version" | "pom.version" | "version" => own.version.clone().or_else(|| Some(parent?.version.clone())),
        "project.groupId" | "pom.groupId" | "groupId" => own.group.clone().or_else(|| Some(parent?.group.clone())),
        "project.artifactId" | "pom.artifactId" => own.artifact.clone(),
        "project.parent.version" | "parent.version" => parent.map(|parent| parent.version.clone()),
        "project.parent.groupId" => parent.map(|parent| parent.group.clone()),
        key => chain.iter().find_map(|at| poms[*at].properties.get(key).cloned()),
    }?;
    let value = fill(poms, chain, &value, budget)?;
    let filled = format!("{before}{value}{}", fill(poms, chain, rest, budget)?);
    budget.leave();
    short(filled)
}

fn read<'f>(file: &'f SourceFile, document: &Document<'_>) -> Pom<'f> {
    let root = document.root_element();
    let mut pom = Pom {
        file,
        group: text_of(root, "groupId"),
        artifact: text_of(root, "artifactId"),
        version: text_of(root, "version"),
        parent: child(root, "parent").and_then(|parent| read_parent(file, parent)),
        properties: BTreeMap::new(),
        managed: BTreeMap::new(),
        dependencies: Vec::new(),
    };
    let profiles = child(root, "profiles")
        .into_iter()
        .flat_map(|profiles| profiles.children().filter(|one| is_named(*one, "profile")));
    let sections: Vec<(Node<'_, '_>, Option<String>)> =
        std::iter::once((root, None)).chain(profiles.map(|one| (one, text_of(one, "id")))).collect();
    for (section, profile) in sections {
        for property in child(section, "properties").into_iter().flat_map(|all| all.children()).filter(Node::is_element)
        {
            let value = property.text().unwrap_or_default().trim().to_owned();
            // What a profile sets counts only where nothing else does.
            pom.properties.entry(property.tag_name().name().to_owned()).or_insert(value);
        }
        let managed = child(section, "dependencyManagement").and_then(|managed| child(managed, "dependencies"));
        for one in managed.into_iter().flat_map(|all| all.children().filter(|one| is_named(*one, "dependency"))) {
            if let Some(entry) = entry(file, document, one, None) {
                pom.managed
                    .entry(format!("{}:{}", entry.group, entry.artifact))
                    .or_insert((entry.version, entry.lines));
            }
        }
        let own = child(section, "dependencies");
        for one in own.into_iter().flat_map(|all| all.children().filter(|one| is_named(*one, "dependency"))) {
            pom.dependencies.extend(entry(file, document, one, profile.clone()));
        }
    }
    pom
}

fn read_parent(file: &SourceFile, node: Node<'_, '_>) -> Option<Parent> {
    let relative = text_of(node, "relativePath");
    let path = match relative.as_deref() {
        Some("") => None,
        Some(path) if path.ends_with(".xml") => Some(path.to_owned()),
        Some(path) => Some(format!("{}/pom.xml", path.trim_end_matches('/'))),
        None => Some("../pom.xml".to_owned()),
    };
    let path = path.and_then(|path| resolve(file.folder(), &path));
    Some(Parent {
        group: text_of(node, "groupId").unwrap_or_default(),
        artifact: text_of(node, "artifactId")?,
        version: text_of(node, "version").unwrap_or_default(),
        path,
    })
}

fn entry(file: &SourceFile, document: &Document<'_>, node: Node<'_, '_>, profile: Option<String>) -> Option<Entry> {
    let line = |offset: usize| line_in(file, document, offset);
    Some(Entry {
        group: text_of(node, "groupId")?,
        artifact: text_of(node, "artifactId")?,
        version: text_of(node, "version").filter(|version| !version.is_empty()),
        scope: text_of(node, "scope").filter(|scope| !scope.is_empty()),
        is_optional: text_of(node, "optional").as_deref() == Some("true"),
        profile,
        lines: (line(node.range().start), line(node.range().end)),
    })
}
