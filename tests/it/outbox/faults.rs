//! A forge that refuses, breaks off, is slow or answers nonsense: nothing is said twice, nothing stays pending, and health
//! says why something waits or was given up.

use std::time::Duration;

use serde_json::json;

use super::{PULL, Stage, routes};
use crate::support::database::{Backend, on_both_databases};
use crate::support::hub::Fault;
use crate::support::payload;
use crate::support::server::TestServer;

async fn diagnosis(server: &TestServer) -> String {
    server.client.get("/api/ci/health").await.1["diagnosis"].to_string()
}

/// Let whatever waits be due, and tick.
async fn later(server: &TestServer) {
    server.probe().await.time_passes().await;
    server.client.tick().await;
}

/// What goes wrong, and what health says of it; `None` where the next tick has repaired it before anybody looks.
const PASSING: [(Fault, Option<&str>); 10] = [
    (Fault::Status(401, None), Some("GITHUB_WRITE_TOKEN is refused (401)")),
    (Fault::Status(403, Some(("x-ratelimit-remaining", "0"))), Some("asked too often (403)")),
    (Fault::Status(403, Some(("retry-after", "30"))), Some("asked too often (403)")),
    (Fault::Status(429, Some(("retry-after", "30"))), Some("asked too often (429)")),
    (Fault::Status(503, Some(("retry-after", "30"))), Some("a problem of its own (503)")),
    (Fault::Status(409, None), None),
    (Fault::Status(500, None), None),
    (Fault::DoneBut(502, None), None),
    (Fault::DoneBut(503, Some(("retry-after", "30"))), Some("a problem of its own (503)")),
    (Fault::Cut, None),
];

async fn a_comment_comes_once_however_the_forge_fails(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let faults = PASSING.into_iter().chain([(Fault::Garbage, None)]);
    for (n, (fault, said)) in faults.enumerate() {
        let everywhere = ["POST /issues/", "POST /statuses/", "GET /pulls/", "GET /comments"];
        // To whoever is told to wait it is all the same where.
        for at in &everywhere[..if said.is_some() { 1 + usize::from(n % 2 == 0 || n > 5) } else { 4 }] {
            stage.hub.state().comments.clear();
            // Each round as if it were another pull request.
            server.probe().await.execute("delete from ci_outbox where kind = 'comment'").await;
            stage.hub.fails(at, fault);
            let more = format!("router.delete('/{n}', (req, res) => res.end({at:?}));");
            let head = stage.push(&server, &[("routes/items.js", &routes(&more))]).await;
            if let Some(said) = said {
                let diagnosis = diagnosis(&server).await;
                assert!(diagnosis.contains(said) && diagnosis.contains(" to GitHub wait"), "{at}: {diagnosis}");
                let before = stage.hub.asked().len();
                server.client.tick().await;
                assert_eq!(stage.hub.asked().len(), before, "{at}, {n}: the forge is left alone");
            }
            for _ in 0..3 {
                later(&server).await;
            }
            assert_eq!(stage.hub.ours().len(), 1, "{at}, fault {n}: {:?}", stage.hub.ours());
            {
                let state = stage.hub.state();
                let said = state.said(&head);
                assert!(said.len() <= 2 && said.last() == Some(&"success"), "{at}, fault {n}: {said:?}");
            }
            assert!(!diagnosis(&server).await.contains("GitHub"), "it is over");
        }
    }
    server.stop_and_check().await;
}

async fn what_the_forge_refuses_for_good_ends_and_is_told(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    for (n, (status, said)) in [
        (403, "may not write there (403)"),
        (404, "not there (404)"),
        (410, "not there (410)"),
        (422, "does not take it (422)"),
    ]
    .into_iter()
    .enumerate()
    {
        stage.hub.fails("POST /issues/", Fault::Status(status, None));
        let more = format!("router.delete('/{n}', (req, res) => res.end());");
        let head = stage.push(&server, &[("routes/items.js", &routes(&more))]).await;
        assert_eq!(stage.hub.ours(), Vec::<String>::new());
        let diagnosis = diagnosis(&server).await;
        assert!(diagnosis.contains("about octo/shop") && diagnosis.contains(said), "{diagnosis}");
        let before = stage.hub.asked().len();
        later(&server).await;
        assert_eq!(stage.hub.asked().len(), before, "{status}: it is not tried again");
        assert_eq!(stage.hub.state().said(&head), ["pending", "success"], "the status is another matter");
    }
    // A conversation that is locked for this token.
    stage.push(&server, &[("routes/items.js", &routes("router.delete('/x', (req, res) => res.end());"))]).await;
    assert_eq!(stage.hub.ours().len(), 1);
    stage.hub.fails("PATCH", Fault::Status(403, None));
    stage.push(&server, &[("routes/items.js", &routes("router.delete('/y', (req, res) => res.end());"))]).await;
    assert!(stage.hub.ours()[0].contains("/x"), "it stays as it was");
    server.stop_and_check().await;
}

async fn a_status_that_is_pending_is_closed_once_the_token_has_its_rights_back(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let head = stage.commit(&[("notes.txt", "x")]);
    server.client.deliver("pull_request", &stage.event(&head)).await;
    stage.hub.state().broken = None;
    stage.hub.fails("POST /statuses/", Fault::Status(201, None));
    // The pending one is lost on its way though the answer was that it came; the next is refused.
    stage.hub.fails("POST /statuses/", Fault::Status(403, None));
    server.client.tick().await;
    assert!(diagnosis(&server).await.contains("may not write there (403)"));
    later(&server).await;
    assert_eq!(stage.hub.state().said(&head), ["success"]);
    server.stop_and_check().await;
}

async fn a_forge_that_hangs_keeps_neither_webhook_nor_tick(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    stage.hub.state().broken = Some(("/", Fault::Slow));
    let head = stage.commit(&[("routes/items.js", &routes("router.delete('/:id', (req, res) => res.end());"))]);
    let started = std::time::Instant::now();
    server.client.deliver("pull_request", &stage.event(&head)).await;
    assert!(started.elapsed() < Duration::from_secs(4), "nothing is said by the webhook");
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    stage.hub.state().broken = None;
    for _ in 0..2 {
        later(&server).await;
    }
    assert_eq!(stage.hub.ours().len(), 1);
    assert_eq!(stage.hub.state().said(&head).last(), Some(&"success"));
    server.stop_and_check().await;
}

async fn a_token_that_is_revoked_says_nothing_until_there_is_another(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    stage.push(&server, &[("routes/items.js", &routes("router.delete('/1', (req, res) => res.end());"))]).await;
    let setting = server.stop_and_check().await;
    let server = setting.with("GITHUB_WRITE_TOKEN", "ghp_revoked").start().await;
    let head =
        stage.push(&server, &[("routes/items.js", &routes("router.delete('/2', (req, res) => res.end());"))]).await;
    let said = diagnosis(&server).await;
    assert!(said.contains("2 messages to GitHub wait since ") && said.contains("is refused (401)"), "{said}");
    assert!(!said.contains("octo"), "names are not for everybody");
    let setting = server.stop_and_check().await;
    let server = setting.with("GITHUB_WRITE_TOKEN", crate::support::hub::WRITE_TOKEN).start().await;
    later(&server).await;
    assert!(stage.hub.ours()[0].contains("DELETE /api/items/2"));
    assert_eq!(stage.hub.state().said(&head), ["success"], "what was pending and never said is over");
    server.stop_and_check().await;
}

async fn a_private_repository_is_spoken_of_in_its_own_pull_requests_only(backend: Backend) {
    let Some((mut stage, server)) = Stage::start(backend).await else { return };
    let head = stage.commit(&[("routes/items.js", &routes("router.delete('/secret', (req, res) => res.end());"))]);
    let mut event = stage.event(&head);
    event["repository"]["private"] = json!(true);
    server.client.deliver("pull_request", &event).await;
    server.client.tick().await;
    let asked = stage.hub.asked();
    assert!(asked.iter().filter(|one| one.contains("/repos/")).all(|one| one.contains("/repos/octo/shop/")));
    assert!(stage.hub.state().comments.iter().all(|one| one.pull == PULL));
    // The same commit in a public copy has a status and a comment of its own drift, or none.
    let other = payload::pull_request("octo", "copy", &head);
    server.client.deliver("pull_request", &other).await;
    server.client.tick().await;
    let leaked = |body: &String| body.contains("/secret");
    assert_eq!(stage.hub.ours().iter().filter(|body| leaked(body)).count(), 1);
    server.stop_and_check().await;
}

on_both_databases! {
    a_comment_comes_once_however_the_forge_fails,
    what_the_forge_refuses_for_good_ends_and_is_told,
    a_status_that_is_pending_is_closed_once_the_token_has_its_rights_back,
    a_forge_that_hangs_keeps_neither_webhook_nor_tick,
    a_token_that_is_revoked_says_nothing_until_there_is_another,
    a_private_repository_is_spoken_of_in_its_own_pull_requests_only,
}
