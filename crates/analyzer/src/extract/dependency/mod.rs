//! `dependency` facts: the packages that a manifest names itself. What they pull in is not listed; the version that a
//! lock file pins is, with its place.

mod cargo;
mod catalog;
mod composer;
mod gem;
mod go;
mod gradle;
mod lock;
mod maven;
mod npm;
mod nuget;
pub(crate) mod pep508;
mod pyproject;
mod requirements;
mod setuptools;

use crate::fact::{Fact, Found};
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use lock::Locks;

/// All direct dependencies of the application.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    let locks = Locks::read(corpus);
    for file in corpus.application() {
        match file.name() {
            "package.json" => npm::extract(&locks, file, &mut found),
            "composer.json" => composer::extract(&locks, file, &mut found),
            "Cargo.toml" => cargo::extract(corpus, &locks, file, &mut found),
            "pyproject.toml" => pyproject::extract(&locks, file, &mut found),
            "Pipfile" => pyproject::pipfile(&locks, file, &mut found),
            "setup.cfg" => setuptools::configuration(&locks, file, &mut found),
            "setup.py" => setuptools::script(&locks, file, &mut found),
            "Gemfile" | "gems.rb" => gem::gemfile(corpus, &locks, file, &mut found),
            name if name.ends_with(".gemspec") => gem::gemspec(&locks, file, &mut found),
            "go.mod" => go::extract(file, &mut found),
            _ => {}
        }
    }
    requirements::extract(corpus, &locks, &mut found);
    maven::extract(corpus, &mut found);
    gradle::extract(corpus, &mut found);
    nuget::extract(corpus, &mut found);
    found
}

/// One entry of a manifest.
struct Dependency<'d> {
    ecosystem: &'d str,
    name: &'d str,
    scope: &'d str,
    requirement: Option<String>,
    evidence: Evidence,
}

impl Dependency<'_> {
    /// The fact, keyed by package, scope and manifest.
    fn fact(self, manifest: &SourceFile) -> Fact {
        let key = format!("{}:{} ({}) {}", self.ecosystem, self.name, self.scope, manifest.path);
        Fact::evidenced(FactKind::Dependency, key, self.evidence)
            .with("ecosystem", self.ecosystem)
            .with("name", self.name)
            .with("scope", self.scope)
            .with("manifest", manifest.path.as_str())
            .with("requirement", self.requirement)
    }
}

/// The same fact with what the lock file says.
fn locked(mut fact: Fact, pin: Option<lock::Pin>) -> Fact {
    if let Some(pin) = pin {
        fact = fact.with("locked_version", pin.version).with("locked_in", pin.evidence.path.as_str());
        fact.evidence.push(pin.evidence);
    }
    fact
}
