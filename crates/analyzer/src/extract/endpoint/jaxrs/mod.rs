//! JAX-RS (Jersey, RESTEasy, Quarkus, Dropwizard): resource classes with the paths of their class, their methods and
//! their sub-resources, below the path of the application. Interfaces that no class implements are clients.

mod path;
mod server;
mod servlet;

use std::collections::BTreeSet;

use ci_feed_dossier::evidence::Evidence;
use ci_feed_dossier::fact::FactKind;

use self::path::{as_called, joined};
use super::spring::guard;
use crate::fact::{Fact, Found, Unresolved};
use crate::lang::jvm::model::{Annotation, Expr, TypeId, TypeKind};
use crate::lang::jvm::modules::Modules;
use crate::lang::jvm::program::{JvmProgram, JvmScope};
use crate::lang::jvm::settings::{JvmSettings, module_of};
use crate::page::Page;
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// What the rules resolve, for the documentation.
pub(in crate::extract) static PAGE: Page = Page {
    slug: "jax-rs",
    title: "JAX-RS (Jersey, RESTEasy, Quarkus, Dropwizard)",
    links: &["https://jakarta.ee/specifications/restful-ws/"],
    fixtures: &["endpoint/jaxrs"],
    text: "",
    rows: &[
        (
            "resolved",
            "`@Path` of the class (also of an interface or superclass) and of the method, all verbs, `@PATCH` of Dropwizard, \
             CXF and Swagger too, `@HttpMethod` annotations of the program, sub-resources by the class that a locator gives back; constants; \
             `@ApplicationPath`, `spring.jersey.application-path`, `quarkus.http.root-path`, `quarkus.rest.path`, \
             `quarkus.resteasy.path`, Spring's context path; else the servlets that the program maps by itself: \
             `addServlet(new ServletHolder(new ServletContainer(config)), \"/api/*\")`, with the packages of \
             `config` where there are several, and `web.xml`; else the servers that it starts: Grizzly's \
             `addHttpHandler(handler, \"/api/\")` and the addresses of Jersey's server factories, RESTEasy's \
             `setMappingPrefix`, Dropwizard's `setUrlPattern`, `rootPath` and `applicationContextPath`",
        ),
        ("parameters", "`{id: \\\\d+}` becomes `{id}`"),
        ("trailing slash", "dropped, as the framework does not tell the two apart"),
        ("not endpoints", "interfaces that no class implements: they are clients"),
        (
            "unresolved",
            "sub-resources whose class is not known, several applications with paths of their own, paths of servlets and \
             servers that are computed; resources of which nothing says below which path they are, outside of Quarkus, \
             Spring Boot, Dropwizard, Micronaut and Helidon",
        ),
        (
            "not seen",
            "which resources an application registers (all count), servlets that a container registers otherwise",
        ),
    ],
};

const NAME: &str = "jax-rs";
const RS: &[&str] = &["jakarta.ws.rs", "javax.ws.rs"];
/// Packages with verbs that JAX-RS had not: `@PATCH` before 2.1.
const OF_VERBS: &[&str] =
    &["jakarta.ws.rs", "javax.ws.rs", "io.dropwizard.jersey", "io.swagger.jaxrs", "org.apache.cxf.jaxrs.ext"];
const VERBS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];
/// Resources inside of resources.
const MAX_RESOURCE_DEPTH: usize = 8;
/// Settings whose paths stand before all others, outermost first.
const ABOVE: [&str; 4] =
    ["server.servlet.context-path", "quarkus.http.root-path", "quarkus.rest.path", "quarkus.resteasy.path"];

/// `@ApplicationPath`, or what stands for it.
struct Application {
    module: String,
    /// Nothing when it is computed.
    path: Option<String>,
    /// The packages of its resources, where it names them.
    packages: Vec<String>,
    evidence: Evidence,
}

struct Reader<'p, 'c> {
    program: &'p mut JvmProgram<'c>,
    settings: JvmSettings<'c>,
    modules: Modules,
    applications: Vec<Application>,
    /// Whether resources are at the root where nothing says otherwise.
    is_at_root: bool,
    found: Found,
}

/// A place in the tree of resources.
#[derive(Clone)]
struct Place {
    path: String,
    evidence: Vec<Evidence>,
    depth: usize,
}

/// Platforms that serve resources at the root by themselves. Elsewhere a server or a descriptor that nobody understood
/// here gives them a path: of four applications without a path that was seen, one served at the root.
fn is_at_root(corpus: &Corpus) -> bool {
    let platforms =
        ["io.quarkus", "quarkus-", "spring-boot-starter-jersey", "io.dropwizard", "io.micronaut", "helidon"];
    let imports = ["io.quarkus", "org.springframework.boot", "io.dropwizard", "io.micronaut", "io.helidon"];
    let is_build = |file: &&SourceFile| {
        matches!(file.name(), "pom.xml" | "build.gradle" | "build.gradle.kts" | "libs.versions.toml")
    };
    corpus.application().filter(is_build).any(|file| platforms.iter().any(|platform| file.holds(platform)))
        || !prefilter::files_that_hold(corpus, Family::Java, &imports).is_empty()
}

/// Every endpoint of JAX-RS resources.
pub(super) fn read(corpus: &Corpus) -> Found {
    let files = prefilter::files_with(corpus, Family::Java, &["ws.rs.Path", "ws.rs.*", "ws.rs.ApplicationPath"]);
    if files.is_empty() {
        return Found::default();
    }
    let mut program = JvmProgram::new(corpus);
    let mut units: Vec<_> = files.iter().filter_map(|file| program.load(file)).collect();
    // Classes that implement an interface of resources say nothing of JAX-RS themselves.
    let mut names: BTreeSet<String> = BTreeSet::new();
    for unit in &units {
        for id in program.types_of(*unit) {
            let here = &program.types[id];
            let is_above = here.kind == TypeKind::Interface || here.is_abstract;
            if is_above && here.annotations.iter().any(|one| program.is(*unit, one, RS, "Path")) {
                names.extend([
                    format!("implements {}", here.name),
                    format!("extends {}", here.name),
                    format!(", {} {{", here.name),
                ]);
            }
        }
    }
    if !names.is_empty() {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        units.extend(
            prefilter::files_with(corpus, Family::Java, &names).into_iter().filter_map(|file| program.load(file)),
        );
    }
    units.sort_unstable_by_key(|unit| program.unit(*unit).path.clone());
    units.dedup();
    let (settings, modules) = (JvmSettings::read(corpus), Modules::read(corpus));
    let mut reader = Reader {
        program: &mut program,
        settings,
        modules,
        applications: Vec::new(),
        is_at_root: is_at_root(corpus),
        found: Found::default(),
    };
    for unit in &units {
        reader.applications_of(*unit);
    }
    for module in reader.settings.modules() {
        if let Some(setting) = reader.settings.get(module, "spring.jersey.application-path") {
            let path = reader.settings.filled(module, &setting.value);
            let (module, packages) = (module.to_owned(), Vec::new());
            reader.applications.push(Application { module, path, packages, evidence: setting.evidence() });
        }
    }
    // `@ApplicationPath` of a class is not looked at by a servlet that is mapped by hand.
    let mut servlets = servlet::of_applications(corpus);
    reader.applications.retain(|one| !servlets.iter().any(|servlet| servlet.module == one.module));
    if reader.applications.is_empty() {
        servlets = servlet::read(corpus);
        server::read(corpus, &mut servlets);
    }
    reader.applications.extend(servlets.into_iter().map(|one| Application {
        module: one.module,
        path: one.path,
        packages: one.packages,
        evidence: one.evidence,
    }));
    for unit in units {
        for id in reader.program.types_of(unit) {
            let here = &reader.program.types[id];
            if matches!(here.kind, TypeKind::Class | TypeKind::Other) && !here.is_abstract {
                reader.resource(id);
            }
        }
    }
    reader.found
}

impl Reader<'_, '_> {
    fn applications_of(&mut self, unit: usize) {
        for id in self.program.types_of(unit) {
            let annotations = self.program.types[id].annotations.clone();
            for one in &annotations {
                if self.program.is(unit, one, RS, "ApplicationPath") {
                    let module = module_of(self.program.path_of(id)).to_owned();
                    let path = self.path_in(self.program.scope(id), one);
                    let evidence = self.program.evidence(id, one.lines);
                    self.applications.push(Application { module, path, packages: Vec::new(), evidence });
                }
            }
        }
    }

    /// The path that an annotation is given.
    fn path_in(&mut self, scope: JvmScope, annotation: &Annotation) -> Option<String> {
        let value = annotation.value("value")?.clone();
        let text = self.program.constant(scope, &value)?;
        let module = module_of(&self.program.unit(scope.unit).path).to_owned();
        self.settings.filled(&module, &text)
    }

    /// What stands before the paths of a module's resources.
    fn before(&self, module: &str, package: &str) -> Result<Place, String> {
        let mut place = Place { path: String::new(), evidence: Vec::new(), depth: 0 };
        let mine = self.modules.of(module);
        for key in ABOVE {
            let said = mine.iter().find_map(|module| Some((*module, self.settings.get(module, key)?)));
            let Some((module, setting)) = said else { continue };
            let value = self.settings.filled(module, &setting.value);
            let value = value.ok_or_else(|| format!("the setting `{}` has no literal value", setting.key))?;
            place.path = joined(&place.path, &value);
            place.evidence.push(setting.evidence());
        }
        // An application that names its packages serves those; the longest name that fits is the nearest.
        let fits =
            |name: &String| package.strip_prefix(name.as_str()).filter(|rest| rest.is_empty() || rest.starts_with('.'));
        let named = |application: &Application| {
            application.packages.iter().filter(|name| fits(name).is_some()).map(String::len).max()
        };
        let nearest = self.applications.iter().filter_map(named).max();
        let mut fitting: Vec<&Application> =
            self.applications.iter().filter(|application| nearest.is_some() && named(application) == nearest).collect();
        let own = |application: &&Application| application.module == module;
        let shared =
            |application: &&Application| self.modules.of(&application.module).iter().any(|other| mine.contains(other));
        if fitting.is_empty() {
            fitting = self.applications.iter().filter(own).collect();
        }
        if fitting.is_empty() {
            fitting = self.applications.iter().filter(shared).collect();
        }
        if fitting.is_empty() {
            fitting = self.applications.iter().collect();
        }
        let paths: BTreeSet<Option<&String>> = fitting.iter().map(|application| application.path.as_ref()).collect();
        match (fitting.first(), paths.len()) {
            (None, _) if self.is_at_root => Ok(place),
            (None, _) => Err("nothing is seen that says below which path its application is".to_owned()),
            (Some(application), 1) => {
                let path = application.path.as_ref().ok_or("the path of its application is computed")?;
                place.path = joined(&place.path, path);
                place.evidence.push(application.evidence.clone());
                Ok(place)
            }
            _ => Err("several applications have a path of their own".to_owned()),
        }
    }

    fn resource(&mut self, id: TypeId) {
        let path = self.program.lineage(id).into_iter().find_map(|at| {
            let unit = self.program.types[at].unit;
            let one = self.program.types[at].annotations.iter().find(|one| self.program.is(unit, one, RS, "Path"))?;
            Some((at, one.clone()))
        });
        let Some((holder, annotation)) = path else { return };
        self.program.take_used();
        let evidence = self.program.evidence(holder, annotation.lines);
        let name = self.program.types[id].name.clone();
        let before = self.before(module_of(self.program.path_of(id)), self.program.package_of(id));
        let own = self
            .path_in(self.program.scope(holder), &annotation)
            .ok_or_else(|| "a constant of it is not known".to_owned());
        match before.and_then(|before| Ok((before, own?))) {
            Ok((before, own)) => {
                let mut lines = vec![evidence];
                lines.extend(self.program.take_used());
                lines.extend(before.evidence);
                self.methods(id, &Place { path: joined(&before.path, &own), evidence: lines, depth: 0 });
            }
            Err(reason) => {
                let reason = format!("the resource `{name}`: its path is not known, because {reason}");
                self.found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, vec![evidence]));
            }
        }
    }

    fn methods(&mut self, id: TypeId, place: &Place) {
        for declarations in self.program.methods(id) {
            // The nearest declaration that says something of JAX-RS says everything.
            let said = declarations.iter().find_map(|(at, number)| {
                let unit = self.program.types[*at].unit;
                let annotations = self.program.types[*at].methods[*number].annotations.clone();
                let verbs = self.verbs(*at, &annotations);
                let path = annotations.iter().find(|one| self.program.is(unit, one, RS, "Path")).cloned();
                (!verbs.is_empty() || path.is_some()).then_some((*at, *number, verbs, path))
            });
            let Some((at, number, verbs, path)) = said else { continue };
            self.program.take_used();
            let handler = format!("{}.{}", self.program.types[id].name, self.program.types[at].methods[number].name);
            let own = match &path {
                Some(path) => self.path_in(self.program.scope(at), path),
                None => Some(String::new()),
            };
            let mut evidence: Vec<Evidence> = Vec::new();
            for lines in verbs.iter().map(|(_, lines)| *lines).chain(path.as_ref().map(|path| path.lines)) {
                evidence.push(self.program.evidence(at, lines));
            }
            evidence.extend(self.program.take_used());
            evidence.extend(place.evidence.iter().cloned());
            evidence.dedup();
            let Some(own) = own else {
                let reason =
                    format!("a route of `{handler}`: the path is not known, because a constant of it is not known");
                self.found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
                continue;
            };
            let path = joined(&place.path, &own);
            if verbs.is_empty() {
                self.sub_resource((at, number), &handler, &Place { path, evidence, depth: place.depth + 1 });
                continue;
            }
            let of_method: Vec<&[Annotation]> = declarations
                .iter()
                .map(|(at, number)| self.program.types[*at].methods[*number].annotations.as_slice())
                .collect();
            let guard =
                if guard::is_guarded(&of_method, &self.program.types[id].annotations) { "found" } else { "unknown" };
            for (verb, _) in verbs {
                let mut fact =
                    Fact::evidenced(FactKind::Endpoint, format!("{verb} {}", as_called(&path)), evidence[0].clone())
                        .with("framework", NAME)
                        .with("handler", handler.as_str())
                        .with("guard", guard);
                fact.evidence.clone_from(&evidence);
                self.found.facts.push(fact);
            }
        }
    }

    /// The methods that annotations name, the program's own annotations too.
    fn verbs(&mut self, at: TypeId, annotations: &[Annotation]) -> Vec<(String, (u32, u32))> {
        let scope = self.program.scope(at);
        let mut out = Vec::new();
        for one in annotations {
            let name = one.simple();
            if VERBS.contains(&name) && self.program.comes_from(scope.unit, &one.name, OF_VERBS) {
                out.push((name.to_owned(), one.lines));
            } else if let Some(own) = self.program.own_annotation(scope, one) {
                let method = self.program.types[own].annotations.iter().find(|meta| meta.simple() == "HttpMethod");
                if let Some(Expr::Text(method)) = method.and_then(|method| method.value("value")) {
                    out.push((method.clone(), one.lines));
                }
            }
        }
        out
    }

    /// The routes of what a method without a verb gives back.
    fn sub_resource(&mut self, (at, number): (TypeId, usize), handler: &str, place: &Place) {
        let returns = self.program.types[at].methods[number].returns.clone();
        let name = if returns.name == "Class" {
            returns.arguments.first().map(|one| one.name.clone())
        } else {
            Some(returns.name)
        };
        let scope = self.program.scope(at);
        let target = name.as_ref().and_then(|name| self.program.resolve(scope, name));
        match target.filter(|_| place.depth < MAX_RESOURCE_DEPTH) {
            Some(target) => self.methods(target, place),
            None => {
                let reason = format!("the routes below `{handler}`: the class of the sub-resource is not known");
                let evidence = place.evidence.clone();
                self.found.unresolved.push(Unresolved::new(FactKind::Endpoint, reason, evidence));
            }
        }
    }
}
