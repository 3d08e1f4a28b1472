//! Group D: many processes on one queue. Each job is executed once, counted by what the processes themselves logged,
//! and "database is locked" reaches nobody.

use std::collections::BTreeMap;

use ci_feed::model::{CommitSha, EventType, GitRef, NewRun, Privacy, RepoName};
use ci_feed::store::Dedupe;
use serde_json::{Value, json};

use super::rig::{OK, Rig};
use crate::support::database::{Backend, on_both_databases};
use crate::support::invariants;
use crate::support::server::{BinaryServer, Setting};

/// Jobs of invented commits, written through the store: only the queue is under test.
async fn enqueue(rig: &Rig, shas: impl Iterator<Item = (String, String)>) {
    let store = rig.setting.database.store().await;
    for (owner, sha) in shas {
        let run = NewRun::new(
            RepoName::parse(&owner, "shop").unwrap(),
            GitRef::parse("main").unwrap(),
            CommitSha::parse(&sha).unwrap(),
            EventType::Push,
            Privacy::Public,
        );
        store.enqueue(&run, None, Dedupe::WhileLive).await.unwrap();
    }
    store.close().await;
}

/// Each process is ticked until it says idle. Answers how many ticks worked on a job.
async fn tick_until_idle(rig: &mut Rig, servers: &[BinaryServer]) -> usize {
    let mut callers = Vec::new();
    for server in servers {
        let client = server.client.clone();
        callers.push(tokio::spawn(async move {
            let mut processed = 0;
            loop {
                let tick = client.tick().await;
                match (&tick["processed"], tick["reason"].as_str()) {
                    (Value::Bool(true), _) => processed += 1,
                    (_, Some("idle")) => return processed,
                    // Whatever is ready is just being taken by others.
                    (_, Some("backing_off")) => {}
                    _ => panic!("{tick}"),
                }
            }
        }));
    }
    while !callers.iter().all(tokio::task::JoinHandle::is_finished) {
        invariants::check_slots_of_each_process(&mut rig.probe, 1).await;
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let mut processed = 0;
    for caller in callers {
        processed += caller.await.unwrap();
    }
    processed
}

/// How often each job was leased, by the logs of all processes.
fn executions(rig: &Rig) -> BTreeMap<String, usize> {
    let log = std::fs::read_to_string(rig.setting.folder.path().join("log")).unwrap();
    assert!(!log.contains("database is locked"), "\"database is locked\" came through");
    let mut executed = BTreeMap::new();
    for line in log.lines().filter(|line| line.contains(" leased, attempt ")) {
        let job = line.split("job ").last().and_then(|rest| rest.split(' ').next()).unwrap();
        *executed.entry(job.to_owned()).or_default() += 1;
    }
    executed
}

async fn share_a_thousand_jobs(backend: Backend, processes: usize) {
    let Some(setting) = Setting::new(backend).await else { return };
    // Each attempt ends at its first step: leasing and settling are under test, not git.
    let setting =
        setting.with("CI_MAX_ATTEMPTS", "1").with("CI_FAILPOINTS", "started=error*1000").with("RUST_LOG", "info");
    let mut rig = Rig::of(setting).await;
    enqueue(&rig, (1..=1000).map(|n| ("octo".to_owned(), format!("{n:040x}")))).await;
    rig.probe.execute("update ci_jobs set max_attempts = 1").await;
    let servers: Vec<_> = (0..processes).map(|_| rig.setting.spawn()).collect();
    let processed = tick_until_idle(&mut rig, &servers).await;
    assert_eq!(processed, 1000, "ticks that worked on a job");
    let executed = executions(&rig);
    assert_eq!(executed.len(), 1000, "jobs that were executed");
    assert!(executed.values().all(|times| *times == 1), "a job was executed twice");
    invariants::check_each_job_ran_once(&mut rig.probe).await;
    assert_eq!(rig.probe.number("select count(*) from ci_jobs where status = 'DEAD'").await, 1000);
    for server in servers {
        assert_eq!(server.terminate(), Some(0));
    }
    rig.check().await;
}

async fn two_processes_share_a_thousand_jobs(backend: Backend) {
    share_a_thousand_jobs(backend, 2).await;
}

async fn ten_processes_share_a_thousand_jobs(backend: Backend) {
    share_a_thousand_jobs(backend, 10).await;
}

async fn four_processes_share_jobs_that_are_really_fetched_and_analyzed(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut rig = Rig::of(setting.with_analyzer(OK)).await;
    let sha = rig.commit("shop");
    let jobs = 40;
    enqueue(&rig, (0..jobs).map(|n| (format!("octo{n}"), sha.clone()))).await;
    // One commit, as many runs: they are what must not be doubled.
    rig.probe.execute("update ci_runs set repo_owner = 'octo'").await;
    let servers: Vec<_> = (0..4).map(|_| rig.setting.spawn()).collect();
    assert_eq!(tick_until_idle(&mut rig, &servers).await, jobs);
    assert_eq!(executions(&rig).len(), jobs);
    invariants::check_each_job_ran_once(&mut rig.probe).await;
    let succeeded = rig.probe.number("select count(*) from ci_runs where status = 'SUCCEEDED'").await;
    assert_eq!(json!(succeeded), json!(jobs));
    for server in servers {
        assert_eq!(server.terminate(), Some(0));
    }
    // I5 is about one repository's commits; these stand for forty.
    rig.probe.execute("update ci_runs set repo_owner = cast(id as text)").await;
    rig.witness = invariants::Witness::default();
    rig.check().await;
}

on_both_databases! {
    two_processes_share_a_thousand_jobs,
    ten_processes_share_a_thousand_jobs,
    four_processes_share_jobs_that_are_really_fetched_and_analyzed,
}
