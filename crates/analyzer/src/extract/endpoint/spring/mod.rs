//! Spring MVC and WebFlux: the mappings of controllers as Spring itself would collect them, from the class, its
//! interfaces and its superclasses, with what the configuration puts before them. Interfaces of HTTP clients and
//! classes that are no bean serve nothing.

mod functional;
pub(super) mod guard;
mod mapping;
mod pattern;
mod prefix;

use crate::fact::{Fact, Found, Unresolved};
use crate::lang::jvm::model::{Annotation, TypeId, TypeKind};
use crate::lang::jvm::program::JvmProgram;
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;
use mapping::{RequestMapping, Stereotype};
use prefix::{Prefix, Prefixes};

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "spring",
    title: "Spring MVC and WebFlux",
    links: &["https://docs.spring.io/spring-framework/reference/web/webmvc/mvc-controller/ann-requestmapping.html"],
    fixtures: &["endpoint/spring"],
    text: "",
    rows: &[
        (
            "a controller",
            "a class that is not abstract with `@RestController`, `@Controller`, an annotation of the program that \
             has one of them, or Spring Data's `@BasePathAwareController` and `@RepositoryRestController` (below \
             `spring.data.rest.base-path`)",
        ),
        (
            "resolved",
            "`@RequestMapping` (several paths, several methods) and its kin, on the class, its interfaces and its \
             superclasses, as Spring merges them: the nearest mapping of the class, for each method its own or the \
             first that it overrides; generic base controllers; mapping annotations of the program with \
             `@AliasFor`; constants of any class of the tree (concatenated, nested, inherited, statically \
             imported); `${key:default}` from the settings; `addPathPrefix` for an annotation, packages, types, and \
             conditions made of them; `RouterFunction` beans (builder and static style, nested, composed of methods \
             of the file); view and redirect controllers",
        ),
        (
            "an application",
            "a module with a main class; the modules that its `pom.xml` or Gradle script names, directly or through \
             others, are parts of it, and their routes are stated for each application with a path of its own",
        ),
        (
            "before the path",
            "`server.servlet.context-path`, `spring.mvc.servlet.path`, `spring.webflux.base-path` and their older \
             names; Spring's servlet in `web.xml`. From `application.properties` and `.yml`, `bootstrap`, files \
             that `@PropertySource` or `spring.config.name` names, and the profiles that these switch on themselves",
        ),
        ("parameters", "`{id:[0-9]+}`, `{*rest}` become `{id}`, `{rest}`; a trailing slash stays"),
        ("methods", "no method is `ANY`; the `HEAD` and `OPTIONS` that the framework adds are not listed"),
        (
            "guard",
            "`@PreAuthorize` that asks for a role, an authority or a sign-in and nothing else by `or`, `@Secured`, \
             `@RolesAllowed`, on the method or else on the class; the filter chain is not read",
        ),
        (
            "not endpoints",
            "`@FeignClient` and `@HttpExchange` interfaces, classes that are no bean, actuator, static resources, \
             error pages",
        ),
        (
            "unresolved",
            "controllers of interfaces that are generated and not in the tree, placeholders without a literal, \
             prefixes under a condition that is not understood, router functions that no bean gives back",
        ),
        (
            "not seen",
            "what `@RepositoryRestResource` serves (its paths come from the repository's methods and the plural of \
             the entity), `@Bean` methods that make controllers, a context path that code sets; conditions \
             (`@Profile`, `@ConditionalOn...`) count as met",
        ),
    ],
};

const NAME: &str = "spring";
/// Texts without which a file holds no controller and no annotation that makes one.
const PATTERNS: [&str; 6] = [
    "org.springframework.web.reactive.function.server",
    "org.springframework.web.servlet.",
    "org.springframework.web.bind.annotation",
    "org.springframework.stereotype.Controller",
    "RepositoryRestController",
    "BasePathAwareController",
];

/// Every endpoint of Spring controllers.
pub(super) fn read(corpus: &Corpus) -> Found {
    let mut found = Found::default();
    let files = prefilter::files_with(corpus, Family::Java, &PATTERNS);
    if files.is_empty() {
        return found;
    }
    let mut program = JvmProgram::new(corpus);
    let mut units: Vec<_> = files.iter().filter_map(|file| program.load(file)).collect();
    let more = annotated_with_own(&mut program, &files);
    units.extend(more.into_iter().filter_map(|file| program.load(file)));
    units.sort_unstable_by_key(|unit| program.unit(*unit).path.clone());
    units.dedup();
    let prefixes = Prefixes::read(&mut program);
    for unit in units {
        for id in program.types_of(unit) {
            let here = &program.types[id];
            if here.kind != TypeKind::Class || here.is_abstract {
                continue;
            }
            let (scope, annotations) = (program.scope(id), here.annotations.clone());
            if let Some((stereotype, line)) = mapping::stereotype(&mut program, scope, &annotations, 0) {
                let evidence = program.evidence(id, line);
                controller(&mut program, &prefixes, id, stereotype, &evidence, &mut found);
            }
        }
    }
    functional::read(&mut program, &prefixes, &mut found);
    found
}

/// The files that use an annotation of the program's own which makes a class a controller.
fn annotated_with_own<'c>(program: &mut JvmProgram<'c>, files: &[&'c SourceFile]) -> Vec<&'c SourceFile> {
    let mut names = Vec::new();
    for file in files {
        let Some(unit) = program.load(file) else { continue };
        for id in program.types_of(unit) {
            let here = &program.types[id];
            if here.kind != TypeKind::Annotation {
                continue;
            }
            let (scope, annotations, name) = (program.scope(id), here.annotations.clone(), format!("@{}", here.name));
            if mapping::stereotype(program, scope, &annotations, 0).is_some() {
                names.push(name);
            }
        }
    }
    if names.is_empty() {
        return Vec::new();
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    prefilter::files_with(program.corpus, Family::Java, &names)
}

/// The endpoints of one controller.
fn controller(
    program: &mut JvmProgram<'_>,
    prefixes: &Prefixes<'_>,
    id: TypeId,
    stereotype: Stereotype,
    stereotyped: &Evidence,
    found: &mut Found,
) {
    let path = program.path_of(id).to_owned();
    let above = class_mapping(program, id);
    let above_is_own = above.as_ref().is_some_and(|above| above.evidence.path == path);
    let added = prefixes.added(program, id);
    let data_rest = prefixes.data_rest(&path).filter(|_| stereotype == Stereotype::DataRest);
    let outer = prefixes.of_file(&path);
    let name = program.types[id].name.clone();
    let (mut mapped, mut overridden_without) = (0, 0);
    for declarations in program.methods(id) {
        let (holder, place) = declarations[0];
        let own = declarations.iter().find_map(|(of, place)| {
            let annotations = program.types[*of].methods[*place].annotations.clone();
            let scope = program.scope(*of);
            mapping::of(program, scope, &annotations)
        });
        let method = &program.types[holder].methods[place];
        let Some(own) = own else {
            let overrides = method.annotations.iter().any(|one| one.simple() == "Override");
            overridden_without += usize::from(holder == id && overrides && declarations.len() == 1);
            continue;
        };
        mapped += 1;
        let handler = format!("{name}.{}", method.name);
        let of_method: Vec<&[Annotation]> =
            declarations.iter().map(|(of, place)| program.types[*of].methods[*place].annotations.as_slice()).collect();
        let is_guarded = guard::is_guarded(&of_method, &program.types[id].annotations);
        let mut evidence = vec![own.evidence.clone()];
        evidence.extend(own.through.iter().cloned());
        evidence.extend(above.iter().flat_map(|above| std::iter::once(&above.evidence).chain(&above.through)).cloned());
        // Where neither stands at the class, the class is what makes the mapping an endpoint.
        if own.evidence.path != path && !above_is_own {
            evidence.push(stereotyped.clone());
        }
        for outer in &outer {
            let prefix = joined(outer, &added, data_rest.as_ref());
            match endpoints(prefixes, &path, above.as_ref(), &own, prefix) {
                Ok(endpoints) => {
                    for (key, lines) in endpoints {
                        let mut all = evidence.clone();
                        all.extend(lines.into_iter().filter(|line| !evidence.contains(line)));
                        let guard = if is_guarded { "found" } else { "unknown" };
                        let mut fact = Fact::evidenced(FactKind::Endpoint, key, all[0].clone())
                            .with("framework", NAME)
                            .with("handler", handler.as_str())
                            .with("guard", guard);
                        all.dedup();
                        fact.evidence = all;
                        found.facts.push(fact);
                    }
                }
                Err(reason) => {
                    let reason = format!("a route of `{handler}`: the path is not known, because {reason}");
                    let evidence = evidence.clone();
                    found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
                }
            }
        }
    }
    if overridden_without > 0
        && let Some(missing) = missing_interface(program, id)
    {
        let what = if mapped == 0 { "the routes" } else { "some routes" };
        let reason = format!("{what} of `{name}` stand in `{missing}`, which is not in the tree");
        found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, vec![stereotyped.clone()]));
    }
}

/// The mapping of a class: its own, or the first of those above it.
fn class_mapping(program: &mut JvmProgram<'_>, id: TypeId) -> Option<RequestMapping> {
    program.lineage(id).into_iter().find_map(|at| {
        let (scope, annotations) = (program.scope(at), program.types[at].annotations.clone());
        mapping::of(program, scope, &annotations)
    })
}

fn joined(
    outer: &Result<Prefix, String>,
    added: &Result<Prefix, String>,
    data_rest: Option<&Prefix>,
) -> Result<Prefix, String> {
    let (outer, lines) = outer.as_ref().map_err(Clone::clone)?;
    let (added, more) = added.as_ref().map_err(Clone::clone)?;
    let (data_rest, yet_more) = data_rest.map_or(("", [].as_slice()), |(path, lines)| (path.as_str(), lines));
    let lines = lines.iter().chain(yet_more).chain(more).cloned().collect();
    Ok((format!("{outer}{data_rest}{added}"), lines))
}

/// Keys of the endpoints that a mapping makes, and the lines of the configuration that they owe.
fn endpoints(
    prefixes: &Prefixes<'_>,
    path: &str,
    above: Option<&RequestMapping>,
    own: &RequestMapping,
    prefix: Result<Prefix, String>,
) -> Result<Vec<(String, Vec<Evidence>)>, String> {
    let (prefix, mut lines) = prefix?;
    let texts = above.iter().flat_map(|above| above.paths.iter().flatten()).chain(own.paths.iter().flatten());
    lines.extend(texts.flat_map(|text| prefixes.cited(path, text)));
    let none = || "a constant of it is not in the tree or computed".to_owned();
    let filled = |paths: &Option<Vec<String>>| -> Result<Vec<String>, String> {
        let paths = paths.as_ref().ok_or_else(none)?;
        let filled = paths.iter().map(|text| {
            prefixes.filled(path, text).ok_or_else(|| format!("the placeholder in `{text}` has no literal value"))
        });
        let mut filled: Vec<String> = filled.collect::<Result<_, _>>()?;
        if filled.is_empty() {
            filled.push(String::new());
        }
        Ok(filled)
    };
    let above_paths = above.map_or_else(|| Ok(vec![String::new()]), |above| filled(&above.paths))?;
    let own_paths = filled(&own.paths)?;
    let unknown = || "its methods are computed".to_owned();
    let mut methods = own.methods.clone().ok_or_else(unknown)?;
    if let Some(above) = above {
        methods.extend(above.methods.clone().ok_or_else(unknown)?);
    }
    methods.sort();
    methods.dedup();
    if methods.is_empty() {
        methods.push("ANY".to_owned());
    }
    let mut out = Vec::new();
    for above in &above_paths {
        for own in &own_paths {
            let called = pattern::combine(above, own);
            let called = if prefix.is_empty() {
                pattern::as_called(&called)
            } else {
                pattern::as_called(&format!("{prefix}{called}"))
            };
            out.extend(methods.iter().map(|method| (format!("{method} {called}"), lines.clone())));
        }
    }
    Ok(out)
}

/// An interface or superclass that a class names and the tree does not have.
fn missing_interface(program: &mut JvmProgram<'_>, id: TypeId) -> Option<String> {
    program.lineage(id).into_iter().find_map(|at| {
        let here = &program.types[at];
        let named: Vec<String> = here.interfaces.iter().map(|above| above.name.clone()).collect();
        let scope = program.scope(at);
        named.into_iter().find(|name| {
            let is_of_platform = program.comes_from(scope.unit, name, &["java.io", "java.util", "java.lang"])
                || program.unit(scope.unit).imports.iter().any(|import| {
                    import.path.ends_with(&format!(".{name}"))
                        && ["org.springframework.", "java.", "javax.", "jakarta."]
                            .iter()
                            .any(|start| import.path.starts_with(start))
                });
            !is_of_platform
                && !matches!(name.as_str(), "Serializable" | "Comparable" | "Runnable" | "AutoCloseable")
                && program.resolve(scope, name).is_none()
        })
    })
}
