//! The main job as a person sees it: a push arrives, the page drives it to its dossier, the dossier is read.

use std::time::{Duration, Instant};

use fantoccini::Locator;
use serde_json::json;

use super::support::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_push_appears_by_itself_and_the_page_makes_its_dossier() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.goto("/feed").await;
    page.until_text("No runs yet").await;
    page.until_text("This page drives the queue").await;
    assert!(page.text(".welcome").await.contains("nobody looks, add one line to cron"));
    page.picture("welcome").await;
    page.value("window.notReloaded = true").await;

    let pushed = Instant::now();
    let run_id = world.push().await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    assert!(pushed.elapsed() < Duration::from_secs(15), "polled every 10 s, it took {:?}", pushed.elapsed());
    assert!(page.text(".run-title").await.contains("Sell by the dozen"));
    assert!(page.text(".run-meta").await.contains(&world.sha[..7]));
    page.until("document.querySelector('.run .run-status').innerText.includes('Succeeded')").await;
    assert_eq!(page.value("window.notReloaded").await, json!(true), "the page was reloaded");
    assert_eq!(page.text(".run .ref").await, "main");
    let when = page.text(".run .run-times").await;
    assert!(when.contains("just now") || when.contains("s ago"), "{when}");
    page.until("/[0-9] m?s$/.test(document.querySelector('.run .run-times').innerText.trim())").await;
    page.picture("feed").await;

    let repository = page.client.find(Locator::Css("input[list=known-repos]")).await.unwrap();
    repository.send_keys("octo/shop").await.unwrap();
    page.click(Locator::XPath("//button[normalize-space()='Apply']")).await;
    page.until("location.search === '?owner=octo&repo=shop' && document.querySelectorAll('.run').length === 1").await;

    page.click(Locator::XPath("//a[normalize-space()='View dossier']")).await;
    page.until(&format!("location.pathname === '/runs/{run_id}'")).await;
    page.until("document.querySelector('[role=tab][aria-selected=true]')?.innerText.includes('Overview')").await;
    page.picture("dossier-overview").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dossier_shows_facts_with_their_evidence_claims_and_markdown() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    let run_id = world.push().await;
    page.goto(&format!("/runs/{run_id}")).await;
    page.click(Locator::Id("tab-facts")).await;
    let fact = "[...document.querySelectorAll('.fact')].find((one) => one.innerText.includes('/api/items/{id}'))";
    page.until(&format!("{fact} !== undefined")).await;
    assert_eq!(page.count(".excerpt").await, 0, "evidence is closed until it is opened");
    page.click(Locator::XPath("//div[@data-row][contains(., '/api/items/{id}')]//button[@aria-expanded='false']"))
        .await;
    let excerpt = page.text(".excerpt pre").await;
    assert!(excerpt.contains("router.get('/:id'"), "{excerpt}");
    let link = page.value(&format!("{fact}.querySelector('a.forge').getAttribute('href')")).await;
    let expected = format!("/octo/shop/blob/{}/routes/items.js#L2", world.sha);
    assert!(link.as_str().unwrap().ends_with(&expected), "{link}");
    page.picture("dossier-facts").await;

    page.click(Locator::Id("tab-claims")).await;
    let contradicted = page.text(".claim").await;
    assert!(contradicted.contains("Contradicted") && contradicted.contains("npm run serve"), "{contradicted}");
    let verified = "[...document.querySelectorAll('.claim')].some((one) => /Verified/.test(one.innerText) && /npm run dev/.test(one.innerText))";
    assert_eq!(page.value(verified).await, json!(true));
    page.picture("dossier-claims").await;

    page.click(Locator::Id("tab-markdown")).await;
    page.until("document.querySelector('.prose :is(h2, h3)')?.innerText").await;
    assert!(page.text(".prose").await.contains("GET /api/items/{id}"));
    page.picture("dossier-markdown").await;

    page.click(Locator::Id("tab-artifacts")).await;
    page.click(Locator::Css("button[aria-label='Open dossier.json']")).await;
    page.until("document.querySelector('.artifact [role=tree], .artifact details')").await;
    page.picture("dossier-artifacts").await;
    world.end().await;
}
