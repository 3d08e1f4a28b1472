//! How an application starts: its kernel, its providers, `bootstrap/app.php`, and the files that old versions load.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::group::Group;
use super::{Routes, provider, router};
use crate::analyzer::evidence::Evidence;
use crate::analyzer::file::{PathClass, SourceFile};
use crate::analyzer::php::host::Call;
use crate::analyzer::php::machine::{Frame, Machine};
use crate::analyzer::php::value::Value;

type Evaluator<'c> = Machine<'c, Routes<'c>>;

/// Route files that versions before 5.3 load by themselves.
const OLD: [&str; 2] = ["app/routes.php", "app/Http/routes.php"];

/// Start the application as the framework does.
pub(super) fn run(machine: &mut Evaluator<'_>) {
    kernel(machine);
    let bootstrap = own(machine, "bootstrap/app.php");
    if let Some(file) = bootstrap {
        let mut frame = machine.frame(file);
        machine.include(&mut frame, file);
    }
    provider::boot(machine);
    // Deferred code may defer more.
    let mut done = 0;
    while let Some((what, group)) = machine.host.deferred.get(done).cloned() {
        done += 1;
        machine.host.groups.push(group);
        if let Value::Closure(closure) = &what {
            machine.call_closure(closure, vec![Value::native("router", 0)]);
        }
        machine.host.groups.pop();
    }
    for path in OLD {
        if let Some(file) = own(machine, path)
            && !machine.ran.contains(file.path.as_str())
        {
            let mut frame = machine.frame(file);
            machine.include(&mut frame, file);
        }
    }
}

fn own<'c>(machine: &Evaluator<'c>, path: &str) -> Option<&'c SourceFile> {
    let file = machine.corpus.file(&machine.project.path(path));
    file.filter(|file| file.class == PathClass::Application)
}

/// Aliases and groups of middleware in `app/Http/Kernel.php`.
fn kernel(machine: &mut Evaluator<'_>) {
    let kernels = ["app/Http/Kernel.php", "app/Kernel.php"];
    let by_name = machine.class("App\\Http\\Kernel");
    let classes: Vec<_> = match by_name {
        Some(class) => vec![class],
        None => {
            let mut files: Vec<&SourceFile> = kernels.iter().filter_map(|path| own(machine, path)).collect();
            let named = machine.corpus.application().filter(|file| file.path.ends_with("Http/Kernel.php"));
            let below = |file: &&SourceFile| crate::analyzer::php::project::is_below(&file.path, &machine.project.root);
            files.extend(named.filter(below));
            files.into_iter().take(2).flat_map(|file| machine.classes(file)).collect()
        }
    };
    for class in classes {
        for property in ["routeMiddleware", "middlewareAliases"] {
            let aliases = machine.default_of(&class, property).unwrap_or(Value::Null);
            take_aliases(machine, &aliases);
        }
        for (name, members) in machine.default_of(&class, "middlewareGroups").unwrap_or(Value::Null).entries() {
            if let Some(name) = name.as_text() {
                machine.host.names.groups.insert(name.to_owned(), members.texts());
            }
        }
    }
}

fn take_aliases(machine: &mut Evaluator<'_>, aliases: &Value<'_>) {
    for (name, class) in aliases.entries() {
        if let (Some(name), Some(class)) = (name.as_text(), class.as_text()) {
            machine.host.names.aliases.insert(name.to_owned(), Rc::from(class));
        }
    }
}

/// `Application::configure()->withRouting(...)->withMiddleware(...)->create()`
pub(super) fn configure<'c>(machine: &mut Evaluator<'c>, frame: &mut Frame<'c>, call: &Call<'c>) -> Option<Value<'c>> {
    match call.name.as_ref() {
        "withRouting" => routing(machine, frame, call),
        "withMiddleware" => {
            if let Some(Value::Closure(closure)) = call.value(0, "callback") {
                machine.call_closure(closure, vec![Value::native("middleware", 0)]);
            }
        }
        "withBroadcasting" => router::broadcasting(machine, call),
        "booted" | "booting" => {
            if let Some(value @ Value::Closure(_)) = call.value(0, "callback") {
                let group = machine.host.group();
                machine.host.deferred.push((value.clone(), group));
            }
        }
        "create" => return Some(Value::native("app", 0)),
        _ => {}
    }
    Some(Value::native("configure", 0))
}

/// The files of `withRouting`, each with the group that the framework puts around it.
fn routing<'c>(machine: &mut Evaluator<'c>, frame: &mut Frame<'c>, call: &Call<'c>) {
    let evidence_of = |at: usize, name: &str| {
        let node = call.argument(at, name).map(|argument| argument.node);
        let lines = |node: tree_sitter::Node<'c>| {
            call.file.lines(call.file.line_at(node.start_byte()), call.file.line_at(node.end_byte().saturating_sub(1)))
        };
        node.map_or_else(|| call.evidence(None), lines)
    };
    if let Some(using @ Value::Closure(_)) = call.value(0, "using") {
        let group = machine.host.group();
        machine.host.deferred.push((using.clone(), group));
    }
    let prefix = call.value(7, "apiPrefix").cloned().unwrap_or_else(|| Value::text("api"));
    let plain = |middleware: &str| BTreeMap::from([("middleware".to_owned(), Value::text(middleware))]);
    for (at, name, mut attributes) in [(1, "web", plain("web")), (2, "api", plain("api"))] {
        if name == "api" {
            attributes.insert("prefix".to_owned(), prefix.clone());
        }
        if let Some(files) = call.value(at, name).cloned() {
            let evidence = evidence_of(at, name);
            inside(machine, frame, &attributes, &files, &evidence);
        }
    }
    if let Some(Value::Text(path)) = call.value(6, "health") {
        let route =
            super::routes::What::Route { methods: vec!["GET".to_owned()], path: Ok(path.clone()), handler: None };
        router::stated(machine, route, evidence_of(6, "health"));
    }
    if call.value(4, "channels").is_some_and(|channels| matches!(channels, Value::Text(_))) {
        let route = super::routes::What::Route {
            methods: vec!["GET".to_owned(), "POST".to_owned()],
            path: Ok(Rc::from("broadcasting/auth")),
            handler: None,
        };
        router::stated(machine, route, evidence_of(4, "channels"));
    }
    if let Some(then @ Value::Closure(_)) = call.value(8, "then") {
        let group = machine.host.group();
        machine.host.deferred.push((then.clone(), group));
    }
}

fn inside<'c>(
    machine: &mut Evaluator<'c>,
    frame: &mut Frame<'c>,
    attributes: &BTreeMap<String, Value<'c>>,
    files: &Value<'c>,
    evidence: &Evidence,
) {
    let inner: Group = machine.host.group().with(attributes, evidence);
    machine.host.groups.push(Rc::new(inner));
    router::load(machine, frame, files, evidence);
    machine.host.groups.pop();
}

/// `$middleware->alias([...])`, `$middleware->group('x', [...])` and the like.
pub(super) fn middleware<'c>(machine: &mut Evaluator<'c>, call: &Call<'c>) {
    match call.name.as_ref() {
        "alias" => {
            let aliases = call.value(0, "aliases").cloned().unwrap_or(Value::Null);
            take_aliases(machine, &aliases);
        }
        "group" | "appendToGroup" | "prependToGroup" => {
            if let (Some(name), Some(members)) =
                (call.value(0, "group").and_then(Value::as_text), call.value(1, "middleware"))
            {
                machine.host.names.groups.entry(name.to_owned()).or_default().extend(members.texts());
            }
        }
        _ => {}
    }
}
