//! What a person takes back: a run that waits is cancelled, a repository deleted after its name was typed.

use fantoccini::Locator;
use serde_json::json;

use super::support::axe::axe;
use super::support::world::World;
use super::token::TOKEN;
use crate::support::payload;

const NO_CANCEL: &str = "![...document.querySelectorAll('button')].some((one) => one.innerText.startsWith('Cancel'))";

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_run_is_cancelled_in_the_feed_by_those_who_may_and_on_its_page_after_signing_in() {
    let Some(axe) = axe() else { return };
    let Some(mut world) = World::with(|setting| setting.with("CI_API_TOKEN", TOKEN)).await else { return };
    world.browser.expect_on_console("401 (Unauthorized)");
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    let first = world.deliver("push", &payload::push("octo", "shop", &"1".repeat(40))).await;
    let second = world.deliver("push", &payload::push("octo", "shop", &"2".repeat(40))).await;
    page.goto("/feed").await;
    page.until("document.querySelectorAll('.run').length === 2").await;
    assert_eq!(page.value(NO_CANCEL).await, json!(true), "the feed offers it to nobody who may not");

    page.goto(&format!("/runs/{first}")).await;
    page.click(Locator::XPath("//button[normalize-space()='Cancel this run']")).await;
    page.until_text("needs the API token").await;
    page.is_accessible(&axe, "axe-cancel-refused").await;
    page.look(1280, "light").await;
    world.sign_in(TOKEN).await;
    page.click(Locator::XPath("//button[normalize-space()='Cancel this run']")).await;
    page.until_text("This run was cancelled").await;
    assert_eq!(page.value(NO_CANCEL).await, json!(true), "nothing waits any more");
    page.is_accessible(&axe, "axe-cancelled").await;

    page.look(1280, "light").await;
    page.goto("/feed").await;
    page.until("document.querySelectorAll('.run .run-status button').length === 1").await;
    page.is_accessible(&axe, "axe-feed-cancel").await;
    page.look(1280, "light").await;
    page.click(Locator::Css(".run .run-status button")).await;
    page.until("[...document.querySelectorAll('.run .run-status')].every((one) => one.innerText.includes('Failed'))")
        .await;
    let mut probe = world.server.probe().await;
    for run in [&first, &second] {
        let code = format!("select error_code from ci_runs where id = '{run}'");
        assert_eq!(probe.texts(&code).await, ["CANCELLED"]);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_is_deleted_once_its_name_is_typed_and_an_old_address_becomes_the_new_one() {
    let Some(axe) = axe() else { return };
    let Some(mut world) = World::with(|setting| setting.with("CI_API_TOKEN", TOKEN)).await else { return };
    // The repository that is gone.
    world.browser.expect_on_console("404 (Not Found)");
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    world.push().await;
    assert_eq!(world.server.client.tick().await["status"], json!("SUCCEEDED"));
    let mut renamed = payload::repository("renamed", ("octo", "store", payload::number("octo", "shop")), 1);
    renamed["changes"] = json!({ "repository": { "name": { "from": "shop" } } });
    world.server.client.deliver("repository", &renamed).await;

    page.goto("/r/octo/shop").await;
    page.until("location.pathname === '/r/octo/store' && document.querySelector('h1')?.innerText === 'octo/store'")
        .await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    assert_eq!(page.count(".delete-repo").await, 0, "nobody is asked who may not");
    page.click(Locator::Css("button[aria-label='Sign in with the API token']")).await;
    world.sign_in(TOKEN).await;
    page.click(Locator::Css("dialog button[aria-label=Close]")).await;
    page.click(Locator::XPath("//button[normalize-space()='Delete what is known of it…']")).await;
    page.until("document.querySelector('dialog[open] input')").await;
    let field = page.client.find(Locator::Css("dialog input")).await.unwrap();
    field.send_keys("octo/shop").await.unwrap();
    let disabled = "document.querySelector('dialog button[type=submit]').disabled";
    assert_eq!(page.value(disabled).await, json!(true), "that is not its name");
    page.is_accessible(&axe, "axe-delete").await;
    page.look(1280, "light").await;
    field.clear().await.unwrap();
    field.send_keys("octo/store").await.unwrap();
    page.until(&format!("!{disabled}")).await;
    page.click(Locator::Css("dialog button[type=submit]")).await;
    page.until_text("Nothing of it is left here").await;
    page.is_accessible(&axe, "axe-deleted").await;
    assert_eq!(world.server.probe().await.number("select count(*) from ci_runs").await, 0);
    world.end().await;
}
