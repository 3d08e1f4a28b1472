//! One chromedriver process, and the end of it and of every browser that it started, however the test ends.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{find_program, not_run};

/// The programs that a browser test needs.
pub(super) struct Programs {
    pub(super) chromium: PathBuf,
    chromedriver: PathBuf,
}

/// `None` where this machine lacks one of them; that is said, and under CI it is a failure.
pub(super) fn programs() -> Option<Programs> {
    let chromium = find_program(&["chromium", "chromium-browser", "google-chrome"]);
    let chromedriver = find_program(&["chromedriver"]);
    if let (Some(chromium), Some(chromedriver)) = (chromium, chromedriver) {
        return Some(Programs { chromium, chromedriver });
    }
    not_run("every test in a browser", "Chromium or its chromedriver is not installed");
    None
}

/// The driver, alone in its process group with its browser.
pub(super) struct Driver {
    shell: Child,
    pub(super) url: String,
}

impl Driver {
    /// A driver that listens. It chooses a port by itself, and ends when another process was faster.
    pub(super) fn start(programs: &Programs, home: &Path) -> Self {
        let started = (0..5).find_map(|_| Self::try_start(programs, home));
        started.expect("chromedriver says its port when it has started")
    }

    /// The shell waits on a pipe that closes with this process, so that not even `kill -9` leaves a browser behind. It
    /// holds no end of the pipe that is read here: that one ends with chromedriver.
    fn try_start(programs: &Programs, home: &Path) -> Option<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", r#""$0" --port=0 & exec >/dev/null; cat; kill -KILL 0"#])
            .arg(&programs.chromedriver)
            .env("HOME", home)
            .env("TZ", "UTC")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(shell.stdout.take().unwrap());
        let mut port = None;
        let mut line = String::new();
        while port.is_none() && output.read_line(&mut line).unwrap() > 0 {
            port = line.trim().strip_prefix("ChromeDriver was started successfully on port ").map(str::to_owned);
            line.clear();
        }
        let mut driver = Self { shell, url: String::new() };
        driver.url = format!("http://127.0.0.1:{}", port?.trim_end_matches('.'));
        // The browser writes there too; a full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Some(driver)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = i32::try_from(self.shell.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.shell.wait();
    }
}
