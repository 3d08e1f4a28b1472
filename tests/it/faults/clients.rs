//! Group H: clients that leave, and a server that is asked to stop, with and without enough grace.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;

use super::rig::{OK, Rig};
use crate::support::database::{Backend, on_both_databases};
use crate::support::server::{BinaryServer, Setting, until};
use crate::support::{invariants, process};

/// Send a tick and hang up after `patience`; `None` waits for nothing: the request is written, no answer is read.
async fn abandoned_tick(server: &BinaryServer, patience: Duration) {
    use tokio::io::AsyncWriteExt as _;
    let address = server.client.base.strip_prefix("http://").unwrap().to_owned();
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let request = format!("POST /api/ci/worker/tick HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(patience).await;
}

/// Wait until no job waits or runs, without ticking.
async fn until_settled(rig: &mut Rig) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    while rig.probe.number("select count(*) from ci_jobs where status in ('READY', 'LEASED')").await > 0 {
        assert!(tokio::time::Instant::now() < deadline, "the abandoned job does not end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_job_ends_well_whenever_its_client_leaves(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut rig = Rig::of(setting.with_analyzer(&format!("sleep 0.7; {OK}"))).await;
    let server = rig.setting.spawn();
    for patience in [0, 50, 500] {
        let push = rig.push();
        server.client.deliver("push", &push).await;
        abandoned_tick(&server, Duration::from_millis(patience)).await;
        // A request that was never read is no tick; then the next one does the work.
        if rig.probe.number("select count(*) from ci_jobs where status = 'LEASED'").await == 0 {
            server.client.tick().await;
        }
        until_settled(&mut rig).await;
        assert_eq!(rig.runs_of(push["after"].as_str().unwrap()).await, ["SUCCEEDED 1"], "after {patience} ms");
        // The abandoned tick notes what it did and gives its slot back a moment after the job has settled.
        while server.client.tick().await["reason"] != json!("idle") {}
    }
    rig.settle_with(server).await;
}

async fn a_job_ends_well_when_its_client_leaves_in_the_middle_of_the_analysis(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let script = format!("touch \"$2/started\"; while [ ! -e \"$2/go\" ]; do sleep 0.02; done; {OK}");
    let mut rig = Rig::of(setting.with_analyzer(&script)).await;
    let server = rig.setting.spawn();
    let push = rig.push();
    server.client.deliver("push", &push).await;
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.try_tick().await });
    let started = rig.analyzer_is_at("started").await;
    ticking.abort();
    let _ = ticking.await;
    // Others are told that the slot is taken; nothing else is leased.
    assert_eq!(server.client.tick().await["reason"], json!("busy"));
    invariants::check_slots(&mut rig.probe, 1).await;
    std::fs::write(started.with_file_name("go"), "").unwrap();
    until_settled(&mut rig).await;
    assert_eq!(rig.runs_of(push["after"].as_str().unwrap()).await, ["SUCCEEDED 1"]);
    rig.settle_with(server).await;
}

async fn a_hundred_abandoned_ticks_execute_each_job_once(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    for _ in 0..5 {
        let push = rig.push();
        server.client.deliver("push", &push).await;
    }
    for n in 0..100 {
        abandoned_tick(&server, Duration::from_millis(n % 20)).await;
        invariants::check_slots(&mut rig.probe, 1).await;
    }
    rig.drain(&server.client).await;
    invariants::check_each_job_ran_once(&mut rig.probe).await;
    assert_eq!(rig.probe.number("select count(*) from ci_runs where status = 'SUCCEEDED'").await, 5);
    rig.settle_with(server).await;
}

/// Ask a server to stop while the analyzer runs; the job is let go on after `pause`. Answers the time it took to exit.
async fn stopped_while_it_works(rig: &mut Rig, release: bool) -> Duration {
    let push = rig.push();
    let server = rig.setting.spawn();
    server.client.deliver("push", &push).await;
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.try_tick().await });
    let started = rig.analyzer_is_at("started").await;
    let asked = Instant::now();
    process::send(server.pid(), Signal::TERM);
    let log = rig.setting.folder.path().join("log");
    until(|| std::fs::read_to_string(&log).unwrap().contains("stopping: no new connections")).await;
    if release {
        std::fs::write(started.with_file_name("go"), "").unwrap();
    }
    assert_eq!(server.waits(), Some(0));
    let tick = ticking.await.unwrap();
    if release {
        assert_eq!(tick.unwrap()["status"], json!("SUCCEEDED"), "the answer still comes");
    }
    asked.elapsed()
}

fn waiting_analyzer() -> String {
    format!("touch \"$2/started\"; while [ ! -e \"$2/go\" ]; do sleep 0.02; done; {OK}")
}

async fn a_server_with_enough_grace_finishes_its_job_before_it_stops(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer(&waiting_analyzer()).with("CI_SHUTDOWN_GRACE_SECONDS", "20");
    let mut rig = Rig::of(setting).await;
    let took = stopped_while_it_works(&mut rig, true).await;
    assert!(took < Duration::from_secs(20), "it did not wait for the whole grace: {took:?}");
    assert_eq!(rig.probe.texts("select status || attempts from ci_jobs").await, ["DONE1"]);
    rig.check().await;
}

async fn a_server_without_enough_grace_gives_its_job_back_and_another_one_finishes_it(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer(&waiting_analyzer()).with("CI_SHUTDOWN_GRACE_SECONDS", "1");
    let mut rig = Rig::of(setting).await;
    let took = stopped_while_it_works(&mut rig, false).await;
    assert!((1..10).contains(&took.as_secs()), "it waited for the grace and not much longer: {took:?}");
    assert_eq!(rig.probe.texts("select status || attempts from ci_jobs").await, ["READY0"]);
    rig.check().await;
    let server = rig.setting.spawn();
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.tick().await });
    let started = rig.analyzer_is_at("started").await;
    std::fs::write(started.with_file_name("go"), "").unwrap();
    let tick = ticking.await.unwrap();
    assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(1)), "{tick}");
    rig.settle_with(server).await;
}

on_both_databases! {
    a_job_ends_well_whenever_its_client_leaves,
    a_job_ends_well_when_its_client_leaves_in_the_middle_of_the_analysis,
    a_hundred_abandoned_ticks_execute_each_job_once,
    a_server_with_enough_grace_finishes_its_job_before_it_stops,
    a_server_without_enough_grace_gives_its_job_back_and_another_one_finishes_it,
}
