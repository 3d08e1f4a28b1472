//! `entrypoint` facts: the programs that a manifest declares (cargo binaries, npm `bin` and `main`, Python scripts,
//! Composer `bin`, executables of gems, .NET programs), Rack applications, and the front controller and console of
//! PHP applications, the folders of Go modules
//! that are programs, and the classes that start a Java application.

use ci_feed_dossier::fact::FactKind;

use crate::extract::command::go;
use crate::fact::{Fact, Found};
use crate::lang::csharp::project::{is_project, project};
use crate::lang::jvm::program::JvmProgram;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::document::xml::{lines_of, with_xml};
use crate::tree::file::SourceFile;
use crate::tree::path::inside;

/// Every declared program.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    for file in corpus.application() {
        match file.name() {
            "Cargo.toml" => cargo(file, &mut found),
            "package.json" => npm(file, &mut found),
            "config.ru" => rack(file, &mut found),
            name if name.ends_with(".gemspec") => gemspec(file, &mut found),
            "pyproject.toml" => python(file, &mut found),
            "composer.json" => composer(corpus, file, &mut found),
            name if is_project(name) => dotnet(file, &mut found),
            _ => {}
        }
    }
    for program in go::programs(corpus) {
        let key = format!("go:{} {}", program.name, program.path);
        let target = if program.folder.is_empty() { ".".to_owned() } else { format!("./{}", program.folder) };
        let manifest = inside(&program.module, "go.mod");
        let fact = Fact::evidenced(FactKind::Entrypoint, key, program.evidence);
        found.facts.push(fact.with("name", program.name).with("target", target).with("manifest", manifest));
    }
    java(corpus, &mut found);
    found
}

/// The assembly that a project builds, if it is a program.
fn dotnet(file: &SourceFile, found: &mut Found) {
    let Some((project, name, lines)) = with_xml(file, |document| {
        let project = project(file, document);
        let own = document.descendants().find(|node| node.is_element() && node.tag_name().name() == "AssemblyName");
        let name = own.and_then(|node| node.text()).map(str::trim).filter(|name| !name.contains('$'));
        let says = document.descendants().find(|node| node.is_element() && node.tag_name().name() == "OutputType");
        let says = says.map_or((1, 1), |node| {
            let at = lines_of(file, document, node);
            (at.start_line, at.end_line)
        });
        (project, name.map(str::to_owned), says)
    }) else {
        return;
    };
    if !project.is_program() || project.is_test() {
        return;
    }
    let stem = file.name().rsplit_once('.').map_or(file.name(), |(stem, _)| stem);
    let name = name.unwrap_or_else(|| stem.to_owned());
    // Where nothing says it, the SDK of the first line does.
    push(file, lines, &name, &format!("{name}.dll"), "dotnet", found);
}

/// Classes that Spring Boot, Quarkus or Micronaut start an application with.
fn java(corpus: &Corpus, found: &mut Found) {
    let marks = ["@SpringBootApplication", "@QuarkusMain", "Micronaut.run"];
    let mut program = JvmProgram::new(corpus);
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

/// `run MyApplication` of a Rack configuration.
fn rack(file: &SourceFile, found: &mut Found) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        if let Some(target) = line.trim().strip_prefix("run ") {
            let target = target.split(" #").next().unwrap_or(target).trim();
            push(file, (number, number), "application", target, "rack", found);
        }
    }
}

/// `spec.executables = ["name"]`.
fn gemspec(file: &SourceFile, found: &mut Found) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        let is_comment = line.trim_start().starts_with('#');
        let Some((_, list)) = line.split_once(".executables").filter(|_| !is_comment && !line.contains("Dir")) else {
            continue;
        };
        let Some(list) = list
            .trim_start()
            .trim_start_matches('<')
            .strip_prefix('=')
            .or_else(|| list.split_once("<<").map(|(_, name)| name))
        else {
            continue;
        };
        if list.contains(['{', '|', '`', '&']) {
            continue;
        }
        let words = list.trim().trim_start_matches("%w").split([',', ' ', '[', ']', '(', ')']);
        for name in words.map(|word| word.trim_matches(['"', '\''])).filter(|word| !word.is_empty()) {
            push(file, (number, number), name, name, "gem", found);
        }
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

/// `bin` of the manifest; beside it the file that the web server is pointed at and the console, where they exist.
fn composer(corpus: &Corpus, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    if let Some(bin) = root.entry("bin") {
        let listed = bin.value.items().iter().chain(bin.value.as_str().map(|_| &bin.value));
        for target in listed {
            if let Some(path) = target.as_str() {
                let name = path.rsplit('/').next().unwrap_or(path);
                push(file, (target.start_line, target.end_line), name, path, "composer", found);
            }
        }
    }
    for (target, ecosystem) in [("public/index.php", "php"), ("artisan", "php"), ("bin/console", "php")] {
        let path = inside(file.folder(), target);
        let Some(evidence) = corpus.exists(&path) else { continue };
        let name = target.rsplit('/').next().unwrap_or(target);
        let fact = Fact::evidenced(FactKind::Entrypoint, format!("{ecosystem}:{name} {path}"), evidence);
        found.facts.push(fact.with("name", name).with("target", path.as_str()).with("manifest", file.path.as_str()));
    }
}
