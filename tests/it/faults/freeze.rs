//! Group B: a process freezes past its lease, another one finishes the job, the frozen one thaws and must change
//! nothing: no row, and no file of the winner.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use super::rig::{OK, Rig};
use crate::support::database::{Backend, on_both_databases};
use crate::support::server::{SECRET, Setting};
use crate::support::{invariants, process};

/// Identity and content of every published file.
fn published(out: &Path) -> BTreeMap<String, (u64, Vec<u8>)> {
    let mut files = BTreeMap::new();
    for run in std::fs::read_dir(out).into_iter().flatten().flatten() {
        if run.file_name() == ".staging" {
            continue;
        }
        for file in std::fs::read_dir(run.path()).into_iter().flatten().flatten() {
            let path = file.path();
            files.insert(path.display().to_string(), (file.metadata().unwrap().ino(), std::fs::read(&path).unwrap()));
        }
    }
    files
}

async fn a_process_frozen_past_its_lease_changes_nothing_when_it_thaws(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let out = setting.folder.path().join("out");
    // Files on disk on both databases: a stale process could touch those of the winner.
    let mut rig = Rig::of(setting.with("CI_ARTIFACTS_URL", out.display().to_string()).with_analyzer(OK)).await;
    for step in [
        "lease.committed",
        "started",
        "child.fetch-commit",
        "fetched",
        "child.checkout",
        "child.confine",
        "analyzed",
        "staged",
    ] {
        let push = rig.push();
        let frozen = rig.setting.spawn_armed(&format!("{step}=stop"));
        frozen.client.deliver("push", &push).await;
        let client = frozen.client.clone();
        let ticking = tokio::spawn(async move { client.tick().await });
        process::until_frozen(frozen.pid()).await;
        for child in process::working_in(&rig.setting.tmp()) {
            let environment = process::environment(child);
            assert!(!environment.contains(SECRET), "I11: a secret is in a child's environment: {environment}");
        }
        rig.probe.time_passes().await;
        let winner = rig.setting.spawn();
        let tick = winner.client.tick().await;
        assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(2)), "{step}: {tick}");
        rig.witness.observe(&mut rig.probe).await;
        let before = published(&out);
        process::send(frozen.pid(), Signal::CONT);
        let stale = ticking.await.unwrap();
        assert_eq!((&stale["status"], &stale["error_code"]), (&json!(null), &json!("LEASE_LOST")), "{step}: {stale}");
        assert_eq!(published(&out), before, "{step}: the stale process touched the winner's files");
        rig.witness.observe(&mut rig.probe).await;
        assert_eq!(frozen.terminate(), Some(0));
        rig.settle_with(winner).await;
    }
}

async fn an_analysis_frozen_from_outside_past_a_short_lease_is_dropped(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let script = format!("touch \"$2/started\"; while [ ! -e \"$2/go\" ]; do sleep 0.02; done; {OK}");
    let setting = setting.with_analyzer(&script).with("CI_LEASE_SECONDS", "6").with("CI_JOB_TIMEOUT_SECONDS", "5");
    let mut rig = Rig::of(setting).await;
    let push = rig.push();
    let frozen = rig.setting.spawn();
    frozen.client.deliver("push", &push).await;
    let client = frozen.client.clone();
    let ticking = tokio::spawn(async move { client.tick().await });
    let first = rig.analyzer_is_at("started").await;
    process::send(frozen.pid(), Signal::STOP);
    process::until_frozen(frozen.pid()).await;
    std::fs::remove_file(&first).unwrap();
    let winner = rig.setting.spawn();
    // The lease really runs out: nobody ages it.
    let client = winner.client.clone();
    let winning = tokio::spawn(async move {
        loop {
            let tick = client.tick().await;
            if tick["processed"] == json!(true) {
                return tick;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let second = rig.analyzer_is_at("started").await;
    invariants::check_slots_of_each_process(&mut rig.probe, 1).await;
    std::fs::write(second.with_file_name("go"), "").unwrap();
    let tick = winning.await.unwrap();
    assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(2)), "{tick}");
    rig.witness.observe(&mut rig.probe).await;
    process::send(frozen.pid(), Signal::CONT);
    let stale = ticking.await.unwrap();
    assert_eq!((&stale["status"], &stale["error_code"]), (&json!(null), &json!("LEASE_LOST")), "{stale}");
    assert_eq!(frozen.terminate(), Some(0));
    rig.settle_with(winner).await;
}

/// Inside its transaction a frozen process still holds the row: nobody else gets the job, and the thawed one settles it.
async fn a_process_frozen_inside_its_settle_keeps_the_job_until_it_thaws(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    for step in ["settle.1", "settle.commit"] {
        let push = rig.push();
        let frozen = rig.setting.spawn_armed(&format!("{step}=stop"));
        let other = rig.setting.spawn();
        frozen.client.deliver("push", &push).await;
        let client = frozen.client.clone();
        let ticking = tokio::spawn(async move { client.tick().await });
        process::until_frozen(frozen.pid()).await;
        let started = Instant::now();
        let (status, answer) = other.client.deliver("push", &rig.push()).await;
        if backend == Backend::Sqlite {
            // One writer at a time: it is told so, in time for GitHub.
            assert_eq!(status, 503, "{step}: {answer}");
            assert!(started.elapsed() < Duration::from_secs(9), "{step}: answered after {:?}", started.elapsed());
        } else {
            assert_eq!(status, 200, "{step}: {answer}");
            let tick = other.client.tick().await;
            assert_ne!(tick["run_id"], json!(null), "{step}: the other job is served meanwhile: {tick}");
        }
        process::send(frozen.pid(), Signal::CONT);
        let tick = ticking.await.unwrap();
        assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(1)), "{step}: {tick}");
        assert_eq!(frozen.terminate(), Some(0));
        rig.settle_with(other).await;
    }
}

/// The worst moment: past the fence and before the files are put in place, while the database gives the lock away
/// because the frozen process's connection is gone.
async fn a_process_frozen_past_the_fence_whose_connection_breaks_touches_no_file_of_the_winner(backend: Backend) {
    if backend == Backend::Sqlite {
        // A SQLite transaction has no connection that could break.
        return;
    }
    let Some(setting) = Setting::new(backend).await else { return };
    let out = setting.folder.path().join("out");
    let script = format!("{OK}; date +%N > \"$2/unlike.txt\"");
    let mut rig = Rig::of(setting.with("CI_ARTIFACTS_URL", out.display().to_string()).with_analyzer(&script)).await;
    for step in ["settle.1", "settle.publishing"] {
        let push = rig.push();
        let frozen = rig.setting.spawn_armed(&format!("{step}=stop"));
        frozen.client.deliver("push", &push).await;
        let client = frozen.client.clone();
        let ticking = tokio::spawn(async move { client.tick().await });
        process::until_frozen(frozen.pid()).await;
        rig.probe
            .texts(
                "select cast(pg_terminate_backend(pid) as text) from pg_stat_activity
                 where datname = current_database() and state = 'idle in transaction'",
            )
            .await;
        rig.probe.time_passes().await;
        let winner = rig.setting.spawn();
        let tick = winner.client.tick().await;
        assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(2)), "{step}: {tick}");
        let before = published(&out);
        process::send(frozen.pid(), Signal::CONT);
        let stale = ticking.await.unwrap();
        assert_eq!((&stale["status"], &stale["error_code"]), (&json!(null), &json!("LEASE_LOST")), "{step}: {stale}");
        assert_eq!(published(&out), before, "{step}: the stale process touched the winner's files");
        assert_eq!(frozen.terminate(), Some(0));
        rig.settle_with(winner).await;
    }
}

on_both_databases! {
    a_process_frozen_past_its_lease_changes_nothing_when_it_thaws,
    an_analysis_frozen_from_outside_past_a_short_lease_is_dropped,
    a_process_frozen_inside_its_settle_keeps_the_job_until_it_thaws,
    a_process_frozen_past_the_fence_whose_connection_breaks_touches_no_file_of_the_winner,
}
