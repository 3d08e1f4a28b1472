//! FastEndpoints: a class for each endpoint, whose `Configure` says verbs and routes; groups with a prefix; the prefix
//! of all. What versions of endpoints add to a path is unresolved.

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;

use super::attribute::{Template, texts_in};
use super::minimal::join;
use super::{Served, Stated};
use crate::lang::csharp::CSharpProgram;
use crate::lang::csharp::calls::{self, CSharpCall};
use crate::lang::csharp::lower::{CSharpType, flat};
use crate::lang::csharp::member::call_arguments;
use crate::syntax::literal::text;

/// Groups inside groups.
const MAX_GROUPS: usize = 8;
/// What `Configure` of an endpoint may call.
const NAMES: [&str; 11] =
    ["Get", "Post", "Put", "Patch", "Delete", "Head", "Verbs", "Routes", "Group", "Version", "RoutePrefixOverride"];

/// What the `Configure` of one class says.
#[derive(Default)]
struct Said {
    verbs: Vec<String>,
    routes: Vec<Template>,
    group: Option<String>,
    is_versioned: bool,
    prefix: Option<Template>,
    evidence: Vec<Evidence>,
}

/// State what the endpoint classes serve, if an application uses them.
pub(super) fn serve(program: &CSharpProgram<'_>, out: &mut Stated) {
    let users = program.files_with(&["UseFastEndpoints(", "MapFastEndpoints("]);
    if users.is_empty() {
        return;
    }
    let all = global_prefix(program);
    let mut endpoints: Vec<(&CSharpType<'_>, Said)> = Vec::new();
    calls::each(
        program,
        &["Configure("],
        |name| NAMES.contains(&name),
        |call| {
            let Some(within) = call.place.within.filter(|_| call.on.is_empty()) else { return };
            let method = call.method().and_then(|method| method.field("name"));
            let is_configure = method.is_some_and(|name| text(name, call.file.bytes()) == "Configure");
            if !is_configure || !is_endpoint(program, within) {
                return;
            }
            if endpoints.last().is_none_or(|(last, _)| last.node.id() != within.node.id()) {
                endpoints.push((within, Said::default()));
            }
            if let Some((_, said)) = endpoints.last_mut() {
                take(call, said);
            }
        },
    );
    for (class, said) in endpoints {
        let (below, mut evidence) =
            said.group.as_deref().map_or((Ok(String::new()), Vec::new()), |group| group_prefix(program, class, group));
        evidence.splice(0..0, said.evidence.iter().cloned());
        let above = said.prefix.as_ref().or(all.as_ref().map(|(prefix, _)| prefix));
        if said.prefix.is_none() {
            evidence.extend(all.iter().map(|(_, at)| at.clone()));
        }
        for route in &said.routes {
            let route = join(above.unwrap_or(&Ok(String::new())), &join(&below, route));
            let versioned = Err("the version of the endpoint is a part of it".to_owned());
            out.serve(Served {
                verbs: said.verbs.clone(),
                path: if said.is_versioned { versioned } else { route },
                handler: Some(class.name.to_owned()),
                is_guarded: false,
                evidence: evidence.clone(),
            });
        }
    }
}

/// Whether a class extends an endpoint of the library.
fn is_endpoint<'p, 'c>(program: &'p CSharpProgram<'c>, class: &'p CSharpType<'c>) -> bool {
    let (_, outside) = program.bases(&program.parts(class));
    outside.is_some_and(|base| {
        let base = base.strip_prefix("FastEndpoints.").unwrap_or(base);
        base.starts_with("Endpoint") || base.starts_with("Ep.")
    })
}

fn take(call: &CSharpCall<'_, '_, '_>, said: &mut Said) {
    let bytes = call.file.bytes();
    let arguments = call_arguments(call.node, bytes);
    let routes = || {
        let one = |node| call.text(node).ok_or_else(|| format!("`{}` is computed", text(node, bytes)));
        arguments.iter().map(|argument| one(argument.value)).collect::<Vec<Template>>()
    };
    let range = call.node.byte_range();
    said.evidence.push(call.file.lines(call.file.line_at(range.start), call.file.line_at(range.end.saturating_sub(1))));
    match call.name {
        "Verbs" => {
            for argument in &arguments {
                let written = text(argument.value, bytes);
                let known = written.strip_prefix("Http.").map(|verb| vec![verb.to_ascii_uppercase()]);
                said.verbs.extend(known.unwrap_or_else(|| texts_in(argument.value, &call.place)));
            }
        }
        "Routes" => said.routes.extend(routes()),
        "Group" => {
            let written = call.node.field("function").map_or("", |function| text(function, bytes));
            let group = written.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
            said.group = group.map(str::to_owned);
        }
        "Version" => said.is_versioned = arguments.first().is_some_and(|one| text(one.value, bytes) != "0"),
        "RoutePrefixOverride" => said.prefix = routes().into_iter().next(),
        verb => {
            said.verbs.push(verb.to_ascii_uppercase());
            said.routes.extend(routes());
        }
    }
}

/// The prefix of a group: what its constructor hands to `Configure`, below the group that it is a part of.
fn group_prefix<'c>(program: &CSharpProgram<'c>, from: &CSharpType<'c>, name: &str) -> (Template, Vec<Evidence>) {
    let mut whole: Template = Ok(String::new());
    let mut evidence = Vec::new();
    let mut name = name.to_owned();
    for _ in 0..MAX_GROUPS {
        let parts = program.resolve(&name, from);
        let Some(class) = parts.first() else {
            return (Err(format!("the group `{name}` is not of the program")), evidence);
        };
        let mut own: Template = Err(format!("the group `{name}` computes its prefix"));
        calls::each(
            program,
            &[class.name],
            |called| called == "Configure",
            |call| {
                let is_own = call.place.within.is_some_and(|within| within.node.id() == class.node.id());
                let first = call_arguments(call.node, call.file.bytes()).first().and_then(|one| call.text(one.value));
                if let (true, Some(first)) = (is_own, first) {
                    own = Ok(first);
                    let at = call.file.line_at(call.node.start_byte());
                    evidence.push(call.file.lines(at, at));
                }
            },
        );
        whole = join(&own, &whole);
        let above = class.bases.first().and_then(|base| base.rsplit('.').next()?.strip_prefix("SubGroup<"));
        match above.and_then(|above| above.strip_suffix('>')) {
            Some(above) => name = above.to_owned(),
            None => return (whole, evidence),
        }
    }
    (Err("its groups contain each other".to_owned()), evidence)
}

/// `config.Endpoints.RoutePrefix = "api"`
fn global_prefix(program: &CSharpProgram<'_>) -> Option<(Template, Evidence)> {
    let mut found: BTreeSet<(Template, Evidence)> = BTreeSet::new();
    calls::each(
        program,
        &["Endpoints.RoutePrefix"],
        |name| name.ends_with("FastEndpoints"),
        |call| {
            let bytes = call.file.bytes();
            let mut open = vec![call.node];
            while let Some(node) = open.pop() {
                let left = node.field("left").map_or("", |left| text(left, bytes));
                if node.kind() == "assignment_expression"
                    && left.ends_with("Endpoints.RoutePrefix")
                    && let Some(right) = node.field("right")
                {
                    let shown = text(right, bytes);
                    let prefix = call.text(right).ok_or_else(|| format!("`{shown}` is computed"));
                    let at = call.file.line_at(node.start_byte());
                    found.insert((prefix, call.file.lines(at, at)));
                }
                open.extend(flat(node));
            }
        },
    );
    found.into_iter().next()
}
