//! `cargo run --bin x`, `--example x`, aliases and the plain commands, against manifests and cargo's layout.

use super::{Call, Context, Ruling};

/// Commands that need nothing but a package.
const PLAIN: &[&str] = &["build", "b", "test", "t", "check", "c", "run", "r", "bench", "doc", "fmt", "clippy"];

pub(super) fn rule(context: &Context<'_>, call: &Call<'_>) -> Option<Ruling> {
    let ["cargo", rest @ ..] = call.words.as_slice() else { return None };
    let rest: Vec<&str> = rest.iter().copied().filter(|word| !word.starts_with('+')).collect();
    let (command, options) = rest.split_first()?;
    if let Some(evidence) = context.aliases.get(*command) {
        return Some(Ruling::verified("it is an alias of this repository", (*evidence).clone()));
    }
    if !PLAIN.contains(command) {
        return None;
    }
    let Some(manifest) = call.folders().into_iter().find_map(|folder| context.file_in(folder, "Cargo.toml")) else {
        return Some(Ruling::unverifiable("there is no Cargo.toml where it would run"));
    };
    if let Some(name) = value(options, "--bin") {
        return Some(match context.programs.get(name) {
            Some(evidence) => {
                Ruling::verified(format!("`{name}` is a program of this repository"), (*evidence).clone())
            }
            None => Ruling::missing(
                call,
                format!("no package of this tree has a program `{name}`"),
                vec![manifest.exists()],
            ),
        });
    }
    if let Some(name) = value(options, "--example") {
        return Some(example(context, call, manifest, name));
    }
    Some(Ruling::verified(format!("`{}` is there", manifest.path), manifest.exists()))
}

fn example(context: &Context<'_>, call: &Call<'_>, manifest: &crate::analyzer::file::SourceFile, name: &str) -> Ruling {
    let [file, folder] = [format!("examples/{name}.rs"), format!("examples/{name}/main.rs")];
    let at = |path: &str, wanted: &str| path == wanted || path.ends_with(&format!("/{wanted}"));
    let source = context.corpus.files().iter().find(|one| at(&one.path, &file) || at(&one.path, &folder));
    if let Some(source) = source {
        return Ruling::verified("the example is there", source.exists());
    }
    // An `[[example]]` or a package of that name below `examples/` may provide it under another path.
    let declared = context.corpus.files().iter().filter(|one| one.name() == "Cargo.toml").find_map(|one| {
        let examples = one.document().root().get("example")?;
        let names = examples.items().iter().filter_map(|example| example.entry("name"));
        names.filter(|entry| entry.value.as_str() == Some(name)).map(|entry| one.lines(entry.line, entry.line)).next()
    });
    match declared {
        Some(evidence) => Ruling::verified("the manifest declares the example", evidence),
        None => {
            Ruling::missing(call, format!("no package of this tree has an example `{name}`"), vec![manifest.exists()])
        }
    }
}

/// The value of `--name value` or `--name=value`, before `--`.
fn value<'w>(options: &[&'w str], name: &str) -> Option<&'w str> {
    let options = options.iter().take_while(|word| **word != "--");
    let mut options = options.copied();
    while let Some(word) = options.next() {
        if word == name {
            return options.next();
        }
        if let Some(value) = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            return Some(value);
        }
    }
    None
}
