//! A repository's page: its numbers over time, what changed, its latest files and its badge.

use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::key::Key;
use serde_json::{Value, json};

use super::support::axe::axe;
use super::support::browser::Browser;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::Setting;

const READMES: [&str; 4] = [
    "# shop\n\n```sh\nnpm run dev\n```\n",
    "# shop\n\n```sh\nnpm run dev\nnpm run serve\n```\n",
    "# shop\n\nNeeds `DATABASE_URL`.\n\n```sh\nnpm run dev\n```\n",
    "# shop\n\nNeeds `DATABASE_URL` and `PORT`.\n\n```sh\nnpm run dev\n```\n",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_shows_its_trends_its_drift_its_latest_files_and_a_badge() {
    let Some(axe) = axe() else { return };
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    repo.commit(EXPRESS_APP);
    let commits: Vec<_> = READMES.iter().map(|readme| repo.commit(&[("README.md", readme)])).collect();
    let server = setting.start().await;
    let Some(page) = Browser::open(&server.client.base).await else { return };
    let mut before = "0".repeat(40);
    for sha in &commits {
        let mut push = payload::push("octo", "shop", sha);
        push["before"] = json!(before);
        server.client.deliver("push", &push).await;
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
        before.clone_from(sha);
    }
    page.store("ci-feed.tick", "off").await;
    page.goto("/r/octo/shop").await;
    // A chart is drawn when it comes near the screen.
    page.until(
        "(document.querySelector('.charts')?.scrollIntoView(), document.querySelectorAll('.chart canvas').length >= 5)",
    )
    .await;
    let titles = page.value("[...document.querySelectorAll('.chart-title')].map((one) => one.innerText)").await;
    assert_eq!(
        titles,
        json!([
            "Facts by kind",
            "Claims of the documentation",
            "Coverage and completeness",
            "Drift of each run",
            "Lines",
            "Duration"
        ])
    );
    assert!(page.text(".latest").await.contains(&commits[3][..7]));
    page.until("document.querySelector('.badge-preview')?.naturalWidth > 50").await;
    assert_eq!(page.count(".history-row").await, 3, "the first run has no base");
    assert!(page.text(".history").await.contains("1 newly contradicted"));
    page.is_accessible(&axe, "axe-repo-trends").await;

    // The points are there for the keyboard and for screen readers.
    page.look(1280, "light").await;
    page.value("document.querySelector('.chart-box').focus()").await;
    page.until("document.querySelector('.chart-tip')").await;
    page.press(char::from(Key::Left)).await;
    let second = format!(
        "document.activeElement.ariaValueText.startsWith('{}') && document.querySelector('.chart-tip').innerText.includes('{}')",
        &commits[2][..7],
        &commits[2][..7]
    );
    page.until(&second).await;
    page.picture("repo-tooltip").await;
    // So is the pointer: the tooltip follows it, in one chart at a time.
    let element = page.client.find(Locator::Css(".charts .chart:nth-child(5) .u-over")).await.unwrap();
    let to_its_middle = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
    page.client.perform_actions(MouseActions::new("mouse".into()).then(to_its_middle)).await.unwrap();
    page.until("document.querySelector('.charts .chart:nth-child(5) .chart-tip')?.innerText.includes('Lines')").await;

    page.click(Locator::XPath("//button[normalize-space()='Show as table']")).await;
    page.until("document.querySelectorAll('.trend-table tbody tr').length === 4").await;
    let newest = page.text(".trend-table tbody tr").await;
    assert!(newest.contains(&commits[3][..7]) && newest.contains("Succeeded"), "{newest}");
    page.is_accessible(&axe, "axe-repo-table").await;

    page.look(1280, "light").await;
    let snippet = page.text(".badge-line + .copy .copy-value").await;
    assert!(snippet.contains("/badge/octo/shop.svg?ref=main)](") && snippet.ends_with("/r/octo/shop)"), "{snippet}");
    page.click(Locator::LinkText("DOSSIER.md")).await;
    page.until(
        "location.pathname === '/r/octo/shop/latest/DOSSIER.md' && document.body.innerText.includes('octo/shop')",
    )
    .await;
    page.close().await;
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_says_what_waits_since_what_is_deployed_and_everything_else_about_it_is_there() {
    let Some(axe) = axe() else { return };
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let first = repo.commit(EXPRESS_APP);
    let second = repo.commit(&[("pay.js", "module.exports = process.env.PAY_URL\n")]);
    let third = repo.commit(&[("fee.js", "module.exports = process.env.LATE_FEE\n")]);
    let pull = repo.commit_on("refunds", &[("refund.js", "module.exports = process.env.REFUND_URL\n")]);
    let server = setting.start().await;
    let deliver = async |event: &str, payload: &Value| {
        let (status, answer) = server.client.deliver(event, payload).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    };
    deliver("push", &payload::push("octo", "shop", &first)).await;
    deliver("push", &payload::moved(&first, &second)).await;
    deliver("push", &payload::moved(&second, &third)).await;
    deliver("pull_request", &payload::pull_request("octo", "shop", &pull)).await;
    let body = json!({ "owner": "octo", "repo": "shop", "environment": "production", "commit_sha": first });
    let deployed = server.client.request("POST", "/api/ci/deployments").json(&body).send().await.unwrap();
    assert_eq!(deployed.status(), 200);
    let Some(page) = Browser::open(&server.client.base).await else { return };
    page.store("ci-feed.tick", "off").await;
    page.goto("/r/octo/shop").await;
    page.until("document.querySelectorAll('.since .deploy .fact').length === 2").await;
    let waits = page.text(".since").await;
    for words in ["deployed:production", "PAY_URL", "LATE_FEE", &first[..7], &third[..7]] {
        assert!(waits.contains(words), "{words}: {waits}");
    }
    // Since any other run.
    let run = format!("//label[contains(., 'Since')]/select/option[contains(., '{}')]", &second[..7]);
    page.click(Locator::XPath(&run)).await;
    page.until("document.querySelectorAll('.since .deploy .fact').length === 1").await;
    let step = page.value("document.querySelector('.since .row-link').getAttribute('href')").await;
    assert!(step.as_str().unwrap().starts_with("/compare?"), "a step has its address where the sides stand: {step}");
    page.until_text("Pull requests").await;
    let pulls = page.text("[aria-labelledby=pulls]").await;
    assert!(pulls.contains("#7") && pulls.contains("since main"), "{pulls}");
    let forge = page.value("document.querySelector('.page-head .forge').href").await;
    assert!(forge.as_str().unwrap().ends_with("/octo/shop"), "{forge}");
    for (form, begin) in [("HTML", "<a href="), ("AsciiDoc", "image:"), ("Markdown", "[![")] {
        page.click(Locator::XPath(&format!("//label[contains(., 'As')]/select/option[.='{form}']"))).await;
        page.until(&format!(
            "document.querySelector('.badge-line + .copy .copy-value').innerText.startsWith('{begin}')"
        ))
        .await;
    }
    page.click(Locator::Css(".enqueue-here > summary")).await;
    assert_eq!(page.count(".enqueue-here input").await, 2, "the repository is known");
    page.is_accessible(&axe, "axe-repo-since").await;
    page.click(Locator::XPath("//button[normalize-space()='Enqueue']")).await;
    page.until_text("Open the run").await;
    page.close().await;
    server.stop_and_check().await;
}
