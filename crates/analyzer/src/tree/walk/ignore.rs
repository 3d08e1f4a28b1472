//! `.gitignore` and `info/exclude`, as far as a checkout's own files decide; a user's global ignore file is
//! left out on purpose, because the same tree must give the same dossier on every machine.

use std::path::Path;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

/// The patterns that hold in one folder, outermost first.
#[derive(Clone, Default)]
pub(super) struct Ignores {
    layers: Vec<Arc<Layer>>,
}

/// One ignore file.
struct Layer {
    /// The folder that it lies in, with a trailing `/`, or empty.
    base: Vec<u8>,
    rules: Vec<Rule>,
}

/// Most patterns are names and endings, which need no regular expression.
enum Pattern {
    Exact(String),
    Ending(String),
    Glob(GlobMatcher),
}

impl Pattern {
    fn new(text: &str, anchored: bool) -> Option<Self> {
        const SPECIAL: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];
        if !text.contains(SPECIAL) {
            return Some(Self::Exact(text.to_owned()));
        }
        match text.strip_prefix('*') {
            Some(ending) if !anchored && !ending.contains(SPECIAL) => Some(Self::Ending(ending.to_owned())),
            _ => {
                let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build().ok()?;
                Some(Self::Glob(glob.compile_matcher()))
            }
        }
    }

    fn is_match(&self, subject: &str) -> bool {
        match self {
            Self::Exact(text) => text == subject,
            Self::Ending(ending) => subject.ends_with(ending.as_str()),
            Self::Glob(glob) => glob.is_match(subject),
        }
    }
}

struct Rule {
    pattern: Pattern,
    negated: bool,
    folders_only: bool,
    /// Whether the pattern is matched against the whole path below `base`, or against the name alone.
    anchored: bool,
}

impl Ignores {
    /// Start with the repository's `info/exclude`.
    pub(super) fn root(exclude_file: &Path) -> Self {
        let mut ignores = Self::default();
        ignores.add(exclude_file, &[]);
        ignores
    }

    /// The patterns inside a folder: the outer ones and those of its own `.gitignore`.
    pub(super) fn enter(&self, folder: &Path, prefix: &[u8]) -> Self {
        let mut inner = self.clone();
        inner.add(&folder.join(".gitignore"), prefix);
        inner
    }

    /// Whether a path is ignored; the last pattern that matches decides.
    pub(super) fn ignored(&self, path: &[u8], is_folder: bool) -> bool {
        let decides = |layer: &Arc<Layer>| layer.decide(path, is_folder);
        self.layers.iter().rev().find_map(decides).unwrap_or(false)
    }

    fn add(&mut self, file: &Path, prefix: &[u8]) {
        let Ok(text) = std::fs::read(file) else { return };
        let rules: Vec<Rule> = String::from_utf8_lossy(&text).lines().filter_map(rule).collect();
        if !rules.is_empty() {
            self.layers.push(Arc::new(Layer { base: prefix.to_vec(), rules }));
        }
    }
}

impl Layer {
    fn decide(&self, path: &[u8], is_folder: bool) -> Option<bool> {
        let below = String::from_utf8_lossy(path.strip_prefix(self.base.as_slice())?);
        let name = below.rsplit('/').next().unwrap_or(&below);
        let matches = |rule: &&Rule| {
            let subject: &str = if rule.anchored { &below } else { name };
            (is_folder || !rule.folders_only) && rule.pattern.is_match(subject)
        };
        self.rules.iter().rev().find(matches).map(|rule| !rule.negated)
    }
}

fn rule(line: &str) -> Option<Rule> {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (negated, pattern) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
    let (folders_only, pattern) = pattern.strip_suffix('/').map_or((false, pattern), |rest| (true, rest));
    let anchored = pattern.contains('/');
    let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
    Some(Rule { pattern: Pattern::new(pattern, anchored)?, negated, folders_only, anchored })
}
