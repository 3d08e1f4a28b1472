//! The page for everybody: keyboard alone, narrow and wide, light and dark, with nothing for axe to say.

use fantoccini::key::Key;
use serde_json::json;

use super::support::axe::axe;
use super::support::browser::Browser;
use super::support::world::World;
use crate::support::payload;

impl Browser {
    /// Press Tab until the focus is on an element for which this is true; a person would give up sooner.
    async fn tab_to(&self, expression: &str) {
        for _ in 0..40 {
            self.press(char::from(Key::Tab)).await;
            if self.value(&format!("((one) => Boolean({expression}))(document.activeElement)")).await == json!(true) {
                let seen = "getComputedStyle(document.activeElement).outlineStyle !== 'none'";
                assert_eq!(self.value(seen).await, json!(true), "the focus cannot be seen: {expression}");
                return;
            }
        }
        panic!("Tab does not lead to {expression}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_opens_a_dossier_and_walks_its_tabs() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    let run_id = world.push().await;
    page.goto("/feed").await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Succeeded')").await;
    page.tab_to("one.className === 'skip'").await;
    page.tab_to("one.innerText === 'View dossier'").await;
    page.picture("keyboard-focus").await;
    page.press(char::from(Key::Enter)).await;
    page.until(&format!("location.pathname === '/runs/{run_id}' && document.querySelector('[role=tab]')")).await;
    page.tab_to("one.id === 'tab-overview'").await;
    for (key, tab) in [
        (Key::Right, "facts"),
        (Key::Right, "claims"),
        (Key::Left, "facts"),
        (Key::End, "markdown"),
        (Key::Right, "overview"),
        (Key::Right, "facts"),
    ] {
        page.press(char::from(key)).await;
        let chosen = format!(
            "document.activeElement.id === 'tab-{tab}' && document.activeElement.ariaSelected === 'true' && !document.getElementById('panel-{tab}').hidden"
        );
        page.until(&chosen).await;
    }
    page.tab_to("one.className === 'fact-toggle'").await;
    page.press(char::from(Key::Enter)).await;
    page.until("document.querySelector('.excerpt')").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_and_the_pages_around_it_are_accessible_at_any_width_and_in_both_schemes() {
    let Some(axe) = axe() else { return };
    let Some(world) = World::with(|setting| setting.with("CI_MAX_ATTEMPTS", "1")).await else { return };
    let page = &world.browser;
    page.goto("/feed").await;
    page.until_text("No runs yet").await;
    page.is_accessible(&axe, "axe-welcome").await;
    world.push().await;
    let failed = world.deliver("push", &payload::push("octo", "shop", &"9".repeat(40))).await;
    page.goto("/feed").await;
    page.until(
        "/Succeeded/.test(document.body.innerText) && /Failed/.test(document.querySelector('.run .run-status')?.innerText)",
    )
    .await;
    page.store("ci-feed.tick", "off").await;
    world.deliver("pull_request", &payload::pull_request("octo", "shop", &"8".repeat(40))).await;
    let pages = [
        ("/feed", "axe-feed", "document.querySelectorAll('.run').length === 3"),
        ("/?owner=octo&repo=nothing", "axe-feed-no-match", "/No run matches/.test(document.body.innerText)"),
        ("/setup", "axe-setup", "document.querySelector('form.form')"),
        ("/status", "axe-status", "document.querySelector('table.deliveries tbody tr')"),
        ("/r/octo/shop", "axe-repo", "document.querySelectorAll('.run').length === 3"),
        (&format!("/runs/{failed}"), "axe-run-failed", "document.querySelector('.run-head .notice')"),
    ];
    for (path, name, ready) in pages {
        page.goto(path).await;
        page.until(&format!("({ready}) && !document.querySelector('.skeleton')")).await;
        page.is_accessible(&axe, name).await;
    }
    world.deliver("push", &payload::push("octo", "till", &"7".repeat(40))).await;
    page.goto("/").await;
    page.until("document.querySelectorAll('.repo-row').length === 2").await;
    page.is_accessible(&axe, "axe-home").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tab_of_a_dossier_is_accessible_at_any_width_and_in_both_schemes() {
    let Some(axe) = axe() else { return };
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    let run_id = world.push().await;
    page.goto(&format!("/runs/{run_id}")).await;
    for tab in ["overview", "facts", "claims", "unknowns", "findings", "coverage", "artifacts", "markdown"] {
        page.goto(&format!("/runs/{run_id}#{tab}")).await;
        let shown = format!(
            "document.getElementById('tab-{tab}')?.ariaSelected === 'true' && document.querySelector('#panel-{tab} > *') && !document.querySelector('.skeleton')"
        );
        page.until(&shown).await;
        // With its evidence and artifacts open there is more that can be wrong.
        page.value(
            "[...document.querySelectorAll('.panel [aria-expanded=false]')].slice(0, 3).forEach((one) => one.click())",
        )
        .await;
        page.until("!document.querySelector('.skeleton')").await;
        page.is_accessible(&axe, &format!("axe-{tab}")).await;
    }
    world.end().await;
}
