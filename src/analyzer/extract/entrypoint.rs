//! `entrypoint` facts: the programs that a manifest declares (cargo binaries, npm `bin` and `main`, Python scripts),
//! and the folders of Go modules that are programs.

use crate::analyzer::corpus::Corpus;
use crate::analyzer::document::Node;
use crate::analyzer::extract::command::go;
use crate::analyzer::fact::{Fact, FactKind, Found};
use crate::analyzer::file::SourceFile;

/// Every declared program.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    for file in corpus.application() {
        match file.name() {
            "Cargo.toml" => cargo(file, &mut found),
            "package.json" => npm(file, &mut found),
            "pyproject.toml" => python(file, &mut found),
            _ => {}
        }
    }
    for program in go::programs(corpus) {
        let key = format!("go:{} {}", program.name, program.path);
        let target = if program.folder.is_empty() { ".".to_owned() } else { format!("./{}", program.folder) };
        let manifest =
            if program.module.is_empty() { "go.mod".to_owned() } else { format!("{}/go.mod", program.module) };
        let fact = Fact::evidenced(FactKind::Entrypoint, key, program.evidence);
        found.facts.push(fact.with("name", program.name).with("target", target).with("manifest", manifest));
    }
    found
}

fn push(file: &SourceFile, lines: (u32, u32), name: &str, target: &str, ecosystem: &str, found: &mut Found) {
    let key = format!("{ecosystem}:{name} {}", file.path);
    let fact = Fact::evidenced(FactKind::Entrypoint, key, file.lines(lines.0, lines.1));
    found.facts.push(fact.with("name", name).with("target", target).with("manifest", file.path.as_str()));
}

fn cargo(file: &SourceFile, found: &mut Found) {
    for bin in file.document().root().get("bin").map(Node::items).unwrap_or_default() {
        if let Some(name) = bin.entry("name")
            && let Some(text) = name.value.as_str()
        {
            let target = bin.get("path").and_then(Node::as_str).unwrap_or("src/main.rs");
            push(file, (name.line, name.line), text, target, "cargo", found);
        }
    }
}

fn npm(file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    let package = root.get("name").and_then(Node::as_str).unwrap_or("package");
    if let Some(bin) = root.entry("bin") {
        if let Some(target) = bin.value.as_str() {
            push(file, (bin.line, bin.line), package, target, "npm", found);
        }
        for entry in bin.value.entries() {
            if let Some(target) = entry.value.as_str() {
                push(file, (entry.line, entry.line), &entry.key, target, "npm", found);
            }
        }
    }
    if let Some(main) = root.entry("main")
        && let Some(target) = main.value.as_str()
    {
        push(file, (main.line, main.line), "main", target, "npm", found);
    }
}

fn python(file: &SourceFile, found: &mut Found) {
    for path in [["project", "scripts"].as_slice(), &["tool", "poetry", "scripts"]] {
        for entry in file.document().root().at(path).map(Node::entries).unwrap_or_default() {
            if let Some(target) = entry.value.as_str() {
                push(file, (entry.line, entry.line), &entry.key, target, "python", found);
            }
        }
    }
}
