//! Servlet descriptors.

use super::Prefix;
use crate::lang::jvm::settings::module_of;
use crate::tree::corpus::Corpus;

/// The paths that `web.xml` gives to Spring's servlet; `/`, `/*` and `*.do` are no prefix.
pub(super) fn servlets(corpus: &Corpus) -> Vec<(String, Prefix)> {
    let mut out = Vec::new();
    for file in corpus.application().filter(|file| file.name() == "web.xml") {
        let source = file.text();
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
        let Ok(document) = roxmltree::Document::parse_with_options(&source, options) else { continue };
        let text_in = |node: roxmltree::Node<'_, '_>, name: &str| {
            let child = node.children().find(|child| child.tag_name().name() == name);
            child.and_then(|child| Some(child.text()?.trim().to_owned()))
        };
        let all = |name: &'static str| document.descendants().filter(move |node| node.tag_name().name() == name);
        for servlet in all("servlet") {
            let is_spring = text_in(servlet, "servlet-class").is_some_and(|class| class.ends_with("DispatcherServlet"));
            let Some(name) = text_in(servlet, "servlet-name").filter(|_| is_spring) else { continue };
            for mapping in
                all("servlet-mapping").filter(|mapping| text_in(*mapping, "servlet-name").as_ref() == Some(&name))
            {
                let Some(pattern) = text_in(mapping, "url-pattern") else { continue };
                let Some(prefix) = pattern.strip_suffix("/*").filter(|prefix| !prefix.is_empty()) else { continue };
                let line = document.text_pos_at(mapping.range().start).row;
                out.push((module_of(&file.path).to_owned(), (prefix.to_owned(), vec![file.lines(line, line)])));
            }
        }
    }
    out
}
