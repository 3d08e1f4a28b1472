//! OpenAPI documents as a source of endpoints. A document may describe what this tree serves, what it calls, or what
//! it served once; so it is believed alone only where a program is seen to serve from it, or where no code of the tree
//! serves anything that could be followed and the tree opens a port. Else it is one more anchor of endpoints that
//! code states, and what code does not confirm is unresolved.

mod document;

use std::collections::{BTreeMap, BTreeSet};

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use ci_feed_dossier::v1::What;

use self::document::{Description, Operation};
use crate::extract::compose;
use crate::extract::sources::Sources;
use crate::fact::{Fact, Found, Unresolved};
use crate::page::Page;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::deal;
use crate::tree::document::dockerfile;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "openapi",
    title: "OpenAPI documents",
    links: &["https://spec.openapis.org/oas/latest.html"],
    fixtures: &["endpoint/openapi"],
    text: "",
    rows: &[
        (
            "read",
            "JSON and YAML of the application with `openapi: 3…` or `swagger: \"2.0\"` at the root: paths and \
             methods below the path part of the first server (or `basePath`); path items behind `$ref`, in the \
             document or in other files of the tree",
        ),
        (
            "beside code",
            "where code states the same endpoint (parameters may be named differently, and the code's prefix may be \
             missing in the document), the document is one more anchor of the code's fact",
        ),
        (
            "alone",
            "a fact of its own (`framework: openapi`) only where a program is seen to serve from the document \
             (connexion, oapi-codegen, openapi-backend and their like name it), or where no code of the tree states \
             any endpoint, the tree opens a port, its documents agree, and nothing says that a client is made from \
             it (a generator's configuration, a folder such as `sdk`)",
        ),
        ("unresolved", "what a document describes and no code is seen to serve, one sentence for each document"),
        (
            "not seen",
            "web hooks and callbacks; documents of which the first 4 KiB hold neither word and whose name does not \
             either",
        ),
    ],
};

const NAME: &str = "openapi";
/// Folders that hold what a client of another server is made from.
const CLIENTS: [&str; 12] = [
    "client",
    "clients",
    "sdk",
    "sdks",
    "api-client",
    "apiclient",
    "external",
    "upstream",
    "integrations",
    "connectors",
    "providers",
    "schemas",
];
/// Tools that make or run a server from a document; a file that names one and the document's name says so.
const SERVED_BY: [&str; 10] = [
    "connexion",
    "openapi-backend",
    "express-openapi-validator",
    "express-openapi",
    "openapi-glue",
    "exegesis",
    "oapi-codegen",
    "generate server",
    "swagger-node",
    "rust-server",
];
/// What tells OpenAPI Generator in a build what to make.
const GENERATOR: &str = "generatorName";
/// How its servers begin. Source: openapi-generator.tech, list of generators.
const SERVER_GENERATORS: [&str; 25] = [
    "spring",
    "kotlin-spring",
    "kotlin-server",
    "jaxrs",
    "java-camel",
    "java-helidon-server",
    "java-inflector",
    "java-micronaut-server",
    "java-msf4j",
    "java-pkmst",
    "java-play-framework",
    "java-undertow-server",
    "java-vertx",
    "aspnetcore",
    "go-server",
    "go-gin-server",
    "go-echo-server",
    "python-fastapi",
    "python-flask",
    "nodejs-express-server",
    "php-laravel",
    "php-lumen",
    "php-slim",
    "php-symfony",
    "scala-play-server",
];
/// What the generator for Spring is told to make clients for.
const CLIENT_LIBRARIES: [&str; 3] = ["spring-cloud", "spring-http-interface", "spring-declarative-http-interface"];
/// Tools that make a client from a document.
const CALLED_BY: [&str; 8] = [
    "orval",
    "openapi-typescript",
    "openapi-ts",
    "openapi-fetch",
    "swagger-typescript-api",
    "typescript-axios",
    "typescript-fetch",
    "openapi-python-client",
];
/// What an unresolved sentence about a document is known by.
const UNCONFIRMED: &str = "operations that only a document describes";
/// Operations that an unresolved sentence names.
const SHOWN: usize = 5;

/// Join what documents describe to what code states.
pub(super) fn join(sources: &Sources<'_>, found: &mut Found) {
    let corpus = sources.corpus;
    let descriptions = document::all(corpus);
    if descriptions.is_empty() {
        return;
    }
    let mut by_shape: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, fact) in found.facts.iter().enumerate() {
        by_shape.entry(shape(&fact.key)).or_default().push(at);
    }
    let has_code = !found.facts.is_empty();
    let opens = has_code || opens_a_port(sources);
    let (served, called) = named_beside(corpus, &descriptions);
    let is_one = are_copies(&descriptions);
    let mut stated: Vec<Fact> = Vec::new();
    let mut unsure: Vec<(&Description<'_>, Vec<&Operation>)> = Vec::new();
    for description in &descriptions {
        let base = fitting_base(description, &by_shape);
        let mut open: Vec<&Operation> = Vec::new();
        for operation in &description.operations {
            let base = operation.own_base.as_ref().unwrap_or(&base);
            let key = shape(&format!("{} {base}{}", operation.method, operation.path));
            let any = key.split_once(' ').map(|(_, path)| format!("ANY {path}")).unwrap_or_default();
            match by_shape.get(&key).or_else(|| by_shape.get(&any)) {
                Some(facts) => {
                    for at in facts {
                        anchor(&mut found.facts[*at], operation);
                    }
                }
                None => open.push(operation),
            }
        }
        let is_served = served.contains(description.file.name());
        let is_called = called.contains(description.file.name()) || is_of_a_client(&description.file.path);
        let is_own = !has_code && is_one && opens && !is_called;
        if is_served || is_own {
            stated.extend(open.into_iter().map(|operation| fact(description, operation)));
        } else {
            unsure.push((description, open));
        }
    }
    // A copy of a document that was believed has nothing new to say.
    let known: BTreeSet<&str> = stated.iter().map(|fact| fact.key.as_str()).collect();
    for (description, mut open) in unsure {
        open.retain(|operation| !known.contains(key_of(description, operation).as_str()));
        if !open.is_empty() {
            found.unresolved.push(unconfirmed(description, &open));
        }
    }
    found.facts.append(&mut stated);
}

/// Method and shape of the path of everything that documents describe.
pub(super) fn described(corpus: &Corpus) -> BTreeSet<String> {
    let descriptions = document::all(corpus);
    let all = descriptions.iter().flat_map(|one| one.operations.iter().map(move |operation| (one, operation)));
    all.map(|(description, operation)| shape(&key_of(description, operation))).collect()
}

fn key_of(description: &Description<'_>, operation: &Operation) -> String {
    let base = operation.own_base.as_ref().unwrap_or(&description.base);
    format!("{} {base}{}", operation.method, operation.path)
}

/// Method and path with every parameter made the same.
pub(super) fn shape(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut is_inside = false;
    for letter in key.chars() {
        match letter {
            '{' => {
                is_inside = true;
                out.push_str("{}");
            }
            '}' => is_inside = false,
            _ if is_inside => {}
            other => out.push(other),
        }
    }
    let path = out.trim_end_matches('/');
    if path.ends_with(' ') { format!("{path}/") } else { path.to_owned() }
}

/// The prefix under which the code serves what the document describes: the document's own, none, or the one that
/// most of the code's endpoints suggest.
fn fitting_base(description: &Description<'_>, by_shape: &BTreeMap<String, Vec<usize>>) -> String {
    let mut candidates: BTreeSet<String> = BTreeSet::from([description.base.clone(), String::new()]);
    for key in by_shape.keys() {
        let Some((_, path)) = key.split_once(' ') else { continue };
        for operation in description.operations.iter().take(20) {
            let own = shape(&operation.path);
            if let Some(base) = path.strip_suffix(own.as_str()).filter(|base| own.len() > 2 && base.len() < 40) {
                candidates.insert(base.to_owned());
            }
        }
        if candidates.len() > 40 {
            break;
        }
    }
    let fits = |base: &String| {
        let matching = description.operations.iter().filter(|operation| {
            by_shape.contains_key(&shape(&format!("{} {base}{}", operation.method, operation.path)))
        });
        matching.count()
    };
    let mut best = description.base.clone();
    let mut most = fits(&best);
    for candidate in candidates {
        let count = fits(&candidate);
        if count > most {
            (best, most) = (candidate, count);
        }
    }
    best
}

fn anchor(fact: &mut Fact, operation: &Operation) {
    for evidence in &operation.evidence {
        if !fact.evidence.contains(evidence) {
            fact.evidence.push(evidence.clone());
        }
    }
}

fn fact(description: &Description<'_>, operation: &Operation) -> Fact {
    let key = key_of(description, operation);
    let mut fact = Fact::evidenced(FactKind::Endpoint, key, operation.evidence[0].clone())
        .with("framework", NAME)
        .with("guard", "unknown");
    if let Some(name) = &operation.name {
        fact = fact.with("handler", name.as_str());
    }
    fact.evidence.clone_from(&operation.evidence);
    fact
}

fn unconfirmed(description: &Description<'_>, open: &[&Operation]) -> Unresolved {
    let shown: Vec<String> = open.iter().take(SHOWN).map(|operation| key_of(description, operation)).collect();
    let more = if open.len() > SHOWN { ", …" } else { "" };
    let reason = format!(
        "the document describes {} operations that no code is seen to serve ({}{more})",
        open.len(),
        shown.join(", ")
    );
    let evidence: Vec<Evidence> =
        open.iter().take(SHOWN).filter_map(|operation| operation.evidence.first().cloned()).collect();
    // Neither the number nor the list: the same document remains the same row while they change.
    Unresolved::new(FactKind::Endpoint, reason, evidence).named(What::Construct, UNCONFIRMED)
}

/// Whether all documents say much the same; several APIs in a tree without code leave open which of them is served.
fn are_copies(descriptions: &[Description<'_>]) -> bool {
    let shapes = |description: &Description<'_>| -> BTreeSet<String> {
        let all = description.operations.iter();
        all.map(|operation| shape(&format!("{} {}", operation.method, operation.path))).collect()
    };
    let Some((first, others)) = descriptions.split_first() else { return true };
    let first = shapes(first);
    others.iter().all(|other| {
        let other = shapes(other);
        let common = other.intersection(&first).count();
        common * 10 >= other.len().min(first.len()) * 8
    })
}

fn is_of_a_client(path: &str) -> bool {
    path.to_ascii_lowercase().split('/').any(|part| CLIENTS.contains(&part))
}

/// Whether the tree is seen to serve anything at all.
fn opens_a_port(sources: &Sources<'_>) -> bool {
    let says = |file: &crate::tree::file::SourceFile| {
        if dockerfile::is_name(file.name()) {
            return dockerfile::parse(&file.text()).iter().any(|one| one.keyword == "EXPOSE");
        }
        compose::is_name(file.name()) && file.text().lines().any(|line| line.trim() == "ports:")
    };
    !sources.trace().listens.is_empty() || sources.corpus.application().any(says)
}

/// The names of documents that a file which names a tool names too: those from which a server is made or run, and those from
/// which a client is made.
fn named_beside(corpus: &Corpus, descriptions: &[Description<'_>]) -> (BTreeSet<String>, BTreeSet<String>) {
    let tools: Vec<&str> = SERVED_BY.iter().chain(&CALLED_BY).copied().chain([GENERATOR]).collect();
    let search = prefilter::automaton(&tools);
    let names: BTreeSet<&str> = descriptions.iter().map(|description| description.file.name()).collect();
    let (mut served, mut called) = (BTreeSet::new(), BTreeSet::new());
    let others = corpus.application().filter(|file| !names.contains(file.name()) && !file.path.ends_with(".md"));
    for file in deal::filter(others, |file| search.is_match(file.bytes())) {
        let text = file.text();
        let holds = |tools: &[&str]| tools.iter().any(|tool| text.contains(tool));
        let named = |part: &str| {
            let named = names.iter().filter(|name| part.contains(**name));
            named.map(|name| (*name).to_owned()).collect::<Vec<_>>()
        };
        if holds(&SERVED_BY) {
            served.extend(named(&text));
        }
        if holds(&CALLED_BY) {
            called.extend(named(&text));
        }
        // Each execution of a build makes one thing of one document.
        for part in text.split("</execution>").filter(|part| makes_a_server(part)) {
            served.extend(named(part));
        }
    }
    (served, called)
}

/// Whether a build tells OpenAPI Generator to make a server: `generatorName = "spring"`, `<generatorName>jaxrs-spec</generatorName>`.
fn makes_a_server(part: &str) -> bool {
    part.match_indices(GENERATOR).any(|(at, _)| {
        let words = part[at + GENERATOR.len()..].split(|letter: char| !letter.is_alphanumeric() && letter != '-');
        let name = words.into_iter().find(|word| !word.is_empty() && *word != "set").unwrap_or_default();
        let is_client = name.contains("client") || CLIENT_LIBRARIES.iter().any(|library| part.contains(library));
        !is_client && SERVER_GENERATORS.iter().any(|server| name.starts_with(server))
    })
}
