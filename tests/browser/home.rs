//! The first page: the repositories, or the one that there is.

use fantoccini::Locator;
use serde_json::{Value, json};

use super::support::axe::axe;
use super::support::browser::Browser;
use super::support::world::World;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::Setting;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_is_the_one_repository_or_all_of_them_to_find_by_typing() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.goto("/").await;
    page.until_text("No runs yet").await;
    world.push().await;
    // By itself, as soon as there is one.
    page.until(
        "document.querySelector('h1')?.innerText === 'octo/shop' && document.querySelectorAll('.run').length === 1",
    )
    .await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Succeeded')").await;
    assert_eq!(page.value("location.pathname").await, json!("/"));

    page.store("ci-feed.tick", "off").await;
    for (owner, repo) in [("octo", "till"), ("hexo", "Shopping")] {
        world.deliver("push", &payload::push(owner, repo, &"7".repeat(40))).await;
    }
    page.goto("/").await;
    page.until("document.querySelectorAll('.repo-row').length === 3").await;
    let names = "[...document.querySelectorAll('.repo-name')].map((one) => one.innerText.replace(/\\s+/g, ' '))";
    assert_eq!(page.value(names).await, json!(["Shopping hexo", "till octo", "shop octo"]), "latest activity first");
    assert!(page.text(".repo-row:last-child").await.contains("2 endpoints"));
    assert_eq!(page.value("document.title").await, json!("(2) Repositories · ci-feed"));
    page.press('f').await;
    page.client.active_element().await.unwrap().send_keys("SHOP hexo").await.unwrap();
    page.until("document.querySelectorAll('.repo-row').length === 1").await;
    page.until_text("1 of 3 repositories").await;
    page.press('\u{e007}').await;
    page.until("location.pathname === '/r/hexo/Shopping' && document.querySelectorAll('.run').length === 1").await;
    // What was bookmarked before the repositories came here.
    page.goto("/?owner=octo&repo=till").await;
    page.until(
        "document.querySelector('h1')?.innerText === 'octo/till' && document.querySelectorAll('.run').length === 1",
    )
    .await;
    page.click(Locator::LinkText("Feed")).await;
    page.until("location.pathname === '/feed' && document.querySelectorAll('.run').length === 3").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_shows_how_the_default_branch_stands_and_drifted_and_on_a_wide_screen_the_newest_runs_stand_beside() {
    let Some(axe) = axe() else { return };
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let mut shop = TestRepo::create(setting.git.root(), "octo", "shop");
    let first = shop.commit(EXPRESS_APP);
    let second = shop.commit(&[("pay.js", "module.exports = [process.env.PAY_URL, process.env.PAY_KEY]\n")]);
    let server = setting.with("CI_MAX_ATTEMPTS", "1").start().await;
    let deliver = async |payload: &Value| {
        assert_eq!(server.client.deliver("push", payload).await.0, 200);
        server.client.tick().await;
    };
    deliver(&payload::push("octo", "shop", &first)).await;
    deliver(&payload::moved(&first, &second)).await;
    // What came last is of another branch, and there is no such commit.
    deliver(&payload::push_to("prices", "octo", "shop", &"9".repeat(40))).await;
    deliver(&payload::push("octo", "till", &"8".repeat(40))).await;
    let Some(page) = Browser::open(&server.client.base).await else { return };
    page.store("ci-feed.tick", "off").await;
    page.goto("/").await;
    page.until("document.querySelectorAll('.repo-row [role=img]').length === 2").await;
    let shop = page.text(".repo-row:last-child").await;
    for words in ["Succeeded", "main", "2 before deploy", "newest: prices"] {
        assert!(shop.contains(words), "{words}: {shop}");
    }
    let spark = page.value("document.querySelector('.repo-row:last-child [role=img]').ariaLabel").await;
    assert!(spark.as_str().unwrap().starts_with("Drift of the last 2 runs, newest last: not compared, "), "{spark}");
    page.until("document.querySelectorAll('.home-feed .run').length === 4").await;
    page.is_accessible(&axe, "axe-home").await;
    page.look(360, "dark").await;
    page.until("!document.querySelector('.home-feed')").await;
    assert_eq!(page.value("document.documentElement.scrollWidth").await, json!(360));
    page.is_accessible(&axe, "axe-home-narrow").await;
    page.close().await;
    server.stop_and_check().await;
}
