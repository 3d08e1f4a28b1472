//! What a repository says of its own changes, in `.ci-feed.toml`: what is noise, what fails the check, and which folders are
//! services of their own. A drift is measured by the policy of its base, so that a change cannot excuse itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;

/// Where it is.
pub const POLICY_FILE: &str = ".ci-feed.toml";

/// A policy, as a commit has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/pull-requests.md describes each field")]
pub struct Policy {
    /// Why it says nothing: it holds something that is not known. Then no other field is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    pub fail: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift_label: Option<String>,
    pub ignore: Noise,
    /// Folders by the names of services.
    pub services: BTreeMap<String, String>,
    pub evidence: Vec<Evidence>,
}

/// What is left out of a drift.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "docs/pull-requests.md describes each field")]
pub struct Noise {
    pub paths: Vec<String>,
    pub findings: Vec<String>,
    pub claims: Vec<String>,
}

impl Noise {
    /// Whether something in this file is noise.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        self.paths.iter().any(|pattern| covers(pattern, path))
    }

    /// The same by the rule that says it.
    pub(crate) fn has_rule(&self, rule: &str) -> bool {
        self.findings.iter().any(|one| one == rule)
    }

    /// The same for a statement of the documentation, by its kind or its words.
    pub(crate) fn has_claim(&self, kind: &str, text: &str) -> bool {
        self.claims.iter().any(|one| one == kind || one == text)
    }
}

impl Policy {
    /// The service that a file belongs to: the one with the longest folder.
    pub(crate) fn service_of(&self, path: &str) -> Option<&str> {
        let has = |folder: &str| path.strip_prefix(folder.trim_matches('/')).is_some_and(|rest| rest.starts_with('/'));
        let of = self.services.iter().filter(|(_, folder)| has(folder));
        of.max_by_key(|(_, folder)| folder.len()).map(|(name, _)| name.as_str())
    }
}

/// Whether a pattern means a path: `*` stands for any text in one name, `**` for any folders. What means a folder means all
/// below it.
fn covers(pattern: &str, path: &str) -> bool {
    let mut names: Vec<&str> = pattern.trim_matches('/').split('/').collect();
    names.push("**");
    let path: Vec<&str> = path.split('/').collect();
    let is_name = |pattern: &&str, name: &&str| {
        let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
        is_alike(&pattern, &name, |c| *c == '*', |a, b| a == b)
    };
    is_alike(&names, &path, |name| *name == "**", is_name)
}

/// Whether a text is of a pattern in which some parts stand for any number of others.
fn is_alike<P, T>(pattern: &[P], text: &[T], is_any: impl Fn(&P) -> bool, is_same: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut read, mut back) = (0, 0, None);
    while read < text.len() {
        match pattern.get(at) {
            Some(part) if is_any(part) => {
                back = Some((at, read));
                at += 1;
            }
            Some(part) if is_same(part, &text[read]) => (at, read) = (at + 1, read + 1),
            // The last one that stands for any number takes one more.
            _ => {
                let Some((any, from)) = back else { return false };
                back = Some((any, from + 1));
                (at, read) = (any + 1, from + 1);
            }
        }
    }
    pattern[at..].iter().all(is_any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_files_and_all_below_folders() {
        for (pattern, path, is_meant) in [
            ("examples", "examples/a/b.js", true),
            ("/examples/", "examples/b.js", true),
            ("examples", "src/examples/b.js", false),
            ("**/examples", "src/examples/b.js", true),
            ("**/examples", "examples/b.js", true),
            ("*.md", "README.md", true),
            ("*.md", "docs/a.md", false),
            ("**/*.md", "docs/deep/a.md", true),
            ("src/*/test", "src/a/test/x.rs", true),
            ("src/*/test", "src/a/b/test/x.rs", false),
            ("src/**/x.rs", "src/x.rs", true),
            ("a", "ab", false),
            ("", "a", false),
            ("*a*a*a*a*b", &"a".repeat(1_000), false),
        ] {
            assert_eq!(covers(pattern, path), is_meant, "{pattern} {path}");
        }
    }

    #[test]
    fn a_file_is_of_the_service_with_the_longest_folder() {
        let folders = [("all", "services"), ("api", "services/api"), ("apis", "services/apis/")];
        let services = folders.map(|(name, folder)| (name.to_owned(), folder.to_owned())).into();
        let policy = Policy { services, ..Policy::default() };
        let of = ["services/api/a.js", "services/apis/a.js", "services/x.js", "web/a.js"];
        assert_eq!(of.map(|path| policy.service_of(path)), [Some("api"), Some("apis"), Some("all"), None]);
    }
}
