//! Label files: one application at one commit, with every key of the kinds that it lists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What one application has, according to somebody else than the analyzer.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Labels {
    /// `github.com/owner/name`
    pub(crate) repository: String,
    /// The commit that was labelled, 40 hexadecimal digits.
    pub(crate) commit: String,
    /// Where the labels come from.
    #[expect(dead_code, reason = "for the reader of the file; its presence is checked")]
    how: String,
    /// Fact kind to the complete set of its keys; kinds that are not listed are not scored.
    pub(crate) kinds: BTreeMap<String, BTreeSet<String>>,
}

impl Labels {
    /// `owner/name`
    pub(crate) fn name(&self) -> &str {
        self.repository.split_once('/').map_or(&self.repository, |(_, name)| name)
    }
}

/// Read a label file, or all of a folder in the order of their names.
pub(crate) fn read_all(path: &Path) -> Result<Vec<Labels>, String> {
    let mut files: Vec<PathBuf> = match std::fs::read_dir(path) {
        Ok(entries) => entries.filter_map(Result::ok).map(|entry| entry.path()).collect(),
        Err(_) => vec![path.to_owned()],
    };
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Result<Labels, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}
