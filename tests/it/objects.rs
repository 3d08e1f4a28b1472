//! Artifacts in a bucket: written, read, forgotten and checked against a real S3 server; what goes wrong on the way to it when
//! somebody reads. Writing under faults is in `faults/objects.rs`.

use std::process::Command;

use ci_feed::artifacts::Artifacts;
use ci_feed::config::Config;
use ci_feed::model::FaultCode;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::database::{Backend, TestDatabase, on_both_databases};
use crate::support::objects::{BUCKET, ObjectServer, SECRET_KEY, Trouble};
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{BINARY, Setting, TestServer, answer, install_tls, until};

const OK: &str = "echo '{\"facts\":{\"endpoint\":2}}' > \"$2/summary.json\"; echo '# Dossier' > \"$2/DOSSIER.md\"";

async fn setting(backend: Backend, objects: &ObjectServer) -> Option<Setting> {
    let setting = objects.keeps(Setting::new(backend).await?, "feed");
    // An object store may take a quarter of it.
    Some(setting.with("CI_JOB_TIMEOUT_SECONDS", "16"))
}

/// A run of a commit, settled.
async fn run_of(server: &TestServer, sha: &str) -> String {
    let id = server.client.enqueue("octo", "shop", sha).await;
    let tick = server.client.tick().await;
    assert_eq!(tick["status"], json!("SUCCEEDED"), "{tick}");
    id
}

fn runs_in(objects: &ObjectServer) -> Vec<String> {
    let keys = objects.objects("feed").into_keys().filter(|key| !key.starts_with('.'));
    let mut runs: Vec<_> = keys.filter_map(|key| Some(key.split_once('/')?.0.to_owned())).collect();
    runs.dedup();
    runs
}

async fn a_dossier_lies_in_the_bucket_and_is_read_from_there(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(setting) = setting(backend, &objects).await else { return };
    let script = format!("{OK}; head -c 3000000 /dev/urandom > \"$2/large name#1%.bin\"");
    let setting = setting.with_analyzer(&script);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let id = run_of(&server, &sha).await;
    let run = server.client.run(&id).await;
    let place = run["out_dir"].as_str().unwrap().strip_prefix("out/ci/").unwrap().to_owned();
    assert!(place.starts_with(&format!("{id}/1-")), "{place}");
    let stored = objects.objects(&format!("feed/{place}"));
    let files = server.client.get(&format!("/api/ci/runs/{id}/artifacts")).await.1["artifacts"].clone();
    assert_eq!((stored.len(), files.as_array().unwrap().len()), (4, 4), "{files}");
    for file in files.as_array().unwrap() {
        let read = server.client.request("GET", file["url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(read.status(), StatusCode::OK);
        let read = read.bytes().await.unwrap();
        assert!(stored.values().any(|bytes| *bytes == read), "{file}");
    }
    let path = format!("/api/ci/runs/{id}/artifacts.zip");
    let archive = server.client.request("GET", &path).send().await.unwrap().bytes().await.unwrap();
    assert!(archive.len() > 3_000_000, "{}", archive.len());
    let html = server.client.request("GET", &format!("/api/ci/runs/{id}/artifacts/DOSSIER.md/html")).send().await;
    assert!(html.unwrap().text().await.unwrap().contains("Dossier</h1>"));
    assert!(!server.setting.out().exists(), "nothing lies in a folder");
    server.stop_and_check().await;
}

/// The numbers of docs/operations.md.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_costs_a_request_for_each_file_and_one_for_the_dossier_before() {
    let objects = ObjectServer::start().await;
    let setting = setting(Backend::Sqlite, &objects).await.unwrap();
    let mut shop = TestRepo::create(setting.git.root(), "octo", "shop");
    let shas = [shop.commit(EXPRESS_APP), shop.commit(&[("README.md", "# shop\n\nNeeds `DATABASE_URL`.\n")])];
    let server = setting.start().await;
    run_of(&server, &shas[0]).await;
    // Housekeeping ends with a listing.
    until(|| objects.requests().contains_key("LIST")).await;
    let second = run_of(&server, &shas[1]).await;
    let files = server.client.get(&format!("/api/ci/runs/{second}/artifacts")).await.1["artifacts"].clone();
    let files = files.as_array().unwrap().len();
    assert_eq!(files, 6, "with drift.json");
    assert_eq!(json!(objects.requests()), json!({ "PUT": files, "GET": 1 }));
    // What a browser has is not fetched again.
    let path = format!("/api/ci/runs/{second}/artifacts/dossier.json");
    let first = server.client.request("GET", &path).send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    first.bytes().await.unwrap();
    let again = server.client.request("GET", &path).header("If-None-Match", tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(json!(objects.requests()), json!({ "GET": 1 }));
    server.stop_and_check().await;
}

async fn what_is_past_retention_or_deleted_leaves_no_object(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(setting) = setting(backend, &objects).await else { return };
    let setting = setting.with_analyzer(OK).with("CI_RETENTION_RUNS", "1");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let shas = [1, 2, 3].map(|n| repo.commit(&[("README.md", &n.to_string())]));
    let server = setting.start().await;
    let mut last = String::new();
    for sha in &shas {
        last = run_of(&server, sha).await;
    }
    until(|| runs_in(&objects) == [last.clone()]).await;
    let deleted = server.client.request("DELETE", "/api/ci/repos/octo/shop").send().await.unwrap();
    let (status, deleted) = answer(deleted).await;
    assert_eq!((status, &deleted["done"]), (StatusCode::OK, &json!(true)), "{deleted}");
    assert_eq!(runs_in(&objects), Vec::<String>::new());
    server.stop_and_check().await;
}

async fn what_is_deleted_while_the_store_is_away_is_removed_once_it_is_back(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(setting) = setting(backend, &objects).await else { return };
    let setting = setting.with_analyzer(OK);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let id = run_of(&server, &sha).await;
    objects.goes_away().await;
    let deleted = server.client.request("DELETE", "/api/ci/repos/octo/shop").send().await.unwrap();
    assert_eq!(answer(deleted).await.0, StatusCode::OK);
    let setting = server.stop_and_check().await;
    objects.comes_back().await;
    assert_eq!(runs_in(&objects), [id]);
    objects.ages();
    let server = setting.start().await;
    server.client.tick().await;
    server.stop_and_check().await;
    assert_eq!(runs_in(&objects), Vec::<String>::new());
}

async fn a_prefix_that_two_databases_share_loses_nothing_and_another_one_is_not_looked_at(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(first) = setting(backend, &objects).await else { return };
    let second = setting(Backend::Sqlite, &objects).await.unwrap();
    let first = first.with_analyzer(OK);
    let sha = TestRepo::create(first.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = first.start().await;
    let id = run_of(&server, &sha).await;
    let first = server.stop_and_check().await;
    let foreign = objects.file(&format!("other/{}/x", uuid::Uuid::now_v7()));
    let named_otherwise = objects.file("feed/keep-me/x");
    for file in [&foreign, &named_otherwise] {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "of somebody else").unwrap();
    }
    objects.ages();
    for setting in [second, first] {
        let server = setting.start().await;
        server.client.tick().await;
        server.stop_and_check().await;
    }
    assert_eq!(runs_in(&objects).into_iter().filter(|run| run != "keep-me").collect::<Vec<_>>(), [id]);
    assert!(foreign.exists() && named_otherwise.exists(), "only names that we give are ours");
}

async fn whoever_reads_gets_what_was_stored_or_a_named_error(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(setting) = setting(backend, &objects).await else { return };
    let setting = setting.with_analyzer(OK);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let id = run_of(&server, &sha).await;
    let path = format!("/api/ci/runs/{id}/artifacts/DOSSIER.md");
    let read = async || {
        let answer = server.client.request("GET", &path).send().await.unwrap();
        let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
        let code = serde_json::from_str::<Value>(&text).unwrap_or_default()["code"].as_str().map(str::to_owned);
        (status, code.unwrap_or(text))
    };
    let whole = (200, "# Dossier\n".to_owned());
    assert_eq!(read().await, whole);
    for (trouble, times, code) in [
        (Trouble::Cut, 1, None),
        (Trouble::Answers(500, "InternalError"), 2, None),
        (Trouble::Answers(503, "SlowDown"), 1, None),
        (Trouble::Cut, 100, Some("OBJECTS_AWAY")),
        (Trouble::Other, 1, Some("OBJECTS_DAMAGED")),
        (Trouble::Answers(500, "InternalError"), 100, Some("OBJECTS_AWAY")),
        (Trouble::Answers(403, "AccessDenied"), 100, Some("OBJECTS_DENIED")),
        (Trouble::Answers(404, "NoSuchBucket"), 100, Some("OBJECTS_NO_BUCKET")),
        (Trouble::Answers(404, "NoSuchKey"), 100, Some("NOT_FOUND")),
        (Trouble::Silent, 100, Some("OBJECTS_AWAY")),
    ] {
        objects.is_in(trouble, "GET", times);
        let told = read().await;
        match code {
            None => assert_eq!(told, whole, "{trouble:?}"),
            Some(code) => assert_eq!(told.1, code, "{trouble:?}"),
        }
        objects.is_fine();
        assert_eq!(read().await, whole, "after {trouble:?}");
    }
    let html = format!("{path}/html");
    objects.is_in(Trouble::Other, "GET", 1);
    let (status, told) = server.client.get(&html).await;
    assert_eq!((status, &told["code"]), (StatusCode::BAD_GATEWAY, &json!("OBJECTS_DAMAGED")), "{told}");
    objects.goes_away().await;
    assert_eq!(read().await, (502, "OBJECTS_AWAY".to_owned()));
    let health = server.client.get("/api/ci/health").await.1;
    let said = health["diagnosis"][0].as_str().unwrap();
    assert!(said.contains("object store") && said.contains("cannot be reached"), "{health}");
    objects.comes_back().await;
    assert_eq!(read().await, whole);
    let health = server.client.get("/api/ci/health").await.1;
    assert!(!health["diagnosis"].to_string().contains("object store"), "{health}");
    server.stop_and_check().await;
}

async fn a_folder_that_was_copied_into_the_bucket_is_read_there_and_the_way_back_too(backend: Backend) {
    let objects = ObjectServer::start().await;
    let Some(setting) = Setting::new(backend).await else { return };
    let out = setting.folder.path().join("out");
    let folder = out.display().to_string();
    let setting = setting.with_analyzer(OK).with("CI_ARTIFACTS_URL", &folder);
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let shas = [repo.commit(&[("README.md", "1")]), repo.commit(&[("README.md", "2")])];
    // A server, one more run, and then what every run has.
    let serve = async |setting: Setting, runs: &mut Vec<String>, sha: Option<&String>| {
        let server = setting.start().await;
        match sha {
            Some(sha) => runs.push(run_of(&server, sha).await),
            None => drop(server.client.tick().await),
        }
        let setting = server.stop_and_check().await;
        let server = setting.start().await;
        for id in runs {
            let path = format!("/api/ci/runs/{id}/artifacts/DOSSIER.md");
            let answer = server.client.request("GET", &path).send().await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "# Dossier\n"));
        }
        server.stop_and_check().await
    };
    let mut runs = Vec::new();
    let setting = serve(setting, &mut runs, Some(&shas[0])).await;
    std::fs::rename(&out, objects.file("feed")).unwrap();
    objects.ages();
    let setting = serve(objects.keeps(setting, "feed"), &mut runs, Some(&shas[1])).await;
    objects.ages();
    let setting = serve(setting, &mut runs, None).await;
    std::fs::rename(objects.file("feed"), &out).unwrap();
    let setting = setting.with("CI_ARTIFACTS_URL", &folder);
    let server = setting.start().await;
    for id in &runs {
        let path = format!("/api/ci/runs/{id}/artifacts/DOSSIER.md");
        let answer = server.client.request("GET", &path).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.text().await.unwrap().as_str()), (200, "# Dossier\n"));
    }
}

/// What a command says, and its exit code.
fn said(setting: &Setting, args: &[&str], settings: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(BINARY);
    command.args(args).env_clear().envs(setting.all()).envs(settings.iter().copied());
    let output = command.current_dir(setting.folder.path()).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_names_the_right_that_is_missing_and_no_secret() {
    let objects = ObjectServer::start().await;
    let setting = setting(Backend::Sqlite, &objects).await.unwrap().with("CI_JOB_TIMEOUT_SECONDS", "4");
    let doctor = |settings: &[(&str, &str)]| said(&setting, &["doctor"], settings);
    let (code, fine) = doctor(&[]);
    assert!(code == Some(0) && fine.contains("all is well"), "{fine}");
    assert!(fine.contains("AWS_ENDPOINT_URL") && !fine.contains("AZURE_"), "{fine}");
    assert_eq!(objects.objects("feed").len(), 0, "nothing is left");
    for (method, right) in
        [("PUT", "s3:PutObject"), ("GET", "s3:GetObject"), ("LIST", "s3:ListBucket"), ("POST", "s3:DeleteObject")]
    {
        objects.is_in(Trouble::Answers(403, "AccessDenied"), method, 100);
        let (code, told) = doctor(&[]);
        assert_eq!(code, Some(1), "{told}");
        let problems: Vec<_> = told.lines().filter(|line| line.starts_with('!')).collect();
        assert!(problems.len() == 1 && problems[0].contains(right), "{right}: {told}");
    }
    objects.is_fine();
    let wrong_key = doctor(&[("AWS_SECRET_ACCESS_KEY", "another one")]);
    objects.is_in(Trouble::Answers(404, "NoSuchBucket"), "*", 100);
    let no_bucket = doctor(&[]);
    objects.goes_away().await;
    let away = doctor(&[]);
    let incomplete = doctor(&[("AWS_SECRET_ACCESS_KEY", "")]);
    for ((code, told), words) in [
        (wrong_key, "SignatureDoesNotMatch"),
        (no_bucket, "NoSuchBucket"),
        (away, "cannot be reached"),
        (incomplete, "CI_ARTIFACTS_URL: this bucket cannot be opened"),
    ] {
        assert!(code == Some(1) && told.contains(words), "{words}: {told}");
        assert!(!told.contains(SECRET_KEY) && !told.contains("another one"), "{told}");
    }
}

/// The tests can install no server of Google's or Azure's: what the client asks them is left to its own tests.
#[tokio::test(flavor = "multi_thread")]
async fn buckets_of_other_providers_are_opened_by_their_own_variables() {
    install_tls();
    let open = |settings: &[(&str, &str)]| {
        let of = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let config = Config::from_lookup(&of).unwrap();
        Artifacts::new(&config.artifacts, config.job_timeout).map_err(|error| error.to_string())
    };
    let azure = ("CI_ARTIFACTS_URL", "az://dossiers/feed");
    let (account, key) = (("AZURE_STORAGE_ACCOUNT_NAME", "octo"), ("AZURE_STORAGE_ACCOUNT_KEY", "aHVzaA=="));
    assert!(open(&[("CI_ARTIFACTS_URL", "gs://dossiers/feed")]).is_ok());
    for settings in [&[azure][..], &[azure, account, ("AZURE_STORAGE_ACCOUNT_KEY", "hush-hush")]] {
        let refused = open(settings).unwrap_err();
        assert!(refused.starts_with("CI_ARTIFACTS_URL: this bucket cannot be opened: "), "{refused}");
        assert!(!refused.contains("hush-hush"), "{refused}");
    }
    let away = ("AZURE_STORAGE_ENDPOINT", "https://127.0.0.1:1");
    let container = open(&[azure, account, key, away, ("CI_JOB_TIMEOUT_SECONDS", "8")]).unwrap();
    let told = container.check().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].code, FaultCode::ObjectsAway, "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_moves_leaves_its_dossiers_in_the_bucket() {
    let objects = ObjectServer::start().await;
    let setting = setting(Backend::Sqlite, &objects).await.unwrap().with_analyzer(OK);
    let Some(postgres) = TestDatabase::new(Backend::Postgres).await else { return };
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let id = run_of(&server, &sha).await;
    let setting = server.stop_and_check().await;
    objects.is_in(Trouble::Other, "GET", 1);
    let (code, told) = said(&setting, &["copy", "--to", &postgres.url], &[]);
    assert!(code == Some(1) && told.contains("other bytes"), "{told}");
    let (code, told) = said(&setting, &["copy", "--to", &postgres.url], &[]);
    assert!(code == Some(0) && told.contains("0 were not there"), "{told}");
    let moved = setting.with("DATABASE_URL", &postgres.url);
    objects.ages();
    let server = moved.start().await;
    server.client.tick().await;
    let setting = server.stop_and_check().await;
    let server = setting.start().await;
    let answer = server.client.request("GET", &format!("/api/ci/runs/{id}/artifacts/DOSSIER.md")).send().await.unwrap();
    assert_eq!((answer.status(), answer.text().await.unwrap().as_str()), (StatusCode::OK, "# Dossier\n"));
    assert_eq!(runs_in(&objects), [id], "{BUCKET}");
    server.stop_and_check().await;
}

on_both_databases! {
    a_dossier_lies_in_the_bucket_and_is_read_from_there,
    what_is_past_retention_or_deleted_leaves_no_object,
    what_is_deleted_while_the_store_is_away_is_removed_once_it_is_back,
    a_prefix_that_two_databases_share_loses_nothing_and_another_one_is_not_looked_at,
    whoever_reads_gets_what_was_stored_or_a_named_error,
    a_folder_that_was_copied_into_the_bucket_is_read_there_and_the_way_back_too,
}
