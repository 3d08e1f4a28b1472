//! ASP.NET Core: controllers with attribute routes, conventional routes, minimal APIs.

mod attribute;
mod controller;
mod convention;
mod conventional;
mod fast_endpoints;
mod minimal;
mod template;

use std::collections::BTreeSet;

use crate::fact::{Fact, Found, Unresolved};
use crate::lang::csharp::CSharpProgram;
use crate::page::Page;
use crate::tree::corpus::Corpus;
use attribute::Template;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use minimal::{Mapped, RegistrationKind};

/// RegistrationKind the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "aspnet",
    title: "ASP.NET Core",
    links: &[
        "https://learn.microsoft.com/aspnet/core/mvc/controllers/routing",
        "https://learn.microsoft.com/aspnet/core/fundamentals/minimal-apis/route-handlers",
    ],
    fixtures: &["endpoint/aspnet"],
    text: "",
    rows: &[
        (
            "an application",
            "a program that maps controllers (`MapControllers`, `MapControllerRoute`, `UseMvc` ...) or registers \
             routes on a builder; without the former, routes of controllers are unresolved",
        ),
        (
            "a controller",
            "as the framework decides: public, not abstract, generic or nested, named `...Controller` or extending \
             a controller class or marked so, not `[NonController]`; parts of partial classes and inherited actions \
             and attributes count; overridden actions keep the routes of what they override; `[NonAction]`",
        ),
        (
            "resolved",
            "`[Route]` of the class (several, of the nearest class that has any) and of the method, verbs, \
             `[AcceptVerbs]`, `[Route]` with verbs beside it, templates that start with `/` or `~/`; \
             `[controller]`, `[action]`, `[area]`, `[ActionName]`, the dropped `Async`; constants of the program, \
             `nameof`, `+`, interpolation of constants; the program's own attributes made of the framework's, with \
             the values that their constructors hand on; a prefix convention with a plain prefix; `LowercaseUrls` \
             (as the framework then writes the paths of controllers); a slug transformer",
        ),
        (
            "patterns",
            "`MapControllerRoute`, `MapDefaultControllerRoute`, `MapAreaControllerRoute`, `MapRoute`, with \
             `defaults`: every action without a route of its own, of the controllers in the projects that the \
             mapping project references; names that are the default may be left out, which is one more fact",
        ),
        (
            "minimal APIs",
            "`MapGet` ... `MapMethods`, `Map`, `MapGroup` nested and in chains, `MapHealthChecks` (`ANY`: it \
             answers every method), `MapIdentityApi`; functions of other files by their name and the place of the \
             builder, with the prefix that they are given as text, also those of a type argument (`MapEndpoint<T>()` with `T.Map(app)`) and of the classes that \
             implement an interface and are called in a loop or by reflection; `Map(\"/x\", branch => ...)`, \
             `UseWhen`, `MapWhen`",
        ),
        (
            "packages",
            "Carter modules; FastEndpoints (verbs, `Routes`, groups, the prefix of all; what versions add is \
             unresolved); `EndpointBaseAsync` classes",
        ),
        ("methods", "`ANY` for an action without a verb"),
        (
            "parameters",
            "`{id:int}`, `{*path}`, `{**path}` become `{id}`, `{path}`; `{id?}` and `{id=5}` at the end are two \
             facts; `{version:apiVersion}` stays a parameter",
        ),
        (
            "base path",
            "`UsePathBase` is no part of the path, as both ways are answered; neither is a branch below a path that \
             the operator sets",
        ),
        (
            "guard",
            "`[Authorize]` (or the program's own attribute made of it) at the action or a class of it, \
             `RequireAuthorization` in the chain or on the group; not where `[AllowAnonymous]` stands at either, \
             nor where the policy's name speaks of anonymous callers or first use",
        ),
        ("not endpoints", "fallbacks, SignalR hubs, gRPC services, Razor pages, Blazor components"),
        (
            "unresolved",
            "computed templates, conventions that compute routes, functions that nobody is seen to call, names from \
             a transformer that is not the usual one",
        ),
        (
            "not seen",
            "`[RoutePrefix]` of Web API 2, controllers that a package brings or makes of services, dynamic \
             controller routes, `[Authorize]` on a minimal handler, authorization filters and fallback policies",
        ),
    ],
};

/// Texts without which a program serves nothing.
const TRIGGERS: [&str; 14] = [
    "FastEndpoints(",
    "CarterModule",
    "[HttpGet",
    "[HttpPost",
    "[Route",
    "ControllerBase",
    ": Controller",
    "MapGet(",
    "MapPost(",
    "MapMethods(",
    "MapController",
    "MapDefaultControllerRoute",
    "UseMvc",
    "MapGroup(",
];

/// One thing that is served.
struct Served {
    verbs: Vec<String>,
    path: Template,
    handler: Option<String>,
    is_guarded: bool,
    evidence: Vec<Evidence>,
}

/// Every endpoint of the program.
pub(super) fn read(corpus: &Corpus) -> Found {
    let Some(program) = CSharpProgram::with(corpus, &TRIGGERS) else { return Found::default() };
    let mapped = minimal::read(&program);
    let mut out = Stated::default();
    for one in &mapped {
        route(one, &mut out);
    }
    let controllers = controller::all(&program);
    conventional::serve(&program, &controllers, &mapped, &mut out);
    fast_endpoints::serve(&program, &mut out);
    out.found
}

/// RegistrationKind is stated so far.
#[derive(Default)]
struct Stated {
    found: Found,
    stated: BTreeSet<(String, Evidence)>,
    open: BTreeSet<(String, Evidence)>,
}

fn route(one: &Mapped<'_>, out: &mut Stated) {
    let RegistrationKind::Route { verbs, path, handler } = &one.what else { return };
    let path = minimal::join(&one.prefix, path);
    if one.is_loose {
        let shown = path.as_deref().unwrap_or("a computed path");
        let reason = format!("{} /{shown}: nobody is seen to call the function that registers it", verb(verbs));
        out.open(reason, &one.evidence);
        return;
    }
    let is_guarded = one.is_guarded && !one.is_open;
    let evidence = one.evidence.clone();
    out.serve(Served { verbs: verbs.clone(), path, handler: handler.clone(), is_guarded, evidence });
}

fn verb(verbs: &[String]) -> String {
    if verbs.is_empty() { "ANY".to_owned() } else { verbs.join(", ") }
}

impl Stated {
    fn open(&mut self, reason: String, evidence: &[Evidence]) {
        if self.open.insert((reason.clone(), evidence[0].clone())) {
            self.found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence.to_vec()));
        }
    }

    fn serve(&mut self, served: Served) {
        let template = match &served.path {
            Ok(template) => template,
            Err(reason) => {
                let reason = format!("{} route: the path is not known, because {reason}", verb(&served.verbs));
                self.open(reason, &served.evidence);
                return;
            }
        };
        for path in template::called(template) {
            self.state(&path, &served);
        }
    }

    fn state(&mut self, path: &str, served: &Served) {
        let any = ["ANY".to_owned()];
        for verb in if served.verbs.is_empty() { &any[..] } else { &served.verbs } {
            let key = format!("{verb} {path}");
            if !self.stated.insert((key.clone(), served.evidence[0].clone())) {
                continue;
            }
            let mut evidence: Vec<Evidence> = Vec::new();
            for one in &served.evidence {
                if !evidence.contains(one) {
                    evidence.push(one.clone());
                }
            }
            let guard = if served.is_guarded { "found" } else { "unknown" };
            let mut fact = Fact::evidenced(FactKind::Endpoint, key, evidence[0].clone())
                .with("framework", "aspnet")
                .with("guard", guard);
            if let Some(handler) = &served.handler {
                fact = fact.with("handler", handler.as_str());
            }
            fact.evidence = evidence;
            self.found.facts.push(fact);
        }
    }
}
