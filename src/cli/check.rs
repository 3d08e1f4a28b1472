//! `ci-feed check`: what a change needs before it is deployed, and whether the policy of its base minds it. For hooks of git
//! and for any continuous integration; asks no server.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use ci_feed_analyzer::judge::findings::rule_texts;
use ci_feed_analyzer::tree::progress::Progress;
use ci_feed_analyzer::tree::walk::{self, Caps, KeptFiles};
use ci_feed_dossier::drift::v1::{Drift, Step};
use ci_feed_dossier::policy::POLICY_FILE;
use ci_feed_dossier::v1::{Dossier, Subject};
use ci_feed_dossier::{self as dossier, canonical, drift, markdown};
use git2::{Oid, Repository};

use super::{complain, one_line, say};

const NOTHING: i32 = 0;
const COULD_NOT: i32 = 1;
const MINDED: i32 = 4;

/// List what a change needs before it is deployed: variables, migrations, ports, callers that must be told.
///
/// Compared is the commit at which the change left its base; the policy, .ci-feed.toml, is that commit's. Nothing is
/// executed, and nothing is read from the network.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  ci-feed check --base origin/main
  ci-feed check --base HEAD              # in .git/hooks/pre-commit: what is not committed yet
  ci-feed check --base main --head topic --markdown

Exit codes:
  0  nothing that the policy minds; without a policy it minds nothing
  1  it could not be checked: no repository, no such commit
  2  wrong arguments
  4  there are rows that the policy minds")]
pub(super) struct CheckArgs {
    /// Git repository
    #[arg(default_value = ".")]
    src: PathBuf,
    /// Branch, tag or commit that the change goes to
    #[arg(long, value_name = "REF")]
    base: String,
    /// Branch, tag or commit to check [default: the files as they are in the working tree]
    #[arg(long, value_name = "REF")]
    head: Option<String>,
    /// Label of the pull request, which the policy may name to lift it; may be repeated
    #[arg(long, value_name = "NAME")]
    label: Vec<String>,
    /// Labels as a JSON list, as a workflow has them
    #[arg(long, value_name = "JSON", value_parser = labels)]
    labels: Option<Labels>,
    /// Folder for the dossier of the change, with drift.json and findings.sarif
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Owner of the repository, for links
    #[arg(long)]
    owner: Option<String>,
    /// Name of the repository, for links
    #[arg(long)]
    repo: Option<String>,
    /// Address of the forge, for links
    #[arg(long, default_value = "https://github.com")]
    forge: String,
    /// Print the comment of a pull request, or nothing where there is nothing to say
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Print drift.json
    #[arg(long)]
    json: bool,
    /// Read at most this many files of each commit
    #[arg(long, value_name = "N", default_value_t = Caps::default().max_files)]
    max_files: usize,
}

/// A list that is one argument.
#[derive(Debug, Clone)]
struct Labels(Vec<String>);

/// Where there is no pull request there are none.
fn labels(json: &str) -> serde_json::Result<Labels> {
    let list: Option<Vec<String>> = serde_json::from_str(json)?;
    Ok(Labels(list.unwrap_or_default()))
}

/// Run the subcommand; answers with the exit code.
pub(super) fn run(args: &CheckArgs) -> anyhow::Result<i32> {
    let drift = match compare(args) {
        Ok(drift) => drift,
        Err(error) => {
            complain(&format!("ci-feed: cannot check: {error:#}"));
            return Ok(COULD_NOT);
        }
    };
    if args.json {
        say(String::from_utf8(canonical::to_bytes(&drift)?)?.trim_end());
    } else if args.markdown {
        markdown::pull_request(&drift, None).iter().for_each(|text| say(text.trim_end()));
    } else {
        print(&drift);
    }
    let labels = args.labels.iter().flat_map(|list| &list.0).chain(&args.label);
    Ok(verdict(&drift, labels))
}

fn verdict<'l>(drift: &Drift, mut labels: impl Iterator<Item = &'l String>) -> i32 {
    let lift = drift.policy.as_ref().and_then(|policy| policy.lift_label.as_ref());
    let is_lifted = lift.is_some_and(|label| labels.any(|one| one == label));
    if drift.failing() > 0 && !is_lifted { MINDED } else { NOTHING }
}

fn compare(args: &CheckArgs) -> anyhow::Result<Drift> {
    let repository =
        Repository::discover(&args.src).with_context(|| format!("`{}` is in no git repository", args.src.display()))?;
    let commit = |name: &str| -> anyhow::Result<Oid> {
        let found = repository.revparse_single(name).and_then(|object| object.peel_to_commit());
        Ok(found.with_context(|| format!("there is no commit {name:?}; is it fetched?"))?.id())
    };
    let head = args.head.as_deref().map(commit).transpose()?;
    let (base, tip) = (commit(&args.base)?, head.map_or_else(|| commit("HEAD"), Ok)?);
    // In a shallow clone it may not be known where they parted.
    let start = repository.merge_base(base, tip).unwrap_or(base).to_string();
    // A linked worktree has no objects of its own; without a configuration a bare repository seems to have a folder.
    let linked = repository.workdir().filter(|_| repository.is_worktree());
    let objects = linked.unwrap_or_else(|| repository.path());
    let (place, head) = match (head, repository.workdir()) {
        (Some(head), _) => (objects, Some(head.to_string())),
        (None, Some(folder)) => (folder, None),
        (None, None) => anyhow::bail!("a bare repository has no working tree; name a commit with --head"),
    };
    let (base, kept) = made(args, &KeptFiles::default(), objects, Some(start))?;
    let (head, _) = made(args, &kept, place, head)?;
    let drift = drift::between(&base, &head);
    if let Some(out) = &args.out {
        dossier::write(&head, Some(&drift), &rule_texts(), out)
            .with_context(|| format!("the dossier cannot be written to `{}`", out.display()))?;
    }
    Ok(drift)
}

/// The dossier of one of the two, with its files for the other one.
fn made(args: &CheckArgs, kept: &KeptFiles, place: &Path, sha: Option<String>) -> anyhow::Result<(Dossier, KeptFiles)> {
    let out = args.out.as_deref().and_then(|out| std::path::absolute(out).ok());
    let caps = Caps { max_files: args.max_files, ..Caps::default() };
    let progress = Progress::default();
    let tree = walk::read_after(kept, place, sha.as_deref(), out.as_deref(), caps, &progress)?;
    let subject = Subject {
        owner: args.owner.clone(),
        repo: args.repo.clone(),
        forge: Some(args.forge.clone()).filter(|forge| !forge.is_empty()),
        sha,
        tree: None,
    };
    let dossier = ci_feed_analyzer::publish(ci_feed_analyzer::analyze(&tree, &progress), subject);
    Ok((dossier, tree.into_kept()))
}

fn print(drift: &Drift) {
    if drift.before_deploy.is_empty() {
        say("Nothing to do before it is deployed.");
    } else {
        say("Before you deploy:");
        drift.before_deploy.iter().for_each(|step| say(&one_line(&line(step))));
    }
    let not_read = drift.not_read.changed;
    if not_read > 0 {
        say(&format!("{not_read} changed files were not read."));
    }
    let Some(policy) = &drift.policy else { return };
    if let Some(error) = &policy.error {
        complain(&format!("ci-feed: the base's {POLICY_FILE} is not applied: {error}"));
    }
    if policy.left_out > 0 {
        say(&format!("{} rows are left out by {POLICY_FILE}.", policy.left_out));
    }
    for (rule, rows) in &policy.fails {
        say(&format!("{rows} by {POLICY_FILE}: {rule}"));
    }
}

fn line(step: &Step) -> String {
    let service = step.service.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
    let at = step.evidence.first().map(|at| match at.start_line {
        0 => format!(" ({})", at.path),
        line => format!(" ({}:{line})", at.path),
    });
    format!("- {service}{}{}", step.text, at.unwrap_or_default())
}
