//! Servlet descriptors.

use super::Prefix;
use crate::lang::jvm::settings::module_of;
use crate::lang::jvm::web_xml::mappings;
use crate::tree::corpus::Corpus;

/// The paths that `web.xml` gives to Spring's servlet; `/`, `/*` and `*.do` are no prefix.
pub(super) fn servlets(corpus: &Corpus) -> Vec<(String, Prefix)> {
    let ours = mappings(corpus).into_iter().filter(|one| one.class.ends_with("DispatcherServlet"));
    let prefixed = ours.filter_map(|one| {
        let prefix = one.pattern.strip_suffix("/*").filter(|prefix| !prefix.is_empty())?.to_owned();
        Some((module_of(&one.file.path).to_owned(), (prefix, vec![one.evidence])))
    });
    prefixed.collect()
}
