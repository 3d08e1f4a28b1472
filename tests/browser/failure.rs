//! A run that fails says why, and can be tried again from the page.

use fantoccini::Locator;
use serde_json::json;

use super::support::world::World;
use crate::support::payload;

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_shows_its_error_and_retry_makes_a_new_run() {
    let Some(world) = World::with(|setting| setting.with("CI_MAX_ATTEMPTS", "1")).await else { return };
    let page = &world.browser;
    let failed = world.deliver("push", &payload::push("octo", "shop", &"9".repeat(40))).await;
    page.goto("/feed").await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Failed')").await;
    let run = world.server.client.run(&failed).await;
    let (error, code) = (run["error"].as_str().unwrap(), run["error_code"].as_str().unwrap());
    assert_eq!(code, "COMMIT_NOT_FOUND");
    let first_line = error.lines().next().unwrap();
    assert!(page.text(".run-error").await.contains(first_line), "the feed does not say: {first_line}");
    page.picture("feed-failed").await;

    page.click(Locator::XPath("//a[normalize-space()='View run']")).await;
    page.until_text(&format!("({code})")).await;
    let notice = page.text(".run-head .notice").await;
    // Alone in a paragraph it begins like a sentence.
    assert!(notice.contains(&first_line[1..]) && notice.contains("1 of 1"), "{notice}");
    page.picture("run-failed").await;

    page.click(Locator::XPath("//button[normalize-space()='Retry as a new run']")).await;
    page.until(&format!("location.pathname.startsWith('/runs/') && location.pathname !== '/runs/{failed}'")).await;
    let path = page.value("location.pathname").await;
    let again = world.server.client.run(path.as_str().unwrap().trim_start_matches("/runs/")).await;
    assert_eq!(again["commit_sha"], json!("9".repeat(40)));
    // The same page drives the new run to its end, too.
    page.until_text(&format!("({code})")).await;
    assert_eq!(world.server.probe().await.number("select count(*) from ci_runs").await, 2);
    world.end().await;
}
