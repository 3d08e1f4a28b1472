//! Composer scripts and Laravel's `artisan`, against composer.json and the commands that the tree defines.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;

use crate::tree::file::SourceFile;

use super::{ClaimedCommand, Context, Ruling};

/// Composer's own commands.
const COMPOSER: &[&str] = &[
    "install",
    "update",
    "require",
    "remove",
    "dump-autoload",
    "dumpautoload",
    "create-project",
    "global",
    "show",
    "self-update",
    "validate",
    "config",
    "init",
    "search",
    "archive",
    "audit",
    "bump",
    "outdated",
    "why",
    "why-not",
    "exec",
    "clear-cache",
    "diagnose",
];

/// Names of scripts that no plugin of Composer has.
const CONVENTIONAL: &[&str] = &[
    "dev", "test", "tests", "cs", "cs-fix", "lint", "analyze", "analyse", "format", "fix", "stan", "phpstan", "check",
    "setup", "start", "build",
];

/// Beginnings of the commands that Laravel brings.
const ARTISAN: &[&str] = &[
    "serve",
    "migrate",
    "db:",
    "make:",
    "cache:",
    "config:",
    "route:",
    "queue:",
    "key:",
    "storage:",
    "optimize",
    "tinker",
    "test",
    "vendor:",
    "view:",
    "schedule:",
    "event:",
    "up",
    "down",
    "about",
    "env",
    "list",
    "help",
    "package:",
    "session:",
    "stub:",
    "lang:",
];

/// Commands that the tree defines for artisan.
pub(super) struct ComposerScripts<'c> {
    commands: BTreeMap<String, (&'c SourceFile, u32)>,
}

impl<'c> ComposerScripts<'c> {
    fn new(context: &Context<'c>) -> Self {
        let mut commands = BTreeMap::new();
        let is_place = |file: &&SourceFile| {
            file.path.ends_with(".php")
                && (file.path.contains("ommands/") || file.path.contains("onsole") || file.path.contains("routes/"))
        };
        for file in context.corpus.files().iter().filter(is_place) {
            for (line, number) in file.text().lines().zip(1_u32..) {
                // Other names of the same command.
                if line.to_ascii_lowercase().contains("aliases") {
                    let names = line.split(['\'', '"']).skip(1).step_by(2).filter(|name| name.contains(':'));
                    names.for_each(|name| {
                        commands.entry(name.to_owned()).or_insert((file, number));
                    });
                }
                let marks = ["$signature =", "$name =", "AsCommand(", "Artisan::command("];
                let Some(rest) = marks.iter().find_map(|mark| line.split_once(mark).map(|(_, rest)| rest)) else {
                    continue;
                };
                let name = rest.split(['\'', '"']).nth(1).unwrap_or_default();
                let name = name.split_whitespace().next().unwrap_or_default();
                if !name.is_empty() {
                    commands.entry(name.to_owned()).or_insert((file, number));
                }
            }
        }
        Self { commands }
    }
}

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    match call.words.as_slice() {
        ["composer", rest @ ..] => composer(context, call, rest),
        ["php" | "sail", "artisan", rest @ ..] | ["artisan" | "./artisan", rest @ ..] => artisan(context, call, rest),
        ["./vendor/bin/sail", "artisan", rest @ ..] => artisan(context, call, rest),
        _ => None,
    }
}

fn composer<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>, rest: &[&str]) -> Option<Ruling> {
    let (name, by_run) = match rest {
        ["run" | "run-script", name, ..] => (*name, true),
        [name, ..] => (*name, false),
        [] => return None,
    };
    let Some(manifest) = call.find(context, &["composer.json"]) else {
        return Some(Ruling::unverifiable("there is no composer.json where it would run"));
    };
    if !by_run && COMPOSER.contains(&name) {
        let is_install = matches!(name, "install" | "update" | "dump-autoload");
        return is_install.then(|| Ruling::verified(format!("`{}` is there", manifest.path), manifest.exists()));
    }
    if name.starts_with('-') {
        return None;
    }
    let scripts = manifest.document().root().entry("scripts");
    if let Some(entry) = scripts.and_then(|scripts| scripts.value.entry(name)) {
        return Some(Ruling::verified(
            format!("`{}` defines the script", manifest.path),
            manifest.lines(entry.line, entry.value.end_line),
        ));
    }
    let anchor: Evidence =
        scripts.map_or_else(|| manifest.exists(), |scripts| manifest.lines(scripts.line, scripts.value.end_line));
    let why = format!("`{}` defines no script `{name}`", manifest.path);
    let others =
        context.named("composer.json").iter().any(|other| other.document().root().at(&["scripts", name]).is_some());
    let is_script = by_run || CONVENTIONAL.contains(&name) || name.contains(':');
    Some(if is_script && !others { Ruling::missing(call, why, vec![anchor]) } else { Ruling::unverifiable(why) })
}

fn artisan<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>, rest: &[&str]) -> Option<Ruling> {
    let Some(artisan) = call.find(context, &["artisan"]) else {
        return Some(Ruling::unverifiable("there is no `artisan` where it would run"));
    };
    let Some(name) = rest.first().filter(|name| !name.starts_with('-')) else {
        return Some(Ruling::verified("`artisan` is there", artisan.exists()));
    };
    let index = call.indexes.php.get_or_init(|| ComposerScripts::new(context));
    if let Some((file, line)) = index.commands.get(*name) {
        return Some(Ruling::verified(format!("`{}` defines the command", file.path), file.lines(*line, *line)));
    }
    if ARTISAN
        .iter()
        .any(|own| *own == *name || own.ends_with(':') && name.starts_with(own) || name.starts_with(&format!("{own}:")))
    {
        return Some(Ruling::verified("`artisan` is there, and Laravel brings the command", artisan.exists()));
    }
    // A name space that this tree defines commands in is its own; any other may be a package's.
    let space = name.split_once(':').map(|(space, _)| format!("{space}:"));
    let sibling = space.and_then(|space| index.commands.iter().find(|(known, _)| known.starts_with(&space)));
    let why = format!("no command of this tree is called `{name}`");
    Some(match sibling {
        Some((_, (file, line))) => Ruling::missing(call, why, vec![file.lines(*line, *line)]),
        None => Ruling::unverifiable(format!("{why}; an installed package may bring it")),
    })
}
