//! What the sources of environment variables state: the places that name one.

use super::joined::Joiner;
use crate::fact::Unresolved;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

/// One place that names a variable.
#[derive(Debug)]
pub(super) struct Mention {
    pub(super) name: String,
    /// `Some(true)` when the program ends without it.
    pub(super) required: Option<bool>,
    /// A literal used when it is unset.
    pub(super) default: Option<String>,
    pub(super) role: MentionRole,
    pub(super) evidence: Evidence,
}

/// What the place does with the variable.
#[derive(Debug)]
pub(super) enum MentionRole {
    /// Reads it; the language, or `file` for configuration that is filled in from the environment.
    Reads(&'static str),
    /// May read it, by this rule: what fills the setting is a variable, or a file.
    MayRead(&'static str, &'static str),
    /// Reads it, and sets it for the rest of the program where it is unset: `process.env.X ??= "a"`.
    Sets(&'static str),
    /// Sets or documents it.
    Documents,
}

/// What one source said.
#[derive(Debug, Default)]
pub(super) struct Mentions {
    pub(super) found: Vec<Mention>,
    pub(super) unresolved: Vec<Unresolved>,
    /// Places that read the variable which a field of an object names, with the field's name.
    pub(super) listed: Vec<(String, Evidence)>,
    /// Functions that read the variable whose name they are given.
    pub(super) helpers: Vec<String>,
    /// Functions that make the name of one of their parameters.
    pub(super) joiners: Vec<Joiner>,
}

impl Mention {
    /// A read that says nothing but the name.
    pub(super) fn read(by: &'static str, name: impl Into<String>, evidence: Evidence) -> Self {
        Self { name: name.into(), required: None, default: None, role: MentionRole::Reads(by), evidence }
    }

    /// The same read, of a program that may set the variable by itself.
    #[must_use]
    pub(super) fn that_sets(mut self, sets: bool) -> Self {
        if let MentionRole::Reads(by) = self.role
            && sets
        {
            self.role = MentionRole::Sets(by);
        }
        self
    }
}

impl Mentions {
    pub(super) fn unresolved(&mut self, reason: String, evidence: Evidence) {
        self.unresolved.push(Unresolved::new(FactKind::EnvVar, reason, vec![evidence]));
    }
}

/// Whether a text can be a variable's name.
pub(super) fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Whether a variable must be set, as far as a read tells it: with a default not, and if the program ends without it.
pub(super) fn is_required(default: &Option<String>, ends: bool) -> Option<bool> {
    if default.is_some() { Some(false) } else { ends.then_some(true) }
}
