//! The drift of a push as a person reads it: in the feed's row, then as the first tab of the run.

use fantoccini::Locator;
use serde_json::json;

use super::support::axe::axe;
use super::support::browser::Browser;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::Setting;

/// A push that a reviewer would want to know about: a route more, a script less, a variable and a migration new.
const CHANGE: &[(&str, &str)] = &[
    (
        "routes/items.js",
        "const router = require('express').Router();\nconst key = process.env.STRIPE_KEY;\nrouter.get('/:id', (req, res) => res.json({}));\nrouter.delete('/:id', (req, res) => res.end());\nmodule.exports = router;\n",
    ),
    (
        "package.json",
        "{\n  \"name\": \"shop\",\n  \"scripts\": { \"watch\": \"node server.js\" },\n  \"dependencies\": { \"express\": \"^5.1.0\" }\n}\n",
    ),
    ("migrations/0001_items.sql", "create table items (id integer primary key);\n"),
    ("logo.png", "\0not a picture"),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_push_changed_is_the_first_thing_that_its_page_shows() {
    let Some(axe) = axe() else { return };
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    repo.commit(EXPRESS_APP);
    let before = repo.commit(&[("README.md", "# shop\n\n```sh\nnpm run dev\n```\n")]);
    let after = repo.commit(CHANGE);
    let server = setting.start().await;
    let Some(page) = Browser::open(&server.client.base).await else { return };
    let mut push = payload::push("octo", "shop", &after);
    push["before"] = json!(before);
    let (_, accepted) = server.client.deliver("push", &push).await;
    let run = accepted["run_id"].as_str().unwrap();
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));

    page.goto("/feed").await;
    page.until("document.querySelectorAll('.chip').length > 0").await;
    let chips = page.text(".chips").await;
    assert!(
        chips.contains("+1 −1 endpoints")
            && chips.contains("1 new variable")
            && chips.contains("before deploy")
            && chips.contains("1 newly contradicted"),
        "{chips}"
    );
    page.picture("feed-drift").await;
    // Each word leads to its place, and the row itself to its run.
    page.click(Locator::XPath("//a[contains(@class, 'chip') and contains(., 'endpoints')]")).await;
    page.until(&format!("location.pathname === '/runs/{run}' && location.hash === '#drift:endpoint'")).await;
    page.until("(() => { const top = document.querySelector('[aria-label=\"Drift of Endpoints\"]')?.getBoundingClientRect().top; return top !== undefined && top < innerHeight / 2; })()").await;
    page.goto("/feed").await;
    page.until("document.querySelector('.run')").await;
    assert_eq!(page.text(".day").await, "Today");
    let beside = "(() => { const { left, bottom, width } = document.querySelector('.run').getBoundingClientRect(); return document.elementFromPoint(left + width / 3, bottom - 3).closest('a')?.getAttribute('href'); })()";
    assert_eq!(page.value(beside).await, json!(format!("/runs/{run}")), "the whole row is a link");

    page.goto(&format!("/runs/{run}")).await;
    page.until("document.querySelector('[role=tab][aria-selected=true]')?.innerText.startsWith('Drift')").await;
    page.until("document.querySelector('.deploy')").await;
    let drift = page.text(".drift").await;
    for words in [
        "Before you deploy",
        "STRIPE_KEY",
        "migrations/0001_items.sql is new",
        "DELETE /api/items/{id}",
        "POST /api/items",
        "^5.0.0",
        "npm run dev",
        "1 changed file was not read",
    ] {
        assert!(drift.contains(words), "{words}: {drift}");
    }
    // What is gone opens at the commit where it was.
    page.click(Locator::XPath(
        "//li[contains(., 'Removed') and contains(., 'POST /api/items')]//button[@aria-expanded='false']",
    ))
    .await;
    let excerpt = page.text(".excerpt pre").await;
    assert!(excerpt.contains("router.post('/'"), "{excerpt}");
    let link =
        page.value("document.querySelector('.excerpt').closest('.evidence').querySelector('a.forge').href").await;
    assert!(link.as_str().unwrap().contains(&before), "{link}");
    page.is_accessible(&axe, "axe-dossier-drift").await;
    page.close().await;
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_base_opens_with_its_overview_and_says_why_there_is_no_drift() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(EXPRESS_APP);
    let server = setting.start().await;
    let Some(page) = Browser::open(&server.client.base).await else { return };
    let (_, accepted) = server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    page.goto(&format!("/runs/{}", accepted["run_id"].as_str().unwrap())).await;
    page.until("document.querySelector('[role=tab][aria-selected=true]')?.innerText.startsWith('Overview')").await;
    page.click(Locator::Id("tab-drift")).await;
    page.until_text("Nothing to compare with").await;
    page.close().await;
    server.stop_and_check().await;
}
