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
pub(super) fn is_in_docs(file: &SourceFile) -> bool {
    let lower = file.path.to_ascii_lowercase();
    lower.starts_with("docs/") || lower.starts_with("doc/")
}

/// Whether a document is about working on this very tree, so that "it is not there" can be said of what it names.
pub(super) fn is_guide(file: &SourceFile) -> bool {
    // What lies in a template speaks of the project that is made from it.
    let of_template =
        file.path.contains("{{") || file.path.to_ascii_lowercase().split('/').any(|part| part.starts_with("template"));
    starts_with_any(file, GUIDES) && !of_template
}

pub(super) fn is_forge_document(file: &SourceFile) -> bool {
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

/// Text for people, or a sample of settings: what it names is documented.
pub(crate) fn is_documentation(file: &SourceFile) -> bool {
    let lower = file.name().to_ascii_lowercase();
    let text = [".md", ".markdown", ".rst", ".adoc"].iter().any(|end| lower.ends_with(end));
    text || is_env_sample(file.name()) || (lower.ends_with(".txt") && lower.starts_with("readme"))
}
