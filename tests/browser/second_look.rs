//! What a second look at the page found: rows that stood still, lists that forgot, sentences that were not so.

use fantoccini::Locator;
use serde_json::json;

use super::support::browser::Browser;
use super::support::world::World;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Setting, TestServer};

/// A commit of which no server knows anything: its run is FAILED soon.
fn unknown(n: usize) -> String {
    format!("{n:040x}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_pushed_off_the_page_does_not_stay_queued() {
    let Some(world) = World::with(|setting| setting.with("CI_MAX_ATTEMPTS", "1")).await else { return };
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    for n in 1..4 {
        world.deliver("push", &payload::push("octo", "shop", &unknown(n))).await;
    }
    page.goto("/feed").await;
    page.until("document.querySelectorAll('.run').length === 3").await;
    // In two parts: the page looks between them, so that it knows every row.
    for (from, to) in [(4, 30), (30, 56)] {
        for n in from..to {
            world.deliver("push", &payload::push("octo", "shop", &unknown(n))).await;
        }
        page.until(&format!("document.querySelectorAll('.run').length >= {}", (to - 1).min(50))).await;
    }
    while world.server.client.tick().await["processed"] == json!(true) {}
    page.until("document.querySelectorAll('.run').length >= 50").await;
    page.until("![...document.querySelectorAll('.run-status')].some((one) => one.innerText.includes('Queued'))").await;
    page.until("!document.title.includes('(')").await;
    world.end().await;
}

/// A server with an analyzer of somebody else's and one run of it.
async fn of_another_analyzer() -> Option<(TestServer, Browser)> {
    let setting = Setting::new(Backend::Sqlite).await?;
    let setting = setting.with_analyzer("echo '{}' > \"$2/summary.json\"; echo hello > \"$2/report.txt\"");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(EXPRESS_APP);
    let server = setting.start().await;
    server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    let page = Browser::open(&server.client.base).await?;
    page.store("ci-feed.tick", "off").await;
    Some((server, page))
}

#[tokio::test(flavor = "multi_thread")]
async fn always_the_latest_names_the_files_that_there_are() {
    let Some((server, page)) = of_another_analyzer().await else { return };
    page.goto("/r/octo/shop").await;
    page.until("document.querySelectorAll('.latest-files a').length > 0").await;
    let names = page.value("[...document.querySelectorAll('.latest-files a')].map((one) => one.innerText)").await;
    assert_eq!(names, json!(["analyzer.log", "report.txt", "summary.json"]));
    let found = "Promise.all([...document.querySelectorAll('.latest-files a')].map((one) => fetch(one.href).then((answer) => answer.status)))";
    page.value(&format!("({found}.then((statuses) => window.found = statuses), true)")).await;
    assert_eq!(page.until("window.found").await, json!([200, 200, 200]));
    page.close().await;
    server.stop_and_check().await;
}

/// A service with two branches, and what each push of them changed.
async fn two_branches() -> Option<(TestServer, Browser)> {
    let setting = Setting::new(Backend::Sqlite).await?;
    let mut shop = TestRepo::create(setting.git.root(), "octo", "shop");
    let first = shop.commit(EXPRESS_APP);
    let second = shop.commit(&[("pay.js", "require('./app'); module.exports = process.env.PAY_URL\n")]);
    let third = shop.commit_on("next", &[("late.js", "module.exports = process.env.LATE_FEE\n")]);
    let server = setting.start().await;
    for (branch, before, sha) in
        [("main", "0".repeat(40), &first), ("main", first.clone(), &second), ("next", second.clone(), &third)]
    {
        let mut push = payload::push_to(branch, "octo", "shop", sha);
        push["before"] = json!(before);
        push["head_commit"]["message"] = json!(format!("The last of {branch}"));
        server.client.deliver("push", &push).await;
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    }
    let page = Browser::open(&server.client.base).await?;
    page.store("ci-feed.tick", "off").await;
    Some((server, page))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_switch_says_of_which_branch_the_whole_page_is_and_stands_in_the_address() {
    let Some((server, page)) = two_branches().await else { return };
    page.goto("/r/octo/shop").await;
    page.until("document.querySelectorAll('.run').length === 3 && document.querySelector('.history-row')").await;
    let labels = "[...document.querySelectorAll('label:has(select)')].map((one) => one.innerText.split('\\n')[0])";
    assert_eq!(page.value(labels).await, json!(["Branch", "Since", "Shows", "As"]), "one of them is a branch");
    let branch = Locator::XPath("//label[contains(., 'Branch')]/select");
    page.client.find(branch).await.unwrap().select_by_value("next").await.unwrap();
    page.until("location.search === '?ref=next'").await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    for part in [".latest-title + p", ".history", ".runs", ".badge-line"] {
        page.until(&format!("document.querySelector('{part}')?.innerText.includes('next')")).await;
        assert!(!page.text(part).await.contains("main"), "{part}");
    }
    // As whoever is sent the address finds it.
    page.client.refresh().await.unwrap();
    page.until("document.querySelectorAll('.run').length === 1").await;
    page.until("document.querySelector('.history')?.innerText.includes('next')").await;
    page.close().await;
    server.stop_and_check().await;
}

/// Where the run of the commit that reads `PAY_URL` is shown.
async fn run_with_a_deploy_list(server: &TestServer) -> String {
    let (_, runs) = server.client.get("/api/ci/runs?ref=main").await;
    format!("/runs/{}", runs["runs"][0]["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_ticks_and_sets_is_there_when_they_come_back() {
    let Some((server, page)) = two_branches().await else { return };
    page.goto(&run_with_a_deploy_list(&server).await).await;
    page.click(Locator::Css(".deploy input")).await;
    page.click(Locator::Id("tab-facts")).await;
    page.client.find(Locator::Css("[data-search]")).await.unwrap().send_keys("pay").await.unwrap();
    let choose = async |label: &str, value: &str| {
        let select = format!("//label[contains(., '{label}')]/select");
        page.client.find(Locator::XPath(&select)).await.unwrap().select_by_value(value).await.unwrap();
    };
    choose("Kind", "env_var").await;
    choose("Sort by", "name").await;
    choose("Group by", "file").await;
    page.until("location.hash === '#facts:env_var?q=pay&sort=name&group=file'").await;
    let set = "[...document.querySelectorAll('.filters-inline select, [data-search]')].map((one) => one.value)";
    let wanted = json!(["env_var", "pay", "name", "file"]);
    assert_eq!(page.value(set).await, wanted);

    page.click(Locator::Id("tab-drift")).await;
    page.until("document.querySelector('.deploy input')?.checked").await;
    page.click(Locator::Id("tab-facts")).await;
    page.until("document.querySelector('[data-search]')?.value === 'pay'").await;
    assert_eq!(page.value(set).await, wanted);
    page.until("location.hash === '#facts:env_var?q=pay&sort=name&group=file'").await;
    page.client.refresh().await.unwrap();
    page.until("document.querySelector('[data-search]')?.value === 'pay'").await;
    assert_eq!(page.value(set).await, wanted);
    page.click(Locator::Id("tab-drift")).await;
    page.until("document.querySelector('.deploy input')?.checked").await;
    page.close().await;
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_of_which_nothing_was_found_says_so_and_shows_nothing_else() {
    let Some((server, page)) = two_branches().await else { return };
    let run = run_with_a_deploy_list(&server).await;
    page.goto(&format!("{run}#facts:table")).await;
    page.until_text("No tables were found in what was read.").await;
    assert_eq!(page.count(".facts .fact").await, 0);
    assert_eq!(page.text("option[value=table]").await, "Tables (0)");
    page.close().await;
    server.stop_and_check().await;
}

/// How often this page asked for a whole dossier.
const DOSSIER_ASKED: &str =
    "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/dossier.json')).length";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_on_paper_is_its_deploy_list_its_drift_and_every_fact() {
    let Some((server, mut page)) = two_branches().await else { return };
    // What is printed is fetched while the browser waits.
    page.expect_on_console("Synchronous XMLHttpRequest");
    // The facts come in pages: nobody has the whole dossier yet.
    page.goto(&format!("{}#facts", run_with_a_deploy_list(&server).await)).await;
    page.until("document.querySelector('.facts .fact')").await;
    assert_eq!(page.value(DOSSIER_ASKED).await, json!(0));
    let facts = page.text("#tab-facts .tab-count").await;
    page.devtools(
        "Emulation.setEmulatedMedia",
        json!({ "media": "print", "features": [{ "name": "prefers-color-scheme", "value": "dark" }] }),
    )
    .await;
    page.value(
        "(window.dispatchEvent(new Event('beforeprint')), window.paper = document.body.innerText, \
        window.rows = document.querySelectorAll('#panel-facts .fact').length, true)",
    )
    .await;
    assert_eq!(page.value("String(window.rows)").await, json!(facts));
    let paper = page.value("window.paper").await.as_str().unwrap().to_owned();
    for words in ["Before you deploy", "PAY_URL", "/api/items/{id}", "Guard", "Claims"] {
        assert!(paper.contains(words), "{words} is missing: {paper}");
    }
    for chrome in ["Ticks are off", "Sort by", "Set-up", "Artifacts"] {
        assert!(!paper.contains(chrome), "{chrome} is on paper: {paper}");
    }
    assert_eq!(page.value("getComputedStyle(document.body).backgroundColor").await, json!("rgb(255, 255, 255)"));
    page.value("(window.dispatchEvent(new Event('afterprint')), true)").await;
    assert_eq!(page.count("[role=tabpanel]:not([hidden])").await, 1);
    // As the browser itself does it.
    let pdf = page.devtools("Page.printToPDF", json!({})).await;
    assert!(pdf["data"].as_str().unwrap().len() > 10_000);
    page.until("document.querySelectorAll('[role=tabpanel]:not([hidden])').length === 1").await;
    page.close().await;
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_of_an_owner_says_whose_it_is() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    world.push().await;
    page.goto("/?owner=octo").await;
    page.until("document.querySelectorAll('.run').length === 1").await;
    assert_eq!(page.value("document.querySelector('[data-search]').value").await, json!("octo/"));
    page.client.find(Locator::Css("[data-search]")).await.unwrap().clear().await.unwrap();
    page.client.find(Locator::Css("[data-search]")).await.unwrap().send_keys("hexo/\n").await.unwrap();
    page.until_text("No run matches these filters").await;
    assert_eq!(page.value("location.search").await, json!("?owner=hexo"));
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_time_has_come_is_due_now_and_a_retry_is_linked_to_what_failed() {
    let Some(world) = World::with(|setting| setting.with("CI_RETRY_BACKOFF_SECONDS", "3600")).await else { return };
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    let run = world.push().await;
    let path = world.server.setting.git.root().join("octo/shop.git");
    let away = path.with_extension("away");
    std::fs::rename(&path, &away).unwrap();
    world.server.client.tick().await;
    std::fs::rename(&away, &path).unwrap();
    let mut probe = world.server.probe().await;
    // The next attempt was due long ago.
    probe.execute("update ci_jobs set run_after = '2026-01-01T00:00:00+00:00'").await;
    page.goto(&format!("/runs/{run}")).await;
    page.until_text("due now, at the next tick").await;
    page.until_text("it waits until somebody else calls tick").await;
    probe.execute("update ci_jobs set status = 'DEAD', finished_at = run_after").await;
    probe.execute("update ci_runs set status = 'FAILED', finished_at = created_at").await;

    page.goto(&format!("/runs/{run}")).await;
    page.click(Locator::XPath("//button[normalize-space()='Retry as a new run']")).await;
    page.until(&format!("location.pathname.startsWith('/runs/') && location.pathname !== '/runs/{run}'")).await;
    page.until(&format!(
        "document.querySelector('.same-commit a[href=\"/runs/{run}\"]')?.innerText.includes('Failed')"
    ))
    .await;
    page.click(Locator::Css(".same-commit a")).await;
    page.until("document.querySelector('.same-commit a')?.innerText.includes('Queued')").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_last_delivery_was_rejected_is_not_said_to_work() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.store("ci-feed.tick", "off").await;
    world.push().await;
    page.goto("/setup").await;
    page.until_text("The webhook works.").await;
    let body = payload::push("octo", "shop", &unknown(1)).to_string().into_bytes();
    let rejected = world.server.client.deliver_raw("push", "another", "another secret", body.clone()).await;
    assert_eq!(rejected.status(), 401);
    page.until_text("the last delivery was rejected").await;
    assert!(!page.text("[role=status]").await.contains("The webhook works."));
    assert_eq!(
        world.server.client.deliver_raw("push", "a third", crate::support::server::SECRET, body).await.status(),
        200
    );
    page.until_text("The webhook works.").await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_kept_for_good_under_their_builds_address_and_lists_that_are_final_are_asked_for_once() {
    let Some(world) = World::new().await else { return };
    let page = &world.browser;
    page.goto("/feed").await;
    page.until_text("This page drives the queue").await;
    let scripts = page.value("[...document.querySelectorAll('script[src], link[rel=stylesheet]')].map((one) => one.getAttribute('src') ?? one.getAttribute('href'))").await;
    for script in scripts.as_array().unwrap() {
        let script = script.as_str().unwrap();
        let answer = world.server.client.request("GET", script).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{script}");
        assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable", "{script}");
        let plain = format!("/assets/{}", script.split('/').skip(3).collect::<Vec<_>>().join("/"));
        let answer = world.server.client.request("GET", &plain).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["cache-control"].to_str().unwrap()), (200, "no-cache"));
        let other = script.replacen("/assets/", "/assets/0123", 1);
        assert_eq!(world.server.client.request("GET", &other).send().await.unwrap().status(), 404);
    }
    world.push().await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Succeeded')").await;
    let asked = "performance.getEntriesByType('resource').filter((one) => new URL(one.name).pathname === '/api/ci/repos').length";
    assert_eq!(page.value(asked).await, json!(1));
    world.end().await;
}
