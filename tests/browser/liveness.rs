//! What goes on while nobody touches the page: polls, ticks by one tab only, a server that goes away and comes back.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use serde_json::{Value, json};

use super::support::axe::axe;
use super::support::browser::Browser;
use super::support::world::World;
use crate::support::database::Backend;
use crate::support::server::Setting;
use crate::support::{free_port, payload};

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
    page.goto("/feed").await;
    page.until_text("This page drives the queue: next tick").await;
    let first = page.client.window().await.unwrap();
    let second = page.client.new_window(true).await.unwrap().handle;
    page.client.switch_to_window(second.clone()).await.unwrap();
    page.goto("/feed").await;
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
async fn of_three_tabs_open_for_a_minute_one_ticks_at_the_idle_cadence() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.goto("/feed").await;
    page.until_text("This page drives the queue: next tick").await;
    let first = page.client.window().await.unwrap();
    for path in ["/status", "/setup"] {
        let tab = page.client.new_window(true).await.unwrap().handle;
        page.client.switch_to_window(tab).await.unwrap();
        page.goto(path).await;
        page.until_text("Another tab drives the queue: next tick").await;
    }
    // The third tab watches the ticks of the first go by: at 0, 30 and 60 s.
    page.click(fantoccini::Locator::LinkText("Status")).await;
    let started = Instant::now();
    let mut ticks = 1;
    while ticks < 3 || started.elapsed() < Duration::from_secs(60) {
        ticks = world.server.client.get("/api/ci/health").await.1["last_tick"]["count"].as_i64().unwrap();
        assert!(started.elapsed() < Duration::from_secs(100), "{ticks} ticks in 100 s");
        page.until("document.body.innerText.includes('Another tab drives the queue')").await;
    }
    assert_eq!(page.value(&asked("/api/ci/worker/tick")).await, json!([]), "the third tab ticked");
    let mut others = page.client.windows().await.unwrap();
    others.retain(|tab| *tab != first);
    for tab in others {
        page.client.switch_to_window(tab).await.unwrap();
        assert_eq!(page.value(&asked("/api/ci/worker/tick")).await, json!([]), "a tab that does not lead ticked");
    }
    page.client.switch_to_window(first).await.unwrap();
    let times = page.value(&asked("/api/ci/worker/tick")).await;
    assert!(times.as_array().unwrap().len() >= 3, "{times}");
    for gap in gaps(&times) {
        assert!((29_900.0..40_000.0).contains(&gap), "idle, it ticked after {gap} ms");
    }
    world.end().await;
}

/// Sums up whatever moves on the page without a person having touched it.
const WATCH_SHIFTS: &str = "window.shifts = []; new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) \
    window.shifts.push([one.value, ...one.sources.map(({ node, previousRect: a, currentRect: b }) => \
    `${[a.x, a.y, a.width, a.height]} to ${[b.x, b.y, b.width, b.height]}: ${(node?.outerHTML ?? node?.parentElement?.outerHTML ?? '').slice(0, 120)}`)]); }) \
    .observe({ type: 'layout-shift', buffered: true });";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_on_the_page_moves_while_a_run_goes_its_way_and_the_feed_is_polled() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    world.deliver("push", &payload::push("octo", "shop", &"9".repeat(40))).await;
    let run = world.push().await;
    page.before_each_page(WATCH_SHIFTS).await;
    for (path, settled) in [
        ("/feed".to_owned(), "document.querySelectorAll('.run').length === 2"),
        ("/status".to_owned(), "document.querySelector('table.deliveries')"),
        ("/setup".to_owned(), "document.querySelector('form.form')"),
        (format!("/runs/{run}"), "document.querySelector('.timeline')"),
    ] {
        page.goto(&path).await;
        page.until(settled).await;
        page.value("(window.shifts = [], true)").await;
        let polls = "performance.getEntriesByType('resource').filter((one) => new URL(one.name).pathname.startsWith('/api/')).length";
        let before = page.value(polls).await.as_i64().unwrap();
        page.until(&format!("{polls} >= {}", before + 2)).await;
        assert_eq!(page.value("window.shifts").await, json!([]), "{path} moved while it was polled");
    }
    // Queued, then succeeded: the row was given its room before.
    page.goto("/feed").await;
    page.until("document.querySelectorAll('.run').length === 2").await;
    page.value("(window.shifts = [], true)").await;
    while world.server.client.tick().await["processed"] == json!(true) {}
    page.until("/Succeeded/.test(document.querySelector('.run').innerText)").await;
    page.until_text("attempt 3/3").await;
    assert_eq!(page.value("window.shifts").await, json!([]), "the feed moved when a result came");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_over_several_polls_while_runs_come_wait_fail_and_succeed() {
    let Some(world) = World::with(|setting| setting.with("CI_MAX_ATTEMPTS", "1")).await else { return };
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    world.deliver("push", &payload::push("octo", "till", &"7".repeat(40))).await;
    world.push().await;
    page.before_each_page(WATCH_SHIFTS).await;
    for (path, known) in [("/feed", ".run"), ("/", ".repo-row"), ("/status", "table.deliveries")] {
        page.goto(path).await;
        page.until(&format!("document.querySelectorAll('{known}').length > 0")).await;
        page.until("document.readyState === 'complete'").await;
        page.value("(window.shifts = [], true)").await;
        let polls = "performance.getEntriesByType('resource').filter((one) => new URL(one.name).pathname.startsWith('/api/')).length";
        for turn in 0..3 {
            // Work waits, so that the page looks every three seconds.
            for digit in ["a", "b"] {
                let sha = format!("{turn}{}", digit.repeat(39));
                world.deliver("push", &payload::push("octo", "shop", &sha)).await;
                let before = page.value(polls).await.as_i64().unwrap();
                page.until(&format!("{polls} > {before}")).await;
            }
            world.server.client.tick().await;
            let before = page.value(polls).await.as_i64().unwrap();
            page.until(&format!("{polls} >= {}", before + 2)).await;
        }
        assert_eq!(page.value("window.shifts").await, json!([]), "{path} moved while it was polled");
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_run_moves_nothing_and_waits_to_be_asked_for_while_the_list_is_used() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    world.push().await;
    page.before_each_page(WATCH_SHIFTS).await;
    page.goto("/feed").await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    page.value("(document.querySelector('.run a').focus(), window.shifts = [], true)").await;
    world.deliver("push", &payload::push("octo", "shop", &"9".repeat(40))).await;
    page.until_text("Show 1 new run").await;
    assert_eq!(page.value("document.querySelectorAll('.run').length").await, json!(1));
    assert_eq!(page.value("window.shifts").await, json!([]), "the list moved under its reader");
    page.click(Locator::XPath("//button[normalize-space()='Show 1 new run']")).await;
    page.until("document.querySelectorAll('.run').length === 2").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_polled_every_ten_seconds_and_every_three_while_work_waits() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    // No ticks: the queue must stay as the test leaves it.
    page.store("ci-feed.tick", "off").await;
    page.goto("/feed").await;
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

/// Pages that were seen while the server was there, each reached from the one before, and what they show.
const SEEN: [(&str, &str, &str); 4] = [
    ("feed", "/feed", ".run"),
    ("repo", "/r/octo/shop", ".run"),
    ("status", "/status", ".tiles"),
    ("setup", "/setup", ".setting-list"),
];

/// By a link of the page, without loading it anew.
async fn go(page: &Browser, path: &str, known: &str) {
    page.value(&format!("document.querySelector('a[href=\"{path}\"]').click()")).await;
    page.until(&format!("location.pathname === '{path}' && document.querySelector('{known}')")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_offline_when_the_server_is_gone_and_recovers_alone() {
    let Some(axe) = axe() else { return };
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let server = setting.with("CI_FEED_BIND", format!("127.0.0.1:{}", free_port())).start().await;
    let Some(mut page) = Browser::open(&server.client.base).await else { return };
    page.expect_on_console("net::ERR_CONNECTION");
    page.expect_on_console("net::ERR_EMPTY_RESPONSE");
    // What a server says that stops.
    page.expect_on_console("503 (Service Unavailable)");
    page.store("ci-feed.tick", "off").await;
    let (_, first) = server.client.deliver("push", &payload::push("octo", "shop", &"1".repeat(40))).await;
    assert!(first["run_id"].is_string());
    page.goto("/feed").await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    for (_, path, known) in SEEN {
        go(&page, path, known).await;
    }
    page.value("document.querySelector('a[href=\"/feed\"]').click()").await;
    let setting = server.stop_and_check().await;
    page.until_text("Offline since").await;
    assert_eq!(page.count(".run").await, 1, "what was known stays on the page");
    for (name, path, known) in SEEN {
        go(&page, path, known).await;
        page.until("document.querySelector('.stale')").await;
        page.is_accessible(&axe, &format!("axe-offline-{name}")).await;
    }
    page.value("document.querySelector('a[href=\"/feed\"]').click()").await;

    let server = setting.start().await;
    server.client.deliver("push", &payload::push("octo", "shop", &"2".repeat(40))).await;
    // The pictures ask for no motion: then new runs wait to be asked for.
    page.until_text("Show 1 new run").await;
    page.click(Locator::XPath("//button[normalize-space()='Show 1 new run']")).await;
    page.until("document.querySelectorAll('.run').length === 2 && !document.querySelector('.stale')").await;
    page.close().await;
    server.stop_and_check().await;
}
