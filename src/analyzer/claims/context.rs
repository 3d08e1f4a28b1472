//! What claims are checked against: the tree, and the facts that were found in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::analyzer::corpus::Corpus;
use crate::analyzer::evidence::Evidence;
use crate::analyzer::fact::{Fact, FactKind};
use crate::analyzer::file::SourceFile;

use super::markdown::Markdown;
use super::{is_document, is_env_sample};

/// The other side of every claim.
pub(super) struct Context<'c> {
    pub(super) corpus: &'c Corpus,
    /// Folder and script name to the line of the script.
    scripts: BTreeMap<(&'c str, &'c str), &'c Evidence>,
    /// Names that code or configuration reads.
    env_vars: BTreeMap<&'c str, &'c Evidence>,
    /// Cargo binaries by name.
    pub(super) programs: BTreeMap<&'c str, &'c Evidence>,
    pub(super) aliases: BTreeMap<&'c str, &'c Evidence>,
    /// Whole commands such as `poetry run start`.
    pub(super) lines: BTreeMap<&'c str, &'c Evidence>,
    documents: BTreeSet<&'c str>,
    /// Each document taken apart once, however many others link into it.
    markdown: BTreeMap<&'c str, OnceLock<Markdown>>,
}

impl<'c> Context<'c> {
    pub(super) fn new(corpus: &'c Corpus, facts: &'c [Fact]) -> Self {
        let documents: BTreeSet<&str> = corpus
            .files()
            .iter()
            .filter(|file| is_document(file) || is_env_sample(file.name()))
            .map(|file| file.path.as_str())
            .collect();
        let markdown = documents.iter().map(|path| (*path, OnceLock::new())).collect();
        let mut context = Self {
            corpus,
            scripts: BTreeMap::new(),
            env_vars: BTreeMap::new(),
            programs: BTreeMap::new(),
            aliases: BTreeMap::new(),
            lines: BTreeMap::new(),
            documents,
            markdown,
        };
        facts.iter().for_each(|fact| context.add(fact));
        context
    }

    fn add(&mut self, fact: &'c Fact) {
        let attr = |name: &str| fact.attrs.get(name).and_then(|value| value.as_str());
        match fact.kind {
            FactKind::Command => {
                let Some(evidence) = fact.evidence.iter().find(|one| one.start_line > 0).or(fact.evidence.first())
                else {
                    return;
                };
                if let (Some(script), Some("npm" | "yarn" | "pnpm" | "bun")) = (attr("script"), attr("manager"))
                    && let Some(manifest) =
                        fact.evidence.iter().find(|one| one.path.ends_with("package.json") && one.start_line > 0)
                {
                    let folder = manifest.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                    // The lock file's field may stand in the same manifest; the script's line names the script.
                    let own = fact
                        .evidence
                        .iter()
                        .find(|one| one.excerpt.contains(&format!("\"{script}\"")))
                        .unwrap_or(manifest);
                    self.scripts.insert((folder, script), own);
                }
                for (name, map) in
                    [("bin", &mut self.programs), ("alias", &mut self.aliases), ("command", &mut self.lines)]
                {
                    if let Some(value) = attr(name) {
                        map.entry(value).or_insert(evidence);
                    }
                }
            }
            FactKind::EnvVar if is_read(fact) => {
                let read = fact.evidence.iter().find(|one| !self.documents.contains(one.path.as_str()));
                if let Some(evidence) = read {
                    self.env_vars.insert(&fact.key, evidence);
                }
            }
            _ => {}
        }
    }

    /// The line of a script in the package of this folder.
    pub(super) fn script(&self, folder: &str, name: &str) -> Option<&'c Evidence> {
        self.scripts.get(&(folder, name)).copied()
    }

    /// Folders whose package has a script of this name.
    pub(super) fn script_folders(&self, name: &str) -> Vec<&'c str> {
        self.scripts.keys().filter(|(_, script)| *script == name).map(|(folder, _)| *folder).collect()
    }

    /// Where a variable is read, outside of documentation.
    pub(super) fn reads(&self, name: &str) -> Option<&'c Evidence> {
        self.env_vars.get(name).copied()
    }

    /// What a document holds; nothing of a file that is none.
    pub(super) fn markdown(&self, file: &SourceFile) -> Option<&Markdown> {
        Some(self.markdown.get(file.path.as_str())?.get_or_init(|| Markdown::parse(&file.text())))
    }

    /// A file below a folder.
    pub(super) fn file_in(&self, folder: &str, name: &str) -> Option<&'c SourceFile> {
        self.corpus.file(&resolve(folder, name)?)
    }
}

/// Whether something reads a variable; what only sets or documents it leaves `read_by` empty.
pub(in crate::analyzer) fn is_read(fact: &Fact) -> bool {
    fact.attrs.get("read_by").and_then(|by| by.as_array()).is_some_and(|by| !by.is_empty())
}

/// A relative path as seen from a folder; `None` when it leaves the repository.
pub(super) fn resolve(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
