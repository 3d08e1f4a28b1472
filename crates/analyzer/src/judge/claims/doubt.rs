//! Documents that do not speak of this tree as it is: of another project, of what is made from a template, of another
//! time. Nothing that they say is contradicted.

use std::collections::{BTreeMap, BTreeSet};

use super::claim::{Claim, ClaimKind, Verdict};
use super::context::Context;
use super::markdown::Markdown;
use super::place::last_of;
use super::project_names::repository;
use super::shell;
use crate::judge::documents::{is_guide, is_in_docs, is_of_a_time, is_of_template};
use crate::tree::file::SourceFile;
use crate::tree::path::ancestors;

/// Manifests that say which project a folder is.
const MANIFESTS: &[&str] =
    &["package.json", "bower.json", "component.json", "composer.json", "Cargo.toml", "pyproject.toml"];

/// Names of folders that hold code of others.
const OF_OTHERS: &[&str] = &[
    "3rdparty",
    "3rd-party",
    "3rd_party",
    "thirdparty",
    "third-party",
    "third_party",
    "third",
    "deps",
    "external",
    "externals",
    "bundled",
    "submodules",
    "subprojects",
    "vendored",
    "upstream",
    "contrib",
];

/// Where a manifest says the address of its project.
const ADDRESSES: &[&[&str]] = &[
    &["repository"],
    &["repository", "url"],
    &["homepage"],
    &["support", "source"],
    &["package", "repository"],
    &["project", "urls", "Repository"],
    &["project", "urls", "repository"],
    &["project", "urls", "Source"],
    &["project", "urls", "Homepage"],
    &["tool", "poetry", "repository"],
];

/// Take back what such documents are said to get wrong. The claims of a document stand together.
pub(super) fn settle(context: &Context<'_>, claims: &mut [Claim]) {
    for of_document in claims.chunk_by_mut(|a, b| a.doc == b.doc) {
        let is_wrong = |claim: &Claim| claim.verdict == Verdict::Contradicted;
        if !of_document.iter().any(is_wrong) {
            continue;
        }
        let Some(file) = context.corpus.file(&of_document[0].doc) else { continue };
        let (why, is_open): (_, fn(ClaimKind) -> bool) = if is_of_template(file) {
            ("the document is a template, or belongs to one", |_| true)
        } else if is_of_another_project(context, file) || is_all_wrong(file, of_document) {
            ("the document describes another project", |_| true)
        } else if is_of_a_time(file) || says_that_it_is_over(file) {
            ("the document speaks of another time", |kind| kind != ClaimKind::Link)
        } else if is_read_elsewhere(context, file) {
            ("the document is read elsewhere", |kind| kind == ClaimKind::Link)
        } else if is_for_users(file, of_document) {
            ("nothing else of the document is about working on this tree", is_of_work)
        } else {
            continue;
        };
        let open = |claim: &&mut Claim| is_wrong(claim) && is_open(claim.kind);
        of_document.iter_mut().filter(open).for_each(|claim| claim.leave_open(format!("{}; {why}", claim.why)));
    }
}

/// Words in the status of a document that describes the past or a plan.
const OVER: &[&str] = &[
    "removed",
    "superseded",
    "obsolete",
    "outdated",
    "deprecated",
    "archived",
    "historical",
    "proposed",
    "draft",
    "not implemented",
];

/// Whether a status or a note at the start of a document says that it does not speak of the tree as it is.
fn says_that_it_is_over(file: &SourceFile) -> bool {
    let text = file.text().to_lowercase();
    let start: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(8).collect();
    let is_note = |at: usize| {
        start[at].starts_with('>') || start[at].contains("status") || at > 0 && start[at - 1].contains("# status")
    };
    (0..start.len()).any(|at| is_note(at) && OVER.iter().any(|word| start[at].contains(word)))
}

/// Texts that send the readers of documents away from the forge.
const READ_ELSEWHERE: &[&str] = &[
    "links may not",
    "links within these documents may not",
    "links will not work",
    "links won't work",
    "links do not work",
    "not read this file on github",
    "not meant to be read on github",
    "not intended to be read on github",
    "not intended to be viewed on github",
];

/// Whether a document, or the README of the folder at the root that it lies in, says that its links work elsewhere.
fn is_read_elsewhere(context: &Context<'_>, file: &SourceFile) -> bool {
    let says = |file: &SourceFile| {
        let text = file.text().to_lowercase();
        READ_ELSEWHERE.iter().any(|said| text.contains(said))
    };
    let readme = || context.file_in(top_of(&file.path), "README.md").filter(|readme| !readme.folder().is_empty());
    says(file) || readme().is_some_and(says)
}

/// Take back what the documents of a folder at the root, or all together, get wrong more often than right, and often: then
/// they are shown, run or read in a way that nothing in the tree makes known.
pub(super) fn settle_misread(claims: &mut [Claim]) {
    const MANY: u32 = 8;
    let sort = |claim: &Claim| (claim.kind, claim.kind == ClaimKind::Link && claim.text.starts_with('#'));
    let mut counts: BTreeMap<_, (u32, u32)> = BTreeMap::new();
    for claim in claims.iter() {
        for place in BTreeSet::from(["", top_of(&claim.doc)]) {
            let (wrong, right) = counts.entry((place.to_owned(), sort(claim))).or_default();
            *wrong += u32::from(claim.verdict == Verdict::Contradicted);
            *right += u32::from(claim.verdict == Verdict::Verified);
        }
    }
    counts.retain(|_, (wrong, right)| *wrong >= MANY && wrong > right);
    for claim in claims.iter_mut().filter(|claim| claim.verdict == Verdict::Contradicted) {
        let count = ["", top_of(&claim.doc)].iter().find_map(|place| counts.get(&((*place).to_owned(), sort(claim))));
        if let Some((wrong, right)) = count {
            let why = "the documents are probably shown or used in a way that the tree does not tell";
            claim.leave_open(format!(
                "{}; but of its kind {wrong} are like it and only {right} right: {why}",
                claim.why
            ));
        }
    }
}

/// The folder at the root that a path lies in.
fn top_of(path: &str) -> &str {
    path.split_once('/').map_or("", |(top, _)| top)
}

/// Whether a document was copied into the tree with the project that it describes.
fn is_of_another_project(context: &Context<'_>, file: &SourceFile) -> bool {
    // What lies at the root, or where a project keeps its documentation, is its own.
    if file.folder().is_empty() || is_in_docs(file) || file.path.starts_with(".github/") {
        return false;
    }
    let Some(markdown) = context.markdown(file) else { return false };
    // The nearest manifest that gives an address tells.
    match ancestors(&file.path).find_map(|folder| is_own_package(context, folder)) {
        Some(is_own) => !is_own,
        None => {
            ancestors(&file.path).any(|folder| is_of_others(folder) || has_own_licence(context, folder))
                || names_another(context, file, markdown)
        }
    }
}

/// Whether a folder is called as people call those with code of others: by a custom, or with a version.
fn is_of_others(folder: &str) -> bool {
    let name = last_of(folder).to_ascii_lowercase();
    let version = name.rsplit_once(['-', '_']).map_or("", |(_, version)| version.trim_start_matches('v'));
    let is_version = version.contains('.') && version.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_version || OF_OTHERS.contains(&name.as_str())
}

/// Whether a licence that is not the tree's lies in a folder.
fn has_own_licence(context: &Context<'_>, folder: &str) -> bool {
    let names = ["LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "COPYING", "license", "license.txt", "MIT-LICENSE"];
    let licences = |folder: &str| names.iter().filter_map(|name| context.file_in(folder, name)).collect::<Vec<_>>();
    let of_tree = licences("");
    licences(folder)
        .first()
        .is_some_and(|own| !of_tree.is_empty() && of_tree.iter().all(|root| root.blob_id != own.blob_id))
}

/// Whether the manifests of a folder give the address of this project; `None` where they give none of a forge.
fn is_own_package(context: &Context<'_>, folder: &str) -> Option<bool> {
    let manifests = MANIFESTS.iter().filter_map(|name| context.file_in(folder, name));
    let addresses = manifests.flat_map(|manifest| {
        let root = manifest.document().root();
        ADDRESSES.iter().filter_map(|path| repository(root.at(path)?.as_str()?))
    });
    let mut names = addresses.peekable();
    names.peek()?;
    Some(names.any(|name| context.is_own_name(name)))
}

/// Pages of a project that only its own documents lead to.
const OWN_PAGES: &[&str] = &["/issues", "/pulls", "/actions", "/releases", "/graphs/contributors", "/discussions"];

/// Whether the document leads to such pages of a project that is not this one, or its title or folder is called like one
/// that it gives the address of or tells to install.
fn names_another(context: &Context<'_>, file: &SourceFile, markdown: &Markdown) -> bool {
    let title = markdown.headings.first().map(|(title, _)| title.chars().take(200).collect::<String>());
    let title = letters(&title.unwrap_or_default());
    let folder = letters(last_of(file.folder()));
    let is_called = |name: &str| {
        let name = letters(name);
        name.len() > 2 && (title.contains(&name) || folder == name)
    };
    let leads_to_own_page = |(url, _): &(String, u32)| {
        repository(url).is_some() && OWN_PAGES.iter().any(|page| url.trim_end_matches('/').ends_with(page))
    };
    let addresses = markdown.links.iter().filter_map(|(url, _)| repository(url));
    let blocks = markdown.blocks.iter().filter(|block| shell::is_shell(block));
    let steps = blocks.flat_map(|block| shell::steps(block, &|_| true)).collect::<Vec<_>>();
    let installed = steps.iter().filter_map(|step| installed(&step.words));
    let names: BTreeSet<&str> = addresses.chain(installed).collect();
    if names.iter().any(|name| context.is_own_name(name)) {
        return false;
    }
    let called: Vec<&&str> = names.iter().filter(|name| is_called(name)).collect();
    !called.iter().any(|name| is_a_package(context, name))
        && (!called.is_empty() || markdown.links.iter().any(leads_to_own_page))
}

/// Whether a manifest of the tree has the name.
fn is_a_package(context: &Context<'_>, name: &str) -> bool {
    let named = |file: &&SourceFile| {
        let root = file.document().root();
        let names = [&["name"][..], &["package", "name"], &["project", "name"], &["tool", "poetry", "name"]];
        names.iter().filter_map(|path| root.at(path)?.as_str()).any(|known| last_of(known).eq_ignore_ascii_case(name))
    };
    MANIFESTS.iter().flat_map(|manifest| context.named(manifest)).any(named)
}

/// The package that a command installs by its name.
fn installed(words: &[String]) -> Option<&str> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let rest = match words.as_slice() {
        ["npm" | "pnpm" | "bun", "install" | "i" | "add", rest @ ..]
        | ["yarn" | "cargo" | "poetry" | "uv", "add", rest @ ..]
        | ["pip" | "pip3" | "bower" | "gem" | "cargo" | "brew", "install", rest @ ..]
        | ["composer", "require", rest @ ..]
        | ["go", "get" | "install", rest @ ..] => rest,
        _ => return None,
    };
    let name = rest.iter().find(|word| !word.starts_with(['-', '.']))?;
    let name = name.split(['=', '>', '<', '[']).next()?;
    let name = name.rsplit_once('@').map_or(name, |(before, _)| if before.is_empty() { name } else { before });
    Some(last_of(name))
}

/// Whether a page of the documentation that is no guide names no command, script or file of the tree rightly: its readers may
/// have the program and not the tree.
fn is_for_users(file: &SourceFile, claims: &[Claim]) -> bool {
    is_in_docs(file)
        && !is_guide(file)
        && !claims.iter().any(|claim| is_of_work(claim.kind) && claim.verdict == Verdict::Verified)
}

/// Whether claims of a kind are about working on a tree.
fn is_of_work(kind: ClaimKind) -> bool {
    matches!(kind, ClaimKind::Command | ClaimKind::Path)
}

/// Whether everything that a document outside of the documentation says of files is wrong, and it says more than one thing.
fn is_all_wrong(file: &SourceFile, claims: &[Claim]) -> bool {
    let speaks_of_files =
        |claim: &&Claim| is_of_work(claim.kind) || claim.kind == ClaimKind::Link && !claim.text.starts_with('#');
    let of_files = || claims.iter().filter(speaks_of_files);
    let wrong = of_files().filter(|claim| claim.verdict == Verdict::Contradicted).count();
    let least = if file.folder().is_empty() { 4 } else { 2 };
    !is_in_docs(file) && wrong >= least && !of_files().any(|claim| claim.verdict == Verdict::Verified)
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
