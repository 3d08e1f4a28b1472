//! A PHP project of the tree: its folder and the autoload rules of its manifests (PSR-4 prefixes, files of functions).

use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::path::{is_below, normalise};

/// A folder with an application in it.
#[derive(Debug, Default)]
pub(crate) struct PhpProject {
    /// Without a trailing `/`; empty at the root.
    pub(crate) root: String,
    /// Namespace prefix (with its last `\`) to folder, the longest prefix first.
    prefixes: Vec<(String, String)>,
    /// Files that are always loaded.
    pub(crate) files: Vec<String>,
}

impl PhpProject {
    /// The project in a folder, with the autoload rules of every manifest at or below it.
    pub(crate) fn read(corpus: &Corpus, root: &str) -> Self {
        let mut project = Self { root: root.to_owned(), ..Self::default() };
        for file in corpus.application().filter(|file| file.name() == "composer.json" && is_below(&file.path, root)) {
            let manifest = file.document().root();
            let at = |path: &str| normalise(&format!("{}/{path}", file.folder()));
            for entry in manifest.at(&["autoload", "psr-4"]).map(Node::entries).unwrap_or_default() {
                let folders =
                    entry.value.as_str().into_iter().chain(entry.value.items().iter().filter_map(Node::as_str));
                project.prefixes.extend(folders.map(|folder| (entry.key.clone(), at(folder))));
            }
            let files = manifest.at(&["autoload", "files"]).map(Node::items).unwrap_or_default();
            project.files.extend(files.iter().filter_map(Node::as_str).map(at));
        }
        if !project.prefixes.iter().any(|(prefix, _)| prefix == "App\\") {
            project.prefixes.push(("App\\".to_owned(), normalise(&format!("{root}/app"))));
        }
        project.prefixes.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        project
    }

    /// Where a class of this full name may stand.
    pub(crate) fn places_of(&self, class: &str) -> Vec<String> {
        let class = class.trim_start_matches('\\');
        let fitting =
            self.prefixes.iter().filter_map(|(prefix, folder)| Some((class.strip_prefix(prefix.as_str())?, folder)));
        fitting.map(|(rest, folder)| normalise(&format!("{folder}/{}.php", rest.replace('\\', "/")))).collect()
    }

    /// A path below the project's folder.
    pub(crate) fn path(&self, below: &str) -> String {
        normalise(&format!("{}/{below}", self.root))
    }
}
