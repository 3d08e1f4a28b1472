//! Ruby on Rails: what `config/routes.rb` draws, with the files, concerns, engines and packages that it names. The
//! route language is run, not matched: see `machine`. What packages mount is unresolved; the routes that the framework
//! itself adds for its mail, storage and page-refresh parts are not listed.

mod apis;
mod application;
mod call;
mod controller;
mod devise;
mod doorkeeper;
mod evaluate;
mod grape;
mod machine;
mod path;
mod rack;
mod resource;
mod route;
mod scope;
mod sinatra;
mod value;

use crate::syntax::node::NodeExt as _;
use std::collections::{BTreeMap, BTreeSet};

use apis::{Apis, Dialect};
use application::Application;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use machine::{DrawTarget, Drawn, MountedEngine, RouteMachine};
use scope::{RouteScope, Site};

use crate::fact::{Fact, Found, Unresolved};
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::file::SourceFile;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "rails",
    title: "Ruby on Rails",
    links: &[
        "https://guides.rubyonrails.org/routing.html",
        "https://github.com/heartcombo/devise",
        "https://github.com/ruby-grape/grape",
        "https://sinatrarb.com/intro.html",
    ],
    fixtures: &["endpoint/rails"],
    text: "The route files are a language of their own; they are run by a bounded evaluator \
          (`extract/endpoint/rails/`), not followed by the trace.",
    rows: &[
        (
            "an application",
            "a folder with `config/application.rb`, or the root; every file that calls `X.routes.draw`, `append` or \
             `prepend` for its application, also below `config/routes/` and in plugins",
        ),
        (
            "resolved",
            "`resources`, `resource` (several names; `only`, `except`, `path`, `param`, `controller`, `module`, \
             `as`, `path_names`, `shallow`, `concerns`, `format`), `member`, `collection`, `new`, `on:`, nesting, \
             `namespace`, `scope`, `controller`, `shallow`, `defaults`, `constraints`, `concern`, `with_options`, \
             verbs with one path, several, or a hash, `match via:`, `root`, `draw(:name)`, files that are read with \
             `instance_eval(File.read(...))`; loops over literal lists, variables, constants, methods of the route \
             files and those that the application adds to the mapper; plurals as the framework makes them, with the \
             application's own (`config/initializers`)",
        ),
        ("engines", "`mount X::Engine` of an engine whose routes are drawn in the tree, nested"),
        (
            "Devise",
            "`devise_for` with what the model's `devise` lines (and those of its concerns) say, `only`, `skip`, \
             `path`, `path_names`, `path_prefix`, `controllers`, `sign_out_via`, providers of the model or of \
             `config.omniauth`; `devise_scope`; parts of the packages for invitations, two factors and token \
             authentication",
        ),
        ("other packages", "`use_doorkeeper` and its OpenID Connect part, Versionist's `api_version`"),
        (
            "parameters",
            "`:id`, `*path` become `{id}`, `{path}`; `(/:page)` is a fact with and one without; the `(.:format)` of \
             every route is left out, a written `.:format` stays",
        ),
        ("methods", "`update` is `PATCH` and `PUT`, as the router has both; `via: :all` is `ANY`"),
        ("pages for forms", "`new` and `edit` count, unless `config.api_only = true`"),
        ("an action that is missing", "the route counts: the router lists it"),
        ("a condition", "`Rails.env` is `production`; both branches of what is not known count"),
        (
            "guard",
            "inside `authenticate` and `authenticated`; or the controller's own class has `before_action \
             :authenticate_user!` (`require_login`, ...) without any option and nothing skips it. Guards of a \
             parent class are not looked up",
        ),
        (
            "Grape",
            "classes that are mounted in a route file, in `config.ru` or in each other: `prefix`, `version` in the \
             path, namespaces, `route_param`, `route`, verbs without and with several paths",
        ),
        ("Sinatra", "classes that are mounted or run, programs that `require 'sinatra'`; `namespace`"),
        (
            "not endpoints",
            "the routes that the framework itself adds for uploads, inbound mail and page refreshes; `direct`, \
             `resolve`",
        ),
        (
            "unresolved",
            "what a package mounts (`Sidekiq::Web`), helpers of packages (also what stands in their block), \
             computed paths and lists of actions, engines and classes that nothing mounts, models that are not in \
             the tree, route files that are not whole or that are handed to something else than the router",
        ),
        ("not seen", "`localized` routes in other languages, administration pages that a package makes of models"),
    ],
};

const NAME: &str = "rails";
/// What a file that draws routes holds.
const PATTERNS: [&str; 3] = ["routes.draw", "routes.append", "routes.prepend"];
/// Engines inside engines.
const MAX_ENGINES: usize = 200;
/// Nested blocks need more room than a thread has by default.
const STACK: usize = 64 << 20;

/// Every route of every application of the tree.
pub(super) fn read(corpus: &Corpus) -> Found {
    let files = prefilter::files_with(corpus, Family::Ruby, &PATTERNS);
    let files: Vec<&SourceFile> = files.into_iter().filter(|file| !is_template(&file.path)).collect();
    let apis = Apis::read(corpus);
    let programs = prefilter::files_that_hold(corpus, Family::Ruby, &["require 'sinatra'", "require \"sinatra\""]);
    if files.is_empty() && apis.found.is_empty() && programs.is_empty() {
        let mut found = Found::default();
        handed_over(corpus, &mut found);
        return found;
    }
    let found = deal::deep(STACK, || read_files(corpus, &files, &apis, &programs));
    found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What a generator copies into other applications is no code of this one.
fn is_template(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "templates" | "generators"))
}

/// The files of each application, with the language that each is written in.
fn by_application<'c>(
    corpus: &'c Corpus,
    files: &[&'c SourceFile],
    apis: &Apis<'c>,
    programs: &[&'c SourceFile],
) -> BTreeMap<String, Vec<(&'c SourceFile, Dialect)>> {
    let mut by_root: BTreeMap<String, Vec<(&SourceFile, Dialect)>> = BTreeMap::new();
    let rackups = corpus.application().filter(|file| file.name() == "config.ru" && !apis.found.is_empty());
    let all = files
        .iter()
        .map(|file| (*file, Dialect::Rails))
        .chain(rackups.map(|file| (file, Dialect::Rack)))
        .chain(programs.iter().map(|file| (*file, Dialect::Sinatra)));
    for (file, dialect) in all {
        by_root.entry(root_of(corpus, file)).or_default().push((file, dialect));
    }
    by_root
}

fn read_files<'c>(corpus: &'c Corpus, files: &[&'c SourceFile], apis: &Apis<'c>, programs: &[&'c SourceFile]) -> Found {
    let by_root = by_application(corpus, files, apis, programs);
    let extensions = prefilter::files_with(corpus, Family::Ruby, &["Routing::Mapper"]);
    let mut found = Found::default();
    let mut mounted: BTreeSet<String> = BTreeSet::new();
    let mut reached: BTreeSet<String> = BTreeSet::new();
    for (root, own) in &by_root {
        let mut application = Application::read(corpus, root);
        application.methods = machine::added_methods(&extensions, root);
        let mut drawn: Vec<Drawn<'_>> = Vec::new();
        let mut mounts: Vec<MountedEngine<'_>> = Vec::new();
        let mut take = |mut machine: RouteMachine<'c, '_>, mounts: &mut Vec<MountedEngine<'c>>| {
            let is_here = !machine.drawn.is_empty() || !machine.mounts.is_empty();
            drawn.append(&mut machine.drawn);
            mounts.append(&mut machine.mounts);
            found.unresolved.append(&mut machine.unresolved);
            reached.append(&mut machine.reached);
            is_here
        };
        for (file, dialect) in own {
            let mut machine =
                RouteMachine::new(corpus, &application, apis, DrawTarget::Application, RouteScope::default(), file);
            machine.dialect = *dialect;
            machine.is_drawing = *dialect != Dialect::Rails;
            machine.run(file);
            let is_broken = file.syntax().is_some_and(|parsed| parsed.tree.root_node().has_error());
            if machine.drawn.is_empty() && is_broken && *dialect == Dialect::Rails {
                let whole = Site { file, lines: (1, 1) };
                machine
                    .open("a route file that is not whole: where its blocks begin and end is not known".into(), whole);
            }
            take(machine, &mut mounts);
        }
        let mut at = 0;
        let mut elsewhere: Vec<(String, RouteScope<'_>)> = Vec::new();
        while at < mounts.len() && at < MAX_ENGINES {
            let MountedEngine { engine, scope } = &mounts[at];
            let (engine, mut scope) = (engine.clone(), scope.clone());
            at += 1;
            let mut is_here = false;
            if let Some((name, api)) = apis.find(&engine, "") {
                scope.mounted_at = scope.path.clone().unwrap_or_default();
                let mut machine =
                    RouteMachine::new(corpus, &application, apis, DrawTarget::Application, scope.clone(), api.file);
                machine.scope = std::rc::Rc::new(scope);
                machine.run_api(name);
                take(machine, &mut mounts);
                continue;
            }
            for file in files.iter().filter(|file| written_name(file, &engine).is_some()) {
                let target = DrawTarget::Engine(written_name(file, &engine).unwrap_or_default());
                let mut machine = RouteMachine::new(corpus, &application, apis, target, scope.clone(), file);
                machine.run(file);
                is_here |= take(machine, &mut mounts);
            }
            mounted.insert(engine.clone());
            if !is_here {
                elsewhere.push((engine, scope));
            }
        }
        for (engine, scope) in elsewhere {
            let path = scope.path.clone().unwrap_or_default();
            let reason = format!("`{engine}` is mounted at {path}: its routes are not in the route files");
            let evidence = scope.sites.iter().map(|site| site.file.lines(site.lines.0, site.lines.1)).collect();
            found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
        }
        let mut guards = controller::Guards::new(corpus, root);
        let mut cited: BTreeMap<(String, u32, u32), Evidence> = BTreeMap::new();
        for route in &drawn {
            state(route, &mut guards, &mut cited, &mut found);
        }
    }
    for file in files {
        detached(file, &mounted, &mut found);
    }
    handed_over(corpus, &mut found);
    detached_apis(apis, &reached, &mut found);
    found
}

/// A route file that gives its routes to something else than the router, for which this is not the place to know.
fn handed_over(corpus: &Corpus, found: &mut Found) {
    for file in corpus.application().filter(|file| file.path.ends_with("config/routes.rb")) {
        let source = file.text();
        let call = source.lines().zip(1_u32..).find(|(line, _)| {
            let line = line.trim();
            line.ends_with(" do") && line.starts_with(char::is_uppercase) && !line.contains(".routes.")
        });
        if let Some((line, number)) = call.filter(|_| !PATTERNS.iter().any(|pattern| source.contains(pattern))) {
            let to = line.trim().trim_end_matches(" do");
            let reason = format!("routes that are handed to `{to}`, which is not the router");
            let evidence = vec![file.lines(number, number)];
            found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
        }
    }
}

/// A class that routes by itself and that nothing mounts or extends.
fn detached_apis(apis: &Apis<'_>, reached: &BTreeSet<String>, found: &mut Found) {
    for (name, _, api) in &apis.found {
        let inside = |name: &str| name.rsplit_once("::").map_or(String::new(), |(inside, _)| inside.to_owned());
        let is_base = apis
            .found
            .iter()
            .any(|(other, above, _)| apis.find(above, &inside(other)).is_some_and(|(above, _)| above == name));
        if is_base || reached.contains(name) {
            continue;
        }
        let line = api.node.first_line();
        let reason = format!("routes of `{name}`, which is not seen to be mounted or run");
        let evidence = vec![api.file.lines(line, line)];
        found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
    }
}

/// The folder of the application that a file belongs to: the nearest above with `config/application.rb`.
fn root_of(corpus: &Corpus, file: &SourceFile) -> String {
    let mut at = file.folder();
    loop {
        let main =
            if at.is_empty() { "config/application.rb".to_owned() } else { format!("{at}/config/application.rb") };
        if corpus.has_path(&main) || at.is_empty() {
            break;
        }
        at = at.rsplit_once('/').map_or("", |(above, _)| above);
    }
    at.to_owned()
}

/// The engine's name as the file writes it, where it draws the engine's routes.
fn written_name(file: &SourceFile, engine: &str) -> Option<String> {
    let text = file.text();
    let engine = engine.trim_start_matches("::");
    let calls = PATTERNS.iter().flat_map(|pattern| text.match_indices(pattern).map(|(at, _)| at).collect::<Vec<_>>());
    let names = calls.filter_map(|at| {
        let before = text[..at].strip_suffix('.')?;
        let from = before.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':'))).map_or(0, |from| from + 1);
        Some(before[from..].trim_start_matches("::").to_owned())
    });
    names.into_iter().find(|name| {
        let ends = |long: &str, short: &str| {
            long == short || long.strip_suffix(short).is_some_and(|head| head.ends_with("::"))
        };
        !name.is_empty() && *name != "Engine" && (ends(name, engine) || ends(engine, name))
    })
}

fn state(
    route: &Drawn<'_>,
    guards: &mut controller::Guards<'_>,
    cited: &mut BTreeMap<(String, u32, u32), Evidence>,
    found: &mut Found,
) {
    let mut cite = |site: &Site<'_>| {
        let key = (site.file.path.clone(), site.lines.0, site.lines.1);
        cited.entry(key).or_insert_with(|| site.file.lines(site.lines.0, site.lines.1)).clone()
    };
    let mut evidence: Vec<Evidence> = Vec::new();
    for site in &route.sites {
        let at = cite(site);
        if !evidence.contains(&at) {
            evidence.push(at);
        }
    }
    let Some(first) = evidence.first().cloned() else { return };
    let is_guarded = route.is_guarded || route.handler.as_deref().is_some_and(|handler| guards.guards(handler));
    for path in path::as_called(&route.path) {
        let mut fact = Fact::evidenced(FactKind::Endpoint, format!("{} {path}", route.method), first.clone())
            .with("framework", route.framework)
            .with("guard", if is_guarded { "found" } else { "unknown" });
        if let Some(handler) = &route.handler {
            fact = fact.with("handler", handler.as_str());
        }
        fact.evidence.clone_from(&evidence);
        found.facts.push(fact);
    }
}

/// An engine whose routes are drawn and that nothing in the tree mounts.
fn detached(file: &SourceFile, mounted: &BTreeSet<String>, found: &mut Found) {
    let Some(parsed) = file.syntax() else { return };
    for (name, line) in machine::engines(parsed.tree.root_node(), file) {
        let is_mounted = mounted.iter().any(|engine| written_name(file, engine).as_ref() == Some(&name));
        if !is_mounted {
            let reason = format!("routes of the engine `{name}`, which is not seen to be mounted in an application");
            let evidence = vec![file.lines(line, line)];
            found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
        }
    }
}
