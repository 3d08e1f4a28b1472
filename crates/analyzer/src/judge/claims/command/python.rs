//! Python: `manage.py`, `-m module`, requirement files, the servers that take `module:app`, and the scripts of
//! pyproject.toml.

use std::collections::BTreeMap;

use crate::tree::document::Node;
use crate::tree::file::SourceFile;

use super::{ClaimedCommand, Context, Ruling, option};

/// What the tree defines for `manage.py` and for the runners of pyproject.toml.
pub(super) struct PythonScripts<'c> {
    /// Django's commands by name.
    commands: BTreeMap<&'c str, &'c SourceFile>,
    /// Scripts and tasks by name.
    scripts: BTreeMap<&'c str, (&'c SourceFile, u32, u32)>,
}

/// Tables whose keys are scripts or tasks.
const TABLES: &[&[&str]] = &[
    &["project", "scripts"],
    &["tool", "poetry", "scripts"],
    &["tool", "pdm", "scripts"],
    &["tool", "rye", "scripts"],
    &["tool", "poe", "tasks"],
    &["tool", "taskipy", "tasks"],
    &["tool", "hatch", "envs", "default", "scripts"],
];

impl<'c> PythonScripts<'c> {
    fn new(context: &Context<'c>) -> Self {
        let mut index = Self { commands: BTreeMap::new(), scripts: BTreeMap::new() };
        for file in context.corpus.files().iter().filter(|file| file.path.ends_with(".py")) {
            if file.folder().ends_with("management/commands")
                && let Some(name) = file.name().strip_suffix(".py")
            {
                index.commands.entry(name).or_insert(file);
            }
        }
        for file in context.named("pyproject.toml") {
            let root = file.document().root();
            for entry in TABLES.iter().filter_map(|path| root.at(path)).flat_map(Node::entries) {
                index.scripts.entry(&entry.key).or_insert((file, entry.line, entry.value.end_line));
            }
        }
        index
    }
}

/// Commands that Django itself brings.
const DJANGO: &[&str] = &[
    "check",
    "collectstatic",
    "compilemessages",
    "createcachetable",
    "createsuperuser",
    "dbshell",
    "dumpdata",
    "flush",
    "loaddata",
    "makemessages",
    "makemigrations",
    "migrate",
    "runserver",
    "shell",
    "showmigrations",
    "sqlmigrate",
    "startapp",
    "test",
    "changepassword",
    "clearsessions",
];

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    match call.words.as_slice() {
        ["python" | "python3", manage, rest @ ..] if manage.ends_with("manage.py") => {
            Some(django(context, call, manage, rest))
        }
        ["./manage.py", rest @ ..] => Some(django(context, call, "manage.py", rest)),
        ["python" | "python3", "-m", "pip", rest @ ..] | ["pip" | "pip3", rest @ ..] | ["uv", "pip", rest @ ..] => {
            pip(context, call, rest)
        }
        ["python" | "python3", "-m", module, ..] => Some(self::module(context, call, module)),
        ["uvicorn" | "gunicorn" | "hypercorn" | "daphne", rest @ ..] => {
            let target = rest.iter().find(|word| {
                word.contains(':') && !word.starts_with('-') && !word.contains('/') && !word.contains('.')
                    || word.split_once(':').is_some_and(|(module, name)| is_dotted(module) && is_dotted(name))
            })?;
            Some(module(context, call, target.split(':').next().unwrap_or(target)))
        }
        ["poetry", "install", ..] | ["uv", "sync", ..] | ["pdm", "install", ..] => {
            let manifest = call.folders().into_iter().find_map(|folder| context.file_in(folder, "pyproject.toml"));
            Some(match manifest {
                Some(manifest) => Ruling::verified(format!("`{}` is there", manifest.path), manifest.exists()),
                None => Ruling::unverifiable("there is no pyproject.toml where it would run"),
            })
        }
        ["poetry" | "pdm" | "hatch" | "uv" | "rye", "run", name, ..] => script(context, call, name, false),
        ["poe", name, ..] => script(context, call, name, true),
        ["flask", rest @ ..] => {
            let app = option(rest, &["--app"])?;
            is_dotted(app).then(|| module(context, call, app))
        }
        _ => None,
    }
}

fn index<'a, 'c>(context: &Context<'c>, call: &'a ClaimedCommand<'_, 'c>) -> &'a PythonScripts<'c> {
    call.indexes.python.get_or_init(|| PythonScripts::new(context))
}

/// A script or task of pyproject.toml. Runners of environments also start installed programs; `poe` does not.
fn script<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>, name: &str, only_tasks: bool) -> Option<Ruling> {
    if let Some((file, first, last)) = index(context, call).scripts.get(name) {
        return Some(Ruling::verified(format!("`{}` defines it", file.path), file.lines(*first, *last)));
    }
    let line = call.words.iter().take(3).copied().collect::<Vec<_>>().join(" ");
    if let Some(evidence) = context.lines.get(line.as_str()) {
        return Some(Ruling::verified("the task is defined", (*evidence).clone()));
    }
    let manifest = call.find(context, &["pyproject.toml"])?;
    let poe = manifest.document().root().at(&["tool", "poe"]).filter(|_| only_tasks && !name.starts_with('-'))?;
    let why = format!("`{}` defines no task `{name}`", manifest.path);
    Some(match poe.get("tasks").filter(|_| poe.get("include").is_none()) {
        Some(tasks) => Ruling::missing(call, why, vec![manifest.lines(tasks.start_line, tasks.end_line)]),
        None => Ruling::unverifiable(why),
    })
}

fn is_dotted(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

fn django<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>, manage: &str, rest: &[&str]) -> Ruling {
    let Some(file) = call.folders().into_iter().find_map(|folder| context.file_in(folder, manage)) else {
        return Ruling::unverifiable("there is no manage.py where it would run");
    };
    let Some(command) = rest.first().filter(|command| !command.starts_with('-')) else {
        return Ruling::verified(format!("`{}` is there", file.path), file.exists());
    };
    let own = index(context, call).commands.get(command);
    match own {
        Some(own) => Ruling::verified("the command is defined here", own.exists()),
        None if DJANGO.contains(command) => {
            Ruling::verified(format!("`{}` is there, and Django brings the command", file.path), file.exists())
        }
        None => Ruling::unverifiable("the command is not defined here; an installed package may bring it"),
    }
}

fn pip<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>, rest: &[&str]) -> Option<Ruling> {
    let ["install", options @ ..] = rest else { return None };
    let listed = options.iter().position(|word| matches!(*word, "-r" | "--requirement"));
    if let Some(name) = listed.and_then(|at| options.get(at + 1)).filter(|name| !name.contains("://")) {
        let file = call.folders().into_iter().find_map(|folder| context.file_in(folder, name));
        let base = name.rsplit('/').next().unwrap_or(name);
        let elsewhere = !context.named(base).is_empty();
        return Some(match file {
            Some(file) => Ruling::verified(format!("`{}` is there", file.path), file.exists()),
            None if elsewhere => Ruling::unverifiable("a file of that name lies in another folder"),
            None => Ruling::missing(call, format!("there is no `{name}` in this tree"), Vec::new()).lacks(*name),
        });
    }
    let own = options.iter().any(|word| *word == "." || word.starts_with(".["));
    let manifest = call.folders().into_iter().find_map(|folder| {
        ["pyproject.toml", "setup.py", "setup.cfg"].iter().find_map(|name| context.file_in(folder, name))
    });
    match (own, manifest) {
        (true, Some(manifest)) => Some(Ruling::verified(format!("`{}` is there", manifest.path), manifest.exists())),
        (true, None) => Some(Ruling::unverifiable("there is no Python package where it would run")),
        (false, _) => None,
    }
}

fn module<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>, module: &str) -> Ruling {
    let path = module.replace('.', "/");
    let candidates = [format!("{path}.py"), format!("{path}/__main__.py"), format!("{path}/__init__.py")];
    let folders = call.folders();
    let places: Vec<String> = folders
        .iter()
        .flat_map(|folder| {
            ["", "src/"].map(|source| if folder.is_empty() { source.to_owned() } else { format!("{folder}/{source}") })
        })
        .collect();
    for place in &places {
        for candidate in &candidates {
            if let Some(file) = context.corpus.file(&format!("{place}{candidate}")) {
                return Ruling::verified(format!("`{}` is there", file.path), file.exists());
            }
        }
    }
    // Below a package of this tree no other package can have a module.
    let own = path.split_once('/').and_then(|(first, _)| {
        let package = |place: &String| format!("{place}{first}/__init__.py");
        places.iter().find_map(|place| context.corpus.file(&package(place)))
    });
    match own {
        Some(package) => Ruling::missing(
            call,
            format!("the package in `{}` has no module `{module}`", package.folder()),
            vec![package.exists()],
        ),
        None => {
            Ruling::unverifiable(format!("`{module}` is no module of this tree; an installed package may bring it"))
        }
    }
}
