//! Scripts of `package.json`, run by the manager that `packageManager` names or a lock file betrays.

use ci_feed_dossier::evidence::Evidence;

use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;
use crate::tree::path::{inside, upwards};

use super::{Command, kind};

/// Lock files and the manager that writes each.
pub(crate) const LOCKS: [(&str, &str); 6] = [
    ("pnpm-lock.yaml", "pnpm"),
    ("yarn.lock", "yarn"),
    ("bun.lockb", "bun"),
    ("bun.lock", "bun"),
    ("package-lock.json", "npm"),
    ("npm-shrinkwrap.json", "npm"),
];

/// Who runs the scripts of a folder, and how that is known.
pub(crate) struct Manager {
    pub(crate) name: &'static str,
    pub(crate) evidence: Option<Evidence>,
    /// The rule, when it is inferred.
    pub(crate) rule: Option<&'static str>,
}

pub(super) fn extract(corpus: &Corpus, file: &SourceFile, found: &mut Found) {
    let root = file.document().root();
    let manager = manager(corpus, file.folder());
    for entry in root.get("scripts").map(|scripts| scripts.entries()).unwrap_or_default() {
        let Some(body) = entry.value.as_str() else { continue };
        let line = call(manager.name, &entry.key);
        let command =
            Command { kind: kind::of_script(&entry.key, body), line, manager: manager.name, cwd: file.folder() };
        let evidence = file.lines(entry.line, entry.value.end_line);
        let mut fact = match manager.rule {
            Some(rule) => command.inferred(rule, evidence),
            None => command.fact(evidence),
        };
        fact.evidence.extend(manager.evidence.clone());
        found.facts.push(fact.with("script", entry.key.as_str()).with("runs", body));
    }
}

/// What the script does that a command line runs, and where that stands: of the nearest `package.json` upwards, else of the
/// only one that has it.
pub(super) fn script_of(corpus: &Corpus, folder: &str, line: &str) -> Option<(String, Evidence)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let script = match words.as_slice() {
        ["npm" | "pnpm" | "yarn" | "bun", "run" | "run-script", script, ..] => script,
        ["npm" | "pnpm" | "yarn", script, ..] => script,
        _ => return None,
    };
    let of = |manifest: &SourceFile| {
        let scripts = manifest.document().root().get("scripts")?.entries();
        let entry = scripts.iter().find(|entry| entry.key == *script)?;
        Some((entry.value.as_str()?.to_owned(), manifest.lines(entry.line, entry.value.end_line)))
    };
    let nearest = upwards(folder).find_map(|at| corpus.file(&inside(at, "package.json")));
    nearest.and_then(of).or_else(|| {
        let mut all = corpus.application().filter(|file| file.name() == "package.json").filter_map(of);
        all.next().filter(|_| all.next().is_none())
    })
}

/// The way each manager is told to run a script.
fn call(manager: &str, script: &str) -> String {
    match (manager, script) {
        ("npm", "test" | "start") => format!("npm {script}"),
        ("yarn", _) => format!("yarn {script}"),
        _ => format!("{manager} run {script}"),
    }
}

/// The manager of a folder: the nearest `packageManager` field or lock file, upwards; npm when nothing says.
pub(crate) fn manager(corpus: &Corpus, folder: &str) -> Manager {
    for at in upwards(folder) {
        let path = |name: &str| inside(at, name);
        if let Some(package) = corpus.file(&path("package.json")) {
            let field = package.document().root().entry("packageManager");
            let named = field.and_then(|entry| Some((entry, known(entry.value.as_str()?.split('@').next()?)?)));
            if let Some((entry, name)) = named {
                return Manager { name, evidence: Some(package.lines(entry.line, entry.line)), rule: None };
            }
        }
        for (lock, name) in LOCKS {
            let lock = path(lock);
            if corpus.has_path(&lock) {
                let evidence = corpus.file(&lock).map(SourceFile::exists);
                return Manager { name, evidence, rule: Some("package-manager-from-lock-file") };
            }
        }
    }
    Manager { name: "npm", evidence: None, rule: Some("package-manager-npm-by-default") }
}

fn known(name: &str) -> Option<&'static str> {
    ["npm", "yarn", "pnpm", "bun"].into_iter().find(|known| *known == name)
}
