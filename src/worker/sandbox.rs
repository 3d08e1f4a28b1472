//! Limits that a child puts on itself before it opens any input: it dies with its parent and cannot use more than its
//! share of memory, processor time, file size and descriptors.
//!
//! This is the place for the layers that come next (Landlock, seccomp); [`layers`] is what health and doctor report.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;

use rustix::process::{Resource, Rlimit, getppid, setrlimit};
use serde_json::json;

/// Limits of one child.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// Process that must still be the parent; the child ends with it.
    pub parent_pid: i32,
    /// Address space.
    pub memory_bytes: u64,
    /// Processor time.
    pub cpu_seconds: u64,
    /// Largest file that may be written.
    pub file_bytes: u64,
}

/// As [`Limits::to_arg`] writes them.
impl std::str::FromStr for Limits {
    type Err = serde_json::Error;

    fn from_str(json: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(json)
    }
}

/// Descriptors that a child may have open.
const MAX_DESCRIPTORS: u64 = 256;

impl Limits {
    /// As an argument for a child of our own binary.
    pub(crate) fn to_arg(self) -> OsString {
        format!("--limits={}", json!(self)).into()
    }

    /// Apply to this process, and so to everything it becomes or starts.
    ///
    /// # Errors
    /// When the kernel refuses, or the parent is gone already.
    pub fn apply(self) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
        if getppid().map(|pid| pid.as_raw_nonzero().get()) != Some(self.parent_pid) {
            return Err(io::Error::other("the server that started this process is gone"));
        }
        let hard = |value| Rlimit { current: Some(value), maximum: Some(value) };
        setrlimit(Resource::Core, hard(0))?;
        setrlimit(Resource::Nofile, hard(MAX_DESCRIPTORS))?;
        for (resource, value) in
            [(Resource::As, self.memory_bytes), (Resource::Cpu, self.cpu_seconds), (Resource::Fsize, self.file_bytes)]
        {
            setrlimit(resource, hard(value))?;
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
