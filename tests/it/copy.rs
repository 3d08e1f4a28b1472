//! `ci-feed copy --to`: from SQLite to Postgres and back, with the queue stopped and resumed.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::database::{Backend, TestDatabase};
use crate::support::payload;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{Api, BINARY, BinaryServer, Setting};

/// What the command said, and whether it copied.
fn copy(setting: &Setting, from: &str, to: &str) -> (bool, String) {
    let mut command = Command::new(BINARY);
    command.args(["copy", "--to", to]).env("DATABASE_URL", from).current_dir(setting.folder.path());
    let output = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), said)
}

/// With the artifacts where they are when nobody says anything.
fn start(setting: &Setting, database: &str) -> BinaryServer {
    setting.spawn_with(&[("DATABASE_URL", database), ("CI_ARTIFACTS_URL", "")])
}

/// All that a server tells, with every file of every dossier.
async fn told(client: &Api) -> Vec<Value> {
    let mut told = Vec::new();
    for path in ["/api/ci/runs?limit=100", "/api/ci/repos", "/api/ci/runs?owner=octo&repo=shop&pr=7"] {
        told.push(client.get(path).await.1);
    }
    for run in told[0]["runs"].as_array().unwrap().clone() {
        let id = run["id"].as_str().unwrap();
        let detail = client.run(id).await;
        for file in detail["artifacts"].as_array().into_iter().flatten() {
            let path = format!("/api/ci/runs/{id}/artifacts/{}", file["name"].as_str().unwrap());
            let answer = client.request("GET", &path).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            told.push(json!(hex::encode(answer.bytes().await.unwrap())));
        }
        told.push(detail);
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_moves_to_postgres_and_back_with_all_that_it_tells() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let Some(postgres) = TestDatabase::new(Backend::Postgres).await else { return };
    let (sqlite, postgres) = (setting.database.url.as_str(), postgres.url.as_str());
    let mut shop = TestRepo::create(setting.git.root(), "octo", "shop");
    let first = shop.commit(EXPRESS_APP);
    let second = shop.commit(&[("README.md", "# shop\n\nNeeds `DATABASE_URL`.\n")]);
    let third = shop.commit(&[("README.md", "# shop\n")]);

    let server = start(&setting, sqlite);
    for sha in [&first, &"e".repeat(40), &second] {
        assert_eq!(server.client.deliver("push", &payload::push("octo", "shop", sha)).await.0, 200);
        while server.client.tick().await["processed"] == json!(true) {}
    }
    server.client.deliver("pull_request", &payload::pull_request("octo", "shop", &third)).await;
    let before = told(&server.client).await;
    assert!(before.len() > 12, "{before:#?}");
    let (copied, said) = copy(&setting, sqlite, postgres);
    assert!(!copied && said.contains("a server uses the SQLite file"), "{said}");
    server.terminate();

    let (copied, said) = copy(&setting, sqlite, sqlite);
    assert!(!copied && said.contains("both databases are sqlite"), "{said}");
    let (copied, said) = copy(&setting, sqlite, postgres);
    assert!(copied && said.contains("ci_runs: 4") && said.contains("0 were not there"), "{said}");
    let (copied, said) = copy(&setting, sqlite, postgres);
    assert!(!copied && said.contains("not empty"), "{said}");

    let server = start(&setting, postgres);
    assert_eq!(told(&server.client).await, before);
    server.terminate();
    let back = format!("sqlite:{}?mode=rwc", setting.folder.path().join("back/again.db").display());
    // Files of dossiers would be found where they were.
    std::fs::rename(setting.folder.path().join("out"), setting.folder.path().join("before")).unwrap();
    let (copied, said) = copy(&setting, postgres, &back);
    assert!(copied && said.contains("ci_runs: 4"), "{said}");
    let server = start(&setting, &back);
    assert_eq!(told(&server.client).await, before);
    // What waited goes on.
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    assert_eq!(server.client.tick().await["processed"], json!(false));
    server.terminate();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_stay_where_they_are_are_named_and_a_changed_one_stops_the_copy() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let Some(postgres) = TestDatabase::new(Backend::Postgres).await else { return };
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(EXPRESS_APP);
    let server = start(&setting, &setting.database.url);
    server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    let tick = server.client.tick().await;
    assert_eq!(tick["status"], json!("SUCCEEDED"));
    server.terminate();
    let dossier = setting.folder.path().join("out/ci").join(tick["run_id"].as_str().unwrap()).join("DOSSIER.md");
    let whole = std::fs::read(&dossier).unwrap();
    std::fs::write(&dossier, "something else").unwrap();
    let (copied, said) = copy(&setting, &setting.database.url, &postgres.url);
    assert!(!copied && said.contains("DOSSIER.md of run"), "{said}");
    assert_eq!(postgres.probe().await.number("select count(*) from ci_runs").await, 0);

    std::fs::write(&dossier, whole).unwrap();
    let mut command = Command::new(BINARY);
    command.args(["copy", "--to", &postgres.url]).env("DATABASE_URL", &setting.database.url);
    let output = command.env("CI_ARTIFACTS_URL", "out/ci").current_dir(setting.folder.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut probe = postgres.probe().await;
    assert_eq!(probe.number("select count(*) from ci_artifacts where body is not null").await, 0);
    assert!(!setting.folder.path().join("out/ci/.database").exists(), "the folder is for the other database now");
}
