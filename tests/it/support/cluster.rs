//! A Postgres server of one test's own, to be stopped, restarted and shot at.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::database::{UNPRIVILEGED, postgres_bin};
use super::free_port;

pub(crate) struct OwnCluster {
    pub(crate) port: u16,
    bin: PathBuf,
    folder: TempDir,
    /// Its standard input closes with this process, however it ends, and then it stops the server.
    _guard: std::process::Child,
}

impl OwnCluster {
    /// `None` where no Postgres server is installed; see [`postgres_bin`].
    pub(crate) fn start() -> Option<Self> {
        let bin = postgres_bin()?;
        let port = free_port();
        let folder = tempfile::Builder::new().prefix("ci-feed-pg-").tempdir_in("/tmp").unwrap();
        let data = folder.path().join("data");
        let script = format!(
            r#"dir="{folder}"
            {UNPRIVILEGED}
            cd "$dir"
            echo "exec $as \"\$@\"" > as
            $as {bin}/initdb -D "{data}" -A trust -U postgres --no-sync >/dev/null 2>&1 && echo ready
            cat >/dev/null
            $as {bin}/pg_ctl -D "{data}" -m immediate stop >/dev/null 2>&1
            rm -rf "$dir""#,
            folder = folder.path().display(),
            bin = bin.display(),
            data = data.display(),
        );
        let mut guard = Command::new("sh")
            .args(["-c", &script])
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(guard.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "ready", "initdb failed");
        let cluster = Self { port, bin, folder, _guard: guard };
        cluster.run();
        Some(cluster)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// A database of the cluster, seen through `address`.
    pub(crate) fn url(address: SocketAddr) -> String {
        format!("postgres://postgres@{address}/postgres")
    }

    /// Start the server; answers when it takes connections.
    pub(crate) fn run(&self) {
        let options = format!("-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off", self.port, self.path(""));
        let log = self.path("server.log");
        assert!(self.pg_ctl(&["-w", "-o", &options, "-l", &log, "start"]), "the cluster did not start");
    }

    /// Stop it: `fast` ends every session, `immediate` is a crash.
    pub(crate) fn stop(&self, how: &str) {
        assert!(self.pg_ctl(&["-w", "-m", how, "stop"]), "the cluster did not stop");
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn pg_ctl(&self, args: &[&str]) -> bool {
        let status = Command::new("sh")
            .args([self.path("as"), self.bin.join("pg_ctl").display().to_string(), "-D".into(), self.path("data")])
            .args(args)
            .current_dir(self.folder.path())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.unwrap().success()
    }
}
