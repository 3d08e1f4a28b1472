//! `docker compose ... service`, against the services of the compose files of the tree.

use std::collections::BTreeMap;

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{ClaimedCommand, Context, Ruling};

const NAMES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

const OVERRIDES: &[&str] =
    &["compose.override.yaml", "compose.override.yml", "docker-compose.override.yml", "docker-compose.override.yaml"];

/// Every service of the tree and the files that define it.
pub(super) struct Services<'c> {
    by_name: BTreeMap<&'c str, Vec<&'c SourceFile>>,
}

impl<'c> Services<'c> {
    fn new(context: &Context<'c>) -> Self {
        let mut by_name: BTreeMap<&str, Vec<&SourceFile>> = BTreeMap::new();
        for file in context.corpus.files().iter().filter(|file| is_compose(file.name())) {
            for entry in services(file) {
                by_name.entry(&entry.key).or_default().push(file);
            }
        }
        Self { by_name }
    }
}

fn is_compose(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    (lower.ends_with(".yml") || lower.ends_with(".yaml")) && lower.contains("compose")
}

fn services(file: &SourceFile) -> &[crate::tree::document::KeyValue] {
    file.document().root().get("services").map(Node::entries).unwrap_or_default()
}

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    let rest = match call.words.as_slice() {
        ["docker" | "podman", "compose", rest @ ..] | ["docker-compose" | "podman-compose", rest @ ..] => rest,
        _ => return None,
    };
    // Options before the command: which files are meant.
    let mut named: Vec<&str> = Vec::new();
    let mut unsure = false;
    let mut words = rest.iter().copied().peekable();
    while let Some(word) = words.next_if(|word| word.starts_with('-')) {
        match word.split_once('=') {
            Some(("-f" | "--file", file)) => named.push(file),
            Some(_) => {}
            None if matches!(word, "-f" | "--file") => named.extend(words.next()),
            None if word == "--project-directory" => {
                words.next();
                unsure = true;
            }
            None if TAKES_VALUE_BEFORE.contains(&word) => drop(words.next()),
            None => {}
        }
    }
    let command = words.next()?;
    if !matches!(
        command,
        "up" | "build" | "run" | "exec" | "logs" | "start" | "restart" | "stop" | "pull" | "down" | "ps" | "config"
    ) {
        return None;
    }
    let mut found: Vec<&SourceFile> = Vec::new();
    for name in &named {
        match call.folders().into_iter().find_map(|folder| context.file_in(folder, name)) {
            Some(file) => found.push(file),
            None => return Some(no_file(context, call, name)),
        }
    }
    if named.is_empty() {
        found.extend(call.find(context, NAMES));
        // The override beside it is read without being named.
        let folder = found.first().map(|file| file.folder()).unwrap_or_default();
        found.extend(OVERRIDES.iter().filter_map(|name| context.file_in(folder, name)));
    }
    let Some(file) = found.first() else {
        return Some(Ruling::unverifiable("there is no compose file where it would run"));
    };
    let services_named = named_services(command, words.collect());
    let lookup = |service: &str| {
        found.iter().find_map(|file| {
            let entry = services(file).iter().find(|entry| entry.key == service)?;
            Some(file.lines(entry.line, entry.line))
        })
    };
    let Some(service) = services_named.iter().copied().find(|service| lookup(service).is_none()) else {
        return Some(match services_named.first().and_then(|service| lookup(service)) {
            Some(evidence) => Ruling::verified("the service is defined", evidence),
            None => Ruling::verified(format!("`{}` is there", file.path), file.exists()),
        });
    };
    let index = call.indexes.compose.get_or_init(|| Services::new(context));
    let elsewhere = index.by_name.contains_key(service);
    let open = found.iter().any(|file| {
        let root = file.document().root();
        root.get("include").is_some() || file.document().problem.is_some()
    });
    let overridden =
        OVERRIDES.iter().any(|name| context.is_ignored(&super::resolve(file.folder(), name).unwrap_or_default()));
    let why = format!("`{}` defines no service `{service}`", file.path);
    let lines = file.document().root().entry("services").map(|entry| file.lines(entry.line, entry.line));
    Some(if elsewhere || open || overridden || unsure {
        Ruling::unverifiable(format!("{why}; another compose file may"))
    } else {
        Ruling::missing(call, why, lines.into_iter().collect())
    })
}

/// A compose file that is named and not there.
fn no_file<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>, name: &str) -> Ruling {
    let path = super::resolve(&call.folder, name).unwrap_or_default();
    let last = name.rsplit('/').next().unwrap_or(name);
    // As it is written: a document may name it from its own folder or from the root.
    let why = format!("there is no `{name}` in this tree");
    if context.named(last).is_empty() && !context.is_ignored(&path) && !path.is_empty() {
        Ruling::missing(call, why, Vec::new()).lacks(path)
    } else {
        Ruling::unverifiable(why)
    }
}

/// The services that the command names: what follows the first one is a command for it after `run` and `exec`.
fn named_services<'w>(command: &str, words: Vec<&'w str>) -> Vec<&'w str> {
    let mut named = Vec::new();
    let mut skip = false;
    for word in words {
        // Only of logs and events `-f` takes none.
        let takes_value = TAKES_VALUE.contains(&word) || command != "logs" && matches!(word, "-f" | "--file");
        if std::mem::replace(&mut skip, takes_value) || word.starts_with('-') {
            continue;
        }
        if command == "config" || !word.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) {
            break;
        }
        named.push(word);
        if matches!(command, "run" | "exec") {
            break;
        }
    }
    named
}

/// Options before the command that a value follows.
const TAKES_VALUE_BEFORE: &[&str] = &[
    "-p",
    "--project-name",
    "--profile",
    "--env-file",
    "--ansi",
    "--progress",
    "--parallel",
    "--context",
    "-c",
    "-H",
    "--host",
    "--log-level",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
    "--podman-args",
];

/// Options of the commands that a value follows.
const TAKES_VALUE: &[&str] = &[
    "-e",
    "--env",
    "--env-from-file",
    "-v",
    "--volume",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "--name",
    "-p",
    "--publish",
    "--entrypoint",
    "-l",
    "--label",
    "--cap-add",
    "--cap-drop",
    "--scale",
    "-t",
    "--timeout",
    "--wait-timeout",
    "--attach",
    "--no-attach",
    "--exit-code-from",
    "--pull",
    "--policy",
    "--tail",
    "-n",
    "--since",
    "--until",
    "--progress",
    "--index",
    "--build-arg",
    "--builder",
    "-m",
    "--memory",
    "--ssh",
    "--provenance",
    "--sbom",
    "--format",
    "--filter",
    "--status",
    "--orderby",
    "--hash",
    "-o",
    "--output",
    "--profile",
    "--env-file",
    "-s",
    "--signal",
    "--rmi",
];
