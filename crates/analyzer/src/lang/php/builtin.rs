//! What PHP and the framework's helpers bring: paths, texts, lists, configuration.

use super::call::PhpCall;
use super::machine::{Host, PhpFrame, PhpMachine};
use super::value::PhpValue;
use crate::lang::inflect::laravel;
use crate::tree::file::PathClass;
use crate::tree::path::{is_below, normalise};

/// Helpers that give a path below a folder of the project.
const FOLDERS: [(&str, &str); 8] = [
    ("base_path", ""),
    ("app_path", "app"),
    ("config_path", "config"),
    ("database_path", "database"),
    ("resource_path", "resources"),
    ("public_path", "public"),
    ("storage_path", "storage"),
    ("lang_path", "lang"),
];

/// A call of a function.
pub(super) fn function<'c, H: Host<'c>>(
    machine: &mut PhpMachine<'c, H>,
    frame: &mut PhpFrame<'c>,
    call: &PhpCall<'c>,
) -> Option<PhpValue<'c>> {
    let first = call.value(0, "");
    let text = |at: usize| call.value(at, "").and_then(|value| value.to_text().ok());
    // A text of what is unknown is unknown for the same reason.
    let unknown = || match first {
        Some(PhpValue::Unknown(reason)) => Some(PhpValue::Unknown(reason.clone())),
        _ => None,
    };
    if let Some((_, folder)) = FOLDERS.iter().find(|(name, _)| *name == call.name.as_ref()) {
        return folder_path(machine, folder, first);
    }
    match call.name.as_ref() {
        "config" => Some(config(machine, frame, call)),
        "env" => Some(environment(call)),
        "module_path" => {
            let (module, below) = (text(0)?, text(1).unwrap_or_default());
            Some(PhpValue::text(format!("/{}", machine.project.path(&format!("Modules/{module}/{below}")))))
        }
        "app" | "resolve" => match text(0) {
            None => Some(PhpValue::native("app", 0)),
            Some(name) => machine.service(&name).or_else(|| H::inject(machine, &name)),
        },
        "dirname" => {
            let levels = if let Some(PhpValue::Int(levels)) = call.value(1, "levels") { *levels } else { 1 };
            let mut path = text(0).map(|path| path.to_string())?;
            for _ in 0..levels.clamp(1, 16) {
                path.truncate(path.rfind('/').unwrap_or(0));
            }
            Some(PhpValue::text(path))
        }
        "realpath" => text(0).map(|path| PhpValue::text(format!("/{}", normalise(&path)))),
        "file_exists" | "is_file" | "is_dir" => {
            let path = normalise(&text(0)?);
            Some(PhpValue::Bool(machine.corpus.has_path(&path) || machine.corpus.has_folder(&path)))
        }
        "glob" => text(0).map(|pattern| glob(machine, &pattern)),
        "trim" | "ltrim" | "rtrim" | "strtolower" | "strtoupper" | "ucfirst" | "lcfirst" | "mb_strtolower" => {
            text(0).map(|subject| PhpValue::text(changed(&call.name, &subject, text(1).as_deref()))).or_else(unknown)
        }
        "str_replace" => {
            let (search, replace, subject) = (text(0)?, text(1)?, text(2)?);
            Some(PhpValue::text(subject.replace(search.as_ref(), &replace)))
        }
        "sprintf" => sprintf(call),
        "implode" | "join" => implode(call),
        "explode" => {
            let (separator, subject) = (text(0)?, text(1)?);
            (!separator.is_empty()).then(|| PhpValue::list(subject.split(separator.as_ref()).map(PhpValue::text)))
        }
        "collect" | "value" | "with" => match first {
            Some(PhpValue::Closure(closure)) if call.name.as_ref() == "value" => {
                let closure = closure.clone();
                Some(machine.call_closure(&closure, Vec::new()))
            }
            other => other.cloned(),
        },
        "str_plural" => text(0).map(|word| PhpValue::text(laravel::plural(&word))),
        "str_singular" => text(0).map(|word| PhpValue::text(laravel::singular(&word))),
        "call_user_func" => match first {
            Some(PhpValue::Closure(closure)) => {
                let closure = closure.clone();
                Some(machine.call_closure(&closure, call.values().into_iter().skip(1).collect()))
            }
            _ => None,
        },
        _ => list_function(machine, call),
    }
}

/// Functions of lists.
fn list_function<'c, H: Host<'c>>(machine: &mut PhpMachine<'c, H>, call: &PhpCall<'c>) -> Option<PhpValue<'c>> {
    let first = call.value(0, "");
    match call.name.as_ref() {
        "array_merge" => {
            let mut out = PhpValue::list([]);
            for argument in &call.arguments {
                for (key, value) in argument.value.entries() {
                    out = out.with_entry(matches!(key, PhpValue::Text(_)).then(|| key.clone()), value.clone());
                }
            }
            call.arguments.iter().all(|one| matches!(one.value, PhpValue::List(_))).then_some(out)
        }
        "array_keys" => list(first).map(|items| PhpValue::list(items.iter().map(|(key, _)| key.clone()))),
        "array_values" => list(first).map(|items| PhpValue::list(items.iter().map(|(_, value)| value.clone()))),
        "array_filter" if call.arguments.len() == 1 => list(first).map(|items| {
            PhpValue::list(
                items.iter().filter(|(_, value)| value.truth() != Some(false)).map(|(_, value)| value.clone()),
            )
        }),
        "count" => list(first).and_then(|items| i64::try_from(items.len()).ok()).map(PhpValue::Int),
        "in_array" => {
            let wanted = first?.to_text().ok()?;
            list(call.value(1, ""))
                .map(|items| PhpValue::Bool(items.iter().any(|(_, one)| one.as_text() == Some(&wanted))))
        }
        "is_null" => first
            .filter(|value| !matches!(value, PhpValue::Unknown(_)))
            .map(|value| PhpValue::Bool(matches!(value, PhpValue::Null))),
        "array_map" => match (first, list(call.value(1, ""))) {
            (Some(PhpValue::Closure(closure)), Some(items)) => {
                let closure = closure.clone();
                let items: Vec<PhpValue<'c>> = items.iter().map(|(_, value)| value.clone()).collect();
                Some(PhpValue::list(
                    items.into_iter().map(|item| machine.call_closure(&closure, vec![item])).collect::<Vec<_>>(),
                ))
            }
            _ => None,
        },
        _ => None,
    }
}

fn folder_path<'c, H: Host<'c>>(
    machine: &PhpMachine<'c, H>,
    folder: &str,
    below: Option<&PhpValue<'c>>,
) -> Option<PhpValue<'c>> {
    match below.map(PhpValue::to_text) {
        None => Some(PhpValue::text(format!("/{}", machine.project.path(folder)))),
        Some(Ok(below)) => Some(PhpValue::text(format!("/{}", machine.project.path(&format!("{folder}/{below}"))))),
        Some(Err(reason)) => Some(PhpValue::Unknown(reason)),
    }
}

fn list<'v, 'c>(value: Option<&'v PhpValue<'c>>) -> Option<&'v [(PhpValue<'c>, PhpValue<'c>)]> {
    match value {
        Some(PhpValue::List(items)) => Some(items),
        _ => None,
    }
}

/// `config('a.b', default)`; without arguments the repository itself.
pub(super) fn config<'c, H: Host<'c>>(
    machine: &mut PhpMachine<'c, H>,
    frame: &PhpFrame<'c>,
    call: &PhpCall<'c>,
) -> PhpValue<'c> {
    let Some(key) = call.value(0, "key") else { return PhpValue::native("config", 0) };
    let Some(key) = key.as_text().map(str::to_owned) else { return machine.computed(frame, call.node) };
    match (machine.config(&key), call.value(1, "default")) {
        (Some(value), _) => value,
        (None, Some(default)) => default.clone(),
        (None, None) => PhpValue::unknown(format!("the setting `{key}` is not in the tree")),
    }
}

/// A text of the environment is its default; a switch may be either way.
fn environment<'c>(call: &PhpCall<'c>) -> PhpValue<'c> {
    let name = call.value(0, "key").and_then(PhpValue::as_text).unwrap_or_default();
    match call.value(1, "default") {
        Some(default @ (PhpValue::Text(_) | PhpValue::Int(_))) => default.clone(),
        _ => PhpValue::unknown(format!("the environment variable `{name}` decides")),
    }
}

fn changed(how: &str, subject: &str, letters: Option<&str>) -> String {
    let set: Vec<char> = letters.unwrap_or(" \t\n\r").chars().collect();
    let first = |change: fn(&str) -> String| {
        let at = subject.chars().next().map_or(0, char::len_utf8);
        format!("{}{}", change(&subject[..at]), &subject[at..])
    };
    match how {
        "trim" => subject.trim_matches(|letter| set.contains(&letter)).to_owned(),
        "ltrim" => subject.trim_start_matches(|letter| set.contains(&letter)).to_owned(),
        "rtrim" => subject.trim_end_matches(|letter| set.contains(&letter)).to_owned(),
        "strtoupper" => subject.to_uppercase(),
        "ucfirst" => first(str::to_uppercase),
        "lcfirst" => first(str::to_lowercase),
        _ => subject.to_lowercase(),
    }
}

fn sprintf<'c>(call: &PhpCall<'c>) -> Option<PhpValue<'c>> {
    let format = call.value(0, "")?.to_text().ok()?;
    let mut out = String::new();
    let mut next = 1;
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('%') => out.push('%'),
            Some('s' | 'd') => {
                match call.value(next, "")?.to_text() {
                    Ok(piece) => out.push_str(&piece),
                    Err(reason) => return Some(PhpValue::Unknown(reason)),
                }
                next += 1;
            }
            _ => return None,
        }
    }
    Some(PhpValue::text(out))
}

fn implode<'c>(call: &PhpCall<'c>) -> Option<PhpValue<'c>> {
    let separator = call.value(0, "")?.to_text().ok()?;
    let mut pieces = Vec::new();
    for (_, item) in list(call.value(1, ""))? {
        match item.to_text() {
            Ok(piece) => pieces.push(piece),
            Err(reason) => return Some(PhpValue::Unknown(reason)),
        }
    }
    Some(PhpValue::text(pieces.join(&separator)))
}

/// Application files that fit a pattern with `*` inside its parts.
fn glob<'c, H: Host<'c>>(machine: &PhpMachine<'c, H>, pattern: &str) -> PhpValue<'c> {
    let pattern = normalise(pattern);
    let wanted: Vec<&str> = pattern.split('/').collect();
    let fits = |path: &str| {
        let mut parts = path.split('/');
        wanted.iter().all(|part| parts.next().is_some_and(|own| fits(part, own))) && parts.next().is_none()
    };
    let files = machine.corpus.application().filter(|file| fits(&file.path));
    PhpValue::list(files.map(|file| PhpValue::text(format!("/{}", file.path))))
}

fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    for (at, piece) in pieces.iter().enumerate() {
        if at + 1 == pieces.len() {
            return rest.ends_with(piece);
        }
        match rest.find(piece) {
            Some(found) => rest = &rest[found + piece.len()..],
            None => return false,
        }
    }
    rest.is_empty()
}

/// Static helpers: `Str::plural('x')`, `File::allFiles($path)`, `Config::get('x')`.
pub(super) fn static_method<'c, H: Host<'c>>(
    machine: &mut PhpMachine<'c, H>,
    frame: &mut PhpFrame<'c>,
    class: &str,
    call: &PhpCall<'c>,
) -> Option<PhpValue<'c>> {
    let short = class.rsplit('\\').next().unwrap_or(class);
    let text = |at: usize| call.value(at, "").and_then(|value| value.to_text().ok());
    match (short, call.name.as_ref()) {
        ("Config", "get") => Some(config(machine, frame, call)),
        ("Env", "get") => Some(environment(call)),
        ("App", "make") => text(0).and_then(|name| machine.service(&name)),
        ("Str", "plural" | "pluralStudly") => text(0).map(|word| PhpValue::text(laravel::plural(&word))),
        ("Str", "singular") => text(0).map(|word| PhpValue::text(laravel::singular(&word))),
        ("Str", "lower") => text(0).map(|word| PhpValue::text(word.to_lowercase())),
        ("Str", "snake") => text(0).map(|word| PhpValue::text(laravel::snake(&word, "_"))),
        ("Str", "kebab") => text(0).map(|word| PhpValue::text(laravel::snake(&word, "-"))),
        ("File", "allFiles" | "files" | "glob") => {
            let folder = normalise(&text(0)?);
            if call.name.as_ref() == "glob" {
                return Some(glob(machine, &folder));
            }
            let is_deep = call.name.as_ref() == "allFiles";
            let wanted = |path: &str| is_below(path, &folder) && (is_deep || !path[folder.len() + 1..].contains('/'));
            let files = machine.corpus.files().iter();
            let files = files.filter(|file| file.class == PathClass::Application && wanted(&file.path));
            Some(PhpValue::list(files.map(|file| PhpValue::text(format!("/{}", file.path)))))
        }
        ("File", "exists" | "isDirectory") => {
            let path = normalise(&text(0)?);
            Some(PhpValue::Bool(machine.corpus.has_path(&path) || machine.corpus.has_folder(&path)))
        }
        // Without a request there is no language in the path.
        ("LaravelLocalization", "setLocale") => Some(PhpValue::Null),
        _ => None,
    }
}

/// Methods of lists (collections), files by their path, configuration.
pub(super) fn method<'c, H: Host<'c>>(
    machine: &mut PhpMachine<'c, H>,
    object: &PhpValue<'c>,
    call: &PhpCall<'c>,
) -> Option<PhpValue<'c>> {
    match (object, call.name.as_ref()) {
        (PhpValue::List(items), "each" | "map") => {
            let Some(PhpValue::Closure(closure)) = call.value(0, "callback") else { return None };
            let closure = closure.clone();
            let mut out = Vec::new();
            for (key, value) in items.iter().take(512) {
                out.push(machine.call_closure(&closure, vec![value.clone(), key.clone()]));
            }
            Some(if call.name.as_ref() == "each" { object.clone() } else { PhpValue::list(out) })
        }
        (PhpValue::List(_), "all" | "toArray" | "values" | "filter" | "sort" | "sortBy" | "unique") => {
            Some(object.clone())
        }
        (PhpValue::Text(path), "getPathname" | "getRealPath" | "getPath") => Some(PhpValue::Text(path.clone())),
        (PhpValue::Text(path), "getFilename" | "getBasename") => {
            let name = path.rsplit('/').next().unwrap_or(path);
            let end = call.value(0, "suffix").and_then(PhpValue::as_text).unwrap_or_default();
            Some(PhpValue::text(name.strip_suffix(end).unwrap_or(name)))
        }
        (PhpValue::Text(path), "getFilenameWithoutExtension") => {
            let name = path.rsplit('/').next().unwrap_or(path);
            Some(PhpValue::text(name.rsplit_once('.').map_or(name, |(stem, _)| stem)))
        }
        (PhpValue::Closure(closure), "__invoke" | "call") => {
            let closure = closure.clone();
            Some(machine.call_closure(&closure, call.values()))
        }
        (PhpValue::Native(native), "get") if native.kind == "config" => {
            let key = call.value(0, "key").and_then(PhpValue::as_text)?.to_owned();
            machine.config(&key).or_else(|| call.value(1, "default").cloned())
        }
        (PhpValue::Native(native), "make" | "get" | "makeWith") if native.kind == "app" => {
            let name = call.value(0, "abstract").and_then(PhpValue::as_text)?.to_owned();
            machine.service(&name).or_else(|| H::inject(machine, &name))
        }
        (PhpValue::Native(native), "basePath" | "path" | "databasePath" | "configPath") if native.kind == "app" => {
            let folder = match call.name.as_ref() {
                "path" => "app",
                "databasePath" => "database",
                "configPath" => "config",
                _ => "",
            };
            folder_path(machine, folder, call.value(0, "path"))
        }
        _ => None,
    }
}
