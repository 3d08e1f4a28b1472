//! Relative links and anchors of documentation. What a site generator, a forge or a submodule may serve is not
//! called dead.

use crate::analyzer::file::SourceFile;

use super::context::{Context, resolve};
use super::markdown::Markdown;
use super::{Claim, ClaimKind, Ruling};

/// Names of files that say that Markdown near them is the source of a web site with its own addresses and anchors.
const SITES: &[&str] = &[
    "mkdocs.yml",
    "mkdocs.yaml",
    "conf.py",
    "book.toml",
    "_config.yml",
    "SUMMARY.md",
    ".gitbook.yaml",
    "docusaurus.config.js",
    "docusaurus.config.ts",
    "hugo.toml",
    "astro.config.mjs",
    "antora.yml",
];

pub(super) fn check(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, claims: &mut Vec<Claim>) {
    let site = is_site(context, file);
    for (url, line) in &markdown.links {
        if is_external(url) {
            continue;
        }
        let ruling = rule(context, file, markdown, url, site);
        claims.push(ruling.claim(ClaimKind::Link, file, (*line, *line), url.clone()));
    }
}

/// Whether a site generator reads this document: its configuration lies beside it, above it, or in `docs`.
fn is_site(context: &Context<'_>, file: &SourceFile) -> bool {
    let in_docs = file.path.to_ascii_lowercase().starts_with("doc");
    let above = std::iter::successors(Some(file.folder()), |at| {
        (!at.is_empty()).then(|| at.rsplit_once('/').map_or("", |(parent, _)| parent))
    });
    let mut folders: Vec<&str> = above.filter(|folder| in_docs || !folder.is_empty()).collect();
    if in_docs {
        folders.extend(["docs", "docs/source", "doc"]);
    }
    folders.iter().any(|folder| SITES.iter().any(|name| context.file_in(folder, name).is_some()))
}

fn is_external(url: &str) -> bool {
    let scheme = url
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)));
    url.is_empty() || scheme || url.starts_with("//")
}

fn rule(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, url: &str, site: bool) -> Ruling {
    if url.contains(['{', '}', '<', '>', '$', '*', '@']) {
        return Ruling::unverifiable("the address is a template");
    }
    let (path, anchor) = url.split_once('#').map_or((url, None), |(path, anchor)| (path, Some(anchor)));
    let path = percent_decode(path.split('?').next().unwrap_or(path));
    if path.is_empty() {
        return match anchor {
            Some(anchor) if !anchor.is_empty() => anchor_in(file, markdown, anchor, site),
            _ => Ruling::verified("it points to this document", file.exists()),
        };
    }
    let base = if path.starts_with('/') { "" } else { file.folder() };
    let Some(target) = resolve(base, &path) else {
        return Ruling::unverifiable("it leaves the repository");
    };
    if let Some(found) = context.corpus.file(&target) {
        return match anchor.filter(|anchor| !anchor.is_empty()) {
            Some(anchor) if super::is_document(found) && found.path.to_ascii_lowercase().ends_with(".md") => {
                context.markdown(found).map(|markdown| anchor_in(found, markdown, anchor, site))
            }
            _ => None,
        }
        .unwrap_or_else(|| Ruling::verified(format!("`{target}` exists"), found.exists()));
    }
    if context.corpus.has_folder(&target) {
        return match context.corpus.below(&target).next() {
            Some(inside) => Ruling::verified(format!("the folder `{target}` exists"), inside.exists()),
            None => Ruling::unverifiable("the folder holds nothing that is read"),
        };
    }
    if let Some(evidence) = context.corpus.exists(&target) {
        return Ruling::verified(format!("`{target}` exists"), evidence);
    }
    if context.corpus.has_path(&target) {
        return Ruling::unverifiable(format!("`{target}` exists, but is not read"));
    }
    let name = target.rsplit('/').next().unwrap_or(&target);
    if site || path.starts_with('/') || !name.contains('.') || name.ends_with(".html") {
        return Ruling::unverifiable(format!(
            "there is no `{target}`, but a web site or the forge may serve that address"
        ));
    }
    let inside_link = ancestors(&target).any(|folder| context.corpus.has_path(folder));
    if inside_link {
        return Ruling::unverifiable("it lies in a submodule or behind a link");
    }
    Ruling::contradicted(format!("there is no `{target}` in this tree"), Vec::new())
}

fn anchor_in(target: &SourceFile, markdown: &Markdown, anchor: &str, site: bool) -> Ruling {
    let wanted = percent_decode(anchor).to_lowercase();
    let wanted = wanted.strip_prefix("user-content-").unwrap_or(&wanted);
    if markdown.anchors.contains(wanted) {
        return Ruling::verified("the heading exists", target.exists());
    }
    let text = target.text();
    let attribute = ["id", "name"].iter().any(|name| {
        let quoted = [format!("{name}=\"{anchor}\""), format!("{name}='{anchor}'"), format!("{name}={anchor}")];
        quoted.iter().any(|quoted| text.contains(quoted))
    });
    if attribute {
        return Ruling::verified("the anchor exists", target.exists());
    }
    // Emoji, punctuation and other alphabets make anchors that forges build differently; line anchors are theirs.
    let plain =
        wanted.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') && !wanted.starts_with('-');
    let strip = |anchor: &str| anchor.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let similar = markdown.anchors.iter().any(|known| strip(known) == strip(wanted));
    // Below `docs` some unknown generator may be at work; a README is shown by the forge itself.
    let shown_by_forge = !target.path.to_ascii_lowercase().starts_with("doc");
    if site || !shown_by_forge || !plain || similar || text.contains("{#") {
        return Ruling::unverifiable(format!(
            "no heading gives exactly `#{anchor}`, but forges and sites differ in how they build anchors"
        ));
    }
    Ruling::contradicted(format!("no heading of `{}` gives `#{anchor}`", target.path), vec![target.exists()])
}

fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(path.rsplit_once('/').map(|(folder, _)| folder), |at| {
        at.rsplit_once('/').map(|(folder, _)| folder)
    })
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok()))
            .flatten();
        match hex {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
