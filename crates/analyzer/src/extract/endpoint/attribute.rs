//! Rust's attributes that say a route: `#[get("/x", rank = 2)]`. What is no literal is nobody's path.

use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;

use super::guard;
use crate::lang::rust::attribute::{Written, is_word, literal};
use crate::syntax::program::Function;
use crate::trace::graph::Verb;
use crate::trace::machine::Machine;
use crate::trace::value::{Argument, Value};

/// The methods that have a macro of their own.
pub(super) const VERBS: [(&str, &str); 9] = [
    ("get", "GET"),
    ("post", "POST"),
    ("put", "PUT"),
    ("patch", "PATCH"),
    ("delete", "DELETE"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("trace", "TRACE"),
    ("connect", "CONNECT"),
];

/// The method of a lower-case name.
pub(super) fn verb(name: &str) -> Option<&'static str> {
    VERBS.iter().find(|(verb, _)| *verb == name).map(|(_, method)| *method)
}

/// A route as one attribute says it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Routed {
    pub(super) methods: Vec<String>,
    /// The path, when it is a literal.
    pub(super) path: Option<String>,
    /// Lines of the attribute.
    pub(super) lines: (u32, u32),
}

/// The routes that the attributes of a function say: method macros, and `route` with its methods.
pub(super) fn routes_of(function: &Function) -> Vec<Routed> {
    let mut out = Vec::new();
    for attribute in &function.attributes {
        let written = Written::read(&attribute.text);
        let verb = verb(written.name).map(str::to_owned);
        let is_route = written.name == "route";
        if verb.is_none() && !is_route {
            continue;
        }
        let plain = written.plain.iter().find(|part| part.contains('"')).copied();
        // A variant of a macro that takes its path by name may take an expression there: no path for us.
        let named = written.get("uri").or_else(|| written.get("path"));
        let path = match (plain, named) {
            (Some(plain), _) => literal(plain),
            (None, Some(named)) => literal(named).filter(|path| path.starts_with('/')),
            (None, None) => continue,
        };
        let methods: Vec<String> = match verb {
            Some(verb) => vec![verb],
            // `method = "GET"`, and Rocket's `GET, uri = "/x"`.
            None => {
                let named = written.named.iter().filter(|(key, _)| *key == "method").map(|(_, value)| *value);
                let plain = written.plain.iter().copied().filter(|part| !part.contains('"'));
                named.chain(plain).map(|method| method.trim_matches('"').to_ascii_uppercase()).collect()
            }
        };
        if methods.is_empty() || !methods.iter().all(|method| is_word(method)) {
            continue;
        }
        out.push(Routed { methods, path, lines: (attribute.start, attribute.end) });
    }
    out
}

/// Whether a parameter of the function turns strangers away.
pub(super) fn is_guarded(function: &Function) -> bool {
    function.parameters.iter().any(|parameter| guard::is_extractor(&parameter.of_type))
}

/// A method with the handler that an argument of the call names, where the name is plain. What cites it are the lines
/// to the first argument, if that is plain too.
pub(super) fn verb_of(machine: &mut Machine<'_>, method: &str, handler: Option<&Argument>, lines: Evidence) -> Verb {
    let guarded = match handler.map(|handler| machine.known(&handler.value)) {
        Some(Value::Function(closure)) => is_guarded(&closure.program.functions[closure.function]),
        _ => false,
    };
    let handler = handler.filter(|handler| is_plain(&handler.text)).map(|handler| handler.text.to_string());
    Verb { method: method.to_owned(), handler, guarded, lines: Some(lines) }
}

/// Whether a text is a path of names.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | ':'))
}

/// The first line of an argument, cut.
pub(super) fn shown(argument: &Argument) -> String {
    argument.text.lines().next().unwrap_or_default().chars().take(60).collect()
}

/// Handlers with a route macro that nobody is seen to register: said, not passed over.
pub(super) fn unregistered(machine: &mut Machine<'_>) {
    let (routes, drafts) = (&machine.graph.routes, &machine.graph.drafts);
    let places = routes.iter().flat_map(|route| &route.evidence).chain(drafts.iter().flat_map(|draft| &draft.evidence));
    let known: BTreeSet<(String, u32)> = places.map(|at| (at.path.clone(), at.start_line)).collect();
    let mut seen = BTreeSet::new();
    for closure in machine.defined.clone() {
        let function = &closure.program.functions[closure.function];
        if function.attributes.is_empty() || !seen.insert((closure.module, closure.function)) {
            continue;
        }
        let path = machine.modules[closure.module].path.to_string();
        for routed in routes_of(function) {
            if known.contains(&(path.clone(), routed.lines.0)) {
                continue;
            }
            let shown = routed.path.unwrap_or_else(|| "a computed path".to_owned());
            let evidence = machine.evidence(&path, routed.lines.0, routed.lines.1);
            let methods = routed.methods.join("/");
            machine.loose(format!("{methods} {shown}: its handler is not seen to be registered"), evidence);
        }
    }
}
