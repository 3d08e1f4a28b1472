//! What a tick, a settle, a comparison and a change of name cost beside what the database holds.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use ci_feed::artifacts::{Artifacts, OutputFile, Staged};
use ci_feed::config::{ArtifactsPlace, Secret};
use ci_feed::github::signature;
use ci_feed::model::{CommitSha, EventType, FactRow, FactSet, GitRef, Identity, NewRun, Privacy, RepoName};
use ci_feed::store::{Dedupe, FactChanges, Lease, Leasing, Store, Success, Timings};
use serde_json::{Value, json};

use super::{SECRET, TOKEN, report};

const TICKS: usize = 30;
const SETTLES: usize = 50;
const FACTS: usize = 800;
/// Names and sizes of what a dossier of so many facts comes in.
const FILES: [(&str, usize); 5] = [
    ("DOSSIER.md", 150_000),
    ("dossier.json", 700_000),
    ("drift.json", 20_000),
    ("findings.sarif", 40_000),
    ("summary.json", 2_000),
];

/// What ticks take besides the attempt, each of which fails to fetch; the first one of the process, whole, apart.
pub(crate) async fn ticks(client: &reqwest::Client, base: &str) {
    let mut own = Vec::new();
    for n in 0..=TICKS {
        let started = Instant::now();
        let answer = client.post(format!("{base}/api/ci/worker/tick")).send().await.expect("an answer");
        let answer: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
        let whole = started.elapsed();
        let attempt = answer["duration_ms"].as_u64().unwrap_or_else(|| panic!("no attempt: {answer}"));
        let besides = whole.saturating_sub(Duration::from_millis(attempt));
        match n {
            0 => println!(
                "{:<70} {:8.1} ms, besides the attempt {besides:.1?}",
                "first tick of the process",
                millis(whole)
            ),
            _ => own.push(besides),
        }
    }
    report("tick, besides the attempt", &mut own);
}

/// A repository whose GitHub id is known gets another name, and back: signed pushes under either name in turn.
pub(crate) async fn renames(client: &reqwest::Client, base: &str) {
    let mut times = Vec::new();
    for n in 0..TICKS {
        let name = ["shop1", "renamed"][n % 2];
        let body = json!({
            "ref": "refs/heads/branch-1", "before": "1".repeat(40), "after": format!("{:040x}", 0xabc_0000 + n), "deleted": false,
            "repository": { "id": 77, "name": name, "full_name": format!("octo/{name}"), "owner": { "login": "octo" },
                "private": false, "default_branch": "branch-1" },
            "head_commit": { "message": "Move", "author": { "name": "Ada" } },
        })
        .to_string();
        let request = client
            .post(format!("{base}/api/webhooks/github"))
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", "push")
            .header("X-GitHub-Delivery", format!("rename-{n}"))
            .header("X-Hub-Signature-256", signature::sign(&Secret::new(SECRET), body.as_bytes()))
            .body(body);
        let started = Instant::now();
        let status = request.send().await.expect("an answer").status();
        times.push(started.elapsed());
        assert!(status.is_success(), "{status}");
    }
    report("signed push under another name of the repository", &mut times);
}

/// Two commits of a program with 800 facts, of which the second changes eight, are analyzed by ticks and compared.
pub(crate) async fn comparison(client: &reqwest::Client, base: &str, remotes: &Path) {
    let folder = remotes.join("octo").join("shop0.git");
    std::fs::create_dir_all(&folder).expect("a folder");
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(&folder).args(arguments).output().expect("git");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    git(&["init", "--quiet"]);
    let commit = |first: usize| {
        let line = |n| format!("app.get('/items/{n}', show);\nconst name{n} = process.env.SETTING_{n};\n");
        let text: String = (first..first + FACTS / 2).map(line).collect();
        std::fs::write(folder.join("app.js"), format!("const app = require('express')();\n{text}")).expect("a file");
        git(&["add", "."]);
        git(&["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--quiet", "--message", "Sell"]);
        git(&["rev-parse", "HEAD"])
    };
    let shas = [commit(0), commit(4)];
    for sha in &shas {
        let run = json!({ "owner": "octo", "repo": "shop0", "ref": "branch-1", "commit_sha": sha });
        let request =
            client.post(format!("{base}/api/ci/enqueue")).bearer_auth(TOKEN).header("Content-Type", "application/json");
        let answer = request.body(run.to_string()).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.text().await.expect("a body"));
        // What a person asked for goes first at every second lease.
        for _ in 0..2 {
            client.post(format!("{base}/api/ci/worker/tick")).send().await.expect("an answer");
        }
    }
    let [before, after] = shas;
    super::ask_often(client, base, &format!("/api/ci/compare?owner=octo&repo=shop0&base={before}&head={after}")).await;
}

/// Settles of 800 facts where a hundredth changes, where the index keeps them and where it does not: in turn on the default
/// branch and on another. The files of each are written before and published by it, as a worker does.
pub(crate) async fn settles(store: &Store, folder: &Path) {
    let artifacts =
        Artifacts::new(&ArtifactsPlace::Disk(folder.to_owned()), Duration::from_secs(60)).expect("a folder");
    let (mut compared, mut kept, mut passed) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..=SETTLES {
        let facts: Vec<_> = (0..FACTS).map(|i| row(i, if i < FACTS / 100 { n } else { 0 })).collect();
        let facts = FactSet { analyzer: "bench 1".into(), coverage: "{}".into(), rows: facts };
        for (branch, times) in [("main", &mut kept), ("side", &mut passed)] {
            let lease = leased(store, branch, n).await;
            let file = |(name, bytes): (&str, usize)| OutputFile { name: name.into(), bytes: vec![b' '; bytes] };
            let files = FILES.map(file).into();
            let staged = artifacts.stage(lease.run.id, lease.epoch, files).await.expect("files");
            let started = Instant::now();
            let changes = store.compare_facts(&lease.run, Some(&facts)).await;
            if branch == "main" {
                compared.push(started.elapsed());
            }
            let success = success(facts.clone(), changes, staged);
            let started = Instant::now();
            store.settle_ok(&lease, &success, Timings::default()).await.expect("settled");
            times.push(started.elapsed());
        }
    }
    println!("{:<70} {:8.1} ms", "settle, the first of the repository", millis(kept.remove(0)));
    compared.remove(0);
    passed.remove(0);
    report("800 facts compared with what stands, while files are written", &mut compared);
    report("settle of 800 facts, 8 changed, into the index", &mut kept);
    report("... of a branch that the index does not keep", &mut passed);
}

async fn leased(store: &Store, branch: &str, n: usize) -> Lease {
    let sha = format!("{:040x}", n * 2 + usize::from(branch == "side") + 0xdef_0000);
    let run = NewRun {
        identity: Identity::Id(78),
        default_branch: Some(GitRef::parse("main").expect("valid")),
        ..NewRun::new(
            RepoName::parse("octo", "settles").expect("valid"),
            GitRef::parse(branch).expect("valid"),
            CommitSha::parse(&sha).expect("valid"),
            EventType::Push,
            Privacy::Public,
        )
    };
    store.enqueue(&run, None, Dedupe::WhileLive).await.expect("a run");
    match store.lease_next("bench", Duration::from_secs(300)).await.expect("a lease") {
        Leasing::Leased(lease) if lease.run.commit_sha.as_str() == sha => *lease,
        other => panic!("not the run of {sha}: {other:?}"),
    }
}

fn row(n: usize, default: usize) -> FactRow {
    FactRow {
        kind: "env_var".into(),
        key: format!("SETTING_{n}"),
        id: format!("f{n}"),
        status: "EVIDENCED".into(),
        attrs: "{}".into(),
        details: Some(format!("{{\"default\":{default}}}")),
        path: format!("src/file{}.js", n % 97),
        line: 1,
        end_line: 1,
        sha256: "ab".into(),
    }
}

fn success(facts: FactSet, changes: FactChanges, staged: Staged) -> Success {
    Success {
        out_dir: staged.out_dir,
        summary_json: json!({}),
        analyzer_version: "bench 1".into(),
        artifacts: staged.files,
        publish: staged.publish,
        title: None,
        author: None,
        base_run_id: None,
        facts: Some(facts),
        changes,
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
