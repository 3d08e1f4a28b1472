//! Versions that lock files pin: package-lock, bun.lock, yarn.lock, pnpm-lock, Cargo.lock, poetry/uv/pdm.lock,
//! Pipfile.lock, composer.lock, Gemfile.lock.
//! Each lock is read once; a pin that is not unambiguous is left out.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;

use crate::tree::corpus::Corpus;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;
use crate::tree::path::upwards;

use super::catalog::Catalogs;
use super::pep508;

/// A pinned version and the lines that pin it.
#[derive(Clone)]
pub(super) struct Pin {
    pub(super) version: String,
    pub(super) evidence: Evidence,
}

/// Name (or another key of the format) to the versions and lines of one lock file.
struct Lock<'c> {
    file: &'c SourceFile,
    pins: BTreeMap<String, Vec<(String, u32)>>,
}

/// All lock files, by who reads them and the folder that they lie in.
pub(super) struct Locks<'c> {
    pub(super) catalogs: Catalogs<'c>,
    by_reader: BTreeMap<&'static str, BTreeMap<&'c str, Lock<'c>>>,
}

impl<'c> Locks<'c> {
    pub(super) fn read(corpus: &'c Corpus) -> Self {
        let mut by_reader: BTreeMap<&str, BTreeMap<&str, Lock<'_>>> = BTreeMap::new();
        for file in corpus.application() {
            let root = || file.document().root();
            let (of, pins) = match file.name() {
                "package-lock.json" | "npm-shrinkwrap.json" => ("npm", npm_pins(root())),
                "bun.lock" => ("npm", bun_pins(root())),
                "yarn.lock" => ("yarn", yarn_pins(&file.text())),
                "pnpm-lock.yaml" => ("pnpm", pnpm_pins(root())),
                "Cargo.lock" => ("cargo", package_pins(root(), &["package"], str::to_owned)),
                "poetry.lock" | "uv.lock" | "pdm.lock" => ("python", package_pins(root(), &["package"], str::to_owned)),
                "Pipfile.lock" => ("python", pipfile_pins(root())),
                "composer.lock" => {
                    ("composer", package_pins(root(), &["packages", "packages-dev"], str::to_ascii_lowercase))
                }
                "Gemfile.lock" | "gems.locked" => ("gem", gem_pins(&file.text())),
                _ => continue,
            };
            by_reader.entry(of).or_default().entry(file.folder()).or_insert(Lock { file, pins });
        }
        Self { catalogs: Catalogs(corpus), by_reader }
    }

    fn at(&self, of: &str, folder: &str) -> Option<&Lock<'c>> {
        self.by_reader.get(of)?.get(folder)
    }

    fn nearest(&self, of: &str, folder: &str) -> Option<&Lock<'c>> {
        upwards(folder).find_map(|at| self.at(of, at))
    }

    /// The one version of a package in the nearest lock: of `python`, `gem`, `composer`.
    pub(super) fn pin(&self, of: &str, folder: &str, name: &str) -> Option<Pin> {
        self.nearest(of, folder)?.only(name)
    }

    /// The pin of an npm package for a manifest in `folder`.
    pub(super) fn npm(&self, folder: &str, name: &str, requirement: &str) -> Option<Pin> {
        upwards(folder).find_map(|at| {
            let below = folder.strip_prefix(at).unwrap_or(folder).trim_start_matches('/');
            let importer = if below.is_empty() { "." } else { below };
            let npm = || {
                let lock = self.at("npm", at)?;
                let own = format!("{below}/node_modules/{name}");
                lock.only(own.trim_start_matches('/')).or_else(|| lock.only(&format!("node_modules/{name}")))
            };
            let yarn = || {
                let lock = self.at("yarn", at)?;
                lock.only(&format!("{name}@{requirement}")).or_else(|| lock.only(&format!("{name}@npm:{requirement}")))
            };
            npm().or_else(yarn).or_else(|| self.at("pnpm", at)?.only(&format!("{importer} {name}")))
        })
    }

    /// The pin of a crate; of several versions the one that the requirement allows.
    pub(super) fn cargo(&self, folder: &str, name: &str, requirement: Option<&str>) -> Option<Pin> {
        let lock = self.nearest("cargo", folder)?;
        let pins = lock.pins.get(name)?;
        let fitting: Vec<_> = match requirement {
            Some(requirement) if pins.len() > 1 => {
                pins.iter().filter(|(version, _)| compatible(requirement, version)).collect()
            }
            _ => pins.iter().collect(),
        };
        match fitting.as_slice() {
            [one] => Some(lock.pin(one)),
            _ => None,
        }
    }
}

impl Lock<'_> {
    fn only(&self, key: &str) -> Option<Pin> {
        match self.pins.get(key)?.as_slice() {
            [one] => Some(self.pin(one)),
            _ => None,
        }
    }

    fn pin(&self, (version, line): &(String, u32)) -> Pin {
        Pin { version: version.clone(), evidence: self.file.lines(*line, *line) }
    }
}

type Pins = BTreeMap<String, Vec<(String, u32)>>;

/// Version 2 and 3 list install paths, version 1 a tree of names.
fn npm_pins(root: &Node) -> Pins {
    let mut pins = Pins::new();
    let listed =
        root.get("packages").map(Node::entries).unwrap_or_default().iter().map(|entry| (entry.key.clone(), entry));
    let tree = root.get("dependencies").map(Node::entries).unwrap_or_default().iter();
    let tree = tree.map(|entry| (format!("node_modules/{}", entry.key), entry));
    let has_list = root.get("packages").is_some();
    for (key, entry) in listed.chain(tree.filter(|_| !has_list)) {
        if let Some(version) = entry.value.entry("version")
            && let Some(text) = version.value.as_str()
        {
            pins.entry(key).or_default().push((text.to_owned(), version.line));
        }
    }
    pins
}

/// `"name": ["name@1.2.3", ...]`; a package inside of another is `"outer/name"`.
fn bun_pins(root: &Node) -> Pins {
    let mut pins = Pins::new();
    for entry in root.get("packages").map(Node::entries).unwrap_or_default() {
        let first = entry.value.items().first().and_then(Node::as_str);
        if let Some((_, version)) = first.and_then(|first| first.rsplit_once('@')) {
            let key = format!("node_modules/{}", entry.key);
            pins.entry(key).or_default().push((version.to_owned(), entry.line));
        }
    }
    pins
}

/// `"a@^1", a@^1.2:` and then `  version "1.2.3"` (classic) or `  version: 1.2.3` (berry).
fn yarn_pins(text: &str) -> Pins {
    let mut pins = Pins::new();
    let mut keys: Vec<String> = Vec::new();
    for (line, number) in text.lines().zip(1_u32..) {
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            let header = line.trim_end_matches(':').trim_matches('"');
            keys = header.split(", ").map(|key| key.trim_matches('"').to_owned()).collect();
        } else if let Some(version) = line.strip_prefix("  version") {
            let version = version.trim_start_matches(':').trim().trim_matches('"');
            for key in keys.drain(..) {
                pins.entry(key).or_default().push((version.to_owned(), number));
            }
        }
    }
    pins
}

/// Keyed `<importer> <name>`; the peers in `1.2.3(react@18)` are cut off.
fn pnpm_pins(root: &Node) -> Pins {
    let mut pins = Pins::new();
    let importers = root.get("importers").map(Node::entries).unwrap_or_default();
    let importers = importers.iter().map(|entry| (entry.key.as_str(), &entry.value));
    for (importer, sections) in importers.chain(std::iter::once((".", root))) {
        for section in ["dependencies", "devDependencies", "optionalDependencies"] {
            for entry in sections.get(section).map(Node::entries).unwrap_or_default() {
                let version = entry.value.entry("version");
                let (text, line) = match version {
                    Some(version) => (version.value.scalar(), version.line),
                    None => (entry.value.scalar(), entry.line),
                };
                if let Some(text) = text {
                    let version = text.split(['(', '_']).next().unwrap_or(&text).to_owned();
                    pins.entry(format!("{importer} {}", entry.key)).or_default().push((version, line));
                }
            }
        }
    }
    pins
}

/// Lists of packages with name and version: Cargo, Poetry, uv, PDM, Composer.
fn package_pins(root: &Node, sections: &[&str], spelled: fn(&str) -> String) -> Pins {
    let mut pins = Pins::new();
    for package in sections.iter().flat_map(|section| root.get(section).map(Node::items).unwrap_or_default()) {
        let name = package.get("name").and_then(Node::as_str);
        if let (Some(name), Some(version)) = (name, package.entry("version"))
            && let Some(text) = version.value.as_str()
        {
            pins.entry(spelled(name)).or_default().push((text.to_owned(), version.line));
        }
    }
    pins
}

fn pipfile_pins(root: &Node) -> Pins {
    let mut pins = Pins::new();
    for section in ["default", "develop"] {
        for entry in root.get(section).map(Node::entries).unwrap_or_default() {
            if let Some(version) = entry.value.entry("version")
                && let Some(text) = version.value.as_str()
            {
                let pin = (text.trim_start_matches("==").to_owned(), version.line);
                pins.entry(pep508::normalise(&entry.key)).or_insert_with(|| vec![pin]);
            }
        }
    }
    pins
}

/// Cargo's default rule: the same left-most part that is not zero.
fn compatible(requirement: &str, version: &str) -> bool {
    let numbers = |text: &str| -> Vec<u64> {
        let text = text.trim_start_matches(['^', '=', '~', ' ']);
        text.split(['.', '-', '+']).map_while(|part| part.parse().ok()).collect()
    };
    let (want, have) = (numbers(requirement), numbers(version));
    let significant = want.iter().position(|part| *part != 0).map_or(want.len(), |at| at + 1);
    !want.is_empty() && have.len() >= want.len() && want[..significant] == have[..significant] && have >= want
}

/// `    rails (7.1.2)` below `specs:`; builds for several platforms are one version.
fn gem_pins(source: &str) -> BTreeMap<String, Vec<(String, u32)>> {
    let mut pins: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
    let mut is_specs = false;
    for (line, number) in source.lines().zip(1_u32..) {
        if !line.starts_with(' ') {
            is_specs = false;
        } else if line == "  specs:" {
            is_specs = true;
        }
        let Some(entry) = line.strip_prefix("    ").filter(|entry| is_specs && !entry.starts_with(' ')) else {
            continue;
        };
        let Some((name, version)) = entry.split_once(" (") else { continue };
        let version = version.trim_end_matches([')', '!']);
        let version = version.split('-').next().unwrap_or(version).to_owned();
        let known = pins.entry(name.to_owned()).or_default();
        if !known.iter().any(|(other, _)| *other == version) {
            known.push((version, number));
        }
    }
    pins
}
