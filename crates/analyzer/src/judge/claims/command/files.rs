//! Commands that name a file of the repository: scripts by path, `cp .env.example .env`, test files.

use ci_feed_dossier::evidence::Evidence;

use super::{ClaimedCommand, Context, Ruling, resolve};
use crate::tree::path::{inside, upwards};

/// Programs that run the file that is named first.
const INTERPRETERS: &[&str] = &[
    "bash", "sh", "zsh", "node", "python", "python3", "ts-node", "tsx", "ruby", "php", "perl", "deno", "source", ".",
    "py", "pytest",
];

/// Folders that builds and tools fill.
pub(in crate::judge::claims) const BUILT: &[&str] = &[
    "target",
    "build",
    "dist",
    "out",
    "node_modules",
    ".venv",
    "venv",
    "env",
    "vendor",
    "tmp",
    "_build",
    "public",
    "result",
];

/// Endings of programs that builds make and releases bring.
const PROGRAMS: &[&str] =
    &["exe", "jar", "war", "AppImage", "deb", "rpm", "phar", "bin", "so", "dll", "whl", "msi", "run", "pyz", "wasm"];

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    match call.words.as_slice() {
        ["cp" | "copy" | "mv", source, _] => sample(context, call, source),
        ["docker" | "podman" | "buildah", "build", rest @ ..] | ["docker", "buildx", "build", rest @ ..] => {
            docker_build(context, call, rest)
        }
        [program, script, ..] if INTERPRETERS.contains(program) && is_path(script) && script.contains('.') => {
            let script = script.split("::").next().unwrap_or(script);
            Some(file(context, call, script))
        }
        [script, ..] if is_path(script) && (script.starts_with("./") || in_folder(context, call, script)) => {
            Some(file(context, call, script))
        }
        _ => None,
    }
}

fn is_path(word: &str) -> bool {
    !word.starts_with(['-', '/', '~']) && word.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:+".contains(c))
}

/// `bin/setup`, `scripts/test`: called from the folder that holds it.
fn in_folder(context: &Context<'_>, call: &ClaimedCommand<'_, '_>, script: &str) -> bool {
    script.split_once('/').is_some_and(|(first, rest)| {
        !first.is_empty()
            && !rest.is_empty()
            && !script.contains(':')
            && call
                .folders()
                .into_iter()
                .any(|folder| resolve(folder, first).is_some_and(|path| context.corpus.has_folder(&path)))
    })
}

pub(super) fn file(context: &Context<'_>, call: &ClaimedCommand<'_, '_>, script: &str) -> Ruling {
    for folder in call.folders() {
        let Some(path) = resolve(folder, script) else { continue };
        if let Some(evidence) = context.exists(&path) {
            return Ruling::verified(format!("`{path}` is there"), evidence);
        }
        if context.has(&path) {
            return Ruling::unverifiable(format!("`{path}` exists, but is not read"));
        }
    }
    // Where it would have been: the first place whose folder is there.
    let places = call.folders().into_iter().filter_map(|folder| resolve(folder, script)).collect::<Vec<_>>();
    let has_folder =
        |path: &&String| path.rsplit_once('/').is_some_and(|(folder, _)| context.corpus.has_folder(folder));
    let path = places.iter().find(has_folder).or(places.first()).cloned().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = path.rsplit('/').next().unwrap_or(&path);
    let built = path.split('/').any(|part| BUILT.contains(&part));
    if !context.named(name).is_empty() && !call.explicit {
        return Ruling::unverifiable(format!("there is no `{path}`, but a file of that name lies in another folder"));
    }
    // A script that has an ending was written by somebody. A program without one may be what a build makes, unless its
    // folder is named, too; one with another (`.exe`, `.jar`) always is.
    let is_script = [".sh", ".py", ".js", ".ts", ".mjs", ".rb", ".php", ".pl", ".ps1", ".bash"]
        .iter()
        .any(|end| name.ends_with(end));
    let neighbours = !folder.is_empty() && context.corpus.has_folder(folder);
    let is_made = match name.rsplit_once('.') {
        Some((_, ending)) => PROGRAMS.contains(&ending),
        None => !script.trim_start_matches("./").contains('/') || is_compiled_into(context, folder),
    };
    // What a document says of a library that lies beside it may be done inside of that.
    if !call.folder.is_empty() && context.ignored().is_around_submodule(&call.folder) {
        return Ruling::unverifiable(format!("there is no `{path}`, but a submodule beside the document may have it"));
    }
    if built || is_made || context.is_ignored(&path) || !(neighbours || folder.is_empty() && is_script) {
        return Ruling::unverifiable(format!("there is no `{path}` in this tree; another step may make it"));
    }
    let place = if folder.is_empty() { "the root".to_owned() } else { format!("`{folder}`") };
    let evidence: Vec<Evidence> = neighbour(context, folder).into_iter().collect();
    Ruling::missing(call, format!("{place} holds no `{name}`"), evidence).lacks(path.as_str())
}

/// Whether a build that has the folders of the source, in a folder of its own, puts programs into this one.
fn is_compiled_into(context: &Context<'_>, folder: &str) -> bool {
    let has_list = |at: &str| ["CMakeLists.txt", "meson.build"].iter().any(|list| context.has(&inside(at, list)));
    upwards(folder).any(has_list)
}

/// A file beside the place where the missing one should have been.
fn neighbour(context: &Context<'_>, folder: &str) -> Option<Evidence> {
    if folder.is_empty() { None } else { context.exists(folder) }
}

/// `cp .env.example .env`: the sample has to be there.
fn sample(context: &Context<'_>, call: &ClaimedCommand<'_, '_>, source: &str) -> Option<Ruling> {
    let name = source.rsplit('/').next().unwrap_or(source);
    let lower = name.to_ascii_lowercase();
    let is_sample = crate::judge::documents::is_env_sample(name)
        || [".example", ".sample", ".dist", ".template"]
            .iter()
            .any(|end| lower.ends_with(end) || lower.contains(&format!("{end}.")));
    if !is_sample || !is_path(source) {
        return None;
    }
    let found = call.folders().into_iter().find_map(|folder| context.file_in(folder, source));
    Some(match found {
        Some(file) => Ruling::verified(format!("`{}` is there", file.path), file.exists()),
        None if !context.named(name).is_empty() => Ruling::unverifiable("a file of that name lies in another folder"),
        None => Ruling::missing(call, format!("there is no `{source}` in this tree"), Vec::new()).lacks(source),
    })
}

/// `docker build [-f FILE] FOLDER`.
fn docker_build(context: &Context<'_>, call: &ClaimedCommand<'_, '_>, rest: &[&str]) -> Option<Ruling> {
    let dockerfile = super::option(rest, &["-f", "--file"]);
    let place = rest.last().filter(|place| !place.starts_with('-') && is_path(place))?;
    let path = match dockerfile {
        Some(path) if is_path(path) => path.to_owned(),
        Some(_) => return None,
        None => format!("{place}/Dockerfile"),
    };
    let found = call.folders().into_iter().find_map(|folder| context.file_in(folder, &path));
    Some(match found {
        Some(file) => Ruling::verified(format!("`{}` is there", file.path), file.exists()),
        None if dockerfile.is_some() => file(context, call, &path),
        None => Ruling::unverifiable("there is no Dockerfile where it would run"),
    })
}
