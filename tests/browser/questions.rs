//! Pages for questions: one box for whatever a person has in hand, what differs between two commits, and since when a
//! fact is there. The tasks count the clicks that a newcomer needs.

use fantoccini::Locator;
use fantoccini::key::Key;
use serde_json::{Value, json};

use super::support::axe::axe;
use super::support::browser::Browser;
use super::token::TOKEN;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Setting, TestServer};

const ENTER: char = '\u{e007}';
const CLICK_SEARCH: Locator<'_> = Locator::Css("button.tool-search");
const BOX_HAS_FOCUS: &str = "document.activeElement?.matches('dialog[open] [role=combobox]')";
/// What the box would open now.
const ACTIVE: &str = "document.getElementById(document.activeElement?.getAttribute('aria-activedescendant') ?? '')";

/// Two services and a branch, pushed and analyzed.
struct Shops {
    server: TestServer,
    page: Browser,
    commits: [String; 3],
    /// Of which there is no dossier.
    unseen: String,
}

impl Shops {
    async fn with(more: impl FnOnce(Setting) -> Setting) -> Option<Self> {
        let setting = more(Setting::new(Backend::Sqlite).await?);
        let mut shop = TestRepo::create(setting.git.root(), "octo", "shop");
        let mut till = TestRepo::create(setting.git.root(), "octo", "till");
        let unseen = shop.commit(&[("README.md", "# shop\n")]);
        let first = shop.commit(EXPRESS_APP);
        let second = shop.commit(&[("pay.js", "require('./app'); module.exports = process.env.PAY_URL\n")]);
        let third = shop.commit_on("next", &[("late.js", "module.exports = process.env.LATE_FEE\n")]);
        let other = till.commit(&[("till.js", "exports.pay = process.env.PAY_URL\n")]);
        let server = setting.start().await;
        for (repo, branch, before, sha) in [
            ("till", "main", None, &other),
            ("shop", "main", None, &first),
            ("shop", "main", Some(&first), &second),
            ("shop", "next", Some(&second), &third),
        ] {
            let mut push = payload::push_to(branch, "octo", repo, sha);
            push["before"] = before.map_or_else(|| json!("0".repeat(40)), |before| json!(before));
            push["head_commit"]["message"] = json!(format!("The last of {branch}"));
            server.client.deliver("push", &push).await;
            assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
        }
        let page = Browser::open(&server.client.base).await?;
        Some(Self { server, page, commits: [first, second, third], unseen })
    }

    /// The run of the commit that is the `n`th of the shop.
    async fn run_of(&self, n: usize) -> String {
        let path = format!("/api/ci/runs?owner=octo&repo=shop&commit={}", self.commits[n]);
        self.server.client.get(&path).await.1["runs"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn end(self) {
        self.page.close().await;
        self.server.stop_and_check().await;
    }
}

impl Browser {
    /// Into the field that has the focus, all at once.
    async fn paste(&self, text: &str) {
        self.devtools("Input.insertText", json!({ "text": text })).await;
    }

    /// Open the box from the keyboard and paste.
    async fn search(&self, text: &str) {
        // One that was closed a moment ago takes its focus along.
        self.until("!document.querySelector('dialog')").await;
        self.client.active_element().await.unwrap().send_keys(&format!("{}k", char::from(Key::Control))).await.unwrap();
        self.until(BOX_HAS_FOCUS).await;
        self.paste(text).await;
    }

    /// The option of the select with this label.
    async fn choose(&self, label: &str, value: &str) {
        let select = format!("//label[contains(., '{label}')]/select");
        self.until(&format!("document.querySelector('option[value=\"{value}\"]')")).await;
        self.client.find(Locator::XPath(&select)).await.unwrap().select_by_value(value).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_person_has_in_hand_is_found_with_a_click_and_a_paste() {
    let Some(axe) = axe() else { return };
    let Some(mut shops) = Shops::with(|setting| setting).await else { return };
    // What is too long to be looked for.
    shops.page.expect_on_console("400 (Bad Request)");
    let (page, client) = (&shops.page, &shops.server.client);
    page.store("ci-feed.tick", "off").await;
    let run = shops.run_of(1).await;
    let delivered = client.get("/api/ci/deliveries").await.1;
    let deliveries = delivered["deliveries"].as_array().unwrap();
    let of_run = deliveries.iter().find(|one| one["run_id"] == json!(run)).unwrap()["delivery_id"].as_str().unwrap();
    // Enter may come before the answer: it means its first line.
    for (pasted, waits) in [(&shops.commits[1][..9], true), (of_run, false), (&*run, true)] {
        page.goto("/").await;
        page.click(CLICK_SEARCH).await;
        page.until(BOX_HAS_FOCUS).await;
        page.paste(pasted).await;
        if waits {
            page.until(&format!("{ACTIVE}?.innerText.includes('The last of main')")).await;
        }
        page.press(ENTER).await;
        page.until(&format!("location.pathname === '/runs/{run}' && !document.querySelector('dialog')")).await;
        page.until("document.activeElement.id === 'main'").await;
    }

    // While one types elsewhere; walked with the arrow keys; closed where it was opened.
    page.goto("/feed").await;
    page.until("document.querySelectorAll('.run').length === 4").await;
    page.click(Locator::Css("input[list=known-repos]")).await;
    page.search("PAY_").await;
    page.until(&format!("{ACTIVE}?.innerText.includes('PAY_URL')")).await;
    let active = page.value(&format!("{ACTIVE}.innerText")).await;
    page.press(char::from(Key::Down)).await;
    page.until(&format!("{ACTIVE}.innerText.includes('PAY_URL') && {ACTIVE}.innerText !== {active}")).await;
    page.press(char::from(Key::Down)).await;
    page.press(char::from(Key::Down)).await;
    assert_eq!(page.value(&format!("{ACTIVE}.innerText")).await, active, "it goes round");
    assert_eq!(page.count("[role=option][aria-selected=true]").await, 1);
    page.is_accessible(&axe, "axe-palette").await;
    page.press(char::from(Key::Escape)).await;
    page.until("!document.querySelector('dialog') && document.activeElement.matches('input[list=known-repos]')").await;
    assert_eq!(page.value("document.activeElement.value").await, json!(""), "what was typed there went to the box");
    let kept = page.value("JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])").await;
    assert!(!kept.as_str().unwrap().contains("PAY_"), "the search is kept: {kept}");

    page.press(char::from(Key::Escape)).await;
    page.press('/').await;
    page.until(BOX_HAS_FOCUS).await;
    page.look(1280, "light").await;
    page.picture("palette-empty").await;
    page.press(ENTER).await;
    page.until("document.activeElement.value === 'env:'").await;
    page.paste("nowhere").await;
    page.until_text("Nothing found.").await;
    page.until_text("Looked at the facts of that kind").await;
    assert_eq!(page.value("document.activeElement.ariaExpanded").await, json!("false"));
    page.press(char::from(Key::Escape)).await;

    shops.results_are_a_page_and_lead_to_the_page_of_a_fact(&axe).await;
    shops.end().await;
}

impl Shops {
    async fn results_are_a_page_and_lead_to_the_page_of_a_fact(&self, axe: &str) {
        let page = &self.page;
        page.search("env:PAY").await;
        page.click(Locator::XPath("//*[@role='option'][contains(., 'All results')]")).await;
        page.until("location.pathname === '/search' && location.search === '?q=env%3APAY'").await;
        page.until("document.querySelectorAll('.found-row').length === 2").await;
        page.is_accessible(axe, "axe-search").await;
        page.look(1280, "light").await;
        page.goto("/search?q=The+last").await;
        page.until("document.querySelectorAll('.found-row').length === 4").await;
        page.goto(&format!("/search?q={}", "x".repeat(201))).await;
        page.until_text("must be a text of at most 200 characters").await;
        page.goto("/search?q=n0where").await;
        page.until_text("Nothing found for “n0where”").await;
        page.until_text("webhook deliveries by their id").await;

        page.goto("/search?q=env:PAY").await;
        page.click(Locator::XPath("//li[contains(., 'octo/shop')]/a")).await;
        page.until("location.pathname === '/r/octo/shop/fact'").await;
        page.until("document.querySelector('.excerpt pre')?.innerText.includes('process.env.PAY_URL')").await;
        page.until("document.querySelectorAll('.history-row').length === 1").await;
        let history = page.text(".history").await;
        assert!(history.contains("Added") && history.contains(&self.commits[1][..7]), "{history}");
        let link = page.value("document.querySelector('.evidence a.forge').href").await;
        assert!(link.as_str().unwrap().ends_with(&format!("/blob/{}/pay.js#L1", self.commits[1])), "{link}");
        page.is_accessible(axe, "axe-fact").await;
        page.look(1280, "light").await;
        page.click(Locator::LinkText("octo/till")).await;
        page.until("location.pathname === '/r/octo/till/fact'").await;
        page.until_text("It was there when the history of this repository began").await;

        // Every fact of a run leads there, and one that no branch states says so.
        page.goto(&format!("/runs/{}#facts:env_var", self.run_of(2).await)).await;
        page.click(Locator::Css(".fact-toggle[aria-label*=LATE_FEE]")).await;
        page.click(Locator::Css("a[href$='kind=env_var&key=LATE_FEE']")).await;
        page.until_text("Not on main, as of").await;
        page.until_text("It was not there at any commit").await;
        page.until_text("No other default branch states it").await;
        self.what_cannot_be_loaded_is_said().await;
    }

    async fn what_cannot_be_loaded_is_said(&self) {
        const PAGES: [(&str, &str); 4] = [
            ("/search?q=a", "The search could not be loaded"),
            ("/compare", "The list of repositories could not be loaded"),
            ("/compare?owner=octo&repo=shop", "The list of branches could not be loaded"),
            ("/r/octo/shop/fact?kind=env&key=A", "This fact could not be loaded"),
        ];
        self.page.before_each_page("window.fetch = () => Promise.reject(new TypeError('Failed to fetch'));").await;
        for (path, words) in PAGES {
            self.page.goto(path).await;
            self.page.until_text(words).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_branches_are_compared_in_three_clicks_and_a_missing_dossier_is_made_from_there() {
    let Some(axe) = axe() else { return };
    let Some(mut shops) = Shops::with(|setting| setting.with("CI_API_TOKEN", TOKEN)).await else { return };
    for expected in ["401 (Unauthorized)", "404 (Not Found)", "400 (Bad Request)"] {
        shops.page.expect_on_console(expected);
    }
    let (page, client) = (&shops.page, &shops.server.client);
    let deployed =
        json!({ "owner": "octo", "repo": "shop", "environment": "production", "commit_sha": shops.commits[0] });
    let deploy = client.request("POST", "/api/ci/deployments").bearer_auth(TOKEN).json(&deployed);
    assert_eq!(deploy.send().await.unwrap().status(), 200);

    page.goto("/").await;
    page.click(Locator::LinkText("shop")).await;
    page.click(Locator::XPath("//main//a[normalize-space()='Compare']")).await;
    page.choose("Head", "next").await;
    page.until("document.querySelector('.drift .deploy')?.innerText.includes('LATE_FEE')").await;
    assert_eq!(page.value("location.search").await, json!("?owner=octo&repo=shop&base=main&head=next"));
    let drift = page.text(".drift").await;
    assert!(!drift.contains("PAY_URL"), "{drift}");
    page.is_accessible(&axe, "axe-compare").await;
    page.look(1280, "light").await;
    page.click(Locator::XPath("//button[normalize-space()='Swap']")).await;
    page.until("document.querySelector('.drift')?.innerText.includes('Removed')").await;
    page.choose("Base", "deployed:production").await;
    page.until("document.querySelector('.drift .deploy')?.innerText.includes('PAY_URL')").await;

    page.goto("/r/octo/shop").await;
    page.until("document.querySelector('.compare-links')?.innerText.includes('deployed') && !document.querySelector('.skeleton')").await;
    page.picture("questions-repo").await;
    page.goto(&format!("/runs/{}", shops.run_of(2).await)).await;
    page.until_text("since deployed:production").await;
    page.picture("questions-run").await;
    page.click(Locator::LinkText("since deployed:production")).await;
    page.until(
        "['PAY_URL', 'LATE_FEE'].every((name) => document.querySelector('.drift .deploy')?.innerText.includes(name))",
    )
    .await;

    let base = |side: &str| format!("/compare?owner=octo&repo=shop&base={side}&head=main");
    for (side, words) in [
        ("deployed:moon", "\"moon\" is no environment of octo/shop: \"production\""),
        ("nowhere", "this branch was not found"),
        ("pr:99", "no dossier of pull request 99 of octo/shop is stored"),
    ] {
        page.goto(&base(side)).await;
        page.until(&format!("document.body.innerText.toLowerCase().includes({})", json!(words.to_lowercase()))).await;
    }
    page.goto("/compare?owner=octo&repo=nothing").await;
    page.until_text("No run of this repository yet").await;
    page.goto(&base(&shops.unseen)).await;
    page.until_text("has no dossier yet").await;
    page.is_accessible(&axe, "axe-compare-missing").await;
    page.look(1280, "light").await;
    page.click(Locator::XPath("//button[normalize-space()='Make its dossier']")).await;
    page.client
        .wait()
        .for_element(Locator::Css("main input[type=password]"))
        .await
        .unwrap()
        .send_keys(TOKEN)
        .await
        .unwrap();
    page.click(Locator::XPath("//button[normalize-space()='Sign in']")).await;
    // The page works on the queue, and compares by itself.
    page.until("document.querySelector('.drift .deploy')?.innerText.includes('PAY_URL')").await;
    let made: Value = client.get(&format!("/api/ci/runs?owner=octo&repo=shop&commit={}", shops.unseen)).await.1;
    assert_eq!(made["runs"][0]["event_type"], json!("manual"));
    shops.end().await;
}
