//! The page of a run as an answer to questions: tables of facts, what to decide before a deploy, findings by rule, what was
//! not read; and an address for each row.

use fantoccini::Locator;
use serde_json::json;

use super::support::axe::axe;
use super::support::browser::Browser;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Setting, TestServer};

/// A variable that only the container has, a language without rules and a link to nowhere.
const AROUND: &[(&str, &str)] = &[
    ("Dockerfile", "FROM node:22\nENV TINI_VERSION=0.19\nCMD [\"node\", \"server.js\"]\n"),
    ("tools/report/build.pl", "print 1;\n"),
    ("docs/run.md", "See [the notes](notes.md).\n"),
];

/// A variable without default, a migration, a host and a route more.
const CHANGE: &[(&str, &str)] = &[
    (
        "routes/items.js",
        "const router = require('express').Router();\nconst key = process.env.STRIPE_KEY;\nrouter.get('/:id', (req, res) => res.json({}));\nrouter.delete('/:id', (req, res) => res.end());\nfetch('https://api.stripe.com/v1/charges');\nmodule.exports = router;\n",
    ),
    ("migrations/0001_items.sql", "create table items (id integer primary key);\n"),
];

/// A server with three runs, that of each commit compared with the one before; the second and third of these.
async fn three_runs() -> Option<(TestServer, Browser, [String; 2])> {
    let setting = Setting::new(Backend::Sqlite).await?;
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    repo.commit(EXPRESS_APP);
    let first = repo.commit(AROUND);
    let second = repo.commit(CHANGE);
    let third = repo.commit(&[("notes.txt", "nothing that anybody reads\n")]);
    let server = setting.start().await;
    let mut runs = Vec::new();
    for (before, sha) in [("0".repeat(40), &first), (first.clone(), &second), (second.clone(), &third)] {
        let mut push = payload::push("octo", "shop", sha);
        push["before"] = json!(before);
        let (_, accepted) = server.client.deliver("push", &push).await;
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
        runs.push(format!("/runs/{}", accepted["run_id"].as_str().unwrap()));
    }
    let page = Browser::open(&server.client.base).await?;
    page.store("ci-feed.tick", "off").await;
    Some((server, page, [runs.remove(1), runs.remove(1)]))
}

/// How often this page asked for a whole dossier.
const DOSSIER_ASKED: &str =
    "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/dossier.json')).length";
const HEADS: &str = "[...document.querySelectorAll('.fact-head [role=columnheader]')].map((one) => one.innerText)";
const GROUPS: &str = "[...document.querySelectorAll('.fact-group')].map((one) => one.innerText.split('\\n')[0].trim())";

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_run_answers_in_tables_and_each_row_has_an_address() {
    let Some(axe) = axe() else { return };
    let Some((server, page, [changed, same])) = three_runs().await else { return };
    the_first_tab_is_the_one_with_something_in_it(&page, &axe, &changed, &same).await;
    facts_are_tables_by_kind_that_come_in_pages(&page, &axe, &changed).await;
    findings_stand_by_rule_with_its_help(&page, &axe, &changed).await;
    coverage_is_a_tree_of_what_was_read_and_what_was_not(&page, &axe, &changed).await;
    claims_come_from_the_server_and_each_has_an_address(&page, &changed).await;
    page.close().await;
    server.stop_and_check().await;
}

async fn facts_are_tables_by_kind_that_come_in_pages(page: &Browser, axe: &str, run: &str) {
    page.look(1440, "light").await;
    page.goto(&format!("{run}#facts:endpoint")).await;
    page.until("document.querySelectorAll('.facts-of-endpoint .fact').length === 2").await;
    assert_eq!(page.value(HEADS).await, json!(["Method", "Path", "Guard", "Framework", "Place"]));
    let height = "document.querySelector('.fact .fact-row').offsetHeight";
    assert_eq!(page.value(height).await, json!(32), "twenty rows are to fit on a screen");
    page.click(Locator::Css(".fact .fact-toggle")).await;
    assert!(page.text(".fact .excerpt").await.contains("router.get('/:id'"));
    let link = "document.querySelector('.fact .fact-links a[href*=\"/fact?\"]').getAttribute('href')";
    assert_eq!(page.value(link).await, json!("/r/octo/shop/fact?kind=endpoint&key=GET+%2Fapi%2Fitems%2F%7Bid%7D"));
    page.is_accessible(axe, "axe-facts").await;
    page.look(1440, "light").await;

    // Whoever is sent the address of a row finds it open.
    let address = page.value("document.querySelector('.fact .fact-links a[href*=\"at=\"]').getAttribute('href')").await;
    page.goto("/feed").await;
    page.goto(&format!("{run}{}", address.as_str().unwrap())).await;
    assert!(page.text(".fact.is-target .excerpt").await.contains("router.get('/:id'"));

    page.goto(&format!("{run}#facts:env_var")).await;
    page.until("document.querySelector('.facts-of-env_var .fact')").await;
    assert_eq!(page.value(HEADS).await, json!(["Name", "Required", "Default", "Documented in", "Read by", "Place"]));
    assert_eq!(
        page.value(GROUPS).await,
        json!(["Read by the code, documented nowhere 3", "Set only by a container 1"])
    );
    page.is_accessible(axe, "axe-facts-variables").await;
    page.look(1440, "light").await;
    let field = page.client.find(Locator::Css("[data-search]")).await.unwrap();
    field.send_keys("stripe").await.unwrap();
    page.until("document.querySelector('.result-count').innerText === '1 fact'").await;
    page.until("document.querySelectorAll('.fact').length === 1").await;

    // Of all kinds each has its own columns, or a line that says what its table would.
    page.goto("/feed").await;
    page.goto(&format!("{run}#facts")).await;
    let heads_of = "(name) => [...[...document.querySelectorAll('.fact-group')].find((one) => one.innerText.startsWith(name))?.querySelectorAll('[role=columnheader]') ?? []].map((one) => one.innerText).join(', ')";
    page.until(&format!("({heads_of})('Endpoints')")).await;
    for (kind, heads) in [
        ("Endpoints", "Method, Path, Guard, Framework, Place"),
        ("Commands", "Command, Does, In, Runs, Place"),
        ("Languages", "Language, Lines, Blank, Files"),
    ] {
        assert_eq!(page.value(&format!("({heads_of})('{kind}')")).await, json!(heads));
    }
    page.is_accessible(axe, "axe-facts-all").await;
    page.look(1440, "light").await;
    let group = "//label[contains(., 'Group by')]/select";
    page.client.find(Locator::XPath(group)).await.unwrap().select_by_value("none").await.unwrap();
    page.until("document.querySelector('.facts-of-mixed')").await;
    assert_eq!(page.value(HEADS).await, json!(["Kind", "Name", "Says", "Place"]));
    assert_eq!(page.value(DOSSIER_ASKED).await, json!(0), "the whole dossier was fetched for a table");
}

async fn claims_come_from_the_server_and_each_has_an_address(page: &Browser, run: &str) {
    page.goto(&format!("{run}#claims")).await;
    page.until("document.querySelectorAll('.claim').length > 1").await;
    let address = page.value("document.querySelector('.claim:last-child .row-link').getAttribute('href')").await;
    page.goto("/feed").await;
    page.goto(&format!("{run}{}", address.as_str().unwrap())).await;
    page.until("document.querySelector('.claim:last-child.is-target')").await;
    for tab in ["unknowns", "overview"] {
        page.click(Locator::Id(&format!("tab-{tab}"))).await;
        page.until(&format!("document.querySelector('#panel-{tab} .fact-main, #panel-{tab} .metric')")).await;
    }
    assert_eq!(page.value(DOSSIER_ASKED).await, json!(0), "the whole dossier was fetched");
    // Times are those of the reader's own clock.
    page.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": "Asia/Tokyo" })).await;
    page.goto("/feed").await;
    page.until("/(GMT\\+9|JST)$/.test(document.querySelector('.run-times time')?.title)").await;
    page.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": "" })).await;
}

async fn the_first_tab_is_the_one_with_something_in_it(page: &Browser, axe: &str, changed: &str, same: &str) {
    page.look(1440, "light").await;
    page.goto(changed).await;
    page.until("document.querySelector('[role=tab][aria-selected=true]')?.innerText.startsWith('Drift')").await;
    let top = "document.querySelector('.tab-strip').getBoundingClientRect().top";
    assert!(page.value(top).await.as_f64().unwrap() <= 200.0, "tabs are {} px down", page.value(top).await);
    assert_eq!(page.text(".run-line .copy-value").await.len(), 7, "a short commit id");
    page.until("document.querySelectorAll('.deploy [role=table]').length > 1").await;
    let heads = "[...document.querySelectorAll('.deploy-variables [role=columnheader]')].map((one) => one.innerText)";
    assert_eq!(page.value(heads).await, json!(["Variable", "Required", "Default", "What to do", "Read in"]));
    let tables = "[...document.querySelectorAll('.deploy [role=table]')].map((one) => one.ariaLabel)";
    assert_eq!(page.value(tables).await, json!(["Variables", "Migrations", "Hosts", "Everything else"]));
    page.click(Locator::Css(".deploy input")).await;
    page.until("document.querySelector('#drift-deploy').innerText.includes('3 of 4 left')").await;
    page.click(Locator::Css(".deploy .evidence-toggle")).await;
    assert!(page.text(".deploy .excerpt").await.contains("process.env.STRIPE_KEY"));
    let address = page.value("document.querySelector('.deploy .row-link').getAttribute('href')").await;
    page.is_accessible(axe, "axe-run").await;
    page.look(1440, "light").await;
    page.goto("/feed").await;
    page.goto(&format!("{changed}{}", address.as_str().unwrap())).await;
    page.until("document.querySelector('.deploy .is-target .excerpt')").await;
    page.value("scrollTo(0, 600)").await;
    page.until(&format!("scrollY > 100 && {top} === 0")).await;

    page.goto(same).await;
    page.until("document.querySelector('[role=tab][aria-selected=true]')?.innerText.startsWith('Overview')").await;
    page.until_text("No drift since").await;
}

async fn findings_stand_by_rule_with_its_help(page: &Browser, axe: &str, run: &str) {
    page.goto(&format!("{run}#findings")).await;
    let rules = "document.querySelectorAll('.rule-group').length";
    page.until(&format!("{rules} > 2")).await;
    page.until("document.querySelectorAll('.rule-help').length === document.querySelectorAll('.rule-group').length")
        .await;
    page.is_accessible(axe, "axe-findings").await;
    page.look(1440, "light").await;
    let choose = async |label: &str, value: &str| {
        let select = format!("//label[contains(., '{label}')]/select");
        page.client.find(Locator::XPath(&select)).await.unwrap().select_by_value(value).await.unwrap();
    };
    choose("Level", "note").await;
    page.until("location.hash === '#findings?level=note'").await;
    page.until("[...document.querySelectorAll('.finding-text')].length > 0 && !document.querySelector('.rule-group .tone-wait')")
        .await;
    choose("Level", "").await;
    choose("Rule", "dead-relative-link").await;
    page.until("location.hash === '#findings:dead-relative-link'").await;
    page.until(&format!("{rules} === 1 && document.querySelectorAll('.finding-text').length === 1")).await;
    page.client.refresh().await.unwrap();
    page.until(&format!("{rules} === 1")).await;
}

async fn coverage_is_a_tree_of_what_was_read_and_what_was_not(page: &Browser, axe: &str, run: &str) {
    page.goto(&format!("{run}#coverage")).await;
    page.until("document.querySelectorAll('.language-bar rect').length > 1").await;
    assert_eq!(page.count("#panel-coverage .tree").await, 0, "no raw JSON");
    let line =
        "[...document.querySelectorAll('.folder-line')].map((one) => one.innerText.replace(/\\s+/g, ' ').trim())";
    assert_eq!(page.value(line).await, json!(["docs/ 1 file read", "migrations/ 1 file read", "routes/ 1 file read"]));
    page.click(Locator::XPath("//summary[contains(., 'tools/report/') and contains(., '0 of 1 file read')]")).await;
    page.until("document.querySelector('.folder-file')?.innerText.includes('build.pl')").await;
    page.is_accessible(axe, "axe-coverage").await;
}
