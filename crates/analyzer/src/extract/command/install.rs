//! How the dependencies of a folder are installed: never stated, always inferred from a manifest or lock file.

use crate::fact::Found;
use crate::tree::corpus::Corpus;
use crate::tree::path::{inside, upwards};

use super::{Command, node};

/// A file, the command that it calls for, the program, the rule. The first that fits a folder wins.
const PYTHON: &[(&str, &str, &str, &str)] = &[
    ("uv.lock", "uv sync", "uv", "install-from-uv-lock"),
    ("poetry.lock", "poetry install", "poetry", "install-from-poetry-lock"),
    ("pdm.lock", "pdm install", "pdm", "install-from-pdm-lock"),
    ("Pipfile", "pipenv install", "pipenv", "install-from-pipfile"),
    ("requirements.txt", "pip install -r requirements.txt", "pip", "install-from-requirements"),
    ("go.mod", "go mod download", "go", "install-from-go-mod"),
];

pub(super) fn extract(corpus: &Corpus, found: &mut Found) {
    let mut last_folder = None;
    for file in corpus.application() {
        let folder = file.folder();
        let needs = ["dependencies", "devDependencies", "workspaces"];
        if file.name() == "package.json" && needs.iter().any(|key| file.document().root().get(key).is_some()) {
            let manager = node::manager(corpus, folder);
            let rule = manager.rule.unwrap_or("package-manager-installs");
            let command = Command {
                kind: "install",
                line: format!("{} install", manager.name),
                manager: manager.name,
                cwd: folder,
            };
            let mut fact = command.inferred(rule, file.exists());
            fact.evidence.extend(manager.evidence);
            found.facts.push(fact);
        }
        if file.name() == "pyproject.toml"
            && file.document().root().get("project").is_some()
            && !has_lock(corpus, folder)
        {
            let (kind, line, cwd) = ("install", "pip install .".to_owned(), folder);
            let command = Command { kind, line, manager: "pip", cwd };
            found.facts.push(command.inferred("install-from-pyproject", file.exists()));
        }
        if last_folder == Some(folder) || !PYTHON.iter().any(|(name, ..)| *name == file.name()) {
            continue;
        }
        last_folder = Some(folder);
        let fits = PYTHON.iter().find_map(|rule| Some((rule, corpus.file(&inside(folder, rule.0))?)));
        if let Some(((_, line, manager, rule), anchor)) = fits {
            let command = Command { kind: "install", line: (*line).to_owned(), manager, cwd: folder };
            found.facts.push(command.inferred(rule, anchor.exists()));
        }
    }
}

/// Whether a file beside a `pyproject.toml`, or around it, says better how to install.
fn has_lock(corpus: &Corpus, folder: &str) -> bool {
    let is_lock = |at: &str, name: &str| name != "go.mod" && corpus.has_path(&inside(at, name));
    upwards(folder).any(|at| PYTHON.iter().any(|(name, ..)| is_lock(at, name)))
}
