//! The command line: one file a subcommand. Exit codes are those of exit.rs.

mod analyze;
mod backfill;
mod check;
mod client;
mod comment;
mod compare;
mod confine;
mod copy;
mod delete;
mod demo;
mod doctor;
mod drift;
mod enqueue;
mod exit;
mod facts;
mod forge;
mod health;
mod reconcile;
mod runs;
mod serve;
mod tick;
mod verify;

use std::io::Write as _;

use ci_feed_dossier::markdown::is_hidden;
use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::worker::checkout::{CheckoutError, checkout_child};
use crate::worker::sandbox::Limits;
use crate::worker::{EXIT_TOO_LARGE, EXIT_TOO_MANY_FILES, confine_child, fetch_child};

/// A live feed of evidence-bound static dossiers: one for each push.
#[derive(Debug, Parser)]
#[command(name = "ci-feed", version = env!("CI_FEED_VERSION"), about, after_help = exit::HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (what `ci-feed` alone does)
    Serve,
    /// Call tick once, as the page and cron do
    Tick(tick::TickArgs),
    /// Turn a directory or a commit into a dossier
    Analyze {
        #[arg(long, hide = true)]
        limits: Option<Limits>,
        #[command(flatten)]
        args: analyze::AnalyzeArgs,
    },
    /// Compare two dossiers
    Drift(drift::DriftArgs),
    /// List what a change needs before it is deployed, for hooks and continuous integration
    Check(check::CheckArgs),
    /// Write the comment of a pull request, for a workflow
    Comment(comment::CommentArgs),
    /// Check a dossier against its repository
    Verify(verify::VerifyArgs),
    /// List the newest runs of a running server
    Runs(runs::RunsArgs),
    /// Which repositories state a fact, and since when
    Facts(facts::FactsArgs),
    /// What differs between two commits that a running server knows
    Compare(compare::CompareArgs),
    /// Ask a running server for a run
    Enqueue(enqueue::EnqueueArgs),
    /// Ask a running server whether the feed moves
    Health(health::HealthArgs),
    /// Find pushes that no webhook announced
    Reconcile(reconcile::ReconcileArgs),
    /// Forget a repository with its runs and dossiers
    Delete(delete::DeleteArgs),
    /// Copy everything into an empty database of the other kind
    Copy(copy::CopyArgs),
    /// Show the product on a repository: server, signed pushes, dossiers, page
    Demo(demo::DemoArgs),
    /// Check every setting and what this machine offers
    Doctor(doctor::DoctorArgs),
    /// The worker's child that fetches; its request is on standard input
    #[command(hide = true)]
    FetchCommit {
        #[arg(long)]
        limits: Option<Limits>,
    },
    /// The worker's child that writes files for an external analyzer; its request is on standard input
    #[command(hide = true)]
    Checkout {
        #[arg(long)]
        limits: Option<Limits>,
    },
    /// Limits itself, then becomes an external analyzer
    #[command(hide = true)]
    Confine(confine::ConfineArgs),
}

impl Cli {
    /// Do what the arguments say; the process's exit code is the answer.
    ///
    /// # Errors
    /// With a sentence for the person at the terminal.
    pub fn run(self) -> anyhow::Result<i32> {
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(Config::from_env()?),
            Command::Tick(args) => tick::run(&args, &Config::from_env()?),
            Command::Analyze { limits, args } => {
                limits.as_ref().map_or(Ok(()), confine_child)?;
                analyze::run(args).map(|()| 0).or_else(|error| {
                    complain(&format!("ci-feed: {error}"));
                    Ok(error.exit_code())
                })
            }
            Command::Drift(args) => drift::run(&args),
            Command::Check(args) => check::run(&args),
            Command::Comment(args) => comment::run(&args, &Config::from_env()?),
            Command::Verify(args) => verify::run(&args),
            Command::Runs(args) => runs::run(&args, &Config::from_env()?),
            Command::Facts(args) => facts::run(&args, &Config::from_env()?),
            Command::Compare(args) => compare::run(&args, &Config::from_env()?),
            Command::Enqueue(args) => enqueue::run(&args, &Config::from_env()?),
            Command::Health(args) => health::run(&args, &Config::from_env()?),
            Command::Reconcile(args) => reconcile::run(&args, &Config::from_env()?),
            Command::Delete(args) => delete::run(&args, &Config::from_env()?),
            Command::Copy(args) => copy::run(&args, &Config::from_env()?),
            Command::Demo(args) => demo::run(&args),
            Command::Doctor(args) => doctor::run(&args),
            Command::FetchCommit { limits } => {
                limits.as_ref().map_or(Ok(()), confine_child)?;
                fetch_child()?;
                Ok(0)
            }
            Command::Checkout { limits } => {
                limits.as_ref().map_or(Ok(()), confine_child)?;
                match checkout_child() {
                    Ok(()) => Ok(0),
                    Err(error @ (CheckoutError::TooMany(..) | CheckoutError::TooLarge(_))) => {
                        complain(&error.to_string());
                        let is_bytes = matches!(error, CheckoutError::TooLarge(_));
                        Ok(if is_bytes { EXIT_TOO_LARGE } else { EXIT_TOO_MANY_FILES })
                    }
                    Err(error) => Err(error.into()),
                }
            }
            Command::Confine(args) => confine::run(&args),
        }
    }
}

/// Lines on standard output; a reader that has gone away is no error of ours.
fn say(lines: &str) {
    let _ = writeln!(std::io::stdout(), "{}", shown(lines, "\n\t"));
}

/// One line on standard error.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", one_line(line));
}

/// What strangers wrote, as a part of one line.
fn one_line(text: &str) -> String {
    shown(text, "")
}

/// Text that a terminal shows and does not obey, whoever wrote it. Hidden characters become escapes of JSON, so that JSON
/// stays what it is.
fn shown(text: &str, but: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && !but.contains(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| shown.push_str(&format!("\\u{unit:04x}")));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The runtime that serving and calling need.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
