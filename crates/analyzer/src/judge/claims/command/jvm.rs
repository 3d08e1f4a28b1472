//! Gradle and Maven: the wrapper or build file, and the modules that a command names. Tasks come from plugins too, so a
//! task is never contradicted.

use crate::tree::file::SourceFile;

use super::{ClaimedCommand, Context, Ruling, option, resolve};

const SETTINGS: &[&str] = &["settings.gradle", "settings.gradle.kts"];
const BUILDS: &[&str] = &["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"];

pub(super) fn rule<'c>(context: &Context<'c>, call: &ClaimedCommand<'_, 'c>) -> Option<Ruling> {
    let program = call.words.first()?;
    match program.trim_start_matches("./").trim_start_matches(".\\") {
        "gradlew" | "gradlew.bat" | "gradle" => gradle(context, call, program),
        "mvnw" | "mvnw.cmd" | "mvn" => maven(context, call, program),
        _ => None,
    }
}

fn gradle(context: &Context<'_>, call: &ClaimedCommand<'_, '_>, program: &str) -> Option<Ruling> {
    let Some(build) = call.find(context, BUILDS) else {
        return Some(Ruling::unverifiable("there is no Gradle build where it would run"));
    };
    if let Some(problem) = wrapper(context, call, program) {
        return Some(problem);
    }
    let task = call.words.get(1).filter(|task| task.starts_with(':') && task[1..].contains(':'));
    let Some(task) = task else {
        return Some(Ruling::verified(format!("`{}` is there", build.path), build.exists()));
    };
    let (module, _) = task[1..].rsplit_once(':')?;
    let folder = resolve(build.folder(), &module.replace(':', "/"))?;
    if let Some(inside) = context.exists(&folder) {
        return Some(Ruling::verified(format!("the module's folder `{folder}` is there"), inside));
    }
    let why = format!("no build of this tree includes the module `{module}`");
    let last = module.rsplit(':').next().unwrap_or(module);
    // The reader may stand above the folder of the nearest build.
    let mut all = SETTINGS.iter().flat_map(|name| context.named(name));
    let is_open = all.any(|settings| mentions(settings, last) || !is_plain(settings));
    Some(match call.find(context, SETTINGS) {
        Some(settings) if !is_open => Ruling::missing(call, why, vec![settings.exists()]),
        _ => Ruling::unverifiable(why),
    })
}

fn maven(context: &Context<'_>, call: &ClaimedCommand<'_, '_>, program: &str) -> Option<Ruling> {
    let Some(build) = call.find(context, &["pom.xml"]) else {
        return Some(Ruling::unverifiable("there is no pom.xml where it would run"));
    };
    if let Some(problem) = wrapper(context, call, program) {
        return Some(problem);
    }
    let modules = option(&call.words, &["-pl", "--projects"]);
    for module in modules.into_iter().flat_map(|list| list.split(',')) {
        if module.starts_with(['!', '-']) {
            continue;
        }
        let name = module.rsplit(':').next().unwrap_or(module);
        let by_folder =
            resolve(build.folder(), module).is_some_and(|folder| context.file_in(&folder, "pom.xml").is_some());
        let by_name = || context.named("pom.xml").iter().any(|pom| mentions(pom, name));
        if !by_folder && !by_name() {
            return Some(Ruling::missing(
                call,
                format!("no pom.xml of this tree is the module `{module}`"),
                vec![build.exists()],
            ));
        }
    }
    Some(Ruling::verified(format!("`{}` is there", build.path), build.exists()))
}

/// What speaks against calling the wrapper, if it is one.
fn wrapper(context: &Context<'_>, call: &ClaimedCommand<'_, '_>, program: &str) -> Option<Ruling> {
    let name = program.trim_start_matches("./").trim_start_matches(".\\");
    let is_wrapper = name.contains('w') && name != "mvn";
    if !is_wrapper || name == "gradle" || call.find(context, &[name]).is_some() {
        return None;
    }
    let above = context.named(name);
    Some(if above.is_empty() {
        Ruling::missing(call, format!("there is no `{name}` in this tree"), Vec::new())
    } else {
        Ruling::unverifiable(format!("`{name}` lies in another folder"))
    })
}

fn mentions(file: &SourceFile, word: &str) -> bool {
    file.text().contains(word)
}

/// Settings that compute their modules can hold any.
fn is_plain(settings: &SourceFile) -> bool {
    let text = settings.text();
    !["for ", "each", "file(", "apply", "includeBuild", "walk"].iter().any(|word| text.contains(word))
}
