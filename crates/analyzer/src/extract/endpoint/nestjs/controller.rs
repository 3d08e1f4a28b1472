//! The routes of one controller, put together as the framework does it: global prefix, version, path of the
//! module, path of the controller, path of the method.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::{Application, modules::Below, ours, versions};
use crate::extract::endpoint::guard;
use crate::trace::decorate::Decoration;
use crate::trace::graph::{PathText, Registration, RouterId};
use crate::trace::invoke::cite::NEAR;
use crate::trace::join::Join;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, ClassValue, Value};

const VERBS: [(&str, &str); 9] = [
    ("Get", "GET"),
    ("Post", "POST"),
    ("Put", "PUT"),
    ("Patch", "PATCH"),
    ("Delete", "DELETE"),
    ("Head", "HEAD"),
    ("Options", "OPTIONS"),
    ("All", "ANY"),
    ("Sse", "GET"),
];
/// Guards by class name that turn away whoever is not signed in.
const GUARDS: [&str; 10] = [
    "AuthGuard",
    "JwtAuthGuard",
    "JwtGuard",
    "AuthenticatedGuard",
    "SessionAuthGuard",
    "BearerAuthGuard",
    "AccessTokenGuard",
    "JwtAccessGuard",
    "ApiKeyAuthGuard",
    "SessionGuard",
];
/// Parts of decorators' names that open a route again.
const OPENING: [&str; 7] = ["public", "skip", "anonymous", "optional", "noauth", "unprotected", "unauth"];

/// A decorator of the framework with its arguments; what a program's own decorator is made of counts as well.
struct Applied {
    name: String,
    arguments: Vec<Argument>,
    evidence: Evidence,
}

/// Whether a class is a controller.
pub(super) fn is_controller(machine: &mut Machine<'_>, class: &Rc<ClassValue>) -> bool {
    // Cheap first: most classes have no decorator at all.
    if class.program.classes[class.class].decorators.is_empty() {
        return false;
    }
    let (applied, _) = applied_to(machine, class);
    applied.iter().any(|applied| applied.name == "Controller")
}

/// Register the routes of a controller.
pub(super) fn register(
    machine: &mut Machine<'_>,
    router: RouterId,
    application: &Application,
    class: &Rc<ClassValue>,
    below: &[Below],
) {
    let (above, opens) = applied_to(machine, class);
    let Some(controller) = above.iter().find(|applied| applied.name == "Controller") else { return };
    let (bases, own_versions) = controller_paths(machine, controller);
    let class_versions = version_of(machine, &above).or(own_versions);
    let class_guarded = is_guarded(&above);
    for method in machine.decorated_methods(class) {
        let (applied, method_opens) = flatten(machine, &method.path, method.decorations);
        let Some((http, said)) = verb(machine, &applied) else { continue };
        let versions =
            version_of(machine, &applied).or(class_versions.clone()).unwrap_or(application.default_versions.clone());
        let guarded = (class_guarded || is_guarded(&applied)) && !opens && !method_opens;
        let own = said.arguments.first();
        let own = match own.filter(|own| !own.text.is_empty()) {
            Some(first) => written(machine, &first.value, &first.text),
            None => vec![PathText::empty()],
        };
        let mut evidence = vec![said.evidence.clone(), controller.evidence.clone()];
        evidence.extend(below.iter().map(|(_, at)| at.clone()));
        evidence.extend(application.evidence.iter().cloned());
        let registration = Registration { handler: Some(method.name.to_string()), guarded, evidence };
        for base in &bases {
            for own in &own {
                let paths = paths(application, below, base, own, &versions);
                machine.graph.register(router, &[http], &paths, &registration);
            }
        }
    }
}

fn applied_to(machine: &mut Machine<'_>, class: &Rc<ClassValue>) -> (Vec<Applied>, bool) {
    let decorations = machine.class_decorations(class);
    let path = machine.modules[class.module].path.to_string();
    flatten(machine, &path, decorations)
}

/// The framework's decorators among these, and whether one of the program's own seems to open the route.
fn flatten(machine: &mut Machine<'_>, path: &str, decorations: Vec<Decoration>) -> (Vec<Applied>, bool) {
    let mut out = Vec::new();
    let mut opens = false;
    for decoration in decorations {
        let name = decoration.text.split('(').next().unwrap_or_default().to_ascii_lowercase();
        opens |= OPENING.iter().any(|word| name.contains(word)) && !name.contains("throttle");
        let (start, end) = decoration.lines;
        let evidence = machine.evidence(path, start, end.min(start + NEAR));
        collect(machine, &decoration.value, &evidence, &mut out, 0);
    }
    (out, opens)
}

fn collect(machine: &mut Machine<'_>, value: &Value, evidence: &Evidence, out: &mut Vec<Applied>, depth: usize) {
    let value = machine.known(value);
    let (Value::Made(made), Some(name)) = (&value, ours(&value)) else { return };
    if name == "applyDecorators" {
        for argument in made.arguments.iter().filter(|_| depth < 4) {
            collect(machine, &argument.value, evidence, out, depth + 1);
        }
        return;
    }
    out.push(Applied { name, arguments: made.arguments.clone(), evidence: evidence.clone() });
}

/// The method of the topmost verb; it is the one that counts.
fn verb<'a>(machine: &mut Machine<'_>, applied: &'a [Applied]) -> Option<(&'static str, &'a Applied)> {
    applied.iter().find_map(|applied| {
        if let Some((_, method)) = VERBS.iter().find(|(name, _)| *name == applied.name) {
            return Some((*method, applied));
        }
        if applied.name != "RequestMapping" {
            return None;
        }
        let Value::Object(fields) = machine.known(&applied.arguments.first()?.value) else { return None };
        let method = fields.get("method").map(|method| machine.known(&method)).and_then(|method| ours(&method));
        let name = method.unwrap_or_else(|| "RequestMethod.GET".to_owned());
        let (_, name) = name.rsplit_once('.')?;
        let (_, method) = VERBS.iter().find(|(verb, _)| verb.eq_ignore_ascii_case(name))?;
        Some((*method, applied))
    })
}

/// The paths of a text, a list of texts, or `{ path }`.
fn written(machine: &mut Machine<'_>, value: &Value, text: &str) -> Vec<PathText> {
    match machine.known(value) {
        Value::Array(items) => {
            let items = items.borrow().clone();
            items.iter().map(|item| machine.path_text(item, text)).collect()
        }
        Value::Object(fields) => match fields.get("path") {
            Some(path) => written(machine, &path, text),
            None => vec![PathText::empty()],
        },
        Value::Null => vec![PathText::empty()],
        other => vec![machine.path_text(&other, text)],
    }
}

fn controller_paths(machine: &mut Machine<'_>, controller: &Applied) -> (Vec<PathText>, Option<Vec<String>>) {
    let Some(first) = controller.arguments.first() else { return (vec![PathText::empty()], None) };
    let version = match machine.known(&first.value) {
        Value::Object(fields) => fields.get("version").map(|version| versions(machine, &version)),
        _ => None,
    };
    (written(machine, &first.value, &first.text), version)
}

fn version_of(machine: &mut Machine<'_>, applied: &[Applied]) -> Option<Vec<String>> {
    let said = applied.iter().find(|applied| applied.name == "Version")?;
    let first = said.arguments.first()?.value.clone();
    Some(versions(machine, &first))
}

/// Every path that is served for one pair of paths.
fn paths(
    application: &Application,
    below: &[Below],
    base: &PathText,
    own: &PathText,
    versions: &[String],
) -> Vec<PathText> {
    let mut inner = String::new();
    for part in below.iter().map(|(path, _)| path).chain([base, own]) {
        match part {
            PathText::Known(part) => inner = Join::Lenient.join(&inner, part),
            other => return vec![other.clone().without_base()],
        }
    }
    let versioned: Vec<String> = match (&application.version, versions.is_empty()) {
        (None, _) | (_, true) => vec![inner.clone()],
        (Some(PathText::Known(before)), _) => versions
            .iter()
            .map(|version| match version.as_str() {
                "" => inner.clone(),
                version => Join::Lenient.join(&format!("/{before}{version}"), &inner),
            })
            .collect(),
        (Some(other), _) => return vec![other.clone().without_base()],
    };
    let base = match &application.prefix {
        PathText::Below { base, .. } => Some(base),
        _ => None,
    };
    let prefix = match &application.prefix {
        PathText::Known(prefix) | PathText::Below { path: prefix, .. } if prefix.trim_matches('/').is_empty() => {
            String::new()
        }
        PathText::Known(prefix) | PathText::Below { path: prefix, .. } => format!("/{}", prefix.trim_matches('/')),
        unknown @ PathText::Unknown(_) => return vec![unknown.clone()],
    };
    let Some(excluded) = &application.excluded else {
        return vec![PathText::Unknown("what the global prefix leaves out is computed".into())];
    };
    let is_free = excluded.iter().any(|excluded| is_excluded(excluded, inner.trim_matches('/')));
    let all = versioned.iter().map(|path| match is_free {
        true => path.clone(),
        false => Join::Lenient.join(&prefix, path),
    });
    let is_below = |path: String| match base.filter(|_| !is_free) {
        Some(base) => PathText::Below { base: base.clone(), path },
        None => PathText::Known(path),
    };
    all.map(is_below).collect()
}

/// `health`, `users/:id`, `auth/(.*)`, `auth/*path`, and `auth{/*path}`, which is `auth` as well.
fn is_excluded(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_matches('/');
    let optional = pattern.split_once("{/*").map(|(start, _)| start).or_else(|| pattern.strip_suffix("(.*)"));
    if let Some(start) = optional.filter(|start| !start.ends_with('/')) {
        return path == start || path.starts_with(&format!("{start}/"));
    }
    let below = pattern.strip_suffix("/(.*)").or_else(|| pattern.rsplit_once("/*").map(|(start, _)| start));
    match below {
        Some(start) => path.starts_with(&format!("{start}/")),
        None => pattern == path,
    }
}

/// Whether a guard that is known by name stands among the decorators.
fn is_guarded(applied: &[Applied]) -> bool {
    let guards = applied.iter().filter(|applied| applied.name == "UseGuards");
    guards.flat_map(|applied| &applied.arguments).any(|argument| {
        let text = argument.text.trim();
        let name = text.split('(').next().unwrap_or_default().trim_start_matches("new ");
        // A strategy of its own says whether the request must bring a token.
        match text.split_once('(') {
            Some((_, strategy)) if name == "AuthGuard" && strategy.trim() != ")" => {
                guard::is_guard(&format!("passport.authenticate({strategy}"))
            }
            _ => GUARDS.contains(&name),
        }
    })
}
