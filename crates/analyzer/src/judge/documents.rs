//! Which files are documentation, and of what kind.

use crate::tree::file::SourceFile;

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

/// Documents that the forge shows beside the code.
const SHOWN_BY_FORGE: &[&str] = &["contributing", "agents", "claude", "security", "support", "code_of_conduct"];

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
pub(super) fn is_in_docs(file: &SourceFile) -> bool {
    let lower = file.path.to_ascii_lowercase();
    lower.starts_with("docs/") || lower.starts_with("doc/")
}

/// Whether a document is about working on this very tree, so that "it is not there" can be said of what it names.
pub(super) fn is_guide(file: &SourceFile) -> bool {
    starts_with_any(file, GUIDES) && !is_of_template(file)
}

/// Whether a document lies in a template, or is one: it speaks of what is made from it.
pub(super) fn is_of_template(file: &SourceFile) -> bool {
    let lower = file.path.to_ascii_lowercase();
    let is_one = lower.split('/').any(|part| part.trim_start_matches(['.', '_']).starts_with("template"));
    lower.contains("{{") || is_one || file.name().to_ascii_lowercase().contains("template")
}

/// Words in the paths of documents that speak of what is planned, was decided or was found at some time.
const OF_A_TIME: &[&str] = &[
    "plan",
    "plans",
    "planning",
    "rfc",
    "rfcs",
    "proposal",
    "proposals",
    "roadmap",
    "todo",
    "todos",
    "prd",
    "brainstorm",
    "draft",
    "drafts",
    "design",
    "designs",
    "ideas",
    "backlog",
    "milestone",
    "milestones",
    "sprint",
    "sprints",
    "research",
    "audit",
    "audits",
    "postmortem",
    "postmortems",
    "retrospective",
    "meeting",
    "meetings",
    "journal",
    "versioned",
    "legacy",
    "deprecated",
    "obsolete",
];

/// Whether a document's path says that it speaks of another time than that of this commit.
pub(super) fn is_of_a_time(file: &SourceFile) -> bool {
    let lower = file.path.to_ascii_lowercase();
    // `2026-05`, at the start of a name or after another word.
    let is_date = |bytes: &[u8]| {
        bytes.starts_with(b"20") && bytes[4] == b'-' && [2, 3, 5, 6].iter().all(|at| bytes[*at].is_ascii_digit())
    };
    let is_dated = |part: &str| {
        let bytes = part.as_bytes();
        let is_start = |at: usize| at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        bytes.windows(7).enumerate().any(|(at, seven)| is_start(at) && is_date(seven))
    };
    lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| OF_A_TIME.contains(&word))
        || lower.split('/').any(is_dated)
}

pub(super) fn is_forge_document(file: &SourceFile) -> bool {
    let name = file.name().to_ascii_lowercase();
    let is_called = |stem: &&str| name.strip_prefix(*stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    // In another language: `README_zh.md`, `README-fr.md`.
    name.starts_with("readme") || SHOWN_BY_FORGE.iter().any(is_called)
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

/// Text for people, or a sample of settings: what it names is documented.
pub(crate) fn is_documentation(file: &SourceFile) -> bool {
    let lower = file.name().to_ascii_lowercase();
    let text = [".md", ".markdown", ".rst", ".adoc"].iter().any(|end| lower.ends_with(end));
    text || is_env_sample(file.name()) || (lower.ends_with(".txt") && lower.starts_with("readme"))
}
