//! How an application starts: its kernel, its providers, `bootstrap/app.php`, and the files that old versions load.

use std::collections::BTreeMap;
use std::rc::Rc;

use ci_feed_dossier::evidence::Evidence;

use super::registry::{Deferred, Evaluator};
use super::routes::RouteKind;
use super::{provider, router};
use crate::lang::php::call::PhpCall;
use crate::lang::php::value::PhpValue;
use crate::tree::file::{PathClass, SourceFile};

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
    while let Some(deferred) = machine.host.deferred.get(done).cloned() {
        done += 1;
        machine.host.groups.push(deferred.group);
        let mut frame = machine.frame(deferred.file);
        router::load(machine, &mut frame, &deferred.what, &deferred.evidence);
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
            let below = |file: &&SourceFile| crate::tree::path::is_below(&file.path, &machine.project.root);
            files.extend(named.filter(below));
            files.into_iter().take(2).flat_map(|file| machine.classes(file)).collect()
        }
    };
    for class in classes {
        for property in ["routeMiddleware", "middlewareAliases"] {
            let aliases = machine.default_of(&class, property).unwrap_or(PhpValue::Null);
            take_aliases(machine, &aliases);
        }
        for (name, members) in machine.default_of(&class, "middlewareGroups").unwrap_or(PhpValue::Null).entries() {
            if let Some(name) = name.as_text() {
                machine.host.names.groups.insert(name.to_owned(), members.texts());
            }
        }
    }
}

fn take_aliases(machine: &mut Evaluator<'_>, aliases: &PhpValue<'_>) {
    for (name, class) in aliases.entries() {
        if let (Some(name), Some(class)) = (name.as_text(), class.as_text()) {
            machine.host.names.aliases.insert(name.to_owned(), Rc::from(class));
        }
    }
}

/// `Application::configure()->withRouting(...)->withMiddleware(...)->create()`
pub(super) fn configure<'c>(machine: &mut Evaluator<'c>, call: &PhpCall<'c>) -> Option<PhpValue<'c>> {
    match call.name.as_ref() {
        "withRouting" => routing(machine, call),
        "withMiddleware" => {
            if let Some(PhpValue::Closure(closure)) = call.value(0, "callback") {
                machine.call_closure(closure, vec![PhpValue::native("middleware", 0)]);
            }
        }
        "withBroadcasting" => router::broadcasting(machine, call),
        "booted" | "booting" => {
            machine.host.defer(call.value(0, "callback"), call);
        }
        "create" => return Some(PhpValue::native("app", 0)),
        _ => {}
    }
    Some(PhpValue::native("configure", 0))
}

/// The files of `withRouting`, each with the group that the framework puts around it.
fn routing<'c>(machine: &mut Evaluator<'c>, call: &PhpCall<'c>) {
    broadcasting(machine, call);
    // What loads the routes by itself takes the place of the files and of the health check.
    if machine.host.defer(call.value(0, "using"), call) {
        return;
    }
    let prefix = call.value(7, "apiPrefix").cloned().unwrap_or_else(|| PhpValue::text("api"));
    let plain = |middleware: &str| BTreeMap::from([("middleware".to_owned(), PhpValue::text(middleware))]);
    for (at, name, mut attributes) in [(1, "web", plain("web")), (2, "api", plain("api"))] {
        if name == "api" {
            attributes.insert("prefix".to_owned(), prefix.clone());
        }
        if let Some(files) = call.value(at, name).cloned() {
            let evidence = argument_lines(call, at, name);
            let group = Rc::new(machine.host.group().with(&attributes, &evidence));
            // Providers may add calls to the router that the files use.
            machine.host.deferred.push(Deferred { what: files, group, file: call.file, evidence });
        }
    }
    if let Some(PhpValue::Text(path)) = call.value(6, "health") {
        let route = RouteKind::Route { methods: vec!["GET".to_owned()], path: Ok(path.clone()), handler: None };
        router::stated(machine, route, argument_lines(call, 6, "health"));
    }
    machine.host.defer(call.value(8, "then"), call);
}

/// A file of channels brings the route that signs listeners in.
fn broadcasting<'c>(machine: &mut Evaluator<'c>, call: &PhpCall<'c>) {
    if call.value(4, "channels").is_some_and(|channels| matches!(channels, PhpValue::Text(_))) {
        let route = RouteKind::Route {
            methods: vec!["GET".to_owned(), "POST".to_owned()],
            path: Ok(Rc::from("broadcasting/auth")),
            handler: None,
        };
        router::stated(machine, route, argument_lines(call, 4, "channels"));
    }
}

/// The lines of an argument, or of the call when it is not there.
fn argument_lines(call: &PhpCall<'_>, at: usize, name: &str) -> Evidence {
    match call.argument(at, name).map(|argument| argument.node) {
        Some(node) => {
            let (start, end) = (node.start_byte(), node.end_byte().saturating_sub(1));
            call.file.lines(call.file.line_at(start), call.file.line_at(end))
        }
        None => call.evidence(None),
    }
}

/// `$middleware->alias([...])`, `$middleware->group('x', [...])` and the like.
pub(super) fn middleware<'c>(machine: &mut Evaluator<'c>, call: &PhpCall<'c>) {
    match call.name.as_ref() {
        "alias" => {
            let aliases = call.value(0, "aliases").cloned().unwrap_or(PhpValue::Null);
            take_aliases(machine, &aliases);
        }
        "group" | "appendToGroup" | "prependToGroup" => {
            if let (Some(name), Some(members)) =
                (call.value(0, "group").and_then(PhpValue::as_text), call.value(1, "middleware"))
            {
                machine.host.names.groups.entry(name.to_owned()).or_default().extend(members.texts());
            }
        }
        _ => {}
    }
}
