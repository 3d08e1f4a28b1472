//! Single keys: walking, opening, finding, help; and that they can be switched off.

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::json;

use super::support::axe::axe;
use super::support::browser::Browser;
use super::support::world::World;
use crate::support::payload;

const ENTER: Key = Key::Enter;
const FOCUSED_ROW: &str =
    "[...document.querySelectorAll('.run')].findIndex((row) => row.contains(document.activeElement))";

async fn feed_of_three(world: &World) -> String {
    let first = world.push().await;
    for digit in ["8", "9"] {
        world.deliver("push", &payload::push("octo", "shop", &digit.repeat(40))).await;
    }
    world.browser.store("ci-feed.tick", "off").await;
    world.browser.goto("/feed").await;
    world.browser.until("document.querySelectorAll('.run').length === 3").await;
    first
}

async fn focus_is_on_row(page: &Browser, row: i64) {
    page.until(&format!("{FOCUSED_ROW} === {row}")).await;
    let outline = "getComputedStyle(document.activeElement).outlineStyle !== 'none'";
    assert_eq!(page.value(outline).await, json!(true), "the focus cannot be seen on row {row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn j_and_k_walk_the_feed_and_enter_opens_the_run() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    let first = feed_of_three(&world).await;
    for (key, row) in [('j', 0), ('j', 1), ('k', 0), ('j', 1), ('j', 2), ('j', 2)] {
        page.press(key).await;
        focus_is_on_row(page, row).await;
    }
    page.press(char::from(ENTER)).await;
    page.until(&format!("location.pathname === '/runs/{first}'")).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_f_goes_to_the_field_of_the_page_and_escape_leaves_it() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    feed_of_three(&world).await;
    page.press('f').await;
    page.until("document.activeElement.matches('input[list=known-repos]')").await;
    // While somebody types, letters are letters.
    page.press('j').await;
    page.until("document.activeElement.value === 'j'").await;
    page.press(char::from(Key::Escape)).await;
    page.until("document.activeElement === document.body").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_mark_lists_the_keys_and_they_can_be_switched_off() {
    let Some(axe) = axe() else { return };
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    feed_of_three(&world).await;
    page.press('?').await;
    page.until("document.querySelector('dialog[open]')?.innerText.includes('next row')").await;
    page.is_accessible(&axe, "axe-keyboard-help").await;
    page.look(1280, "light").await;
    page.click(Locator::Css("dialog input[type=checkbox]")).await;
    page.press(char::from(Key::Escape)).await;
    page.until("!document.querySelector('dialog')").await;
    page.press('j').await;
    assert_eq!(page.value(FOCUSED_ROW).await, json!(-1), "the keys still act");
    page.click(Locator::Css("button[aria-label='Keyboard shortcuts']")).await;
    page.click(Locator::Css("dialog input[type=checkbox]")).await;
    page.click(Locator::Css("dialog button[aria-label=Close]")).await;
    page.press('j').await;
    focus_is_on_row(page, 0).await;
    world.end().await;
}
