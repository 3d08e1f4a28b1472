//! One supervised child: fetch and every analyzer run under it, never inside the server.
//!
//! Own process group, cleared environment plus an explicit list, capped output, a deadline after which the whole group
//! is killed. The child limits itself further before it opens any input: see `sandbox.rs`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

use crate::failpoint;

/// Output that is kept of each stream; the rest is read and dropped.
const MAX_OUTPUT_BYTES: usize = 1 << 20;
/// Time for a supervisor to end all that it started.
const LEASH_TIME: Duration = Duration::from_secs(3);
/// Longest line that is looked at for progress.
const MAX_LINE_BYTES: usize = 64 << 10;

/// What to run.
#[derive(Debug)]
pub(crate) struct ChildSpec {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) cwd: PathBuf,
    /// Written to its standard input, which is then closed. Secrets go this way: not in arguments, not in the environment.
    pub(crate) stdin: Vec<u8>,
    /// Standard input stays open instead: its end tells the child, a supervisor, to end all that it started.
    pub(crate) leash: bool,
}

/// Exit status and output.
#[derive(Debug)]
pub(crate) struct ChildOutput {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// Why there is no exit status. In every case the whole process group is dead.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChildError {
    #[error("the program could not be started")]
    Spawn(#[source] io::Error),
    #[error("this attempt exceeded its time limit")]
    TimedOut,
    #[error("the work was cancelled")]
    Cancelled,
}

/// Kills the group when the supervisor leaves, by whatever way.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It fails only when nobody is left, which is what is wanted.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Run a child to its end, the deadline or cancellation; `on_line` sees each line of its standard output.
pub(crate) async fn supervise(
    spec: ChildSpec,
    deadline: Instant,
    cancel: &CancellationToken,
    on_line: impl FnMut(&str) + Send,
) -> Result<ChildOutput, ChildError> {
    // `fetch-commit`, `checkout`, `confine` or `analyze`: before it is there and while it runs.
    let name = spec.args.first().map(|arg| arg.to_string_lossy()).unwrap_or_default();
    failpoint::reach(&format!("spawn.{name}")).await.map_err(ChildError::Spawn)?;
    let mut child = spawn(&spec).map_err(ChildError::Spawn)?;
    let group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    failpoint::reach(&format!("child.{name}")).await.map_err(ChildError::Spawn)?;
    let mut stdin = child.stdin.take();
    let result = tokio::select! {
        output = converse(&mut child, &mut stdin, &spec, on_line, &group) => output.map_err(ChildError::Spawn),
        () = tokio::time::sleep_until(deadline) => Err(ChildError::TimedOut),
        () = cancel.cancelled() => Err(ChildError::Cancelled),
    };
    drop(stdin);
    if result.is_err() && spec.leash {
        let _ = tokio::time::timeout(LEASH_TIME, child.wait()).await;
    }
    drop(group);
    if result.is_err() {
        let _ = child.wait().await;
    }
    result
}

fn spawn(spec: &ChildSpec) -> io::Result<Child> {
    // Spawned from a runtime worker: those threads live as long as the process, and the parent-death signal that the
    // child asks for follows the spawning thread.
    Command::new(&spec.program)
        .args(&spec.args)
        .env_clear()
        .envs(&spec.env)
        .current_dir(&spec.cwd)
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
}

async fn converse(
    child: &mut Child,
    stdin: &mut Option<ChildStdin>,
    spec: &ChildSpec,
    on_line: impl FnMut(&str) + Send,
    group: &Group,
) -> io::Result<ChildOutput> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let write = async {
        if let Some(pipe) = stdin {
            // A child that does not read its input ends by itself; its exit says more than a broken pipe.
            let _ = pipe.write_all(&spec.stdin).await;
        }
        if !spec.leash {
            *stdin = None;
        }
    };
    let wait = async {
        let status = child.wait().await;
        // Whatever it left behind would hold the pipes open.
        if let Some(group) = group.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
        status
    };
    let ((), status, stdout, stderr) = tokio::join!(write, wait, drain(stdout, on_line), drain(stderr, |_| {}));
    Ok(ChildOutput { status: status?, stdout: stdout?, stderr: stderr? })
}

/// Read a stream to its end, keeping the first [`MAX_OUTPUT_BYTES`].
async fn drain(stream: Option<impl AsyncRead + Unpin>, mut on_line: impl FnMut(&str)) -> io::Result<Vec<u8>> {
    let (mut kept, mut line) = (Vec::new(), Vec::new());
    let Some(mut stream) = stream else { return Ok(kept) };
    let mut chunk = vec![0; 16 << 10];
    loop {
        let n = stream.read(&mut chunk).await?;
        if n == 0 {
            return Ok(kept);
        }
        let room = MAX_OUTPUT_BYTES - kept.len();
        kept.extend_from_slice(&chunk[..n.min(room)]);
        for &byte in &chunk[..n] {
            if byte == b'\n' {
                on_line(&String::from_utf8_lossy(&line));
                line.clear();
            } else if line.len() < MAX_LINE_BYTES {
                line.push(byte);
            }
        }
    }
}
