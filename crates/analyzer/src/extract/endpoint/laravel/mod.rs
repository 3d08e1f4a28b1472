//! Laravel and Lumen: route files are followed from where the application loads them (`bootstrap/app.php`, service
//! providers) with the groups around them. Routes of packages outside the tree are not seen; a route file that nobody
//! loads is unresolved.

mod boot;
mod group;
mod guard;
mod path;
mod provider;
mod registry;
mod resource;
mod router;
mod routes;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::fact::{Found, Unresolved};
use crate::lang::php::call::PhpCall;
use crate::lang::php::machine::{Host, PHP_STACK_BYTES, PhpFrame, PhpMachine};
use crate::lang::php::project::PhpProject;
use crate::lang::php::value::PhpValue;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::document::Node;
use crate::tree::file::SourceFile;
use crate::tree::path::is_below;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use group::Group;
use registry::Routes;
use routes::RouteKind;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "laravel",
    title: "Laravel and Lumen",
    links: &["https://laravel.com/docs/routing", "https://lumen.laravel.com/docs/routing"],
    fixtures: &["endpoint/laravel", "endpoint/laravel_old", "endpoint/lumen"],
    text: "",
    rows: &[
        (
            "an application",
            "what `bootstrap/app.php` (`withRouting`, with `apiPrefix` and `then`) or the service providers load: \
             `RouteServiceProvider` with its groups, `loadRoutesFrom` of packages and modules in the tree, files \
             that a group or another route file requires",
        ),
        (
            "resolved",
            "verbs, `any`, `match`, `redirect`, `view`; `resource`, `apiResource` and their plurals, `singleton`, \
             with `only`, `except`, `parameters`, nested and shallow; groups as arrays and as chains (`prefix`, \
             `controller`, `middleware`); loops over literal lists; constants, variables, interpolation; \
             `config('x.y')` with a literal in the configuration file; `Auth::routes()`; Lumen's `$router->group`",
        ),
        (
            "methods",
            "`HEAD` that comes with `GET` is not listed; a redirect and `any` are `ANY`; an update is `PUT` and \
             `PATCH`",
        ),
        ("parameters", "`{id}`; `{id?}` is two facts; `{post:slug}` becomes `{post}`"),
        ("guard", "`auth` and its kin in the middleware of the route or of a group around it, unless taken away again"),
        (
            "unresolved",
            "calls that a package adds to the router (macros of the tree are followed), computed prefixes, route \
             files loaded under a computed name",
        ),
        ("not listed", "routes of packages that are not in the tree (Fortify, Passport, Livewire ...)"),
    ],
};

/// The endpoints of every Laravel or Lumen application of the tree.
pub(super) fn read(corpus: &Corpus) -> Found {
    let roots = roots(corpus);
    if roots.is_empty() {
        return Found::default();
    }
    let found = deal::deep(PHP_STACK_BYTES, || {
        let mut found = Found::default();
        for (root, is_lumen) in &roots {
            found.merge(application(corpus, root, *is_lumen));
        }
        found
    });
    found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Folders whose manifest asks for the framework, and whether it is Lumen; none inside another.
pub(in crate::extract) fn roots(corpus: &Corpus) -> Vec<(String, bool)> {
    let mut out: Vec<(String, bool)> = Vec::new();
    let mut manifests: Vec<&SourceFile> = corpus.application().filter(|file| file.name() == "composer.json").collect();
    manifests.sort_by_key(|file| file.folder().len());
    for file in manifests {
        let needs: Vec<&str> = ["require", "require-dev"]
            .iter()
            .flat_map(|section| file.document().root().get(section).map(Node::entries).unwrap_or_default())
            .map(|entry| entry.key.as_str())
            .collect();
        let is_lumen = needs.contains(&"laravel/lumen-framework");
        let is_laravel = needs.iter().any(|name| *name == "laravel/framework" || name.starts_with("illuminate/"));
        if (is_lumen || is_laravel) && !out.iter().any(|(root, _)| is_below(&file.path, root)) {
            out.push((file.folder().to_owned(), is_lumen));
        }
    }
    out
}

fn application(corpus: &Corpus, root: &str, is_lumen: bool) -> Found {
    let project = PhpProject::read(corpus, root);
    let mut machine = PhpMachine::new(corpus, &project, Routes::default());
    boot::run(&mut machine);
    let ran = machine.ran.clone();
    let Routes { entries, names, wording, mut found, .. } = machine.host;
    for entry in &entries {
        entry.state(&names, &wording, is_lumen, &mut found);
    }
    unloaded(corpus, root, &ran, &mut found);
    found
}

/// Route files that were never run: their routes may or may not be served.
fn unloaded(corpus: &Corpus, root: &str, ran: &BTreeSet<&str>, found: &mut Found) {
    let words =
        ["Route::get(", "Route::post(", "Route::resource(", "Route::apiResource(", "$router->get(", "$router->post("];
    for file in prefilter::files_that_hold(corpus, Family::Php, &words) {
        let is_routes =
            file.path.to_ascii_lowercase().split('/').any(|part| part.trim_end_matches(".php").ends_with("routes"));
        if is_below(&file.path, root) && is_routes && !ran.contains(file.path.as_str()) {
            let at = words.iter().filter_map(|word| file.text().find(word)).min().unwrap_or(0);
            let line = file.line_at(at);
            found.unresolved.push(Unresolved::new(
                FactKind::Endpoint,
                "routes are registered in a file that the application is not seen to load".to_owned(),
                vec![file.lines(line, line)],
            ));
        }
    }
}

impl<'c> Host<'c> for Routes<'c> {
    const WORDS: &'static [&'static str] = &["Route::", "router", "routes", "->group("];

    fn call_static(
        machine: &mut PhpMachine<'c, Self>,
        frame: &mut PhpFrame<'c>,
        class: &str,
        call: &PhpCall<'c>,
    ) -> Option<PhpValue<'c>> {
        let short = class.rsplit('\\').next().unwrap_or(class);
        // By its alias only where the file imports no other class of this name.
        let is_alias = short == "Route" && !frame.unit.imports("Route") && !class.contains("\\Providers\\");
        match (short, call.name.as_ref()) {
            ("Route", _) if class == "Illuminate\\Support\\Facades\\Route" || is_alias => {
                router::call(machine, frame, &BTreeMap::new(), call)
            }
            ("Router", _) if class.starts_with("Illuminate\\") => router::call(machine, frame, &BTreeMap::new(), call),
            ("Volt", "route") => {
                let path = call.argument(0, "uri")?;
                let end = path.node.end_byte();
                let route =
                    RouteKind::Route { methods: vec!["GET".to_owned()], path: path.value.to_text(), handler: None };
                Some(router::plain(machine, call, route, end))
            }
            ("Auth", "routes") => {
                router::authentication(machine, call);
                Some(PhpValue::Null)
            }
            ("Broadcast", "routes") => {
                router::broadcasting(machine, call);
                Some(PhpValue::Null)
            }
            ("Application", "configure") => Some(PhpValue::native("configure", 0)),
            _ => None,
        }
    }

    fn call_method(
        machine: &mut PhpMachine<'c, Self>,
        frame: &mut PhpFrame<'c>,
        object: &PhpValue<'c>,
        call: &PhpCall<'c>,
    ) -> Option<PhpValue<'c>> {
        match object {
            PhpValue::Native(native) => match native.kind {
                "router" | "registrar" => router::call(machine, frame, &native.fields, call),
                "route" => {
                    router::on_route(machine, native.id, call);
                    Some(object.clone())
                }
                "configure" => boot::configure(machine, call),
                "middleware" => {
                    boot::middleware(machine, call);
                    Some(object.clone())
                }
                "app" => provider::container(machine, frame, call),
                _ => None,
            },
            PhpValue::Object(object) => provider::call(machine, frame, object, call),
            _ => None,
        }
    }

    fn inject(_machine: &mut PhpMachine<'c, Self>, of_type: &str) -> Option<PhpValue<'c>> {
        let short = of_type.rsplit('\\').next().unwrap_or(of_type);
        match short {
            "Router" | "Registrar" | "router" => Some(PhpValue::native("router", 0)),
            "Application" | "Container" => Some(PhpValue::native("app", 0)),
            _ => None,
        }
    }

    fn entered(machine: &mut PhpMachine<'c, Self>, from: &Evidence) {
        let mut inner = Group::clone(&machine.host.group());
        inner.from(from);
        machine.host.groups.push(Rc::new(inner));
    }

    fn left(machine: &mut PhpMachine<'c, Self>) {
        machine.host.groups.pop();
    }
}
