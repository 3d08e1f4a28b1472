//! `#anchors`: headings as GitHub names them, and what HTML names.

use crate::tree::file::SourceFile;

use super::context::Context;
use super::markdown::{Markdown, letters};
use crate::judge::claims::claim::Ruling;
use crate::judge::claims::site::Shown;

pub(super) fn rule(
    context: &Context<'_>,
    target: &SourceFile,
    markdown: &Markdown,
    anchor: &str,
    shown: Shown<'_>,
) -> Ruling {
    let wanted = anchor.to_lowercase();
    let wanted = wanted.strip_prefix("user-content-").unwrap_or(&wanted);
    if markdown.anchors.contains(wanted) {
        return Ruling::verified("the heading or anchor exists", target.exists());
    }
    if matches!(wanted, "top" | "readme") {
        return Ruling::verified("the forge names the start of the document so", target.exists());
    }
    // Emoji, punctuation and other alphabets make anchors that forges build differently; line anchors are theirs.
    let plain =
        wanted.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') && !wanted.starts_with('-');
    let is_line = wanted.strip_prefix('l').is_some_and(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    let is_footnote = wanted.starts_with("fn");
    // `#5211` is an issue.
    // Capitals are of a generator of its own.
    let is_of_site = anchor.chars().any(|c| c.is_ascii_uppercase());
    let is_number = wanted.chars().all(|c| c.is_ascii_digit());
    let similar = || markdown.similar_anchors().contains(&letters(wanted));
    if matches!(shown, Shown::OnSite(_))
        || !plain
        || is_line
        || is_footnote
        || is_number
        || is_of_site
        || markdown.has_foreign_anchors
        || similar()
        || markdown.has_longer_anchor(wanted)
        || context.is_included(target)
    {
        return Ruling::unverifiable(format!(
            "no heading gives exactly `#{anchor}`, but forges and sites differ in how they build anchors"
        ));
    }
    Ruling::contradicted(format!("no heading of `{}` gives `#{anchor}`", target.path), vec![target.exists()])
}
