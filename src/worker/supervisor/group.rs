//! Everybody below this process, by /proc: how many they are, what they use, and their end.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process};

/// How long dying processes are waited for; one in a call that cannot be interrupted may take longer.
const END_TIME: Duration = Duration::from_secs(2);

/// What all of them use.
#[derive(Default)]
pub(super) struct Use {
    pub(super) processes: usize,
    pub(super) threads: u64,
    /// Shared pages count for each.
    pub(super) resident_bytes: u64,
}

struct Process {
    pid: i32,
    parent: i32,
    is_dead: bool,
    threads: u64,
    resident_pages: u64,
}

/// Count once.
pub(super) fn count() -> Use {
    let page = rustix::param::page_size() as u64;
    let mut used = Use::default();
    for process in below() {
        used.processes += 1;
        used.threads += process.threads;
        used.resident_bytes += process.resident_pages * page;
    }
    used
}

/// Resident memory with each shared page divided among those who share it. Slower, for when the fast sum is too much.
pub(super) fn shared_fairly() -> u64 {
    let page = rustix::param::page_size() as u64;
    let of = |process: &Process| {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.pid)).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
    };
    below().iter().map(|process| of(process).unwrap_or(process.resident_pages * page)).sum()
}

/// Kill all of them, and those that they start meanwhile, until nobody is left.
pub(super) fn end() -> io::Result<()> {
    let started = Instant::now();
    loop {
        while let Ok(Some(_)) = rustix::process::wait(WaitOptions::NOHANG) {}
        let alive: Vec<_> = below().into_iter().filter(|process| !process.is_dead).collect();
        if alive.is_empty() {
            return Ok(());
        }
        for pid in alive.iter().filter_map(|process| Pid::from_raw(process.pid)) {
            let _ = kill_process(pid, Signal::KILL);
        }
        if started.elapsed() > END_TIME {
            return Err(io::Error::other("some of the analyzer's processes do not end"));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// All descendants of this process.
fn below() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let mut others: Vec<Process> = pids.filter_map(read).collect();
    let mut parents = vec![rustix::process::getpid().as_raw_nonzero().get()];
    let mut found = Vec::new();
    while let Some(parent) = parents.pop() {
        let (children, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|process| process.parent == parent);
        parents.extend(children.iter().map(|child| child.pid));
        found.extend(children);
        others = rest;
    }
    found
}

/// proc(5): the name, in parentheses, may hold anything; after it state, parent, ... in fixed places.
fn read(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        is_dead: matches!(*fields.first()?, "Z" | "X"),
        threads: number(17)?,
        resident_pages: number(21)?,
    })
}
