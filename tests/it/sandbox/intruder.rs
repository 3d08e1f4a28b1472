//! Each forbidden thing is denied or ends who tries it, while the server goes on answering.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{analyze, enqueue, landlock_is_there, marked, setting};
use crate::support::database::Backend;
use crate::support::payload;
use crate::support::repo::TestRepo;
use crate::support::server::{Api, BinaryServer, Setting, until};

/// What `tests/intruder` needs to know of its victim.
fn target(setting: &Setting, server: &BinaryServer) -> String {
    let database = setting.database.url.trim_start_matches("sqlite://").split('?').next().unwrap().to_owned();
    json!({
        "pid": server.pid(),
        "database": database,
        "folder": setting.folder.path(),
        "src": "src",
        "out": "out",
        "address": server.client.base.trim_start_matches("http://"),
    })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_analyzer_gets_at_nothing_of_the_server_and_the_server_keeps_answering() {
    if !landlock_is_there() {
        return;
    }
    let setting = setting("all", "require").await;
    let mut server = setting.spawn();
    let run_id = enqueue(&setting, &server.client, &[("target.json", &target(&setting, &server))]).await;
    let (client, over) = (server.client.clone(), Arc::new(AtomicBool::new(false)));
    let asking = tokio::spawn(ask_all_the_time(client, Arc::clone(&over)));
    server.client.tick().await;
    let run = server.client.run(&run_id).await;
    over.store(true, Ordering::Relaxed);
    let mut times = asking.await.unwrap();
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    let tried = run["summary_json"]["tried"].as_object().unwrap();
    let done: Vec<_> =
        tried.iter().filter(|(_, came)| came.as_str().is_some_and(|came| came.starts_with("DONE"))).collect();
    assert!(done.is_empty(), "not denied: {done:?}");
    let denied = tried.values().filter(|came| **came == json!("denied")).count();
    assert!(denied >= 32, "only {denied} attempts: {tried:?}");
    assert_eq!(tried["shell"], json!("works"), "an ordinary analyzer is held back");
    assert!(run["attempt_log"][0]["sandbox"].as_str().unwrap().contains("landlock"), "{run}");
    assert!(server.is_alive());
    times.sort();
    // Slow machines run this too; the figure itself is in docs/security.md.
    let late = times[times.len() * 99 / 100];
    assert!(late < Duration::from_secs(2), "the server answered late: {late:?} of {} answers", times.len());
}

/// Health and a webhook in turn; how long each answer took.
async fn ask_all_the_time(client: Api, over: Arc<AtomicBool>) -> Vec<Duration> {
    let mut times = Vec::new();
    while !over.load(Ordering::Relaxed) || times.len() < 20 {
        let began = Instant::now();
        let (status, health) = client.get("/api/ci/health").await;
        assert_eq!(status, 200, "{health}");
        times.push(began.elapsed());
        let began = Instant::now();
        let sha = format!("{:040x}", times.len());
        let (status, answer) = client.deliver("push", &payload::push("octo", "other", &sha)).await;
        assert!(status.is_success(), "{answer}");
        times.push(began.elapsed());
    }
    times
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_no_program_makes_ends_it() {
    if !landlock_is_there() {
        return;
    }
    let setting = setting("machine", "require").await;
    let server = setting.spawn();
    let run = analyze(&setting, &server.client, &[("README.md", "x\n")]).await;
    assert_eq!(run["error_code"], json!("ANALYZER_KILLED"), "{run}");
    assert!(run["error"].as_str().unwrap().contains("signal 31"), "{run}");
}

#[tokio::test(flavor = "multi_thread")]
async fn under_root_an_analyzer_is_a_user_of_its_own_where_it_can_get_to_its_files() {
    if !landlock_is_there() || !rustix::process::geteuid().is_root() {
        return;
    }
    let setting = setting("all", "require").await;
    std::fs::set_permissions(setting.folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let server = setting.spawn();
    let (_, health) = server.client.get("/api/ci/health").await;
    assert_eq!(health["sandbox"]["layers"]["own_user"], json!(true), "{health}");
    let run = analyze(&setting, &server.client, &[("target.json", &target(&setting, &server))]).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    let tried = &run["summary_json"]["tried"];
    assert!(tried["user"].as_u64().unwrap() > 60_000, "{tried}");
    assert_eq!(tried["shell"], json!("works"), "{tried}");
    // The built-in analyzer too, with a base to compare with: every step of an attempt as somebody else.
    drop(server);
    let setting = setting.with("CI_ANALYZER", "");
    let server = setting.spawn();
    for content in ["# one\n", "# two\n"] {
        let run = analyze(&setting, &server.client, &[("README.md", content)]).await;
        assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_an_analyzer_started_outlives_it_or_the_server() {
    for (sandbox, mark) in [("require", "31337.1"), ("off", "31337.2")] {
        if sandbox == "require" && !landlock_is_there() {
            continue;
        }
        let setting = setting("escape", sandbox).await;
        let server = setting.spawn();
        let began = Instant::now();
        let run = analyze(&setting, &server.client, &[("mark", mark)]).await;
        assert_eq!(run["status"], json!("SUCCEEDED"), "{sandbox}: {run}");
        assert!(began.elapsed() < Duration::from_secs(60), "what was left kept the attempt waiting");
        assert_eq!(marked(mark), 0, "{sandbox}: a process outlived its attempt");
        let mark = format!("{mark}5");
        let client = server.client.clone();
        let sha = crate::support::repo::TestRepo::create(setting.git.root(), "octo", "stay")
            .commit(&[("mark", &mark), ("stay", "")]);
        server.client.enqueue("octo", "stay", &sha).await;
        let ticking = tokio::spawn(async move { client.try_tick().await });
        until(|| marked(&mark) > 0).await;
        server.kill();
        until(|| marked(&mark) == 0).await;
        let _ = ticking.await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_fails_with_a_sentence_where_a_required_layer_is_missing() {
    // A kernel without Landlock and seccomp cannot be had in a test; a binary that cannot try them can.
    let setting = setting("all", "require").await;
    let config = setting.config();
    let probed = ci_feed::worker::sandbox::Sandbox::probe(std::path::Path::new("/bin/false"), &config).await;
    let error = probed.unwrap_err().to_string();
    assert!(error.contains("the sandbox could not be tried"), "{error}");
    let blind = setting.folder.path().join("blind");
    std::fs::write(
        &blind,
        "#!/bin/sh\necho '{\"landlock\":0,\"seccomp\":true,\"pid_namespace\":false,\"own_user\":false}'\n",
    )
    .unwrap();
    std::fs::set_permissions(&blind, std::fs::Permissions::from_mode(0o755)).unwrap();
    let error = ci_feed::worker::sandbox::Sandbox::probe(&blind, &config).await.unwrap_err().to_string();
    for words in ["CI_SANDBOX", "Landlock, which closes files", "signals"] {
        assert!(error.contains(words), "{error}");
    }
    let layers = |sandbox: &ci_feed::worker::sandbox::Sandbox| json!(sandbox.shown());
    let auto = setting.with("CI_SANDBOX", "auto");
    let sandbox = ci_feed::worker::sandbox::Sandbox::probe(&blind, &auto.config()).await.unwrap();
    let shown: Value = layers(&sandbox);
    assert_eq!((&shown["landlock"], &shown["seccomp"], sandbox.isolates()), (&json!(false), &json!(true), false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_earlier_fetches_is_closed_to_an_external_analyzer() {
    if !landlock_is_there() {
        return;
    }
    let setting = Setting::new(Backend::Sqlite).await.unwrap();
    let kept = setting.cache().display().to_string();
    let tries = format!(
        "(ls {kept}; cat {kept}/*/repository {kept}/*/commits; touch {kept}/mine; echo tried) > \"$2/DOSSIER.md\" 2>/dev/null"
    );
    let setting = setting.with_analyzer(&tries).with("CI_SANDBOX", "require");
    let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
    let shas = [repo.commit(&[("README.md", "1\n")]), repo.commit(&[("README.md", "2\n")])];
    let server = setting.start().await;
    for sha in &shas {
        let run_id = server.client.enqueue("octo", "shop", sha).await;
        server.client.tick().await;
        let url = format!("/api/ci/runs/{run_id}/artifacts/DOSSIER.md");
        assert_eq!(server.client.request("GET", &url).send().await.unwrap().text().await.unwrap(), "tried\n");
    }
    let names = std::fs::read_dir(server.setting.cache()).unwrap().count();
    assert_eq!(names, 1, "the repository's own folder, and nothing of the analyzer's");
    server.stop_and_check().await;
}
