//! kill -9, and a process that freezes, at each step from the lease of a message to its note; and two processes at once.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;

use super::{Stage, routes};
use crate::support::database::{Backend, on_both_databases};
use crate::support::hub::OURSELVES;
use crate::support::payload;
use crate::support::process;
use crate::support::server::{Setting, check_all};

/// Steps of a message, with the statements of its two transactions.
const STEPS: [&str; 8] = [
    "outbox_lease.1",
    "outbox_lease.2",
    "outbox_lease.commit",
    "outbox_lease.committed",
    "message.said",
    "outbox_note.1",
    "outbox_note.commit",
    "outbox_note.committed",
];

/// Let time pass, start a server and tick until nothing is left to say.
async fn recover(setting: &Setting) {
    let mut probe = setting.database.probe().await;
    probe.time_passes().await;
    let server = setting.spawn();
    for _ in 0..4 {
        server.client.tick().await;
        probe.time_passes().await;
    }
    assert_eq!(server.terminate(), Some(0));
    let open = "select count(*) from ci_outbox where done_at is null";
    assert_eq!(probe.number(open).await, 0, "every message ends");
    for folder in [setting.tmp(), setting.out().join(".staging")] {
        std::fs::remove_dir_all(folder).ok();
    }
    check_all(setting).await;
}

async fn a_kill_at_any_step_makes_neither_a_second_comment_nor_an_endless_status(backend: Backend) {
    let Some((mut stage, setting)) = Stage::set(backend).await else { return };
    let server = setting.spawn();
    server.client.deliver("push", &payload::push("octo", "shop", &stage.base)).await;
    server.client.tick().await;
    assert_eq!(server.terminate(), Some(0));
    for (n, step) in STEPS.into_iter().enumerate() {
        // At the first message, the pending status; at the second, the final one; at the third, the comment.
        for nth in 1..=3 {
            stage.hub.state().comments.clear();
            setting.database.probe().await.execute("delete from ci_outbox").await;
            let more = format!("router.delete('/{n}-{nth}', (req, res) => res.end());");
            let head = stage.commit(&[("routes/items.js", &routes(&more))]);
            // Until the n-th a step does nothing that one would notice.
            let armed = (1..nth).map(|_| format!("{step}=sleep:1")).chain([format!("{step}=abort")]);
            let armed = armed.collect::<Vec<_>>().join(",");
            let server = setting.spawn_armed(&armed);
            server.client.deliver("pull_request", &stage.event(&head)).await;
            let died = server.client.try_tick().await.is_none();
            if died {
                server.dies().await;
            } else {
                assert_eq!(server.terminate(), Some(0));
            }
            recover(&setting).await;
            assert_eq!(stage.hub.ours().len(), 1, "{step}, {nth}: {:?}", stage.hub.ours());
            let state = stage.hub.state();
            let said = state.said(&head);
            assert!(said.len() <= 2 && said.last() == Some(&"success"), "{step}, {nth}: {said:?}");
        }
    }
}

async fn a_process_that_freezes_after_it_spoke_leaves_no_second_comment(backend: Backend) {
    let Some((mut stage, setting)) = Stage::set(backend).await else { return };
    let server = setting.spawn();
    server.client.deliver("push", &payload::push("octo", "shop", &stage.base)).await;
    server.client.tick().await;
    assert_eq!(server.terminate(), Some(0));
    for nth in 1..=3 {
        stage.hub.state().comments.clear();
        setting.database.probe().await.execute("delete from ci_outbox").await;
        let more = format!("router.delete('/frozen-{nth}', (req, res) => res.end());");
        let head = stage.commit(&[("routes/items.js", &routes(&more))]);
        let armed = (1..nth).map(|_| "message.said=sleep:1").chain(["message.said=stop"]).collect::<Vec<_>>().join(",");
        let frozen = setting.spawn_armed(&armed);
        frozen.client.deliver("pull_request", &stage.event(&head)).await;
        let client = frozen.client.clone();
        let ticking = tokio::spawn(async move { client.try_tick().await });
        process::until_frozen(frozen.pid()).await;
        let mut probe = setting.database.probe().await;
        probe.time_passes().await;
        let winner = setting.spawn();
        for _ in 0..3 {
            winner.client.tick().await;
            probe.time_passes().await;
        }
        process::send(frozen.pid(), Signal::CONT);
        ticking.await.unwrap();
        assert_eq!(frozen.terminate(), Some(0));
        assert_eq!(winner.terminate(), Some(0));
        recover(&setting).await;
        assert_eq!(stage.hub.ours().len(), 1, "{nth}: {:?}", stage.hub.ours());
        let state = stage.hub.state();
        assert_eq!(state.said(&head).last(), Some(&"success"), "{nth}: {:?}", state.said(&head));
    }
}

async fn two_processes_say_everything_once(backend: Backend) {
    let Some((mut stage, setting)) = Stage::set(backend).await else { return };
    let servers = [setting.spawn(), setting.spawn()];
    servers[0].client.deliver("push", &payload::push("octo", "shop", &stage.base)).await;
    servers[0].client.tick().await;
    let mut heads = Vec::new();
    for n in 0..4 {
        let more = format!("router.delete('/two-{n}', (req, res) => res.end());");
        let head = stage.commit(&[("routes/items.js", &routes(&more))]);
        servers[n % 2].client.deliver("pull_request", &stage.event(&head)).await;
        let both = servers.each_ref().map(|server| server.client.clone());
        let ticks = both.map(|client| tokio::spawn(async move { client.tick().await }));
        for tick in ticks {
            assert_eq!(tick.await.unwrap()["ok"], json!(true));
        }
        heads.push(head);
    }
    tokio::time::timeout(Duration::from_secs(60), async {
        let mut probe = setting.database.probe().await;
        while probe.number("select count(*) from ci_outbox where done_at is null").await > 0 {
            probe.time_passes().await;
            servers[0].client.tick().await;
        }
    })
    .await
    .unwrap();
    for server in servers {
        assert_eq!(server.terminate(), Some(0));
    }
    assert_eq!(stage.hub.state().comments.iter().filter(|one| one.author == OURSELVES).count(), 1);
    for head in &heads {
        let state = stage.hub.state();
        let said = state.said(head);
        assert!(said.len() <= 2 && said.last() == Some(&"success"), "{said:?}");
    }
    let asked = stage.hub.asked();
    assert_eq!(asked.iter().filter(|one| one.starts_with("POST") && one.contains("/issues/")).count(), 1);
}

on_both_databases! {
    a_kill_at_any_step_makes_neither_a_second_comment_nor_an_endless_status,
    a_process_that_freezes_after_it_spoke_leaves_no_second_comment,
    two_processes_say_everything_once,
}
