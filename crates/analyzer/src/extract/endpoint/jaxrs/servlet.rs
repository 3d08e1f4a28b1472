//! The servlets that a program puts JAX-RS below by itself: `addServlet(new ServletHolder(new ServletContainer(config)),
//! "/api/*")` of an embedded server, and the mappings of `web.xml`. Patterns without a literal path say nothing.

use ci_feed_dossier::evidence::Evidence;

use crate::lang::jvm::settings::module_of;
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
    for file in corpus.application().filter(|file| file.name() == "web.xml") {
        in_descriptor(file, &mut out);
    }
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

fn in_descriptor(file: &SourceFile, out: &mut Vec<Servlet>) {
    let source = file.text();
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    let Ok(document) = roxmltree::Document::parse_with_options(&source, options) else { return };
    let text_in = |node: roxmltree::Node<'_, '_>, name: &str| {
        let child = node.children().find(|child| child.tag_name().name() == name);
        child.and_then(|child| Some(child.text()?.trim().to_owned()))
    };
    let all = |name: &'static str| document.descendants().filter(move |node| node.tag_name().name() == name);
    for servlet in all("servlet") {
        let is_ours =
            text_in(servlet, "servlet-class").is_some_and(|class| CLASSES.iter().any(|end| class.ends_with(end)));
        let Some(name) = text_in(servlet, "servlet-name").filter(|_| is_ours) else { continue };
        let parameters = servlet.children().filter(|child| child.tag_name().name() == "init-param");
        let named = parameters
            .filter(|one| text_in(*one, "param-name").is_some_and(|name| name.ends_with("provider.packages")));
        let packages: Vec<String> = named
            .filter_map(|one| text_in(one, "param-value"))
            .flat_map(|value| value.split([',', ';']).map(|one| one.trim().to_owned()).collect::<Vec<_>>())
            .collect();
        for mapping in
            all("servlet-mapping").filter(|mapping| text_in(*mapping, "servlet-name").as_ref() == Some(&name))
        {
            let Some(path) = text_in(mapping, "url-pattern").and_then(|pattern| prefix_of(&pattern)) else { continue };
            let line = document.text_pos_at(mapping.range().start).row;
            let (module, packages) = (module_of(&file.path).to_owned(), packages.clone());
            out.push(Servlet { module, path, packages, evidence: file.lines(line, line) });
        }
    }
}
