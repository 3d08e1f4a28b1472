//! `ci-feed drift`: what one dossier changed against another.

use std::path::PathBuf;

use ci_feed_dossier::{self as dossier, canonical, drift};

use super::{complain, exit, say};

/// Compare two dossiers: facts, claims, findings and unknowns that differ, and what to do before deploying.
///
/// A and B are files `dossier.json`, or folders that hold one. Code that only moved is no drift.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ci-feed drift old/dossier.json new/dossier.json
  ci-feed drift old new --json > drift.json
  ci-feed drift old new --exit-code

Exit codes:
  0  compared (with --exit-code: and nothing differs)
  3  a dossier cannot be read
  4  with --exit-code: something differs")]
pub(super) struct DriftArgs {
    /// Dossier of the earlier commit
    base: PathBuf,
    /// Dossier of the later commit
    head: PathBuf,
    /// Print drift.json instead of text
    #[arg(long)]
    json: bool,
    /// Exit with 4 when something differs
    #[arg(long)]
    exit_code: bool,
}

/// Run the subcommand; answers with the exit code.
pub(super) fn run(args: &DriftArgs) -> anyhow::Result<i32> {
    let loaded = dossier::load(&args.base).and_then(|base| Ok((base, dossier::load(&args.head)?)));
    let (base, head) = match loaded {
        Ok(both) => both,
        Err(error) => {
            complain(&format!("ci-feed: {error}"));
            return Ok(exit::NOT_THERE);
        }
    };
    let drift = drift::between(&base, &head);
    if args.json {
        say(String::from_utf8(canonical::to_bytes(&drift)?)?.trim_end());
    } else {
        say(dossier::markdown::changes(&head, &drift).trim());
    }
    Ok(if args.exit_code && !drift.is_empty { exit::DIFFERS } else { exit::DONE })
}
