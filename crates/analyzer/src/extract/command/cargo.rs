//! What `cargo` can do with a package: build and test it, run its programs, and the aliases of `.cargo/config.toml`.

use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::document::DocumentValue;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

use super::{Command, kind};

pub(super) fn extract(corpus: &Corpus, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    let folder = file.folder();
    if !is_member(corpus, folder) {
        for (section, rule) in [("package", "cargo-package"), ("workspace", "cargo-workspace")] {
            let Some(entry) = root.entry(section) else { continue };
            for (kind, line) in [("build", "cargo build"), ("test", "cargo test")] {
                let command = Command { kind, line: line.to_owned(), manager: "cargo", cwd: folder };
                found.facts.push(command.inferred(rule, file.lines(entry.line, entry.line)));
            }
            break;
        }
    }
    for program in programs(corpus, file) {
        let command =
            Command { kind: "start", line: format!("cargo run --bin {}", program.name), manager: "cargo", cwd: folder };
        let fact = if program.declared {
            command.fact(program.evidence)
        } else {
            command.inferred("cargo-target-layout", program.evidence)
        };
        found.facts.push(fact.with("bin", program.name.as_str()));
    }
}

/// A binary target.
pub(crate) struct BinaryTarget {
    pub(crate) name: String,
    /// Whether the manifest names it, or only cargo's layout does.
    pub(crate) declared: bool,
    pub(crate) evidence: ci_feed_dossier::evidence::Evidence,
}

/// The binary targets of one package.
pub(crate) fn programs(corpus: &Corpus, file: &SourceFile) -> Vec<BinaryTarget> {
    let root = file.document().root();
    let mut programs = Vec::new();
    let mut declared_paths = Vec::new();
    for bin in root.get("bin").map(|bins| bins.items()).unwrap_or_default() {
        let Some(name) = bin.entry("name") else { continue };
        let Some(text) = name.value.as_str() else { continue };
        declared_paths.extend(bin.get("path").and_then(|path| path.as_str()).map(str::to_owned));
        programs.push(BinaryTarget {
            name: text.to_owned(),
            declared: true,
            evidence: file.lines(name.line, name.line),
        });
    }
    let automatic = root.at(&["package", "autobins"]).is_none_or(|auto| auto.value != DocumentValue::Bool(false));
    let package = root.at(&["package", "name"]).and_then(|name| name.as_str());
    let (true, Some(package)) = (automatic, package) else { return programs };
    let prefix = if file.folder().is_empty() { String::new() } else { format!("{}/", file.folder()) };
    let layout = corpus.application().filter_map(|source| {
        let inside = source.path.strip_prefix(&prefix)?;
        let name = match inside {
            "src/main.rs" => package,
            _ => {
                let program = inside.strip_prefix("src/bin/")?;
                program
                    .strip_suffix("/main.rs")
                    .or_else(|| program.strip_suffix(".rs"))
                    .filter(|name| !name.contains('/'))?
            }
        };
        Some((name.to_owned(), inside, source))
    });
    for (name, inside, source) in layout {
        let known =
            programs.iter().any(|program| program.name == name) || declared_paths.iter().any(|path| path == inside);
        if !known {
            programs.push(BinaryTarget { name, declared: false, evidence: source.exists() });
        }
    }
    programs
}

/// Whether a folder lies below another package or workspace, whose commands cover it.
fn is_member(corpus: &Corpus, folder: &str) -> bool {
    upwards(folder).skip(1).any(|at| corpus.has_path(&inside(at, "Cargo.toml")))
}

pub(super) fn aliases(file: &SourceFile, found: &mut Found) {
    let document = if file.name() == "config" {
        // Cargo still reads the name without an ending.
        &crate::tree::document::toml::parse(file.bytes())
    } else {
        file.document()
    };
    let folder = file.folder().strip_suffix(".cargo").unwrap_or_default().trim_end_matches('/');
    for entry in document.root().get("alias").map(|aliases| aliases.entries()).unwrap_or_default() {
        let words = entry.value.items().iter().filter_map(|word| word.as_str());
        let runs = entry.value.as_str().map_or_else(|| words.collect::<Vec<_>>().join(" "), str::to_owned);
        let command =
            Command { kind: kind::of(&entry.key), line: format!("cargo {}", entry.key), manager: "cargo", cwd: folder };
        found.facts.push(
            command
                .fact(file.lines(entry.line, entry.value.end_line))
                .with("alias", entry.key.as_str())
                .with("runs", runs),
        );
    }
}
