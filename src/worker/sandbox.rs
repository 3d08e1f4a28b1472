//! Limits that a child puts on itself before it opens any input: it dies with its parent and cannot use more than its
//! share of memory, processor time, file size and descriptors.
//!
//! This is the place for the layers that come next (Landlock, seccomp); [`layers`] is what health and doctor report.

use std::collections::BTreeMap;
use std::io;

use rustix::process::{Resource, Rlimit, getppid, setrlimit};

/// Limits of one child.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Limits {
    /// Process that must still be the parent; the child ends with it
    #[arg(long, hide = true)]
    pub parent_pid: Option<i32>,
    /// Address space, in bytes
    #[arg(long, hide = true)]
    pub limit_memory_bytes: Option<u64>,
    /// Processor time, in seconds
    #[arg(long, hide = true)]
    pub limit_cpu_seconds: Option<u64>,
    /// Largest file that may be written, in bytes
    #[arg(long, hide = true)]
    pub limit_file_bytes: Option<u64>,
}

/// Descriptors that a child may have open.
const MAX_DESCRIPTORS: u64 = 256;

impl Limits {
    /// As arguments for a child of our own binary.
    pub(crate) fn to_args(self) -> Vec<std::ffi::OsString> {
        let number = |flag: &str, value: Option<u64>| value.map(|value| format!("{flag}={value}").into());
        [
            self.parent_pid.map(|pid| format!("--parent-pid={pid}").into()),
            number("--limit-memory-bytes", self.limit_memory_bytes),
            number("--limit-cpu-seconds", self.limit_cpu_seconds),
            number("--limit-file-bytes", self.limit_file_bytes),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Apply to this process, and so to everything it becomes or starts. Without a `parent_pid` nothing is limited:
    /// a person runs the command.
    ///
    /// # Errors
    /// When the kernel refuses, or the parent is gone already.
    pub fn apply(self) -> io::Result<()> {
        let Some(parent) = self.parent_pid else { return Ok(()) };
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        if getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(parent) {
            return Err(io::Error::other("the server that started this process is gone"));
        }
        let hard = |value| Rlimit { current: Some(value), maximum: Some(value) };
        setrlimit(Resource::Core, hard(0))?;
        setrlimit(Resource::Nofile, hard(MAX_DESCRIPTORS))?;
        for (resource, value) in [
            (Resource::As, self.limit_memory_bytes),
            (Resource::Cpu, self.limit_cpu_seconds),
            (Resource::Fsize, self.limit_file_bytes),
        ] {
            if let Some(value) = value {
                setrlimit(resource, hard(value))?;
            }
        }
        Ok(())
    }
}

/// Whether the file system and the network are closed to what runs here.
pub fn isolates() -> bool {
    let layers = layers();
    layers["landlock"] && layers["seccomp"]
}

/// Which layers protect this machine from what it analyzes, as health and doctor show them.
pub fn layers() -> BTreeMap<&'static str, bool> {
    BTreeMap::from([
        ("process_group", true),
        ("cleared_environment", true),
        ("resource_limits", cfg!(target_os = "linux")),
        ("dies_with_parent", cfg!(target_os = "linux")),
        ("landlock", false),
        ("seccomp", false),
    ])
}
