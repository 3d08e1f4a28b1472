//! `cargo bench --bench tick -- CLONE...`: a whole tick of the real binary on the newest commit of each clone, from git's own server on
//! loopback, beside what nobody can do without: `git fetch --depth 1` of it and reading each of its objects. Then pushes that change
//! one file in a hundred, where what the one before brought is kept; and one of a new branch, the commit before which has no run and
//! is fetched and analyzed too. In turn; medians of seven. Without clones: a repository of two files. Nothing here passes or fails.

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
use support::payload;
use support::repo::TestRepo;
use support::server::{Api, Setting};

const TIMES: usize = 7;

fn main() {
    let clones = std::env::args_os().skip(1).filter(|word| word != "--bench").map(PathBuf::from).collect();
    tokio::runtime::Runtime::new().unwrap().block_on(run(clones));
}

async fn run(clones: Vec<PathBuf>) {
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with("RUST_LOG", "warn").with("CI_CACHE_BYTES", "0");
    let (root, url) = (setting.git.root().to_owned(), setting.git.url.clone());
    let server = setting.spawn();
    let keeping = Setting::new(Backend::Sqlite).await.unwrap().with("RUST_LOG", "warn").with("GITHUB_SERVER_URL", &url);
    let keeping_server = keeping.spawn();
    TestRepo::create(&root, "octo", "two").commit(&[("README.md", "# Two\n"), ("a.js", "process.env.A;\n")]);
    let mut names = vec!["two".to_owned()];
    for (n, clone) in clones.iter().enumerate() {
        let name = format!("clone{n}");
        // Commits of ours come on top of it.
        let clone = std::fs::canonicalize(clone).unwrap().display().to_string();
        git(&root, &["clone", "--quiet", "--bare", "--shared", &clone, &format!("octo/{name}.git")]);
        names.push(name);
    }
    println!(
        "{:<8} {:>7} {:>14} {:>9} {:>7} {:>9} {:>12} {:>16} {:>16}",
        "", "files", "fetch and read", "tick", "ratio", "its fetch", "its analysis", "1% changed", "with its base"
    );
    for name in names {
        let repository = root.join(format!("octo/{name}.git"));
        let sha = git(&repository, &["rev-parse", "HEAD"]);
        let files = git(&repository, &["ls-tree", "-r", "--name-only", "HEAD"]).lines().count();
        let changed: Vec<_> = (0..2 * TIMES).map(|n| change(&repository, n)).collect();
        let [mut floors, mut ticks, mut next, mut with_base] = [const { Vec::new() }; 4];
        let mut parts = Vec::new();
        tick(&keeping_server.client, &name, &sha).await;
        for n in 0..TIMES {
            floors.push(fetch_and_read(&format!("{url}/octo/{name}.git"), &sha));
            let (took, fetch, analysis) = tick(&server.client, &name, &sha).await;
            ticks.push(took);
            parts.push((fetch, analysis));
            next.push(tick(&keeping_server.client, &name, &changed[n]).await.0);
            let mut push = payload::push_to(&format!("feature{n}"), "octo", &name, &changed[2 * n + 1]);
            push["before"] = changed[2 * n].clone().into();
            assert_eq!(server.client.deliver("push", &push).await.0, 200);
            with_base.push(timed_tick(&server.client).await);
        }
        let (floor, whole) = (median(&mut floors), median(&mut ticks));
        parts.sort_unstable();
        let (fetch, analysis) = parts[TIMES / 2];
        let ratio = |took: Duration, to: Duration| took.as_secs_f64() / to.as_secs_f64();
        let (next, with_base) = (median(&mut next), median(&mut with_base));
        println!(
            "{name:<8} {files:>7} {:>11} ms {:>6} ms {:>6.1}x {fetch:>6} ms {analysis:>9} ms {:>6} ms {:>5.2}x {:>6} ms {:>5.2}x",
            floor.as_millis(),
            whole.as_millis(),
            ratio(whole, floor),
            next.as_millis(),
            ratio(next, whole),
            with_base.as_millis(),
            ratio(with_base, whole),
        );
    }
    keeping_server.terminate();
    server.terminate();
}

/// A tick on this commit, and what its attempt took to fetch and to analyze, in milliseconds.
async fn tick(api: &Api, name: &str, sha: &str) -> (Duration, i64, i64) {
    let run_id = api.enqueue("octo", name, sha).await;
    let took = timed_tick(api).await;
    let run = api.run(&run_id).await;
    let part = |name: &str| Value::as_i64(&run["attempt_log"][0][name]).unwrap();
    (took, part("fetch_ms"), part("analyze_ms"))
}

async fn timed_tick(api: &Api) -> Duration {
    let began = Instant::now();
    let answer = api.tick().await;
    let took = began.elapsed();
    assert_eq!(answer["status"], "SUCCEEDED", "{answer}");
    took
}

/// One more commit on top of the newest, in which one file in a hundred, one at least, has one more line.
fn change(repository: &Path, n: usize) -> String {
    let work = tempfile::tempdir().unwrap();
    let index = work.path().join("index");
    let in_index = |words: &[&str]| {
        let mut command = Command::new("git");
        command.arg("-C").arg(repository).args(words).env("GIT_INDEX_FILE", &index);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada Example").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let text = |words: &[&str]| String::from_utf8(in_index(words)).unwrap().trim().to_owned();
    in_index(&["read-tree", "HEAD"]);
    let listed = text(&["ls-files", "--stage", "--", ":(glob)**/*.*"]);
    let listed: Vec<_> = listed.lines().filter(|line| line.starts_with("100644")).collect();
    for line in listed.iter().skip(n).step_by(100).take((listed.len() / 100).max(1)) {
        let (stage, path) = line.split_once('\t').unwrap();
        let mut content = in_index(&["cat-file", "blob", stage.split(' ').nth(1).unwrap()]);
        content.extend(format!("\n# {n}\n").bytes());
        let file = work.path().join("file");
        std::fs::write(&file, content).unwrap();
        let id = text(&["hash-object", "-w", &file.display().to_string()]);
        in_index(&["update-index", "--cacheinfo", &format!("100644,{id},{path}")]);
    }
    let commit = text(&["commit-tree", &text(&["write-tree"]), "-p", "HEAD", "-m", "Change one file in a hundred"]);
    in_index(&["update-ref", "HEAD", &commit]);
    commit
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
