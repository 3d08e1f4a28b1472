//! The applications of a tree and the modules that each is made of: a module with a main class is an application,
//! and the modules that its build file names, directly or through others, are parts of it.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::module_of;
use crate::lang::case;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::document::xml::{text_of, with_xml};
use crate::tree::file::SourceFile;

/// Texts that only the main class of an application has.
const MAINS: [&str; 7] = [
    "@SpringBootApplication",
    "@EnableAutoConfiguration",
    "SpringApplication.run",
    "new SpringApplicationBuilder",
    "extends SpringBootServletInitializer",
    "Micronaut.run",
    "@QuarkusMain",
];
/// Build files, of which a module has one.
const BUILDS: [&str; 3] = ["pom.xml", "build.gradle", "build.gradle.kts"];

/// The applications and their parts.
#[derive(Debug, Default)]
pub(crate) struct Modules {
    applications: BTreeSet<String>,
    /// The applications that a module is a part of.
    parts: BTreeMap<String, BTreeSet<String>>,
}

impl Modules {
    /// Find them.
    pub(crate) fn read(corpus: &Corpus) -> Self {
        let mains = prefilter::files_that_hold(corpus, Family::Java, &MAINS);
        let applications: BTreeSet<String> = mains.iter().map(|file| module_of(&file.path).to_owned()).collect();
        let mut out = Self { applications, parts: BTreeMap::new() };
        if out.applications.len() < 2 {
            return out;
        }
        let builds: Vec<&SourceFile> = corpus.application().filter(|file| BUILDS.contains(&file.name())).collect();
        // A name that build files may call a module by, to the module.
        let mut by_name: BTreeMap<String, &str> = BTreeMap::new();
        for build in &builds {
            let folder = build.folder();
            by_name.insert(folder.rsplit('/').next().unwrap_or(folder).to_owned(), folder);
            if let Some(artifact) = artifact(build).filter(|_| build.name() == "pom.xml") {
                by_name.insert(artifact, folder);
            }
        }
        let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for build in &builds {
            let text = build.text();
            let words = text.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.')));
            let used = words.filter_map(|word| by_name.get(word).or_else(|| by_name.get(&kebab(word)?)));
            uses.entry(build.folder()).or_default().extend(used.copied());
        }
        // The root names its modules without being made of them.
        let is_parent = |folder: &str, other: &str| folder.is_empty() || other.starts_with(&format!("{folder}/"));
        for application in &out.applications {
            let mut open = vec![application.as_str()];
            let mut seen = BTreeSet::new();
            while let Some(at) = open.pop() {
                if seen.insert(at) {
                    out.parts.entry(at.to_owned()).or_default().insert(application.clone());
                    let used = uses.get(at).into_iter().flatten().filter(|used| !is_parent(at, used));
                    open.extend(used);
                }
            }
        }
        out
    }

    /// The applications that a module is a part of; all of them when nothing says which.
    pub(crate) fn of<'m>(&'m self, module: &'m str) -> Vec<&'m str> {
        if self.applications.contains(module) {
            return vec![module];
        }
        match self.parts.get(module).filter(|parts| !parts.is_empty()) {
            Some(parts) => parts.iter().map(String::as_str).collect(),
            None if self.applications.is_empty() => vec![module],
            None => self.applications.iter().map(String::as_str).collect(),
        }
    }
}

/// Gradle writes `projects.myLib` for `my-lib`: the last part, with dashes.
fn kebab(word: &str) -> Option<String> {
    let last = word.strip_prefix("projects.")?.rsplit('.').next()?;
    Some(case::words(last, case::each_capital).join("-").to_ascii_lowercase())
}

/// The artifact of a pom itself, not that of its parent.
fn artifact(pom: &SourceFile) -> Option<String> {
    with_xml(pom, |document| text_of(document.root_element(), "artifactId")).flatten()
}
