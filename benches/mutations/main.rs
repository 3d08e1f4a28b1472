//! Plants contradictions into copies of real repositories and counts how many the analyzer reports: is a contradiction
//! that somebody makes today found tomorrow?
//!
//! `cargo bench --bench mutations -- --repositories DIR`
//!
//! DIR holds clones as for the accuracy bench. `mutations.tsv` names the changes: repository, commit, what is done,
//! file, text, new text; an empty new text with the word `delete` removes the file, `move` renames it. Each change is
//! made alone, in a fresh copy. It counts as found when a claim is CONTRADICTED or a finding is there that the
//! unchanged tree does not have. Then lines are moved in every document of the tree without changing what it says:
//! nothing new may be reported.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps, Tree};
use ci_feed_dossier::v1::Subject;
use clap::Parser as _;

const MUTATIONS: &str = include_str!("mutations.tsv");

#[derive(Debug, clap::Parser)]
struct Options {
    /// Folder of clones
    #[arg(long, value_name = "DIR")]
    repositories: Option<PathBuf>,
    /// Cargo gives it to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

/// One line of the table.
struct Mutation<'t> {
    what: &'t str,
    path: &'t str,
    old: &'t str,
    new: &'t str,
}

type Problem = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let options = Options::parse();
    let Some(clones) = options.repositories else {
        println!("nothing measured: name the folder of clones with `-- --repositories DIR`");
        return ExitCode::SUCCESS;
    };
    match run(&clones) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("mutations: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run(clones: &Path) -> Result<(), Problem> {
    let mut by_repository: BTreeMap<(&str, &str), Vec<Mutation<'_>>> = BTreeMap::new();
    for line in MUTATIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [repository, commit, what, path, old, new] = fields.as_slice() else {
            return Err(format!("a line of the table has not six fields: {line}").into());
        };
        by_repository.entry((repository, commit)).or_default().push(Mutation { what, path, old, new });
    }
    let (mut planted, mut found) = (0, 0);
    println!("| repository | contradiction | found as |\n|---|---|---|");
    let mut noise = Vec::new();
    for ((repository, commit), mutations) in &by_repository {
        let tree = read(clones, repository, commit)?;
        let copy = tempfile::tempdir()?;
        write(&tree, copy.path())?;
        let before = reports(copy.path())?;
        for mutation in mutations {
            let undo =
                mutation.plant(copy.path()).map_err(|problem| format!("{repository}: {}: {problem}", mutation.path))?;
            let after = reports(copy.path())?;
            undo(copy.path())?;
            let new: BTreeSet<&str> =
                after.iter().filter(|(id, _)| !before.contains_key(*id)).map(|(_, rule)| rule.as_str()).collect();
            planted += 1;
            found += usize::from(!new.is_empty());
            let how = new.into_iter().collect::<Vec<_>>().join(", ");
            println!("| {repository} | {} | {} |", mutation.what, if how.is_empty() { "**nothing**" } else { &how });
        }
        let moved = tempfile::tempdir()?;
        write(&tree, moved.path())?;
        shift(&tree, moved.path())?;
        let new = reports(moved.path())?.into_iter().filter(|(id, _)| !before.contains_key(id)).count();
        noise.push(format!("| {repository} | {} | {new} |", before.len()));
    }
    println!(
        "\n{found} of {planted} were found.\n\n| repository | reported unchanged | new when only lines move |\n|---|---:|---:|"
    );
    noise.iter().for_each(|row| println!("{row}"));
    Ok(())
}

/// What the analyzer reports about a folder: contradicted claims and findings, by id.
fn reports(folder: &Path) -> Result<BTreeMap<String, String>, Problem> {
    let tree = walk::read(folder, None, None, Caps::default(), &Progress::default())?;
    let dossier = ci_feed_analyzer::publish(ci_feed_analyzer::analyze(&tree, &Progress::default()), Subject::default());
    let claims = dossier.claims.into_iter().filter(|claim| claim.verdict == "CONTRADICTED");
    let claims = claims.map(|claim| (claim.id, format!("{} claim", claim.kind)));
    // A contradicted claim is a finding, too; one name for both is enough.
    let repeated = ["contradicted-claim", "dead-relative-link"];
    let findings = dossier.findings.into_iter().filter(|finding| !repeated.contains(&finding.rule.as_str()));
    Ok(claims.chain(findings.map(|finding| (finding.id, finding.rule))).collect())
}

fn read(clones: &Path, repository: &str, commit: &str) -> Result<Tree, Problem> {
    let name = repository.rsplit('/').next().unwrap_or(repository);
    let names = [repository.replace('/', "+"), repository.to_owned(), name.to_owned()];
    let places = names
        .iter()
        .flat_map(|name| [format!("{name}/repo/.git"), format!("{name}/repo"), format!("{name}.git"), name.clone()]);
    let clone = places
        .map(|place| clones.join(place))
        .find(|place| place.join("objects").is_dir() || place.join(".git").is_dir());
    let clone = clone.ok_or_else(|| format!("there is no clone of {repository}"))?;
    Ok(walk::read(&clone, Some(commit), None, Caps::default(), &Progress::default())?)
}

/// The tree as files; what was not read keeps its name, and a content that is not read again.
fn write(tree: &Tree, folder: &Path) -> Result<(), Problem> {
    let read = tree.corpus.files().iter().map(|file| (file.path.as_str(), file.bytes()));
    let skipped = tree.skipped.values().flatten().map(|path| (path.as_str(), &b"\0"[..]));
    for (path, bytes) in read.chain(skipped) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().ok_or("a file without a folder")?)?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// A blank line before the first heading or paragraph of each Markdown file: it says the same one line further down.
fn shift(tree: &Tree, folder: &Path) -> Result<(), Problem> {
    for file in
        tree.corpus.files().iter().filter(|file| file.path.ends_with(".md") && !file.bytes().starts_with(b"---"))
    {
        fs::write(folder.join(&file.path), [b"\n", file.bytes()].concat())?;
    }
    Ok(())
}

type Undo = Box<dyn FnOnce(&Path) -> Result<(), Problem>>;

impl Mutation<'_> {
    /// Change the copy; what is returned changes it back.
    fn plant(&self, folder: &Path) -> Result<Undo, Problem> {
        let path = self.path.to_owned();
        let bytes = fs::read(folder.join(&path))?;
        match self.old {
            "delete" => {
                fs::remove_file(folder.join(&path))?;
                Ok(Box::new(move |folder| Ok(fs::write(folder.join(path), bytes)?)))
            }
            "move" => {
                let to = self.new.to_owned();
                fs::rename(folder.join(&path), folder.join(&to))?;
                Ok(Box::new(move |folder| Ok(fs::rename(folder.join(to), folder.join(path))?)))
            }
            old => {
                let text = String::from_utf8(bytes.clone())?;
                if !text.contains(old) {
                    return Err(format!("the text {old:?} is not there").into());
                }
                fs::write(folder.join(&path), text.replace(old, self.new))?;
                Ok(Box::new(move |folder| Ok(fs::write(folder.join(path), bytes)?)))
            }
        }
    }
}
