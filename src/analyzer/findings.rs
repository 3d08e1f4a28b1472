//! What a person should look at: seven rules about documentation and operability. None of them says anything about
//! vulnerability, and each names its evidence.

mod mentions;

use std::collections::BTreeSet;

use super::claims::{self, Claim, ClaimKind, Verdict};
use super::corpus::Corpus;
use super::deal;
use super::evidence::Evidence;
use super::extract::command::node;
use super::fact::{Fact, FactKind, Unresolved};
use super::file::{PathClass, SourceFile};
use mentions::Mentions;

/// How much it matters, in SARIF's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Warning,
    Note,
}

impl Level {
    /// The name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    pub(crate) message: String,
    pub(crate) evidence: Vec<Evidence>,
}

/// Apply every rule.
pub(crate) fn find(corpus: &Corpus, facts: &[Fact], _unresolved: &[Unresolved], claims: &[Claim]) -> Vec<Finding> {
    let mut findings = Vec::new();
    contradicted(claims, &mut findings);
    environment(corpus, facts, claims, &mut findings);
    duplicate_endpoints(facts, &mut findings);
    missing_locks(corpus, &mut findings);
    mutable_images(facts, &mut findings);
    findings.sort_by(|a, b| (a.rule, &a.evidence, &a.message).cmp(&(b.rule, &b.evidence, &b.message)));
    findings
}

fn contradicted(claims: &[Claim], findings: &mut Vec<Finding>) {
    for claim in claims.iter().filter(|claim| claim.verdict == Verdict::Contradicted) {
        let (rule, what) = match claim.kind {
            ClaimKind::Link => ("dead-relative-link", "links to"),
            _ => ("contradicted-claim", "says"),
        };
        findings.push(Finding {
            rule,
            level: Level::Warning,
            message: format!("{} {what} `{}`, but {}", claim.doc, claim.text, claim.why),
            evidence: claim.evidence.clone(),
        });
    }
}

fn environment(corpus: &Corpus, facts: &[Fact], claims: &[Claim], findings: &mut Vec<Finding>) {
    let is_doc = |file: &SourceFile| {
        let lower = file.name().to_ascii_lowercase();
        let text = [".md", ".markdown", ".rst", ".adoc"].iter().any(|end| lower.ends_with(end));
        text || claims::is_env_sample(file.name()) || (lower.ends_with(".txt") && lower.starts_with("readme"))
    };
    let read: Vec<&Fact> = facts.iter().filter(|fact| fact.kind == FactKind::EnvVar && claims::is_read(fact)).collect();
    let documented = mentions(corpus, read.iter().map(|fact| fact.key.as_str()), is_doc);
    for fact in &read {
        let told = documents(fact);
        let code = fact.evidence.iter().filter(|one| !told.contains(&one.path.as_str()));
        let code: Vec<Evidence> = code.cloned().collect();
        let ambient = claims::AMBIENT.contains(&fact.key.as_str())
            || ["npm_", "GITHUB_", "CARGO_", "VERCEL_"].iter().any(|prefix| fact.key.starts_with(prefix));
        if !code.is_empty() && told.is_empty() && !documented.contains(&fact.key) && !ambient {
            let message = format!("`{}` is read, but no document or sample file of the repository names it", fact.key);
            findings.push(Finding { rule: "undocumented-env-var", level: Level::Note, message, evidence: code });
        }
    }
    // Libraries build nested names from a prefix and `__`; and a guide may name variables of other programs.
    let is_about_this = |claim: &&Claim| {
        let file_name = claim.doc.rsplit('/').next().unwrap_or(&claim.doc).to_ascii_lowercase();
        let is_here = claims::is_env_sample(&file_name) || file_name.starts_with("readme");
        is_here && !claim.text.contains("__") && !claims::AMBIENT.contains(&claim.text.as_str())
    };
    let unread = claims.iter().filter(|claim| claim.kind == ClaimKind::EnvVar && claim.verdict != Verdict::Verified);
    let unread: Vec<&Claim> = unread.filter(is_about_this).collect();
    let names = unread.iter().flat_map(|claim| std::iter::once(claim.text.as_str()).chain(tail(&claim.text)));
    let anywhere = mentions(corpus, names, |file| !is_doc(file));
    for claim in unread {
        if !anywhere.contains(&claim.text) && !tail(&claim.text).is_some_and(|tail| anywhere.contains(tail)) {
            let message = format!(
                "{} names `{}`, but nothing else in the tree does; a dependency may still read it",
                claim.doc, claim.text
            );
            findings.push(Finding {
                rule: "documented-env-var-unread",
                level: Level::Note,
                message,
                evidence: claim.evidence.clone(),
            });
        }
    }
}

/// The files that set or document a variable.
fn documents(fact: &Fact) -> Vec<&str> {
    let listed = fact.attrs.get("documented_in").and_then(|list| list.as_array());
    listed.into_iter().flatten().filter_map(|path| path.as_str()).collect()
}

/// The name without its first part, when two parts at least are left: settings classes add a prefix to their fields.
fn tail(name: &str) -> Option<&str> {
    name.split_once('_').map(|(_, tail)| tail).filter(|tail| tail.contains('_'))
}

/// Which names occur as whole words, in any case, in files that `wanted` picks.
fn mentions<'n>(
    corpus: &Corpus,
    names: impl Iterator<Item = &'n str>,
    wanted: impl Fn(&SourceFile) -> bool,
) -> BTreeSet<String> {
    let mut missing: BTreeSet<&str> = names.collect();
    let mut found = BTreeSet::new();
    // Test data may be a hundred times the application, which names most of what there is to find.
    for is_own in [true, false] {
        if missing.is_empty() {
            break;
        }
        let search = Mentions::new(missing.clone());
        let is_next = |file: &&SourceFile| (file.class == PathClass::Application) == is_own && wanted(file);
        let files = corpus.files().iter().filter(is_next);
        for name in deal::map(files, |file| search.in_file(&corpus.content(file))).into_iter().flatten() {
            missing.remove(name);
            found.insert(name.to_owned());
        }
    }
    found
}

/// The same method and path at two places: which handler answers depends on the order of registration.
fn duplicate_endpoints(facts: &[Fact], findings: &mut Vec<Finding>) {
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::Endpoint) {
        let handlers = fact.attrs.get("handler").and_then(|handler| handler.as_array()).map_or(1, Vec::len);
        if handlers > 1 && fact.evidence.len() > 1 {
            let message = format!("`{}` is registered more than once, with different handlers", fact.key);
            findings.push(Finding {
                rule: "duplicate-endpoint",
                level: Level::Warning,
                message,
                evidence: fact.evidence.clone(),
            });
        }
    }
}

fn missing_locks(corpus: &Corpus, findings: &mut Vec<Finding>) {
    for file in corpus.application() {
        if !["package.json", "Cargo.toml", "pyproject.toml", "Pipfile", "go.mod"].contains(&file.name()) {
            continue;
        }
        let root = file.document().root();
        let (needed, locks): (bool, &[&str]) = match file.name() {
            "package.json" => (root.get("dependencies").is_some(), &node::LOCKS.map(|(lock, _)| lock)),
            // A library need not pin; a package with a program should.
            "Cargo.toml" => {
                (root.get("bin").is_some() || corpus.has_path(&format!("{}src/main.rs", prefix(file))), &["Cargo.lock"])
            }
            "pyproject.toml" => {
                (root.at(&["tool", "poetry", "dependencies"]).is_some(), &["poetry.lock", "uv.lock", "pdm.lock"])
            }
            "Pipfile" => (true, &["Pipfile.lock"]),
            "go.mod" => (root_requires(file), &["go.sum"]),
            _ => continue,
        };
        let locked = upwards(file.folder()).any(|folder| {
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            locks.iter().any(|lock| corpus.has_path(&format!("{prefix}{lock}")))
        });
        if needed && !locked {
            let message = format!("`{}` names dependencies, but no lock file pins them", file.path);
            findings.push(Finding {
                rule: "manifest-without-lockfile",
                level: Level::Note,
                message,
                evidence: vec![file.exists()],
            });
        }
    }
}

fn prefix(file: &SourceFile) -> String {
    if file.folder().is_empty() { String::new() } else { format!("{}/", file.folder()) }
}

fn root_requires(file: &SourceFile) -> bool {
    file.text().lines().any(|line| line.starts_with("require"))
}

fn upwards(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |at| {
        (!at.is_empty()).then(|| at.rsplit_once('/').map_or("", |(parent, _)| parent))
    })
}

/// A tag can be moved to another image; `latest` and no tag at all always are.
fn mutable_images(facts: &[Fact], findings: &mut Vec<Finding>) {
    for fact in facts.iter().filter(|fact| fact.kind == FactKind::Container) {
        let text = |name: &str| fact.attrs.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let pinned = fact.attrs.get("pinned").and_then(serde_json::Value::as_bool).unwrap_or(true);
        if pinned {
            continue;
        }
        let latest = text("tag") == "latest";
        let level = if latest { Level::Warning } else { Level::Note };
        let message = format!("the base image `{}` is named by a tag that can move, not by digest", text("image"));
        findings.push(Finding { rule: "mutable-base-image", level, message, evidence: fact.evidence.clone() });
    }
}
