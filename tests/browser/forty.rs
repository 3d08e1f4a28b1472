//! Forty strings that try to become more than text, in every place that text of strangers reaches: events, files of every
//! kind that an analyzer leaves, errors, the delivery log. Nothing runs, nothing loads from elsewhere.

use serde_json::{Value, json};

use super::hostile::nothing_came_of_it;
use super::support::browser::Browser;
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{SECRET, Setting};

const HOSTILE: [&str; 40] = [
    "<script>window.pwned=1</script>",
    "\"><script src=//elsewhere.test/x.js></script>",
    "</script><script>window.pwned=1</script>",
    "<img src=x onerror=window.pwned=1>",
    "<img src=//elsewhere.test/p.png>",
    "'\"><img src=x onerror=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "<svg><a xlink:href=\"javascript:window.pwned=1\"><text>x</text></a></svg>",
    "<math><mi xlink:href=\"javascript:window.pwned=1\">x</mi></math>",
    "<iframe srcdoc=\"<script>parent.pwned=1</script>\"></iframe>",
    "<iframe src=javascript:parent.pwned=1></iframe>",
    "<object data=\"javascript:window.pwned=1\"></object>",
    "<embed src=//elsewhere.test/x.swf>",
    "<body onload=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<audio src=x onerror=window.pwned=1>",
    "<a href=\"javascript:window.pwned=1\">click</a>",
    "<a href=\"jAvAsCrIpT&colon;window.pwned=1\">click</a>",
    "<a href=\"data:text/html,<script>opener.pwned=1</script>\">click</a>",
    "<form action=//elsewhere.test/><button formaction=javascript:window.pwned=1>x</button></form>",
    "<style>@import '//elsewhere.test/x.css';</style>",
    "<link rel=stylesheet href=//elsewhere.test/x.css>",
    "<base href=//elsewhere.test/>",
    "<meta http-equiv=refresh content=\"0;url=//elsewhere.test/\">",
    "<template><script>window.pwned=1</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=window.pwned=1>\">",
    "<x onclick=window.pwned=1 onmouseover=window.pwned=1>hover</x>",
    "<div style=\"background:url(//elsewhere.test/x)\">x</div>",
    "![x](//elsewhere.test/p.png) [x](javascript:window.pwned=1)",
    "${window.pwned=1} {{constructor.constructor('window.pwned=1')()}} #{window.pwned=1}",
    "__proto__",
    "constructor",
    "javascript:window.pwned=1//\u{2028}\u{2029}",
    "\u{202e}<script>\u{202d}window.pwned=1</script>\u{200b}\u{feff}",
    "\\u003cscript\\u003ewindow.pwned=1\\u003c/script\\u003e%3Cscript%3Ewindow.pwned=1%3C/script%3E",
    "';window.pwned=1//`-->]]><!--",
];

/// A dossier that has one of them wherever it may have a word.
fn dossier() -> Value {
    let evidence = |text: &str| json!([{ "path": format!("src/{text}"), "start_line": 1, "end_line": 1, "excerpt": text, "sha256": text }]);
    let each = |make: &dyn Fn(usize, &str) -> Value| {
        HOSTILE.iter().enumerate().map(|(n, text)| make(n, text)).collect::<Vec<_>>()
    };
    json!({
        "subject": { "tree": HOSTILE[0], "sha": HOSTILE[1] },
        "analyzer": { "name": HOSTILE[2], "version": HOSTILE[3], "rules_digest": HOSTILE[4] },
        "facts": each(&|n, text| json!({ "id": format!("{n}{text}"), "kind": text, "key": text, "status": text,
            "attrs": { text: text, "list": [text, { text: text }] }, "evidence": evidence(text) })),
        "unresolved": each(&|_, text| json!({ "reason": text, "evidence": evidence(text) })),
        "claims": each(&|n, text| json!({ "id": n, "kind": text, "verdict": text, "text": text, "why": text, "doc": text,
            "line": 1, "evidence": evidence(text) })),
        "unknowns": each(&|_, text| json!({ "category": text, "status": text, "resolve_with": [text], "evidence": evidence(text) })),
        "findings": each(&|n, text| json!({ "id": n, "level": text, "message": text, "rule": text, "evidence": evidence(text) })),
        "metrics": { HOSTILE[0]: { "value": 0.5, "numerator": 1, "denominator": 2, "formula": HOSTILE[3], "interpretation": HOSTILE[6] } },
        "coverage": { "files_seen": 1, "analyzed": 1, "languages": each(&|_, text| json!({ "name": text, "files": 1 })),
            "skipped": { HOSTILE[3]: { "count": 1, "paths": &HOSTILE[..] } }, HOSTILE[6]: HOSTILE[7] },
    })
}

fn drift() -> Value {
    let evidence = |text: &str| json!([{ "path": text, "start_line": 1, "end_line": 1, "excerpt": text }]);
    let fact = |text: &str| {
        json!({ "id": text, "kind": text, "key": text, "base_key": text, "evidence": evidence(text), "base_evidence": evidence(text),
            "head_evidence": evidence(text), "changes": [{ "attr": text, "base": text, "head": [text] }] })
    };
    let facts: Vec<_> = HOSTILE.iter().map(|text| fact(text)).collect();
    let of = |make: &dyn Fn(&str) -> Value| HOSTILE.iter().map(|text| make(text)).collect::<Vec<_>>();
    json!({
        "base": { "subject": { "sha": HOSTILE[5] } }, "head": {}, "is_empty": false, "analyzer_changed": true,
        "facts": { "added": facts, "removed": facts, "changed": facts },
        "before_deploy": of(&|text| json!({ "text": text, "side": text, "evidence": evidence(text) })),
        "claims": of(&|text| json!({ "id": text, "base": text, "head": text, "text": text, "why": text, "doc": text, "head_evidence": evidence(text) })),
        "findings": { "new": of(&|text| json!({ "id": text, "message": text, "rule": text, "evidence": evidence(text) })), "resolved": [] },
        "unknowns": of(&|text| json!({ "category": text, "base": text, "head": text })),
        "not_read": { "changed": 1, "files": of(&|text| json!({ "path": text, "reason": text })), "complete": false },
        "metrics": { "dci": { "base": HOSTILE[0], "head": HOSTILE[1], "delta": HOSTILE[2] } },
    })
}

fn sarif() -> Value {
    let result = |text: &&str| {
        json!({ "ruleId": text, "level": text, "message": { "text": text }, "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": text }, "region": { "startLine": 1, "snippet": { "text": text } } } }] })
    };
    json!({ "version": "2.1.0", "runs": [{ "tool": { "driver": { "name": HOSTILE[0] } }, "results": HOSTILE.iter().map(result).collect::<Vec<_>>() }] })
}

fn summary() -> Value {
    let counts: serde_json::Map<_, _> =
        HOSTILE.iter().enumerate().map(|(n, text)| ((*text).to_owned(), json!(n))).collect();
    json!({ "facts": counts, "claims": { "contradicted": HOSTILE[0] }, "metrics": { "dci": HOSTILE[1] }, "lines": 7,
        "drift": { "is_empty": false, "counts": { "added": 3, "by_kind": { "endpoint": HOSTILE[2] } } }, HOSTILE[3]: 4 })
}

/// Hands on the files of the repository; a commit with a file `fail` fails with that file's words.
const PASS_ON: &str = "if [ -e \"$1/fail\" ]; then cat \"$1/fail\" >&2; exit 1; fi; cp \"$1\"/*.json \"$1\"/*.md \"$1\"/*.sarif \"$1\"/*.txt \"$1\"/*.html \"$2\"";

async fn everything_is_opened(page: &Browser) {
    for _ in 0..3 {
        page.value("document.querySelectorAll('main [aria-expanded=false]').forEach((one) => one.click())").await;
        page.value("document.querySelectorAll('main details:not([open]) > summary').forEach((one) => one.click())")
            .await;
    }
    page.until("!document.querySelector('.skeleton')").await;
    // Pointer and focus wake what waits for them.
    page.value(
        "document.querySelectorAll('main *').forEach((one) => { for (const name of ['mouseover', 'focus', 'toggle']) one.dispatchEvent(new Event(name)); })",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_hostile_strings_stay_text_in_every_place_that_they_reach() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let setting = setting.with_analyzer(PASS_ON).with("CI_MAX_ATTEMPTS", "1");
    let list = HOSTILE.join("\n\n");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "hostile");
    let made = repo.commit(&[
        (
            "DOSSIER.md",
            &format!(
                "# {list}\n\n- {}\n\n`{list}`\n\n> {list}\n\n| a |\n|---|\n| {} |\n",
                HOSTILE.join("\n- "),
                HOSTILE[3]
            ),
        ),
        ("dossier.json", &dossier().to_string()),
        ("drift.json", &drift().to_string()),
        ("findings.sarif", &sarif().to_string()),
        ("summary.json", &summary().to_string()),
        ("tree.json", &json!({ "list": &HOSTILE[..], "keys": summary() }).to_string()),
        ("notes.txt", &list),
        ("page.html", &list),
    ]);
    let bare = repo.commit(&[("other.txt", "x")]);
    let failing = repo.commit(&[("fail", &HOSTILE.join("\n"))]);
    let server = setting.start().await;
    let Some(page) = Browser::open(&server.client.base).await else { return };
    page.store("ci-feed.tick", "off").await;

    // Events: title, author, ref; action and delivery id of what is ignored.
    let mut run_id = String::new();
    for (n, text) in HOSTILE.iter().enumerate() {
        let mut push = payload::push("octo", "hostile", &format!("{:040x}", n + 1));
        push["head_commit"]["message"] = json!(text);
        push["head_commit"]["author"]["name"] = json!(text);
        push["head_commit"]["author"]["username"] = json!(text);
        let name: String = text.chars().filter(|c| !" ~^:?*[\\".contains(*c) && !c.is_control()).collect();
        push["ref"] = json!(format!("refs/heads/{}", name.replace("..", ".").replace("//", "/").replace("@{", "@")));
        server.client.deliver("push", &push).await;
        let ignored = json!({ "action": text, "repository": { "full_name": format!("octo/{text}") }, "zen": text });
        server
            .client
            .deliver_raw(
                "issues",
                &format!("{n}-{}", text.escape_default()).chars().take(60).collect::<String>(),
                SECRET,
                ignored.to_string().into_bytes(),
            )
            .await;
    }
    while server.client.tick().await["processed"] == json!(true) {}
    for sha in [&made, &bare, &failing] {
        run_id = server.client.enqueue("octo", "hostile", sha).await;
        server.client.tick().await;
    }
    let failed = run_id;
    let (_, runs) = server.client.get("/api/ci/runs?owner=octo&repo=hostile&status=SUCCEEDED").await;
    let succeeded = runs["runs"].as_array().unwrap();
    assert_eq!(succeeded.len(), 2, "{runs}");
    let made = succeeded[1]["id"].as_str().unwrap();

    for path in [
        "/".to_owned(),
        "/feed".to_owned(),
        "/?owner=octo&repo=hostile".to_owned(),
        "/status".to_owned(),
        "/setup".to_owned(),
        "/r/octo/hostile".to_owned(),
        format!("/runs/{failed}"),
    ] {
        page.goto(&path).await;
        page.until("document.querySelector('h1, .page-head') && !document.querySelector('.skeleton')").await;
        everything_is_opened(&page).await;
        nothing_came_of_it(&page).await;
    }
    let words = page.text(".run-head .notice").await;
    assert!(words.contains("[U+202E]<script>[U+202D]window.pwned=1"), "the error is shown as it was: {words}");
    page.picture("forty-error").await;
    page.goto("/feed").await;
    page.until("document.querySelectorAll('.run').length > 40").await;
    let feed = page.text(".runs tbody").await;
    for text in [HOSTILE[0], HOSTILE[11], HOSTILE[33], "[U+202E]<script>"] {
        assert!(feed.contains(text), "the feed lacks {text}");
    }
    for tab in [
        "drift",
        "overview",
        "facts",
        "facts:unresolved",
        "claims",
        "unknowns",
        "findings",
        "coverage",
        "artifacts",
        "markdown",
    ] {
        page.goto(&format!("/runs/{made}#{tab}")).await;
        let name = tab.split(':').next().unwrap();
        page.until(&format!("document.getElementById('tab-{name}')?.ariaSelected === 'true' && document.querySelector('#panel-{name} > *') && !document.querySelector('.skeleton')")).await;
        everything_is_opened(&page).await;
        nothing_came_of_it(&page).await;
        page.picture(&format!("forty-{}", tab.replace(':', "-"))).await;
    }
    for (name, value) in [("owner", HOSTILE[3]), ("ref", HOSTILE[7])] {
        let query = serde_urlencoded::to_string([(name, value), ("repo", HOSTILE[0])]).unwrap();
        page.goto(&format!("/?{query}")).await;
        page.until("document.querySelector('h1') && !document.querySelector('.skeleton')").await;
        nothing_came_of_it(&page).await;
    }
    page.close().await;
    server.stop_and_check().await;
}
