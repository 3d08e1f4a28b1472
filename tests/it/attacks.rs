//! Attacks on a running server that succeeded before they were fixed: see docs/history/attacks.md.

use std::io::Read as _;

use reqwest::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::database::{Backend, on_both_databases};
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{SECRET, Setting, answer};

async fn delivery_ids_that_lead_to_each_other_end_in_an_answer(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    let push = payload::push("octo", "shop", &"ab".repeat(20)).to_string().into_bytes();
    let second = format!("abc#{}", hex::encode(Sha256::digest(&push)));
    let deliver = async |event: &str, id: &str, body: &[u8]| {
        answer(server.client.deliver_raw(event, id, SECRET, body.to_vec()).await).await
    };
    assert_eq!(deliver("ping", "abc", br#"{"zen":"one"}"#).await.0, StatusCode::ACCEPTED);
    assert_eq!(deliver("ping", &second, br#"{"zen":"two"}"#).await.0, StatusCode::ACCEPTED);
    let mut runs = Vec::new();
    for _ in 0..3 {
        let (status, run) = deliver("push", "abc", &push).await;
        assert_eq!(status, StatusCode::OK, "{run}");
        runs.push(run["run_id"].clone());
    }
    assert!(runs.iter().all(|run| *run == runs[0]), "one commit, one run: {runs:?}");
    server.stop_and_check().await;
}

async fn a_branch_of_an_undecided_event_is_not_told_at_a_run_that_is_shown(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer("echo '{}' > \"$2/summary.json\"").with("CI_API_TOKEN", "t0ken");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let mut push = payload::push("octo", "shop", &sha);
    push["repository"]["private"] = json!(false);
    let (_, accepted) = server.client.deliver("push", &push).await;
    server.client.tick().await;
    let mut undecided = payload::push_to("secret-plan", "octo", "shop", &sha);
    undecided["repository"].as_object_mut().unwrap().remove("private");
    let (status, joined) = server.client.deliver("push", &undecided).await;
    assert_eq!((status, &joined["run_id"]), (StatusCode::OK, &accepted["run_id"]));
    let run = server.client.run(accepted["run_id"].as_str().unwrap()).await;
    assert_eq!((&run["status"], run["refs"].as_array().unwrap().len()), (&json!("SUCCEEDED"), 1), "{run}");
    let (_, runs) = server.client.get("/api/ci/runs").await;
    assert!(!runs.to_string().contains("secret-plan"), "{runs}");
    // One that says that it is public is told.
    push["ref"] = json!("refs/heads/release");
    server.client.deliver("push", &push).await;
    let run = server.client.run(accepted["run_id"].as_str().unwrap()).await;
    assert_eq!(run["refs"].as_array().unwrap().len(), 2, "{run}");
    server.stop_and_check().await;
}

async fn an_empty_parameter_counts_as_absent_whatever_its_type(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let server = setting.start().await;
    let (_, accepted) = server.client.deliver("push", &payload::push("octo", "shop", &"ab".repeat(20))).await;
    let id = accepted["run_id"].as_str().unwrap();
    for (path, status) in [
        ("/api/ci/runs?limit=&before=&status=".to_owned(), 200),
        ("/api/ci/repos/octo/shop/trend?ref=&limit=".to_owned(), 200),
        ("/api/ci/deliveries?limit=&delivery_id".to_owned(), 200),
        ("/badge/octo/shop.svg?metric=".to_owned(), 200),
        // As without one: it has no drift.
        (format!("/api/ci/runs/{id}/drift?base="), 404),
        ("/api/ci/runs?limit=x".to_owned(), 400),
    ] {
        let answered = server.client.request("GET", &path).send().await.unwrap().status().as_u16();
        assert_eq!(answered, status, "{path}");
    }
    server.stop_and_check().await;
}

on_both_databases! {
    an_empty_parameter_counts_as_absent_whatever_its_type,
    delivery_ids_that_lead_to_each_other_end_in_an_answer,
    a_branch_of_an_undecided_event_is_not_told_at_a_run_that_is_shown,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_names_in_an_archive_are_plain_on_every_system() {
    let names = ["..\\..\\evil.bat", "C:evil.txt", "con", "CON.txt", "ABC.txt", "abc.txt", "end.", "what?", "näme.txt"];
    let script: String = names.iter().map(|name| format!("echo x > \"$2/{}\"\n", name.replace('\\', "\\\\"))).collect();
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(&script);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let run = server.client.enqueue("octo", "shop", &sha).await;
    server.client.tick().await;
    let kept = server.client.get(&format!("/api/ci/runs/{run}/artifacts")).await.1;
    assert_eq!(kept["artifacts"].as_array().unwrap().len(), names.len() + 1, "with analyzer.log: {kept}");
    let zip = server.client.request("GET", &format!("/api/ci/runs/{run}/artifacts.zip")).send().await.unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip.bytes().await.unwrap())).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        assert!(!name.contains(['\\', '/', ':', '?']) && !name.ends_with('.'), "{name}");
        assert!(!["con", "con.txt"].contains(&name.to_lowercase().as_str()), "{name}");
        assert!(seen.insert(name.to_lowercase()), "{name} twice");
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        assert!(name == "analyzer.log" || content == "x\n", "{name}: {content}");
    }
    assert_eq!(seen.len(), names.len() + 1);
    assert!(seen.contains("näme.txt") && seen.contains("abc.txt"), "{seen:?}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_whose_name_is_no_text_keeps_no_other_from_being_found() {
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer("echo '{}' > \"$2/summary.json\"");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let mut packed = format!("# pack-refs with: peeled fully-peeled sorted \n{sha} refs/heads/").into_bytes();
    packed.extend(b"\xff\xfe\n");
    std::fs::write(setting.git.root().join("octo/shop.git/packed-refs"), packed).unwrap();
    let from_disk = format!("file://{}", setting.git.root().display());
    let mut server = setting.start().await;
    for round in 0..2 {
        let enqueue = json!({ "owner": "octo", "repo": "shop", "ref": "main" });
        let (status, run) =
            answer(server.client.request("POST", "/api/ci/enqueue").json(&enqueue).send().await.unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{run}");
        server.client.tick().await;
        if round == 0 {
            server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
            let (_, looked) =
                answer(server.client.request("POST", "/api/ci/reconcile").json(&json!({})).send().await.unwrap()).await;
            let look: &Value = &looked["repositories"][0];
            assert_eq!((&look["branches"], &look["error"]), (&json!(1), &Value::Null), "{looked}");
            server = server.stop_and_check().await.with("GITHUB_SERVER_URL", &from_disk).start().await;
        }
    }
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_analyzer_says_begins_no_line_of_the_log() {
    let forged = "printf 'x\\nERROR ci_feed: FORGED\\r2026-11-29T00:00:00Z ERROR FORGED\\033[2K\\n' >&2; exit 3";
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(forged).with("CI_LOG", "text");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.spawn();
    server.client.enqueue("octo", "shop", &sha).await;
    server.client.tick().await;
    assert_eq!(server.terminate(), Some(0));
    let log = std::fs::read_to_string(setting.folder.path().join("log")).unwrap();
    assert!(log.contains("FORGED"), "the log says why the analyzer failed: {log}");
    for line in log.split(['\n', '\r']).filter(|line| line.contains("FORGED")) {
        assert!(line.contains("ci_feed::worker::tick: job"), "forged: {line:?} in {log}");
        assert!(!line.contains('\x1b'), "{line:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_nest_without_end_and_links_to_elsewhere_are_shown_as_text() {
    let script = "yes '> ' | head -n 40000 | tr -d '\\n' > \"$2/quotes.md\"; yes '- ' | head -n 40000 | tr -d '\\n' > \"$2/items.md\"
        printf '[a](//evil) [b](/\\\\evil) [c](javascript:alert) [d](data:text/html,x) [e](/fine) <b onclick=x>' > \"$2/links.md\"
        echo '{}' > \"$2/summary.json\"";
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(script);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let run = server.client.enqueue("octo", "shop", &sha).await;
    assert_eq!(server.client.tick().await["status"], "SUCCEEDED");
    let shown = async |name: &str| {
        let path = format!("/api/ci/runs/{run}/artifacts/{name}/html");
        let response = server.client.request("GET", &path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        response.text().await.unwrap()
    };
    for nested in ["quotes.md", "items.md"] {
        let html = shown(nested).await;
        assert!(html.matches("<blockquote").count() + html.matches("<li").count() <= 50, "{nested}: {html:.300}");
    }
    let links = shown("links.md").await;
    assert!(links.contains("href=\"/fine\""), "{links}");
    for bad in ["href=\"//", "href=\"/\\", "javascript:", "data:", "<b"] {
        assert!(!links.contains(bad), "{bad}: {links}");
    }
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_hundred_thousand_levels_costs_a_summary_of_a_few_words() {
    let script = "{ printf '{\"runs\":['; yes '{\"a\":' | head -n 100000 | tr -d '\\n'; printf 0; yes '}' | head -n 100000 | tr -d '\\n'; printf ']}'; } > \"$2/a.sarif\"";
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(script);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let run = server.client.enqueue("octo", "shop", &sha).await;
    server.client.tick().await;
    let run = server.client.run(&run).await;
    assert_eq!(run["status"], "SUCCEEDED", "{run}");
    assert!(run["summary_json"].to_string().len() < 2_000, "{}", run["summary_json"].to_string().len());
    server.stop_and_check().await;
}
