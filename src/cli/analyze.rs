//! `ci-feed analyze`: read a tree and write its dossier. Reads nothing but the tree, writes nothing but the folder.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use ci_feed_analyzer::judge::findings::rule_texts;
use ci_feed_analyzer::tree::progress::{Progress, ProgressMode};
use ci_feed_analyzer::tree::walk::{self, Caps, KeptFiles, SkipReason, WalkError};
use ci_feed_analyzer::{self as analyzer};
use ci_feed_dossier::v1::{Dossier, Subject};
use ci_feed_dossier::{self as dossier, LoadError};

use super::exit;

/// Turn a source tree into a dossier: facts with evidence, checked claims, unknowns.
///
/// SRC is a directory, or a git repository (bare or not) together with --sha; then exactly that commit is read from
/// the object database, without a checkout. Nothing of the tree is executed, and nothing is read from the network.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ci-feed analyze .
  ci-feed analyze ~/src/app --out /tmp/dossier
  ci-feed analyze app.git --out out --owner acme --repo app --ref main --sha 4f1c0d9e8b7a6f5e4d3c2b1a09f8e7d6c5b4a392

Exit codes:
  0  the dossier is written
  1  the dossier could not be written
  2  wrong arguments
  3  there is nothing to read: no such directory, repository or commit; with --whole also where not all of it can be")]
pub(super) struct AnalyzeArgs {
    /// Directory or git repository to read
    src: PathBuf,
    /// Folder for dossier.json, DOSSIER.md, summary.json and manifest.json
    #[arg(long, value_name = "DIR", default_value = "out/dossier")]
    out: PathBuf,
    /// Owner of the repository, for the dossier's links
    #[arg(long)]
    owner: Option<String>,
    /// Name of the repository, for the dossier's links
    #[arg(long)]
    repo: Option<String>,
    /// Branch; accepted as every analyzer gets it, but not written: a commit has the same dossier on each branch
    #[arg(long = "ref", value_name = "REF")]
    reference: Option<String>,
    /// Address of the forge, for the dossier's links; empty for none
    #[arg(long, default_value = "https://github.com")]
    forge: String,
    /// Commit to read (40 hexadecimal digits); for a plain directory only a label
    #[arg(long)]
    sha: Option<String>,
    /// Dossier of another commit of the same repository: adds drift.json, and what changed to DOSSIER.md
    #[arg(long, value_name = "DOSSIER", conflicts_with = "base_sha")]
    base: Option<PathBuf>,
    /// The same for a commit of which there is no dossier: what both have in common is read once
    #[arg(long, value_name = "SHA")]
    base_sha: Option<String>,
    /// Git repository with the commit of --base-sha, if it is another one
    #[arg(long, value_name = "SRC", requires = "base_sha")]
    base_src: Option<PathBuf>,
    /// Read at most this many files
    #[arg(long, value_name = "N", default_value_t = Caps::default().max_files)]
    max_files: usize,
    /// Skip files that are larger, and say so
    #[arg(long, value_name = "BYTES", default_value_t = Caps::default().max_file_bytes)]
    max_file_bytes: u64,
    /// Parse every file that has a grammar, not only those in which a text occurs that a rule looks for: slow, and for
    /// those who doubt that it gives the same dossier
    #[arg(long)]
    no_prefilter: bool,
    /// Write no dossier if a file or folder cannot be read, instead of a partial one
    #[arg(long)]
    whole: bool,
    /// Print lines `progress <stage> <done> <total>` on standard output, for a supervising program
    #[arg(long)]
    progress: bool,
    /// Print summary.json on standard output instead of a sentence
    #[arg(long)]
    json: bool,
}

/// Why there is no dossier.
#[derive(Debug, thiserror::Error)]
pub(super) enum AnalyzeError {
    #[error(transparent)]
    Walk(#[from] WalkError),
    #[error(transparent)]
    Base(#[from] LoadError),
    #[error("not all of it can be read: {0} files or folders are missing or damaged")]
    NotWhole(usize),
    #[error("the dossier cannot be written to `{}`: {source}", out.display())]
    Write { out: PathBuf, source: io::Error },
}

impl AnalyzeError {
    /// The documented exit code.
    pub(super) fn exit_code(&self) -> i32 {
        match self {
            Self::Write { .. } => 1,
            Self::Walk(_) | Self::NotWhole(_) | Self::Base(_) => exit::NOT_THERE,
        }
    }
}

/// Run the subcommand.
///
/// # Errors
/// When there is nothing to read or the dossier cannot be written; a broken file is a note in the dossier.
pub(super) fn run(args: AnalyzeArgs) -> Result<(), AnalyzeError> {
    let mode = match (args.progress, args.json) {
        (true, _) => ProgressMode::Lines,
        (false, false) if io::stderr().is_terminal() => ProgressMode::Terminal,
        _ => ProgressMode::Silent,
    };
    let stored = args.base.as_deref().map(dossier::load).transpose()?;
    let progress = Progress::new(mode);
    let caps = Caps { max_files: args.max_files, max_file_bytes: args.max_file_bytes, ..Caps::default() };
    let out = std::path::absolute(&args.out).unwrap_or_else(|_| args.out.clone());
    let read = |kept: &KeptFiles, src: &Path, sha: Option<&str>| {
        let tree = walk::read_after(kept, src, sha, Some(&out), caps, &progress)?;
        match tree.skipped.get(&SkipReason::Unreadable).filter(|_| args.whole) {
            Some(unreadable) => Err(AnalyzeError::NotWhole(unreadable.len())),
            None => Ok(tree),
        }
    };
    let subject = |sha: Option<String>| Subject {
        owner: args.owner.clone(),
        repo: args.repo.clone(),
        forge: Some(args.forge.clone()).filter(|forge| !forge.is_empty()),
        sha,
        tree: None,
    };
    let (base, kept) = match &args.base_sha {
        None => (stored, KeptFiles::default()),
        Some(sha) => {
            let tree = read(&KeptFiles::default(), args.base_src.as_ref().unwrap_or(&args.src), Some(sha))?;
            let base = analyzer::publish(analyzer::analyze(&tree, &Progress::default()), subject(Some(sha.clone())));
            (Some(base), tree.into_kept())
        }
    };
    let mut tree = read(&kept, &args.src, args.sha.as_deref())?;
    let analysis = if args.no_prefilter {
        analyzer::analyze_thoroughly(&mut tree, &progress)
    } else {
        analyzer::analyze(&tree, &progress)
    };
    progress.finish();
    let dossier = analyzer::publish(analysis, subject(args.sha.clone()));
    let write_error = |source| AnalyzeError::Write { out: args.out.clone(), source };
    let drift = base.map(|base| dossier::drift::between(&base, &dossier));
    dossier::write(&dossier, drift.as_ref(), &rule_texts(), &args.out).map_err(write_error)?;
    let report = if args.json { summary(&args.out).map_err(write_error)? } else { sentence(&dossier, &args.out) };
    io::stdout().write_all(report.as_bytes()).map_err(write_error)?;
    // The process ends here; handing back every file and tree one by one would only take time.
    std::mem::forget((tree, kept, dossier));
    Ok(())
}

fn summary(out: &std::path::Path) -> io::Result<String> {
    std::fs::read_to_string(out.join("summary.json"))
}

fn sentence(dossier: &Dossier, out: &std::path::Path) -> String {
    let lines: u64 = dossier.coverage.languages.iter().map(|language| language.lines).sum();
    let contradicted = dossier.claims.iter().filter(|claim| claim.verdict == "CONTRADICTED").count();
    format!(
        "{} facts, {} claims ({contradicted} contradicted), {} findings from {} files and {lines} lines: {}\n",
        dossier.facts.len(),
        dossier.claims.len(),
        dossier.findings.len(),
        dossier.coverage.analyzed,
        out.join("DOSSIER.md").display()
    )
}
