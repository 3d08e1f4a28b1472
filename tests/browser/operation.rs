//! Setting up and operating from the page: what to copy, what has arrived, and why nothing moves.

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;

use super::support::world::World;
use crate::support::payload;

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_page_gives_the_values_and_turns_green_at_the_first_ping() {
    let Some(world) = World::with(|setting| setting.with("CI_PUBLIC_URL", "https://feed.example")).await else {
        return;
    };
    let page = &world.browser;
    page.goto("/feed").await;
    page.click(Locator::LinkText("Set-up")).await;
    page.until_text("Waiting for the first ping").await;
    let values = page.value("[...document.querySelectorAll('.copy-value')].map((one) => one.innerText)").await;
    assert_eq!(values[0], json!("https://feed.example/api/webhooks/github"));
    assert_eq!(values[1], json!("application/json"));
    assert!(values[2].as_str().unwrap().contains("-X POST https://feed.example/api/ci/worker/tick"), "{values}");
    page.until_text("Set on this server").await;
    assert!(!page.value("document.body.innerHTML").await.as_str().unwrap().contains("a secret for tests"));
    let field = page.client.find(Locator::Css("input[name=hook]")).await.unwrap();
    field.send_keys("octo/shop").await.unwrap();
    page.until("document.querySelector('.hook-page a')?.href.endsWith('/octo/shop/settings/hooks/new')").await;
    page.click(Locator::Css("button[aria-label='Copy payload URL']")).await;
    page.until("/Copied|Selected/.test(document.querySelector('.copy-word').innerText)").await;
    page.picture("setup-waiting").await;
    let (status, _) =
        world.server.client.deliver("ping", &json!({ "zen": "Keep it logically awesome.", "hook_id": 1 })).await;
    assert_eq!(status, 202);
    page.until("document.querySelector('#ping').parentElement.querySelector('.tone-good')?.innerText.includes('The webhook works')").await;
    page.picture("setup-green").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_secret_the_set_up_page_makes_one_that_stays_in_it() {
    let Some(world) = World::with(|setting| setting.with("GITHUB_WEBHOOK_SECRET", "")).await else { return };
    let page = &world.browser;
    page.goto("/setup").await;
    page.until_text("Not set on this server").await;
    page.click(Locator::XPath("//button[normalize-space()='Make a secret']")).await;
    page.until("/^[0-9a-f]{64}$/.test([...document.querySelectorAll('.copy-value')][2].innerText)").await;
    page.picture("setup-secret").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_delivery_is_explained_on_set_up_and_status() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    let body = payload::push("octo", "shop", &world.sha).to_string().into_bytes();
    let refused =
        world.server.client.deliver_raw("push", "11111111-2222-3333-4444-555555555555", "another secret", body).await;
    assert_eq!(refused.status(), 401);
    page.goto("/setup").await;
    page.until_text("Last rejected delivery").await;
    page.goto("/status").await;
    page.until_text("The last webhook was refused").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_enqueued_by_hand_becomes_a_run_of_the_feed() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.goto("/setup#enqueue").await;
    for (name, value) in [("owner", "octo"), ("repo", "shop"), ("commit_sha", world.sha.as_str())] {
        let field = page.client.wait().for_element(Locator::Css(&format!("input[name={name}]"))).await.unwrap();
        field.send_keys(value).await.unwrap();
    }
    page.click(Locator::XPath("//button[normalize-space()='Enqueue']")).await;
    page.until_text("Open the run").await;
    page.picture("setup-enqueued").await;
    page.click(Locator::LinkText("Feed")).await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Succeeded')").await;
    assert!(page.text(".run-meta").await.contains("manual"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_says_in_a_sentence_why_nothing_moves() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.goto("/status").await;
    page.until_text("This page drives the queue").await;
    page.until_text("Last tick").await;
    assert_eq!(page.count(".tick-popover").await, 0, "what is behind the dot is there for whoever asks");
    page.click(Locator::Css(".tick-button")).await;
    let ticks = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/worker/tick')).length";
    let before = page.until(ticks).await.as_i64().unwrap();
    page.click(Locator::XPath("//button[normalize-space()='Run now']")).await;
    page.until(&format!("{ticks} > {before}")).await;
    page.press(char::from(Key::Escape)).await;
    page.until("!document.querySelector('.tick-popover') && document.activeElement.matches('.tick-button')").await;
    page.click(Locator::Css(".tick-button")).await;
    page.click(Locator::Css("button[role=switch]")).await;
    page.until_text("Ticks are off: nothing here drives the queue").await;
    // What a tick worked on is written down at once; of idle ones the process knows more than the database.
    let run_id = world.push().await;
    assert_eq!(world.server.client.tick().await["processed"], json!(true));
    let sha = world.server.client.run(&run_id).await["commit_sha"].as_str().unwrap().to_owned();
    world.server.client.enqueue("octo", "shop", &sha).await;
    let mut probe = world.server.probe().await;
    assert_eq!(
        probe.execute("update ci_signals set last_at = '2026-01-01T00:00:00.000000+00:00' where name = 'tick'").await,
        1
    );
    page.until_text("1 job waits and nobody has called tick for").await;
    assert_eq!(page.text(".tiles .tile:first-child dd").await, "1");
    let deliveries = page.text("table.deliveries tbody tr").await;
    assert!(deliveries.contains("Accepted") && deliveries.contains("octo/shop"), "{deliveries}");
    page.until_text("The feed needs attention").await;
    page.picture("status-stuck").await;
    assert_eq!(probe.number("select count(*) from ci_jobs where status = 'READY'").await, 1, "nobody ticks");

    page.picture("tick-popover").await;
    page.press(char::from(Key::Escape)).await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Cancel')").await;
    page.click(Locator::XPath("//button[normalize-space()='Run next now']")).await;
    page.until("document.querySelector('.tiles .tile:nth-child(3) dd').innerText === '2'").await;
    page.click(Locator::Css(".tick-button")).await;
    page.click(Locator::Css("button[role=switch]")).await;
    page.until_text("The feed is working").await;
    assert!(!page.text(".notice").await.contains("waits"));
    world.end().await;
}
