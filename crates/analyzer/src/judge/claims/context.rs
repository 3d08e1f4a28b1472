//! What claims are checked against: the tree, and the facts that were found in it. Every index is built once, and only
//! when something asks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

use crate::fact::is_read;
use crate::fact::{Fact, Unresolved};
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::resolve;

use super::ignored::Ignored;
use super::markdown::Markdown;
use super::project_names;
use super::site::Sites;
use crate::judge::claims::routes::Endpoints;
use crate::judge::documents::{is_document, is_env_sample};

/// The other side of every claim.
pub(super) struct Context<'c> {
    pub(super) corpus: &'c Corpus,
    pub(super) facts: &'c [Fact],
    /// Names that code or configuration reads.
    env_vars: BTreeMap<&'c str, &'c Evidence>,
    /// Whole commands such as `poetry run start`.
    pub(super) lines: BTreeMap<&'c str, &'c Evidence>,
    /// Ports, those on a host's side too.
    pub(super) ports: BTreeMap<u64, &'c Evidence>,
    pub(super) endpoints: Endpoints<'c>,
    pub(super) sites: Sites<'c>,
    documents: BTreeSet<&'c str>,
    /// Each document, and what documents may link into, taken apart once, however many links lead there.
    markdown: BTreeMap<&'c str, OnceLock<Markdown>>,
    names: OnceLock<BTreeMap<&'c str, Vec<&'c SourceFile>>>,
    /// The first file of each ending in each folder.
    neighbours: OnceLock<BTreeMap<(&'c str, Option<&'c str>), &'c SourceFile>>,
    /// Names of files that a document says a generator puts into it.
    included: OnceLock<BTreeSet<String>>,
    ignored: OnceLock<Ignored>,
    own_names: OnceLock<BTreeSet<String>>,
}

impl<'c> Context<'c> {
    pub(super) fn new(corpus: &'c Corpus, facts: &'c [Fact], unresolved: &'c [Unresolved]) -> Self {
        let documents: BTreeSet<&str> = corpus
            .files()
            .iter()
            .filter(|file| is_document(file) || is_env_sample(file.name()))
            .map(|file| file.path.as_str())
            .collect();
        let is_markdown = |file: &&SourceFile| file.name().to_ascii_lowercase().ends_with(".md") || is_document(file);
        let markdown =
            corpus.files().iter().filter(is_markdown).map(|file| (file.path.as_str(), OnceLock::new())).collect();
        let mut context = Self {
            corpus,
            facts,
            env_vars: BTreeMap::new(),
            lines: BTreeMap::new(),
            ports: BTreeMap::new(),
            endpoints: Endpoints::new(facts, unresolved),
            sites: Sites::new(corpus),
            documents,
            markdown,
            names: OnceLock::new(),
            neighbours: OnceLock::new(),
            included: OnceLock::new(),
            ignored: OnceLock::new(),
            own_names: OnceLock::new(),
        };
        facts.iter().for_each(|fact| context.add(fact));
        context
    }

    fn add(&mut self, fact: &'c Fact) {
        match fact.kind {
            FactKind::Command => {
                let evidence = fact.evidence.iter().find(|one| one.start_line > 0).or(fact.evidence.first());
                if let (Some(evidence), Some(line)) = (evidence, fact.attrs.get("command").and_then(|one| one.as_str()))
                {
                    self.lines.entry(line).or_insert(evidence);
                }
            }
            FactKind::EnvVar if is_read(fact) => {
                let read = fact.evidence.iter().find(|one| !self.documents.contains(one.path.as_str()));
                if let Some(evidence) = read {
                    self.env_vars.insert(&fact.key, evidence);
                }
            }
            FactKind::Port => {
                let own = fact.key.split('/').next().and_then(|port| port.parse().ok());
                let published = fact.attrs.get("published_as").and_then(|list| list.as_array());
                let published = published.into_iter().flatten().filter_map(serde_json::Value::as_u64);
                for port in own.into_iter().chain(published) {
                    if let Some(evidence) = fact.evidence.first() {
                        self.ports.entry(port).or_insert(evidence);
                    }
                }
            }
            _ => {}
        }
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

    /// The files of this name, wherever they lie.
    pub(super) fn named(&self, name: &str) -> &[&'c SourceFile] {
        let names = self.names.get_or_init(|| {
            let mut names: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
            for file in self.corpus.files() {
                names.entry(file.name()).or_default().push(file);
            }
            names
        });
        names.get(name).map_or(&[], Vec::as_slice)
    }

    /// A file right in the folder with this ending.
    pub(super) fn neighbour(&self, folder: &str, ending: Option<&str>) -> Option<&'c SourceFile> {
        let neighbours = self.neighbours.get_or_init(|| {
            let mut first = BTreeMap::new();
            for file in self.corpus.files() {
                let ending = file.name().rsplit_once('.').map(|(_, ending)| ending);
                first.entry((file.folder(), ending)).or_insert(file);
            }
            first
        });
        neighbours.get(&(folder, ending)).copied()
    }

    /// Whether the tree has the path as a file, read or not, or as a folder.
    pub(super) fn has(&self, path: &str) -> bool {
        self.corpus.has_path(path) || self.corpus.has_folder(path)
    }

    /// Evidence that a path is there: of the file itself, or of the first file in the folder.
    pub(super) fn exists(&self, path: &str) -> Option<Evidence> {
        self.corpus.exists(path).or_else(|| {
            let inside = format!("{path}/");
            let files = self.corpus.files();
            let at = files.partition_point(|file| file.path.as_str() < inside.as_str());
            files.get(at).filter(|file| path.is_empty() || file.path.starts_with(&inside)).map(SourceFile::exists)
        })
    }

    /// Whether another document is made of this one: `<!-- include(part.md) -->`, `{% include "part.md" %}`,
    /// `!include part.md`; or it is a part by its name or its folder. Its anchors are those of the whole.
    pub(super) fn is_included(&self, file: &SourceFile) -> bool {
        let included = self.included.get_or_init(|| {
            let is_whole = |file: &&SourceFile| is_document(file) && (file.holds("include") || file.holds("--8<--"));
            let documents = self.corpus.files().iter().filter(is_whole);
            let mut names = BTreeSet::new();
            for document in documents {
                let text = document.text();
                let lines = text
                    .lines()
                    .map(str::trim_start)
                    .filter(|line| line.contains("include") || line.starts_with("--8<--"));
                let lines = lines.filter(|line| {
                    ["<!--", "{%", "{{", "!include", ":[", "::", "--8<--"].iter().any(|start| line.starts_with(start))
                });
                let words = lines.flat_map(|line| line.split(['(', ')', '"', '\'', ' ', '<', '>', '=']));
                names.extend(words.filter(|word| word.contains('.')).map(|word| name_of(word).to_owned()));
            }
            names
        });
        let folders = ["_includes", "_partials", "includes", "partials", "snippets"];
        included.contains(file.name())
            || file.name().starts_with('_')
            || file.folder().split('/').any(|folder| folders.contains(&folder))
    }

    /// What the file at a path, which is not there, is made from: `x.yml.template` or `x.example.yml` beside it.
    pub(super) fn sample_of(&self, path: &str) -> Option<String> {
        let marks = ["template", "tmpl", "tpl", "example", "sample", "dist", "in", "j2", "jinja", "jinja2", "erb"];
        let (stem, ending) = path.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())?;
        let samples = marks.iter().flat_map(|mark| [format!("{path}.{mark}"), format!("{stem}.{mark}.{ending}")]);
        samples.into_iter().find(|sample| self.corpus.has_path(sample))
    }

    /// Whether an ignore file of the tree leaves the path out.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        self.ignored().is_ignored(path)
    }

    /// What the tree's files say is not in it.
    pub(super) fn ignored(&self) -> &Ignored {
        self.ignored.get_or_init(|| Ignored::new(self.corpus))
    }

    /// Whether a name is one of this project's.
    pub(super) fn is_own_name(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/').trim_end_matches(".git").to_ascii_lowercase();
        let names = self.own_names.get_or_init(|| {
            let readme = ["README.md", "readme.md", "Readme.md"].iter().find_map(|name| self.corpus.file(name));
            project_names::project_names(self.corpus, readme.and_then(|readme| self.markdown(readme)))
        });
        names.contains(&name)
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
