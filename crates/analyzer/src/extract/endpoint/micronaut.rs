//! Micronaut: controllers with the template of their class and their methods, below the context path. Declarative
//! clients are interfaces and serve nothing.

use ci_feed_dossier::fact::FactKind;

use super::spring::guard;
use crate::fact::{Fact, Found, Unresolved};
use crate::lang::jvm::model::{Annotation, TypeId, TypeKind};
use crate::lang::jvm::program::{JvmProgram, JvmScope};
use crate::lang::jvm::settings::{JvmSettings, module_of};
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::syntax::literal::closing_brace;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "micronaut",
    title: "Micronaut",
    links: &["https://docs.micronaut.io/latest/guide/#routing"],
    fixtures: &["endpoint/micronaut"],
    text: "",
    rows: &[
        (
            "resolved",
            "`@Controller` and `@Get` and its kin with `value`, `uri`, `uris`; `micronaut.server.context-path`; \
             inherited methods",
        ),
        (
            "parameters",
            "`{id:4}`, `{+path}` become `{id}`, `{path}`; `{?query}` is no part of the path; `{/tenant}` is there or not: two paths",
        ),
        ("not seen", "`@CustomHttpMethod`, routes that code builds"),
    ],
};

const NAME: &str = "micronaut";
const HTTP: &[&str] = &["io.micronaut.http.annotation"];
const VERBS: [&str; 8] = ["Get", "Post", "Put", "Delete", "Patch", "Head", "Options", "Trace"];

/// Every endpoint of Micronaut controllers.
pub(super) fn read(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    let files = prefilter::files_with(corpus, Family::Java, &["io.micronaut.http.annotation"]);
    if files.is_empty() {
        return found;
    }
    let mut program = JvmProgram::new(corpus);
    let settings = JvmSettings::read(corpus);
    for file in files {
        let Some(unit) = program.load(file) else { continue };
        for id in program.types_of(unit) {
            let here = &program.types[id];
            let annotation = here.annotations.iter().find(|one| program.is(unit, one, HTTP, "Controller")).cloned();
            if let Some(annotation) = annotation.filter(|_| here.kind == TypeKind::Class && !here.is_abstract) {
                controller(&mut program, &settings, id, &annotation, &mut found);
            }
        }
    }
    found
}

fn controller(
    program: &mut JvmProgram<'_>,
    settings: &JvmSettings<'_>,
    id: TypeId,
    annotation: &Annotation,
    found: &mut Found,
) {
    let module = module_of(program.path_of(id)).to_owned();
    let at_class = program.evidence(id, annotation.lines);
    let context = settings.get(&module, "micronaut.server.context-path");
    let before = context.map_or_else(|| Some(String::new()), |setting| settings.filled(&module, &setting.value));
    let scope = program.scope(id);
    program.take_used();
    let above = paths(program, settings, &module, scope, annotation);
    let above_used = program.take_used();
    let class = program.types[id].name.clone();
    for declarations in program.methods(id) {
        let said = declarations.iter().find_map(|(at, number)| {
            let unit = program.types[*at].unit;
            let annotations = &program.types[*at].methods[*number].annotations;
            let is_verb = |one: &&Annotation| VERBS.iter().any(|verb| program.is(unit, one, HTTP, verb));
            let all: Vec<Annotation> = annotations.iter().filter(is_verb).cloned().collect();
            (!all.is_empty()).then_some((*at, *number, all))
        });
        let Some((at, number, verbs)) = said else { continue };
        let handler = format!("{class}.{}", program.types[at].methods[number].name);
        let of_method: Vec<&[Annotation]> = declarations
            .iter()
            .map(|(at, number)| program.types[*at].methods[*number].annotations.as_slice())
            .collect();
        let guard = if guard::is_guarded(&of_method, &program.types[id].annotations) { "found" } else { "unknown" };
        for verb in verbs {
            let mut evidence = vec![program.evidence(at, verb.lines), at_class.clone()];
            evidence.extend(context.map(|setting| setting.evidence()));
            let scope = program.scope(at);
            let own = paths(program, settings, &module, scope, &verb);
            evidence.extend(program.take_used().into_iter().chain(above_used.iter().cloned()));
            let (Some(before), Some(above), Some(own)) = (&before, &above, own) else {
                let reason = format!("a route of `{handler}`: the path is not known, because a part of it is computed");
                found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
                continue;
            };
            for above in above {
                for path in own.iter().flat_map(|own| as_called(&joined(&joined(before, above), own))) {
                    let key = format!("{} {path}", verb.simple().to_ascii_uppercase());
                    let mut fact = Fact::evidenced(FactKind::Endpoint, key, evidence[0].clone())
                        .with("framework", NAME)
                        .with("handler", handler.as_str())
                        .with("guard", guard);
                    fact.evidence.clone_from(&evidence);
                    found.facts.push(fact);
                }
            }
        }
    }
}

/// Paths that one template stands for.
const MAX_TEMPLATE_PATHS: usize = 8;

/// The templates that an annotation is given; without any it is the root.
fn paths(
    program: &mut JvmProgram<'_>,
    settings: &JvmSettings<'_>,
    module: &str,
    scope: JvmScope,
    annotation: &Annotation,
) -> Option<Vec<String>> {
    let given = ["value", "uri", "uris"].iter().find_map(|key| annotation.value(key)).cloned();
    let Some(given) = given else { return Some(vec![String::new()]) };
    let texts = program.constants(scope, &given)?;
    texts.iter().map(|text| settings.filled(module, text)).collect()
}

fn joined(above: &str, own: &str) -> String {
    let (above, own) = (above.trim_end_matches('/'), own.trim_start_matches('/'));
    let above = if above.is_empty() || above.starts_with('/') { above.to_owned() } else { format!("/{above}") };
    // What starts with a part of the query goes on without a slash.
    if own.is_empty() || own.starts_with("{?") || own.starts_with("{/") {
        format!("{above}{own}")
    } else {
        format!("{above}/{own}")
    }
}

/// `{id:4}` and `{+path}` become `{id}` and `{path}`; a part of the query is none of the path, and one with a slash inside
/// (`{/tenant}`) may be left out.
fn as_called(path: &str) -> Vec<String> {
    let mut out = vec![String::with_capacity(path.len())];
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.iter_mut().for_each(|one| one.push_str(before));
        let end = closing_brace(after).unwrap_or(after.len());
        let inner = &after[..end];
        rest = after.get(end + 1..).unwrap_or_default();
        if inner.starts_with(['?', '&', '#']) {
            continue;
        }
        let name = inner.split([':', ',']).next().unwrap_or_default().trim_end_matches('*');
        match name.strip_prefix('/') {
            Some(name) if out.len() < MAX_TEMPLATE_PATHS => {
                let with: Vec<String> = out.iter().map(|one| format!("{one}/{{{name}}}")).collect();
                out.extend(with);
            }
            Some(name) => out.iter_mut().for_each(|one| *one += &format!("/{{{name}}}")),
            None => out.iter_mut().for_each(|one| *one += &format!("{{{}}}", name.trim_start_matches(['+', '.']))),
        }
    }
    let whole = |one: String| match one + rest {
        root if root.is_empty() => "/".to_owned(),
        path => path,
    };
    out.into_iter().map(whole).collect()
}
