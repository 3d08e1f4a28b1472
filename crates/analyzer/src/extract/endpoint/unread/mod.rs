//! Frameworks whose routes no rule reads: one `unresolved` row for each manifest that names one, so that an application
//! made with it does not look like one without endpoints. Only what the application itself needs counts, not what its
//! developers or its tests need.

mod manifest;
mod source;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::What;

use crate::fact::{Fact, Found, Unresolved};
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use table::UnreadFramework;

/// Most files that tell of a framework which no manifest names.
const MAX_CITED_FILES: usize = 3;

/// A package that an application needs, as a manifest names it.
struct Package {
    ecosystem: String,
    name: String,
    scope: String,
    evidence: Evidence,
}

/// A row for each framework and manifest; `found` holds the dependencies.
pub(in crate::extract) fn extract(corpus: &Corpus, found: &Found) -> Found {
    let mut packages: Vec<Package> = found.facts.iter().filter_map(package).collect();
    packages.extend(corpus.application().flat_map(manifest::read));
    let mut told: BTreeMap<&str, Vec<Unresolved>> = BTreeMap::new();
    for framework in table::all() {
        told.entry(framework.name).or_default().extend(by_packages(framework, &packages));
    }
    let open: Vec<&UnreadFramework> =
        table::all().filter(|one| told[one.name].is_empty() && is_alone(one, &packages)).collect();
    let in_programs = source::find(corpus, &open);
    for (at, framework) in open.iter().enumerate() {
        let mut evidence: Vec<Evidence> = in_programs.get(&at).cloned().unwrap_or_default();
        if evidence.is_empty() {
            evidence.extend(by_file(corpus, framework));
        }
        evidence.truncate(MAX_CITED_FILES);
        if !evidence.is_empty() {
            told.entry(framework.name).or_default().push(row(framework, framework.name, evidence));
        }
    }
    Found { facts: Vec::new(), unresolved: told.into_values().flatten().collect() }
}

fn package(fact: &Fact) -> Option<Package> {
    let text = |name: &str| fact.attrs.get(name).and_then(|value| value.as_str());
    if fact.kind != FactKind::Dependency {
        return None;
    }
    let (ecosystem, name, scope) = (text("ecosystem")?, text("name")?, text("scope")?);
    let name = match ecosystem {
        "go" => without_version(name).to_owned(),
        "nuget" => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    };
    let evidence = fact.evidence.first()?.clone();
    Some(Package { ecosystem: ecosystem.to_owned(), name, scope: scope.to_owned(), evidence })
}

/// A module of Go without the major version at its end.
fn without_version(module: &str) -> &str {
    match module.rsplit_once("/v") {
        Some((rest, version)) if version.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => module,
    }
}

/// Whether the application needs it where it runs.
fn is_needed(framework: &UnreadFramework, package: &Package) -> bool {
    match package.scope.as_str() {
        "dev" => framework.is_tool,
        "peer" | "optional" | "build" => false,
        scope => !scope.to_ascii_lowercase().contains("test"),
    }
}

/// A row for each manifest that names one of its packages.
fn by_packages(framework: &UnreadFramework, packages: &[Package]) -> Vec<Unresolved> {
    let mut manifests: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in packages {
        let tells = package.ecosystem == framework.language.ecosystem && framework.is_told_by(&package.name);
        // What a manifest also asks its users for is what a library fits into.
        let is_fitted = || {
            packages.iter().any(|other| {
                (other.scope.as_str(), &other.name, &other.evidence.path)
                    == ("peer", &package.name, &package.evidence.path)
            })
        };
        if tells && is_needed(framework, package) && !is_fitted() {
            manifests.entry(&package.evidence.path).or_default().push(package);
        }
    }
    let rows = manifests.into_values().map(|packages| {
        let evidence: BTreeSet<Evidence> = packages.iter().map(|package| package.evidence.clone()).collect();
        // The table names the package that says it best first.
        let place = |package: &&&Package| {
            framework.packages.iter().position(|known| package.name.starts_with(known.trim_end_matches('*')))
        };
        let name = packages.iter().min_by_key(place).map_or(framework.name, |package| package.name.as_str());
        row(framework, name, evidence.into_iter().collect())
    });
    rows.collect()
}

/// Whether no framework that is read stands beside it.
fn is_alone(framework: &UnreadFramework, packages: &[Package]) -> bool {
    let reads = |package: &Package| {
        package.ecosystem == framework.language.ecosystem && framework.unless.contains(&package.name.as_str())
    };
    !packages.iter().any(reads)
}

/// The first file that no other application has.
fn by_file(corpus: &Corpus, framework: &UnreadFramework) -> Option<Evidence> {
    let is_one = |file: &SourceFile, known: &str| match (known.strip_prefix('*'), known.strip_suffix('/')) {
        (Some(ending), _) => file.path.ends_with(ending),
        (_, Some(folder)) => format!("/{}/", file.folder()).contains(&format!("/{folder}/")),
        _ => file.path.strip_suffix(known).is_some_and(|above| above.is_empty() || above.ends_with('/')),
    };
    if framework.files.is_empty() {
        return None;
    }
    let mut files = corpus.application();
    files.find(|file| framework.files.iter().any(|known| is_one(file, known))).map(SourceFile::exists)
}

fn row(framework: &UnreadFramework, told_by: &str, evidence: Vec<Evidence>) -> Unresolved {
    let reason = format!("routes of {told_by} are not read");
    Unresolved::new(FactKind::Endpoint, reason, evidence).named(What::Framework, framework.name)
}

/// The page of the documentation.
pub(in crate::extract) fn page() -> String {
    let mut out = String::from(
        "# Frameworks that are known and not read\n\n\
         <!-- generated from the rules: see \"A source of facts\" in docs/development.md -->\n\n\
         An application of one of these has a row in `unresolved` for each manifest that names the package, else for the\n\
         first programs that import it, else for a file that only it has: its endpoints are not known, and a dossier says\n\
         so. A row counts as one in the denominator of `dci_structural`, however many routes there are. Packages that\n\
         only developers or tests need say nothing.\n\n\
         | framework | language | package | import, text or file |\n|---|---|---|---|\n",
    );
    let mut all: Vec<&UnreadFramework> = table::all().collect();
    all.sort_by_key(|framework| (framework.language.title, framework.name.to_lowercase()));
    for framework in all {
        let listed = |lists: &[&[&str]]| {
            let names: Vec<String> = lists.iter().copied().flatten().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        out.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            framework.name,
            framework.language.title,
            listed(&[framework.packages]),
            listed(&[framework.imports, framework.texts, framework.files]),
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_framework_that_is_read_is_in_the_table_and_none_stands_in_it_twice() {
        let mut seen = BTreeSet::new();
        let read: BTreeSet<String> = super::super::sources().into_iter().map(|(name, _)| name.to_lowercase()).collect();
        for framework in table::all() {
            assert!(seen.insert((framework.language.title, framework.name)), "{framework:?}");
            assert!(!read.contains(&framework.name.to_lowercase()), "{framework:?} is read");
            let told_by =
                framework.packages.len() + framework.imports.len() + framework.texts.len() + framework.files.len();
            assert!(told_by > 0, "{framework:?}");
        }
        assert!(seen.len() >= 60, "{}", seen.len());
    }

    #[test]
    fn a_module_of_go_is_known_in_every_version() {
        assert_eq!(without_version("github.com/beego/beego/v2"), "github.com/beego/beego");
        assert_eq!(without_version("example.test/x/vendor"), "example.test/x/vendor");
    }
}
