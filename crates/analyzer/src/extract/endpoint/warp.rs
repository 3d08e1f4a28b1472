//! warp, where its filters are literal: `path!`, `path`, `param`, method filters, joined with `and` and `or`, made by
//! functions or in place, and served. A parameter has no name there; it is written `{param}`. What filters of a
//! package or of a computed value match stays unresolved.

use super::attribute;
use crate::lang::rust::attribute::literal;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{Draft, DraftId, Handle, PathText, Registration, Router, Verb};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::Value;

pub(in crate::extract) struct Warp;

/// Alternatives of one filter.
const MAX_ALTERNATIVES: usize = 2_000;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "warp",
    title: "warp",
    links: &["https://docs.rs/warp/latest/warp/"],
    fixtures: &["endpoint/warp"],
    text: "",
    rows: &[
        (
            "resolved",
            "filters that `warp::serve` gets: `path!`, `path`, `path::param`, `path::tail`, method filters, joined \
             with `and` and `or`, in place or made by functions",
        ),
        ("parameters", "they have no names there: each is `{param}`, a tail `{tail}`"),
        ("not endpoints", "files, filters without a path"),
        ("unresolved", "alternatives whose filter is not seen to be made here"),
    ],
};

static FRAMEWORK: Framework = Framework {
    triggers: &["warp::"],
    makes: &["warp::serve("],
    starts: &["warp::serve", "warp::path", "warp::get", "warp::post"],
    page: Some(&PAGE),
    ..Framework::new("warp", Family::Rust)
};

impl Rules for Warp {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn external(&'static self, machine: &mut Machine<'_>, name: &str, call: &Call) -> Option<Value> {
        let rest = name.strip_prefix("warp.").filter(|rest| !rest.contains("()"))?;
        let rest = rest.strip_prefix("filters.").unwrap_or(rest);
        let at = call.lines_within(machine, call.at(0), 1);
        let mut draft = Draft { evidence: vec![at], ..Draft::of(&Warp) };
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
            "path" | "path.path" => draft.paths = vec![call.at(0)?.as_path(machine).map(segment)],
            "path!" => draft.paths = vec![macro_path(&call.at(0)?.text)],
            "path.param" => draft.paths = vec![PathText::Known("/{param}".to_owned())],
            "path.tail" | "path.peek" | "path.full" => draft.paths = vec![PathText::Known("/{tail}".to_owned())],
            // Files are no endpoints: no method is theirs.
            _ if rest.starts_with("fs.") => draft.verbs = vec![Verb::of("GET"), Verb::of("HEAD")],
            _ => {
                let last = rest.rsplit('.').next().unwrap_or_default();
                match attribute::verb(last).filter(|_| rest == last || rest.starts_with("method.")) {
                    Some(method) => draft.verbs = vec![Verb::of(method)],
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

    fn draft_method(&'static self, machine: &mut Machine<'_>, here: DraftId, name: &str, call: &Call) -> Option<Value> {
        let on = Value::draft(here);
        if !matches!(name, "and" | "or") {
            return Some(on);
        }
        let given = call.at(0).map(|first| machine.known(&first.value));
        let Some(Value::Handle(Handle::Draft(there))) = given else {
            if name == "or" {
                let at = call.lines_to(machine, None);
                machine.loose("the routes of a filter could not be followed", at);
            }
            return Some(on);
        };
        if !machine.graph.drafts[there].is_of(self) {
            return Some(on);
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
        Some(Value::Handle(machine.graph.draft(Draft { inner, ..Draft::of(&Warp) })))
    }
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
        (Some(one), Some(two)) => vec![one.followed_by(two)],
        (one, two) => one.or(two).cloned().into_iter().collect(),
    };
    made.verbs.extend(two.verbs.clone());
    for evidence in &two.evidence {
        if !made.evidence.contains(evidence) {
            made.evidence.push(evidence.clone());
        }
    }
    made
}

fn segment(path: String) -> String {
    format!("/{}", path.trim_matches('/'))
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
    let router = machine.graph.router(Router::root(&Warp));
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
        machine.graph.register(router, &methods, &[path], &Registration { evidence, ..Registration::default() });
    }
}
