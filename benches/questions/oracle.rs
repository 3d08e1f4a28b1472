//! What is known of an application without the analyzer: its labels, and what git says of its commits.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::labels::Labels;

/// A labelled application with its clone.
pub(crate) struct Application {
    /// `owner/name`
    pub(crate) name: String,
    pub(crate) commit: String,
    /// Commits before it, the nearest first.
    pub(crate) before: Vec<String>,
    pub(crate) clone: PathBuf,
    labels: Labels,
}

impl Application {
    /// `None` where there is no clone, which is said.
    pub(crate) fn new(labels: Labels, clones: &Path, apart: &[usize]) -> Option<Self> {
        let name = labels.name().to_owned();
        let clone = [format!("{}/repo", name.replace('/', "+")), format!("{name}.git"), name.clone()]
            .map(|folder| clones.join(folder))
            .into_iter()
            .find(|clone| clone.exists())
            .and_then(|clone| clone.canonicalize().ok());
        let Some(clone) = clone else {
            println!("no clone of {name}");
            return None;
        };
        let commit = labels.commit.clone();
        let earlier = |n: &usize| git(&clone, &["rev-parse", "--verify", "--quiet", &format!("{commit}~{n}")]);
        if !is_whole(&clone, &commit) {
            println!("the clone of {name} lacks files of {commit}");
            return None;
        }
        let before =
            apart.iter().filter_map(earlier).map(|sha| text(&sha)).filter(|sha| is_whole(&clone, sha)).collect();
        Some(Self { name, commit, before, clone, labels })
    }

    /// A repository of its own to fetch from, and every commit of it.
    pub(crate) fn offer(&self, remote: &Path) {
        let parent = remote.parent().expect("the owner's folder");
        std::fs::create_dir_all(parent).expect("a folder");
        let [clone, name] = [self.clone.as_os_str(), remote.file_name().expect("a name")];
        let arguments = ["clone", "--quiet", "--bare", "--local", "--no-tags"].map(OsStr::new);
        let cloned = Command::new("git").args(arguments).args([clone, name]).current_dir(parent).status().expect("git");
        assert!(cloned.success(), "no clone of {}", self.name);
        // As GitHub hands out any commit.
        git(remote, &["config", "uploadpack.allowAnySHA1InWant", "true"]).expect("a setting");
    }

    /// The labelled keys of a kind.
    pub(crate) fn keys(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.labels.kinds.get(kind).into_iter().flatten().map(String::as_str)
    }

    /// SHA-256 of `path:line` or `path:first-last`; of a path alone its blob id. `None` where there is no such thing.
    pub(crate) fn hash(&self, commit: &str, at: &str) -> Option<String> {
        let lines = at.rsplit_once(':').and_then(|(path, lines)| {
            let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
            Some((path, first.parse::<usize>().ok()?, last.parse::<usize>().ok()?))
        });
        let Some((path, first, last)) = lines else {
            return git(&self.clone, &["rev-parse", &format!("{commit}:{at}")]).map(|id| text(&id));
        };
        let blob = git(&self.clone, &["cat-file", "blob", &format!("{commit}:{path}")])?;
        let blob = String::from_utf8(blob).ok()?.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<_> = blob.split('\n').skip(first - 1).take(last + 1 - first).collect();
        Some(hex::encode(Sha256::digest(lines.join("\n"))))
    }

    /// What a comparison with a commit before gets wrong about variables: one that is labelled, and that no file of the commit
    /// before spells, is new; what is said to be new is labelled, and what is said to be gone is not.
    pub(crate) fn judge_change(&self, base: &str, answer: &Value) -> Vec<String> {
        let listed = |list: &str| {
            let rows = answer[list].as_array().into_iter().flatten();
            let rows = rows.filter(|row| row["kind"] == "env_var");
            rows.map(|row| text(row["key"].as_str().unwrap_or_default().as_bytes())).collect::<Vec<_>>()
        };
        let (added, removed) = (listed("added"), listed("removed"));
        let mut wrong = Vec::new();
        if answer["truncated"] != true {
            let unheard = |key: &&str| git(&self.clone, &["grep", "-qwiF", "-e", key, base]).is_none();
            let new = self.keys("env_var").filter(unheard);
            wrong.extend(
                new.filter(|key| !added.iter().any(|is| is == key)).map(|key| format!("{key} is new, and not told")),
            );
        }
        let is_labelled = |key: &String| self.keys("env_var").any(|label| label == key);
        wrong.extend(
            added.iter().filter(|key| !is_labelled(key)).map(|key| format!("{key} is told as new, and not labelled")),
        );
        // What only documents, samples and settings of containers name is labelled too, and nothing reads it.
        let is_code = |key: &str| {
            let aside =
                [":!*.md", ":!*.env*", ":!*compose*", ":!*Dockerfile*", ":!*.rst", ":!*.po", ":!*.pot", ":!docs/"];
            let grep = ["grep", "-qwIF", "-e", key, self.commit.as_str(), "--"];
            git(&self.clone, &[&grep[..], &aside].concat()).is_some()
        };
        let is_wrong = |key: &&String| is_labelled(key) && is_code(key);
        wrong.extend(
            removed.iter().filter(is_wrong).map(|key| format!("{key} is told as gone, and is labelled and read")),
        );
        wrong
    }
}

/// Whether a clone has all files of a commit: it may lack large ones.
fn is_whole(clone: &Path, commit: &str) -> bool {
    let listed = git(clone, &["rev-list", "--objects", "--missing=print", "--no-walk", commit]);
    listed.is_some_and(|listed| !text(&listed).contains("\n?"))
}

/// What git prints; `None` where it fails.
fn git(clone: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git").arg("-C").arg(clone).args(arguments).output().expect("git");
    output.status.success().then_some(output.stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().to_owned()
}
