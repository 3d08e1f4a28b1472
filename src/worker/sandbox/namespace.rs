//! Processes in a name space of their own: they end with its first process, whatever they do, and cannot name any other.

use std::fs;

use rustix::process::{getgid, getuid};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Let the children that this process starts from now on be in a name space of their own. `false`: the kernel, or who
/// set this machine up, does not allow it.
#[expect(unsafe_code, reason = "unsafe for CLONE_FILES, which is not among the flags; this process has one thread")]
pub(crate) fn isolate_processes() -> bool {
    if unsafe { unshare_unsafe(UnshareFlags::NEWPID) }.is_ok() {
        return true;
    }
    let (user, group) = (getuid().as_raw(), getgid().as_raw());
    // Who is not root needs a name space of users around it, in which everybody stays who they are.
    if unsafe { unshare_unsafe(UnshareFlags::NEWUSER | UnshareFlags::NEWPID) }.is_err() {
        return false;
    }
    // Without a map everybody is nobody. Then the probe says that there are no name spaces, and nobody tries again.
    [
        ("setgroups", "deny".to_owned()),
        ("uid_map", format!("{user} {user} 1")),
        ("gid_map", format!("{group} {group} 1")),
    ]
    .iter()
    .all(|(file, line)| fs::write(format!("/proc/self/{file}"), line).is_ok())
}
