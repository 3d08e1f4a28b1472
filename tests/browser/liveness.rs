//! What goes on while nobody touches the page: polls, ticks by one tab only, a server that goes away and comes back.

use serde_json::{Value, json};

use super::support::browser::Browser;
use super::support::world::World;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::server::Setting;

/// When this page asked for this path, in ms since it was opened.
fn asked(path: &str) -> String {
    format!(
        "performance.getEntriesByType('resource').filter((one) => new URL(one.name).pathname === '{path}').map((one) => one.startTime)"
    )
}

/// The times between neighbours.
fn gaps(times: &Value) -> Vec<f64> {
    let times: Vec<f64> = times.as_array().unwrap().iter().map(|time| time.as_f64().unwrap()).collect();
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_tabs_ticks_and_closing_it_hands_over() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.goto("/").await;
    page.until_text("This page drives the queue: next tick").await;
    let first = page.client.window().await.unwrap();
    let second = page.client.new_window(true).await.unwrap().handle;
    page.client.switch_to_window(second.clone()).await.unwrap();
    page.goto("/").await;
    page.until_text("Another tab drives the queue: next tick").await;
    let run_id = world.push().await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Succeeded')").await;
    assert_eq!(page.value(&asked("/api/ci/worker/tick")).await, json!([]), "the second tab ticked");
    page.picture("second-tab").await;

    page.client.switch_to_window(first).await.unwrap();
    let by_first = page.value(&asked("/api/ci/worker/tick")).await.as_array().unwrap().len();
    let (_, health) = world.server.client.get("/api/ci/health").await;
    assert_eq!(health["last_tick"]["count"], json!(by_first), "every tick is the first tab's");
    assert_eq!(world.server.client.run(&run_id).await["status"], json!("SUCCEEDED"));
    page.client.close_window().await.unwrap();
    page.client.switch_to_window(second).await.unwrap();
    page.until_text("This page drives the queue").await;
    page.until(&format!("{}.length", asked("/api/ci/worker/tick"))).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_polled_every_ten_seconds_and_every_three_while_work_waits() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    // No ticks: the queue must stay as the test leaves it.
    page.store("ci-feed.tick", "off").await;
    page.goto("/").await;
    page.until(&format!("{}.length >= 2", asked("/api/ci/runs"))).await;
    for gap in gaps(&page.value(&asked("/api/ci/runs")).await) {
        assert!((9_500.0..20_000.0).contains(&gap), "idle, it was polled after {gap} ms");
    }
    world.push().await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Queued')").await;
    let before = page.value(&asked("/api/ci/runs")).await.as_array().unwrap().len();
    page.until(&format!("{}.length >= {}", asked("/api/ci/runs"), before + 3)).await;
    let busy = gaps(&page.value(&asked("/api/ci/runs")).await);
    for gap in &busy[before - 1..] {
        assert!((2_500.0..9_000.0).contains(gap), "with work waiting, it was polled after {gap} ms");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_offline_when_the_server_is_gone_and_recovers_alone() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let server = setting.start().await;
    let Some(mut page) = Browser::open(&server.client.base).await else { return };
    page.expect_on_console("net::ERR_CONNECTION");
    page.expect_on_console("net::ERR_EMPTY_RESPONSE");
    page.store("ci-feed.tick", "off").await;
    let (_, first) = server.client.deliver("push", &payload::push("octo", "shop", &"1".repeat(40))).await;
    assert!(first["run_id"].is_string());
    page.goto("/").await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    let bind = server.client.base.trim_start_matches("http://").to_owned();
    let setting = server.stop_and_check().await;
    page.until_text("Offline since").await;
    assert_eq!(page.count(".run").await, 1, "what was known stays on the page");
    page.picture("offline").await;

    let server = setting.with("CI_FEED_BIND", bind).start().await;
    server.client.deliver("push", &payload::push("octo", "shop", &"2".repeat(40))).await;
    page.until("document.querySelectorAll('.run').length === 2 && !document.querySelector('.stale')").await;
    page.close().await;
    server.stop_and_check().await;
}
