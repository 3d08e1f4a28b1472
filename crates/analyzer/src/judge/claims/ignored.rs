//! What `.gitignore` files of the tree leave out: a path that is ignored is made by some step, and its absence says
//! nothing.

use globset::{GlobBuilder, GlobMatcher};

use crate::tree::corpus::Corpus;

/// The patterns of all ignore files, in their order.
pub(super) struct Ignored {
    rules: Vec<Rule>,
}

struct Rule {
    /// The folder of the ignore file with a trailing `/`, or empty.
    base: String,
    glob: GlobMatcher,
    /// Whether the pattern is matched against the path below `base` or against each name.
    anchored: bool,
    negated: bool,
}

impl Ignored {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let mut rules = Vec::new();
        for file in corpus.files().iter().filter(|file| file.name() == ".gitignore") {
            let base = if file.folder().is_empty() { String::new() } else { format!("{}/", file.folder()) };
            rules.extend(file.text().lines().filter_map(|line| rule(&base, line)));
        }
        Self { rules }
    }

    /// Whether the path, or a folder above it, is ignored.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let ends = path.char_indices().filter(|(_, c)| *c == '/').map(|(at, _)| at).chain([path.len()]);
        ends.into_iter().any(|end| self.matches(&path[..end]))
    }

    fn matches(&self, path: &str) -> bool {
        let decides = |rule: &&Rule| {
            path.strip_prefix(rule.base.as_str()).is_some_and(|below| {
                let name = below.rsplit('/').next().unwrap_or(below);
                rule.glob.is_match(if rule.anchored { below } else { name })
            })
        };
        self.rules.iter().rev().find(decides).is_some_and(|rule| !rule.negated)
    }
}

fn rule(base: &str, line: &str) -> Option<Rule> {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (line, negated) = line.strip_prefix('!').map_or((line, false), |rest| (rest, true));
    let pattern = line.trim_end_matches('/');
    let anchored = pattern.contains('/');
    let glob = GlobBuilder::new(pattern.trim_start_matches('/')).literal_separator(true).build().ok()?;
    Some(Rule { base: base.to_owned(), glob: glob.compile_matcher(), anchored, negated })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::file::{PathClass, SourceFile};

    #[test]
    fn patterns_hold_below_their_file_and_for_everything_inside_a_folder() {
        let file = |path: &str, text: &str| {
            SourceFile::new(path.to_owned(), PathClass::Application, String::new(), text.as_bytes().to_vec())
        };
        let corpus = Corpus::new(vec![
            file(".gitignore", "/data/\n*.log\n!keep.log\n# x\nconfig/*.local.yml\n"),
            file("web/.gitignore", "out\n"),
        ]);
        let ignored = Ignored::new(&corpus);
        for path in ["data/x/y.db", "a/b.log", "config/a.local.yml", "web/out/index.html", "web/x/out"] {
            assert!(ignored.is_ignored(path), "{path}");
        }
        for path in ["keep.log", "a/data/x", "out/x", "config/a.yml", "src/x.rs"] {
            assert!(!ignored.is_ignored(path), "{path}");
        }
    }
}
