//! Commands that name a file of the repository: scripts by path, `cp .env.example .env`, compose files, `go run`.

use crate::analyzer::document::Node;

use super::{Call, Context, Ruling, resolve};

/// Programs that run the file that is named first.
const INTERPRETERS: &[&str] =
    &["bash", "sh", "zsh", "node", "python", "python3", "ts-node", "tsx", "ruby", "php", "perl", "deno"];

/// Folders that builds and tools fill.
const BUILT: &[&str] = &["target", "build", "dist", "out", "bin", "node_modules", ".venv", "venv", "env", "vendor"];

pub(super) fn rule(context: &Context<'_>, call: &Call<'_>) -> Option<Ruling> {
    match call.words.as_slice() {
        ["cp", source, _] => sample(context, call, source),
        ["docker", "compose", rest @ ..] | ["docker-compose", rest @ ..] => compose(context, call, rest),
        ["go", "run" | "build" | "test" | "vet", rest @ ..] => go(context, call, rest),
        [program, script, ..] if INTERPRETERS.contains(program) && is_path(script) && script.contains('.') => {
            Some(file(context, call, script))
        }
        [script, ..] if script.starts_with("./") && is_path(script) => Some(file(context, call, script)),
        _ => None,
    }
}

fn is_path(word: &str) -> bool {
    !word.starts_with(['-', '/', '~']) && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
}

fn file(context: &Context<'_>, call: &Call<'_>, script: &str) -> Ruling {
    for folder in call.folders() {
        let Some(path) = resolve(folder, script) else { continue };
        if let Some(file) = context.corpus.file(&path) {
            return Ruling::verified(format!("`{path}` is there"), file.exists());
        }
        if context.corpus.has_path(&path) || context.corpus.has_folder(&path) {
            return Ruling::unverifiable(format!("`{path}` exists, but is not a file that is read"));
        }
    }
    let path = resolve(&call.folder, script).unwrap_or_default();
    let parent = path.rsplit_once('/').map(|(folder, _)| folder);
    let built = path.split('/').any(|part| BUILT.contains(&part));
    let name = path.rsplit('/').next().unwrap_or(&path);
    let moved = context.corpus.files().iter().any(|one| one.name() == name);
    match parent {
        // Next to its old neighbours it was most likely renamed or removed; anything else may be made by a step.
        Some(parent) if context.corpus.has_folder(parent) && !built && !moved => {
            Ruling::missing(call, format!("`{parent}` holds no `{name}`"), Vec::new())
        }
        _ if moved => {
            Ruling::unverifiable(format!("there is no `{path}`, but a file of that name lies in another folder"))
        }
        _ => Ruling::unverifiable(format!("there is no `{path}` in this tree; another step may make it")),
    }
}

/// `cp .env.example .env`: the sample has to be there.
fn sample(context: &Context<'_>, call: &Call<'_>, source: &str) -> Option<Ruling> {
    let name = source.rsplit('/').next().unwrap_or(source);
    if !crate::analyzer::claims::is_env_sample(name) {
        return None;
    }
    let found = call.folders().into_iter().find_map(|folder| context.file_in(folder, source));
    let elsewhere = context.corpus.files().iter().any(|one| one.name() == name);
    Some(match found {
        Some(file) => Ruling::verified(format!("`{}` is there", file.path), file.exists()),
        None if elsewhere => Ruling::unverifiable("a file of that name lies in another folder"),
        None => Ruling::missing(call, format!("there is no `{source}` in this tree"), Vec::new()),
    })
}

fn compose(context: &Context<'_>, call: &Call<'_>, rest: &[&str]) -> Option<Ruling> {
    let command = rest.first()?;
    if !matches!(*command, "up" | "build" | "run" | "exec" | "logs" | "start" | "restart") {
        return None;
    }
    let names = ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"];
    let file =
        call.folders().into_iter().find_map(|folder| names.iter().find_map(|name| context.file_in(folder, name)));
    let Some(file) = file else { return Some(Ruling::unverifiable("there is no compose file where it would run")) };
    let services = file.document().root().get("services").map(Node::entries).unwrap_or_default();
    match rest[1..].iter().find(|word| !word.starts_with('-')) {
        None => Some(Ruling::verified(format!("`{}` is there", file.path), file.exists())),
        Some(service) => Some(match services.iter().find(|entry| entry.key == **service) {
            Some(entry) => Ruling::verified("the service is defined", file.lines(entry.line, entry.line)),
            None => Ruling::unverifiable(format!(
                "`{}` defines no service `{service}`; another compose file may",
                file.path
            )),
        }),
    }
}

fn go(context: &Context<'_>, call: &Call<'_>, rest: &[&str]) -> Option<Ruling> {
    let target = rest.iter().rev().find(|word| word.starts_with('.') || word.ends_with(".go"))?;
    let folder = resolve(&call.folder, target.trim_end_matches("...").trim_end_matches('/'))?;
    let module = call.folders().into_iter().find_map(|folder| context.file_in(folder, "go.mod"))?;
    let there = context.corpus.has_folder(&folder) || context.corpus.has_path(&folder);
    Some(if there {
        Ruling::verified(format!("`{}` is there, and so is what it names", module.path), module.exists())
    } else {
        Ruling::unverifiable(format!("there is no `{folder}` in this tree"))
    })
}
