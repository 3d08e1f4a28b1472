//! warp, where its filters are literal: `path!`, `path`, `param`, method filters, joined with `and` and `or`, made by
//! functions or in place, and served. A parameter has no name there; it is written `{param}`. What filters of a
//! package or of a computed value match stays unresolved.

use super::attribute;
use crate::lang::rust::attribute::literal;
use crate::syntax::grammar::Family;
use crate::trace::graph::{Draft, Handle, Join, PathText, Route, Router, Verb};
use crate::trace::machine::Machine;
use crate::trace::rules::{Call, Rules};
use crate::trace::value::Value;

pub(in crate::extract) struct Warp;

pub(super) const NAME: &str = "warp";
/// Alternatives of one filter.
const MAX_ALTERNATIVES: usize = 2_000;

impl Rules for Warp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn family(&self) -> Family {
        Family::Rust
    }

    fn triggers(&self) -> &'static [&'static str] {
        &["warp::"]
    }

    fn starts(&self) -> &'static [&'static str] {
        &["warp::serve", "warp::path", "warp::get", "warp::post"]
    }

    fn external(&self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let rest = name.strip_prefix("warp.").filter(|rest| !rest.contains("()"))?;
        let rest = rest.strip_prefix("filters.").unwrap_or(rest);
        let at = call.lines_to(machine, call.at(0).filter(|first| first.end <= call.start + 1));
        let mut draft = Draft { framework: NAME, evidence: vec![at], ..Draft::default() };
        match rest {
            "serve" => {
                if let Some(Value::Handle(Handle::Draft(served))) = call.at(0).map(|first| machine.known(&first.value))
                {
                    serve(machine, served, call);
                } else {
                    let at = call.lines_to(machine, None);
                    machine.loose("what warp serves could not be followed", at);
                }
                return None;
            }
            "path" | "path.path" => draft.paths = vec![segment(call.at(0)?.as_path(machine))],
            "path!" => draft.paths = vec![macro_path(&call.at(0)?.text)],
            "path.param" => draft.paths = vec![PathText::Known("/{param}".to_owned())],
            "path.tail" | "path.peek" | "path.full" => draft.paths = vec![PathText::Known("/{tail}".to_owned())],
            // Files are no endpoints: no method is theirs.
            _ if rest.starts_with("fs.") => draft.verbs = vec![only("GET"), only("HEAD")],
            _ => {
                let last = rest.rsplit('.').next().unwrap_or_default();
                let verb = attribute::VERBS.iter().find(|(verb, _)| *verb == last);
                match verb.filter(|_| rest == last || rest.starts_with("method.")) {
                    Some((_, method)) => draft.verbs = vec![only(method)],
                    // Whatever else a filter looks at (headers, bodies, nothing) is no part of a path.
                    None => draft.evidence.clear(),
                }
            }
        }
        if matches!(rest, "path.full" | "path.peek") {
            draft.paths.clear();
        }
        Some(Value::Handle(machine.graph.draft(draft)))
    }

    fn method(&self, machine: &mut Machine<'_>, on: Handle, name: &str, call: &Call) -> Option<Value> {
        let Handle::Draft(here) = on else { return None };
        if machine.graph.drafts[here].framework != NAME {
            return None;
        }
        if !matches!(name, "and" | "or") {
            return Some(Value::Handle(on));
        }
        let given = call.at(0).map(|first| machine.known(&first.value));
        let Some(Value::Handle(Handle::Draft(there))) = given else {
            if name == "or" {
                let at = call.lines_to(machine, None);
                machine.loose("the routes of a filter could not be followed", at);
            }
            return Some(Value::Handle(on));
        };
        if machine.graph.drafts[there].framework != NAME {
            return Some(Value::Handle(on));
        }
        let (left, right) = (alternatives(machine, here), alternatives(machine, there));
        let mut made: Vec<Draft> = Vec::new();
        if name == "or" {
            made = left.into_iter().chain(right).collect();
        } else {
            for one in &left {
                for two in &right {
                    made.push(both(one, two));
                }
            }
        }
        made.truncate(MAX_ALTERNATIVES);
        let inner = made.into_iter().map(|draft| machine.graph.draft(draft)).collect();
        Some(Value::Handle(machine.graph.draft(Draft { framework: NAME, inner, ..Draft::default() })))
    }
}

fn only(method: &str) -> Verb {
    Verb { method: method.to_owned(), handler: None, guarded: false, lines: None }
}

/// The filters of which one must match.
fn alternatives(machine: &Machine<'_>, draft: usize) -> Vec<Draft> {
    let here = &machine.graph.drafts[draft];
    if here.inner.is_empty() {
        return vec![here.clone()];
    }
    let inner = here.inner.iter().filter_map(|handle| match handle {
        Handle::Draft(inner) => Some(machine.graph.drafts[*inner].clone()),
        Handle::Router(_) => None,
    });
    inner.collect()
}

/// Both filters after each other.
fn both(one: &Draft, two: &Draft) -> Draft {
    let mut made = one.clone();
    made.paths = match (one.paths.first(), two.paths.first()) {
        (Some(PathText::Known(one)), Some(PathText::Known(two))) => vec![PathText::Known(format!("{one}{two}"))],
        (Some(unknown @ PathText::Unknown(_)), _) | (_, Some(unknown @ PathText::Unknown(_))) => vec![unknown.clone()],
        (Some(one), None) => vec![one.clone()],
        (None, other) => other.cloned().into_iter().collect(),
    };
    made.verbs.extend(two.verbs.clone());
    for evidence in &two.evidence {
        if !made.evidence.contains(evidence) {
            made.evidence.push(evidence.clone());
        }
    }
    made
}

fn segment(path: PathText) -> PathText {
    match path {
        PathText::Known(path) => PathText::Known(format!("/{}", path.trim_matches('/'))),
        unknown @ PathText::Unknown(_) => unknown,
    }
}

/// `path!("a" / u32 / "b" / ..)`: texts and the types of parameters.
fn macro_path(text: &str) -> PathText {
    let mut path = String::new();
    for part in text.split('/').map(str::trim).filter(|part| !part.is_empty() && *part != "..") {
        path.push('/');
        match literal(part) {
            Some(part) => path.push_str(&part),
            None => path.push_str("{param}"),
        }
    }
    PathText::Known(if path.is_empty() { "/".to_owned() } else { path })
}

fn serve(machine: &mut Machine<'_>, served: usize, call: &Call) {
    let router = Router { framework: NAME, join: Join::Verbatim, is_root: true, prefix: None, note: String::new() };
    let router = machine.graph.router(router);
    let place = call.lines_to(machine, None);
    for filter in alternatives(machine, served) {
        // A filter without a path matches whatever the others do not.
        let (Some(path), false) = (filter.paths.first().cloned(), filter.evidence.is_empty()) else { continue };
        let mut methods: Vec<String> = filter.verbs.iter().map(|verb| verb.method.clone()).collect();
        methods.dedup();
        if methods.is_empty() {
            methods.push("ANY".to_owned());
        }
        // Two different methods after each other match nothing.
        if methods.len() > 1 {
            continue;
        }
        let mut evidence = filter.evidence.clone();
        if !evidence.contains(&place) {
            evidence.push(place.clone());
        }
        for method in methods {
            let (path, evidence) = (path.clone(), evidence.clone());
            machine.graph.routes.push(Route { router, method, path, handler: None, guarded: false, evidence });
        }
    }
}
