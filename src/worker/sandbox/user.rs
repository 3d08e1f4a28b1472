//! Who a child is: a user of its own where the server is root, and in any case nobody with privileges.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Gid, Uid};
use rustix::thread::{CapabilitySet, CapabilitySets};

/// Users that nobody else is: Debian and systemd leave these numbers to nobody.
const USERS: std::ops::Range<u32> = 60_578..61_184;

/// A user for the children of one attempt.
pub(super) fn next() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Several servers on one machine start at different numbers.
    let turn = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id().wrapping_mul(31));
    USERS.start + turn % (USERS.end - USERS.start)
}

/// Whether a user who owns nothing could get there and read it.
pub(in crate::worker) fn is_open_to_all(path: &Path) -> bool {
    let Ok(path) = path.canonicalize() else { return false };
    path.ancestors().enumerate().all(|(up, part)| {
        let wanted = if up == 0 && !part.is_dir() { 0o004 } else { 0o001 };
        part.metadata().is_ok_and(|meta| meta.mode() & wanted == wanted)
    })
}

/// Become a user without groups; there is no way back.
pub(super) fn become_user(id: u32) -> io::Result<()> {
    let (user, group) = (Uid::from_raw(id), Gid::from_raw(id));
    rustix::thread::set_thread_groups(&[])?;
    rustix::thread::set_thread_res_gid(group, group, group)?;
    rustix::thread::set_thread_res_uid(user, user, user)?;
    Ok(())
}

/// What root may and others may not.
pub(super) fn drop_capabilities() -> io::Result<()> {
    let none = CapabilitySet::empty();
    rustix::thread::set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    // Kernels older than the ambient set have nothing to clear.
    let _ = rustix::thread::clear_ambient_capability_set();
    Ok(())
}
