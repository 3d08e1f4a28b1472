//! What a newcomer comes for, from the first page on, and in how many clicks. Comparing and searching are in `questions`.

use fantoccini::Locator;
use serde_json::json;

use super::support::browser::Browser;
use super::support::world::World;
use crate::support::payload;

/// A person who counts.
struct Newcomer<'a> {
    page: &'a Browser,
    clicks: usize,
}

impl<'a> Newcomer<'a> {
    async fn at(page: &'a Browser, path: &str) -> Self {
        page.goto(path).await;
        Self { page, clicks: 0 }
    }

    async fn click(&mut self, xpath: &str) {
        self.page.click(Locator::XPath(xpath)).await;
        self.clicks += 1;
    }

    /// What was looked for is on the screen.
    async fn finds(self, condition: &str, clicks: usize) {
        self.page.until(condition).await;
        assert_eq!(self.clicks, clicks, "{condition}");
    }
}

fn seen(text: &str) -> String {
    format!("document.querySelector('main').innerText.includes({})", json!(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newcomer_comes_for_is_one_or_two_clicks_away() {
    let Some(world) = World::with(|setting| setting.with("CI_MAX_ATTEMPTS", "1")).await else { return };
    world.push().await;
    assert_eq!(world.server.client.tick().await["status"], json!("SUCCEEDED"));
    let failed = world.deliver("push", &payload::push_to("broken", "octo", "shop", &"9".repeat(40))).await;
    assert_eq!(world.server.client.tick().await["status"], json!("FAILED"));
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;

    let mut newcomer = Newcomer::at(page, "/").await;
    newcomer.click("//a[normalize-space()='Set-up']").await;
    newcomer.click("//button[@aria-label='Copy payload URL']").await;
    newcomer.finds("/Copied|Selected/.test(document.querySelector('.copy-word').innerText)", 2).await;

    let mut newcomer = Newcomer::at(page, "/").await;
    newcomer.click("//section[@aria-labelledby='latest']//a[contains(., 'endpoint')]").await;
    newcomer.finds("document.querySelectorAll('.facts-of-endpoint .fact').length === 2", 1).await;

    let mut newcomer = Newcomer::at(page, "/").await;
    newcomer.click("//section[@aria-labelledby='latest']//a[contains(., 'variable')]").await;
    newcomer.finds(&seen("Documented in"), 1).await;

    let mut newcomer = Newcomer::at(page, "/").await;
    newcomer.click("//section[@aria-labelledby='latest']//a[contains(@class, 'latest-link')]").await;
    newcomer.click("//*[@role='tab'][contains(., 'Artifacts')]").await;
    newcomer.finds("document.querySelector('a[href$=\"/artifacts/dossier.json\"]')", 2).await;

    let mut newcomer = Newcomer::at(page, "/").await;
    newcomer.click("//button[@aria-label='Copy badge as Markdown']").await;
    newcomer.finds("/Copied|Selected/.test(document.querySelector('.copy-word').innerText)", 1).await;

    let mut newcomer = Newcomer::at(page, "/").await;
    newcomer.click("//a[normalize-space()='Status']").await;
    newcomer.finds(&seen("The feed needs attention"), 1).await;

    let mut newcomer = Newcomer::at(page, "/").await;
    newcomer.click("//a[normalize-space()='View run'][1]").await;
    page.until_text("COMMIT_NOT_FOUND").await;
    newcomer.click("//button[normalize-space()='Retry as a new run']").await;
    let other = format!("location.pathname.startsWith('/runs/') && location.pathname !== '/runs/{failed}'");
    newcomer.finds(&other, 2).await;
    world.end().await;
}
