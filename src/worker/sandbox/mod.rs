//! What a child puts on itself before it opens any input: limits, and walls around files, network and other processes.
//!
//! The server says what the child may use ([`Limits`], an argument); the child gives up everything else, and then reads
//! its input or becomes the external analyzer. Nothing of it can be taken back, and all that the child starts inherits it.

mod calls;
mod files;
mod layers;
mod namespace;
mod user;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal, getppid, setrlimit};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(crate) use layers::{Layers, fetch_ports, named_files, stage_args};
pub use layers::{Sandbox, probe_child};
pub(crate) use namespace::isolate_processes;
pub(super) use user::is_open_to_all;

/// Descriptors that a child may have open.
const MAX_DESCRIPTORS: u64 = 256;
/// Threads and processes of a user of its own together: the kernel counts them for the user, so that this holds where
/// nobody else is that user.
const MAX_TASKS: u64 = 1024;

/// What one child may use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Limits {
    /// Process that must still be the parent; the child ends with it. 0: the first process of a name space has none.
    pub parent_pid: i32,
    /// Address space.
    pub memory_bytes: u64,
    /// Processor time.
    pub cpu_seconds: u64,
    /// Largest file that may be written.
    pub file_bytes: u64,
    /// `None`: there are no walls, as CI_SANDBOX=off wants it.
    pub walls: Option<Walls>,
}

/// What is left of the machine for a child.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Walls {
    /// What it does.
    pub kind: Kind,
    /// Files and folders it may read, besides what every program of its kind needs.
    pub read: Vec<PathBuf>,
    /// Folders it may write, and read.
    pub write: Vec<PathBuf>,
    /// User that it becomes.
    pub user: Option<u32>,
    /// Whether there are processes of a name space of their own only, to which signals reach.
    pub alone: bool,
    /// What the server promised for it: with less it does not start.
    pub promised: Layers,
}

/// What kind of work a child does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Our own code on what lies on disk: no network, no other program.
    Offline,
    /// Our own code that talks to a git server on these TCP ports.
    Fetch {
        /// Ports of the server and of the proxy.
        ports: Vec<u16>,
    },
    /// Another program, which may start more of them: no network.
    Program,
}

/// As [`Limits::to_arg`] writes them.
impl std::str::FromStr for Limits {
    type Err = serde_json::Error;

    fn from_str(json: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(json)
    }
}

impl Limits {
    /// As an argument for a child of our own binary.
    pub(crate) fn to_arg(&self) -> OsString {
        format!("--limits={}", json!(self)).into()
    }

    /// Apply to this process, and so to everything it becomes or starts. Must come before any thread is started.
    ///
    /// # Errors
    /// When the kernel refuses, a promised layer is missing, or the parent is gone already.
    pub fn apply(&self) -> io::Result<()> {
        let hard = |value| Rlimit { current: Some(value), maximum: Some(value) };
        setrlimit(Resource::Core, hard(0))?;
        setrlimit(Resource::Nofile, hard(MAX_DESCRIPTORS))?;
        for (resource, value) in
            [(Resource::As, self.memory_bytes), (Resource::Cpu, self.cpu_seconds), (Resource::Fsize, self.file_bytes)]
        {
            setrlimit(resource, hard(value))?;
        }
        match &self.walls {
            Some(walls) => walls.raise(self.parent_pid)?.hold(&walls.promised),
            None => stay_with(self.parent_pid),
        }
    }
}

impl Walls {
    /// Give up everything but what is left; answers which layers are on.
    fn raise(&self, parent: i32) -> io::Result<Layers> {
        if let Some(id) = self.user {
            setrlimit(Resource::Nproc, Rlimit { current: Some(MAX_TASKS), maximum: Some(MAX_TASKS) })?;
            user::become_user(id)?;
        }
        // The kernel forgets it when the user changes.
        stay_with(parent)?;
        user::drop_capabilities()?;
        close_memory()?;
        rustix::thread::set_no_new_privs(true)?;
        let landlock = files::restrict(self)?;
        let seccomp = calls::restrict(&self.kind, self.user.is_some())?;
        Ok(Layers { landlock, seccomp, own_user: self.user.is_some(), pid_namespace: self.alone })
    }
}

/// End with the process that started this one.
///
/// # Errors
/// When it is gone already.
pub(crate) fn stay_with(parent: i32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid().map_or(0, |pid| pid.as_raw_nonzero().get()) != parent {
        return Err(io::Error::other("the process that started this one is gone"));
    }
    Ok(())
}

/// Keep processes of the same user out of this one's memory and environment, and its memory out of core dumps.
///
/// # Errors
/// When the kernel refuses.
pub fn close_memory() -> io::Result<()> {
    Ok(rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}
