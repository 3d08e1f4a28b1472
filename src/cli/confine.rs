//! `ci-feed confine -- PROGRAM ...`: take on the limits, then become the external analyzer.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;

use crate::worker::sandbox::Limits;

#[derive(Debug, clap::Args)]
pub(super) struct ConfineArgs {
    #[arg(long)]
    limits: Limits,
    /// Program and arguments
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

/// Returns only when the program could not be started.
pub(super) fn run(args: ConfineArgs) -> anyhow::Result<i32> {
    args.limits.apply()?;
    let (program, rest) = args.command.split_first().expect("clap requires a program");
    let error = std::process::Command::new(program).args(rest).exec();
    Err(anyhow::anyhow!("{} could not be started: {error}; check CI_ANALYZER", program.to_string_lossy()))
}
