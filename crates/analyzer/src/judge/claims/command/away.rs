//! Whether the reader of a document, who comes from one block to the next, still stands in this tree.

use super::ReaderPlace;
use crate::judge::claims::markdown::{Block, Markdown};
use crate::judge::claims::project_names::repository;

/// Texts before a block that say that its commands run in what the reader has besides this tree.
const READERS_OWN: &[&str] = &[
    "your project",
    "your own",
    "your application's",
    "your repository",
    "your repo",
    "your package.json",
    "your app's",
    "your existing",
    "your theme",
    "your plugin",
    "new project",
    "another project",
    "other project",
    "other repo",
    "separate repo",
];

/// Texts before a block that say that what it names comes out of something fetched.
const FETCHED: &[&str] = &[
    "download",
    "unzip",
    "extract",
    "unpack",
    "tarball",
    "archive",
    "latest release",
    "release page",
    "releases page",
];

/// Texts before a block that warn of what it holds.
const WARNING: &[&str] = &[
    "do not run",
    "don't run",
    "do not use",
    "don't use",
    "never run",
    "never use",
    "wrong",
    "incorrect",
    "no longer",
];

/// Where the reader is between the blocks of a document.
#[derive(Debug, Default)]
pub(super) struct Whereabouts {
    /// How deep the section is in which the reader left for another project, machine or archive.
    left: Option<u8>,
    /// How many headings the reader has passed.
    passed: usize,
}

impl Whereabouts {
    /// Whether the reader who comes to a block is away, for what was said or done before.
    pub(super) fn comes_to(&mut self, block: &Block, markdown: &Markdown, own: &dyn Fn(&str) -> bool) -> bool {
        let mut passed = markdown.levels[self.passed..block.section].iter();
        self.passed = block.section;
        // Steps below each other are often sections, chapters are not.
        if self.left.is_some_and(|left| passed.any(|next| *next < left || *next == left && left <= 2)) {
            self.left = None;
        }
        if leads_away(&block.intro, own) {
            self.left = Some(depth(block, markdown));
        }
        self.left.is_some()
    }

    /// Where the reader stands after a block.
    pub(super) fn leaves(&mut self, block: &Block, markdown: &Markdown, place: &ReaderPlace) {
        if place.away {
            self.left = Some(depth(block, markdown));
        } else if place.is_home() {
            self.left = None;
        }
    }
}

/// Whether what is said before a block sends the reader away.
fn leads_away(intro: &str, own: &dyn Fn(&str) -> bool) -> bool {
    let lower = intro.to_lowercase();
    // An address says nothing: that of Node.js ends with `download`.
    let words: Vec<&str> = lower.split_whitespace().filter(|word| !word.contains("://")).collect();
    let said = words.join(" ");
    let says = |texts: &[&str]| texts.iter().any(|text| said.contains(text));
    let names_another = || {
        let mut names = lower.split_whitespace().filter_map(repository).peekable();
        names.peek().is_some() && !names.any(own)
    };
    says(READERS_OWN)
        || says(FETCHED)
        || says(WARNING)
        || is_in_repository(&words, own)
        || says(&["clone", "repo", "fork", "check out", "checkout"]) && names_another()
}

/// "In the `billing` repository", "from the Spark folder", "check out the `billing` repo": one that is not called like this project.
fn is_in_repository(words: &[&str], own: &dyn Fn(&str) -> bool) -> bool {
    let plain = words.iter().flat_map(|word| word.split(|c: char| "`*\"'(),.:".contains(c)));
    let words: Vec<&str> = plain.filter(|word| !word.is_empty() && !matches!(*word, "local" | "own")).collect();
    // Every tree has a `docs` folder; "the `docs` repository" is another one.
    let parts = ["application", "app", "backend", "frontend", "server", "client", "docs", "scripts"];
    let of_this = [
        "this",
        "the",
        "our",
        "a",
        "git",
        "github",
        "source",
        "same",
        "root",
        "main",
        "cloned",
        "your",
        "project",
        "current",
        "top",
        "top-level",
        "base",
        "parent",
        "repository",
        "repo",
        "following",
        "above",
        "working",
    ];
    let leads = ["in", "from", "inside", "within", "into", "to", "checkout", "out", "clone", "open", "fork", "pull"];
    let places = ["repository", "repo", "folder", "directory"];
    words.windows(4).any(|four| {
        let is_place = leads.contains(&four[0]) && matches!(four[1], "the" | "your") && places.contains(&four[3]);
        let is_part = four[3].starts_with("repo") && parts.contains(&four[2]);
        is_place && !of_this.contains(&four[2]) && (is_part || !parts.contains(&four[2]) && !own(four[2]))
    })
}

/// How deep the section of a block is.
fn depth(block: &Block, markdown: &Markdown) -> u8 {
    block.section.checked_sub(1).map_or(0, |at| markdown.levels[at])
}
