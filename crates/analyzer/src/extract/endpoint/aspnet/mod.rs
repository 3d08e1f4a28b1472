//! ASP.NET Core: controllers with attribute routes, conventional routes, minimal APIs. Docs: `analyzer-endpoints.md`.

mod attribute;
mod controller;
mod convention;
mod conventional;
mod fast_endpoints;
mod minimal;
mod template;

use std::collections::BTreeSet;

use crate::fact::{Fact, Found, Unresolved};
use crate::lang::csharp::Program;
use crate::tree::corpus::Corpus;
use attribute::Template;
use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use minimal::{Mapped, What};

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
    let Some(program) = Program::with(corpus, &TRIGGERS) else {
        return Found::default();
    };
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

/// What is stated so far.
#[derive(Default)]
struct Stated {
    found: Found,
    stated: BTreeSet<(String, Evidence)>,
    open: BTreeSet<(String, Evidence)>,
}

fn route(one: &Mapped<'_>, out: &mut Stated) {
    let What::Route { verbs, path, handler } = &one.what else {
        return;
    };
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
            self.found.unresolved.push(Unresolved { kind: FactKind::Endpoint, reason, evidence: evidence.to_vec() });
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
