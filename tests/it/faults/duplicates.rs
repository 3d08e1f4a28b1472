//! Group G: the same event again, at once or later: one run a commit, and every 2xx names it.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::rig::Rig;
use crate::support::database::{Backend, Probe, on_both_databases};
use crate::support::server::{Api, SECRET, answer};
use crate::support::{invariants, payload};

fn sha(n: usize) -> String {
    format!("{n:040x}")
}

fn run_id(answer: &Value) -> String {
    answer["run_id"].as_str().unwrap_or_else(|| panic!("no run: {answer}")).to_owned()
}

/// Deliver one payload `times` times at the same moment; the run they all name.
async fn at_once(client: &Api, push: &Value, times: usize) -> String {
    let together = Arc::new(Barrier::new(times));
    let deliveries: Vec<_> = (0..times)
        .map(|_| {
            let (client, push, together) = (client.clone(), push.clone(), together.clone());
            tokio::spawn(async move {
                together.wait().await;
                client.deliver("push", &push).await
            })
        })
        .collect();
    let (mut runs, mut fresh) = (Vec::new(), 0);
    for delivery in deliveries {
        let (status, answer) = delivery.await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        fresh += usize::from(answer["deduplicated"] == json!(false));
        runs.push(run_id(&answer));
    }
    runs.dedup();
    assert_eq!((runs.len(), fresh), (1, 1), "runs and first answers of one commit");
    runs.remove(0)
}

/// One run a commit, all there, nothing else; then the queue is drained of commits that do not exist.
async fn check(mut rig: Rig, server: crate::support::server::BinaryServer, runs: Vec<String>) {
    assert_eq!(server.terminate(), Some(0));
    invariants::check_answered(&mut rig.probe, &runs).await;
    assert_eq!(rig.probe.number("select count(*) from ci_runs").await, runs.len() as i64);
    rig.check().await;
}

async fn two_deliveries_at_once_make_one_run_two_hundred_times(backend: Backend) {
    let Some(rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let mut runs = Vec::new();
    for n in 1..=200 {
        runs.push(at_once(&server.client, &payload::push("octo", "shop", &sha(n)), 2).await);
    }
    check(rig, server, runs).await;
}

async fn a_hundred_deliveries_at_once_make_one_run_five_times(backend: Backend) {
    let Some(rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let mut runs = Vec::new();
    for n in 1..=5 {
        runs.push(at_once(&server.client, &payload::push("octo", "shop", &sha(n)), 100).await);
    }
    check(rig, server, runs).await;
}

async fn two_thousand_deliveries_of_forty_commits_make_forty_runs_over_two_processes(backend: Backend) {
    let Some(rig) = Rig::new(backend).await else { return };
    let servers = [rig.setting.spawn(), rig.setting.spawn()];
    let connections: Vec<_> = (0..50)
        .map(|connection| {
            let client = servers[connection % 2].client.clone();
            tokio::spawn(async move {
                let mut answers = Vec::new();
                for n in 0..40 {
                    let commit = (connection + n) % 40 + 1;
                    answers.push((commit, client.deliver("push", &payload::push("octo", "shop", &sha(commit))).await));
                }
                answers
            })
        })
        .collect();
    let (mut run_of, mut fresh) = (BTreeMap::new(), 0);
    for connection in connections {
        for (commit, (status, answer)) in connection.await.unwrap() {
            assert_eq!(status, StatusCode::OK, "{answer}");
            fresh += usize::from(answer["deduplicated"] == json!(false));
            let run = run_id(&answer);
            assert_eq!(run_of.entry(commit).or_insert(run.clone()), &run, "one commit, two runs");
        }
    }
    assert_eq!(fresh, 40);
    let [first, second] = servers;
    assert_eq!(second.terminate(), Some(0));
    check(rig, first, run_of.into_values().collect()).await;
}

/// The second delivery of a pair, and whether it has the first one's run.
type Pair = (&'static str, fn(&Value) -> (String, &'static str, Value), bool);

const PAIRS: &[Pair] = &[
    ("a redelivery: same id, same body", |push| ("d".into(), "push", push.clone()), true),
    ("a new id, the same body", |push| ("other".into(), "push", push.clone()), true),
    ("the same id, another commit", |_| ("d".into(), "push", payload::push("octo", "shop", &"e".repeat(40))), false),
    (
        "the same id, another branch of the same commit",
        |push| {
            let mut other = push.clone();
            other["ref"] = json!("refs/heads/other");
            ("d".into(), "push", other)
        },
        true,
    ),
    (
        "owner and name in another case",
        |push| ("other".into(), "push", payload::push("OCTO", "Shop", push["after"].as_str().unwrap())),
        true,
    ),
    (
        "a pull request of the pushed commit",
        |push| ("other".into(), "pull_request", payload::pull_request("octo", "shop", push["after"].as_str().unwrap())),
        true,
    ),
    (
        "the same commit in a fork",
        |push| ("other".into(), "push", payload::push("fork", "shop", push["after"].as_str().unwrap())),
        false,
    ),
];

async fn every_way_to_say_the_same_twice_names_the_same_run(backend: Backend) {
    let Some(rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let mut runs = Vec::new();
    for (n, (name, second, same)) in PAIRS.iter().enumerate() {
        let push = payload::push("octo", "shop", &sha(n + 1));
        let deliver = async |id: &str, event: &str, payload: &Value| {
            let id = format!("{n}-{id}");
            let response = server.client.deliver_raw(event, &id, SECRET, payload.to_string().into_bytes()).await;
            let (status, answer) = answer(response).await;
            assert_eq!(status, StatusCode::OK, "{name}: {answer}");
            run_id(&answer)
        };
        let first = deliver("d", "push", &push).await;
        let (id, event, payload) = second(&push);
        let again = deliver(&id, event, &payload).await;
        assert_eq!(first == again, *same, "{name}");
        runs.push(first);
        if !same {
            runs.push(again);
        }
    }
    check(rig, server, runs).await;
}

async fn the_window_ends_where_it_says(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let server = rig.setting.spawn();
    let back = |probe: &Probe, minutes: u32| match probe {
        Probe::Sqlite(_) => format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '-{minutes} minutes')"),
        Probe::Postgres(_) => format!("now() - interval '{minutes} minutes'"),
    };
    for (n, (minutes, same)) in [(24 * 60 - 1, true), (24 * 60 + 1, false)].into_iter().enumerate() {
        let push = payload::push("octo", "shop", &sha(n + 1));
        let (_, first) = server.client.deliver("push", &push).await;
        let aged = back(&rig.probe, minutes);
        rig.probe.execute(&format!("update ci_dedupe set created_at = {aged}")).await;
        let (_, second) = server.client.deliver("push", &push).await;
        assert_eq!(run_id(&first) == run_id(&second), same, "{minutes} minutes later");
    }
    assert_eq!(rig.probe.number("select count(*) from ci_runs").await, 3);
    // Two runs of one commit are what this is about; I5 looks within the window only.
    rig.probe.execute("update ci_runs set event_type = 'manual'").await;
    assert_eq!(server.terminate(), Some(0));
    rig.check().await;
}

on_both_databases! {
    two_deliveries_at_once_make_one_run_two_hundred_times,
    a_hundred_deliveries_at_once_make_one_run_five_times,
    two_thousand_deliveries_of_forty_commits_make_forty_runs_over_two_processes,
    every_way_to_say_the_same_twice_names_the_same_run,
    the_window_ends_where_it_says,
}
