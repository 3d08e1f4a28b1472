//! Getting exactly one commit from a real smart-HTTP server: what works, and what each refusal says.

use serde_json::{Value, json};

use crate::support::database::Backend;
use crate::support::free_port;
use crate::support::git_server::TOKEN;
use crate::support::repo::TestRepo;
use crate::support::server::{Setting, TestServer};

const OK: &str = "cp \"$1/README.md\" \"$2/DOSSIER.md\"";

async fn setting() -> Setting {
    Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(OK)
}

/// Enqueue, tick once, and read the run.
async fn run_of(server: &TestServer, owner: &str, repo: &str, sha: &str) -> Value {
    let run_id = server.client.enqueue(owner, repo, sha).await;
    server.client.tick().await;
    server.client.run(&run_id).await
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_commit_is_fetched_not_the_branchs_newest() {
    let setting = setting().await;
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let old = repo.commit(&[("README.md", "old\n")]);
    let new = repo.commit(&[("README.md", "new\n")]);
    let server = setting.start().await;
    for (sha, content) in [(&old, "old\n"), (&new, "new\n")] {
        let run = run_of(&server, "octo", "shop", sha).await;
        assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
        let url = format!("/api/ci/runs/{}/artifacts/DOSSIER.md", run["id"].as_str().unwrap());
        let artifact = server.client.request("GET", &url).send().await.unwrap().text().await.unwrap();
        assert_eq!(artifact, content);
    }
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_commit_itself_is_fetched_without_its_history() {
    let script = "git --git-dir \"$1/../repo.git\" rev-list --count refs/ci/pin > \"$2/DOSSIER.md\"";
    let setting = setting().await.with_analyzer(script);
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let shas: Vec<_> = (0..5).map(|n| repo.commit(&[("README.md", &format!("{n}\n"))])).collect();
    let server = setting.start().await;
    let run = run_of(&server, "octo", "shop", &shas[3]).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    let url = format!("/api/ci/runs/{}/artifacts/DOSSIER.md", run["id"].as_str().unwrap());
    assert_eq!(server.client.request("GET", &url).send().await.unwrap().text().await.unwrap(), "1\n");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hands_out_no_commit_by_its_id_is_asked_for_the_branch() {
    let setting = setting().await;
    let mut repo = TestRepo::create(setting.git.root(), "refs-only", "shop");
    let old = repo.commit(&[("README.md", "old\n")]);
    repo.commit(&[("README.md", "new\n")]);
    let server = setting.start().await;
    let run = run_of(&server, "refs-only", "shop", &old).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_server_works_as_the_demo_uses_it() {
    let setting = setting().await;
    let root = format!("file://{}", setting.git.root().display());
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let old = repo.commit(&[("README.md", "old\n")]);
    repo.commit(&[("README.md", "new\n")]);
    let server = setting.with("GITHUB_SERVER_URL", &root).start().await;
    let run = run_of(&server, "octo", "shop", &old).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    let missing = run_of(&server, "octo", "nothing", &old).await;
    assert_eq!(missing["error_code"], json!("REPO_NOT_FOUND"), "{missing}");
    assert!(!missing.to_string().contains(root.trim_start_matches("file://")), "{missing}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_has_its_code_and_says_what_to_do() {
    let setting = setting().await.with("CI_MAX_ATTEMPTS", "1");
    let present = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "x\n")]);
    TestRepo::create(setting.git.root(), "private", "shop").commit(&[("README.md", "x\n")]);
    let server = setting.start().await;
    let gone = "e".repeat(40);
    for (owner, repo, sha, code, words) in [
        ("octo", "shop", gone.as_str(), "COMMIT_NOT_FOUND", "force push"),
        ("octo", "nothing", present.as_str(), "REPO_NOT_FOUND", "GITHUB_SERVER_URL"),
        ("private", "shop", present.as_str(), "AUTH_REQUIRED", "GITHUB_TOKEN"),
    ] {
        let run = run_of(&server, owner, repo, sha).await;
        assert_eq!(run["error_code"], json!(code), "{run}");
        assert!(run["error"].as_str().unwrap().contains(words), "{run}");
    }
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_is_a_network_error() {
    let server = setting().await.with("GITHUB_SERVER_URL", format!("http://127.0.0.1:{}", free_port())).start().await;
    let run = run_of(&server, "octo", "shop", &"e".repeat(40)).await;
    assert_eq!(run["error_code"], json!("NETWORK"), "{run}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_never_answers_costs_no_more_than_the_jobs_time() {
    let server = setting().await.with("CI_JOB_TIMEOUT_SECONDS", "1").start().await;
    let run = run_of(&server, "slow", "shop", &"e".repeat(40)).await;
    assert_eq!(run["error_code"], json!("TIMEOUT"), "{run}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_over_the_limit_fails_at_once_and_for_good() {
    let setting = setting().await.with("CI_MAX_REPO_BYTES", "20000");
    // Bytes that do not compress.
    let mut state = 1_u64;
    let noise: String = (0..60_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b'!' + (state >> 33) as u8 % 90)
        })
        .collect();
    let sha = TestRepo::create(setting.git.root(), "octo", "big").commit(&[("README.md", "x\n"), ("noise", &noise)]);
    let server = setting.start().await;
    let run = run_of(&server, "octo", "big", &sha).await;
    assert_eq!((&run["error_code"], &run["status"]), (&json!("REPO_TOO_LARGE"), &json!("FAILED")), "{run}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_files_fail_at_once_and_large_files_are_left_out() {
    let setting = setting()
        .await
        .with("CI_MAX_FILES", "3")
        .with("CI_MAX_FILE_BYTES", "1000")
        .with_analyzer("ls \"$1\" > \"$2/files.txt\"");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let few = repo.commit(&[("README.md", "x\n"), ("large", &"x".repeat(1001))]);
    let many = repo.commit(&[("a", "1"), ("b", "2"), ("c", "3")]);
    let server = setting.start().await;
    let run = run_of(&server, "octo", "shop", &few).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    let url = format!("/api/ci/runs/{}/artifacts/files.txt", run["id"].as_str().unwrap());
    assert_eq!(server.client.request("GET", &url).send().await.unwrap().text().await.unwrap(), "README.md\n");
    let run = run_of(&server, "octo", "shop", &many).await;
    assert_eq!((&run["error_code"], &run["status"]), (&json!("TOO_MANY_FILES"), &json!("FAILED")), "{run}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_opens_a_private_repository_of_a_verified_push_and_hides_its_run() {
    let setting = setting().await.with("GITHUB_TOKEN", TOKEN).with("CI_API_TOKEN", "t0ken");
    let sha = TestRepo::create(setting.git.root(), "private", "shop").commit(&[("README.md", "secret plans\n")]);
    let server = setting.start().await;
    let (_, accepted) = server.client.deliver("push", &crate::support::payload::push("private", "shop", &sha)).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    let path = format!("/api/ci/runs/{}", accepted["run_id"].as_str().unwrap());
    for path in [
        path.clone(),
        format!("{path}/artifacts"),
        format!("{path}/artifacts/DOSSIER.md"),
        format!("{path}/artifacts.zip"),
    ] {
        assert_eq!(server.client.request("GET", &path).send().await.unwrap().status(), 404, "{path}");
        let trusted = server.client.request("GET", &path).bearer_auth("t0ken").send().await.unwrap();
        assert_eq!(trusted.status(), 200, "{path}");
    }
    let (_, feed) = server.client.get("/api/ci/runs").await;
    assert_eq!(feed["runs"], json!([]));
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_wish_does_not_get_the_token() {
    let setting = setting().await.with("GITHUB_TOKEN", TOKEN);
    let sha = TestRepo::create(setting.git.root(), "private", "shop").commit(&[("README.md", "secret plans\n")]);
    let server = setting.start().await;
    let run = run_of(&server, "private", "shop", &sha).await;
    assert_eq!(run["error_code"], json!("AUTH_REQUIRED"), "{run}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_on_the_list_may_be_enqueued_with_the_token() {
    let setting = setting().await.with("GITHUB_TOKEN", TOKEN).with("CI_TOKEN_OWNERS", "Private");
    let sha = TestRepo::create(setting.git.root(), "private", "shop").commit(&[("README.md", "plans\n")]);
    let server = setting.start().await;
    let run = run_of(&server, "private", "shop", &sha).await;
    assert_eq!((&run["status"], &run["private"]), (&json!("SUCCEEDED"), &json!(true)), "{run}");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_resolved_to_its_commit_before_it_is_enqueued() {
    let setting = setting().await;
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "x\n")]);
    let server = setting.start().await;
    let enqueue = |git_ref: &str| {
        let body = json!({ "owner": "octo", "repo": "shop", "ref": git_ref, "event_type": "manual" });
        server.client.request("POST", "/api/ci/enqueue").json(&body).send()
    };
    let (status, accepted) = crate::support::server::answer(enqueue("main").await.unwrap()).await;
    assert_eq!(status, 200, "{accepted}");
    assert_eq!(server.client.run(accepted["run_id"].as_str().unwrap()).await["commit_sha"], json!(sha));
    let (status, refused) = crate::support::server::answer(enqueue("nowhere").await.unwrap()).await;
    assert_eq!((status.as_u16(), &refused["code"]), (502, &json!("REF_NOT_FOUND")));
    server.stop_and_check().await;
}
