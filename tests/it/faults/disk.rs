//! Group F: the disk is full before the lease, in the middle of a fetch, under the analyzer, while the result is
//! written, and under SQLite's log. A named error, nothing burnt before the lease, and all goes on when there is room.

use rustix::process::Signal;
use serde_json::json;

use super::rig::{OK, Rig};
use crate::support::database::{Backend, TestDatabase, on_both_databases};
use crate::support::process;
use crate::support::server::Setting;
use crate::support::tmpfs::Tmpfs;

async fn rig_on(disk: &Tmpfs, backend: Backend) -> Option<Rig> {
    let at = |name: &str| disk.path().join(name).display().to_string();
    let setting = Setting::new(backend).await?.with("CI_TMP_DIR", at("tmp")).with("CI_ARTIFACTS_URL", at("out"));
    Some(Rig::of(setting.with_analyzer(OK)).await)
}

async fn a_full_disk_before_the_lease_burns_no_attempt(backend: Backend) {
    let Some(disk) = Tmpfs::mount() else { return };
    let Some(mut rig) = rig_on(&disk, backend).await else { return };
    let push = rig.push();
    let server = rig.setting.spawn();
    server.client.deliver("push", &push).await;
    disk.fill();
    for _ in 0..5 {
        let tick = server.client.tick().await;
        assert_eq!((&tick["processed"], &tick["reason"]), (&json!(false), &json!("low_disk")));
    }
    assert_eq!(rig.probe.texts("select status || attempts || lease_epoch from ci_jobs").await, ["READY00"]);
    disk.free();
    rig.settle_with(server).await;
    assert_eq!(rig.runs_of(push["after"].as_str().unwrap()).await, ["SUCCEEDED 1"]);
}

async fn a_disk_that_fills_during_an_attempt_is_named_and_the_next_attempt_succeeds(backend: Backend) {
    let Some(disk) = Tmpfs::mount() else { return };
    let Some(mut rig) = rig_on(&disk, backend).await else { return };
    for (step, codes, words) in [
        ("lease.committed", &["DISK"][..], "No space left"),
        ("started", &["DISK", "FETCH_FAILED"], "No space left"),
        ("fetched", &["DISK", "CHECKOUT_FAILED"], "No space left"),
        // In the words of the shell that is the analyzer here.
        ("spawn.confine", &["ANALYZER_FAILED"], "I/O error"),
        ("analyzed", &["DISK"], "No space left"),
    ] {
        let push = rig.push();
        let server = rig.setting.spawn_armed(&format!("{step}=stop"));
        server.client.deliver("push", &push).await;
        let client = server.client.clone();
        let ticking = tokio::spawn(async move { client.tick().await });
        process::until_frozen(server.pid()).await;
        disk.fill();
        process::send(server.pid(), Signal::CONT);
        let tick = ticking.await.unwrap();
        assert_eq!((&tick["processed"], &tick["status"]), (&json!(true), &json!("QUEUED")), "{step}: {tick}");
        assert!(codes.contains(&tick["error_code"].as_str().unwrap()), "{step}: {tick}");
        let error = rig.probe.texts("select error from ci_runs where status = 'QUEUED'").await.remove(0);
        assert!(error.contains(words), "{step}: the error does not say why: {error}");
        disk.free();
        rig.settle_with(server).await;
        assert_eq!(rig.runs_of(push["after"].as_str().unwrap()).await, ["SUCCEEDED 2"], "{step}");
    }
}

/// The database file lies on the disk that fills.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_under_sqlite_loses_nothing_that_was_accepted() {
    let Some(disk) = Tmpfs::mount() else { return };
    let url = format!("sqlite://{}?mode=rwc", disk.path().join("ci.db").display());
    let mut setting = Setting::new(Backend::Sqlite).await.unwrap().with("DATABASE_URL", &url).with_analyzer(OK);
    setting.database = TestDatabase::at(url);
    let mut rig = Rig::of(setting).await;
    let server = rig.setting.spawn();
    disk.fill();
    let mut accepted = Vec::new();
    let mut refused = None;
    // What the log has room for is still taken; then the webhook says so.
    for n in 0..200 {
        let push = rig.push();
        let (status, answer) = server.client.try_deliver(&n.to_string(), &push).await.unwrap();
        match status.as_u16() {
            200 => accepted.push(push),
            503 => {
                assert_eq!(answer["code"], json!("DATABASE_UNAVAILABLE"), "{answer}");
                refused = Some((n, push));
                break;
            }
            _ => panic!("{status} {answer}"),
        }
    }
    let (n, push) = refused.expect("the disk is full and everything was accepted");
    assert!(rig.runs_of(push["after"].as_str().unwrap()).await.is_empty(), "I6: a refused delivery left a run");
    let answer = server.client.try_tick().await.expect("the server is there");
    assert_ne!(answer["processed"], json!(true), "{answer}");
    disk.free();
    let (status, answer) = server.client.try_deliver(&n.to_string(), &push).await.unwrap();
    let log = std::fs::read_to_string(rig.setting.folder.path().join("log")).unwrap();
    assert_eq!((status.as_u16(), &answer["deduplicated"]), (200, &json!(false)), "{answer}: {log}");
    accepted.push(push);
    rig.settle_with(server).await;
    for push in accepted {
        assert_eq!(rig.runs_of(push["after"].as_str().unwrap()).await, ["SUCCEEDED 1"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settle_that_finds_sqlites_disk_full_waits_for_room() {
    let Some(disk) = Tmpfs::mount() else { return };
    let url = format!("sqlite://{}?mode=rwc", disk.path().join("ci.db").display());
    let mut setting = Setting::new(Backend::Sqlite).await.unwrap().with("DATABASE_URL", &url).with_analyzer(OK);
    setting.database = TestDatabase::at(url);
    let mut rig = Rig::of(setting).await;
    let push = rig.push();
    // Statements that succeed without a page to spare would prove nothing: the settle is told that there is none.
    let server = rig.setting.spawn_armed("staged=stop,settle.2=error*3");
    server.client.deliver("push", &push).await;
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.tick().await });
    process::until_frozen(server.pid()).await;
    disk.fill();
    process::send(server.pid(), Signal::CONT);
    let log = rig.setting.folder.path().join("log");
    let waits = || std::fs::read_to_string(&log).unwrap().contains("not stored yet");
    crate::support::server::until(waits).await;
    disk.free();
    let tick = ticking.await.unwrap();
    assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(1)), "{tick}");
    rig.settle_with(server).await;
}

on_both_databases! {
    a_full_disk_before_the_lease_burns_no_attempt,
    a_disk_that_fills_during_an_attempt_is_named_and_the_next_attempt_succeeds,
}
