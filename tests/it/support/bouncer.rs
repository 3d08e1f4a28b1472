//! A transaction pooler of one test's own.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::database::{TestDatabase, UNPRIVILEGED};
use super::{find_program, free_port, not_run};

/// pgbouncer in front of a database; ends with this value.
pub(crate) struct Bouncer {
    pub(crate) url: String,
    _guard: Child,
    _folder: tempfile::TempDir,
}

impl Bouncer {
    /// `None` where it is not installed.
    pub(crate) fn start(database: &TestDatabase, mode: &str, sessions: usize) -> Option<Self> {
        let Some(program) = find_program(&["pgbouncer"]).or_else(|| find_program_in_sbin("pgbouncer")) else {
            not_run("the tests behind a transaction pooler", "pgbouncer is not installed");
            return None;
        };
        let port = free_port();
        let folder = tempfile::Builder::new().prefix("ci-feed-bouncer-").tempdir_in("/tmp").unwrap();
        let (upstream, name) = database.url.rsplit_once('/').unwrap();
        let upstream = upstream.rsplit_once(':').unwrap().1;
        let settings = format!(
            "[databases]\n{name} = host=127.0.0.1 port={upstream} dbname={name} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = {sessions}\nunix_socket_dir =\n"
        );
        std::fs::write(folder.path().join("bouncer.ini"), settings).unwrap();
        // It ends when our end of its input closes.
        let script = format!(
            "dir={}\n{UNPRIVILEGED}\nchmod -R a+rX $dir\n$as {} -q $dir/bouncer.ini >/dev/null 2>&1 & pid=$!\ncat >/dev/null; kill $pid",
            folder.path().display(),
            program.display()
        );
        let guard = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn().unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(std::time::Instant::now() < deadline, "pgbouncer does not listen");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Some(Self { url: format!("postgres://postgres@127.0.0.1:{port}/{name}"), _guard: guard, _folder: folder })
    }
}

fn find_program_in_sbin(name: &str) -> Option<PathBuf> {
    ["/usr/sbin", "/usr/local/sbin"].iter().map(|folder| PathBuf::from(folder).join(name)).find(|file| file.is_file())
}
