//! The first page: the repositories, or the one that there is.

use fantoccini::Locator;
use serde_json::json;

use super::support::world::World;
use crate::support::payload;

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
