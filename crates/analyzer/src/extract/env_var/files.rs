//! Variables in configuration: `.env` samples, Dockerfiles, compose files, Prisma's schemas.

use std::collections::BTreeSet;

use crate::extract::env_var::mention::{Mention, MentionRole, Mentions, is_name, is_required};
use crate::syntax::grammar::Language;
use crate::tree::document::{self, dockerfile, dotenv, yaml};
use crate::tree::file::SourceFile;

/// Read one file; `composed` are the paths of compose files, `filled` those of the environments that these name.
pub(super) fn read(file: &SourceFile, composed: &BTreeSet<&str>, filled: &BTreeSet<String>, mentions: &mut Mentions) {
    if is_dotenv(file.name()) || filled.contains(&file.path) {
        dotenv(file, mentions);
    } else if dockerfile::is_name(file.name()) {
        dockerfile(file, mentions);
    } else if composed.contains(file.path.as_str()) {
        compose(file, mentions);
    } else if is_symfony(file) {
        symfony(file, mentions);
    } else if file.path.ends_with(".prisma") {
        prisma(file, mentions);
    } else if file.name() == "launchSettings.json" {
        launch_settings(file, mentions);
    }
}

/// `url = env("DATABASE_URL")`: Prisma does not start without it.
fn prisma(file: &SourceFile, mentions: &mut Mentions) {
    for (line, text) in numbered(&file.text()) {
        let code = text.trim_start();
        for rest in code.split("env(").skip(1).filter(|_| !code.starts_with("//")) {
            let inner = rest.split(')').next().unwrap_or_default().trim();
            let name = inner.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'));
            if let Some(name) = name.filter(|name| is_name(name)) {
                let required = Some(true);
                mentions.found.push(Mention { required, ..Mention::read("file", name, file.lines(line, line)) });
            }
        }
    }
}

/// The variables that `dotnet run` sets on a developer's machine.
fn launch_settings(file: &SourceFile, mentions: &mut Mentions) {
    let profiles = file.document().root().get("profiles").map(document::Node::entries).unwrap_or_default();
    for profile in profiles {
        let variables = profile.value.get("environmentVariables").map(document::Node::entries).unwrap_or_default();
        for entry in variables.iter().filter(|entry| is_name(&entry.key)) {
            mentions.found.push(documented(file, &entry.key, entry.line));
        }
    }
}

/// Endings of files in languages without a grammar that may be called `env` and document nothing.
const OTHER_FILES: [&str; 21] = [
    ".d.ts", ".md", ".sh", ".vue", ".svelte", ".kt", ".kts", ".scala", ".swift", ".ex", ".exs", ".c", ".h", ".cpp",
    ".lua", ".html", ".css", ".json", ".toml", ".yaml", ".yml",
];

/// `.env`, `.env.example`, `example.env`, `env.sample`.
fn is_dotenv(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // `env.go` and the like are part of a program.
    let is_code = Language::of_path(&name).is_some() || OTHER_FILES.iter().any(|end| name.ends_with(end));
    !is_code && (name == ".env" || name.starts_with(".env.") || name.starts_with("env.") || name.ends_with(".env"))
}

fn documented(file: &SourceFile, name: &str, line: u32) -> Mention {
    let evidence = file.lines(line, line);
    Mention { name: name.to_owned(), required: None, default: None, role: MentionRole::Documents, evidence }
}

fn dotenv(file: &SourceFile, mentions: &mut Mentions) {
    let text = file.text();
    let named = dotenv::parse(&text).into_iter().filter(|one| is_name(one.name));
    mentions.found.extend(named.map(|one| documented(file, one.name, one.line)));
}

fn dockerfile(file: &SourceFile, mentions: &mut Mentions) {
    for instruction in dockerfile::parse(&file.text()) {
        let named = instruction.assignments().into_iter().filter(|one| is_name(one.name));
        mentions.found.extend(named.map(|one| documented(file, one.name, one.line)));
    }
}

fn compose(file: &SourceFile, mentions: &mut Mentions) {
    let document = yaml::parse(file.bytes());
    let services = document.root().get("services").map(document::Node::entries).unwrap_or_default();
    for service in services {
        let Some(environment) = service.value.get("environment") else { continue };
        for entry in environment.entries().iter().filter(|entry| is_name(&entry.key)) {
            mentions.found.push(documented(file, &entry.key, entry.line));
        }
        for item in environment.items() {
            let name = item.as_str().map(|text| text.split('=').next().unwrap_or_default());
            if let Some(name) = name.filter(|name| is_name(name)) {
                mentions.found.push(documented(file, name, item.start_line));
            }
        }
    }
    for (line, text) in numbered(&file.text()) {
        if !text.trim_start().starts_with('#') {
            interpolated(file, line, text, mentions);
        }
    }
}

/// Configuration of Symfony: YAML, XML or PHP below a folder `config`.
fn is_symfony(file: &SourceFile) -> bool {
    let is_config = [".yaml", ".yml", ".xml", ".php"].iter().any(|end| file.name().ends_with(end));
    is_config && file.path.split('/').any(|part| part == "config") && file.holds("%env(")
}

/// `%env(X)%`, `%env(int:default:fallback:X)%`: processors stand before the name.
fn symfony(file: &SourceFile, mentions: &mut Mentions) {
    for (line, text) in numbered(&file.text()) {
        if ["#", "//", "*", "/*"].iter().any(|comment| text.trim_start().starts_with(comment)) {
            continue;
        }
        for rest in text.split("%env(").skip(1) {
            let inner = rest.split(")%").next().unwrap_or_default();
            let name = inner.rsplit(':').next().unwrap_or_default();
            if is_name(name) {
                mentions.found.push(Mention::read("file", name, file.lines(line, line)));
            }
        }
    }
}

/// `$X`, `${X}`, `${X:-default}`, `${X:?message}`; `$$` is a plain dollar sign.
fn interpolated(file: &SourceFile, line: u32, text: &str, mentions: &mut Mentions) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        let braced = after.strip_prefix('{');
        rest = after.strip_prefix('$').or(braced).unwrap_or(after);
        if after.starts_with('$') {
            continue;
        }
        let end = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_')).unwrap_or(rest.len());
        let (name, operator) = rest.split_at(end);
        if !is_name(name) {
            continue;
        }
        let value = braced.and_then(|_| operator.split('}').next()).unwrap_or_default();
        let default = value.strip_prefix(":-").or_else(|| value.strip_prefix('-')).map(str::to_owned);
        let required = is_required(&default, value.starts_with(":?") || value.starts_with('?'));
        let default = default.filter(|default| !default.contains("${"));
        let role = MentionRole::Reads("file");
        mentions.found.push(Mention {
            name: name.to_owned(),
            required,
            default,
            role,
            evidence: file.lines(line, line),
        });
    }
}

/// Lines with their numbers.
fn numbered(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1..).zip(text.split('\n').map(|line| line.trim_end_matches('\r')))
}
