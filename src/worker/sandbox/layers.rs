//! Which layers this machine offers: tried once in a child at the start, promised to every child after that, and shown.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Kind, Limits, Walls, user};
use crate::config::{ArtifactsPlace, Config, SandboxMode, sqlite_file};

/// The layers that depend on the kernel and on who the server is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layers {
    /// Version of Landlock; 0 for none, from 4 on TCP, from 6 on signals.
    pub landlock: u8,
    /// Calls into the kernel are filtered.
    pub seccomp: bool,
    /// An external analyzer has a name space of processes of its own.
    pub pid_namespace: bool,
    /// Children are a user of their own.
    pub own_user: bool,
}

/// What `CI_SANDBOX=require` wants and this machine does not offer.
#[derive(Debug, thiserror::Error)]
#[error(
    "CI_SANDBOX is \"require\", but this machine lacks {0}; a newer kernel (6.12 with Landlock) offers it, and CI_SANDBOX=auto starts without"
)]
struct Incomplete(String);

impl Layers {
    /// Whether nothing that was promised is missing.
    pub(super) fn hold(self, promised: &Self) -> io::Result<()> {
        let missing = [
            ("Landlock", self.landlock < promised.landlock),
            ("seccomp", promised.seccomp && !self.seccomp),
            ("a name space of processes", promised.pid_namespace && !self.pid_namespace),
            ("a user of its own", promised.own_user && !self.own_user),
        ];
        match missing.iter().find(|(_, is_missing)| *is_missing) {
            Some((layer, _)) => Err(io::Error::other(format!("the sandbox has lost {layer} since the server started"))),
            None => Ok(()),
        }
    }

    /// What is missing for files, network and the server's life to be safe from a child.
    fn missing(self) -> Vec<&'static str> {
        let wanted = [
            (self.landlock >= 1, "Landlock, which closes files"),
            (self.seccomp || self.landlock >= 4, "seccomp, which closes the network"),
            (
                self.landlock >= 6 || self.pid_namespace || self.own_user,
                "what keeps signals from the server: Landlock 6, a name space of processes, or a user of its own",
            ),
        ];
        wanted.into_iter().filter(|(there, _)| !there).map(|(_, layer)| layer).collect()
    }
}

/// The sandbox of a server's children.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// `None`: CI_SANDBOX is off.
    layers: Option<Layers>,
}

impl Sandbox {
    /// Try every layer in a child of `program`, this binary.
    ///
    /// # Errors
    /// When the child cannot be started or does not answer, or what CI_SANDBOX requires is missing.
    pub async fn probe(program: &Path, config: &Config) -> io::Result<Self> {
        if config.sandbox == SandboxMode::Off {
            return Ok(Self { layers: None });
        }
        let mut command = tokio::process::Command::new(program);
        command.args(["confine", "--stage=probe"]).env_clear().kill_on_drop(true);
        if may_change_user(config) {
            command.arg("--own-user");
        }
        let output = command.output().await?;
        let layers: Layers = serde_json::from_slice(&output.stdout).map_err(|_| {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            io::Error::other(format!("the sandbox could not be tried: {said}"))
        })?;
        match layers.missing() {
            missing if config.sandbox == SandboxMode::Require && !missing.is_empty() => {
                Err(io::Error::other(Incomplete(missing.join(", and "))))
            }
            _ => Ok(Self { layers: Some(layers) }),
        }
    }

    /// Whether files, network and the server are closed to what runs here.
    pub fn isolates(&self) -> bool {
        self.layers.is_some_and(|layers| layers.missing().is_empty())
    }

    /// Which layers protect this machine from what it analyzes, as health and doctor show them.
    pub fn shown(&self) -> BTreeMap<&'static str, bool> {
        let on = self.layers.is_some();
        let layers = self.layers.unwrap_or_default();
        BTreeMap::from([
            ("process_group", true),
            ("cleared_environment", true),
            ("resource_limits", true),
            ("dies_with_parent", true),
            ("supervisor", true),
            ("no_new_privileges", on),
            ("closed_memory", on),
            ("landlock", layers.landlock >= 1),
            ("landlock_network", layers.landlock >= 4),
            ("landlock_signals", layers.landlock >= 6),
            ("seccomp", layers.seccomp),
            ("pid_namespace", layers.pid_namespace),
            ("own_user", layers.own_user),
        ])
    }

    /// The same in one line, for a run.
    pub(crate) fn summary(&self) -> String {
        let Some(layers) = self.layers else { return "off".to_owned() };
        let parts = [
            (layers.landlock > 0).then(|| format!("landlock {}", layers.landlock)),
            layers.seccomp.then(|| "seccomp".to_owned()),
            layers.pid_namespace.then(|| "pid namespace".to_owned()),
            layers.own_user.then(|| "own user".to_owned()),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "limits only".to_owned() } else { parts.join(", ") }
    }

    /// Whether a child's work folder must be reachable for a user who owns nothing else.
    pub(crate) fn changes_user(&self) -> bool {
        self.layers.is_some_and(|layers| layers.own_user)
    }

    /// Who the children of one attempt are; `None`: who the server is.
    pub(crate) fn next_user(&self) -> Option<u32> {
        self.changes_user().then(user::next)
    }

    /// The walls around one child.
    pub(crate) fn walls(
        &self,
        kind: Kind,
        user: Option<u32>,
        read: Vec<PathBuf>,
        write: Vec<PathBuf>,
    ) -> Option<Walls> {
        let layers = self.layers?;
        // Our own code starts no process, so that a name space would be for itself alone.
        let pid_namespace = layers.pid_namespace && matches!(kind, Kind::Program);
        let promised = Layers { pid_namespace, own_user: user.is_some(), ..layers };
        Some(Walls { kind, read, write, user, alone: false, promised })
    }
}

/// The probing child: take on every layer in turn, and say which are on.
///
/// # Errors
/// When a layer that the kernel offers cannot be taken on.
pub fn probe_child(own_user: bool) -> io::Result<String> {
    let alone = super::isolate_processes();
    let own_user = own_user && user::become_user(user::next()).is_ok();
    let promised = Layers::default();
    let walls = Walls { kind: Kind::Program, read: vec![], write: vec![], user: None, alone, promised };
    let parent = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
    let layers = Layers { own_user, ..walls.raise(parent)? };
    Ok(json!(layers).to_string())
}

/// Root only, and only where another user gets to everything that the children need.
fn may_change_user(config: &Config) -> bool {
    let above = config.tmp_dir.ancestors().find(|folder| folder.exists());
    let in_the_way = |path: &Path| !user::is_open_to_all(path);
    rustix::process::geteuid().is_root()
        // git refuses a repository on disk that is somebody else's.
        && !config.github_server_url.starts_with("file://")
        && above.is_some_and(|folder| folder == config.tmp_dir || !in_the_way(folder))
        && config.tmp_dir.parent().is_none_or(|parent| !parent.exists() || !in_the_way(parent))
        && !named_files(config).iter().any(|path| in_the_way(path))
}

/// What an external analyzer may read besides the system: the files that its command names, the folder of its program,
/// and `CI_ANALYZER_READ`.
pub(crate) fn named_files(config: &Config) -> Vec<PathBuf> {
    let words = config.analyzer.iter().flatten().map(PathBuf::from);
    let mut named: Vec<_> = words.filter(|word| word.is_absolute() && word.is_file()).collect();
    if let Some(folder) = named.first().and_then(|program| program.parent()).map(Path::to_owned)
        && config.analyzer.as_ref().is_some_and(|words| Path::new(&words[0]).is_absolute())
        && !ours(config).iter().any(|path| path.starts_with(&folder))
    {
        named.push(folder);
    }
    named.extend(config.analyzer_read.iter().cloned());
    named
}

/// What of the server an external analyzer must not get by lying beside it.
fn ours(config: &Config) -> Vec<PathBuf> {
    let artifacts = match &config.artifacts {
        ArtifactsPlace::Disk(folder) => Some(folder.clone()),
        ArtifactsPlace::Database | ArtifactsPlace::Objects(_) => None,
    };
    let database = sqlite_file(config.database_url.expose());
    let paths = [Some(PathBuf::from(".env")), artifacts, database, Some(config.tmp_dir.clone())];
    paths.into_iter().flatten().filter_map(|path| std::path::absolute(path).ok()).collect()
}

/// The TCP ports that fetching needs: the git server's, the proxy's, and DNS, which changes to TCP for long answers.
pub(crate) fn fetch_ports(config: &Config) -> Vec<u16> {
    let port = |url: &str| {
        let url: axum::http::Uri = url.parse().ok()?;
        url.port_u16().or(match url.scheme_str() {
            Some("http") => Some(80),
            Some("https") => Some(443),
            _ => Some(1080),
        })
    };
    let proxies = config.network_env.iter().filter(|(name, _)| name.to_lowercase().ends_with("_proxy"));
    let proxies = proxies.filter(|(name, _)| !name.to_lowercase().starts_with("no_")).map(|(_, url)| url.as_str());
    [config.github_server_url.as_str()].into_iter().chain(proxies).filter_map(port).chain([53]).collect()
}

impl Limits {
    /// The same for a child of the child.
    pub(crate) fn for_child_of(&self, parent_pid: i32, alone: bool) -> Self {
        let walls = self.walls.clone().map(|walls| Walls { alone, ..walls });
        Self { parent_pid, walls, ..self.clone() }
    }

    /// Whether processes are to be in a name space of their own.
    pub(crate) fn wants_namespace(&self) -> bool {
        self.walls.as_ref().is_some_and(|walls| walls.promised.pid_namespace)
    }
}

/// The arguments of one more stage of `ci-feed confine`.
pub(crate) fn stage_args(stage: &str, limits: &Limits, command: &[OsString]) -> Vec<OsString> {
    let head = ["confine".into(), format!("--stage={stage}").into(), limits.to_arg(), "--".into()];
    head.into_iter().chain(command.iter().cloned()).collect()
}
