//! Group A: kill -9 of the server at each step from the signature to the answer, and from the lease to the settle.

use serde_json::json;

use super::rig::{OK, Rig, children_end};
use crate::support::database::{Backend, on_both_databases};
use crate::support::invariants::Witness;
use crate::support::payload;
use crate::support::server::Setting;

/// Statements of one transaction at most; the loops end at the first number that is not reached.
const MOST_STATEMENTS: usize = 30;

/// Deliver, die at `step`, restart, deliver again. Answers whether the step was reached.
async fn delivery_dies_at(rig: &mut Rig, step: &str, push: &serde_json::Value) -> bool {
    let server = rig.setting.spawn_armed(&format!("{step}=abort"));
    let id = uuid::Uuid::new_v4().to_string();
    if let Some((status, answer)) = server.client.try_deliver(&id, push).await {
        assert_eq!(status, 200, "{step}: {answer}");
        assert_eq!(server.terminate(), Some(0));
        return false;
    }
    server.dies().await;
    // I6: no answer came, so there is no row, or one that the redelivery answers with.
    let sha = push["after"].as_str().unwrap();
    let before = rig.runs_of(sha).await.len();
    let server = rig.setting.spawn();
    let (status, answer) = server.client.try_deliver(&id, push).await.unwrap();
    assert_eq!((status.as_u16(), answer["ok"].as_bool()), (200, Some(true)), "{step}: {answer}");
    assert_eq!(answer["deduplicated"], json!(before == 1), "{step}");
    assert_eq!(rig.runs_of(sha).await.len(), 1, "{step}: one commit, one run");
    rig.settle_with(server).await;
    assert_eq!(rig.runs_of(sha).await, ["SUCCEEDED 1"], "{step}");
    true
}

async fn a_delivery_survives_a_kill_at_every_step(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    for step in ["webhook.verified", "enqueue.commit", "enqueue.committed"] {
        let push = rig.push();
        assert!(delivery_dies_at(&mut rig, step, &push).await, "{step} was not reached");
    }
    let mut statements = 0;
    for n in 1..MOST_STATEMENTS {
        let push = rig.push();
        if !delivery_dies_at(&mut rig, &format!("enqueue.{n}"), &push).await {
            break;
        }
        statements = n;
    }
    assert!((7..MOST_STATEMENTS - 1).contains(&statements), "{statements} statements make an enqueue");
    rig.recover().await;
}

async fn a_second_event_of_a_commit_survives_a_kill_at_every_step(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let push = rig.push();
    let server = rig.setting.spawn();
    server.client.deliver("push", &push).await;
    rig.settle_with(server).await;
    let mut statements = 0;
    for n in 1..MOST_STATEMENTS {
        if !delivery_dies_at(&mut rig, &format!("enqueue.{n}"), &push).await {
            break;
        }
        statements = n;
    }
    assert!((4..MOST_STATEMENTS - 1).contains(&statements), "{statements} statements make a duplicate");
}

/// Deliver, tick, die at `step`, recover. Answers how the run ended, or `None` if the step was not reached.
async fn tick_dies_at(rig: &mut Rig, step: &str) -> Option<String> {
    let push = rig.push();
    let server = rig.setting.spawn_armed(&format!("{step}=abort"));
    server.client.deliver("push", &push).await;
    if let Some(answer) = server.client.try_tick().await {
        assert_eq!(answer["ok"], json!(true), "{step}: {answer}");
        rig.settle_with(server).await;
        return None;
    }
    server.dies().await;
    children_end(rig.setting.folder.path()).await;
    rig.recover().await;
    let runs = rig.runs_of(push["after"].as_str().unwrap()).await;
    assert_eq!(runs.len(), 1, "{step}: {runs:?}");
    runs.into_iter().next()
}

async fn a_job_survives_a_kill_at_every_step(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    for (step, end) in [
        ("lease.commit", "SUCCEEDED 1"),
        ("lease.committed", "SUCCEEDED 2"),
        ("started", "SUCCEEDED 2"),
        ("child.fetch-commit", "SUCCEEDED 2"),
        ("fetched", "SUCCEEDED 2"),
        ("child.checkout", "SUCCEEDED 2"),
        ("child.confine", "SUCCEEDED 2"),
        ("analyzed", "SUCCEEDED 2"),
        ("staged", "SUCCEEDED 2"),
        ("settle.published", "SUCCEEDED 2"),
        ("settle.commit", "SUCCEEDED 2"),
        // Its answer is lost, the work is not: no second attempt.
        ("settle.committed", "SUCCEEDED 1"),
    ] {
        assert_eq!(tick_dies_at(&mut rig, step).await.as_deref(), Some(end), "{step}");
    }
    let mut statements = 0;
    for n in 1..MOST_STATEMENTS {
        let Some(end) = tick_dies_at(&mut rig, &format!("settle.{n}")).await else { break };
        assert_eq!(end, "SUCCEEDED 2", "settle.{n}");
        statements = n;
    }
    assert!((4..MOST_STATEMENTS - 1).contains(&statements), "{statements} statements make a settle");
}

async fn a_lease_survives_a_kill_at_every_statement_while_another_is_taken_back(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let mut statements = 0;
    for n in 1..MOST_STATEMENTS {
        // A job whose holder is dead, to be taken back, and a fresh one behind it.
        let (old, fresh) = (rig.push(), rig.push());
        let server = rig.setting.spawn_armed("lease.committed=abort");
        server.client.deliver("push", &old).await;
        assert!(server.client.try_tick().await.is_none());
        server.dies().await;
        rig.probe.time_passes().await;
        let server = rig.setting.spawn_armed(&format!("lease.{n}=abort"));
        server.client.deliver("push", &fresh).await;
        let answer = server.client.try_tick().await;
        if answer.is_some() {
            rig.settle_with(server).await;
        } else {
            server.dies().await;
            rig.recover().await;
        }
        assert_eq!(rig.runs_of(old["after"].as_str().unwrap()).await, ["SUCCEEDED 2"], "lease.{n}");
        assert_eq!(rig.runs_of(fresh["after"].as_str().unwrap()).await, ["SUCCEEDED 1"], "lease.{n}");
        if answer.is_some() {
            break;
        }
        statements = n;
    }
    assert!((8..MOST_STATEMENTS - 1).contains(&statements), "{statements} statements make a lease");
}

/// An attempt that fails, dies at `step` of recording that, and succeeds after the restart.
async fn failure_dies_at(rig: &mut Rig, step: &str) -> bool {
    let repaired = rig.setting.folder.path().join("repaired");
    let push = rig.push();
    let server = rig.setting.spawn_armed(&format!("{step}=abort"));
    server.client.deliver("push", &push).await;
    let answer = server.client.try_tick().await;
    std::fs::write(&repaired, "").unwrap();
    match &answer {
        None => {
            server.dies().await;
            rig.recover().await;
        }
        Some(_) => rig.settle_with(server).await,
    }
    std::fs::remove_file(&repaired).unwrap();
    assert_eq!(rig.runs_of(push["after"].as_str().unwrap()).await, ["SUCCEEDED 2"], "{step}");
    answer.is_none()
}

async fn a_failed_attempt_survives_a_kill_at_every_step_of_its_settle(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let repaired = setting.folder.path().join("repaired");
    let script = format!("if [ -e {} ]; then {OK}; else exit 1; fi", repaired.display());
    let mut rig = Rig::of(setting.with_talking_analyzer(&script)).await;
    for step in ["fail.commit", "fail.committed"] {
        assert!(failure_dies_at(&mut rig, step).await, "{step} was not reached");
    }
    let mut statements = 0;
    for n in 1..MOST_STATEMENTS {
        if !failure_dies_at(&mut rig, &format!("fail.{n}")).await {
            break;
        }
        statements = n;
    }
    assert!((2..MOST_STATEMENTS - 1).contains(&statements), "{statements} statements make a failure");
}

async fn a_job_survives_a_kill_in_the_middle_of_its_fetch(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    let push = payload::push("slow", "shop", &"a".repeat(40));
    let server = rig.setting.spawn();
    server.client.deliver("push", &push).await;
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.try_tick().await });
    let folder = rig.setting.folder.path().to_owned();
    let fetching = || !crate::support::process::working_in(&folder.join("tmp")).is_empty();
    crate::support::server::until(fetching).await;
    server.kill();
    assert!(ticking.await.unwrap().is_none());
    children_end(&folder.join("tmp")).await;
    // Its repository never answers: what is shown is that the job is there, once, and can be leased again.
    rig.probe.time_passes().await;
    rig.leftovers_age();
    rig.probe.execute("update ci_runs set repo_owner = 'octo', repo_name = 'nowhere'").await;
    rig.recover().await;
    assert_eq!(rig.runs_of(&"a".repeat(40)).await, ["FAILED 3"]);
}

/// What the index says, and what it should: the names that a commit's program reads.
async fn index(rig: &mut Rig) -> Vec<String> {
    let sql = "select p.commit_sha || ' ' || f.key from ci_facts f
         join ci_fact_places p on p.repo_key = f.repo_key and p.pull = f.pull where f.kind = 'env_var' order by 1";
    rig.probe.texts(sql).await
}

/// The first statements of a settle, which write no facts, are other tests'.
const BEFORE_FACTS: usize = 3;

async fn facts_are_those_of_the_newest_dossier_after_a_kill_at_every_statement(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let mut rig = Rig::of(setting).await;
    let expected = |n: usize, sha: &str| [format!("{sha} ALL"), format!("{sha} NAME_{n}")];
    let program = |n: usize| format!("let a = [process.env.ALL || {n}, process.env.NAME_{n}];\n");
    let (mut statements, mut commits) = (0, Vec::new());
    for n in BEFORE_FACTS..2 * MOST_STATEMENTS {
        let sha = rig.commit_file("app.js", &program(n));
        commits.push((n, sha.clone()));
        let server = rig.setting.spawn_armed(&format!("settle.{n}=abort"));
        server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
        let is_reached = server.client.try_tick().await.is_none();
        if is_reached {
            server.dies().await;
            children_end(rig.setting.folder.path()).await;
            rig.recover().await;
        } else {
            rig.settle_with(server).await;
        }
        assert_eq!(index(&mut rig).await, expected(n, &sha), "settle.{n}");
        if !is_reached {
            break;
        }
        statements = n;
    }
    assert!((BEFORE_FACTS + 2..2 * MOST_STATEMENTS - 1).contains(&statements), "{statements} statements make a settle");
    // A branch that is forced back and forth: stored dossiers are read.
    let mut looks = 0;
    for n in 1..MOST_STATEMENTS {
        let [.., (_, before), (_, head)] = commits.as_slice() else { panic!("{commits:?}") };
        let push = payload::moved(head, before);
        let (back, head) = (commits[commits.len() - 2].clone(), commits.len());
        commits.swap(head - 1, head - 2);
        let mut server = rig.setting.spawn_armed(&format!("facts.{n}=abort"));
        server.client.deliver("push", &push).await;
        let is_right = async |rig: &mut Rig| index(rig).await == expected(back.0, &back.1);
        let mut is_reached = false;
        while !is_reached && !is_right(&mut rig).await {
            server.client.try_tick().await;
            is_reached = !server.is_alive();
        }
        if !is_reached {
            rig.settle_with(server).await;
            break;
        }
        server.dies().await;
        let server = rig.setting.spawn();
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
        while !is_right(&mut rig).await {
            assert!(tokio::time::Instant::now() < deadline, "facts.{n}: {:?}", index(&mut rig).await);
            server.client.tick().await;
        }
        rig.settle_with(server).await;
        looks = n;
    }
    assert!((4..MOST_STATEMENTS - 1).contains(&looks), "{looks} statements make a look");
}

/// Delete the repository and die at `step`, restart, delete it again. Answers whether the step was reached.
async fn deletion_dies_at(rig: &mut Rig, step: &str) -> bool {
    let push = rig.push();
    let server = rig.setting.spawn();
    server.client.deliver("push", &push).await;
    rig.settle_with(server).await;
    let server = rig.setting.spawn_armed(&format!("{step}=abort"));
    let answer = server.client.request("DELETE", "/api/ci/repos/octo/shop").send().await;
    let died = answer.is_err();
    if died {
        server.dies().await;
        rig.leftovers_age();
        let server = rig.setting.spawn();
        let again = server.client.request("DELETE", "/api/ci/repos/octo/shop").send().await.unwrap();
        assert_eq!(again.status(), 200, "{step}");
        rig.witness = Witness::default();
        rig.settle_with(server).await;
    } else {
        assert_eq!(answer.unwrap().status(), 200, "{step}");
        rig.witness = Witness::default();
        rig.settle_with(server).await;
    }
    for table in ["ci_runs", "ci_repos", "ci_branches", "ci_repo_names", "ci_deletions", "ci_dedupe"] {
        assert_eq!(rig.probe.number(&format!("select count(*) from {table}")).await, 0, "{step}: {table}");
    }
    died
}

async fn a_deletion_that_is_killed_at_any_step_comes_to_its_end(backend: Backend) {
    let Some(mut rig) = Rig::new(backend).await else { return };
    for (transaction, least) in [("delete_repo", 6), ("delete_on", 8)] {
        let mut statements = 0;
        for n in 1..MOST_STATEMENTS {
            if !deletion_dies_at(&mut rig, &format!("{transaction}.{n}")).await {
                break;
            }
            statements = n;
        }
        assert!((least..MOST_STATEMENTS - 1).contains(&statements), "{statements} statements make a {transaction}");
    }
}

on_both_databases! {
    facts_are_those_of_the_newest_dossier_after_a_kill_at_every_statement,
    a_deletion_that_is_killed_at_any_step_comes_to_its_end,
    a_delivery_survives_a_kill_at_every_step,
    a_second_event_of_a_commit_survives_a_kill_at_every_step,
    a_job_survives_a_kill_at_every_step,
    a_lease_survives_a_kill_at_every_statement_while_another_is_taken_back,
    a_failed_attempt_survives_a_kill_at_every_step_of_its_settle,
    a_job_survives_a_kill_in_the_middle_of_its_fetch,
}
