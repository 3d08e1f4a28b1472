//! What the documentation says, checked against the tree. A wrong CONTRADICTED is the worst row of a dossier, so
//! everything that could be true in another folder, project or tool is UNVERIFIABLE, or no claim at all.

mod anchor;
mod command;
mod context;
mod endpoint;
mod env_var;
mod html;
mod ignored;
mod link;
pub(crate) mod markdown;
mod own;
mod path;
mod port;
mod shell;
mod site;

use crate::fact::{Fact, Unresolved};
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::{PathClass, SourceFile};

use ci_feed_dossier::evidence::Evidence;
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
    Port,
    Endpoint,
    Path,
    Link,
}

impl ClaimKind {
    /// The name in JSON.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::EnvVar => "env_var",
            Self::Port => "port",
            Self::Endpoint => "endpoint",
            Self::Path => "path",
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

    /// The same, but a contradiction is no more than a doubt.
    fn at_most_unverifiable(self) -> Self {
        if self.verdict == Verdict::Contradicted { Self::unverifiable(self.why) } else { self }
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
pub(crate) fn check(corpus: &Corpus, facts: &[Fact], unresolved: &[Unresolved]) -> Vec<Claim> {
    let context = Context::new(corpus, facts, unresolved);
    let documents = corpus.application().filter(|file| is_document(file) || is_env_sample(file.name()));
    let mut claims: Vec<Claim> =
        deal::map(documents, |file| of_document(&context, file)).into_iter().flatten().collect();
    // The same statement twice in one document is one claim: at its first place, but rather where it could be decided.
    claims.sort_by(|a, b| {
        (&a.doc, a.kind, &a.text, a.verdict, a.line).cmp(&(&b.doc, b.kind, &b.text, b.verdict, b.line))
    });
    claims.dedup_by(|later, first| (&later.doc, later.kind, &later.text) == (&first.doc, first.kind, &first.text));
    port::settle(corpus, &mut claims);
    claims.sort_by(|a, b| (&a.doc, a.line, a.kind, &a.text).cmp(&(&b.doc, b.line, b.kind, &b.text)));
    claims
}

fn of_document(context: &Context<'_>, file: &SourceFile) -> Vec<Claim> {
    let mut claims = Vec::new();
    if !is_document(file) {
        env_var::check_sample(context, file, &mut claims);
    } else if let Some(markdown) = context.markdown(file).filter(|_| file.bytes().len() <= MAX_DOC_BYTES) {
        for check in [command::check, env_var::check, port::check, endpoint::check, path::check, link::check] {
            check(context, file, markdown, &mut claims);
        }
    }
    claims
}

/// Why a document says nothing here.
pub(super) fn problem(file: &SourceFile) -> Option<&'static str> {
    let is_left_out = file.class == PathClass::Application && file.bytes().len() > MAX_DOC_BYTES && is_document(file);
    is_left_out.then_some("too large for a document that a person wrote")
}

/// Documents that the forge shows beside the code.
const SHOWN_BY_FORGE: &[&str] =
    &["readme", "contributing", "agents.", "claude.", "security", "support", "code_of_conduct"];

/// Documents that say how to work on the code.
const GUIDES: &[&str] = &[
    "readme",
    "contributing",
    "develop",
    "hacking",
    "building",
    "testing",
    "setup",
    "getting-started",
    "getting_started",
    "quickstart",
    "local",
    "agents.",
    "claude.",
];

/// Documentation: READMEs and guides anywhere, and the Markdown below `docs`. A change log speaks of the past.
pub(crate) fn is_document(file: &SourceFile) -> bool {
    let lower = file.path.to_ascii_lowercase();
    let markdown = lower.ends_with(".md") || lower.ends_with(".markdown");
    let past =
        ["changelog", "changes", "history", "release", "news", "migration", "upgrad", "blog/", "archive", "adr/"]
            .iter()
            .any(|word| lower.contains(word));
    let named = starts_with_any(file, GUIDES) || starts_with_any(file, &["install", "deploy"]);
    markdown && !past && (named || is_in_docs(file))
}

/// Whether a document lies where projects keep their documentation.
fn is_in_docs(file: &SourceFile) -> bool {
    let lower = file.path.to_ascii_lowercase();
    lower.starts_with("docs/") || lower.starts_with("doc/")
}

/// Whether a document is about working on this very tree, so that "it is not there" can be said of what it names.
fn is_guide(file: &SourceFile) -> bool {
    // What lies in a template speaks of the project that is made from it.
    let of_template =
        file.path.contains("{{") || file.path.to_ascii_lowercase().split('/').any(|part| part.starts_with("template"));
    starts_with_any(file, GUIDES) && !of_template
}

fn is_forge_document(file: &SourceFile) -> bool {
    starts_with_any(file, SHOWN_BY_FORGE)
}

fn starts_with_any(file: &SourceFile, stems: &[&str]) -> bool {
    let name = file.name().to_ascii_lowercase();
    stems.iter().any(|stem| name.starts_with(stem))
}

/// `.env.example` and its kin.
pub(crate) fn is_env_sample(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let sample = ["example", "sample", "template", "dist", "defaults"]
        .iter()
        .any(|word| lower.split(['.', '-', '_']).any(|part| part == *word));
    sample && (lower.starts_with(".env") || lower.starts_with("env.") || lower.ends_with(".env"))
}
