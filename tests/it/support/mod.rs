//! What the tests stand on: both databases, a git server on loopback, real repositories, real servers.

pub(crate) mod bouncer;
pub(crate) mod cluster;
pub(crate) mod database;
pub(crate) mod described;
pub(crate) mod forge;
pub(crate) mod git_server;
pub(crate) mod hub;
pub(crate) mod invariants;
pub(crate) mod objects;
pub(crate) mod payload;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod repo;
pub(crate) mod server;
pub(crate) mod tmpfs;

/// A port of loopback that nobody listens on: for a server that is told its port, or that goes and comes back to it. It
/// lies below the range from which the system gives ports to those who ask for any, connections and listeners alike, so
/// that in the meantime no other test is given it.
pub(crate) fn free_port() -> u16 {
    use std::sync::atomic::{AtomicU16, Ordering};
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    loop {
        // Another run of the tests on this machine begins elsewhere.
        let start = std::process::id() % 20_000;
        let port = 10_000 + (start + u32::from(GIVEN.fetch_add(1, Ordering::Relaxed))) % 20_000;
        let port = u16::try_from(port).expect("below 30,000");
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A file or program that the test run needs, or a loud end under CI.
pub(crate) fn find_program(names: &[&str]) -> Option<std::path::PathBuf> {
    let path = path_variable();
    let folders = path.split(':').map(std::path::PathBuf::from).chain(postgres_folders());
    folders.flat_map(|folder| names.iter().map(move |name| folder.join(name))).find(|file| file.is_file())
}

/// Where programs are looked for.
#[expect(clippy::disallowed_methods, reason = "the tests' own machine, not a setting of the product")]
pub(crate) fn path_variable() -> String {
    std::env::var("PATH").unwrap_or_default()
}

#[expect(clippy::disallowed_methods, reason = "the tests' own machine, not a setting of the product")]
fn under_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// How many cases of a property somebody asked for.
#[expect(clippy::disallowed_methods, reason = "how long the tests run, not a setting of the product")]
pub(crate) fn asked_cases() -> Option<u32> {
    std::env::var("PROPTEST_CASES").ok()?.parse().ok()
}

/// Debian keeps the server's programs out of PATH.
fn postgres_folders() -> Vec<std::path::PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    folders
}

/// Say that something was not run, once, past the test harness's capture; under CI that is a failure instead.
pub(crate) fn not_run(what: &str, why: &str) {
    use std::io::Write as _;
    assert!(!under_ci(), "{what} cannot run: {why}; under CI nothing is skipped");
    static SAID: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap();
    if !said.iter().any(|earlier| earlier == what) {
        said.push(what.to_owned());
        let _ = writeln!(std::io::stderr(), "NOT RUN: {what} ({why}); scripts/test installs it and runs everything");
    }
}
