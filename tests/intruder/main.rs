//! An analyzer that tries everything that the sandbox is there to prevent, and reports what came of it.
//!
//! `ci-feed-intruder MODE SRC OUT`: MODE `all` tries each thing once and leaves `summary.json`; the others do one thing to
//! the end. SRC/target.json says where the server is.

#![expect(clippy::unwrap_used, reason = "a program for tests: a panic is the report")]
#![expect(unsafe_code, reason = "calls that no safe library offers are what is tried here")]

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use serde_json::{Map, Value, json};

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let (mode, src, out) = (&arguments[1], Path::new(&arguments[2]), Path::new(&arguments[3]));
    match mode.as_str() {
        "all" => {
            let target = serde_json::from_slice(&fs::read(src.join("target.json")).unwrap()).unwrap();
            fs::write(out.join("summary.json"), json!({ "tried": tried(&target) }).to_string()).unwrap();
        }
        "machine" => {
            let answer = unsafe { libc::reboot(libc::LINUX_REBOOT_CMD_CAD_OFF) };
            panic!("the kernel answered {answer} to a call that no program makes");
        }
        "processes" => crowd(400, "600"),
        "memory" => {
            let this = std::env::current_exe().unwrap();
            let hog = |_| Command::new(&this).args(["hog", ".", "."]).spawn().unwrap();
            let mut hogs: Vec<_> = (0..4).map(hog).collect();
            hogs.iter_mut().for_each(|hog| drop(hog.wait()));
        }
        "hog" => {
            let held = vec![1_u8; 160 << 20];
            std::thread::sleep(Duration::from_secs(600));
            drop(std::hint::black_box(held));
        }
        "disk" => {
            for n in 0..20 {
                let file = File::create(out.join(n.to_string())).unwrap();
                rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, 60 << 20).unwrap();
            }
            std::thread::sleep(Duration::from_secs(600));
        }
        // Leaves the group and the session, keeps standard output open, and goes on without its parent.
        "escape" => {
            let mark = fs::read_to_string(src.join("mark")).unwrap();
            let script = format!("setsid sh -c 'sleep {} & sleep {}' & sleep 0.2", mark.trim(), mark.trim());
            Command::new("sh").args(["-c", &script]).status().unwrap();
            if fs::exists(src.join("stay")).unwrap() {
                std::thread::sleep(Duration::from_secs(600));
            }
            fs::write(out.join("summary.json"), "{}").unwrap();
        }
        other => panic!("no such mode: {other}"),
    }
}

fn crowd(size: usize, seconds: &str) {
    let start = |_| Command::new("sleep").arg(seconds).spawn().ok();
    let mut crowd: Vec<_> = (0..size).map_while(start).collect();
    crowd.iter_mut().for_each(|child| drop(child.wait()));
}

/// Each attempt's name, and "denied" or what it got.
fn tried(target: &Value) -> Map<String, Value> {
    let server = Pid::from_raw(i32::try_from(target["pid"].as_i64().unwrap()).unwrap()).unwrap();
    let path = |name: &str| PathBuf::from(target[name].as_str().unwrap());
    let pid = server.as_raw_nonzero().get();
    let mut tried = Map::new();
    let mut note = |name: &str, result: io::Result<String>| {
        let said = result.map_or_else(|_| "denied".to_owned(), |got| format!("DONE: {got}"));
        tried.insert(name.to_owned(), json!(said));
    };
    let done = || "done".to_owned();
    let opened = |path: PathBuf| File::open(path).map(|_| "opened".to_owned());

    note("read the environment of the server", fs::read(format!("/proc/{pid}/environ")).map(|_| done()));
    note("open the memory of the server", opened(format!("/proc/{pid}/mem").into()));
    note("list the open files of the server", fs::read_dir(format!("/proc/{pid}/fd")).map(|_| done()));
    note("read any environment", any_environment());
    note("read the database", opened(path("database")));
    note("list the folder of the server", fs::read_dir(path("folder")).map(|_| done()));
    note("read passwords", opened("/etc/shadow".into()));
    note("write beside the server", File::create(path("folder").join("planted")).map(|_| done()));
    note("write to /tmp", File::create(format!("/tmp/planted-{pid}")).map(|_| done()));
    note("write the sources", File::create(path("src").join("planted")).map(|_| done()));
    note("swap the output folder", fs::rename(path("out"), path("out").with_file_name("away")).map(|()| done()));
    note("connect by TCP", TcpStream::connect(target["address"].as_str().unwrap()).map(|_| done()));
    note("listen on TCP", TcpListener::bind("127.0.0.1:0").map(|_| done()));
    note("send by UDP", udp());
    note("listen on a local socket", UnixListener::bind(path("out").join("socket")).map(|_| done()));
    note("kill the server", rustix::process::kill_process(server, Signal::KILL).map(|()| done()).map_err(Into::into));
    note("stop the server's group", {
        rustix::process::kill_process_group(server, Signal::STOP).map(|()| done()).map_err(Into::into)
    });
    note("trace the server", call(unsafe { libc::ptrace(libc::PTRACE_ATTACH, pid, 0, 0) }));
    note("limit the server", {
        let limit = rustix::process::Rlimit { current: Some(8), maximum: Some(8) };
        let limited = rustix::process::prlimit(Some(server), rustix::process::Resource::Nofile, limit);
        limited.map(|_| done()).map_err(Into::into)
    });
    note("slow the server", {
        rustix::process::setpriority_process(Some(server), 19).map(|()| done()).map_err(Into::into)
    });
    for (name, opened) in [("by name", false), ("by a descriptor for neither", true)] {
        note(
            &format!("open the folder and the database to all, {name}"),
            rights(&[path("folder"), path("database")], opened),
        );
    }
    note(
        "set the time of the database",
        changed(&path("database"), |path| {
            let times = rustix::fs::Timestamps {
                last_access: rustix::fs::Timespec { tv_sec: 1, tv_nsec: 0 },
                last_modification: rustix::fs::Timespec { tv_sec: 1, tv_nsec: 0 },
            };
            let _ = rustix::fs::utimensat(rustix::fs::CWD, path, &times, rustix::fs::AtFlags::empty());
        }),
    );
    note("put an attribute on the database", {
        let set = rustix::fs::setxattr(path("database"), "user.planted", b"x", rustix::fs::XattrFlags::empty());
        set.map(|()| done()).map_err(Into::into)
    });
    note("leave memory behind", call(unsafe { libc::shmget(libc::IPC_PRIVATE, 4096, 0o600) }.into()));
    note("leave a semaphore behind", call(unsafe { libc::semget(libc::IPC_PRIVATE, 1, 0o600) }.into()));
    note("leave a queue behind", call(unsafe { libc::msgget(libc::IPC_PRIVATE, 0o600) }.into()));
    note("have memory in no process", call(unsafe { libc::memfd_create(c"planted".as_ptr(), 0) }.into()));
    note("make a name space", call(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS) }.into()));
    note("change the root", std::os::unix::fs::chroot(path("out")).map(|()| done()));
    note("keep a capability", {
        let held = rustix::thread::capabilities(None).unwrap();
        if held.permitted.is_empty() && held.effective.is_empty() {
            Err(io::ErrorKind::NotFound.into())
        } else {
            Ok(done())
        }
    });
    note("gain privileges by a program", {
        if rustix::thread::no_new_privs().unwrap() { Err(io::ErrorKind::NotFound.into()) } else { Ok(done()) }
    });
    tried.insert("user".into(), json!(rustix::process::geteuid().as_raw()));
    tried.insert("shell".into(), json!(shell()));
    tried
}

fn call(answer: libc::c_long) -> io::Result<String> {
    if answer < 0 { Err(io::Error::last_os_error()) } else { Ok(format!("answered {answer}")) }
}

/// Rights and time of a file, before and after; that a call says that it is done means nothing.
fn changed(path: &Path, change: impl FnOnce(&Path)) -> io::Result<String> {
    use std::os::unix::fs::MetadataExt as _;
    let now = || fs::metadata(path).map(|is| (is.mode(), is.atime().min(1000)));
    let before = now()?;
    change(path);
    let after = now()?;
    if before == after { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(format!("{before:?} is {after:?}")) }
}

fn rights(paths: &[PathBuf], opened: bool) -> io::Result<String> {
    let mut came = Err(io::ErrorKind::PermissionDenied.into());
    for path in paths {
        came = came.or(changed(path, |path| {
            let name = std::ffi::CString::new(path.as_os_str().as_encoded_bytes()).unwrap();
            unsafe {
                if opened {
                    // Neither for reading nor for writing.
                    libc::fchmod(libc::open(name.as_ptr(), 3), 0o777);
                } else {
                    libc::chmod(name.as_ptr(), 0o777);
                }
            }
        }));
    }
    came
}

fn any_environment() -> io::Result<String> {
    let pids = fs::read_dir("/proc")?.flatten();
    let mut environments = pids.filter_map(|pid| fs::read(pid.path().join("environ")).ok());
    environments.next().map(|_| "somebody's".to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
}

fn udp() -> io::Result<String> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.send_to(b"x", "127.0.0.1:53")?;
    Ok("sent".into())
}

/// What an ordinary analyzer does must still work.
fn shell() -> String {
    let scratch = std::env::temp_dir().join("scratch file");
    let script = "set -e; echo \"$0\" > \"$1\"; cat \"$1\" | sort | head -n 1; ls /usr > /dev/null; sleep 0.01 & wait; kill -0 $$";
    let output = Command::new("sh").args(["-c", script, "works"]).arg(&scratch).process_group(0).output().unwrap();
    let _ = io::stderr().write_all(&output.stderr);
    format!("{}{}", String::from_utf8_lossy(&output.stdout).trim(), if output.status.success() { "" } else { " not" })
}
