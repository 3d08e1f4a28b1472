//! Group C: a job that kills its server at each attempt ends DEAD and FAILED, and a healthy one behind it is served in
//! between. And analyzers that misbehave without killing anybody.

use serde_json::json;

use super::rig::{OK, Rig, children_end, marked};
use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::server::{Setting, until};

/// Tick until this server is idle or has to be killed because of the poison; answers whether it was.
async fn tick_or_die(rig: &mut Rig, poisoned: impl Fn() -> bool) -> bool {
    let server = rig.setting.spawn();
    loop {
        let client = server.client.clone();
        let tick = tokio::spawn(async move { client.try_tick().await });
        until(|| tick.is_finished() || poisoned()).await;
        if !tick.is_finished() {
            server.kill();
            assert!(tick.await.unwrap().is_none());
            children_end(rig.setting.folder.path()).await;
            rig.witness.observe(&mut rig.probe).await;
            // What dead attempts leave is another test's matter (group A); here it would look like the poison.
            std::fs::remove_dir_all(rig.setting.tmp()).unwrap();
            return true;
        }
        let answer = tick.await.unwrap().expect("a tick without poison is answered");
        if answer["processed"] == json!(false) {
            assert_eq!(server.terminate(), Some(0));
            return false;
        }
    }
}

/// Two pushes, the poison first; restart after each death until the queue is idle.
async fn poison_and_healthy(rig: &mut Rig, poison: (&str, &str), healthy: &str, poisoned: impl Fn(&str) -> bool) {
    let (owner, poison) = poison;
    let server = rig.setting.spawn();
    server.client.deliver("push", &payload::push(owner, "shop", poison)).await;
    server.client.deliver("push", &payload::push("octo", "shop", healthy)).await;
    assert_eq!(server.terminate(), Some(0));
    let of_poison = "select cast(j.id as text) from ci_jobs j join ci_runs r on r.id = j.run_id where r.commit_sha";
    let job = rig.probe.texts(&format!("{of_poison} = '{poison}'")).await.remove(0);
    let mut deaths = 0;
    while tick_or_die(rig, || poisoned(&job)).await {
        deaths += 1;
        assert!(deaths <= 3, "a fourth attempt");
        if deaths == 2 {
            assert_eq!(rig.runs_of(healthy).await, ["SUCCEEDED 1"], "the healthy job waits behind the poison");
        }
        rig.probe.time_passes().await;
    }
    assert_eq!(deaths, 3);
    assert_eq!(rig.runs_of(poison).await, ["FAILED 3"]);
    let error = rig.probe.texts("select error_code || ' ' || error from ci_runs where status = 'FAILED'").await;
    assert!(error[0].starts_with("LEASE_EXPIRED attempt 3 of 3"), "{error:?}");
    rig.check().await;
}

async fn a_job_that_kills_its_server_ends_dead_and_one_behind_it_is_served(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let script = format!("if grep -q poison \"$1/README.md\"; then touch \"$2/poison\"; exec sleep 600; fi; {OK}");
    let mut rig = Rig::of(setting.with_analyzer(&script)).await;
    let (poison, healthy) = (rig.commit("poison"), rig.commit("healthy"));
    let tmp = rig.setting.tmp();
    poison_and_healthy(&mut rig, ("octo", &poison), &healthy, |_| marked(&tmp, "poison").is_some()).await;
}

async fn a_job_that_kills_its_server_while_it_fetches_ends_dead_too(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let healthy = rig.commit("healthy");
    let tmp = rig.setting.tmp();
    // The repositories of `slow` never answer, and an attempt's folder begins with its job's id.
    let fetching = |job: &str| {
        let attempts = std::fs::read_dir(&tmp).into_iter().flatten().flatten();
        attempts.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(job))
    };
    poison_and_healthy(&mut rig, ("slow", &"a".repeat(40)), &healthy, fetching).await;
}

/// What the analyzer does, and the code that comes of it.
const MISBEHAVIOURS: &[(&str, &str)] = &[
    ("head -c 2000000000 /dev/zero | tail", "ANALYZER_"),
    ("i=0; while [ $i -lt 40 ]; do sleep 600 & i=$((i+1)); done; exit 4", "ANALYZER_FAILED"),
    ("sleep 600", "ANALYZER_TIMEOUT"),
    ("yes 'progress fetching 1 MB'", "ANALYZER_TIMEOUT"),
    ("yes >&2", "ANALYZER_TIMEOUT"),
    ("kill -ABRT $$", "ANALYZER_KILLED"),
    ("head -c 3000000 /dev/urandom; head -c 100000 /dev/urandom > \"$2/summary.json\"", "ANALYZER_OUTPUT"),
    ("ln -s /etc/passwd \"$2/summary.json\"", "ANALYZER_OUTPUT"),
    ("rm -rf \"$2\" || true", "ANALYZER_NO_OUTPUT"),
];

async fn an_analyzer_that_misbehaves_costs_its_attempts_and_nothing_else(backend: Backend) {
    for (script, code) in MISBEHAVIOURS {
        let Some(setting) = Setting::new(backend).await else { return };
        let script = format!("if grep -q poison \"$1/README.md\"; then {script}; else {OK}; fi");
        let setting = setting
            .with_analyzer(&script)
            .with("CI_ANALYZER_MEMORY_BYTES", (256 << 20).to_string())
            .with("CI_JOB_TIMEOUT_SECONDS", "4")
            .with("CI_MAX_ATTEMPTS", "1");
        let mut rig = Rig::of(setting).await;
        let (poison, healthy) = (rig.commit("poison"), rig.commit("healthy"));
        let server = rig.setting.spawn();
        server.client.deliver("push", &payload::push("octo", "shop", &poison)).await;
        server.client.deliver("push", &payload::push_to("topic", "octo", "shop", &healthy)).await;
        let tick = server.client.tick().await;
        assert_eq!(tick["status"], json!("FAILED"), "{script}: {tick}");
        assert!(tick["error_code"].as_str().unwrap().starts_with(code), "{script}: {tick}");
        let tick = server.client.tick().await;
        assert_eq!(tick["status"], json!("SUCCEEDED"), "{script}: {tick}");
        rig.settle_with(server).await;
    }
}

on_both_databases! {
    a_job_that_kills_its_server_ends_dead_and_one_behind_it_is_served,
    a_job_that_kills_its_server_while_it_fetches_ends_dead_too,
    an_analyzer_that_misbehaves_costs_its_attempts_and_nothing_else,
}
