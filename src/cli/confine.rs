//! `ci-feed confine -- PROGRAM ...`: the processes between the server and an external analyzer.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::worker::sandbox::{Limits, probe_child};
use crate::worker::supervisor;

#[derive(Debug, clap::Args)]
pub(super) struct ConfineArgs {
    /// What the program may use
    #[arg(long)]
    limits: Option<Limits>,
    /// What this process is
    #[arg(long, value_enum, default_value = "supervisor")]
    stage: Stage,
    /// Try a user of its own too
    #[arg(long)]
    own_user: bool,
    /// Folder that the program writes; what lies in it is counted
    #[arg(long = "folder")]
    folders: Vec<PathBuf>,
    /// Program and arguments
    #[arg(last = true)]
    command: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Says which layers of the sandbox this machine offers.
    Probe,
    /// Counts, and ends what is left.
    Supervisor,
    /// First process of a name space.
    Init,
    /// Takes on limits and walls, then becomes the analyzer.
    Program,
}

/// Returns only when the program has ended, or could not be started.
pub(super) fn run(args: &ConfineArgs) -> anyhow::Result<i32> {
    let limits = match (&args.limits, args.stage) {
        (_, Stage::Probe) => {
            super::say(&probe_child(args.own_user)?);
            return Ok(0);
        }
        (Some(limits), _) => limits,
        (None, _) => anyhow::bail!("--limits is missing"),
    };
    match args.stage {
        Stage::Supervisor => return Ok(supervisor::supervise(limits, &args.command, &args.folders)?),
        Stage::Init => return Ok(supervisor::init(limits, &args.command)?),
        Stage::Program | Stage::Probe => limits.apply()?,
    }
    let Some((program, rest)) = args.command.split_first() else { anyhow::bail!("there is no program to start") };
    let error = std::process::Command::new(program).args(rest).exec();
    Err(anyhow::anyhow!(
        "{} could not be started: {error}; check CI_ANALYZER and CI_ANALYZER_READ",
        program.to_string_lossy()
    ))
}
