//! The servlets that a program puts JAX-RS below by itself: `addServlet(new ServletHolder(new ServletContainer(config)),
//! "/api/*")` of an embedded server, and the mappings of `web.xml`. Patterns without a literal path say nothing.

use ci_feed_dossier::evidence::Evidence;

use crate::lang::jvm::settings::module_of;
use crate::lang::jvm::web_xml::{Mapping, mappings};
use crate::syntax::grammar::Family;
use crate::syntax::prefilter;
use crate::tree::corpus::Corpus;
use crate::tree::file::SourceFile;

/// Classes of servlets that serve resources.
const CLASSES: [&str; 4] =
    ["jersey.servlet.ServletContainer", "HttpServletDispatcher", "CXFServlet", "CXFNonSpringJaxrsServlet"];

/// A servlet that serves resources.
pub(super) struct Servlet {
    pub(super) module: String,
    pub(super) path: String,
    /// The packages that its configuration names; none where it names them otherwise.
    pub(super) packages: Vec<String>,
    pub(super) evidence: Evidence,
}

pub(super) fn read(corpus: &Corpus) -> Vec<Servlet> {
    let mut out = Vec::new();
    for file in prefilter::files_with(corpus, Family::Java, &["new ServletContainer("]) {
        in_program(file, &mut out);
    }
    out.extend(mappings(corpus).into_iter().filter_map(in_descriptor));
    out
}

fn in_program(file: &SourceFile, out: &mut Vec<Servlet>) {
    let text = file.text();
    for (at, call) in text.match_indices("addServlet(") {
        let Some(arguments) = enclosed(&text[at + call.len()..]) else { continue };
        let Some((holder, pattern)) = arguments.rsplit_once(',') else { continue };
        let Some(path) = prefix_of(pattern.trim().trim_matches('"')).filter(|_| pattern.trim().starts_with('"')) else {
            continue;
        };
        let holder = holder.trim();
        let is_name = holder.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let made = if is_name { assigned(&text, holder) } else { Some(holder) };
        let Some((_, inner)) = made.and_then(|made| made.split_once("new ServletContainer(")) else { continue };
        let config = enclosed(inner).unwrap_or_default().trim();
        let line = file.line_at(at);
        out.push(Servlet {
            module: module_of(&file.path).to_owned(),
            path,
            packages: packages(&text, config),
            evidence: file.lines(line, line),
        });
    }
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
fn assigned<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let start = format!(" {name} = ");
    let at = text.find(&start)? + start.len();
    text[at..].split(';').next()
}

/// The text up to the parenthesis that closes it.
fn enclosed(text: &str) -> Option<&str> {
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
fn prefix_of(pattern: &str) -> Option<String> {
    pattern.strip_suffix("/*").filter(|prefix| prefix.is_empty() || prefix.starts_with('/')).map(str::to_owned)
}

fn in_descriptor(mapping: Mapping<'_>) -> Option<Servlet> {
    CLASSES.iter().any(|end| mapping.class.ends_with(end)).then_some(())?;
    let named = mapping.parameters.iter().filter(|(name, _)| name.ends_with("provider.packages"));
    let packages = named.flat_map(|(_, value)| value.split([',', ';'])).map(|one| one.trim().to_owned()).collect();
    let (module, path) = (module_of(&mapping.file.path).to_owned(), prefix_of(&mapping.pattern)?);
    Some(Servlet { module, path, packages, evidence: mapping.evidence })
}
