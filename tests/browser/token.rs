//! Signing in with the API token: what is private appears, writing works, and the token is nowhere to be found.

use fantoccini::Locator;
use serde_json::json;

use super::support::axe::axe;
use super::support::world::World;

pub(super) const TOKEN: &str = "a t0ken for tests";

impl World {
    /// Type a token into the open token form.
    pub(super) async fn sign_in(&self, token: &str) {
        let field = self.browser.client.wait().for_element(Locator::Css("input[type=password]")).await.unwrap();
        field.send_keys(token).await.unwrap();
        self.browser.click(Locator::XPath("//button[normalize-space()='Sign in']")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_shows_private_runs_and_deliveries_and_signing_out_hides_them() {
    let Some(axe) = axe() else { return };
    let Some(mut world) = World::with(|setting| setting.with("CI_API_TOKEN", TOKEN)).await else { return };
    // A wrong token, and a poll that is due just when its owner signs out.
    world.browser.expect_on_console("401 (Unauthorized)");
    let page = &world.browser;
    world.push().await;
    world.server.probe().await.execute("update ci_runs set private = true").await;
    page.store("ci-feed.tick", "off").await;
    page.goto("/feed").await;
    page.until_text("No runs yet").await;
    page.click(Locator::Css("button[aria-label='Sign in with the API token']")).await;
    page.until("document.querySelector('dialog[open] input[type=password]')").await;
    page.is_accessible(&axe, "axe-token").await;
    page.look(1280, "light").await;
    world.sign_in("another token").await;
    page.until_text("not this server's API token").await;
    world.sign_in(TOKEN).await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    page.click(Locator::Css("dialog button[aria-label=Close]")).await;
    page.until_text("private").await;
    page.click(Locator::LinkText("Status")).await;
    page.until("document.querySelector('table.deliveries tbody tr')?.innerText.includes('octo/shop')").await;
    page.goto("/status").await;
    page.until("document.querySelector('table.deliveries tbody tr')").await;
    let kept = page.value("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])").await;
    assert!(!kept.as_str().unwrap().contains(TOKEN), "the token is stored: {kept}");
    assert!(!kept.as_str().unwrap().contains("ci_feed_session"), "a script can read the cookie: {kept}");
    assert_eq!(
        page.value(&format!("document.documentElement.outerHTML.includes({})", json!(TOKEN))).await,
        json!(false)
    );

    page.click(Locator::XPath("//main//button[normalize-space()='Sign out']")).await;
    page.until("!document.querySelector('table.deliveries')").await;
    page.click(Locator::LinkText("Feed")).await;
    page.until_text("No runs yet").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_closed_to_readers_asks_for_the_token_and_then_shows_the_feed_with_its_files() {
    let Some(axe) = axe() else { return };
    let closed =
        |setting: crate::support::server::Setting| setting.with("CI_API_TOKEN", TOKEN).with("CI_READ_ACCESS", "token");
    let Some(mut world) = World::with(closed).await else { return };
    world.browser.expect_on_console("401 (Unauthorized)");
    let page = &world.browser;
    world.push().await;
    world.server.client.tick().await;
    page.store("ci-feed.tick", "off").await;
    page.goto("/feed").await;
    page.until_text("only with its API token").await;
    page.is_accessible(&axe, "axe-token-needed").await;
    page.look(1280, "light").await;
    world.sign_in(TOKEN).await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    // A download is a plain link: nothing but the cookie goes along.
    page.click(Locator::XPath("//a[normalize-space()='View dossier']")).await;
    page.until("document.querySelector('#tab-artifacts')").await;
    page.click(Locator::Css("#tab-artifacts")).await;
    page.until("document.querySelectorAll('a[download]').length > 3").await;
    page.value(
        "Promise.all([...document.querySelectorAll('a[download]')].map(async (link) => (await fetch(link.href)).status)).then((all) => { window.statuses = all; })",
    )
    .await;
    page.until("window.statuses?.every((status) => status === 200)").await;
    world.end().await;
}
