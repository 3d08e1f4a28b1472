//! Viewsets: the standard actions a class has, and those it declares with `@action`.

use std::collections::BTreeMap;
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::{class, package, permission};
use crate::extract::endpoint::written::texts;
use crate::syntax::program::Kind;
use crate::trace::graph::Verb;
use crate::trace::machine::Machine;
use crate::trace::value::{ClassValue, Made, Value};

/// Action, method, and whether its path names one object.
const STANDARD: [(&str, &str, bool); 6] = [
    ("list", "GET", false),
    ("create", "POST", false),
    ("retrieve", "GET", true),
    ("update", "PUT", true),
    ("partial_update", "PATCH", true),
    ("destroy", "DELETE", true),
];

/// An action that `@action` declares.
pub(super) struct ExtraAction {
    pub(super) detail: bool,
    /// A regular expression, as routers take them.
    pub(super) path: Result<String, String>,
    /// The decorator with the line of its method.
    pub(super) place: Evidence,
    pub(super) verbs: Vec<Verb>,
}

/// A standard action with the place that says it.
fn standard(machine: &mut Machine<'_>, class: &Rc<ClassValue>, packages: &[Rc<str>], action: &str) -> Option<Evidence> {
    match machine.class_member(class, action, None) {
        Some(Value::Null) => None,
        Some(Value::Function(method)) => Some(class::line_of(machine, &method)),
        Some(_) => Some(class::place(machine, class)),
        None => {
            let is_brought = packages.iter().any(|base| package::actions(base).contains(&action));
            is_brought.then(|| class::place(machine, class))
        }
    }
}

/// The standard actions as (names one object, verb).
pub(super) fn standards(
    machine: &mut Machine<'_>,
    class: &Rc<ClassValue>,
    packages: &[Rc<str>],
    allowed: Option<&[String]>,
    guarded: bool,
) -> Vec<(bool, Verb)> {
    let name = class.program.classes[class.class].name.as_deref().unwrap_or_default().to_owned();
    let mut out = Vec::new();
    for (action, method, detail) in STANDARD {
        if is_allowed(allowed, method)
            && let Some(lines) = standard(machine, class, packages, action)
        {
            let handler = Some(format!("{name}.{action}"));
            out.push((detail, Verb { method: method.to_owned(), handler, guarded, lines: Some(lines) }));
        }
    }
    out
}

fn is_allowed(allowed: Option<&[String]>, method: &str) -> bool {
    allowed.is_none_or(|allowed| allowed.iter().any(|name| name.eq_ignore_ascii_case(method)))
}

/// `as_view({"get": "list"})`
pub(super) fn mapped(
    machine: &mut Machine<'_>,
    class: &Rc<ClassValue>,
    map: &Value,
    allowed: Option<&[String]>,
    guarded: bool,
) -> Result<Vec<Verb>, String> {
    let Value::Object(map) = map else { return Err("its map of methods is not literal".to_owned()) };
    let name = class.program.classes[class.class].name.as_deref().unwrap_or_default().to_owned();
    let entries = map.fields.borrow().clone();
    let mut verbs = Vec::new();
    for (method, action) in &entries {
        let Value::Text(action) = machine.known(action) else {
            return Err("its map of methods is not literal".to_owned());
        };
        if !is_allowed(allowed, method) {
            continue;
        }
        let lines = match machine.class_member(class, &action, None) {
            Some(Value::Function(method)) => class::line_of(machine, &method),
            _ => class::place(machine, class),
        };
        let handler = Some(format!("{name}.{action}"));
        verbs.push(Verb { method: method.to_ascii_uppercase(), handler, guarded, lines: Some(lines) });
    }
    Ok(verbs)
}

/// The actions that a class and those it extends declare.
pub(super) fn extras(
    machine: &mut Machine<'_>,
    class: &Rc<ClassValue>,
    allowed: Option<&[String]>,
    guarded: bool,
) -> Vec<ExtraAction> {
    let name = class.program.classes[class.class].name.as_deref().unwrap_or_default().to_owned();
    let mut found: BTreeMap<Rc<str>, ExtraAction> = BTreeMap::new();
    let mut open = vec![Rc::clone(class)];
    let mut seen = 0;
    while let Some(class) = open.pop() {
        seen += 1;
        if seen > 24 {
            break;
        }
        let program = Rc::clone(&class.program);
        for member in program.classes[class.class].members.iter().filter(|member| member.is_method) {
            let Kind::Decorated(..) = &program.nodes[member.value].kind else { continue };
            let Some(Value::Function(method)) = machine.class_member(&class, &member.name, None) else {
                continue;
            };
            for decorator in machine.decorators_of(&method) {
                let lines = class::line_of(machine, &method);
                let place = machine.evidence(&lines.path, decorator.evidence.start_line, lines.end_line);
                let verb = |method: &str, guarded: bool| Verb {
                    method: method.to_ascii_uppercase(),
                    handler: Some(format!("{name}.{}", member.name)),
                    guarded,
                    lines: None,
                };
                // `@<action>.mapping.<method>` adds a method to an action above.
                let parts: Vec<&str> = decorator.text.split('.').collect();
                if let [action, "mapping", method] = parts.as_slice() {
                    if is_allowed(allowed, method)
                        && let Some(extra) = found.get_mut(*action)
                    {
                        let guarded = extra.verbs.first().map_or(guarded, |verb| verb.guarded);
                        extra.verbs.push(Verb { lines: Some(place), ..verb(method, guarded) });
                    }
                    continue;
                }
                let Value::Made(made) = &decorator.value else { continue };
                let Some((methods, detail)) = declared(machine, made) else { continue };
                let named = |name: &str| made.named(name).cloned();
                let methods = match methods {
                    Some(list) => texts(machine, &list).unwrap_or_default(),
                    None => vec!["get".to_owned()],
                };
                let path = match named("url_path").map(|path| machine.known(&path)) {
                    None | Some(Value::Null) => Ok(member.name.to_string()),
                    Some(Value::Text(path)) => Ok(path.to_string()),
                    Some(_) => Err("its `url_path` is not literal".to_owned()),
                };
                let guarded = match named("permission_classes") {
                    Some(list) => permission::is_guarding(machine, &list),
                    None => guarded,
                };
                let verbs: Vec<Verb> = methods
                    .iter()
                    .filter(|method| is_allowed(allowed, method))
                    .map(|method| verb(method, guarded))
                    .collect();
                found.entry(Rc::clone(&member.name)).or_insert(ExtraAction { detail, path, place, verbs });
            }
        }
        let bases: Vec<Value> = class.supers.iter().map(|base| machine.known(base)).collect();
        open.extend(bases.into_iter().rev().filter_map(|base| match base {
            Value::Class(base) => Some(base),
            _ => None,
        }));
    }
    found.into_values().collect()
}

/// The list of methods that a declaring decorator names, and whether its action is of one object.
fn declared(machine: &mut Machine<'_>, made: &Made) -> Option<(Option<Value>, bool)> {
    let at = |at: usize| {
        let positional = made.arguments.iter().filter(|argument| argument.name.is_none());
        positional.map(|argument| argument.value.clone()).nth(at)
    };
    let methods = made.named("methods").cloned().or_else(|| at(0));
    match package::last(&made.what) {
        "action" => {
            let detail = made.named("detail").cloned().or_else(|| at(1)).map(|detail| machine.known(&detail));
            Some((methods, matches!(detail, Some(Value::Bool(true)))))
        }
        "detail_route" => Some((methods, true)),
        "list_route" => Some((methods, false)),
        _ => None,
    }
}
