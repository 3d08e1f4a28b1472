//! `cargo run --bin x`, `--example`, `-p`, `--features`, aliases and the plain commands, against every manifest and
//! cargo's layout.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

use crate::tree::document::Node;

use super::{ClaimedCommand, Context, Ruling, option};

/// Commands that need nothing but a package.
const PLAIN: &[&str] =
    &["build", "b", "test", "t", "check", "c", "run", "r", "bench", "doc", "fmt", "clippy", "install"];

/// Every crate of the tree.
pub(super) struct Crates<'c> {
    packages: BTreeMap<&'c str, Evidence>,
    programs: BTreeMap<String, Evidence>,
    examples: BTreeMap<String, Evidence>,
    features: BTreeMap<&'c str, Evidence>,
    aliases: BTreeMap<&'c str, &'c Evidence>,
    /// Optional dependencies are features too.
    dependencies: BTreeSet<&'c str>,
}

impl<'c> Crates<'c> {
    fn new(context: &Context<'c>) -> Self {
        let mut crates = Self {
            packages: BTreeMap::new(),
            programs: BTreeMap::new(),
            examples: BTreeMap::new(),
            features: BTreeMap::new(),
            aliases: BTreeMap::new(),
            dependencies: BTreeSet::new(),
        };
        for file in context.named("Cargo.toml") {
            let root = file.document().root();
            let name = root.entry_at(&["package", "name"]);
            if let Some((entry, name)) = name.and_then(|entry| Some((entry, entry.value.as_str()?))) {
                crates.packages.insert(name, file.lines(entry.line, entry.line));
                let main = super::resolve(file.folder(), "src/main.rs").and_then(|path| context.corpus.file(&path));
                if let Some(main) = main {
                    crates.programs.insert(name.to_owned(), main.exists());
                }
            }
            for (list, into) in [("bin", &mut crates.programs), ("example", &mut crates.examples)] {
                for entry in
                    root.get(list).map(Node::items).unwrap_or_default().iter().filter_map(|item| item.entry("name"))
                {
                    if let Some(name) = entry.value.as_str() {
                        into.insert(name.to_owned(), file.lines(entry.line, entry.line));
                    }
                }
            }
            for entry in root.get("features").map(Node::entries).unwrap_or_default() {
                crates.features.insert(&entry.key, file.lines(entry.line, entry.value.end_line));
            }
            let tables = [&["dependencies"][..], &["workspace", "dependencies"]];
            let names = tables.iter().filter_map(|path| root.at(path)).flat_map(Node::entries);
            crates.dependencies.extend(names.map(|entry| entry.key.as_str()));
        }
        // Programs and examples by their place.
        for file in context.corpus.files().iter().filter(|file| file.path.ends_with(".rs")) {
            let stem = |name: &str| name.strip_suffix(".rs").map(str::to_owned);
            let folder = file.folder();
            let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
            let into = |place: &str| place.ends_with("src/bin");
            if into(folder) {
                crates.programs.extend(stem(file.name()).map(|name| (name, file.exists())));
            } else if into(above) && file.name() == "main.rs" {
                crates.programs.insert(last.to_owned(), file.exists());
            } else if last == "examples" {
                crates.examples.extend(stem(file.name()).map(|name| (name, file.exists())));
            } else if (above == "examples" || above.ends_with("/examples")) && file.name() == "main.rs" {
                crates.examples.insert(last.to_owned(), file.exists());
            }
        }
        for fact in context.facts.iter().filter(|fact| fact.kind == FactKind::Command) {
            for (attr, is_alias) in [("alias", true), ("bin", false)] {
                if let (Some(name), Some(evidence)) =
                    (fact.attrs.get(attr).and_then(|name| name.as_str()), fact.evidence.first())
                {
                    if is_alias {
                        crates.aliases.insert(name, evidence);
                    } else {
                        crates.programs.entry(name.to_owned()).or_insert_with(|| evidence.clone());
                    }
                }
            }
        }
        crates
    }
}

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    let ["cargo", rest @ ..] = call.words.as_slice() else { return None };
    let rest: Vec<&str> = rest.iter().copied().filter(|word| !word.starts_with('+')).collect();
    let (command, options) = rest.split_first()?;
    let crates = call.indexes.cargo.get_or_init(|| Crates::new(context));
    if let Some(evidence) = crates.aliases.get(*command) {
        return Some(Ruling::verified("it is an alias of this repository", (*evidence).clone()));
    }
    if !PLAIN.contains(command) || options.contains(&"--git") {
        return None;
    }
    // Installing by name asks the registry.
    if *command == "install" && option(options, &["--path"]).is_none() {
        return None;
    }
    let folder = option(options, &["--path"])
        .or(option(options, &["--manifest-path"]))
        .map(|path| path.trim_end_matches("Cargo.toml"));
    let manifest = match folder {
        Some(folder) => context.file_in(&call.folder, &format!("{folder}/Cargo.toml")),
        None => call.find(context, &["Cargo.toml"]),
    };
    let Some(manifest) = manifest else {
        return Some(Ruling::unverifiable("there is no Cargo.toml where it would run"));
    };
    let anchor = || vec![manifest.exists()];
    let found = |evidence: &Evidence, what: &str| Ruling::verified(what.to_owned(), evidence.clone());
    let mut verdict = None;
    if let Some(name) = option(options, &["-p", "--package"]).map(|name| name.split('@').next().unwrap_or(name)) {
        match crates.packages.get(name) {
            Some(evidence) => verdict = Some(found(evidence, "the package is here")),
            // A package specification may also name a dependency.
            None if crates.dependencies.contains(name) => {
                return Some(Ruling::unverifiable(format!("`{name}` is a dependency")));
            }
            None => {
                return Some(Ruling::missing(call, format!("no package of this tree is called `{name}`"), anchor()));
            }
        }
    }
    if let Some(name) = option(options, &["--bin"]) {
        match crates.programs.get(name) {
            Some(evidence) => verdict = Some(found(evidence, "the program is here")),
            None => {
                return Some(Ruling::missing(
                    call,
                    format!("no package of this tree has a program `{name}`"),
                    anchor(),
                ));
            }
        }
    }
    if let Some(name) = option(options, &["--example"]) {
        match crates.examples.get(name).or_else(|| crates.packages.get(name)) {
            Some(evidence) => verdict = Some(found(evidence, "the example is here")),
            None => {
                return Some(Ruling::missing(
                    call,
                    format!("no package of this tree has an example `{name}`"),
                    anchor(),
                ));
            }
        }
    }
    if let Some(features) = option(options, &["--features", "-F"]) {
        for feature in features.split([',', ' ']).filter(|feature| !feature.is_empty()) {
            let (package, feature) = feature.rsplit_once('/').unwrap_or(("", feature));
            if !package.is_empty() && !crates.packages.contains_key(package) {
                continue;
            }
            match crates.features.get(feature) {
                Some(evidence) => verdict = verdict.or_else(|| Some(found(evidence, "the feature is here"))),
                None if crates.dependencies.contains(feature) => {}
                None => {
                    return Some(Ruling::missing(
                        call,
                        format!("no package of this tree has a feature `{feature}`"),
                        anchor(),
                    ));
                }
            }
        }
    }
    Some(verdict.unwrap_or_else(|| Ruling::verified(format!("`{}` is there", manifest.path), manifest.exists())))
}
