//! `cargo bench --bench tick -- CLONE...`: a whole tick of the real binary on the newest commit of each clone, from git's own server on
//! loopback, beside what nobody can do without: `git fetch --depth 1` of it and reading each of its objects. In turn; medians of
//! seven. Without clones: a repository of two files. Nothing here passes or fails.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]
#![expect(clippy::unwrap_used, reason = "a run that cannot go on has no result")]

#[path = "../../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the tests use the rest")]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::database::Backend;
use support::repo::TestRepo;
use support::server::{Api, Setting};

const TIMES: usize = 7;

fn main() {
    let clones = std::env::args_os().skip(1).filter(|word| word != "--bench").map(PathBuf::from).collect();
    tokio::runtime::Runtime::new().unwrap().block_on(run(clones));
}

async fn run(clones: Vec<PathBuf>) {
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with("RUST_LOG", "warn");
    let (root, url) = (setting.git.root().to_owned(), setting.git.url.clone());
    let server = setting.spawn();
    TestRepo::create(&root, "octo", "two").commit(&[("README.md", "# Two\n"), ("a.js", "process.env.A;\n")]);
    let mut names = vec!["two".to_owned()];
    for (n, clone) in clones.iter().enumerate() {
        let name = format!("clone{n}");
        std::os::unix::fs::symlink(std::fs::canonicalize(clone).unwrap(), root.join(format!("octo/{name}.git")))
            .unwrap();
        names.push(name);
    }
    println!(
        "{:<8} {:>7} {:>14} {:>9} {:>7} {:>9} {:>11}",
        "", "files", "fetch and read", "tick", "ratio", "its fetch", "its analysis"
    );
    for name in names {
        let repository = root.join(format!("octo/{name}.git"));
        let sha = git(&repository, &["rev-parse", "HEAD"]);
        let files = git(&repository, &["ls-tree", "-r", "--name-only", "HEAD"]).lines().count();
        let (mut floors, mut ticks, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TIMES {
            floors.push(fetch_and_read(&format!("{url}/octo/{name}.git"), &sha));
            let (took, fetch, analysis) = tick(&server.client, &name, &sha).await;
            ticks.push(took);
            parts.push((fetch, analysis));
        }
        let (floor, whole) = (median(&mut floors), median(&mut ticks));
        parts.sort_unstable();
        let (fetch, analysis) = parts[TIMES / 2];
        let ratio = whole.as_secs_f64() / floor.as_secs_f64();
        let (floor, whole) = (floor.as_millis(), whole.as_millis());
        println!("{name:<8} {files:>7} {floor:>11} ms {whole:>6} ms {ratio:>6.1}x {fetch:>6} ms {analysis:>8} ms");
    }
    server.terminate();
}

/// A tick on this commit, and what its attempt took to fetch and to analyze, in milliseconds.
async fn tick(api: &Api, name: &str, sha: &str) -> (Duration, i64, i64) {
    let run_id = api.enqueue("octo", name, sha).await;
    let began = Instant::now();
    let answer = api.tick().await;
    let took = began.elapsed();
    assert_eq!(answer["status"], "SUCCEEDED", "{answer}");
    let run = api.run(&run_id).await;
    let part = |name: &str| Value::as_i64(&run["attempt_log"][0][name]).unwrap();
    (took, part("fetch_ms"), part("analyze_ms"))
}

fn fetch_and_read(url: &str, sha: &str) -> Duration {
    let folder = tempfile::tempdir().unwrap();
    let began = Instant::now();
    git(folder.path(), &["init", "--quiet", "--bare", "."]);
    git(folder.path(), &["fetch", "--quiet", "--depth", "1", url, sha]);
    let read = ["cat-file", "--batch-all-objects", "--batch", "--buffer"];
    let status = Command::new("git").arg("-C").arg(folder.path()).args(read).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    began.elapsed()
}

fn git(folder: &Path, words: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(folder).args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
