//! A database that takes nothing, or is not what it seems: said at the start, in health and to whoever delivers, and
//! nothing that was answered 200 is lost.

use std::path::PathBuf;

use ci_feed::store::Store;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::rig::{OK, Rig};
use crate::support::bouncer::Bouncer;
use crate::support::cluster::OwnCluster;
use crate::support::database::{Backend, Probe, TestDatabase, on_both_databases};
use crate::support::server::{Api, Setting};
use crate::support::tmpfs::Tmpfs;

async fn rig_on_file(file: PathBuf) -> Rig {
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut setting = Setting::new(Backend::Sqlite).await.unwrap().with("DATABASE_URL", &url).with_analyzer(OK);
    setting.database = TestDatabase::at(url);
    Rig::of(setting).await
}

/// Health, the webhook and tick all say it.
async fn all_say(api: &Api, push: &Value, words: &str) {
    let (status, health) = api.get("/api/ci/health").await;
    let first = health["diagnosis"][0].as_str().unwrap_or_default().to_owned();
    assert_eq!((status, &health["ok"]), (StatusCode::SERVICE_UNAVAILABLE, &json!(false)), "{health}");
    assert!(first.contains(words), "{health}");
    let (status, refused) = api.deliver("push", push).await;
    assert_eq!((status.as_u16(), &refused["code"]), (503, &json!("DATABASE_UNAVAILABLE")), "{refused}");
    assert!(refused["error"].as_str().unwrap().contains(words), "{refused}");
    let tick = api.try_tick().await.expect("the server is there");
    assert!(tick["processed"] != json!(true) && tick.to_string().len() > 20, "{tick}");
}

/// The file goes, or another comes in its place, or only its log goes.
#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_written_into_a_file_that_is_gone_is_refused() {
    for (how, words) in [("deleted", "was deleted"), ("replaced", "was replaced"), ("log", "was deleted")] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ci.db");
        let with = |end: &str| folder.path().join(format!("ci.db{end}"));
        let mut rig = rig_on_file(file.clone()).await;
        let server = rig.setting.spawn();
        let accepted = rig.push();
        assert_eq!(server.client.deliver("push", &accepted).await.0, StatusCode::OK);
        // The file's last connections are the server's.
        rig.probe = TestDatabase::new(Backend::Sqlite).await.unwrap().probe().await;
        let backup = folder.path().join("backup");
        std::fs::copy(&file, &backup).unwrap();
        match how {
            "replaced" => std::fs::rename(&backup, &file).unwrap(),
            "deleted" => ["", "-wal", "-shm"].map(|end| std::fs::remove_file(with(end)).unwrap()).into_iter().collect(),
            _ => std::fs::remove_file(with("-wal")).unwrap(),
        }
        let refused = rig.push();
        if how == "log" {
            // Only a commit shows it.
            assert_eq!(server.client.deliver("push", &refused).await.0.as_u16(), 503);
        }
        all_say(&server.client, &refused, words).await;
        server.kill();
        if how == "deleted" {
            let server = rig.setting.spawn();
            assert_eq!(server.client.deliver("push", &refused).await.0, StatusCode::OK, "a new start begins anew");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_sqlite_is_said() {
    let Some(disk) = Tmpfs::mount() else { return };
    let mut rig = rig_on_file(disk.path().join("ci.db")).await;
    let server = rig.setting.spawn();
    disk.fill();
    for _ in 0..200 {
        if server.client.deliver("push", &rig.push()).await.0.as_u16() == 503 {
            break;
        }
    }
    let push = rig.push();
    all_say(&server.client, &push, "no space left for the database").await;
    disk.free();
    assert_eq!(server.client.deliver("push", &push).await.0, StatusCode::OK);
    let (status, health) = server.client.get("/api/ci/health").await;
    assert_eq!(status, StatusCode::OK, "{health}");
    rig.settle_with(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_postgres_is_said_and_recovers_by_itself() {
    let Some(cluster) = OwnCluster::start() else { return };
    let url = OwnCluster::url(cluster.address());
    let mut setting = Setting::new(Backend::Postgres).await.unwrap().with("DATABASE_URL", &url).with_analyzer(OK);
    setting.database = TestDatabase::at(url);
    let mut rig = Rig::of(setting).await;
    let server = rig.setting.spawn();
    let push = rig.push();
    for (read_only, status) in [("on", 503), ("off", 200)] {
        rig.probe.execute(&format!("alter system set default_transaction_read_only = {read_only}")).await;
        rig.probe.texts("select cast(pg_reload_conf() as text)").await;
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
        while server.client.get("/api/ci/health").await.0.as_u16() != status {
            assert!(tokio::time::Instant::now() < deadline, "health never says {status}");
        }
        if read_only == "on" {
            all_say(&server.client, &push, "read-only").await;
        }
    }
    assert_eq!(server.client.deliver("push", &push).await.0, StatusCode::OK);
    rig.settle_with(server).await;
}

/// A job failed, and a worker died, while the clock was a month ahead.
async fn a_wait_lasts_no_longer_than_it_was_meant_to(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut rig = Rig::of(setting.with_analyzer(OK).with("CI_RETRY_BACKOFF_SECONDS", "600")).await;
    let server = rig.setting.spawn();
    let month = |column: &str| match rig.probe {
        Probe::Sqlite(_) => format!("{column} = strftime('%Y-%m-%dT%H:%M:%f+00:00', {column}, '+30 days')"),
        Probe::Postgres(_) => format!("{column} = {column} + interval '30 days'"),
    };
    let (failed, due, at) = (month("finished_at"), month("run_after"), month("last_at"));
    let (leased, renewed) = (month("leased_until"), month("renewed_at"));
    // One that failed then.
    let push = crate::support::payload::push("octo", "gone", &"9".repeat(40));
    server.client.deliver("push", &push).await;
    assert_eq!(server.client.tick().await["status"], json!("QUEUED"));
    let waits = server.client.tick().await;
    assert_eq!(waits["reason"], json!("backing_off"), "without such a jump it waits: {waits}");
    rig.probe.execute(&format!("update ci_attempts set {failed}")).await;
    rig.probe.execute(&format!("update ci_jobs set {due}")).await;
    rig.probe.execute(&format!("update ci_signals set {at}")).await;
    let (_, health) = server.client.get("/api/ci/health").await;
    assert!(health["diagnosis"].to_string().contains("the clock was set back"), "{health}");
    let tick = server.client.tick().await;
    assert_eq!(tick["processed"], json!(true), "{tick}");
    // A lease that was taken then, of a process that is gone.
    let store = rig.setting.database.store().await;
    let second = rig.push();
    server.client.deliver("push", &second).await;
    store.lease_next("1-gone", std::time::Duration::from_secs(300)).await.unwrap();
    store.close().await;
    rig.probe.execute(&format!("update ci_jobs set {leased}, {renewed} where status = 'LEASED'")).await;
    server.client.tick().await;
    let far = match rig.probe {
        Probe::Sqlite(_) => "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+301 seconds')",
        Probe::Postgres(_) => "now() + interval '301 seconds'",
    };
    let longer = rig.probe.number(&format!("select count(*) from ci_jobs where leased_until > {far}")).await;
    assert_eq!(longer, 0, "no lease lasts longer than leases do");
    server.kill();
}

/// What `Store::open` says, as the start shows it.
async fn refused(url: &str) -> String {
    let error = Store::open(url, 3).await.expect_err("it cannot be used");
    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_cannot_work_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ci.db");
    let missing = refused(&format!("sqlite://{}", file.display())).await;
    assert!(missing.contains("does not exist") && missing.contains("?mode=rwc"), "{missing}");
    Store::open(&format!("sqlite://{}?mode=rwc", file.display()), 3).await.unwrap().close().await;
    Store::open(&format!("sqlite://{}", file.display()), 3).await.unwrap().close().await;
    let read_only = refused(&format!("sqlite://{}?mode=ro", file.display())).await;
    assert!(read_only.contains("read-only"), "{read_only}");
    let Some(database) = TestDatabase::new(Backend::Postgres).await else { return };
    let mut probe = database.probe().await;
    probe.execute("create database in_bytes encoding 'SQL_ASCII' template template0 locale 'C'").await;
    let base = database.url.rsplit_once('/').unwrap().0;
    let encoding = refused(&format!("{base}/in_bytes")).await;
    assert!(encoding.contains("SQL_ASCII") && encoding.contains("UTF8"), "{encoding}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_behind_a_transaction_pooler_works_and_says_so() {
    let Some(database) = TestDatabase::new(Backend::Postgres).await else { return };
    for (mode, pooled, sessions) in [("transaction", true, 2), ("session", false, 40)] {
        let Some(bouncer) = Bouncer::start(&database, mode, sessions) else { return };
        let setting = Setting::new(Backend::Postgres).await.unwrap().with("DATABASE_URL", &bouncer.url);
        let mut setting = setting.with_analyzer(OK);
        setting.database = TestDatabase::at(database.url.clone());
        let mut rig = Rig::of(setting).await;
        let server = rig.setting.spawn();
        if pooled {
            // Two processes share two sessions.
            let second = rig.setting.spawn();
            let pushes: Vec<_> = (0..6).map(|_| rig.push()).collect();
            let deliver = |n: usize| {
                let client = if n.is_multiple_of(2) { server.client.clone() } else { second.client.clone() };
                let push = pushes[n].clone();
                tokio::spawn(async move {
                    let delivered = client.deliver("push", &push).await;
                    client.tick().await;
                    client.get("/api/ci/runs").await;
                    client.get("/api/ci/repos").await;
                    delivered
                })
            };
            for task in (0..pushes.len()).map(deliver).collect::<Vec<_>>() {
                let (status, answer) = task.await.unwrap();
                assert_eq!(status, StatusCode::OK, "{answer}");
            }
            second.terminate();
        }
        let (status, health) = server.client.get("/api/ci/health").await;
        assert_eq!((status, &health["database"]["pooled"]), (StatusCode::OK, &json!(pooled)), "{mode}: {health}");
        rig.settle_with(server).await;
    }
}

on_both_databases! {
    a_wait_lasts_no_longer_than_it_was_meant_to,
}
