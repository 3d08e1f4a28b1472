//! The methods that a view serves: what its decorators allow, what its class and the classes it
//! extends define. A view out of an unknown package has none that could be stated.

use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::{class, package, permission, viewset};
use crate::extract::endpoint::guard;
use crate::extract::endpoint::written::texts;
use crate::trace::graph::Verb;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, ClassValue, Closure, Value};

/// In the order in which they are listed.
const VERBS: [&str; 8] = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/// The methods of what stands in a pattern as its view, or why they are not known.
pub(super) fn methods(machine: &mut Machine<'_>, value: &Value, path: &str) -> Result<Vec<Verb>, String> {
    match machine.known(value) {
        Value::Function(closure) => of_function(machine, &closure),
        Value::Class(class) => of_class(machine, &class, &[]),
        Value::Made(made) if &*made.what == "as_view" => {
            let Some((first, given)) = made.arguments.split_first() else {
                return Err("it has no class".to_owned());
            };
            let Value::Class(class) = machine.known(&first.value) else {
                return Err("its class could not be followed".to_owned());
            };
            of_class(machine, &class, given)
        }
        Value::Made(made) if package::is_schema(&made.what) => Ok(vec![Verb::of("GET")]),
        Value::Made(made) => match made.what.strip_suffix(".as_view") {
            Some(class) => of_package(class, &made.arguments),
            None => wrapped(machine, &made.what, &made.arguments, path),
        },
        Value::External(name) if name.starts_with("django.") => {
            let handler = package::last(&name).to_owned();
            Ok(vec![Verb { handler: Some(handler), ..Verb::of("ANY") }])
        }
        Value::External(name) => Err(format!("`{name}` comes from a package that is not in the tree")),
        // An instance that is called: one of the program's own classes, or a feed.
        Value::Object(object) if object.class.is_some() => {
            let class = object.class.clone().ok_or_else(|| "it has no class".to_owned())?;
            let call = machine.class_member(&class, "__call__", None);
            let is_feed = class::packages(machine, &class).iter().any(|base| package::is_feed(base));
            if !is_feed && !matches!(call, Some(Value::Function(_))) {
                return Err("its class is not called where it can be seen".to_owned());
            }
            let handler = class.program.classes[class.class].name.as_ref().map(ToString::to_string);
            let lines = Some(class::place(machine, &class));
            Ok(vec![Verb { handler, lines, ..Verb::of("ANY") }])
        }
        Value::Text(dotted) => match dotted.rsplit_once('.') {
            Some((module, name)) => match machine.module_named(path, module) {
                Value::Module(module) => match machine.module_value(module, name) {
                    Some(view) if !matches!(view, Value::Text(_)) => methods(machine, &view, path),
                    _ => Err(format!("`{dotted}` is not defined where it can be seen")),
                },
                _ => Err(format!("`{dotted}` comes from a package that is not in the tree")),
            },
            None => Err(format!("`{dotted}` is not defined where it can be seen")),
        },
        Value::Unknown(why) if why.is_said() => Err(format!("it {why}")),
        _ => Err("it could not be followed".to_owned()),
    }
}

/// A call around a view: `csrf_exempt(view)`, `login_required(View.as_view())`.
fn wrapped(machine: &mut Machine<'_>, what: &str, given: &[Argument], path: &str) -> Result<Vec<Verb>, String> {
    let mut result = Err(format!("it is made by `{what}`"));
    for argument in given {
        let value = machine.known(&argument.value);
        if matches!(value, Value::Function(_) | Value::Class(_) | Value::Made(_) | Value::External(_)) {
            result = methods(machine, &value, path);
            if result.is_ok() {
                break;
            }
        }
    }
    let mut verbs = result?;
    if let Some(allowed) = restriction(what) {
        verbs = restricted(verbs, &allowed, None);
    }
    if guard::is_guard(package::last(what)) {
        verbs.iter_mut().for_each(|verb| verb.guarded = true);
    }
    Ok(verbs)
}

/// What a decorator without arguments allows.
fn restriction(name: &str) -> Option<Vec<String>> {
    let allowed = match package::last(name) {
        "require_GET" | "require_safe" => "GET",
        "require_POST" => "POST",
        _ => return None,
    };
    Some(vec![allowed.to_owned()])
}

/// What a decorator allows; an error where it says so in a form that is not literal.
fn allowed_by(machine: &mut Machine<'_>, value: &Value, arguments: &[Value]) -> Result<Option<Vec<String>>, String> {
    let literal = |machine: &mut Machine<'_>, list: &Value| match texts(machine, list) {
        Some(methods) if !methods.is_empty() => Ok(Some(upper(&methods))),
        _ => Err("its list of methods is not literal".to_owned()),
    };
    match value {
        Value::External(name) => Ok(restriction(name)),
        Value::Made(made) => match (package::last(&made.what), made.arguments.first()) {
            ("require_http_methods", Some(list)) => literal(machine, &list.value),
            ("api_view", Some(list)) => literal(machine, &list.value),
            ("api_view", None) => Ok(Some(vec!["GET".to_owned()])),
            ("method_decorator", Some(inner)) => {
                let inner = machine.known(&inner.value);
                match inner {
                    Value::Array(_) => Ok(None),
                    inner => allowed_by(machine, &inner, &[]),
                }
            }
            _ => Ok(None),
        },
        // The program's own decorator that is told methods and nothing else.
        _ if !arguments.is_empty() => {
            let list = match arguments {
                [one] => one.clone(),
                all => Value::array(all.to_vec()),
            };
            let methods = texts(machine, &list).unwrap_or_default();
            let is_verb = |method: &String| VERBS.iter().any(|verb| verb.to_ascii_uppercase() == *method);
            Ok((!methods.is_empty() && methods.iter().all(is_verb)).then_some(methods))
        }
        _ => Ok(None),
    }
}

fn upper(methods: &[String]) -> Vec<String> {
    methods.iter().map(|method| method.to_ascii_uppercase()).collect()
}

/// Only these methods of what is served; `ANY` becomes each of them.
fn restricted(verbs: Vec<Verb>, allowed: &[String], lines: Option<&Evidence>) -> Vec<Verb> {
    let mut out = Vec::new();
    for verb in verbs {
        if verb.method != "ANY" {
            if allowed.contains(&verb.method) {
                out.push(verb);
            }
            continue;
        }
        for method in allowed {
            let mut verb = Verb { method: method.clone(), ..verb.clone() };
            verb.lines = lines.cloned().or(verb.lines);
            out.push(verb);
        }
    }
    out
}

fn of_function(machine: &mut Machine<'_>, closure: &Rc<Closure>) -> Result<Vec<Verb>, String> {
    if let Some(inner) = inside(machine, closure) {
        return match inner {
            Value::Function(inner) => of_function(machine, &inner),
            Value::Class(class) => of_class(machine, &class, &[]),
            _ => Err("it could not be followed".to_owned()),
        };
    }
    let function = &closure.program.functions[closure.function];
    let path = machine.modules[closure.module].path.to_string();
    let lines = function.name.is_some().then(|| machine.evidence(&path, function.start, function.start));
    let handler = function.name.as_ref().map(ToString::to_string);
    let mut verbs = vec![Verb { handler, lines, ..Verb::of("ANY") }];
    for decorator in machine.decorators_of(closure) {
        if let Some(allowed) = allowed_by(machine, &decorator.value, &decorator.arguments)? {
            verbs = restricted(verbs, &allowed, Some(&decorator.evidence));
        }
        if permission::guards_view(machine, &decorator) {
            verbs.iter_mut().for_each(|verb| verb.guarded = true);
        }
    }
    Ok(verbs)
}

/// The view that a function of the program wraps in another one: what its maker was given.
fn inside(machine: &mut Machine<'_>, closure: &Rc<Closure>) -> Option<Value> {
    closure.scope.parent.as_ref()?;
    let function = &closure.program.functions[closure.function];
    let names = closure.scope.names.borrow();
    let mut sorted: Vec<_> = names.iter().filter(|(name, _)| Some(*name) != function.name.as_ref()).collect();
    sorted.sort_by_key(|(name, _)| Rc::clone(name));
    let given: Vec<Value> = sorted.into_iter().map(|(_, value)| value.clone()).collect();
    drop(names);
    given.iter().map(|value| machine.known(value)).find(|value| {
        matches!(value, Value::Function(inner) if inner.scope.parent.is_none()) || matches!(value, Value::Class(_))
    })
}

fn of_package(class: &str, given: &[Argument]) -> Result<Vec<Verb>, String> {
    let methods = package::methods(class);
    if methods.is_empty() || given.iter().any(|argument| argument.name.as_deref() == Some("http_method_names")) {
        return Err(format!("`{class}` comes from a package that is not in the tree"));
    }
    let handler = package::last(class);
    let verb = |method: &str| Verb { handler: Some(handler.to_owned()), ..Verb::of(method.to_ascii_uppercase()) };
    Ok(methods.into_iter().map(verb).collect())
}

fn of_class(machine: &mut Machine<'_>, class: &Rc<ClassValue>, given: &[Argument]) -> Result<Vec<Verb>, String> {
    let allowed = class::let_through(machine, class, given)?;
    let packages = class::packages(machine, class);
    let guarded = permission::of_class(machine, class, &packages, given);
    if let Some(map) = given.iter().find(|argument| matches!(argument.value, Value::Object(_))) {
        let map = map.value.clone();
        return viewset::mapped(machine, class, &map, allowed.as_deref(), guarded);
    }
    let name = class.program.classes[class.class].name.as_deref().unwrap_or_default().to_owned();
    let at_class = class::place(machine, class);
    let brought: Vec<&str> = packages.iter().flat_map(|base| package::methods(base)).collect();
    let mut verbs = Vec::new();
    for verb in VERBS {
        if allowed.as_ref().is_some_and(|allowed| !allowed.iter().any(|name| name == verb)) {
            continue;
        }
        let (handler, lines, guarded) = match machine.class_member(class, verb, None) {
            Some(Value::Null) => continue,
            Some(Value::Function(method)) => {
                let guarded =
                    guarded || machine.decorators_of(&method).iter().any(|one| permission::guards_method(machine, one));
                (format!("{name}.{verb}"), class::line_of(machine, &method), guarded)
            }
            Some(_) => (format!("{name}.{verb}"), at_class.clone(), guarded),
            None if brought.contains(&verb) => (name.clone(), at_class.clone(), guarded),
            None => continue,
        };
        let method = verb.to_ascii_uppercase();
        verbs.push(Verb { method, handler: Some(handler), guarded, lines: Some(lines) });
    }
    let unseen = packages.iter().find(|base| !package::is_known(base));
    match (verbs.is_empty(), unseen) {
        (true, Some(base)) => return Err(format!("its class extends `{base}`, which is not in the tree")),
        (true, None) if machine.class_member(class, "dispatch", None).is_some() => {
            return Ok(vec![Verb { method: "ANY".to_owned(), handler: Some(name), guarded, lines: Some(at_class) }]);
        }
        (true, None) => return Err("its class defines none that can be seen".to_owned()),
        (false, Some(base)) => {
            let reason = format!("`{name}` may serve more methods, as it extends `{base}`, which is not in the tree");
            machine.loose(reason, at_class);
        }
        (false, None) => {}
    }
    for decorator in machine.decorators_of_class(class) {
        if let Some(allowed) = allowed_by(machine, &decorator.value, &[])? {
            verbs = restricted(verbs, &allowed, None);
        }
    }
    Ok(verbs)
}
