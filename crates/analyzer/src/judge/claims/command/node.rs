//! `npm run x` and its kin, against the scripts of every `package.json`. Managers that also run programs of installed
//! packages are contradicted only for names that no program has.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;

use crate::tree::file::SourceFile;

use super::{ClaimedCommand, Context, Ruling, option, resolve};

/// Words after `yarn`, `pnpm` or `bun` that are the manager's own.
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
    "install",
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
    "run",
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

/// Names of scripts that no installed program has.
const CONVENTIONAL: &[&str] = &[
    "dev",
    "start",
    "build",
    "lint",
    "format",
    "serve",
    "watch",
    "migrate",
    "seed",
    "preview",
    "typecheck",
    "type-check",
    "test",
    "e2e",
    "develop",
    "docs",
    "coverage",
    "storybook",
    "check",
    "clean",
    "release",
    "prod",
    "setup",
];

/// Options that say which package is meant.
const PACKAGE: &[&str] = &["-w", "--workspace", "--filter", "-F"];
const FOLDER: &[&str] = &["--prefix", "-C", "--cwd", "--dir"];
const ALL: &[&str] = &["-r", "--recursive", "--workspaces", "-ws", "--if-present"];

/// Every package of the tree.
pub(super) struct Packages<'c> {
    by_folder: BTreeMap<&'c str, &'c SourceFile>,
    by_name: BTreeMap<&'c str, &'c str>,
    /// Names of scripts and the folders that have them.
    scripts: BTreeMap<&'c str, Vec<&'c str>>,
    /// Something runs scripts of other files: a script may be defined there.
    pub(super) dependencies: std::collections::BTreeSet<&'c str>,
}

impl<'c> Packages<'c> {
    fn new(context: &Context<'c>) -> Self {
        let mut packages = Self {
            by_folder: BTreeMap::new(),
            by_name: BTreeMap::new(),
            scripts: BTreeMap::new(),
            dependencies: std::collections::BTreeSet::new(),
        };
        for file in context.named("package.json") {
            let root = file.document().root();
            packages.by_folder.insert(file.folder(), file);
            if let Some(name) = root.get("name").and_then(|name| name.as_str()) {
                packages.by_name.insert(name, file.folder());
            }
            for entry in root.get("scripts").into_iter().flat_map(|scripts| scripts.entries()) {
                packages.scripts.entry(&entry.key).or_default().push(file.folder());
            }
            for list in ["dependencies", "devDependencies", "optionalDependencies"] {
                let entries = root.get(list).into_iter().flat_map(|list| list.entries());
                packages.dependencies.extend(entries.map(|entry| entry.key.rsplit('/').next().unwrap_or(&entry.key)));
            }
        }
        packages
    }

    /// The line of a script in the package of a folder.
    fn script(&self, folder: &str, name: &str) -> Option<Evidence> {
        let file = self.by_folder.get(folder)?;
        let entry = file.document().root().entry_at(&["scripts", name])?;
        Some(file.lines(entry.line, entry.value.end_line))
    }
}

/// What comes after the manager, sorted out.
struct Line<'w> {
    folder: Option<&'w str>,
    package: Option<&'w str>,
    all: bool,
    /// Words that are no options.
    plain: Vec<&'w str>,
}

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    let [manager @ ("npm" | "yarn" | "pnpm" | "bun"), rest @ ..] = call.words.as_slice() else { return None };
    let mut line = sort_out(rest);
    if let (&"yarn", ["workspace", name, script @ ..]) = (manager, line.plain.as_slice()) {
        line.package = Some(name);
        line.plain = script.to_vec();
    }
    match (*manager, line.plain.as_slice()) {
        ("yarn", []) if rest.is_empty() => Some(install(context, call)),
        (_, ["install" | "ci" | "i"])
            if !rest.iter().any(|word| matches!(*word, "-g" | "--global" | "-D" | "--save-dev")) =>
        {
            Some(install(context, call))
        }
        // It prints the environment, defined or not.
        (_, ["run" | "run-script", "env", ..]) => None,
        (_, ["run" | "run-script", script, ..]) if is_name(script) => {
            let found = script_rule(context, call, manager, &line, script);
            let is_anothers = *manager != "npm" && is_anothers(context, manager);
            Some(if is_anothers { found.at_most_unverifiable() } else { found })
        }
        ("npm", [script @ ("test" | "start" | "stop" | "restart"), ..]) => {
            // `npm start` falls back to `node server.js`.
            let falls_back = *script == "start" && call.find(context, &["server.js"]).is_some();
            let restarts = *script == "restart";
            let found = script_rule(context, call, manager, &line, script);
            Some(if falls_back || restarts { found.at_most_unverifiable() } else { found })
        }
        ("pnpm" | "yarn", [script, ..]) if is_name(script) && !BUILT_IN.contains(script) => {
            let found = script_rule(context, call, "yarn", &line, script);
            let found = if is_anothers(context, manager) { found.at_most_unverifiable() } else { found };
            (found.verdict != super::Verdict::Unverifiable).then_some(found)
        }
        ("bun", [script, ..])
            if is_name(script) && !BUILT_IN.contains(script) && !matches!(*script, "test" | "build") =>
        {
            let found = script_rule(context, call, "yarn", &line, script);
            (found.verdict != super::Verdict::Unverifiable).then_some(found)
        }
        _ => None,
    }
}

/// Whether the tree's packages are another manager's: then the command may be one of the reader's own project.
fn is_anothers(context: &Context<'_>, manager: &str) -> bool {
    let locks = [("yarn", "yarn.lock"), ("pnpm", "pnpm-lock.yaml"), ("npm", "package-lock.json"), ("bun", "bun.lock")];
    let has = |of: bool| locks.iter().any(|(name, lock)| (*name == manager) == of && !context.named(lock).is_empty());
    !has(true) && has(false)
}

fn sort_out<'w>(words: &[&'w str]) -> Line<'w> {
    let words: Vec<&str> = words.iter().copied().take_while(|word| *word != "--").collect();
    let mut line = Line {
        folder: option(&words, FOLDER),
        package: option(&words, PACKAGE),
        all: words.iter().any(|word| ALL.contains(word)),
        plain: Vec::new(),
    };
    let mut skip = false;
    for word in words {
        let takes_value = PACKAGE.contains(&word) || FOLDER.contains(&word);
        if !std::mem::replace(&mut skip, takes_value) && !word.starts_with('-') {
            line.plain.push(word);
        }
    }
    line
}

fn install<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Ruling {
    match call.find(context, &["package.json"]) {
        Some(manifest) => Ruling::verified(format!("`{}` lists the packages", manifest.path), manifest.exists()),
        None => Ruling::unverifiable("there is no package.json where it would run"),
    }
}

fn script_rule<'c>(
    context: &Context<'c>,
    call: &ClaimedCommand<'_, 'c>,
    manager: &str,
    line: &Line<'_>,
    script: &str,
) -> Ruling {
    let packages = call.indexes.node.get_or_init(|| Packages::new(context));
    let everywhere = packages.scripts.get(script).map_or(&[][..], Vec::as_slice);
    // Which package is meant, if the command says so.
    let named = match (line.package, line.folder) {
        (Some(name), _) => {
            let mut seen_from = call.folders().into_iter().filter_map(|folder| resolve(folder, name));
            let by_folder = seen_from.find(|folder| packages.by_folder.contains_key(folder.as_str()));
            // A filter may leave out the scope.
            let unscoped = || {
                packages
                    .by_name
                    .iter()
                    .find(|(known, _)| known.rsplit('/').next() == Some(name))
                    .map(|(_, folder)| folder)
            };
            let found = packages.by_name.get(name).or_else(unscoped).map(|folder| (*folder).to_owned()).or(by_folder);
            let Some(folder) = found else {
                let plain = !name.contains(['*', '{', '!', '[', '^'])
                    && !name.starts_with('.')
                    && !name.contains("...")
                    && name.contains(|c: char| c.is_alphabetic());
                let why = format!("no package.json of this tree has the name `{name}`");
                return if plain && !packages.by_name.is_empty() {
                    Ruling::missing(call, why, Vec::new())
                } else {
                    Ruling::unverifiable(why)
                };
            };
            Some(folder)
        }
        (None, Some(folder)) => match resolve(&call.folder, folder) {
            Some(folder) if packages.by_folder.contains_key(folder.as_str()) => Some(folder),
            _ => return Ruling::unverifiable(format!("there is no package.json in `{folder}`")),
        },
        (None, None) => None,
    };
    let places: Vec<&str> = named.as_deref().map_or_else(|| call.folders(), |folder| vec![folder]);
    if let Some(evidence) = places.iter().find_map(|folder| packages.script(folder, script)) {
        return Ruling::verified(format!("`{}` defines the script `{script}`", evidence.path), evidence);
    }
    if line.all
        && let Some(evidence) = everywhere.first().and_then(|folder| packages.script(folder, script))
    {
        return Ruling::verified(format!("`{}` defines the script `{script}`", evidence.path), evidence);
    }
    let is_explicit = named.is_some() || call.explicit;
    if let Some(folder) = everywhere.first().filter(|_| !is_explicit) {
        return Ruling::unverifiable(format!(
            "the script exists in `{folder}`, but the text does not say that it runs there"
        ));
    }
    let Some(manifest) = places.iter().find_map(|folder| packages.by_folder.get(folder)) else {
        return Ruling::unverifiable("there is no package.json where it would run");
    };
    let document = manifest.document();
    let anchor = document
        .root()
        .entry("scripts")
        .map_or_else(|| manifest.exists(), |scripts| manifest.lines(scripts.line, scripts.value.end_line));
    let why = if is_explicit {
        format!("`{}` defines no script `{script}`", manifest.path)
    } else {
        format!("no package.json of this tree defines the script `{script}`")
    };
    // These managers also run programs that installed packages bring.
    let runs_programs = manager == "yarn" || manager == "bun";
    let may_be_program = runs_programs
        && (packages.dependencies.contains(script) || !(script.contains(':') || CONVENTIONAL.contains(&script)));
    let is_unsure = document.problem.is_some() || may_be_program || line.all;
    if is_unsure { Ruling::unverifiable(why) } else { Ruling::missing(call, why, vec![anchor]) }
}

fn is_name(word: &str) -> bool {
    !word.starts_with('-') && word.chars().all(|c| c.is_ascii_alphanumeric() || ":_-.".contains(c))
}
