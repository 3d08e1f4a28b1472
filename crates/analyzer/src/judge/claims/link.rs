//! Relative links of documentation, pictures included. What a site generator, a forge or a submodule may serve is not
//! called dead.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::judge::claims::site::Shown;
use crate::tree::file::SourceFile;

use super::context::Context;
use super::markdown::Markdown;
use super::{anchor, site};
use crate::judge::claims::claim::{Claim, ClaimKind, Ruling};
use crate::tree::path::{ancestors, resolve};

pub(super) fn check(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, claims: &mut Vec<Claim>) {
    let shown = shown(context, file, markdown);
    let text = file.text();
    let kept = kept_by_a_tool(file, &text);
    let credits = credits(&text);
    for (url, line) in &markdown.links {
        // What all-contributors writes has links that lead nowhere by design.
        let is_kept = kept.iter().any(|lines| lines.contains(line)) || credits.contains(line);
        if !(is_external(url) || is_kept && url.starts_with('#')) {
            let ruling = rule(context, file, markdown, url, shown);
            claims.push(ruling.claim(ClaimKind::Link, file, (*line, *line), url.clone()));
        }
    }
}

/// The lines of such a list that was copied without its marks: `<a href="#design-octo" title="Design">` and a picture.
fn credits(text: &str) -> BTreeSet<u32> {
    if !text.contains("ontributors") {
        return BTreeSet::new();
    }
    let is_credit = |line: &str| ["<a href=\"#", "title=\"", "<img"].iter().all(|part| line.contains(part));
    text.lines().zip(1..).filter(|(line, _)| is_credit(line)).map(|(_, at)| at).collect()
}

/// The lines between the marks of all-contributors.
fn kept_by_a_tool(file: &SourceFile, text: &str) -> Vec<Range<u32>> {
    let between = |what: &str| {
        let start = text.find(&format!("ALL-CONTRIBUTORS-{what}:START"))?;
        let end = start + text[start..].find(&format!("ALL-CONTRIBUTORS-{what}:END"))?;
        Some(file.line_at(start)..file.line_at(end))
    };
    ["BADGE", "LIST"].into_iter().filter_map(between).collect()
}

fn shown<'c>(context: &Context<'c>, file: &SourceFile, markdown: &Markdown) -> Shown<'c> {
    let gathered = || context.sites.gathering.filter(|_| crate::judge::documents::is_in_docs(file));
    let mut places = std::iter::once(file.path.clone()).chain(context.corpus.aliases(&file.path));
    let of_site = places.find_map(|place| context.sites.of(&place)).map(|file| Shown::OnSite(Some(file)));
    match of_site.or_else(gathered) {
        Some(shown) => shown,
        None if markdown.has_front_matter && !crate::judge::documents::is_forge_document(file) => Shown::OnSite(None),
        None => Shown::ByForge,
    }
}

fn is_external(url: &str) -> bool {
    // Quoted by mistake it leads nowhere, and still means no file of the tree.
    let url = url.trim_matches(['"', '\'', '“', '”']);
    let scheme = url
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)));
    // An address that lost its scheme is a mistake of another kind.
    let host = url.split('/').next().unwrap_or_default();
    let bare = host.starts_with("www.") || [".com", ".org", ".io", ".dev"].iter().any(|end| host.ends_with(end));
    url.is_empty() || scheme || url.starts_with("//") || bare
}

/// `akka.util.ByteString`: what a program calls something, and no file.
fn is_name(url: &str) -> bool {
    let parts: Vec<&str> = url.split('.').collect();
    let is_word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    parts.len() > 2
        && parts.iter().all(is_word)
        && parts.last().is_some_and(|last| last.starts_with(char::is_uppercase))
}

fn rule(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, url: &str, shown: Shown<'_>) -> Ruling {
    if url.contains(['{', '}', '<', '>', '$', '*', '@', '(', '|', '\\', ' '])
        || url.contains("...")
        || url == "url"
        || url == "link"
    {
        return Ruling::unverifiable("the address is a template");
    }
    if is_name(url) {
        return Ruling::unverifiable("the address is a name that a documentation tool looks up");
    }
    let (path, fragment) = url.split_once('#').map_or((url, None), |(path, fragment)| (path, Some(fragment)));
    let fragment = fragment.filter(|fragment| !fragment.is_empty());
    let path = percent_decode(path.split('?').next().unwrap_or(path));
    if path.is_empty() {
        return match fragment {
            Some(fragment) => anchor::rule(context, file, markdown, &percent_decode(fragment), shown),
            None => Ruling::verified("it points to this document", file.exists()),
        };
    }
    let base = if path.starts_with('/') { "" } else { file.folder() };
    let Some(target) = resolve(base, &path) else { return Ruling::unverifiable("it leaves the repository") };
    if let Some(found) = context.corpus.file(&target) {
        let is_markdown = found.path.to_ascii_lowercase().ends_with(".md");
        return match fragment {
            Some(fragment) if is_markdown => context.markdown(found).map(|inside| {
                let shown = self::shown(context, found, inside);
                anchor::rule(context, found, inside, &percent_decode(fragment), shown)
            }),
            _ => None,
        }
        .unwrap_or_else(|| Ruling::verified(format!("`{target}` exists"), found.exists()));
    }
    if context.corpus.has_folder(&target) {
        return match context.exists(&target) {
            Some(inside) => Ruling::verified(format!("the folder `{target}` exists"), inside),
            None => Ruling::unverifiable("the folder holds nothing that is read"),
        };
    }
    if let Some(evidence) = context.corpus.exists(&target) {
        return Ruling::verified(format!("`{target}` exists"), evidence);
    }
    if context.corpus.has_path(&target) {
        return Ruling::unverifiable(format!("`{target}` exists, but is not read"));
    }
    missing(context, file, &path, &target, shown)
}

fn missing(context: &Context<'_>, file: &SourceFile, path: &str, target: &str, shown: Shown<'_>) -> Ruling {
    if let Shown::OnSite(configuration) = shown {
        if let Some(page) = page(context, path, target) {
            return Ruling::verified(format!("the site's page is `{}`", page.path), page.exists());
        }
        let as_file =
            path.ends_with(".md") && !path.starts_with('/') && configuration.is_some_and(site::links_are_files);
        let known = target.rsplit_once('/').is_none_or(|(folder, _)| context.corpus.has_folder(folder));
        if !(as_file && known && context.named(target.rsplit('/').next().unwrap_or(target)).is_empty()) {
            return Ruling::unverifiable(format!("there is no `{target}`, but the site may serve that address"));
        }
    }
    // An address from the root of a site: the page lies below a folder that the document lies in, too.
    let below = |folder: &str| resolve(folder, target).is_some_and(|inside| context.corpus.has_path(&inside));
    if path.starts_with('/') && ancestors(&file.path).any(below) {
        return Ruling::unverifiable(format!(
            "there is no `{target}` at the root, but a site may start at another folder"
        ));
    }
    let seen_from = |alias: &String| {
        let folder = alias.rsplit_once('/').map_or("", |(folder, _)| folder);
        resolve(folder, path).is_some_and(|there| context.corpus.has_path(&there) || context.corpus.has_folder(&there))
    };
    if let Some(alias) = context.corpus.aliases(&file.path).find(seen_from) {
        return Ruling::unverifiable(format!("there is no `{target}`, but from the symbolic link `{alias}` there is"));
    }
    if context.is_included(file) {
        return Ruling::unverifiable(format!("there is no `{target}`, but the text is a part of other documents"));
    }
    if ancestors(target).any(|folder| context.corpus.has_path(folder)) {
        return Ruling::unverifiable("it lies in a submodule or behind a link");
    }
    let line = target.rsplit_once(':').filter(|(_, line)| line.bytes().all(|digit| digit.is_ascii_digit()));
    if line.is_some_and(|(file, _)| context.corpus.has_path(file)) {
        return Ruling::unverifiable("the file exists; the number behind it is a line that an editor opens");
    }
    if context.sites.lists(target) {
        return Ruling::unverifiable("there is no such file, but a site lists it among its pages: a step makes it");
    }
    if context.is_ignored(target) {
        return Ruling::unverifiable("an ignore file leaves it out of the tree: a step makes it");
    }
    let name = target.rsplit('/').next().unwrap_or(target);
    let first = target.split('/').next().unwrap_or(target);
    if first.starts_with('.') && first != name && !context.corpus.has_folder(first) {
        return Ruling::unverifiable(format!(
            "there is no `{first}` in this tree at all: archives leave such folders out"
        ));
    }
    let by_forge = crate::judge::documents::is_forge_document(file);
    // A word without ending or folder, such as `image-link`, stands for something to be filled in; `LICENSE` does not.
    let is_named =
        !name.contains(|c: char| c.is_ascii_lowercase()) || target.contains('/') && context.corpus.has_folder(first);
    if !name.contains('.') && !is_named {
        return Ruling::unverifiable(format!("there is no `{target}`; it may stand for something else"));
    }
    if !name.contains('.') && !by_forge || name.ends_with(".html") || path.starts_with('/') && !by_forge {
        return Ruling::unverifiable(format!(
            "there is no `{target}`, but a web site or the forge may serve that address"
        ));
    }
    // Pages of the forge that people link to as if they were files.
    let forge =
        ["issues", "pulls", "wiki", "releases", "discussions", "actions", "tree", "blob", "raw", "compare", "projects"];
    if target.split('/').any(|part| forge.contains(&part)) && !name.contains('.') {
        return Ruling::unverifiable("it may be a page of the forge");
    }
    let folder = target.rsplit_once('/').map_or("", |(folder, _)| folder);
    let near = ancestors(target).find(|above| context.corpus.has_folder(above)).unwrap_or("");
    let place = if folder.is_empty() || near.is_empty() { "the root".to_owned() } else { format!("`{near}`") };
    Ruling::contradicted(format!("there is no `{target}` in this tree; the nearest folder is {place}"), Vec::new())
        .lacks(target)
}

/// The Markdown file that a site makes this address of.
fn page<'c>(context: &Context<'c>, path: &str, target: &str) -> Option<&'c SourceFile> {
    let stem = target.trim_end_matches(".html").trim_end_matches(".htm");
    let names = |place: &str| {
        [".md", ".mdx", "/index.md", "/index.mdx", "/README.md", "/_index.md"].map(|end| format!("{place}{end}"))
    };
    let mut places = vec![stem.to_owned()];
    if path.starts_with('/') {
        places.extend(
            context.sites.starts().map(
                |start| {
                    if start.is_empty() { stem.to_owned() } else { format!("{start}/{stem}") }
                },
            ),
        );
    }
    places.iter().flat_map(|place| names(place)).find_map(|candidate| context.corpus.file(&candidate)).or_else(|| {
        path.starts_with('/')
            .then(|| context.sites.starts().find_map(|start| context.corpus.file(&format!("{start}/{target}"))))
            .flatten()
    })
}

pub(super) fn percent_decode(text: &str) -> String {
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
