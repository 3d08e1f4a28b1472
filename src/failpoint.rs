//! Named steps at which a test makes this process die, freeze, wait or fail; see `tests/it/faults/`.
//!
//! Only the feature `failpoints` compiles them in, and only this package's own tests switch it on (`Cargo.toml`,
//! dev-dependencies): in any other build each step is an empty function. Not the `fail` crate: of the four actions it
//! knows neither `abort` nor `stop`, and its `sleep` blocks a thread of the runtime.
//!
//! `CI_FAILPOINTS` arms them: `enqueue.3=abort,settle.committed=error*2,fetched=sleep:500`. A step acts once, or as
//! often as `*n` says.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Clone, Copy)]
enum Action {
    /// kill -9 of this process.
    Abort,
    /// SIGSTOP of this process; goes on after SIGCONT.
    Stop,
    Sleep(Duration),
    Error,
}

#[derive(Debug)]
struct Armed {
    step: String,
    action: Action,
    left: u32,
}

/// This step is reached. The error is one that a test asked for.
pub(crate) async fn reach(step: &str) -> io::Result<()> {
    if cfg!(feature = "failpoints") { act(step).await } else { Ok(()) }
}

/// Counts the statements of a transaction: `enqueue.1`, `enqueue.2` ... are steps that nobody has to name, so that a
/// statement added later is under test at once.
#[derive(Debug)]
pub(crate) struct Steps(#[cfg(feature = "failpoints")] (&'static str, u32));

impl Steps {
    #[cfg_attr(not(feature = "failpoints"), expect(unused_variables, reason = "nothing is counted then"))]
    pub(crate) fn of(what: &'static str) -> Self {
        Self(
            #[cfg(feature = "failpoints")]
            (what, 0),
        )
    }

    /// One more statement has been executed.
    pub(crate) async fn next(&mut self) -> io::Result<()> {
        #[cfg(feature = "failpoints")]
        {
            self.0.1 += 1;
            act(&format!("{}.{}", self.0.0, self.0.1)).await?;
        }
        Ok(())
    }

    /// A step with a name of its own.
    #[cfg_attr(not(feature = "failpoints"), expect(unused_variables, reason = "nothing is reached then"))]
    pub(crate) async fn named(&self, name: &str) -> io::Result<()> {
        #[cfg(feature = "failpoints")]
        act(&format!("{}.{name}", self.0.0)).await?;
        Ok(())
    }
}

async fn act(step: &str) -> io::Result<()> {
    let Some(action) = take(step) else { return Ok(()) };
    match action {
        Action::Abort => {
            kill_process(getpid(), Signal::KILL)?;
            std::future::pending().await
        }
        Action::Stop => {
            // A stop reaches the other threads a moment later than this one goes on: only what thaws it ends the wait.
            let mut thawed = signal(SignalKind::from_raw(Signal::CONT.as_raw()))?;
            kill_process(getpid(), Signal::STOP)?;
            thawed.recv().await;
            Ok(())
        }
        Action::Sleep(time) => {
            tokio::time::sleep(time).await;
            Ok(())
        }
        Action::Error => Err(io::Error::other(format!("the failpoint {step}"))),
    }
}

fn take(step: &str) -> Option<Action> {
    static ARMED: OnceLock<Mutex<Vec<Armed>>> = OnceLock::new();
    let armed = ARMED.get_or_init(|| Mutex::new(armed_by_environment()));
    let mut armed = armed.lock().unwrap_or_else(PoisonError::into_inner);
    let found = armed.iter_mut().find(|armed| armed.step == step && armed.left > 0)?;
    found.left -= 1;
    Some(found.action)
}

fn armed_by_environment() -> Vec<Armed> {
    #[expect(clippy::disallowed_methods, reason = "not a setting: nothing but the tests of this package knows it")]
    let text = std::env::var("CI_FAILPOINTS").unwrap_or_default();
    let one = |spec: &str| {
        let (step, action) = spec.split_once('=')?;
        let (action, left) = action.split_once('*').unwrap_or((action, "1"));
        let action = match action.split_once(':') {
            None if action == "abort" => Action::Abort,
            None if action == "stop" => Action::Stop,
            None if action == "error" => Action::Error,
            Some(("sleep", millis)) => Action::Sleep(Duration::from_millis(millis.parse().ok()?)),
            _ => return None,
        };
        Some(Armed { step: step.to_owned(), action, left: left.parse().ok()? })
    };
    // A test that arms nothing by mistake would prove nothing.
    text.split(',')
        .filter(|spec| !spec.is_empty())
        .map(|spec| one(spec).unwrap_or_else(|| panic!("CI_FAILPOINTS: {spec:?} arms nothing")))
        .collect()
}
