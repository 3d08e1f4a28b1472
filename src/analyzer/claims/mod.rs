//! What the documentation says, checked against the tree. A wrong CONTRADICTED is the worst row of a dossier, so
//! everything that could be true in another folder, project or tool is UNVERIFIABLE, or no claim at all.

mod command;
mod context;
mod env_var;
mod link;
pub(crate) mod markdown;
mod shell;

use super::corpus::Corpus;
use super::deal;
use super::evidence::Evidence;
use super::fact::{Fact, Unresolved};
use super::file::{PathClass, SourceFile};

use context::Context;
pub(super) use context::is_read;

/// Documents larger than this are no documentation that a person wrote.
const MAX_DOC_BYTES: usize = 1024 * 1024;

/// Variables that a shell, a host or a test runner sets: nobody documents them.
pub(crate) const AMBIENT: &[&str] = &[
    "CI",
    "COLUMNS",
    "DEBUG",
    "EDITOR",
    "HOME",
    "HOSTNAME",
    "LANG",
    "LC_ALL",
    "NODE_ENV",
    "NO_COLOR",
    "PATH",
    "PWD",
    "SHELL",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERNAME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "PYTHONPATH",
    "CARGO_PKG_VERSION",
    "CARGO_MANIFEST_DIR",
    "OUT_DIR",
    "CARGO_PKG_NAME",
    "VIRTUAL_ENV",
];

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ClaimKind {
    Command,
    EnvVar,
    Link,
}

impl ClaimKind {
    /// The name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::EnvVar => "env_var",
            Self::Link => "link",
        }
    }
}

/// What the tree says to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Verified,
    Contradicted,
    Unverifiable,
}

impl Verdict {
    /// The name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Verified => "VERIFIED",
            Self::Contradicted => "CONTRADICTED",
            Self::Unverifiable => "UNVERIFIABLE",
        }
    }
}

/// A statement of a document and its verdict.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    pub(crate) kind: ClaimKind,
    pub(crate) doc: String,
    pub(crate) line: u32,
    pub(crate) text: String,
    pub(crate) verdict: Verdict,
    pub(crate) why: String,
    /// The document's line first, then the other side.
    pub(crate) evidence: Vec<Evidence>,
}

/// A verdict with its reason and what stands on the other side.
pub(crate) struct Ruling {
    verdict: Verdict,
    why: String,
    evidence: Vec<Evidence>,
}

impl Ruling {
    fn verified(why: impl Into<String>, evidence: Evidence) -> Self {
        Self { verdict: Verdict::Verified, why: why.into(), evidence: vec![evidence] }
    }

    fn contradicted(why: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self { verdict: Verdict::Contradicted, why: why.into(), evidence }
    }

    fn unverifiable(why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unverifiable, why: why.into(), evidence: Vec::new() }
    }

    fn claim(self, kind: ClaimKind, file: &SourceFile, lines: (u32, u32), text: String) -> Claim {
        let mut evidence = vec![file.lines(lines.0, lines.1)];
        evidence.extend(self.evidence);
        Claim { kind, doc: file.path.clone(), line: lines.0, text, verdict: self.verdict, why: self.why, evidence }
    }
}

/// Check every document of the application.
pub(crate) fn check(corpus: &Corpus, facts: &[Fact], _unresolved: &[Unresolved]) -> Vec<Claim> {
    let context = Context::new(corpus, facts);
    let is_read =
        |file: &&SourceFile| (is_document(file) && file.bytes().len() <= MAX_DOC_BYTES) || is_env_sample(file.name());
    let in_file = |file: &SourceFile| {
        let mut claims = Vec::new();
        if !is_document(file) || file.bytes().len() > MAX_DOC_BYTES {
            env_var::check_sample(&context, file, &mut claims);
        } else if let Some(markdown) = context.markdown(file) {
            command::check(&context, file, markdown, &mut claims);
            env_var::check(&context, file, markdown, &mut claims);
            link::check(&context, file, markdown, &mut claims);
        }
        claims
    };
    let mut claims: Vec<Claim> =
        deal::map(corpus.application().filter(is_read), in_file).into_iter().flatten().collect();
    claims.sort_by(|a, b| (&a.doc, a.kind, &a.text, a.line).cmp(&(&b.doc, b.kind, &b.text, b.line)));
    // The same statement twice in one document is one claim, at its first place.
    claims.dedup_by(|later, first| (&later.doc, later.kind, &later.text) == (&first.doc, first.kind, &first.text));
    claims.sort_by(|a, b| (&a.doc, a.line, a.kind, &a.text).cmp(&(&b.doc, b.line, b.kind, &b.text)));
    claims
}

/// Why a document says nothing here.
pub(super) fn problem(file: &SourceFile) -> Option<&'static str> {
    let is_left_out = file.class == PathClass::Application && file.bytes().len() > MAX_DOC_BYTES && is_document(file);
    is_left_out.then_some("too large for a document that a person wrote")
}

/// Documentation: READMEs and contribution guides anywhere, and the Markdown below `docs`. A change log speaks of the past.
pub(crate) fn is_document(file: &SourceFile) -> bool {
    let lower = file.path.to_ascii_lowercase();
    let name = lower.rsplit('/').next().unwrap_or(&lower);
    let markdown = name.ends_with(".md") || name.ends_with(".markdown");
    let past = ["changelog", "changes", "history", "release", "news", "migration", "upgrad"]
        .iter()
        .any(|word| lower.contains(word));
    let named =
        ["readme", "contributing", "development", "install", "deploy"].iter().any(|stem| name.starts_with(stem));
    let in_docs = lower.starts_with("docs/") || lower.starts_with("doc/");
    markdown && !past && (named || in_docs)
}

/// `.env.example` and its kin.
pub(crate) fn is_env_sample(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let sample = ["example", "sample", "template", "dist", "defaults"]
        .iter()
        .any(|word| lower.split(['.', '-', '_']).any(|part| part == *word));
    sample && (lower.starts_with(".env") || lower.starts_with("env.") || lower.ends_with(".env"))
}
