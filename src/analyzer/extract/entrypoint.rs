//! `entrypoint` facts: the programs that a manifest declares (cargo binaries, npm `bin` and `main`, Python scripts),
//! and the classes that start a Java application.

use crate::analyzer::corpus::Corpus;
use crate::analyzer::document::Node;
use crate::analyzer::fact::{Fact, FactKind, Found};
use crate::analyzer::file::SourceFile;
use crate::analyzer::jvm::program::Program;
use crate::analyzer::syntax::grammar::Family;
use crate::analyzer::syntax::prefilter;

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
    java(corpus, &mut found);
    found
}

/// Classes that Spring Boot, Quarkus or Micronaut start an application with.
fn java(corpus: &Corpus, found: &mut Found) {
    let marks = ["@SpringBootApplication", "@QuarkusMain", "Micronaut.run"];
    let mut program = Program::new(corpus);
    for file in prefilter::files_with(corpus, Family::Java, &marks) {
        let Some(unit) = program.load(file) else { continue };
        let package = program.unit(unit).package.clone();
        for id in &program.unit(unit).types {
            let class = &program.types[*id];
            let mark =
                class.annotations.iter().find(|one| matches!(one.simple(), "SpringBootApplication" | "QuarkusMain"));
            let has_main = class.methods.iter().any(|method| method.name == "main" && method.is_static);
            let is_quarkus = mark.is_some_and(|mark| mark.simple() == "QuarkusMain");
            let is_micronaut = has_main && file.text().contains("Micronaut.run");
            if (mark.is_some() && has_main) || is_quarkus || is_micronaut {
                let name = if package.is_empty() { class.name.clone() } else { format!("{package}.{}", class.name) };
                let line = mark.map_or(class.line, |mark| mark.lines.0);
                push(file, (line, line), &name, &file.path, "java", found);
            }
        }
    }
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
