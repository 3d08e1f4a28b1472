//! Processes of this machine, seen through `/proc`: who froze, who is left, what a child was given.

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use super::server::until;

/// Send a signal to a process that the test started.
pub(crate) fn send(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

/// Wait until a process is stopped by SIGSTOP.
pub(crate) async fn until_frozen(pid: u32) {
    until(|| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" T"))
    })
    .await;
}

/// Ids of the processes whose working folder lies in `folder`, also when it has been removed since.
pub(crate) fn working_in(folder: &Path) -> Vec<u32> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let inside = |pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(folder));
    pids.filter(inside).collect()
}

/// What a process was given as environment.
pub(crate) fn environment(pid: u32) -> String {
    String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default()).into_owned()
}

/// A size that the system notes of a process, such as `VmRSS`, in MiB.
pub(crate) fn status_mib(pid: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10
}
