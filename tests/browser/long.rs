//! A dossier of ten thousand facts: only what is in view travels and is drawn, every fact can be found and reached. How quick
//! that is `scripts/measure-page facts` says.

use fantoccini::Locator;
use serde_json::{Value, json};

use super::support::axe::axe;
use super::support::browser::Browser;
use crate::support::database::Backend;
use crate::support::repo::TestRepo;
use crate::support::server::{Setting, TestServer};

const FACTS: usize = 10_000;

fn dossier() -> Value {
    let fact = |n: usize| {
        let kind = ["endpoint", "env_var", "table"][n % 3];
        json!({
            "id": format!("{kind}:{n}"), "kind": kind, "key": format!("GET /api/part{}/items/{n}", n % 97), "status": "EVIDENCED",
            "attrs": { "framework": "express", "handler": format!("handler{n}"), "guards": ["requireAuth", "rateLimit"] },
            "evidence": [{ "path": format!("src/module{}/file{}.js", n % 311, n % 17), "start_line": n % 900 + 1,
                "end_line": n % 900 + 1, "excerpt": format!("router.get('/{n}', handler{n});"), "sha256": "ab".repeat(32) }],
        })
    };
    json!({ "schema": "ci-feed.dossier.v1", "facts": (0..FACTS).map(fact).collect::<Vec<_>>(), "claims": [], "unknowns": [],
        "findings": [], "unresolved": [] })
}

/// As the built-in analyzer would have summed it up.
const SUMMARY: &str =
    r#"{"schema":"ci-feed.summary.v1","facts":{"endpoint":3334,"env_var":3333,"table":3333},"unresolved":0}"#;

async fn dossier_of_ten_thousand() -> Option<(TestServer, Browser)> {
    let pass_on = "cp \"$1/dossier.json\" \"$1/summary.json\" \"$2\"; echo '# Many' > \"$2/DOSSIER.md\"";
    let setting = Setting::new(Backend::Sqlite).await?.with_analyzer(pass_on);
    let dossier = dossier().to_string();
    let mut repo = TestRepo::create(setting.git.root(), "octo", "large");
    let sha = repo.commit(&[("dossier.json", &dossier), ("summary.json", SUMMARY)]);
    let server = setting.start().await;
    let run_id = server.client.enqueue("octo", "large", &sha).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    let page = Browser::open(&server.client.base).await?;
    page.store("ci-feed.tick", "off").await;
    page.goto(&format!("/runs/{run_id}#facts")).await;
    page.until("document.querySelectorAll('.fact').length > 5").await;
    assert_eq!(page.value(LARGE).await, json!([]), "the first rows need no more than a page of facts");
    Some((server, page))
}

/// What travelled and is larger than a page of facts.
const LARGE: &str =
    "performance.getEntriesByType('resource').filter((one) => one.transferSize > 100000).map((one) => one.name)";

#[tokio::test(flavor = "multi_thread")]
async fn no_tab_of_a_run_of_ten_thousand_facts_fetches_the_whole_dossier() {
    let Some((server, page)) = dossier_of_ten_thousand().await else { return };
    let run = page.value("location.pathname").await.as_str().unwrap().to_owned();
    for (tab, known) in [
        ("", "document.querySelector('.overview')"),
        ("#claims", "document.body.innerText.includes('The documentation makes no claim')"),
        ("#unknowns", "document.body.innerText.includes('lists no unknowns')"),
        ("#findings", "document.body.innerText.includes('No finding')"),
        ("#coverage", "document.querySelector('.coverage')"),
    ] {
        page.goto("/setup").await;
        page.goto(&format!("{run}{tab}")).await;
        page.until(known).await;
        assert_eq!(page.value(LARGE).await, json!([]), "{tab}");
        let all = "[...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')].reduce((sum, one) => sum + one.transferSize, 0)";
        let bytes = page.value(all).await.as_f64().unwrap();
        assert!(bytes < 300_000.0, "{tab} loads {bytes} bytes");
    }
    page.close().await;
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_last_is_what_is_found_among_ten_thousand_facts() {
    let Some((server, page)) = dossier_of_ten_thousand().await else { return };
    for text in ["h", "handler9", "module3 items", "nothing at all", "", "part96"] {
        page.value(&format!("(() => {{ const field = document.querySelector('input[data-search]'); field.value = '{text}'; field.dispatchEvent(new InputEvent('input', {{ bubbles: true }})); return true; }})()")).await;
    }
    // Of ten thousand, those below `/api/part96`.
    let found = (0..FACTS).filter(|n| n % 97 == 96).count();
    page.until(&format!("document.querySelector('.result-count').innerText === '{found} facts'")).await;
    page.until("[...document.querySelectorAll('.fact')].every((one) => one.innerText.includes('/api/part96/'))").await;
    page.close().await;
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_thousand_facts_those_in_view_are_drawn_and_all_can_be_reached() {
    let Some(axe) = axe() else { return };
    let Some((server, page)) = dossier_of_ten_thousand().await else { return };
    let drawn = page.count(".fact").await;
    assert!(drawn < 60, "{drawn} facts are drawn");
    // The head of the table and one of each kind.
    let rows = (FACTS + 1 + 3).to_string();
    assert_eq!(page.value("document.querySelector('.fact-table').ariaRowCount").await, json!(rows));
    page.is_accessible(&axe, "axe-facts-long").await;
    page.look(1280, "light").await;

    // Wherever one scrolls to, there are facts, and they stay where they are.
    for part in [0.1, 0.5, 0.93] {
        page.value(&format!("scrollTo(0, document.documentElement.scrollHeight * {part})")).await;
        page.until("document.elementFromPoint(400, innerHeight / 2)?.closest('.fact:not(.fact-waiting)')").await;
        let place = "(() => { const one = document.elementFromPoint(400, innerHeight / 2).closest('.fact'); return [one.dataset.key, Math.round(one.getBoundingClientRect().top / 4)]; })()";
        let before = page.value(place).await;
        page.until("new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next))).then(() => true)")
            .await;
        assert_eq!(page.value(place).await, before, "the list moved by itself at {part}");
    }
    page.until(&format!("(scrollTo(0, document.documentElement.scrollHeight), [...document.querySelectorAll('.fact:not(.fact-waiting) .fact-row')].at(-1)?.ariaRowIndex === '{rows}')")).await;

    // What was opened is still open when one comes back to it.
    page.value("scrollTo(0, 0)").await;
    page.until("document.querySelector('.fact:not(.fact-waiting) .fact-row')?.ariaRowIndex === '3'").await;
    page.click(Locator::Css(".fact .fact-toggle")).await;
    page.until("document.querySelector('.fact .excerpt')").await;
    page.value("scrollTo(0, 200000)").await;
    page.until("Number(document.querySelector('.fact .fact-row').ariaRowIndex) > 100").await;
    page.value("scrollTo(0, 0)").await;
    page.until(
        "document.querySelector('.fact .fact-row').ariaRowIndex === '3' && document.querySelector('.fact .excerpt')",
    )
    .await;

    for (label, value, head) in [("Group by", "file", "src/module0/file0.js"), ("Group by", "kind", "Endpoints")] {
        page.value(&format!(
            "(() => {{ const select = [...document.querySelectorAll('label')].find((one) => one.innerText.startsWith('{label}')).querySelector('select'); \
             select.value = '{value}'; select.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
        ))
        .await;
        page.until(&format!("document.querySelector('.fact-group')?.innerText.startsWith('{head}')")).await;
    }
    page.picture("facts-grouped").await;
    page.close().await;
    server.stop_and_check().await;
}

/// Answers with facts wait from `holding` on, until they are let go.
const HOLDS_FACTS: &str = "const asked = window.fetch; window.held = []; window.fetch = (input, init) => !window.holding || !String(input.url ?? input).includes('/facts?')
    ? asked(input, init) : new Promise((resolve) => window.held.push({ from: Number(new URL(input.url ?? input, location).searchParams.get('from')), go: () => resolve(asked(input, init)) }))";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_stays_where_it_is_when_the_facts_above_it_come_later() {
    let Some((server, page)) = dossier_of_ten_thousand().await else { return };
    page.before_each_page(HOLDS_FACTS).await;
    page.client.refresh().await.unwrap();
    page.until("document.querySelectorAll('.fact:not(.fact-waiting)').length > 5").await;
    let middle = "document.elementFromPoint(400, innerHeight / 2).closest('[data-key]')";
    page.value("(window.holding = true, scrollTo(0, document.documentElement.scrollHeight / 3))").await;
    page.until(&format!("{middle}?.classList.contains('fact-waiting')")).await;
    // The last facts of a page of a hundred are drawn above the screen, and those of the next are on it.
    let below_a_page = format!(
        "(() => {{ const row = {middle}; const place = parseInt(row.dataset.key); if (place % 100 > 18 && place % 100 < 24) return [0, -100].every((off) => window.held.some((one) => one.from === place - place % 100 + off)) && place - place % 100; \
         scrollBy(0, row.getBoundingClientRect().height * (20 - place % 100)); return false; }})()"
    );
    let from = page.until(&below_a_page).await.as_u64().unwrap();
    let answer = |from: u64| format!("window.held.find((one) => one.from === {from}).go()");
    page.value(&answer(from)).await;
    page.until(&format!("{middle}?.matches('.fact:not(.fact-waiting)')")).await;
    let place = format!("[{middle}.dataset.key, {middle}.getBoundingClientRect().top]");
    let before = page.value(&place).await;
    page.value(&answer(from - 100)).await;
    page.until("document.querySelector('.fact-waiting') === null").await;
    assert_eq!(page.value(&place).await, before);
    page.close().await;
    server.stop_and_check().await;
}
