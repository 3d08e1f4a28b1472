//! The states between the good ones: loading, refused, unreachable, not there, waiting; each says what it is and what to do.

use serde_json::json;

use super::support::axe::axe;
use super::support::world::World;
use crate::support::payload;

/// Every page that asks the API for something, and words of its own failure.
const PAGES: [(&str, &str, &str); 6] = [
    ("feed", "/feed", "The feed could not be loaded"),
    ("home", "/", "The list of repositories could not be loaded"),
    ("run", "/runs/00000000-0000-0000-0000-000000000000", "This run could not be loaded"),
    ("repo", "/r/octo/shop", "The trend could not be loaded"),
    ("setup", "/setup", "This server's settings could not be loaded"),
    ("status", "/status", "The server's health could not be loaded"),
];

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_has_come_yet_every_page_shows_the_room_of_what_comes() {
    let Some(axe) = axe() else { return };
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.before_each_page("window.fetch = () => new Promise(() => {});").await;
    for (name, path, _) in PAGES {
        page.goto(path).await;
        page.until("document.querySelector('.skeleton')").await;
        page.is_accessible(&axe, &format!("axe-loading-{name}")).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_in_the_servers_words_with_its_code() {
    let Some(axe) = axe() else { return };
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.before_each_page(
        "window.fetch = async () => new Response(JSON.stringify({ ok: false, error: 'the database did not answer; nothing was lost, try again', code: 'DATABASE_UNAVAILABLE' }), { status: 500, headers: { 'content-type': 'application/json' } });",
    )
    .await;
    for (name, path, words) in PAGES {
        page.goto(path).await;
        page.until_text(words).await;
        let notice = page.text(".notice").await;
        assert!(notice.contains("nothing was lost, try again") && notice.contains("DATABASE_UNAVAILABLE"), "{notice}");
        page.is_accessible(&axe, &format!("axe-refused-{name}")).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_never_reached_is_said_to_be_unreachable() {
    let Some(axe) = axe() else { return };
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.before_each_page("window.fetch = () => Promise.reject(new TypeError('Failed to fetch'));").await;
    for (name, path, words) in PAGES {
        page.goto(path).await;
        page.until_text(words).await;
        assert!(page.text(".notice").await.contains("The server cannot be reached."));
        page.is_accessible(&axe, &format!("axe-unreachable-{name}")).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_says_so_and_shows_the_way_back() {
    let Some(axe) = axe() else { return };
    let Some(mut world) = World::new().await else { return };
    world.browser.expect_on_console("404 (Not Found)");
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    for (name, path, words) in [
        ("no-run", "/runs/00000000-0000-0000-0000-000000000000", "No such run"),
        ("no-repo", "/r/octo/nothing", "No run of this repository yet"),
        ("no-page", "/no/such/page", "No such page"),
    ] {
        page.goto(path).await;
        page.until_text(words).await;
        page.is_accessible(&axe, &format!("axe-{name}")).await;
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_running_and_failed_runs_show_where_they_are_in_row_page_title_and_icon() {
    let Some(axe) = axe() else { return };
    let Some(world) =
        World::with(|setting| setting.with("CI_MAX_ATTEMPTS", "2").with("CI_RETRY_BACKOFF_SECONDS", "3600")).await
    else {
        return;
    };
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    world.push().await;
    assert_eq!(world.server.client.tick().await["status"], json!("SUCCEEDED"));
    page.goto("/feed").await;
    page.until("document.title === 'Feed · ci-feed'").await;
    let icon = "document.querySelector('link[rel=icon]').href";
    let idle = page.value(icon).await;

    // One whose first attempt failed, one that runs, three that wait.
    let again = world.deliver("push", &payload::push("octo", "shop", &"9".repeat(40))).await;
    world.server.client.tick().await;
    let runs = world.deliver("push", &payload::push("octo", "shop", &"1".repeat(40))).await;
    let mut waiting = String::new();
    for digit in ["2", "3", "4"] {
        waiting = world.deliver("push", &payload::push("octo", "shop", &digit.repeat(40))).await;
    }
    let mut probe = world.server.probe().await;
    probe.execute(&format!("update ci_jobs set status = 'LEASED', attempts = 1, lease_epoch = 1, leased_by = 'x', leased_until = '2999-01-01T00:00:00.000000+00:00', phase = 'analyzing' where run_id = '{runs}'")).await;
    probe.execute(&format!("update ci_runs set status = 'RUNNING', started_at = created_at where id = '{runs}'")).await;
    probe.execute(&format!("update ci_runs set reconciled = true where id = '{again}'")).await;
    page.until("document.querySelectorAll('.run').length === 6").await;
    page.until("document.querySelectorAll('.run .tag[title*=webhook]').length === 1").await;
    page.until("document.title.startsWith('(5) Feed')").await;
    assert_ne!(page.value(icon).await, idle, "the icon shows that something is under way");
    let text = page.text(".runs tbody").await;
    for words in [
        "Next in the queue",
        "Number 3 in the queue, about",
        "of work before it",
        "analyzing",
        "attempt 1/2",
        "Last attempt:",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    page.is_accessible(&axe, "axe-feed-busy").await;
    for (name, run, words) in [
        ("queued", &waiting, "The dossier is not made yet"),
        ("running", &runs, "The dossier is being made"),
        ("retrying", &again, "Next attempt"),
        ("reconciled", &again, "reconciled"),
    ] {
        page.goto(&format!("/runs/{run}")).await;
        page.until_text(words).await;
        page.is_accessible(&axe, &format!("axe-run-{name}")).await;
    }
    // Put back what no server would leave behind.
    probe.execute(&format!("update ci_runs set status = 'QUEUED', started_at = null where id = '{runs}'")).await;
    probe.execute(&format!("update ci_jobs set status = 'READY', leased_by = null, leased_until = null, phase = null where run_id = '{runs}'")).await;
    world.end().await;
}
