//! Seccomp: which calls into the kernel a child can make. What an ordinary program may try answers EPERM, so that it goes
//! on without; what none tries ends it.

use std::io;

use libc::{c_long, *};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter, sock_filter,
};

use super::Kind;

/// Calls that change the machine itself.
const NO_PROGRAM_MAKES: &[c_long] = &[
    SYS_acct,
    SYS_delete_module,
    SYS_finit_module,
    SYS_init_module,
    SYS_kexec_load,
    SYS_quotactl,
    SYS_reboot,
    SYS_setdomainname,
    SYS_sethostname,
    SYS_settimeofday,
    SYS_swapoff,
    SYS_swapon,
    SYS_vhangup,
];
/// Calls that reach other processes, other name spaces, or much of the kernel.
const REFUSED: &[c_long] = &[
    // Other processes.
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_process_mrelease,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_migrate_pages,
    SYS_move_pages,
    // Name spaces and mounts.
    SYS_unshare,
    SYS_setns,
    SYS_chroot,
    SYS_pivot_root,
    SYS_mount,
    SYS_umount2,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_move_mount,
    SYS_open_tree,
    SYS_mount_setattr,
    SYS_open_by_handle_at,
    SYS_fanotify_init,
    // The kernel's own.
    SYS_add_key,
    SYS_keyctl,
    SYS_request_key,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_syslog,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
];
/// Memory that outlives who made it, or that lies in no process, and what processes of one user share by number.
const SHARED_BY_NUMBER: &[c_long] = &[
    SYS_shmget,
    SYS_shmat,
    SYS_shmctl,
    SYS_semget,
    SYS_semop,
    SYS_semtimedop,
    SYS_semctl,
    SYS_msgget,
    SYS_msgsnd,
    SYS_msgrcv,
    SYS_msgctl,
    SYS_mq_open,
    SYS_mq_unlink,
];
/// Rights, owners and times of files. Landlock does not cover them, and where a child is the server's user the server's
/// files are its own. They answer as if they were done: copying and unpacking programs end where they are refused.
const OF_FILES: &[c_long] = &[
    #[cfg(target_arch = "x86_64")]
    SYS_chmod,
    SYS_fchmod,
    SYS_fchmodat,
    SYS_fchmodat2,
    #[cfg(target_arch = "x86_64")]
    SYS_chown,
    #[cfg(target_arch = "x86_64")]
    SYS_lchown,
    SYS_fchown,
    SYS_fchownat,
    #[cfg(target_arch = "x86_64")]
    SYS_utime,
    #[cfg(target_arch = "x86_64")]
    SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    SYS_futimesat,
    SYS_utimensat,
];
/// Further attributes, which no program relies on. Access lists are among them.
const ATTRIBUTES: &[c_long] = &[
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    SETXATTRAT,
    REMOVEXATTRAT,
    FILE_SETATTR,
];
/// Calls that the C library's list of today lacks; their numbers are the same on all machines.
const SETXATTRAT: c_long = 463;
const REMOVEXATTRAT: c_long = 466;
const FILE_SETATTR: c_long = 469;
/// The same attributes by `ioctl`: FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS, FS_IOC_FSSETXATTR.
const SET_FLAGS: [c_int; 3] = [0x4008_6602, 0x4004_6602, 0x401c_5820];
/// Calls whose first argument is a process, 0 for the caller: others' limits and priorities are none of a child's business.
const OF_ANOTHER_PROCESS: &[c_long] =
    &[SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setattr, SYS_sched_setparam, SYS_sched_setscheduler];
/// Name spaces that a new process could be in.
const NEW_NAMESPACES: c_int =
    CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS;

type Rules = Vec<(c_long, Vec<SeccompRule>)>;

/// Restrict this thread and all that it starts; answers whether the kernel can. `own_user`: no file of the server is its own.
pub(super) fn restrict(kind: &Kind, own_user: bool) -> io::Result<bool> {
    // Not a processor that seccompiler knows; health says that there is no seccomp.
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else { return Ok(false) };
    let own = !matches!(kind, Kind::Program);
    let mut never = always(NO_PROGRAM_MAKES);
    let mut refused = always(REFUSED);
    refused.extend(always(SHARED_BY_NUMBER));
    let other = |argument, is: i32| any(&[arg(argument, SeccompCmpOp::Ne, is)]);
    refused.extend(OF_ANOTHER_PROCESS.iter().map(|call| (*call, vec![other(0, 0)])));
    // PRIO_PROCESS and IOPRIO_WHO_PROCESS, of the caller.
    refused.push((SYS_setpriority, vec![other(0, 0), other(1, 0)]));
    refused.push((SYS_ioprio_set, vec![other(0, 1), other(1, 0)]));
    refused.push((SYS_socketpair, vec![other(0, AF_UNIX)]));
    match kind {
        Kind::Fetch { .. } => {
            let families = [AF_INET, AF_INET6, AF_NETLINK].map(|family| arg(0, SeccompCmpOp::Ne, family));
            refused.push((SYS_socket, vec![any(&families)]));
            refused.extend(always(&[SYS_listen, SYS_accept, SYS_accept4]));
        }
        Kind::Offline | Kind::Program => refused.extend(always(&[SYS_socket])),
    }
    let new_namespaces = (0..32).map(|bit| 1 << bit).filter(|flag| NEW_NAMESPACES & flag != 0);
    let new_namespaces = new_namespaces.map(|flag| any(&[has(0, flag, flag)]));
    if own {
        // A thread is all that our own code starts.
        never.extend(always(&[SYS_execve, SYS_execveat]));
        never.push((SYS_clone, vec![any(&[has(0, CLONE_THREAD, 0)])]));
        #[cfg(target_arch = "x86_64")]
        never.extend(always(&[SYS_fork, SYS_vfork]));
        // It may end itself, by abort, and nobody else.
        let this = i32::try_from(std::process::id()).unwrap_or_default();
        refused.extend([SYS_kill, SYS_tgkill].map(|call| (call, vec![other(0, this)])));
        refused.extend(always(&[SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal]));
    } else {
        refused.push((SYS_clone, new_namespaces.collect()));
    }
    // Flags of clone3 lie in memory, and the C library falls back to clone; memory of memfd_create is in no process.
    let not_there = always(&[SYS_clone3, SYS_memfd_create, SYS_memfd_secret]);
    let (of_files, attributes) = if own_user { (Rules::new(), Rules::new()) } else { of_files() };
    let filters = [
        (of_files, SeccompAction::Errno(0)),
        (attributes, SeccompAction::Errno(EOPNOTSUPP as u32)),
        (never, SeccompAction::KillProcess),
        (refused, SeccompAction::Errno(EPERM as u32)),
        (not_there, SeccompAction::Errno(ENOSYS as u32)),
    ];
    for (rules, action) in filters.into_iter().filter(|(rules, _)| !rules.is_empty()) {
        let filter = SeccompFilter::new(rules.into_iter().collect(), SeccompAction::Allow, action, arch);
        let program: BpfProgram = filter.and_then(TryInto::try_into).map_err(|error| failed(&error))?;
        match apply_filter(&with_other_tables(program)) {
            Ok(()) => {}
            Err(seccompiler::Error::Seccomp(error)) if matches!(error.raw_os_error(), Some(EINVAL | ENOSYS)) => {
                return Ok(false);
            }
            Err(error) => return Err(failed(&error)),
        }
    }
    Ok(true)
}

/// Rules for what answers as done, and for what no file system here supports.
fn of_files() -> (Rules, Rules) {
    let mut attributes = always(ATTRIBUTES);
    attributes.push((SYS_ioctl, SET_FLAGS.iter().map(|flags| any(&[arg(1, SeccompCmpOp::Eq, *flags)])).collect()));
    (always(OF_FILES), attributes)
}

fn failed(error: &dyn std::error::Error) -> io::Error {
    io::Error::other(format!("seccomp: {error}"))
}

fn always(calls: &[c_long]) -> Rules {
    calls.iter().map(|call| (*call, Vec::new())).collect()
}

/// All of them at once.
fn any(conditions: &[SeccompCondition]) -> SeccompRule {
    SeccompRule::new(conditions.to_vec()).expect("a rule has conditions")
}

fn arg(index: u8, op: SeccompCmpOp, value: c_int) -> SeccompCondition {
    SeccompCondition::new(index, SeccompCmpArgLen::Dword, op, u64::from(value.cast_unsigned())).expect("a call has six")
}

/// The bits of `mask` are those of `value`.
fn has(index: u8, mask: c_int, value: c_int) -> SeccompCondition {
    arg(index, SeccompCmpOp::MaskedEq(u64::from(mask.cast_unsigned())), value)
}

/// x86-64 kernels may offer every call a second time, from this number on (x32); rules for the first do not meet it.
fn with_other_tables(program: BpfProgram) -> BpfProgram {
    const X32: u32 = 0x4000_0000;
    if !cfg!(target_arch = "x86_64") {
        return program;
    }
    let step = |code, jt, jf, k| sock_filter { code, jt, jf, k };
    let load_number = step((BPF_LD | BPF_W | BPF_ABS) as u16, 0, 0, 0);
    let below = step((BPF_JMP | BPF_JGE | BPF_K) as u16, 0, 1, X32);
    let end = step((BPF_RET | BPF_K) as u16, 0, 0, SECCOMP_RET_KILL_PROCESS);
    [load_number, below, end].into_iter().chain(program).collect()
}
