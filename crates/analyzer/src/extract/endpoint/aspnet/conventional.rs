//! Serves controllers: by the routes of their attributes, and by the patterns over controller and action names that an
//! application maps.

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;

use super::attribute::Template;
use super::controller::{self, Controller, ControllerAction, Selector};
use super::convention::{Applied, Conventions};
use super::minimal::{self, Mapped, RegistrationKind};
use super::{Served, Stated, template};
use crate::lang::csharp::CSharpProgram;

/// Paths that one pattern may give.
const MAX_PATTERN_PATHS: usize = 20_000;

/// State what every controller serves.
pub(super) fn serve<'p, 'c>(
    program: &'p CSharpProgram<'c>,
    controllers: &[Controller<'p, 'c>],
    mapped: &[Mapped<'c>],
    out: &mut Stated,
) {
    let maps: Vec<&Mapped<'c>> =
        mapped.iter().filter(|one| !matches!(one.what, RegistrationKind::Route { .. })).collect();
    let reached = reached(program, controllers, &maps);
    let conventions = Conventions::read(program);
    for controller in controllers {
        let Some(first) = controller.parts.first() else { continue };
        let project = program.projects.folder_of(first.file);
        let mine: Vec<&Mapped<'c>> =
            maps.iter().enumerate().filter(|(at, _)| reached[*at].contains(project)).map(|(_, one)| *one).collect();
        let mut projects: BTreeSet<&str> = BTreeSet::from([project]);
        projects.extend(reached.iter().filter(|reached| reached.contains(project)).flatten());
        let applied = conventions.within(&projects);
        let templates = controller.templates(program);
        for action in controller.actions(program) {
            for selector in &action.selectors {
                if templates.is_empty() && selector.template.is_none() {
                    by_pattern(controller, (&action, selector), (&mine, &applied), out);
                } else {
                    by_attribute(controller, (&action, selector), (&templates, &applied), (&maps, &mine), out);
                }
            }
        }
    }
}

/// The projects whose controllers each mapping serves: those that its project references; where a library maps, those
/// of the programs that use it too.
fn reached<'p, 'c>(
    program: &'p CSharpProgram<'c>,
    controllers: &[Controller<'p, 'c>],
    maps: &[&Mapped<'c>],
) -> Vec<BTreeSet<&'p str>> {
    let of_controllers: BTreeSet<&'p str> = controllers
        .iter()
        .filter_map(|one| one.parts.first())
        .map(|first| program.projects.folder_of(first.file) as &'p str)
        .collect();
    let one = |mapped: &&Mapped<'c>| {
        let own: &'p str = program.projects.folder_of(mapped.file);
        let mut out = program.projects.reached(own);
        if !program.projects.at(own).is_some_and(|project| project.is_program()) {
            for folder in &of_controllers {
                let theirs = program.projects.reached(folder);
                if theirs.contains(own) {
                    out.extend(theirs);
                }
            }
        }
        out
    };
    maps.iter().map(one).collect()
}

fn handler(controller: &Controller<'_, '_>, action: &ControllerAction<'_>) -> Option<String> {
    Some(format!("{}.{}", controller.parts.first()?.name, action.method))
}

fn by_attribute<'c>(
    controller: &Controller<'_, 'c>,
    (action, selector): (&ControllerAction<'c>, &Selector),
    (templates, applied): (&[(Template, Evidence)], &Applied),
    (maps, mine): (&[&Mapped<'c>], &[&Mapped<'c>]),
    out: &mut Stated,
) {
    if maps.is_empty() {
        let reason = format!("`{}.{}`: no application is seen to map controllers", controller.name, action.method);
        out.open(reason, &selector.evidence);
        return;
    }
    let prefixes: BTreeMap<Template, &Mapped<'c>> =
        if mine.is_empty() { maps } else { mine }.iter().map(|one| (one.prefix.clone(), *one)).collect();
    let is_alone = selector.template.as_ref().and_then(|own| own.as_deref().ok()).is_some_and(template::is_absolute);
    let above: Vec<Option<&(Template, _)>> =
        if templates.is_empty() || is_alone { vec![None] } else { templates.iter().map(Some).collect() };
    for above in above {
        let whole = applied.above(above.map(|(above, _)| above));
        let path = controller::full(controller, &action.name, whole.as_ref(), selector.template.as_ref(), applied);
        for (prefix, mapped) in &prefixes {
            let mut evidence = selector.evidence.clone();
            evidence.extend(above.map(|(_, evidence)| evidence.clone()));
            let templates = above.map(|(above, _)| above).into_iter().chain(selector.template.as_ref());
            for template in templates.filter_map(|template| template.as_ref().ok()) {
                let template = template.to_ascii_lowercase();
                let tokens = [
                    ("[controller]", Some(&controller.named_at)),
                    ("[action]", Some(&action.named_at)),
                    ("[area]", controller.area_at.as_ref()),
                ];
                evidence.extend(
                    tokens.iter().filter(|(token, _)| template.contains(token)).filter_map(|(_, at)| at.cloned()),
                );
            }
            if !is_alone {
                evidence.extend(applied.evidence().iter().cloned());
            }
            evidence.extend(mapped.evidence.iter().skip(1).cloned());
            out.serve(Served {
                verbs: selector.verbs.clone(),
                path: applied.cased(minimal::join(prefix, &path)),
                handler: handler(controller, action),
                is_guarded: (action.is_guarded || mapped.is_guarded) && !action.is_open,
                evidence,
            });
        }
    }
}

fn by_pattern<'c>(
    controller: &Controller<'_, 'c>,
    (action, selector): (&ControllerAction<'c>, &Selector),
    (mine, applied): (&[&Mapped<'c>], &Applied),
    out: &mut Stated,
) {
    for mapped in mine {
        let RegistrationKind::Conventional { pattern, defaults } = &mapped.what else { continue };
        let mut evidence = selector.evidence.clone();
        evidence.extend([action.named_at.clone(), controller.named_at.clone()]);
        evidence.extend(controller.area_at.clone());
        evidence.extend(mapped.evidence.iter().cloned());
        let mut served = Served {
            verbs: selector.verbs.clone(),
            path: Ok(String::new()),
            handler: handler(controller, action),
            is_guarded: (action.is_guarded || mapped.is_guarded) && !action.is_open,
            evidence,
        };
        let pattern = match minimal::join(&mapped.prefix, pattern) {
            Ok(pattern) => pattern,
            // Which controllers a computed pattern is for is known only if it says so.
            Err(reason) if fits(controller, action, "", defaults).is_some() && defaults.contains_key("controller") => {
                served.path = Err(reason);
                out.serve(served);
                continue;
            }
            Err(_) => continue,
        };
        if out.found.facts.len() > MAX_PATTERN_PATHS {
            return;
        }
        if let Some(paths) = fits(controller, action, &pattern, defaults) {
            for path in paths {
                if let Ok(path) = applied.cased(Ok(path)) {
                    out.state(&path, &served);
                }
            }
        }
    }
}

/// The paths of a pattern for one action; `None` when the pattern is not for it.
fn fits(
    controller: &Controller<'_, '_>,
    action: &ControllerAction<'_>,
    pattern: &str,
    defaults: &BTreeMap<String, String>,
) -> Option<Vec<String>> {
    let mut written = String::new();
    let mut has = BTreeSet::new();
    let value = |name: &str| match name.to_ascii_lowercase().as_str() {
        "controller" => Some(Some(controller.name.clone())),
        "action" => Some(Some(action.name.clone())),
        "area" => Some(controller.area.clone()),
        _ => None,
    };
    for piece in template::pieces(pattern) {
        match piece {
            template::TemplatePiece::Text(text) => written.push_str(&text),
            template::TemplatePiece::Parameter(inner) => {
                let one = template::parameter(inner);
                let Some(value) = value(one.name) else {
                    written.push_str(&format!("{{{inner}}}"));
                    continue;
                };
                has.insert(one.name.to_ascii_lowercase());
                let value = value?;
                let default = one.default.or(defaults.get(&one.name.to_ascii_lowercase()).map(String::as_str));
                // A name that is the default may be left out, as long as all behind it may.
                if default.is_some_and(|default| default.eq_ignore_ascii_case(&value)) {
                    written.push_str(&format!("{{\u{1}{value}=}}"));
                } else {
                    written.push_str(&value);
                }
            }
        }
    }
    let required =
        [("controller", Some(&controller.name)), ("action", Some(&action.name)), ("area", controller.area.as_ref())];
    for (name, wanted) in required {
        if has.contains(name) {
            continue;
        }
        let given = defaults.get(name);
        let agrees = match (given, wanted) {
            (Some(given), Some(wanted)) => given.eq_ignore_ascii_case(wanted),
            (None, None) => true,
            _ => false,
        };
        if !agrees {
            return None;
        }
    }
    let paths = template::called(&written).into_iter().map(|path| unmark(&path));
    Some(paths.collect())
}

/// Names that stood in for parameters, as plain text again.
fn unmark(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once("{\u{1}") {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(name);
        rest = tail;
    }
    out.push_str(rest);
    out
}
