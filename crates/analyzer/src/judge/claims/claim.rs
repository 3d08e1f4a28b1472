//! A statement of a document, the verdict on it and the reason.

use crate::tree::file::SourceFile;
use ci_feed_dossier::evidence::Evidence;

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
    /// See [`Ruling::lacks`].
    pub(crate) lacks: Option<String>,
}

impl Claim {
    /// Take a contradiction back.
    pub(super) fn leave_open(&mut self, why: impl Into<String>) {
        self.verdict = Verdict::Unverifiable;
        self.why = why.into();
        self.evidence.truncate(1);
    }
}

/// A verdict with its reason and what stands on the other side.
pub(crate) struct Ruling {
    pub(super) verdict: Verdict,
    pub(super) why: String,
    pub(super) evidence: Vec<Evidence>,
    lacks: Option<String>,
}

impl Ruling {
    pub(super) fn verified(why: impl Into<String>, evidence: Evidence) -> Self {
        Self { verdict: Verdict::Verified, why: why.into(), evidence: vec![evidence], lacks: None }
    }

    pub(super) fn contradicted(why: impl Into<String>, evidence: Vec<Evidence>) -> Self {
        Self { verdict: Verdict::Contradicted, why: why.into(), evidence, lacks: None }
    }

    /// What the tree would have to hold, a file or the path of an endpoint. A contradiction is taken back where the document
    /// or another file of the tree brings it.
    pub(super) fn lacks(self, what: impl Into<String>) -> Self {
        Self { lacks: Some(what.into()), ..self }
    }

    /// The same, but a contradiction is no more than a doubt.
    pub(super) fn at_most_unverifiable(self) -> Self {
        if self.verdict == Verdict::Contradicted { Self::unverifiable(self.why) } else { self }
    }

    pub(super) fn unverifiable(why: impl Into<String>) -> Self {
        Self { verdict: Verdict::Unverifiable, why: why.into(), evidence: Vec::new(), lacks: None }
    }

    pub(super) fn claim(self, kind: ClaimKind, file: &SourceFile, lines: (u32, u32), text: String) -> Claim {
        let mut evidence = vec![file.lines(lines.0, lines.1)];
        evidence.extend(self.evidence);
        let Self { verdict, why, lacks, .. } = self;
        Claim { kind, doc: file.path.clone(), line: lines.0, text, verdict, why, evidence, lacks }
    }
}
