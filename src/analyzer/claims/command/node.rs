//! `npm run x` and its kin, against the scripts of `package.json`. Only managers that run nothing but scripts by
//! that name can be contradicted.

use super::{Call, Context, Ruling};

/// Words after `yarn` or `pnpm` that are the manager's own.
const BUILT_IN: &[&str] = &[
    "add",
    "audit",
    "bin",
    "cache",
    "ci",
    "config",
    "create",
    "dedupe",
    "deploy",
    "dlx",
    "exec",
    "global",
    "i",
    "import",
    "info",
    "init",
    "link",
    "list",
    "login",
    "ls",
    "node",
    "outdated",
    "pack",
    "patch",
    "plugin",
    "prune",
    "publish",
    "rebuild",
    "remove",
    "rm",
    "run-script",
    "self-update",
    "set",
    "setup",
    "store",
    "un",
    "uninstall",
    "unlink",
    "up",
    "update",
    "upgrade",
    "version",
    "view",
    "why",
    "workspace",
    "workspaces",
    "x",
    "help",
];

pub(super) fn rule(context: &Context<'_>, call: &Call<'_>) -> Option<Ruling> {
    let (manager, rest) = match call.words.as_slice() {
        [manager @ ("npm" | "yarn" | "pnpm" | "bun"), rest @ ..] => (*manager, rest),
        _ => return None,
    };
    match rest {
        [] if manager == "yarn" => Some(install(context, call)),
        ["install" | "ci" | "i"] | ["install" | "ci", "--frozen-lockfile" | "--immutable" | "--legacy-peer-deps"] => {
            Some(install(context, call))
        }
        ["run" | "run-script", script, ..] if is_name(script) => {
            Some(script_rule(context, call, manager != "yarn" && manager != "bun", script))
        }
        [script @ ("test" | "start"), ..] if manager != "bun" => {
            // `npm start` falls back to `node server.js`.
            let falls_back = *script == "start" && context.file_in(&call.folder, "server.js").is_some();
            Some(script_rule(context, call, manager == "npm" && !falls_back, script))
        }
        [script, ..] if matches!(manager, "yarn" | "pnpm") && is_name(script) && !BUILT_IN.contains(script) => {
            let found = script_rule(context, call, false, script);
            (found.verdict == crate::analyzer::claims::Verdict::Verified).then_some(found)
        }
        _ => None,
    }
}

fn install(context: &Context<'_>, call: &Call<'_>) -> Ruling {
    let manifest = call.folders().into_iter().find_map(|folder| context.file_in(folder, "package.json"));
    match manifest {
        Some(manifest) => Ruling::verified(format!("`{}` lists the packages", manifest.path), manifest.exists()),
        None => Ruling::unverifiable("there is no package.json where it would run"),
    }
}

fn script_rule(context: &Context<'_>, call: &Call<'_>, only_scripts: bool, script: &str) -> Ruling {
    for folder in call.folders() {
        if let Some(evidence) = context.script(folder, script) {
            return Ruling::verified(format!("`{}` defines the script `{script}`", evidence.path), evidence.clone());
        }
    }
    let elsewhere = context.script_folders(script);
    if let Some(folder) = elsewhere.first() {
        return Ruling::unverifiable(format!(
            "the script exists in `{folder}`, but the text does not say that it runs there"
        ));
    }
    let Some(manifest) = call.folders().into_iter().find_map(|folder| context.file_in(folder, "package.json")) else {
        return Ruling::unverifiable("there is no package.json where it would run");
    };
    let document = manifest.document();
    let broken = document.problem.is_some();
    // Another package is meant.
    let aside = call.words.iter().any(|word| {
        ["--prefix", "-w", "--workspace", "--workspaces", "--filter", "-C", "--cwd", "-F", "-r"]
            .contains(&word.split('=').next().unwrap_or(word))
    });
    let anchor = document
        .root()
        .entry("scripts")
        .map_or_else(|| manifest.exists(), |scripts| manifest.lines(scripts.line, scripts.value.end_line));
    let why = format!("no package.json of this tree defines the script `{script}`");
    if only_scripts && !broken && !aside { Ruling::missing(call, why, vec![anchor]) } else { Ruling::unverifiable(why) }
}

fn is_name(word: &str) -> bool {
    !word.starts_with('-') && word.chars().all(|c| c.is_ascii_alphanumeric() || ":_-.".contains(c))
}
