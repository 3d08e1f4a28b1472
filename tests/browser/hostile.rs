//! Text from strangers stays text: no script, no element, no dialog, no request.

use serde_json::json;

use super::support::browser::Browser;
use super::support::world::World;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::Setting;

const IMAGE: &str = "<img src=x onerror=\"window.pwned=1;alert(1)\">";
const SCRIPT: &str = "<script>window.pwned=1;alert(1)</script>";
/// What a git ref may hold; in HTML a slash separates attributes as well as a space does.
const REF: &str = "<img/src=x/onerror=alert(1)>\u{202e}\"'";

/// Markdown with every way out of Markdown.
const README: &str = "# shop <script>window.pwned=1</script>\n\n<img src=x onerror=\"window.pwned=1;alert(1)\">\n\n\
    <iframe src=\"http://elsewhere.test/frame\"></iframe>\n<svg onload=\"alert(1)\"></svg>\n\n\
    ![picture](http://elsewhere.test/pixel.png) [link](javascript:alert(1)) [data](data:text/html,<script>alert(1)</script>)\n\n\
    <a href=\"javascript:alert(1)\">click</a> <form action=\"http://elsewhere.test/\"><input autofocus onfocus=alert(1)></form>\n\n\
    <style>@import url(http://elsewhere.test/style.css);</style> <link rel=stylesheet href=http://elsewhere.test/s.css>\n\n\
    Run `npm run <img src=x onerror=alert(1)>` and `npm run \u{202e}evil`. See [here](<img src=x onerror=alert(1)>.md).\n";

/// Elements and attributes that no page of ours has: pictures but for the badge, styles but for what the charts and long
/// lists set.
const FOREIGN_ELEMENTS: &str = "[...document.querySelectorAll('#app script, #app img:not(.badge-preview), #app iframe, #app object, \
    #app embed, #app style, #app link, #app base, #app meta, #app [onerror], #app [onload], #app [onfocus], #app [onmouseover], \
    #app [onclick], #app [ontoggle], #app [srcdoc], #app [style]:not(.chart *, .long-list > div), #app [formaction], \
    #app a[href^=\"javascript:\" i], #app a[href^=\"data:\" i], #app a[href^=\"vbscript:\" i], #app [src]:not(.badge-preview)')] \
    .map((one) => one.outerHTML.slice(0, 300))";

pub(super) async fn nothing_came_of_it(page: &Browser) {
    assert_eq!(page.value("typeof window.pwned").await, json!("undefined"));
    let reordered = "/[\\u202a-\\u202e\\u2066-\\u2069]/.test(document.getElementById('app').textContent)";
    assert_eq!(
        page.value(reordered).await,
        json!(false),
        "a bidi override is on the page {}",
        page.value("location.href").await
    );
    assert_eq!(page.value(FOREIGN_ELEMENTS).await, json!([]));
    let fits = page.value("document.documentElement.scrollWidth <= innerWidth").await;
    assert_eq!(fits, json!(true), "long text made the page scroll sideways at {}", page.value("location.href").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_of_commits_people_branches_and_files_stay_text() {
    let Some(mut world) = World::new().await else { return };
    let long = "w".repeat(10_000);
    let scripts = format!(
        "{{ \"scripts\": {{ \"dev\": {}, {}: \"node x.js\" }}, \"dependencies\": {{ {}: \"1.0.0\" }} }}",
        json!(IMAGE),
        json!(SCRIPT),
        json!(format!("{IMAGE}{long}"))
    );
    world.sha = TestRepo::create(world.server.setting.git.root(), "octo", "hostile").commit(&[
        ("README.md", &format!("{README}\n`npm run {long}`\n")),
        ("package.json", &scripts),
        ("<img src=x onerror=alert(1)>\u{202e}.js", "require('express')().get('/<script>alert(1)</script>/:id', f);\n"),
        (
            "app.js",
            "const app = require('express')();\napp.get('/<img src=x onerror=alert(1)>/:id', handler);\napp.get('/\u{202e}gnp', handler);\n",
        ),
    ]);
    let mut push = payload::push("octo", "hostile", &world.sha);
    push["head_commit"]["message"] = json!(format!("{IMAGE}{SCRIPT}\u{202e}\u{200b}'\"`{long}\n\nbody"));
    push["head_commit"]["author"]["name"] = json!(format!("{SCRIPT}\u{2066}{long}"));
    push["head_commit"]["author"]["username"] = json!(IMAGE);
    push["ref"] = json!(format!("refs/heads/{REF}"));
    let run_id = world.deliver("push", &push).await;
    // There is no dossier of the default branch.
    world.browser.expect_on_console("404 (Not Found)");
    let page = &world.browser;
    page.look(360, "light").await;
    page.goto("/feed").await;
    page.until("document.querySelector('.run .run-status')?.innerText.includes('Succeeded')").await;
    let title = page.text(".run-title").await;
    assert!(title.starts_with(IMAGE) && title.contains("[U+202E]") && title.contains("[U+200B]"), "{title}");
    assert!(page.text(".ref").await.starts_with("<img/src=x/onerror=alert(1)>[U+202E]"));
    nothing_came_of_it(page).await;
    page.picture("hostile-feed-360").await;

    for path in [
        "/status",
        "/r/octo/hostile",
        "/r/%3Cimg%20src=x%20onerror=alert(1)%3E/%3Cscript%3E",
        "/search?q=hostile",
        "/search?q=%3Cimg%20src=x%20onerror=alert(1)%3E",
        "/compare?owner=octo&repo=hostile",
        "/r/octo/hostile/fact?kind=endpoint&key=GET%20/%E2%80%AEgnp",
    ] {
        page.goto(path).await;
        page.until("document.querySelector('h1') && !document.querySelector('.skeleton')").await;
        nothing_came_of_it(page).await;
    }
    page.goto(&format!("/?owner=%3Cimg%20src=x%20onerror=alert(1)%3E&repo={long}&ref=%22%3E%3Cscript%3E")).await;
    page.until_text("No run matches").await;
    nothing_came_of_it(page).await;
    for tab in ["overview", "facts", "claims", "unknowns", "findings", "coverage", "artifacts", "markdown"] {
        page.goto(&format!("/runs/{run_id}#{tab}")).await;
        let shown = format!(
            "document.getElementById('tab-{tab}')?.ariaSelected === 'true' && document.querySelector('#panel-{tab} > *') && !document.querySelector('.skeleton')"
        );
        page.until(&shown).await;
        page.value("document.querySelectorAll('[aria-expanded=false]').forEach((one) => one.click())").await;
        nothing_came_of_it(page).await;
        page.picture(&format!("hostile-{tab}-360")).await;
    }
    page.goto(&format!("/runs/{run_id}#facts")).await;
    let keys = "[...document.querySelectorAll('.fact-key')].map((one) => one.innerText).join()";
    let keys = page.until(keys).await;
    assert!(keys.as_str().unwrap().contains("onerror=alert(1)>"), "the hostile route is no fact: {keys}");
    world.end().await;
}

/// An analyzer that hands on what the repository holds.
const PASS_ON: &str = "cp \"$1/README.md\" \"$2/DOSSIER.md\"; cp \"$1/notes.json\" \"$1/findings.sarif\" \"$1/summary.json\" \"$1/page.html\" \"$2\"";

#[tokio::test(flavor = "multi_thread")]
async fn hostile_output_of_an_external_analyzer_stays_text() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let setting = setting.with_analyzer(PASS_ON);
    let hostile = json!({ IMAGE: SCRIPT, "a": 3, "__proto__": { "x": 1 }, "facts": { "endpoint": IMAGE } });
    let sarif = json!({ "version": "2.1.0", "runs": [{ "tool": { "driver": { "name": IMAGE } }, "results": [{
        "ruleId": SCRIPT, "level": "error", "message": { "text": IMAGE },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "javascript:alert(1)" }, "region": { "startLine": 1 } } }],
    }] }] });
    let sha = TestRepo::create(setting.git.root(), "octo", "hostile").commit(&[
        ("README.md", README),
        ("notes.json", &hostile.to_string()),
        ("summary.json", &hostile.to_string()),
        ("findings.sarif", &sarif.to_string()),
        ("page.html", SCRIPT),
    ]);
    let server = setting.start().await;
    let Some(page) = Browser::open(&server.client.base).await else { return };
    let run_id = server.client.enqueue("octo", "hostile", &sha).await;
    page.goto(&format!("/runs/{run_id}")).await;
    page.until("document.getElementById('tab-artifacts')").await;
    nothing_came_of_it(&page).await;
    page.goto(&format!("/runs/{run_id}#artifacts")).await;
    page.until("document.querySelectorAll('.artifact').length >= 5").await;
    page.value("document.querySelectorAll('.artifact [aria-expanded=false]').forEach((one) => one.click())").await;
    page.until("document.querySelectorAll('.artifact [aria-expanded=true]').length >= 4 && !document.querySelector('.skeleton')").await;
    page.until_text("window.pwned=1;alert(1)").await;
    nothing_came_of_it(&page).await;
    page.picture("hostile-external").await;
    page.goto(&format!("/runs/{run_id}#markdown")).await;
    page.until("document.querySelector('.prose')?.innerText.includes('npm run <img src=x onerror=alert(1)>')").await;
    nothing_came_of_it(&page).await;
    page.goto("/feed").await;
    page.until("document.querySelector('.run')").await;
    nothing_came_of_it(&page).await;
    // Opened by itself, an HTML artifact must not run as a page of this site.
    page.goto(&format!("/api/ci/runs/{run_id}/artifacts/DOSSIER.md")).await;
    assert_eq!(page.value("typeof window.pwned").await, json!("undefined"));
    page.close().await;
    server.stop_and_check().await;
}
