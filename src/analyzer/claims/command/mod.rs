//! Commands that documentation tells people to run. One file per family of tools; a command that no family knows
//! is no claim.

mod cargo;
mod make;
mod node;
mod paths;
mod python;

use crate::analyzer::file::SourceFile;

use super::context::{Context, resolve};
use super::markdown::Markdown;
use super::shell::{self, Step};
use super::{Claim, ClaimKind, Ruling};

/// A command and how sure it is that it runs in the folder that it seems to run in.
pub(super) struct Call<'s> {
    words: Vec<&'s str>,
    /// The folder that the command most likely runs in.
    folder: String,
    /// Whether "it is not there" may be said: a code block of a README, no `cd`, no other project in play.
    firm: bool,
}

type Family = fn(&Context<'_>, &Call<'_>) -> Option<Ruling>;

const FAMILIES: &[Family] = &[node::rule, make::rule, cargo::rule, python::rule, paths::rule];

pub(super) fn check(context: &Context<'_>, file: &SourceFile, markdown: &Markdown, claims: &mut Vec<Claim>) {
    let lower = file.name().to_ascii_lowercase();
    let guide = lower.starts_with("readme") || lower.starts_with("contributing");
    let defined = defined_elsewhere(markdown);
    for block in markdown.blocks.iter().filter(|block| shell::is_shell(block)) {
        for step in shell::steps(block) {
            let sure = guide
                && !step.elsewhere
                && step.folder.is_none()
                && !step.words.iter().any(|word| defined.contains(word));
            claims.extend(claim(context, file, &step, sure));
        }
    }
    for (code, line) in &markdown.inline {
        // One word is a name, not a call.
        if code.split_whitespace().nth(1).is_some() && !code.contains("...") {
            claims.extend(shell::inline(code, *line).iter().filter_map(|step| claim(context, file, step, false)));
        }
    }
}

/// Names that the document itself tells people to define, e.g. a `"build": "..."` to be added to their package.
fn defined_elsewhere(markdown: &Markdown) -> Vec<String> {
    let listings = markdown.blocks.iter().filter(|block| !shell::is_shell(block) || block.language.is_empty());
    let keys = listings.flat_map(|block| &block.lines).filter_map(|(line, _)| {
        let (key, _) = line.split_once(':')?;
        Some(key.trim().trim_matches(['"', '\'']).to_owned())
    });
    keys.filter(|key| !key.is_empty()).collect()
}

fn claim(context: &Context<'_>, file: &SourceFile, step: &Step, sure: bool) -> Option<Claim> {
    let words: Vec<&str> = unwrap(step.words.iter().map(String::as_str).collect());
    if words.is_empty() || words.iter().any(|word| is_placeholder(word)) {
        return None;
    }
    let text = step.words.join(" ");
    let entered = step.folder.as_deref().map(|folder| resolve(file.folder(), folder));
    let (folder, known) = match entered {
        None => (file.folder().to_owned(), true),
        Some(Some(folder)) if context.corpus.has_folder(&folder) => (folder, true),
        // `git clone ...; cd project`: the project is this one, as likely as not.
        Some(_) => (String::new(), false),
    };
    let call = Call { words, folder, firm: sure && known };
    let ruling = FAMILIES.iter().find_map(|family| family(context, &call))?;
    let ruling = if known || ruling.verdict == super::Verdict::Verified {
        ruling
    } else {
        Ruling::unverifiable("the folder that it runs in is not in this tree")
    };
    Some(ruling.claim(ClaimKind::Command, file, step.lines, text))
}

/// Look through `poetry run`, `uv run` and their kin.
fn unwrap(words: Vec<&str>) -> Vec<&str> {
    match words.as_slice() {
        ["uv" | "pipenv" | "pdm" | "rye", "run", rest @ ..] if !rest.is_empty() && !rest[0].starts_with('-') => {
            rest.to_vec()
        }
        ["poetry", "run", rest @ ..] if rest.first().is_some_and(|word| word.starts_with("python")) => rest.to_vec(),
        _ => words,
    }
}

/// Words that stand for something the reader has to fill in.
fn is_placeholder(word: &str) -> bool {
    word.contains(['<', '>', '{', '}', '$', '*', '`', '…'])
        || word.contains("...") && word != "./..."
        || word.starts_with('[')
        || word.to_ascii_lowercase().starts_with("your")
        || word.contains("my-")
        || word.contains("XXX")
}

impl Call<'_> {
    /// The folders to look in: where it runs, then the root.
    fn folders(&self) -> Vec<&str> {
        if self.folder.is_empty() { vec![""] } else { vec![&self.folder, ""] }
    }
}

impl Ruling {
    /// CONTRADICTED when the call is firm, else UNVERIFIABLE with the same reason.
    fn missing(call: &Call<'_>, why: String, evidence: Vec<crate::analyzer::evidence::Evidence>) -> Self {
        if call.firm {
            Self::contradicted(why, evidence)
        } else {
            Self::unverifiable(format!("{why}; where it is meant to run is not certain"))
        }
    }
}
