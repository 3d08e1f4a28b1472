//! Servlet descriptors (`web.xml`): which classes serve which patterns.

use std::collections::BTreeMap;

use ci_feed_dossier::evidence::Evidence;
use roxmltree::Node;

use crate::tree::corpus::Corpus;
use crate::tree::document::xml::{line_in, text_of, with_xml};
use crate::tree::file::SourceFile;

/// A servlet of a descriptor below one pattern.
pub(crate) struct ServletMapping<'f> {
    pub(crate) file: &'f SourceFile,
    pub(crate) class: String,
    /// Its parameters, by name.
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) pattern: String,
    /// The line of the mapping.
    pub(crate) evidence: Evidence,
}

/// Every mapping of every descriptor.
pub(crate) fn mappings(corpus: &Corpus) -> Vec<ServletMapping<'_>> {
    let files = corpus.application().filter(|file| file.name() == "web.xml");
    files.filter_map(of_file).flatten().collect()
}

fn of_file(file: &SourceFile) -> Option<Vec<ServletMapping<'_>>> {
    with_xml(file, |document| {
        let named = |name: &'static str| document.descendants().filter(move |node| node.tag_name().name() == name);
        let mut patterns: BTreeMap<String, Vec<(Option<String>, usize)>> = BTreeMap::new();
        for mapping in named("servlet-mapping") {
            let place = (text_of(mapping, "url-pattern"), mapping.range().start);
            patterns.entry(text_of(mapping, "servlet-name").unwrap_or_default()).or_default().push(place);
        }
        let mut out = Vec::new();
        for servlet in named("servlet") {
            let (Some(name), Some(class)) = (text_of(servlet, "servlet-name"), text_of(servlet, "servlet-class"))
            else {
                continue;
            };
            // A name that is given twice is one servlet, and the first of them is it.
            for (pattern, at) in patterns.remove(&name).unwrap_or_default() {
                let line = line_in(file, document, at);
                let (class, parameters) = (class.clone(), parameters(servlet));
                let evidence = file.lines(line, line);
                out.extend(pattern.map(|pattern| ServletMapping { file, class, parameters, pattern, evidence }));
            }
        }
        // JAX-RS maps the servlet of its applications by the name of their class, without saying more of it.
        for (class, patterns) in patterns.into_iter().filter(|(name, _)| name.ends_with("ws.rs.core.Application")) {
            for (pattern, at) in patterns {
                let (line, class, parameters) = (line_in(file, document, at), class.clone(), BTreeMap::new());
                let evidence = file.lines(line, line);
                out.extend(pattern.map(|pattern| ServletMapping { file, class, parameters, pattern, evidence }));
            }
        }
        out
    })
}

fn parameters(servlet: Node<'_, '_>) -> BTreeMap<String, String> {
    let given = servlet.children().filter(|child| child.tag_name().name() == "init-param");
    given.filter_map(|one| Some((text_of(one, "param-name")?, text_of(one, "param-value")?))).collect()
}
