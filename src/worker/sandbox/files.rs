//! Landlock: which files a child can open, which ports it can reach, and that signals stay within.

use std::io;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, LandlockStatus, NetPort, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr as _, RulesetError, Scope, make_bitflags, path_beneath_rules,
};

use super::{Kind, Walls};

/// What of the machine every program may look at: how much of it there is.
const MACHINE: &[&str] = &[
    "/dev/zero",
    "/dev/random",
    "/dev/urandom",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/loadavg",
    "/proc/uptime",
    "/proc/version",
    "/proc/filesystems",
    "/proc/sys/kernel",
    "/proc/sys/vm",
    "/proc/self/cgroup",
    "/proc/self/mountinfo",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/fs/cgroup",
    "/sys/kernel/mm/transparent_hugepage",
];
/// Programs and libraries.
const SYSTEM: &[&str] = &["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store"];
/// What programs and libraries read of the machine's settings; nothing here is secret.
const SETTINGS: &[&str] = &[
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/crypto-policies",
    "/etc/debian_version",
    "/etc/dotnet",
    "/etc/fonts",
    "/etc/gai.conf",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/locale.alias",
    "/etc/localtime",
    "/etc/magic",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/perl",
    "/etc/php",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/tls/openssl.cnf",
    "/etc/protocols",
    "/etc/resolv.conf",
    "/etc/services",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
];
/// Folders of `/etc` that carry a version in their names.
const VERSIONED: &[&str] = &["java", "python", "ruby"];

/// Files as of Linux 6.10: what later kernels add is neither handled nor needed.
const FILES: ABI = ABI::V5;

/// Restrict this thread and all that it starts; answers the kernel's version of Landlock, 0 for none.
pub(super) fn restrict(walls: &Walls) -> io::Result<u8> {
    let status = rules(walls).map_err(|error| io::Error::other(format!("Landlock: {error}")))?;
    Ok(match status {
        LandlockStatus::Available { effective_abi, .. } => effective_abi as u8,
        _ => 0,
    })
}

fn rules(walls: &Walls) -> Result<LandlockStatus, RulesetError> {
    let read = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    let run = read | AccessFs::Execute;
    let all = AccessFs::from_all(FILES);
    let null = make_bitflags!(AccessFs::{ReadFile | WriteFile | Truncate | IoctlDev});
    let (system, ports): (BitFlags<AccessFs>, &[u16]) = match &walls.kind {
        Kind::Offline => (BitFlags::EMPTY, &[]),
        // Names are resolved by libraries that are loaded then.
        Kind::Fetch { ports } => (read, ports),
        Kind::Program => (run, &[]),
    };
    let mut ruleset = Ruleset::default()
        .handle_access(all)?
        .handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?
        .scope(Scope::AbstractUnixSocket | Scope::Signal)?
        .create()?
        .add_rules(path_beneath_rules(["/dev/null"], null))?
        .add_rules(path_beneath_rules(MACHINE, read))?
        .add_rules(path_beneath_rules(&walls.read, if system.is_empty() { read } else { run }))?
        .add_rules(path_beneath_rules(&walls.write, all))?;
    if !system.is_empty() {
        ruleset = ruleset
            .add_rules(path_beneath_rules(SYSTEM, system))?
            .add_rules(path_beneath_rules(SETTINGS, read))?
            .add_rules(path_beneath_rules(versioned(Path::new("/etc")), read))?;
    }
    for port in ports {
        ruleset = ruleset.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    Ok(ruleset.restrict_self()?.landlock)
}

fn versioned(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let wanted = |name: &str| VERSIONED.iter().any(|start| name.starts_with(start));
    entries.filter(|entry| entry.file_name().to_str().is_some_and(wanted)).map(|entry| entry.path()).collect()
}
