//! Python: `manage.py`, `-m module`, requirement files, and the servers that take `module:app`.

use super::{Call, Context, Ruling};

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

pub(super) fn rule(context: &Context<'_>, call: &Call<'_>) -> Option<Ruling> {
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
        ["poetry" | "pdm" | "hatch", "run", ..] | ["poe" | "task", ..] => {
            let line = call.words.iter().take(3).copied().collect::<Vec<_>>().join(" ");
            let short = call.words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
            let evidence = context.lines.get(line.as_str()).or_else(|| context.lines.get(short.as_str()))?;
            Some(Ruling::verified("the task is defined", (*evidence).clone()))
        }
        _ => None,
    }
}

fn is_dotted(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

fn django(context: &Context<'_>, call: &Call<'_>, manage: &str, rest: &[&str]) -> Ruling {
    let Some(file) = call.folders().into_iter().find_map(|folder| context.file_in(folder, manage)) else {
        return Ruling::unverifiable("there is no manage.py where it would run");
    };
    let Some(command) = rest.first().filter(|command| !command.starts_with('-')) else {
        return Ruling::verified(format!("`{}` is there", file.path), file.exists());
    };
    let own = format!("management/commands/{command}.py");
    let own = context.corpus.files().iter().find(|one| one.path.ends_with(&own));
    match own {
        Some(own) => Ruling::verified("the command is defined here", own.exists()),
        None if DJANGO.contains(command) => {
            Ruling::verified(format!("`{}` is there, and Django brings the command", file.path), file.exists())
        }
        None => Ruling::unverifiable("the command is not defined here; an installed package may bring it"),
    }
}

fn pip(context: &Context<'_>, call: &Call<'_>, rest: &[&str]) -> Option<Ruling> {
    let ["install", options @ ..] = rest else { return None };
    let listed = options.iter().position(|word| matches!(*word, "-r" | "--requirement"));
    if let Some(name) = listed.and_then(|at| options.get(at + 1)) {
        let file = call.folders().into_iter().find_map(|folder| context.file_in(folder, name));
        let base = name.rsplit('/').next().unwrap_or(name);
        let elsewhere = context.corpus.files().iter().any(|one| one.name() == base);
        return Some(match file {
            Some(file) => Ruling::verified(format!("`{}` is there", file.path), file.exists()),
            None if elsewhere => Ruling::unverifiable("a file of that name lies in another folder"),
            None => Ruling::missing(call, format!("there is no `{name}` in this tree"), Vec::new()),
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

fn module(context: &Context<'_>, call: &Call<'_>, module: &str) -> Ruling {
    let path = module.replace('.', "/");
    let candidates = [format!("{path}.py"), format!("{path}/__main__.py"), format!("{path}/__init__.py")];
    let folders = call.folders();
    let places = folders.iter().flat_map(|folder| {
        ["", "src/"].map(|source| if folder.is_empty() { source.to_owned() } else { format!("{folder}/{source}") })
    });
    for place in places {
        for candidate in &candidates {
            if let Some(file) = context.corpus.file(&format!("{place}{candidate}")) {
                return Ruling::verified(format!("`{}` is there", file.path), file.exists());
            }
        }
    }
    Ruling::unverifiable(format!("`{module}` is no module of this tree; an installed package may bring it"))
}
