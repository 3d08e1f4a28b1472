//! The servlets that a program puts JAX-RS below by itself: `addServlet(new ServletHolder(new ServletContainer(config)),
//! "/api/*")` of an embedded server, and the mappings of `web.xml`. A pattern that is not plain makes a path that is not known.

use ci_feed_dossier::evidence::Evidence;

use crate::lang::jvm::settings::module_of;
use crate::lang::jvm::web_xml::{ServletMapping, mappings};
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Classes of servlets that serve resources, and the name that stands for one.
const CLASSES: [&str; 5] = [
    "jersey.servlet.ServletContainer",
    "HttpServletDispatcher",
    "CXFServlet",
    "CXFNonSpringJaxrsServlet",
    "ws.rs.core.Application",
];
/// Calls that map a servlet that they are given, or that a call before was.
const MAPPINGS: [&str; 3] = [".addMapping(", ".addServletMappingDecoded(", ".addServletMapping("];

/// Calls that say which class serves a pattern of Guice, and what is in the names of those that serve resources.
const GUICE: &[&str] = &[".with(", ".through("];
const DISPATCHERS: [&str; 6] =
    ["GuiceContainer", "ServletContainer", "HttpServletDispatcher", "FilterDispatcher", "Resteasy", "Jersey"];

/// What serves resources below a path.
pub(super) struct Servlet {
    pub(super) module: String,
    /// Nothing when it is computed.
    pub(super) path: Option<String>,
    /// The packages that its configuration names; none where it names them otherwise.
    pub(super) packages: Vec<String>,
    pub(super) evidence: Evidence,
}

pub(super) fn read(corpus: &Corpus) -> Vec<Servlet> {
    let mut out = Vec::new();
    for file in prefilter::files_with(corpus, Family::Java, &["ServletContainer"]) {
        in_program(file, &mut out);
    }
    for file in prefilter::files_with(corpus, Family::Java, GUICE) {
        in_guice(file, &mut out);
    }
    out.extend(mappings(corpus).into_iter().filter_map(in_descriptor));
    out
}

/// `serve("/api/*").with(GuiceContainer.class)` of a Guice module.
fn in_guice(file: &SourceFile, out: &mut Vec<Servlet>) {
    let text = file.text();
    for (at, start) in ["serve(", "filter("].iter().flat_map(|start| text.match_indices(start)) {
        let Some(patterns) = enclosed(&text[at + start.len()..]) else { continue };
        let rest = text[at + start.len() + patterns.len() + 1..].trim_start();
        let given = GUICE.iter().find_map(|call| enclosed(rest.strip_prefix(call)?));
        let class = given.and_then(|given| given.split(',').next()).unwrap_or_default();
        if DISPATCHERS.iter().any(|name| class.contains(name)) {
            let line = file.line_at(at);
            out.push(Servlet {
                module: module_of(&file.path).to_owned(),
                path: plain(&text, patterns).and_then(|pattern| prefix_of(&pattern)),
                packages: Vec::new(),
                evidence: file.lines(line, line),
            });
        }
    }
}

fn in_program(file: &SourceFile, out: &mut Vec<Servlet>) {
    let text = file.text();
    for call in ["addServlet(", "new ServletRegistrationBean(", "new ServletRegistrationBean<>("] {
        for (at, call) in text.match_indices(call) {
            let Some(arguments) = enclosed(&text[at + call.len()..]) else { continue };
            let Some((holder, last)) = arguments.rsplit_once(',') else { continue };
            let (made, path) = match (container(&text, holder.trim()), container(&text, last.trim())) {
                (Some(made), _) => (made, plain(&text, last).and_then(|pattern| prefix_of(&pattern))),
                // `addServlet("name", servlet)` is mapped by another call.
                (None, Some(made)) => (made, mapped(&text)),
                (None, None) => continue,
            };
            let config = made.split_once("ServletContainer(").and_then(|(_, inner)| enclosed(inner));
            let line = file.line_at(at);
            out.push(Servlet {
                module: module_of(&file.path).to_owned(),
                path: path.and_then(|path| Some(format!("{}{path}", context(&text, at)?))),
                packages: packages(&text, config.unwrap_or_default().trim()),
                evidence: file.lines(line, line),
            });
        }
    }
}

/// What makes a servlet of resources: an expression, or what its name is assigned.
fn container<'t>(text: &'t str, written: &'t str) -> Option<&'t str> {
    let made = if is_name(written) { assigned(text, written)? } else { written };
    (made.contains("ServletContainer(") || made.contains("ServletContainer.class")).then_some(made)
}

/// The prefix of the one mapping that a file has.
fn mapped(text: &str) -> Option<String> {
    let calls = MAPPINGS.iter().flat_map(|call| text.match_indices(call));
    let mut given = calls.filter_map(|(at, call)| enclosed(&text[at + call.len()..]));
    let given = given.next().filter(|_| given.next().is_none())?;
    prefix_of(&plain(text, given.split(',').next()?)?)
}

/// The path of the context that a servlet is added to, where the file gives it one; `None` for one that is not plain.
fn context(text: &str, at: usize) -> Option<String> {
    let before = text[..at].trim_end_matches('.');
    let from = before.rfind(|letter: char| !letter.is_alphanumeric() && letter != '_').map_or(0, |at| at + 1);
    let name = &before[from..];
    let set = format!("{name}.setContextPath(");
    let given = text.split_once(&set).and_then(|(_, rest)| enclosed(rest));
    let made = || assigned(text, name)?.split_once("new ServletContextHandler(");
    let given = given.or_else(|| enclosed(made()?.1)?.split(',').find(|one| one.trim().starts_with('"')));
    let path = given.filter(|_| !name.is_empty()).map_or(Some(String::new()), |given| plain(text, given))?;
    Some(path.trim_end_matches('/').to_owned())
}

fn is_name(written: &str) -> bool {
    !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Literals and constants of the file, joined with `+`.
pub(super) fn plain(text: &str, expression: &str) -> Option<String> {
    let literal = |written: &str| {
        let inner = written.trim().strip_prefix('"')?.strip_suffix('"')?;
        (!inner.contains(['"', '\\'])).then(|| inner.to_owned())
    };
    let part = |part: &str| {
        let name = part.trim().rsplit('.').next().unwrap_or_default();
        literal(part).or_else(|| literal(assigned(text, name).filter(|_| is_name(name))?))
    };
    expression.split('+').map(part).collect()
}

/// The packages that a configuration is told, or that of its own class.
fn packages(text: &str, config: &str) -> Vec<String> {
    if let Some(class) = config.strip_prefix("new ") {
        let class = class.split('(').next().unwrap_or_default().trim();
        return class.rsplit_once('.').map(|(package, _)| package.to_owned()).into_iter().collect();
    }
    let call = format!("{config}.packages(");
    let told = text.match_indices(&call).filter_map(|(at, call)| enclosed(&text[at + call.len()..]));
    told.flat_map(|told| told.split('"').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// What is assigned to a name where it is declared.
pub(super) fn assigned<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let start = format!(" {name} = ");
    let at = text.find(&start)? + start.len();
    text[at..].split(';').next()
}

/// The text up to the parenthesis that closes it.
pub(super) fn enclosed(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(&text[..at]),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `/api/*` puts everything below `/api`, `/*` below nothing.
pub(super) fn prefix_of(pattern: &str) -> Option<String> {
    pattern.strip_suffix("/*").filter(|prefix| prefix.is_empty() || prefix.starts_with('/')).map(str::to_owned)
}

/// Mappings of descriptors that name the class of an application: they take the place of its own path (Jakarta REST, 2.3.2).
pub(super) fn of_applications(corpus: &Corpus) -> Vec<Servlet> {
    let names_one =
        |mapping: &ServletMapping<'_>| mapping.parameters.keys().any(|name| name.ends_with("ws.rs.Application"));
    mappings(corpus).into_iter().filter(names_one).filter_map(in_descriptor).collect()
}

fn in_descriptor(mapping: ServletMapping<'_>) -> Option<Servlet> {
    CLASSES.iter().any(|end| mapping.class.ends_with(end)).then_some(())?;
    let named = mapping.parameters.iter().filter(|(name, _)| name.ends_with("provider.packages"));
    let packages = named.flat_map(|(_, value)| value.split([',', ';'])).map(|one| one.trim().to_owned()).collect();
    let (module, path) = (module_of(&mapping.file.path).to_owned(), Some(prefix_of(&mapping.pattern)?));
    Some(Servlet { module, path, packages, evidence: mapping.evidence })
}
