//! `runtime` facts: the language versions that the repository asks for, each by the file that says so.

use ci_feed_dossier::fact::FactKind;
use roxmltree::Document;

use crate::fact::{Fact, Found};
use crate::lang::csharp::project::is_project;
use crate::tree::corpus::Corpus;
use crate::tree::document::xml::{line_in, rows_of, with_xml};
use crate::tree::file::SourceFile;

/// Manifest fields: file, path of keys, runtime.
const FIELDS: &[(&str, &[&str], &str)] = &[
    ("package.json", &["engines", "node"], "node"),
    ("package.json", &["engines", "npm"], "npm"),
    ("package.json", &["engines", "pnpm"], "pnpm"),
    ("package.json", &["engines", "yarn"], "yarn"),
    ("Cargo.toml", &["package", "rust-version"], "rust"),
    ("Cargo.toml", &["workspace", "package", "rust-version"], "rust"),
    ("rust-toolchain.toml", &["toolchain", "channel"], "rust"),
    ("pyproject.toml", &["project", "requires-python"], "python"),
    ("pyproject.toml", &["tool", "poetry", "dependencies", "python"], "python"),
    ("Pipfile", &["requires", "python_version"], "python"),
    ("composer.json", &["require", "php"], "php"),
    ("composer.json", &["config", "platform", "php"], "php"),
    ("global.json", &["sdk", "version"], "dotnet-sdk"),
];

/// Files that hold nothing but a version: file, runtime.
const PLAIN: &[(&str, &str)] = &[
    (".nvmrc", "node"),
    (".node-version", "node"),
    (".python-version", "python"),
    (".ruby-version", "ruby"),
    ("rust-toolchain", "rust"),
    (".go-version", "go"),
    (".php-version", "php"),
    (".java-version", "java"),
];

/// Every version that is asked for.
pub(crate) fn extract(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    for file in corpus.application() {
        let name = file.name();
        for (_, path, runtime) in FIELDS.iter().filter(|(field_of, ..)| *field_of == name) {
            if let Some(entry) = file.document().root().entry_at(path)
                && let Some(version) = entry.value.scalar()
            {
                push(file, (entry.line, entry.value.end_line), runtime, &version, &mut found);
            }
        }
        for (_, runtime) in PLAIN.iter().filter(|(plain, _)| *plain == name) {
            plain(file, runtime, &mut found);
        }
        match name {
            "go.mod" | "go.work" => keyword(file, "go ", "go", &mut found),
            "Gemfile" => gemfile(file, &mut found),
            name if name.ends_with(".gemspec") => gemspec(file, &mut found),
            "runtime.txt" => buildpack(file, &mut found),
            ".tool-versions" => tool_versions(file, &mut found),
            ".sdkmanrc" => keyword(file, "java=", "java", &mut found),
            "pom.xml" => maven(file, &mut found),
            "build.gradle" | "build.gradle.kts" => gradle(file, &mut found),
            "Directory.Build.props" => target_framework(file, &mut found),
            name if is_project(name) => target_framework(file, &mut found),
            _ => {}
        }
    }
    found
}

fn push(file: &SourceFile, lines: (u32, u32), runtime: &str, version: &str, found: &mut Found) {
    let key = format!("{runtime} {version} {}", file.path);
    let fact = Fact::evidenced(FactKind::Runtime, key, file.lines(lines.0, lines.1));
    found.facts.push(fact.with("runtime", runtime).with("version", version).with("said_by", file.path.as_str()));
}

fn plain(file: &SourceFile, runtime: &str, found: &mut Found) {
    let text = file.text();
    let line =
        text.lines().zip(1_u32..).find(|(line, _)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    if let Some((line, number)) = line {
        let is_version = line.trim().len() < 40 && !line.trim().contains(char::is_whitespace) && !line.contains('[');
        if is_version {
            // `ruby-3.3.0` names the program again.
            let version = line.trim().strip_prefix(&format!("{runtime}-")).unwrap_or(line.trim());
            push(file, (number, number), runtime, version, found);
        }
    }
}

/// What a buildpack is to install: `python-3.12.x`, or the version alone, which then is Python's (Cloud Foundry).
fn buildpack(file: &SourceFile, found: &mut Found) {
    match file.text().trim_start().starts_with(|letter: char| letter.is_ascii_digit()) {
        true => plain(file, "python", found),
        false => keyword(file, "python-", "python", found),
    }
}

/// The rest of the first line that starts with a keyword.
fn keyword(file: &SourceFile, start: &str, runtime: &str, found: &mut Found) {
    let text = file.text();
    let line = text
        .lines()
        .zip(1_u32..)
        .find_map(|(line, number)| Some((line.strip_prefix(start)?.trim().to_owned(), number)));
    if let Some((version, number)) = line {
        push(file, (number, number), runtime, &version, found);
    }
}

/// `ruby "3.3.0"`, `ruby ">= 3.2", "< 4"`.
fn gemfile(file: &SourceFile, found: &mut Found) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        let Some(rest) = line.strip_prefix("ruby").filter(|rest| rest.starts_with([' ', '('])) else { continue };
        let versions = quoted(rest.split(" #").next().unwrap_or(rest));
        if !versions.is_empty() && !rest.contains("file:") && !rest.contains("ENV") {
            push(file, (number, number), "ruby", &versions.join(", "), found);
        }
    }
}

/// `spec.required_ruby_version = ">= 3.1"`.
fn gemspec(file: &SourceFile, found: &mut Found) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        let is_comment = line.trim_start().starts_with('#');
        if let Some((_, rest)) = line.split_once(".required_ruby_version").filter(|_| !is_comment) {
            let versions = quoted(rest);
            if !versions.is_empty() {
                push(file, (number, number), "ruby", &versions.join(", "), found);
            }
        }
    }
}

/// The texts in quotes that begin like a version or an operator.
fn quoted(text: &str) -> Vec<String> {
    let texts = text.split(['"', '\'']).skip(1).step_by(2);
    texts
        .filter(|text| text.starts_with(|c: char| c.is_ascii_digit() || "<>=~!".contains(c)))
        .map(str::to_owned)
        .collect()
}

fn tool_versions(file: &SourceFile, found: &mut Found) {
    for (line, number) in file.text().lines().zip(1_u32..) {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        if let (Some(tool), Some(version)) = (words.next(), words.next()) {
            push(file, (number, number), tool, version, found);
        }
    }
}

/// `TargetFramework` and `TargetFrameworks`, each framework of the list; one from a property is not known.
fn target_framework(file: &SourceFile, found: &mut Found) {
    with_xml(file, |document| {
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            if !matches!(node.tag_name().name(), "TargetFramework" | "TargetFrameworks") {
                continue;
            }
            let at = rows_of(file, document, node);
            let listed = node.text().unwrap_or_default().split(';').map(str::trim);
            for version in listed.filter(|version| !version.is_empty() && !version.contains('$')) {
                push(file, at, "dotnet", version, found);
            }
        }
    });
}

/// The release that Maven compiles for: of several ways to say it the one that wins.
fn maven(file: &SourceFile, found: &mut Found) {
    with_xml(file, |document| compiled_for(file, document, found));
}

fn compiled_for(file: &SourceFile, document: &Document<'_>, found: &mut Found) {
    let said = ["maven.compiler.release", "release", "java.version", "maven.compiler.target", "maven.compiler.source"];
    let element = said.iter().find_map(|name| {
        document.descendants().find(|node| {
            let value = node.text().unwrap_or_default().trim();
            let is_version =
                value.starts_with(|first: char| first.is_ascii_digit()) && !value.contains(char::is_whitespace);
            // `release` alone means something else outside of the compiler's configuration.
            let is_there = *name != "release"
                || node.parent_element().is_some_and(|above| above.tag_name().name() == "configuration");
            node.tag_name().name() == *name && is_version && is_there
        })
    });
    if let Some(element) = element {
        let line = line_in(file, document, element.range().start);
        push(file, (line, line), "java", element.text().unwrap_or_default().trim(), found);
    }
}

/// `JavaLanguageVersion.of(21)`, `jvmToolchain(21)`, `sourceCompatibility = JavaVersion.VERSION_17`.
fn gradle(file: &SourceFile, found: &mut Found) {
    let text = file.text();
    let said = ["JavaLanguageVersion.of(", "jvmToolchain(", "sourceCompatibility"];
    let version = said.iter().find_map(|start| {
        text.lines().zip(1_u32..).find_map(|(line, number)| {
            let line = line.split("//").next().unwrap_or_default();
            let (_, rest) = line.split_once(start)?;
            let rest = rest.trim_start_matches([' ', '=', '(', '"', '\'']);
            let rest = rest
                .strip_prefix("JavaVersion.VERSION_")
                .map(|rest| rest.replace('_', "."))
                .unwrap_or_else(|| rest.to_owned());
            let end = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == '.')).unwrap_or(rest.len());
            let version = rest[..end].trim_end_matches('.').to_owned();
            (!version.is_empty()).then_some((version, number))
        })
    });
    if let Some((version, number)) = version {
        push(file, (number, number), "java", &version, found);
    }
}
