//! Markdown of strangers to HTML that cannot do anything: raw HTML off, then a sanitizer, no images, safe links.

use std::borrow::Cow;
use std::collections::HashSet;

use ammonia::UrlRelative;

/// What is rendered of a document, in bytes; all of it stands in the file itself.
const MAX_RENDERED_BYTES: usize = 256 << 10;
/// Quotes and lists inside each other. The time that a parser takes grows with the square of it.
const MAX_MARKDOWN_DEPTH: usize = 50;

/// Render a document as an HTML fragment. One that is too long is cut, with a sentence that says so; one that is nested
/// too deeply to be rendered is shown as it stands.
pub(crate) fn to_html(document: &str) -> String {
    let markdown = head(document);
    let mut html = if markdown.lines().any(|line| nesting(line) > MAX_MARKDOWN_DEPTH) {
        let text = ammonia::clean_text(markdown);
        format!("<p>This document is nested too deeply to be rendered; here is its text.</p><pre>{text}</pre>")
    } else {
        render(markdown)
    };
    if markdown.len() < document.len() {
        let (shown, all) = (markdown.len() >> 10, document.len() >> 10);
        html.push_str(&format!("<p>The first {shown} of {all} KiB are shown; download the file to read the rest.</p>"));
    }
    html
}

/// Whole lines of the document within the bound.
fn head(document: &str) -> &str {
    if document.len() <= MAX_RENDERED_BYTES {
        return document;
    }
    let cut = &document[..document.floor_char_boundary(MAX_RENDERED_BYTES)];
    cut.rfind('\n').map_or(cut, |end| &cut[..end])
}

/// How many quotes and list items a line opens.
fn nesting(line: &str) -> usize {
    let mut opened = 0;
    let mut rest = line.trim_start();
    while let Some(marker) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        rest = match marker {
            '>' => &rest[1..],
            '-' | '+' | '*' if rest[1..].starts_with([' ', '\t']) => &rest[1..],
            '0'..='9' if rest[digits..].starts_with(['.', ')']) => &rest[digits + 1..],
            _ => break,
        };
        rest = rest.trim_start();
        opened += 1;
    }
    opened
}

/// Only addresses of web pages and mail, and those within this site: `//host` and its like lead to another one.
fn relative(address: &str) -> Option<Cow<'_, str>> {
    let plain = |c: char| !c.is_ascii_whitespace() && !c.is_control();
    let mut start = address.chars().filter(|c| plain(*c));
    let is_slash = |c: Option<char>| matches!(c, Some('/' | '\\'));
    let leads_away = is_slash(start.next()) && is_slash(start.next());
    (!leads_away).then_some(Cow::Borrowed(address))
}

fn render(markdown: &str) -> String {
    let mut options = comrak::Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    // `render.unsafe_` stays off: raw HTML of the document is dropped.
    let html = comrak::markdown_to_html(markdown, &options);
    ammonia::Builder::default()
        .rm_tags(["img"])
        .url_schemes(HashSet::from(["https", "http", "mailto"]))
        .url_relative(UrlRelative::Custom(Box::new(relative)))
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&html)
        .to_string()
}
