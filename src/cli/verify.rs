//! `ci-feed verify`: whether a dossier says what its commit says.

use std::path::PathBuf;

use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps};
use ci_feed_analyzer::verify::{self, Mismatch};
use ci_feed_dossier::{Manifest, load, v1};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{complain, exit, one_line, say};

/// Check a dossier against its repository: read the commit again, hash the lines of every evidence again, and, where
/// this program has the rules that made it, make the whole dossier again and compare.
///
/// A manifest.json in the dossier's folder is checked too: owner, repository and forge are in no commit.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ci-feed verify out/dossier/dossier.json --repo .
  ci-feed verify dossier.json --repo app.git --json

Exit codes:
  0  everything that was checked matches
  3  it cannot be checked: no dossier, no repository, or the commit is not in it
  4  something does not match; each place is named")]
pub(super) struct VerifyArgs {
    /// The file dossier.json, or a folder that holds it
    dossier: PathBuf,
    /// Git repository (bare or not) that has the commit; for a dossier without a commit the directory itself
    #[arg(long, value_name = "PATH", default_value = ".")]
    repo: PathBuf,
    /// The --max-files that the dossier was made with
    #[arg(long, value_name = "N", default_value_t = Caps::default().max_files)]
    max_files: usize,
    /// The --max-file-bytes that the dossier was made with
    #[arg(long, value_name = "BYTES", default_value_t = Caps::default().max_file_bytes)]
    max_file_bytes: u64,
    /// Print a JSON object instead of sentences
    #[arg(long)]
    json: bool,
}

/// What a check came to.
struct Report {
    evidence: usize,
    /// Whether the dossier was made again as a whole.
    is_whole: bool,
    mismatches: Vec<Mismatch>,
}

/// Run the subcommand; answers with the exit code.
pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<i32> {
    let report = match check(args) {
        Ok(report) => report,
        Err(error) => {
            complain(&format!("ci-feed: cannot check: {error}"));
            return Ok(exit::NOT_THERE);
        }
    };
    if args.json {
        say(&json!({
            "ok": report.mismatches.is_empty(),
            "evidence_checked": report.evidence,
            "made_again": report.is_whole,
            "mismatches": report.mismatches,
        })
        .to_string());
    } else {
        report.mismatches.iter().for_each(|one| say(&one_line(&format!("MISMATCH {}: {}", one.place, one.problem))));
        say(&sentence(&report));
    }
    Ok(if report.mismatches.is_empty() { exit::DONE } else { exit::DIFFERS })
}

fn check(args: &VerifyArgs) -> anyhow::Result<Report> {
    let (path, bytes) = load::bytes(&args.dossier)?;
    let dossier = load::parse(&path, &bytes)?;
    let caps = Caps { max_files: args.max_files, max_file_bytes: args.max_file_bytes, ..Caps::default() };
    let out = path.parent().and_then(|folder| std::path::absolute(folder).ok());
    let progress = Progress::default();
    let tree = walk::read(&args.repo, dossier.subject.sha.as_deref(), out.as_deref(), caps, &progress)?;
    let (evidence, mut mismatches) = verify::evidence(&dossier, &tree.corpus);
    let is_whole = verify::has_same_rules(&dossier);
    if is_whole {
        let subject = v1::Subject { tree: None, ..dossier.subject.clone() };
        let again = ci_feed_analyzer::publish(ci_feed_analyzer::analyze(&tree, &progress), subject);
        mismatches.extend(verify::compare(&bytes, &again)?);
    } else if dossier.subject.tree != tree.id {
        mismatches
            .push(Mismatch { place: "subject.tree".to_owned(), problem: "the commit has another tree".to_owned() });
    }
    mismatches.extend(manifest_mismatch(&path, &bytes));
    Ok(Report { evidence, is_whole, mismatches })
}

fn manifest_mismatch(dossier: &std::path::Path, bytes: &[u8]) -> Option<Mismatch> {
    let manifest: Manifest =
        serde_json::from_slice(&std::fs::read(dossier.with_file_name("manifest.json")).ok()?).ok()?;
    let sha256 = hex::encode(Sha256::digest(bytes));
    (manifest.dossier_sha256 != sha256).then(|| Mismatch {
        place: "manifest.json dossier_sha256".to_owned(),
        problem: format!("it says {}, the dossier's hash is {sha256}", manifest.dossier_sha256),
    })
}

fn sentence(report: &Report) -> String {
    let how = if report.is_whole {
        "the dossier was made again and compared"
    } else {
        "other rules made the dossier, so that only its evidence could be checked"
    };
    match report.mismatches.len() {
        0 => format!("{} anchors match; {how}", report.evidence),
        count => format!("{count} places do not match ({} anchors checked; {how})", report.evidence),
    }
}
