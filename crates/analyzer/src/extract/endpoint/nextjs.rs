//! Next.js route handlers: files whose place is the path. `app/**/route.*` serves the methods that it exports,
//! `pages/api/**` every method. Pages, rewrites and what middleware answers are no endpoints here.

use crate::syntax::node::NodeExt as _;
use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;
use tree_sitter::Node;

use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::syntax::literal;
use crate::trace::call::Call;
use crate::trace::framework::Framework;
use crate::trace::graph::{PathText, Registration, Router, RouterId};
use crate::trace::machine::{Machine, Rules};
use crate::trace::value::Value;
use crate::tree::corpus::Corpus;
use crate::tree::file::{PathClass, SourceFile};

pub(in crate::extract) struct NextJs;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
/// Extensions of files that make routes unless the configuration names others.
const EXTENSIONS: [&str; 4] = ["ts", "js", "tsx", "jsx"];
const CONFIGS: [&str; 5] =
    ["next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs", "next.config.mts"];

/// A file that makes routes.
struct Place {
    root: String,
    /// The route's paths; two when the last part is optional.
    paths: Vec<String>,
    is_handler_file: bool,
}

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "nextjs",
    title: "Next.js",
    links: &["https://nextjs.org/docs/app/building-your-application/routing/route-handlers"],
    fixtures: &["endpoint/nextjs"],
    text: "",
    rows: &[
        ("an application", "a folder with `next.config.*` or with `next` in its `package.json`; `src/` inside it"),
        (
            "resolved",
            "`app/**/route.*`: the methods that are exported (functions, constants, patterns, lists, re-exports by \
             name); groups `(x)` and slots `@x` are no part of the path, `_x` and intercepting folders have none; \
             `pages/api/**` with a default export is `ANY`; literal `basePath`",
        ),
        ("parameters", "`[id]`, `[...all]` become `{id}`, `{all}`; `[[...all]]` is two facts"),
        ("base path from a variable", "its literal default; not set, there is none"),
        ("unresolved", "`export *`, computed base paths"),
        ("not seen", "`pageExtensions`, rewrites, middleware, server actions, `sitemap.ts` and its kin"),
    ],
};

static FRAMEWORK: Framework = Framework {
    as_called: |path| vec![path.to_owned()],
    page: Some(&PAGE),
    ..Framework::new("nextjs", Family::Script)
};

impl Rules for NextJs {
    fn framework(&self) -> &Framework {
        &FRAMEWORK
    }

    fn is_laid_out(&self, corpus: &Corpus) -> bool {
        let roots = roots(corpus);
        !roots.is_empty() && corpus.files().iter().any(|file| place(&roots, file).is_some())
    }

    fn finish(&'static self, machine: &mut Machine<'_>) {
        let corpus = machine.corpus;
        let roots = roots(corpus);
        for root in &roots {
            let mut made: Option<(RouterId, Option<PathText>, Option<Evidence>)> = None;
            for file in corpus.files() {
                let Some(place) = place(&roots, file).filter(|place| place.root == *root) else { continue };
                let (router, base, at) = match &made {
                    Some(made) => made.clone(),
                    None => {
                        let (base, at) = base_path(machine, root);
                        let router = machine.graph.router(Router::root(self));
                        made.insert((router, base, at)).clone()
                    }
                };
                for (method, handler, lines) in served(machine, file, &place) {
                    let below = |path: &String| match &base {
                        Some(base) => base.clone().map(|base| joined(&base, path)),
                        None => PathText::Known(path.clone()),
                    };
                    let paths: Vec<PathText> = place.paths.iter().map(below).collect();
                    let evidence = std::iter::once(lines).chain(at.clone()).collect();
                    machine.graph.register(
                        router,
                        &[method],
                        &paths,
                        &Registration { handler, guarded: false, evidence },
                    );
                }
            }
        }
    }
}

fn joined(base: &str, path: &str) -> String {
    let base = base.trim_end_matches('/');
    if path == "/" && !base.is_empty() { base.to_owned() } else { format!("{base}{path}") }
}

/// The folders that hold an application: those with a configuration or with the framework as a dependency.
fn roots(corpus: &Corpus) -> BTreeSet<String> {
    let is_root = |file: &&SourceFile| {
        CONFIGS.contains(&file.name())
            || (file.name() == "package.json" && {
                let root = file.document().root();
                ["dependencies", "devDependencies"].iter().any(|kind| root.at(&[kind, "next"]).is_some())
            })
    };
    corpus.application().filter(is_root).map(|file| file.folder().to_owned()).collect()
}

/// What the place of a file says, by the nearest application around it. A folder named `test` below `app` is
/// a part of the path like any other.
fn place(roots: &BTreeSet<String>, file: &SourceFile) -> Option<Place> {
    let path = file.path.as_str();
    let (stem, extension) = path.rsplit_once('.')?;
    if !EXTENSIONS.contains(&extension) {
        return None;
    }
    let inside =
        |root: &&String| root.is_empty() || path.strip_prefix(root.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let root = roots.iter().filter(inside).max_by_key(|root| root.len())?;
    let rest = stem.strip_prefix(root.as_str())?.trim_start_matches('/');
    let rest = rest.strip_prefix("src/").unwrap_or(rest);
    let (is_handler_file, folders) = match (rest.strip_prefix("app/"), rest.strip_prefix("pages/")) {
        (Some(inner), _) => (true, inner.strip_suffix("/route").or((inner == "route").then_some(""))?),
        (_, Some(inner)) if inner.starts_with("api/") || inner == "api" => {
            (false, inner.strip_suffix("/index").unwrap_or(inner))
        }
        _ => return None,
    };
    let is_seen = match file.class {
        PathClass::Application => true,
        PathClass::Test | PathClass::Example => is_handler_file,
        PathClass::Vendored | PathClass::Generated => false,
    };
    if !is_seen {
        return None;
    }
    let mut paths = vec![String::new()];
    for segment in folders.split('/').filter(|segment| !segment.is_empty()) {
        let is_intercepting = segment.starts_with("(.");
        if is_handler_file && (segment.starts_with('_') || is_intercepting) {
            return None;
        }
        let is_unseen = segment.starts_with('@') || (segment.starts_with('(') && segment.ends_with(')'));
        if is_handler_file && is_unseen {
            continue;
        }
        if let Some(name) = segment.strip_prefix("[[...").and_then(|rest| rest.strip_suffix("]]")) {
            let with: Vec<String> = paths.iter().map(|path| format!("{path}/{{{name}}}")).collect();
            paths.extend(with);
            continue;
        }
        let name = segment.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let part = match name {
            Some(name) => format!("{{{}}}", name.trim_start_matches("...")),
            None => segment.replace("%5F", "_").replace("%5f", "_"),
        };
        paths.iter_mut().for_each(|path| *path = format!("{path}/{part}"));
    }
    paths.iter_mut().filter(|path| path.is_empty()).for_each(|path| path.push('/'));
    Some(Place { root: root.clone(), paths, is_handler_file })
}

/// The methods that a file serves, with the name of the handler and the lines that say so.
fn served(machine: &mut Machine<'_>, file: &SourceFile, place: &Place) -> Vec<(String, Option<String>, Evidence)> {
    let Some(parsed) = file.syntax() else { return Vec::new() };
    let mut out = Vec::new();
    let root = parsed.tree.root_node();
    for statement in root.inner() {
        let line = statement.first_line();
        if !place.is_handler_file {
            let text = literal::text(statement, file.bytes());
            let is_default = match statement.kind() {
                "export_statement" => exported(statement, file.bytes()).iter().any(|name| name.0 == "default"),
                "expression_statement" => text.starts_with("module.exports") || text.starts_with("exports.default"),
                _ => false,
            };
            if is_default && out.is_empty() {
                out.push(("ANY".to_owned(), None, file.lines(line, line)));
            }
            continue;
        }
        if statement.kind() != "export_statement" {
            continue;
        }
        for (name, row) in exported(statement, file.bytes()) {
            let lines = file.lines(line.min(row), row);
            if name == "*" {
                machine.loose("the methods of a route are exported from another file", lines);
            } else if METHODS.contains(&name.as_str()) {
                out.push((name, None, lines));
            }
        }
    }
    out
}

/// The names that an export statement exports, with their lines.
fn exported(statement: Node<'_>, bytes: &[u8]) -> Vec<(String, u32)> {
    let mut cursor = statement.walk();
    let children: Vec<Node<'_>> = statement.children(&mut cursor).collect();
    if children.iter().any(|child| child.kind() == "type") {
        return Vec::new();
    }
    if children.iter().any(|child| child.kind() == "default") {
        return vec![("default".to_owned(), statement.first_line())];
    }
    let mut out = Vec::new();
    for child in children {
        match child.kind() {
            "*" => out.push(("*".to_owned(), statement.first_line())),
            "export_clause" => {
                for specifier in child.inner() {
                    if specifier.child(0).is_some_and(|first| first.kind() == "type") {
                        continue;
                    }
                    let name = specifier.field("alias").or(specifier.field("name"));
                    out.extend(name.map(|name| (literal::text(name, bytes).to_owned(), name.first_line())));
                }
            }
            "function_declaration" => {
                let name = child.field("name");
                out.extend(name.map(|name| (literal::text(name, bytes).to_owned(), name.first_line())));
            }
            "lexical_declaration" | "variable_declaration" => {
                for declarator in child.inner() {
                    let Some(name) = declarator.field("name") else { continue };
                    names(name, bytes, &mut |text, node| out.push((text, node.first_line())));
                }
            }
            _ => {}
        }
    }
    out
}

/// The names that a pattern binds: `GET`, `{ GET, POST }`, `{ handler: GET }`.
fn names<'t>(pattern: Node<'t>, bytes: &[u8], take: &mut dyn FnMut(String, Node<'t>)) {
    match pattern.kind() {
        "identifier" | "shorthand_property_identifier_pattern" => {
            take(literal::text(pattern, bytes).to_owned(), pattern)
        }
        "object_pattern" => {
            for field in pattern.inner() {
                names(field.field("value").unwrap_or(field), bytes, take);
            }
        }
        _ => {}
    }
}

/// `basePath` of the configuration. A variable that is not set leaves its default, or no base path at all.
fn base_path(machine: &mut Machine<'_>, root: &str) -> (Option<PathText>, Option<Evidence>) {
    let folder = if root.is_empty() { String::new() } else { format!("{root}/") };
    let paths = CONFIGS.iter().map(|name| format!("{folder}{name}"));
    let Some(file) = paths.filter_map(|path| machine.corpus.file(&path)).next() else { return (None, None) };
    let text = file.text();
    let Some(at) = text.lines().position(|line| line.trim_start().starts_with("basePath")) else {
        return (None, None);
    };
    let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
    let evidence = file.lines(line, line);
    let exports = machine.load(&file.path).and_then(|module| machine.modules[module].module_object.get("exports"));
    let options = exports.and_then(|exports| options(machine, &exports, 0));
    let base = match options.map(|value| machine.known(&value)) {
        Some(Value::Env(_, Some(default))) => match machine.known(&default) {
            Value::Null => PathText::empty(),
            default => machine.path_text(&default, "basePath"),
        },
        Some(Value::Env(_, None) | Value::Null) => PathText::empty(),
        Some(value) => machine.path_text(&value, "basePath"),
        None => PathText::Unknown("`basePath` of the configuration could not be followed".into()),
    };
    (Some(base), Some(evidence))
}

/// The base path among the options, through the functions that wrap them.
fn options(machine: &mut Machine<'_>, value: &Value, depth: usize) -> Option<Value> {
    if depth > 8 {
        return None;
    }
    match machine.known(value) {
        Value::Object(fields) => match (fields.get("basePath"), fields.get("default")) {
            (Some(base), _) => Some(base),
            (None, Some(inner)) => options(machine, &inner, depth + 1),
            (None, None) => None,
        },
        Value::Made(made) => made.values().iter().find_map(|argument| options(machine, argument, depth + 1)),
        closure @ Value::Function(_) => {
            let call = Call::at_place("", 1, "");
            let made = machine.call_value(&closure, None, &[], &call);
            options(machine, &made, depth + 1)
        }
        Value::OneOf(several) => several.iter().find_map(|one| options(machine, one, depth + 1)),
        _ => None,
    }
}
