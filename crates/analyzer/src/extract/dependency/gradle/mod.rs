//! Dependencies of Gradle builds (`*.gradle`, `*.gradle.kts`): coordinates as text, as a map, and from the version
//! catalog; versions in properties and variables of the build; `gradle.lockfile`. Projects and files of the own build
//! are none, and what a plugin adds is not seen.

mod catalog;
mod script;

use std::collections::BTreeMap;

use super::lock::Pin;
use super::{Dependency, locked};
use crate::budget::{Budget, Limits, short};
use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::document::properties;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

use catalog::Catalog;
use ci_feed_dossier::evidence::Evidence;
use script::{Declared, GradleToken, Part};

/// Versions made of versions.
const NESTED: Limits = Limits::nested(8);

/// All direct dependencies of every build script.
pub(super) fn extract(corpus: &Corpus, found: &mut Found) {
    let is_script = |file: &&SourceFile| {
        let name = file.name();
        (name.ends_with(".gradle") || name.ends_with(".gradle.kts")) && !name.starts_with("settings.gradle")
    };
    let scripts: Vec<(&SourceFile, Vec<GradleToken>)> =
        corpus.application().filter(is_script).map(|file| (file, script::tokens(&file.text()))).collect();
    let mut values: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for (file, tokens) in &scripts {
        let of_folder = values.entry(file.folder()).or_default();
        for (name, value) in script::assigned(tokens) {
            of_folder.entry(name).or_insert(value);
        }
    }
    for file in corpus.application().filter(|file| file.name() == "gradle.properties") {
        let of_folder = values.entry(file.folder()).or_default();
        of_folder.extend(properties::parse(&file.text()).into_iter().map(|one| (one.key, one.value)));
    }
    let catalogs = catalog::all(corpus);
    for (file, tokens) in &scripts {
        let catalog = catalog::nearest(&catalogs, file.folder());
        let pins = pins(corpus, file.folder());
        for declared in script::declared(tokens) {
            one((file, catalog), &declared, &values, &pins, found);
        }
    }
}

/// A package that a call names.
struct Named {
    name: String,
    version: Option<String>,
    line: u32,
    /// Where the catalog says it.
    evidence: Option<Evidence>,
}

fn one(
    (file, catalog): (&SourceFile, Option<&Catalog<'_>>),
    declared: &Declared,
    values: &BTreeMap<&str, BTreeMap<String, String>>,
    pins: &BTreeMap<String, Option<Pin>>,
    found: &mut Found,
) {
    let words = |name: &str| declared.arguments.iter().any(|token| token.kind == Part::Word(name.to_owned()));
    let is_platform = words("platform") || words("enforcedPlatform");
    let scope = if declared.is_of_build { "build" } else { declared.configuration.as_str() };
    for named in named(catalog, &declared.arguments) {
        let fill = |text: &str| filled(text, file.folder(), values, &NESTED.start());
        let Some(name) = fill(&named.name).filter(|name| is_coordinate(name)) else { continue };
        let requirement = named.version.as_deref().map(|version| fill(version).unwrap_or_else(|| version.to_owned()));
        let is_managed = requirement.is_none();
        let evidence = file.lines(named.line, named.line);
        let mut fact = Dependency { ecosystem: "maven", name: &name, scope, requirement, evidence }.fact(file);
        fact.evidence.extend(named.evidence);
        if is_managed {
            fact = fact.with("managed", true);
        }
        if is_platform {
            fact = fact.with("platform", true);
        }
        found.facts.push(locked(fact, pins.get(&name).cloned().flatten()));
    }
}

/// `group:artifact` without anything that is computed.
fn is_coordinate(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_'))
    };
    name.split_once(':').is_some_and(|(group, artifact)| is_part(group) && is_part(artifact))
}

/// The packages that the arguments of a call name.
fn named(catalog: Option<&Catalog<'_>>, arguments: &[GradleToken]) -> Vec<Named> {
    let mut out = Vec::new();
    let field = |name: &str| {
        arguments.windows(3).find_map(|window| match window {
            [
                GradleToken { kind: Part::Word(key), .. },
                GradleToken { kind: Part::Sign(':' | '='), .. },
                GradleToken { kind, line, .. },
            ] if key == name => match kind {
                Part::Text(value) => Some((value.clone(), *line)),
                Part::Word(variable) => Some((format!("${{{variable}}}"), *line)),
                Part::Sign(_) => None,
            },
            _ => None,
        })
    };
    if let (Some((group, line)), Some((name, _))) = (field("group"), field("name")) {
        let version = field("version").map(|(version, _)| version);
        out.push(Named { name: format!("{group}:{name}"), version, line, evidence: None });
        return out;
    }
    let mut before = "";
    for (at, token) in arguments.iter().enumerate() {
        match &token.kind {
            Part::Text(text)
                if !matches!(before, "project" | "files" | "fileTree" | "path" | "exclude" | "because") =>
            {
                let text = text.split('@').next().unwrap_or(text);
                let (name, version) = coordinates(text);
                let added = arguments.get(at + 1).zip(arguments.get(at + 2));
                // `"g:a:" + version`
                let version = match added {
                    Some((
                        GradleToken { kind: Part::Sign('+'), .. },
                        GradleToken { kind: Part::Word(variable), .. },
                    )) => Some(format!("${{{variable}}}")),
                    _ => version,
                };
                match (name, before) {
                    (Some(name), _) => out.push(Named { name, version, line: token.line, evidence: None }),
                    (None, "kotlin") => {
                        let name = format!("org.jetbrains.kotlin:kotlin-{text}");
                        out.push(Named { name, version: None, line: token.line, evidence: None });
                    }
                    _ => {}
                }
            }
            Part::Word(word) => {
                out.extend(catalog.map(|catalog| catalog.libraries(word)).into_iter().flatten().map(|library| Named {
                    name: library.name,
                    version: library.version,
                    line: token.line,
                    evidence: Some(library.evidence),
                }));
                before = word;
            }
            _ => {}
        }
    }
    out
}

/// `g:a:v`, `g:a`, `g:a:v:classifier`; colons inside of a placeholder are none of them.
fn coordinates(text: &str) -> (Option<String>, Option<String>) {
    let mut parts: Vec<String> = vec![String::new()];
    let mut open = 0_u32;
    for letter in text.chars() {
        match letter {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        if letter == ':' && open == 0 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    match parts.as_slice() {
        [group, artifact, rest @ ..] if !group.is_empty() && !artifact.is_empty() => {
            let version = rest.first().filter(|version| !version.is_empty()).cloned();
            (Some(format!("{group}:{artifact}")), version)
        }
        _ => (None, None),
    }
}

/// A text with `$name` and `${name}` filled in from the variables of the folder and those above it.
fn filled(
    text: &str,
    folder: &str,
    values: &BTreeMap<&str, BTreeMap<String, String>>,
    budget: &Budget,
) -> Option<String> {
    let Some((before, after)) = text.split_once('$') else { return Some(text.to_owned()) };
    let budget = &budget.deeper()?;
    let (name, rest) = match after.strip_prefix('{') {
        Some(inner) => inner.split_once('}')?,
        None => after
            .split_at(after.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(after.len())),
    };
    let name = name.trim();
    let last = ["rootProject.ext.", "rootProject.", "project.ext.", "project.", "ext.", "versions."]
        .iter()
        .find_map(|start| name.strip_prefix(start))
        .unwrap_or(name);
    // `property('x')`, `ext['x']`
    let last = last.split(['\'', '"']).nth(1).unwrap_or(last);
    let value = upwards(folder).find_map(|at| values.get(at)?.get(last))?;
    let value = filled(value, folder, values, budget)?;
    short(format!("{before}{value}{}", filled(rest, folder, values, budget)?))
}

/// What the lock file next to a script pins, by package; `None` where it pins several versions.
fn pins(corpus: &Corpus, folder: &str) -> BTreeMap<String, Option<Pin>> {
    let Some(file) = corpus.file(&inside(folder, "gradle.lockfile")) else { return BTreeMap::new() };
    let mut pins = BTreeMap::new();
    for (line, number) in file.text().lines().zip(1_u32..) {
        let Some((name, version)) = line.split_once('=').and_then(|(pinned, _)| pinned.rsplit_once(':')) else {
            continue;
        };
        let pin = || Pin { version: version.to_owned(), evidence: file.lines(number, number) };
        pins.entry(name.to_owned()).and_modify(|pin| *pin = None).or_insert_with(|| Some(pin()));
    }
    pins
}
