//! `ci-feed enqueue --org` and `--from`: what a forge lists and a file names, each once, however often it is asked for.

use axum::body::Body;
use axum::http::{Response, header};
use serde_json::{Value, json};

use crate::support::database::Backend;
use crate::support::forge::{Forge, response};
use crate::support::repo::TestRepo;
use crate::support::server::{BINARY, Setting, TestServer};

const OK: &str = "echo '{}' > \"$2/summary.json\"";

/// What the command printed, its last sentence, and its exit code.
async fn enqueue(server: &TestServer, settings: &[(&str, &str)], args: &[&str]) -> (Vec<Value>, String, i32) {
    let mut command = tokio::process::Command::new(BINARY);
    command.arg("enqueue").args(args).args(["--url", &server.client.base]).current_dir(server.setting.folder.path());
    let output = command.envs(settings.iter().copied()).output().await.unwrap();
    let (lines, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let lines = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (lines, said, output.status.code().unwrap())
}

/// Each repository, and what became of it.
fn told(lines: &[Value]) -> Vec<(String, String)> {
    let outcome = |line: &Value| match line["error_code"].as_str() {
        Some(code) => code.to_owned(),
        None if line["deduplicated"] == json!(true) => "known".to_owned(),
        None => "made".to_owned(),
    };
    lines.iter().map(|line| (line["repo"].as_str().unwrap().to_owned(), outcome(line))).collect()
}

fn of(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter().map(|(repo, outcome)| ((*repo).to_owned(), (*outcome).to_owned())).collect()
}

/// A server, and two repositories whose default branches are not `main`.
async fn server() -> TestServer {
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(OK);
    for (name, default) in [("shop", "trunk"), ("till", "develop")] {
        TestRepo::create(setting.git.root(), "octo", name).commit_on(default, &[("README.md", name)]);
        let path = setting.git.root().join(format!("octo/{name}.git"));
        std::fs::write(path.join("HEAD"), format!("ref: refs/heads/{default}\n")).unwrap();
    }
    TestRepo::create(setting.git.root(), "octo", "empty");
    setting.start().await
}

fn page(names: &[&str], next: Option<String>) -> Response<Body> {
    let repositories: Vec<_> =
        names.iter().map(|name| json!({ "id": 1, "full_name": name, "private": false })).collect();
    let mut page = response("application/json", json!(repositories).to_string());
    if let Some(next) = next {
        let link = format!("<{next}>; rel=\"next\", <{next}>; rel=\"last\"");
        page.headers_mut().insert(header::LINK, link.parse().unwrap());
    }
    page
}

fn status(status: u16, headers: &[(&str, &str)]) -> Response<Body> {
    let mut answer = Response::builder().status(status);
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(Body::from("{}")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_repository_of_an_organization_has_a_run_of_its_default_branch_once() {
    let server = server().await;
    // The address of the next page has to name the forge's own.
    let base = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let known = std::sync::Arc::clone(&base);
    let forge = Forge::start(move |asked| match asked.path.as_str() {
        path if path.starts_with("/api/v3/orgs/octo/repos?") && path.ends_with("&page=2") => {
            page(&["octo/till", "octo/empty"], None)
        }
        path if path.starts_with("/api/v3/orgs/octo/repos?") => {
            page(&["octo/shop"], Some(format!("{}{path}&page=2", known.get().unwrap())))
        }
        _ => status(404, &[]),
    })
    .await;
    base.set(forge.url.clone()).unwrap();
    let settings = [("GITHUB_SERVER_URL", forge.url.as_str()), ("GITHUB_TOKEN", "ghp_x"), ("CI_TOKEN_OWNERS", "Octo")];
    let (lines, said, code) = enqueue(&server, &settings, &["--org", "octo"]).await;
    let expected = [("octo/shop", "made"), ("octo/till", "made"), ("octo/empty", "REF_NOT_FOUND")];
    assert_eq!(told(&lines), of(&expected), "{said}");
    assert!(said.contains("3 repositories: 2 runs made, 0 known already, 1 refused (REF_NOT_FOUND 1)"), "{said}");
    assert_eq!(code, 1);
    assert!(forge.asked.lock().unwrap().iter().all(|asked| asked.authorization.as_deref() == Some("Bearer ghp_x")));
    let run = server.client.run(lines[0]["run_id"].as_str().unwrap()).await;
    assert_eq!((&run["ref"], &run["event_type"]), (&json!("trunk"), &json!("manual")));
    while server.client.tick().await["processed"] == json!(true) {}
    // Again: nothing is made twice, finished or not.
    let (lines, said, _) = enqueue(&server, &settings, &["--org", "octo"]).await;
    assert_eq!(told(&lines)[..2], of(&[("octo/shop", "known"), ("octo/till", "known")]), "{said}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_names_does_the_same_and_says_what_is_wrong_with_a_line() {
    let server = server().await;
    let file = server.setting.folder.path().join("names");
    std::fs::write(&file, "# ours\n\nocto/shop\n  octo/till  \nno name\nocto/gone\nocto/shop\n").unwrap();
    let (lines, said, code) = enqueue(&server, &[], &["--from", file.to_str().unwrap()]).await;
    let expected = [
        ("octo/shop", "made"),
        ("octo/till", "made"),
        ("no name", "INVALID_REQUEST"),
        ("octo/gone", "REPO_NOT_FOUND"),
        ("octo/shop", "known"),
    ];
    assert_eq!(told(&lines), of(&expected), "{said}");
    assert!(said.contains("5 repositories: 2 runs made, 1 known already, 2 refused"), "{said}");
    assert_eq!(code, 1);
    let (_, said, code) = enqueue(&server, &[], &["--from", "/nowhere"]).await;
    assert!(said.contains("/nowhere cannot be read") && code == 1, "{said}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_listed_where_no_organization_has_the_name() {
    let server = server().await;
    let forge = Forge::start(|asked| match asked.path.starts_with("/api/v3/users/octo/repos?") {
        true => page(&["octo/shop"], None),
        false => status(404, &[]),
    })
    .await;
    // The token is not for this owner.
    let settings = [("GITHUB_SERVER_URL", forge.url.as_str()), ("GITHUB_TOKEN", "ghp_x")];
    let (lines, said, code) = enqueue(&server, &settings, &["--org", "octo"]).await;
    assert_eq!(told(&lines), of(&[("octo/shop", "made")]), "{said}");
    assert_eq!(code, 0, "{said}");
    assert!(forge.asked.lock().unwrap().iter().all(|asked| asked.authorization.is_none()));
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forge_that_gives_no_list_says_why_in_a_sentence() {
    let server = server().await;
    let forge = Forge::start(|asked| match asked.path.split('/').nth(4).unwrap_or_default() {
        "limited" => status(403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "99999999999")]),
        "slow-down" => status(429, &[("retry-after", "90")]),
        "closed" => status(403, &[]),
        "expired" => status(401, &[]),
        "broken" => status(502, &[]),
        "odd" => response("text/html", "<html>"),
        "elsewhere" => page(&["octo/shop"], Some("http://198.51.100.1/next".into())),
        _ => status(404, &[]),
    })
    .await;
    let settings = [("GITHUB_SERVER_URL", forge.url.as_str())];
    for (owner, sentence) in [
        ("limited", "the forge allows no more questions for"),
        ("slow-down", "for 2 minutes; with GITHUB_TOKEN"),
        ("closed", "does not let this caller see the organization or user \"closed\""),
        ("expired", "does not take GITHUB_TOKEN"),
        ("broken", "502"),
        ("odd", "answered, but with no list"),
        ("elsewhere", "its next page is elsewhere"),
        ("nobody", "has no organization or user \"nobody\""),
        ("../x", "is not the name of an organization or user"),
    ] {
        let (_, said, code) = enqueue(&server, &settings, &["--org", owner]).await;
        assert!(said.contains(sentence) && code == 1, "{owner}: {said}");
    }
    let (_, said, code) = enqueue(&server, &[("GITHUB_SERVER_URL", "file:///srv")], &["--org", "octo"]).await;
    assert!(said.contains("has no list of repositories") && code == 1, "{said}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_nothing_is_asked_once() {
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(OK).with("CI_API_TOKEN", "t0ken");
    let server = setting.start().await;
    let file = server.setting.folder.path().join("names");
    std::fs::write(&file, "octo/shop\nocto/till\n").unwrap();
    let (lines, said, code) = enqueue(&server, &[], &["--from", file.to_str().unwrap()]).await;
    assert_eq!(told(&lines), of(&[("octo/shop", "TOKEN_REQUIRED")]), "{said}");
    assert!(said.contains("The same command goes on where this ended") && code == 1, "{said}");
    server.stop_and_check().await;
}
