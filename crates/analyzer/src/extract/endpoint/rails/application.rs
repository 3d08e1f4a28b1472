//! What the configuration of an application says about its routes: its folder, whether it serves pages for forms, its
//! own plurals, what sign-in is set up with, and methods that it adds to the mapper.

use std::collections::BTreeMap;

use super::value::RubyBlock;
use crate::lang::inflect::rails::Inflector;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::normalise;

/// An application of the tree: a folder with `config/routes.rb`.
pub(super) struct Application<'c> {
    /// The folder, empty at the root.
    pub(super) root: String,
    /// Without pages for forms.
    pub(super) is_api_only: bool,
    pub(super) inflector: Inflector,
    /// Settings of `config/initializers`, as `name = value` lines are written there.
    initializers: Vec<&'c SourceFile>,
    /// Methods that the application adds to the mapper.
    pub(super) methods: BTreeMap<String, RubyBlock<'c>>,
}

impl<'c> Application<'c> {
    pub(super) fn read(corpus: &'c Corpus, root: &str) -> Self {
        let path = |name: &str| if root.is_empty() { name.to_owned() } else { format!("{root}/{name}") };
        let initializers: Vec<&SourceFile> = {
            let folder = path("config/initializers/");
            corpus.application().filter(|file| file.path.starts_with(&folder) && file.path.ends_with(".rb")).collect()
        };
        let main = corpus.file(&path("config/application.rb"));
        let is_api_only =
            main.is_some_and(|file| settings(file).any(|(name, value)| name == "config.api_only" && value == "true"));
        let mut inflector = Inflector::default();
        initializers.iter().for_each(|file| inflector.add_rails(file));
        Self { root: root.to_owned(), is_api_only, inflector, initializers, methods: BTreeMap::new() }
    }

    /// A path below the application's folder as one from the root of the tree; a leading slash marks one that
    /// already is.
    pub(super) fn rooted(&self, path: &str) -> String {
        let path = path.trim_start_matches('/');
        let is_rooted = self.root.is_empty() || path.starts_with(&format!("{}/", self.root));
        if is_rooted { normalise(path) } else { normalise(&format!("{}/{path}", self.root)) }
    }

    /// The literal of a setting in the initializers, e.g. `config.sign_out_via`.
    pub(super) fn setting(&self, name: &str) -> Option<String> {
        let lines = self.initializers.iter().flat_map(|file| settings(file));
        lines.filter(|(known, _)| known == name).map(|(_, value)| value).last()
    }

    /// The first arguments of the calls of this name in the initializers, e.g. `config.omniauth :github, …`.
    pub(super) fn calls(&self, name: &str) -> Vec<String> {
        let mut out = Vec::new();
        for file in &self.initializers {
            for line in file.text().lines() {
                let Some(rest) = line.trim_start().strip_prefix(name) else { continue };
                let rest = rest.trim_start_matches(['(', ' ']);
                let word: String = match rest.chars().next() {
                    Some(':') => rest[1..].trim_start_matches('"').chars().take_while(|c| is_word(*c)).collect(),
                    Some('"' | '\'') => rest[1..].chars().take_while(|c| is_word(*c)).collect(),
                    _ => continue,
                };
                if !word.is_empty() && !out.contains(&word) {
                    out.push(word);
                }
            }
        }
        out
    }

    /// Whether a sign-in by another site starts with a plain link: so before version 2 of the package, or where the
    /// configuration says so.
    pub(super) fn starts_sign_in_by_get(&self, corpus: &Corpus) -> bool {
        let lock = corpus.file(&self.rooted("Gemfile.lock"));
        let pinned = lock.and_then(|lock| {
            let text = lock.text();
            let line = text.lines().find_map(|line| line.strip_prefix("    omniauth (").map(str::to_owned));
            line.map(|version| version.starts_with("1.") || version.starts_with("0."))
        });
        let says = self.setting("OmniAuth.config.allowed_request_methods");
        says.map_or(pinned == Some(true), |says| says.contains("get"))
    }

    /// Whether a bare word stands on a line of its own in the initializers (`api_only`).
    pub(super) fn setting_is_called(&self, word: &str) -> bool {
        self.initializers.iter().any(|file| file.text().lines().any(|line| line.trim() == word))
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
}

/// `a.b = value` lines of a file, outside of comments.
fn settings(file: &SourceFile) -> impl Iterator<Item = (String, String)> {
    let text = file.text().into_owned();
    let pairs: Vec<(String, String)> = text
        .lines()
        .filter_map(|line| {
            let (name, value) = line.trim().split_once('=')?;
            let value = value.split(" #").next().unwrap_or(value);
            (!name.starts_with('#')).then(|| (name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect();
    pairs.into_iter()
}
