//! Commands that documentation tells people to run. One file per family of tools; a command that no family knows
//! is no claim.

mod away;
mod cargo;
mod compose;
mod files;
mod go;
mod jvm;
mod make;
mod node;
mod php;
mod python;
mod ruby;
mod tasks;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ci_feed_dossier::evidence::Evidence;

pub(super) use files::BUILT;

use crate::tree::file::SourceFile;

use super::context::Context;
use super::markdown::{Block, Markdown};
use super::place::ReaderPlace;
use super::shell::{self, SimpleCommand};
use crate::judge::claims::claim::{Claim, ClaimKind, Ruling, Verdict};
use crate::tree::path::resolve;

/// What the families look up, each built when first asked for.
#[derive(Default)]
pub(super) struct Indexes<'c> {
    node: OnceLock<node::Packages<'c>>,
    make: OnceLock<make::Makefiles<'c>>,
    cargo: OnceLock<cargo::Crates<'c>>,
    python: OnceLock<python::PythonScripts<'c>>,
    php: OnceLock<php::ComposerScripts<'c>>,
    ruby: OnceLock<ruby::Tasks<'c>>,
    compose: OnceLock<compose::Services<'c>>,
}

/// A command and how sure it is that it runs in the folder that it seems to run in.
pub(super) struct ClaimedCommand<'s, 'c> {
    indexes: &'s Indexes<'c>,
    words: Vec<&'s str>,
    /// The folder that the command most likely runs in.
    folder: String,
    /// Folders that the document enters before.
    visited: &'s [String],
    /// Whether the document itself says that it runs in `folder`.
    explicit: bool,
    /// Whether "it is not there" may be said: a code block of a guide, no other project or machine in play.
    firm: bool,
}

type Family = for<'c> fn(&Context<'c>, &ClaimedCommand<'_, 'c>) -> Option<Ruling>;

const FAMILIES: &[Family] = &[
    node::rule,
    make::rule,
    tasks::rule,
    cargo::rule,
    python::rule,
    php::rule,
    ruby::rule,
    go::rule,
    jvm::rule,
    compose::rule,
    files::rule,
];

pub(super) fn check<'c>(
    context: &Context<'c>,
    indexes: &Indexes<'c>,
    file: &SourceFile,
    markdown: &Markdown,
    claims: &mut Vec<Claim>,
) {
    let guide = crate::judge::documents::is_guide(file) || crate::judge::documents::is_in_docs(file);
    let defined: BTreeSet<String> = defined_elsewhere(markdown).into_iter().collect();
    let own = |name: &str| context.is_own_name(name);
    // "From the `backend` directory": a folder that the text names is one that commands may run in.
    let named = markdown.inline.iter().map(|inline| inline.code.trim_matches('/'));
    let named = named.filter(|name| !name.is_empty() && !name.contains([' ', '.']));
    let mut visited: Vec<String> = named.filter_map(|name| enter(context, file, name)).collect();
    let mut reader = away::Whereabouts::default();
    for block in markdown.blocks.iter().filter(|block| shell::is_shell(block)) {
        let mut place = ReaderPlace::default();
        let is_here = |name: &str| own(name) || enter(context, file, name).is_some();
        let is_away = reader.comes_to(block, markdown, &is_here);
        for step in shell::steps_from(&mut place, block, &own) {
            let entered = step.folder.as_deref().and_then(|folder| enter(context, file, folder));
            let sure = guide
                && (!is_away || step.home)
                && !step.elsewhere
                && !is_listed(block, &step)
                && !step.words.iter().flat_map(|word| word.split([',', ' '])).any(|word| defined.contains(word));
            claims.extend(claim(context, indexes, file, &step, sure, &visited));
            visited.extend(entered.filter(|folder| !visited.contains(folder)).into_iter().collect::<Vec<_>>());
        }
        // A folder that is not in the tree is one of another project.
        place.away |= place.folder.as_deref().is_some_and(|folder| enter(context, file, folder).is_none());
        reader.leaves(block, markdown, &place);
    }
    for inline in &markdown.inline {
        // One word is a name, not a call.
        if inline.code.split_whitespace().nth(1).is_some() && !inline.code.contains("...") {
            let steps = shell::inline(&inline.code, inline.line, &own);
            claims.extend(steps.iter().filter_map(|step| claim(context, indexes, file, step, false, &visited)));
        }
    }
}

/// Whether a path alone, in a block of which nothing says that it holds commands, may be a line of a listing.
fn is_listed(block: &Block, step: &SimpleCommand) -> bool {
    let is_path = matches!(step.words.as_slice(), [path] if path.contains('/') && !path.starts_with('.'));
    // `docs/improve-it` among others of its kind is the name of a branch.
    let is_word = |line: &str| !line.trim().contains(char::is_whitespace) && !line.contains('.');
    let are_words = || block.lines.len() > 1 && block.lines.iter().all(|(line, _)| is_word(line));
    is_path && (block.language.is_empty() || are_words())
}

/// The folder that `cd` leads to, seen from the document or from the root; `None` when the tree has no such folder.
/// Of `web/web` the last part counts when the whole is not there: each line may start over.
fn enter(context: &Context<'_>, file: &SourceFile, folder: &str) -> Option<String> {
    // In `shop/web`, after the clone of a shop, `web` is the one at the root.
    let is_of_root = folder.split_once('/').is_some_and(|(first, _)| first.is_empty() || context.is_own_name(first));
    let bases: &[&str] = if is_of_root { &["", file.folder()] } else { &[file.folder(), ""] };
    let starts = std::iter::once(0).chain(folder.match_indices('/').map(|(at, _)| at + 1));
    let mut shorter = starts.map(|start| &folder[start..]).filter(|rest| !rest.is_empty());
    let found = shorter.find_map(|rest| {
        bases.iter().filter_map(|base| resolve(base, rest)).find(|folder| context.corpus.has_folder(folder))
    });
    // A folder that is called like the project, and is not in it, is the project's own.
    found.or_else(|| context.is_own_name(folder).then(String::new))
}

/// Names that the document itself tells people to define, e.g. a `"build": "..."` to be added to their package.
fn defined_elsewhere(markdown: &Markdown) -> Vec<String> {
    let listings = markdown.blocks.iter().filter(|block| !shell::is_shell(block) || block.language.is_empty());
    let keys = listings.flat_map(|block| block.lines.iter().map(move |(line, _)| (block.language == "toml", line)));
    let keys = keys.filter_map(|(is_toml, line)| {
        let (key, _) = line.split_once(if is_toml { '=' } else { ':' })?;
        Some(key.trim().trim_matches(['"', '\'']).to_owned())
    });
    // `npm pkg set scripts.x=...`, `npm set-script x ...`
    let commands = markdown.blocks.iter().flat_map(|block| &block.lines).flat_map(|(line, _)| {
        let by_path = line.split_once("scripts.").map(|(_, rest)| rest);
        let by_name = line.split_once("set-script ").map(|(_, rest)| rest);
        by_path.into_iter().chain(by_name)
    });
    let set = commands.map(|rest| rest.split(['=', ' ', '"', '\'']).next().unwrap_or_default().to_owned());
    keys.chain(set).filter(|key| !key.is_empty()).collect()
}

fn claim<'c>(
    context: &Context<'c>,
    indexes: &Indexes<'c>,
    file: &SourceFile,
    step: &SimpleCommand,
    sure: bool,
    visited: &[String],
) -> Option<Claim> {
    let words: Vec<&str> = unwrap(step.words.iter().map(String::as_str).collect());
    // What comes before something to be filled in is still a call when it names more than the program.
    let filled = words.iter().position(|word| is_placeholder(word)).unwrap_or(words.len());
    if filled < words.len().min(2) || words.is_empty() {
        return None;
    }
    let words = words[..filled].to_vec();
    let (folder, known) = match step.folder.as_deref() {
        // Nobody runs a command in the folder of the documentation unless it says so.
        None if crate::judge::documents::is_in_docs(file) => (String::new(), true),
        None => (file.folder().to_owned(), true),
        Some(folder) => match enter(context, file, folder) {
            Some(folder) => (folder, true),
            // `git clone ...; cd project`: the project is this one, as likely as not.
            None => (String::new(), false),
        },
    };
    let explicit = known && step.folder.is_some() && !step.is_loose;
    let call = ClaimedCommand { indexes, words, folder, visited, explicit, firm: sure && known };
    let ruling = FAMILIES.iter().find_map(|family| family(context, &call))?;
    let ruling = if known || ruling.verdict == Verdict::Verified {
        ruling
    } else {
        Ruling::unverifiable("the folder that it runs in is not in this tree")
    };
    Some(ruling.claim(ClaimKind::Command, file, step.lines, step.words.join(" ")))
}

/// Look through `poetry run`, `uv run` and their kin.
fn unwrap(words: Vec<&str>) -> Vec<&str> {
    match words.as_slice() {
        ["uv" | "pipenv" | "pdm" | "rye" | "poetry" | "hatch", "run", rest @ ..]
            if rest.first().is_some_and(|word| {
                word.starts_with("python")
                    || ["pytest", "uvicorn", "gunicorn", "flask", "celery", "bash", "sh"].contains(word)
            }) =>
        {
            rest.to_vec()
        }
        _ => words,
    }
}

/// Words that stand for something the reader has to fill in.
fn is_placeholder(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    word.contains(['<', '>', '{', '}', '$', '*', '`', '…', '%'])
        || word.contains("...") && word != "./..."
        || word.starts_with('[')
        || lower.starts_with("your")
        || lower.contains("_your_")
        || is_counted(&lower)
        || ["my-", "my_", "path/to", "xxx", "-name", "foo", "yyyy"].iter().any(|part| lower.contains(part))
        || ["name", "target", "command", "script", "filename", "module", "or", "and"].contains(&lower.as_str())
}

/// `feature1,feature2`
fn is_counted(word: &str) -> bool {
    let stem = |part: &'_ str| part.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let parts: Vec<&str> = word.split(',').collect();
    let is_like = |part: &&str| stem(part) < part.len() && part[..stem(part)] == parts[0][..stem(parts[0])];
    parts.len() > 1 && stem(parts[0]) > 0 && parts.iter().all(is_like)
}

impl ClaimedCommand<'_, '_> {
    /// The folders to look in: where it runs; then, unless the text says where, the folders entered before and the root.
    fn folders(&self) -> Vec<&str> {
        let mut folders = vec![self.folder.as_str()];
        if !self.explicit {
            folders.extend(self.visited.iter().map(String::as_str));
            folders.push("");
        }
        folders.dedup();
        folders
    }

    /// The first of these files in one of the folders.
    fn find<'c>(&self, context: &Context<'c>, names: &[&str]) -> Option<&'c SourceFile> {
        self.folders().into_iter().find_map(|folder| names.iter().find_map(|name| context.file_in(folder, name)))
    }
}

impl Ruling {
    /// CONTRADICTED when the call is firm, else UNVERIFIABLE with the same reason.
    fn missing(call: &ClaimedCommand<'_, '_>, why: String, evidence: Vec<Evidence>) -> Self {
        if call.firm {
            Self::contradicted(why, evidence)
        } else {
            Self::unverifiable(format!("{why}; where it is meant to run is not certain"))
        }
    }
}

/// The value of `--name value` or `--name=value`, before `--`.
fn option<'w>(words: &[&'w str], names: &[&str]) -> Option<&'w str> {
    let mut words = words.iter().copied().take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if names.contains(&word) {
            return words.next();
        }
        if let Some((name, value)) = word.split_once('=')
            && names.contains(&name)
        {
            return Some(value);
        }
    }
    None
}
