//! A small file system in memory whose size changes while it is used: how tests fill a disk without filling one.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::not_run;

pub(crate) struct Tmpfs {
    folder: TempDir,
}

impl Tmpfs {
    /// Mounting takes root, or sudo that asks nothing, as hosted runners have it. Where neither is there it is said,
    /// and under CI it is a failure.
    pub(crate) fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        if as_root(&["mount", "-t", "tmpfs", "-o", "size=1g,mode=1777", "tmpfs", &path]) {
            return Some(Self { folder });
        }
        not_run("the tests of a full disk", "mounting a tmpfs needs root or sudo");
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leave no room for another page.
    pub(crate) fn fill(&self) {
        let stat = rustix::fs::statvfs(self.path()).unwrap();
        let used = (stat.f_blocks - stat.f_bfree) * stat.f_frsize;
        self.resize(&used.max(4096).to_string());
    }

    /// Room for everything again.
    pub(crate) fn free(&self) {
        self.resize("1g");
    }

    fn resize(&self, size: &str) {
        let path = self.path().display().to_string();
        assert!(as_root(&["mount", "-o", &format!("remount,size={size}"), &path]), "the tmpfs was not resized");
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: a child that is just ending may still stand in it.
        as_root(&["umount", "-l", &self.path().display().to_string()]);
    }
}

fn as_root(command: &[&str]) -> bool {
    let quiet = |program: &str, args: &[&str]| {
        let status = Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    quiet(command[0], &command[1..]) || quiet("sudo", &[&["-n"], command].concat())
}
