//! Files that are not in the tree because somebody makes them: the reader, as the document says, or a program of the tree.
//! That they are missing contradicts nobody.

use std::collections::BTreeSet;

use super::claim::{Claim, ClaimKind, Verdict};
use super::context::Context;
use super::listing::CreatedFiles;
use crate::judge::documents::{is_document, is_documentation};
use crate::judge::mentions::mentions_where;
use crate::tree::file::SourceFile;

/// Parts of names that people give to files which stay on their machine.
const OF_ONE_MACHINE: &[&str] =
    &["local", "override", "overrides", "custom", "private", "secret", "secrets", "credentials", "personal"];

/// Texts of a line that writes the file which it names.
const WRITING: &[&str] = &[
    "write",
    "creat",
    "generat",
    "output",
    "dest",
    "save",
    "download",
    "emit",
    "render",
    "dump",
    "curl",
    "wget",
    "touch ",
    "tee ",
    "--out",
    "copyfile",
    "copy_file",
    "'w'",
    "\"w\"",
    "'wb'",
    "\"wb\"",
    "ln -s",
    "mktemp",
];

/// Take back what the documents or the programs of the tree bring.
pub(super) fn settle(context: &Context<'_>, claims: &mut [Claim]) {
    for of_document in claims.chunk_by_mut(|a, b| a.doc == b.doc) {
        let mut lacking = of_document.iter_mut().filter(|claim| lacks(claim).is_some()).peekable();
        let file = lacking.peek().and_then(|claim| context.corpus.file(&claim.doc));
        let Some((file, markdown)) = file.and_then(|file| Some((file, context.markdown(file)?))) else { continue };
        let made = CreatedFiles::of(file, markdown);
        for claim in lacking {
            let path = lacks(claim).unwrap_or_default().to_owned();
            let name = name_of(&path).to_ascii_lowercase();
            let is_personal = name.split('.').any(|part| OF_ONE_MACHINE.contains(&part)) || name.starts_with("local_");
            let is_made = match claim.kind {
                ClaimKind::Link => is_said_to_be_made(file, claim.line),
                _ => is_personal || made.has(&path, file),
            };
            if is_made {
                claim.leave_open(format!("there is no `{path}` in this tree; the reader may be the one who makes it"));
            } else if let Some(sample) = context.sample_of(&path) {
                claim.leave_open(format!("there is no `{path}` in this tree, but `{sample}`, which it is made from"));
            }
        }
    }
    let names = |is_wanted: fn(&Claim) -> bool| -> BTreeSet<String> {
        let lacking = claims.iter().filter(|claim| is_wanted(claim));
        lacking.filter_map(|claim| Some(name_of(lacks(claim)?).to_owned())).filter(|name| name.len() > 2).collect()
    };
    let linked = names(|claim| claim.kind == ClaimKind::Link);
    let called = names(|claim| claim.kind != ClaimKind::Link);
    let by_programs = made_by_programs(context, linked.union(&called).cloned().collect());
    let by_documents = made_by_documents(context, called.difference(&by_programs).cloned().collect());
    for claim in claims {
        let name = lacks(claim).map(name_of).unwrap_or_default().to_owned();
        let is_plain = claim.kind != ClaimKind::Link;
        if by_programs.contains(&name) && (is_plain || !is_usual(&name)) || is_plain && by_documents.contains(&name) {
            claim.leave_open(format!("there is no `{name}` in this tree; another file of the tree seems to make it"));
        }
    }
}

/// The file that a contradiction says is not there.
fn lacks(claim: &Claim) -> Option<&str> {
    let is_file = matches!(claim.kind, ClaimKind::Command | ClaimKind::Path | ClaimKind::Link);
    claim.lacks.as_deref().filter(|_| is_file && claim.verdict == Verdict::Contradicted)
}

/// Whether a line says of the file that it links to that a program makes it.
fn is_said_to_be_made(file: &SourceFile, line: u32) -> bool {
    let line = file.line(line).to_lowercase();
    ["generated", "is created", "automatically created", "will be created"].iter().any(|said| line.contains(said))
}

/// Whether so many folders have a file of the name that a program which writes one says nothing of another.
fn is_usual(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    !name.contains('.')
        || ["readme", "index", "license", "contributing", "changelog", "package"].contains(&stem.as_str())
}

/// Which of the names some program makes.
fn made_by_programs(context: &Context<'_>, names: BTreeSet<String>) -> BTreeSet<String> {
    let is_program = |file: &SourceFile| !is_documentation(file);
    if names.is_empty() { names } else { mentions_where(context.corpus, &names, is_program, writes) }
}

/// Which of the names some document makes.
fn made_by_documents(context: &Context<'_>, names: BTreeSet<String>) -> BTreeSet<String> {
    if names.is_empty() {
        return names;
    }
    let left = mentions_where(context.corpus, &names, is_document, |_, _| true);
    if left.is_empty() {
        return left;
    }
    let documents = context.corpus.files().iter().filter(|file| is_document(file));
    let by_reader = documents.filter_map(|file| Some(CreatedFiles::of(file, context.markdown(file)?).into_names()));
    by_reader.flatten().filter(|name| left.contains(name)).collect()
}

/// Whether a line writes the file whose name stands between these parts of it: it is the target of a rule, follows a word
/// of writing, or is the last operand of a copy.
fn writes(before: &str, after: &str) -> bool {
    let lower = before.to_lowercase();
    let is_target = after.starts_with(':') && !before.contains([' ', '\t', '"', '\'']);
    let is_opened = ["'w", "\"w", ".write"].iter().any(|mark| after.contains(mark));
    let is_copied = ["cp ", "mv ", "copy "].iter().any(|verb| {
        let operands = lower.rsplit_once(verb).map(|(_, operands)| operands);
        operands.is_some_and(|operands| {
            operands.contains(' ') && operands.split_whitespace().any(|word| !word.starts_with('-'))
        })
    });
    let is_written = WRITING.iter().any(|text| lower.contains(text));
    // Its folder may come first.
    let (command, folder) = lower.rsplit_once(char::is_whitespace).unwrap_or(("", &lower));
    let command = command.trim_end();
    let is_arrow = command.ends_with("=>") || command.ends_with("->");
    let is_written =
        is_written || folder.starts_with('>') || command.ends_with(" -o") || command.ends_with('>') && !is_arrow;
    is_target || is_opened || is_copied || is_written
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_writes_what_it_names_last_or_as_its_target() {
        for (before, after) in [
            ("", ": src/x"),
            ("out/", ": src/x"),
            ("cp template.sh ", ""),
            ("cat x > ", ""),
            ("with open('", "', 'w') as file:"),
            ("fs.writeFileSync('", "', text)"),
        ] {
            assert!(writes(before, after), "{before}{after}");
        }
        for (before, after) in [("bash ", ""), ("cp ", " there"), ("import x from './", "'"), ("RUN ./", " --now")] {
            assert!(!writes(before, after), "{before}{after}");
        }
    }
}
