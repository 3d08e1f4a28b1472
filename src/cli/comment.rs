//! `ci-feed comment`: the one comment of a pull request, for a workflow that has no server.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use ci_feed_dossier::markdown::PULL_MARKER;

use crate::config::Config;
use crate::model::RepoName;
use crate::worker::write_comment;

/// Bring the comment of a pull request to what a file says, as `ci-feed check --markdown` prints it: made where there is
/// none, edited in place, deleted where the file is empty.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  ci-feed check --base origin/main --markdown > comment.md; ci-feed comment octo/shop 7 comment.md\n\nThe token is taken from GITHUB_WRITE_TOKEN, the forge from GITHUB_API_URL.\n\nExit codes: 0 done, 1 refused or not reachable"
)]
pub(super) struct CommentArgs {
    /// Repository, owner/name
    repository: String,
    /// Number of the pull request
    number: i64,
    /// File with the text
    file: PathBuf,
}

pub(super) fn run(args: &CommentArgs, config: &Config) -> anyhow::Result<i32> {
    let repo = RepoName::parse_full(&args.repository)?;
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("`{}`", args.file.display()))?;
    let text = Some(text.trim_end().to_owned() + "\n").filter(|text| !text.trim().is_empty());
    if text.as_ref().is_some_and(|text| !text.starts_with(PULL_MARKER)) {
        bail!("`{}` is not what `ci-feed check --markdown` prints: it would not be found again", args.file.display());
    }
    match super::runtime()?.block_on(write_comment(config, &repo, args.number, text)) {
        Ok(()) => Ok(0),
        Err(reason) => bail!("nothing was said in {repo}#{}: {reason}", args.number),
    }
}
