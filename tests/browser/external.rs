//! What analyzers of other people leave, as their readers see it: Markdown, SARIF, JSON, text, a picture, a binary.

use super::support::axe::axe;
use super::support::browser::Browser;
use crate::support::database::Backend;
use crate::support::repo::TestRepo;
use crate::support::server::Setting;

/// Leaves one file of each kind; the picture is one red pixel.
const ANALYZER: &str = r##"cd "$2"
cat > REPORT.md <<'END'
# Licence report

Of **3** dependencies, one has a licence that `policy.toml` does not list.

| package | licence | allowed |
|---|---|---|
| express | MIT | yes |
| left-pad | WTFPL | no |

1. Ask the authors.
2. Or replace it.

> Read from `package-lock.json` alone.
END
cat > scan.sarif <<'END'
{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"licences"}},"results":[
 {"ruleId":"unlisted-licence","level":"error","message":{"text":"`left-pad` has the licence WTFPL, which is not listed"},
  "locations":[{"physicalLocation":{"artifactLocation":{"uri":"package.json"},"region":{"startLine":4,"snippet":{"text":"    \"left-pad\": \"1.3.0\","}}}}]},
 {"ruleId":"no-notice","level":"note","message":{"text":"No NOTICE file"}}]}]}
END
echo '{"facts":{"dependency":3},"licences":{"MIT":2,"WTFPL":1},"packages":[{"name":"express","dev":false},{"name":"left-pad","dev":null}]}' > summary.json
printf 'reading package.json\nreading package-lock.json\n3 packages\n' > licences.txt
printf 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==' | base64 -d > share.png
printf '\000\001\002' > cache.bin
"##;

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_external_analyzer_are_shown_as_what_they_are() {
    let Some(axe) = axe() else { return };
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let setting = setting.with_analyzer(ANALYZER);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[(
        "package.json",
        "{\n  \"dependencies\": {\n    \"express\": \"5.1.0\",\n    \"left-pad\": \"1.3.0\"\n  }\n}\n",
    )]);
    let server = setting.start().await;
    let Some(page) = Browser::open(&server.client.base).await else { return };
    page.store("ci-feed.tick", "off").await;
    let run_id = server.client.enqueue("octo", "shop", &sha).await;
    assert_eq!(server.client.tick().await["status"], "SUCCEEDED");
    for (tab, shown) in [
        // The first tab of a run without a dossier.
        ("", "document.querySelector('#panel-findings .finding-text code')?.innerText === 'left-pad'"),
        ("markdown", "document.querySelectorAll('#panel-markdown .prose table tbody tr').length === 2"),
        ("artifacts:summary.json", "document.querySelectorAll('.tree summary').length === 4"),
        ("artifacts:licences.txt", "/3 packages/.test(document.querySelector('pre.plain')?.innerText)"),
        ("artifacts:share.png", "document.querySelector('img.picture')?.naturalWidth === 1"),
        ("artifacts:scan.sarif", "document.querySelectorAll('.artifact-view .finding-text').length === 2"),
    ] {
        page.goto(&format!("/runs/{run_id}#{tab}")).await;
        page.until(shown).await;
        page.value("document.querySelectorAll('.tree details:not([open]) > summary').forEach((one) => one.click())")
            .await;
        let name = tab.rsplit(':').next().unwrap().replace('.', "-");
        page.is_accessible(&axe, &format!("axe-external-{}", if name.is_empty() { "findings" } else { &name })).await;
    }
    let binary = "[...document.querySelectorAll('.artifact')].find((one) => one.innerText.includes('cache.bin'))";
    assert_eq!(
        page.value(&format!("{binary}.querySelectorAll('[aria-expanded]').length")).await,
        0,
        "a binary is no text"
    );
    page.close().await;
    server.stop_and_check().await;
}
