//! The supervisor of an external analyzer: a process of our own between the server and the program. It counts what the
//! program and all that it started use together, and when it ends, or the server lets go, nothing of it is left.
//!
//! Server → supervisor → [first process of a name space →] program. Whoever waits for a child holds the write end of its
//! standard input and never writes: its end says that nobody waits any more.

mod folder;
mod group;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, getppid, pidfd_open};

use super::own_pid;
use super::sandbox::{Limits, close_memory, isolate_processes, stage_args, stay_with};

/// Processes that an analyzer may run at once.
const MAX_PROCESSES: usize = 128;
/// Threads of all of them together.
const MAX_THREADS: u64 = 1024;
/// What may lie in the folders that an analyzer writes.
const MAX_WRITTEN_BYTES: u64 = 1 << 30;
/// Files and folders there.
const MAX_WRITTEN_ENTRIES: u64 = 100_000;
/// How often processes and memory are counted.
const COUNT_EVERY: Duration = Duration::from_millis(100);
/// How often the folders are; it takes longer.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// First words of the last line of a supervisor that stopped the program.
pub(crate) const STOPPED: &str = "ci-feed stopped the analyzer: ";
/// Exit code when there were too many processes.
pub(crate) const EXIT_TOO_MANY_PROCESSES: i32 = 122;
/// Exit code when too much was written.
pub(crate) const EXIT_WROTE_TOO_MUCH: i32 = 123;
/// Exit code when too much memory was used.
pub(crate) const EXIT_OUT_OF_MEMORY: i32 = 124;

/// How the watch over a child ended.
enum End {
    /// By itself.
    Child(ExitStatus),
    /// Nobody waits for it any more.
    LetGo,
    /// Over a bound: exit code and sentence.
    Over(i32, String),
}

/// Run a program to its end as the supervisor; `folders` are those that it writes. Answers the exit code; a program that
/// was ended by a signal ends this process by the same.
///
/// # Errors
/// When the program could not be started.
pub(crate) fn supervise(limits: &Limits, command: &[OsString], folders: &[PathBuf]) -> io::Result<i32> {
    if getppid().map_or(0, |pid| pid.as_raw_nonzero().get()) != limits.parent_pid {
        return Err(io::Error::other("the server that started this process is gone"));
    }
    // Whoever loses its parent becomes a child of this process, also after setsid.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let alone = limits.wants_namespace() && isolate_processes();
    close_memory()?;
    let (leash, theirs) = UnixStream::pair()?;
    let child = if alone {
        start("init", &limits.for_child_of(0, true), command, theirs.into())?
    } else {
        start("program", &limits.for_child_of(own_pid(), false), command, theirs.into())?
    };
    let mut bounds = Bounds { memory_bytes: limits.memory_bytes, folders, looked: Instant::now() };
    let end = watch(child, || bounds.check());
    group::end()?;
    match end? {
        End::Child(status) => Ok(pass_on(if alone { reported(leash).unwrap_or(status) } else { status })),
        End::LetGo => Ok(1),
        End::Over(code, sentence) => {
            let _ = writeln!(io::stderr(), "{STOPPED}{sentence}");
            Ok(code)
        }
    }
}

/// Run a program as the first process of a name space: it ends with this process, by the kernel's hand.
///
/// # Errors
/// When the program could not be started.
pub(crate) fn init(limits: &Limits, command: &[OsString]) -> io::Result<i32> {
    stay_with(limits.parent_pid)?;
    close_memory()?;
    let child = start("program", &limits.for_child_of(own_pid(), true), command, File::open("/dev/null")?.into())?;
    if let End::Child(status) = watch(child, || None)? {
        rustix::io::write(io::stdin(), &status.into_raw().to_ne_bytes())?;
    }
    Ok(0)
}

/// Start this binary in a group of its own, as another stage.
fn start(stage: &str, limits: &Limits, command: &[OsString], stdin: OwnedFd) -> io::Result<Pid> {
    let child = Command::new("/proc/self/exe")
        .arg0("ci-feed")
        .args(stage_args(stage, limits, command))
        .stdin(Stdio::from(stdin))
        .process_group(0)
        .spawn()?;
    Ok(Pid::from_child(&child))
}

/// Wait for the child, the end of standard input, or what `check` says every moment; bury whoever dies meanwhile.
fn watch(child: Pid, mut check: impl FnMut() -> Option<End>) -> io::Result<End> {
    let (stdin, exit) = (io::stdin(), pidfd_open(child, PidfdFlags::empty()).ok());
    let pause = Timespec::try_from(COUNT_EVERY).map_err(io::Error::other)?;
    loop {
        let mut events = vec![PollFd::new(&stdin, PollFlags::IN)];
        events.extend(exit.as_ref().map(|exit| PollFd::new(exit, PollFlags::IN)));
        match poll(&mut events, Some(&pause)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let let_go = !events[0].revents().is_empty();
        while let Ok(Some((dead, status))) = rustix::process::wait(WaitOptions::NOHANG) {
            if dead == child {
                return Ok(End::Child(ExitStatus::from_raw(status.as_raw())));
            }
        }
        if let_go {
            return Ok(End::LetGo);
        }
        if let Some(end) = check() {
            return Ok(end);
        }
    }
}

struct Bounds<'a> {
    memory_bytes: u64,
    folders: &'a [PathBuf],
    looked: Instant,
}

impl Bounds<'_> {
    fn check(&mut self) -> Option<End> {
        let used = group::count();
        if used.processes > MAX_PROCESSES || used.threads > MAX_THREADS {
            let sentence = format!("it ran more than {MAX_PROCESSES} processes or {MAX_THREADS} threads at once");
            return Some(End::Over(EXIT_TOO_MANY_PROCESSES, sentence));
        }
        if used.resident_bytes > self.memory_bytes && group::shared_fairly() > self.memory_bytes {
            let sentence = format!("all its processes together used more than {} MiB", self.memory_bytes >> 20);
            return Some(End::Over(EXIT_OUT_OF_MEMORY, sentence));
        }
        if self.looked.elapsed() > LOOK_EVERY {
            let (bytes, entries) = folder::size(self.folders, MAX_WRITTEN_ENTRIES);
            if bytes > MAX_WRITTEN_BYTES || entries > MAX_WRITTEN_ENTRIES {
                let sentence =
                    format!("it wrote more than {} MiB or {MAX_WRITTEN_ENTRIES} files", MAX_WRITTEN_BYTES >> 20);
                return Some(End::Over(EXIT_WROTE_TOO_MUCH, sentence));
            }
            self.looked = Instant::now();
        }
        None
    }
}

/// What the first process of the name space said of the program.
fn reported(mut leash: UnixStream) -> Option<ExitStatus> {
    let mut raw = [0; 4];
    leash.read_exact(&mut raw).ok()?;
    Some(ExitStatus::from_raw(i32::from_ne_bytes(raw)))
}

/// The program's exit code, or its signal on this process.
fn pass_on(status: ExitStatus) -> i32 {
    if let Some(signal) = status.signal().and_then(Signal::from_named_raw) {
        // Rust's own handler of SIGSEGV and SIGBUS steps aside at the first.
        for _ in 0..2 {
            let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
        }
    }
    // A signal that this process ignores, as a shell would say it.
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}
