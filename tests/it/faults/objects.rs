//! Group O: the object store is away, silent, full, refuses or has no bucket while a result is written; the process dies or
//! freezes between any two requests. A named error, nothing burnt while it is known to be away, nothing half published, and no
//! object that belongs to no run once housekeeping has been there.

use std::collections::BTreeMap;

use rustix::process::Signal;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::rig::{OK, Rig, children_end};
use crate::support::database::{Backend, on_both_databases};
use crate::support::objects::{ObjectServer, SECRET_KEY, Trouble};
use crate::support::process;
use crate::support::server::Setting;

async fn rig(backend: Backend, objects: &ObjectServer, script: &str) -> Option<Rig> {
    let setting = objects.keeps(Setting::new(backend).await?, "feed");
    // The object store may take a quarter of it.
    Some(Rig::of(setting.with_analyzer(script).with("CI_JOB_TIMEOUT_SECONDS", "16")).await)
}

/// Everything in the bucket is a file that a succeeded run names, and it is what was stored.
async fn only_results_lie_there(rig: &mut Rig, objects: &ObjectServer) {
    let rows = "select substr(r.out_dir, 8) || '/' || a.name || ' ' || a.sha256 from ci_runs r
         join ci_artifacts a on a.run_id = r.id where r.status = 'SUCCEEDED'";
    let mut named = rig.probe.texts(rows).await;
    named.sort();
    let stored =
        results(objects).into_iter().map(|(key, bytes)| format!("{key} {}", hex::encode(Sha256::digest(&bytes))));
    assert_eq!(stored.collect::<Vec<_>>(), named);
}

/// What belongs to no run is old by now, and a server that has just started looks for it.
async fn keep_house(rig: &mut Rig, objects: &ObjectServer) {
    objects.ages();
    let server = rig.setting.spawn();
    server.client.tick().await;
    assert_eq!(server.terminate(), Some(0));
}

async fn a_store_that_does_not_take_a_result_is_named_and_the_next_attempt_succeeds(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(mut rig) = rig(backend, &objects, OK).await else { return };
    for (trouble, times, code) in [
        (Trouble::Answers(500, "InternalError"), 2, None),
        (Trouble::Answers(503, "SlowDown"), 2, None),
        (Trouble::Answers(500, "InternalError"), 1000, Some("OBJECTS_AWAY")),
        (Trouble::Answers(503, "SlowDown"), 1000, Some("OBJECTS_AWAY")),
        (Trouble::Silent, 1000, Some("OBJECTS_AWAY")),
        (Trouble::Answers(403, "AccessDenied"), 1000, Some("OBJECTS_DENIED")),
        (Trouble::Answers(401, "InvalidAccessKeyId"), 1000, Some("OBJECTS_DENIED")),
        (Trouble::Answers(404, "NoSuchBucket"), 1000, Some("OBJECTS_NO_BUCKET")),
        (Trouble::Answers(507, "InsufficientStorage"), 1000, Some("OBJECTS_FULL")),
        (Trouble::Answers(403, "QuotaExceeded"), 1000, Some("OBJECTS_FULL")),
        (Trouble::Answers(400, "AuthorizationHeaderMalformed"), 1000, Some("OBJECTS_REFUSED")),
    ] {
        let push = rig.push();
        let server = rig.setting.spawn();
        server.client.deliver("push", &push).await;
        objects.is_in(trouble, "PUT", times);
        let tick = server.client.tick().await;
        let attempts = match code {
            None => 1,
            Some(code) => {
                assert_eq!(
                    (&tick["status"], &tick["error_code"]),
                    (&json!("QUEUED"), &json!(code)),
                    "{trouble:?}: {tick}"
                );
                assert!(!tick.to_string().contains(SECRET_KEY), "{tick}");
                rig.probe.time_passes().await;
                // It is known by now: no attempt is burnt on it.
                let waits = server.client.tick().await;
                assert_eq!((&waits["processed"], &waits["reason"]), (&json!(false), &json!("objects_away")), "{waits}");
                let health = server.client.get("/api/ci/health").await.1;
                assert!(health["diagnosis"].to_string().contains("no job is leased until then"), "{health}");
                2
            }
        };
        objects.is_fine();
        rig.settle_with(server).await;
        let ended = rig.runs_of(push["after"].as_str().unwrap()).await;
        assert_eq!(ended, [format!("SUCCEEDED {attempts}")], "{trouble:?}");
    }
    keep_house(&mut rig, &objects).await;
    only_results_lie_there(&mut rig, &objects).await;
}

async fn a_store_that_is_away_costs_one_attempt_however_long_it_takes(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(mut rig) = rig(backend, &objects, OK).await else { return };
    let push = rig.push();
    // However much it says, what opens the bucket is not in it: the checks of all invariants read the log.
    let server = rig.setting.spawn_with(&[("RUST_LOG", "trace")]);
    server.client.deliver("push", &push).await;
    objects.goes_away().await;
    let tick = server.client.tick().await;
    assert_eq!((&tick["status"], &tick["error_code"]), (&json!("QUEUED"), &json!("OBJECTS_AWAY")), "{tick}");
    for _ in 0..5 {
        rig.probe.time_passes().await;
        assert_eq!(server.client.tick().await["reason"], json!("objects_away"));
    }
    objects.comes_back().await;
    rig.settle_with(server).await;
    assert_eq!(rig.runs_of(push["after"].as_str().unwrap()).await, ["SUCCEEDED 2"]);
    only_results_lie_there(&mut rig, &objects).await;
}

async fn a_kill_at_any_step_leaves_no_object_behind(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(mut rig) = rig(backend, &objects, OK).await else { return };
    for (step, end) in [
        ("analyzed", "SUCCEEDED 2"),
        ("objects.1", "SUCCEEDED 2"),
        ("objects.2", "SUCCEEDED 2"),
        ("objects.3", "SUCCEEDED 2"),
        ("staged", "SUCCEEDED 2"),
        ("settle.1", "SUCCEEDED 2"),
        ("settle.published", "SUCCEEDED 2"),
        ("settle.commit", "SUCCEEDED 2"),
        ("settle.committed", "SUCCEEDED 1"),
    ] {
        let push = rig.push();
        let server = rig.setting.spawn_armed(&format!("{step}=abort"));
        server.client.deliver("push", &push).await;
        assert!(server.client.try_tick().await.is_none(), "{step} was not reached");
        server.dies().await;
        children_end(rig.setting.folder.path()).await;
        rig.recover().await;
        assert_eq!(rig.runs_of(push["after"].as_str().unwrap()).await, [end], "{step}");
        keep_house(&mut rig, &objects).await;
        only_results_lie_there(&mut rig, &objects).await;
    }
}

async fn a_kill_between_a_deletion_and_its_objects_leaves_none(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(mut rig) = rig(backend, &objects, OK).await else { return };
    let server = rig.setting.spawn();
    server.client.deliver("push", &rig.push()).await;
    rig.settle_with(server).await;
    let server = rig.setting.spawn_armed("delete_on.committed=abort");
    assert!(server.client.request("DELETE", "/api/ci/repos/octo/shop").send().await.is_err());
    server.dies().await;
    assert_eq!(rig.probe.number("select count(*) from ci_runs").await, 0);
    assert!(!results(&objects).is_empty(), "its objects are still there");
    keep_house(&mut rig, &objects).await;
    only_results_lie_there(&mut rig, &objects).await;
}

/// Every object of a result.
fn results(objects: &ObjectServer) -> BTreeMap<String, Vec<u8>> {
    objects.objects("feed").into_iter().filter(|(key, _)| !key.starts_with('.')).collect()
}

async fn a_process_frozen_while_it_writes_touches_no_object_of_the_winner(backend: Backend) {
    let objects = ObjectServer::start().await;
    // Two attempts leave different bytes.
    let script = format!("{OK}; date +%N > \"$2/unlike.txt\"");
    let Some(mut rig) = rig(backend, &objects, &script).await else { return };
    for step in ["child.fetch-commit", "child.confine", "analyzed", "objects.1", "objects.2", "staged"] {
        let push = rig.push();
        let frozen = rig.setting.spawn_armed(&format!("{step}=stop"));
        frozen.client.deliver("push", &push).await;
        let client = frozen.client.clone();
        let ticking = tokio::spawn(async move { client.tick().await });
        process::until_frozen(frozen.pid()).await;
        let children = process::working_in(&rig.setting.tmp());
        assert_eq!(step.starts_with("child."), !children.is_empty(), "{step}: {children:?}");
        for child in children {
            assert!(!process::environment(child).contains("AWS_"), "{step}: a child knows how to open the bucket");
        }
        rig.probe.time_passes().await;
        let winner = rig.setting.spawn();
        let tick = winner.client.tick().await;
        assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(2)), "{step}: {tick}");
        let before = results(&objects);
        process::send(frozen.pid(), Signal::CONT);
        let stale = ticking.await.unwrap();
        assert_eq!(stale["status"], json!(null), "{step}: {stale}");
        for (key, bytes) in before {
            assert!(results(&objects).get(&key) == Some(&bytes), "{step}: the stale process touched {key}");
        }
        assert_eq!(frozen.terminate(), Some(0));
        rig.settle_with(winner).await;
        keep_house(&mut rig, &objects).await;
        only_results_lie_there(&mut rig, &objects).await;
    }
}

/// Past the fence, while the database gives the lock away because the frozen process's connection is gone.
async fn a_process_frozen_past_the_fence_whose_connection_breaks_touches_no_object_of_the_winner(backend: Backend) {
    if backend == Backend::Sqlite {
        // A SQLite transaction has no connection that could break.
        return;
    }
    let objects = ObjectServer::start().await;
    let script = format!("{OK}; date +%N > \"$2/unlike.txt\"");
    let Some(mut rig) = rig(backend, &objects, &script).await else { return };
    for step in ["settle.1", "settle.publishing"] {
        let push = rig.push();
        let frozen = rig.setting.spawn_armed(&format!("{step}=stop"));
        frozen.client.deliver("push", &push).await;
        let client = frozen.client.clone();
        let ticking = tokio::spawn(async move { client.tick().await });
        process::until_frozen(frozen.pid()).await;
        let broken = "select cast(pg_terminate_backend(pid) as text) from pg_stat_activity
             where datname = current_database() and state = 'idle in transaction'";
        rig.probe.texts(broken).await;
        rig.probe.time_passes().await;
        let winner = rig.setting.spawn();
        let tick = winner.client.tick().await;
        assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(2)), "{step}: {tick}");
        let before = results(&objects);
        process::send(frozen.pid(), Signal::CONT);
        let stale = ticking.await.unwrap();
        assert_eq!((&stale["status"], &stale["error_code"]), (&json!(null), &json!("LEASE_LOST")), "{step}: {stale}");
        assert_eq!(results(&objects), before, "{step}: the stale process touched the winner's objects");
        assert_eq!(frozen.terminate(), Some(0));
        rig.settle_with(winner).await;
        keep_house(&mut rig, &objects).await;
        only_results_lie_there(&mut rig, &objects).await;
    }
}

/// Objects of an attempt that has lost stay away from whoever is still at work: only a run that has ended is looked at.
async fn what_an_attempt_writes_is_not_taken_for_an_orphan(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(mut rig) = rig(backend, &objects, OK).await else { return };
    let push = rig.push();
    let frozen = rig.setting.spawn_armed("staged=stop");
    frozen.client.deliver("push", &push).await;
    let client = frozen.client.clone();
    let ticking = tokio::spawn(async move { client.tick().await });
    process::until_frozen(frozen.pid()).await;
    let written = results(&objects).len();
    assert!(written >= 3, "{written}");
    keep_house(&mut rig, &objects).await;
    assert!(results(&objects).len() >= written, "an attempt's objects were taken away");
    process::send(frozen.pid(), Signal::CONT);
    let tick = ticking.await.unwrap();
    assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(1)), "{tick}");
    rig.settle_with(frozen).await;
    only_results_lie_there(&mut rig, &objects).await;
}

on_both_databases! {
    a_store_that_does_not_take_a_result_is_named_and_the_next_attempt_succeeds,
    a_store_that_is_away_costs_one_attempt_however_long_it_takes,
    a_kill_at_any_step_leaves_no_object_behind,
    a_kill_between_a_deletion_and_its_objects_leaves_none,
    a_process_frozen_while_it_writes_touches_no_object_of_the_winner,
    a_process_frozen_past_the_fence_whose_connection_breaks_touches_no_object_of_the_winner,
    what_an_attempt_writes_is_not_taken_for_an_orphan,
}
