//! Markdown of strangers to HTML that cannot do anything: raw HTML off, then a sanitizer, no images, safe links.

use std::collections::HashSet;

/// Render a document as an HTML fragment.
pub(crate) fn to_html(markdown: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    // `render.unsafe_` stays off: raw HTML of the document is dropped.
    let html = comrak::markdown_to_html(markdown, &options);
    ammonia::Builder::default()
        .rm_tags(["img"])
        .url_schemes(HashSet::from(["https", "http", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&html)
        .to_string()
}
