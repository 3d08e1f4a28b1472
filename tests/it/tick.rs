//! Ticks: from a queued job to a settled run, whatever the analyzer does and whoever stops listening.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use crate::support::database::{Backend, on_both_databases};
use crate::support::repo::TestRepo;
use crate::support::server::{BINARY, Setting, TestServer, check_all, until, until_exists};
use crate::support::{invariants, payload};

/// Leaves the least that counts as a result.
const OK: &str = "echo '{\"facts\":{\"endpoint\":2}}' > \"$2/summary.json\"; echo '# Dossier' > \"$2/DOSSIER.md\"";

/// A repository with one commit and a server whose analyzer is this script.
async fn server_with(backend: Backend, script: &str) -> Option<(TestServer, String)> {
    let setting = Setting::new(backend).await?.with_analyzer(script);
    let talks = script.contains("/../../../");
    let setting = if talks { setting.with("CI_SANDBOX", "off") } else { setting };
    let sha =
        TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n"), ("a/b.txt", "b\n")]);
    Some((setting.start().await, sha))
}

async fn an_idle_queue_says_so(backend: Backend) {
    let Some((server, _)) = server_with(backend, OK).await else { return };
    let tick = server.client.tick().await;
    assert_eq!((&tick["processed"], &tick["reason"]), (&json!(false), &json!("idle")));
    server.stop_and_check().await;
}

async fn ticks_with_nothing_to_do_leave_the_database_as_it_is(backend: Backend) {
    let Some((server, sha)) = server_with(backend, OK).await else { return };
    server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    let mut probe = server.probe().await;
    // Commits of others on SQLite; on Postgres, which counts those of all databases, what ticks used to write.
    let changes = match backend {
        Backend::Sqlite => "pragma data_version",
        Backend::Postgres => "select count from ci_signals where name = 'tick'",
    };
    let mut rounds = 0;
    loop {
        let ticks = server.client.get("/api/ci/health").await.1["last_tick"]["count"].as_i64().unwrap();
        let before = probe.number(changes).await;
        for _ in 0..3 {
            assert_eq!(server.client.tick().await["reason"], json!("idle"));
        }
        let (_, health) = server.client.get("/api/ci/health").await;
        assert_eq!(health["last_tick"]["count"], json!(ticks + 3), "health knows of each");
        if probe.number(changes).await == before {
            break;
        }
        // The first idle tick is news, and housekeeping follows it.
        rounds += 1;
        assert!(rounds < 20, "idle ticks go on writing");
    }
    server.stop_and_check().await;
}

async fn an_idle_tick_that_cannot_be_written_down_says_so_each_time(backend: Backend) {
    let Some((server, _)) = server_with(backend, OK).await else { return };
    let mut probe = server.probe().await;
    probe.execute("alter table ci_signals rename to elsewhere").await;
    for _ in 0..2 {
        let tick = server.client.request("POST", "/api/ci/worker/tick").send().await.unwrap();
        assert_eq!(tick.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    probe.execute("alter table elsewhere rename to ci_signals").await;
    assert_eq!(server.client.tick().await["reason"], json!("idle"));
    assert_eq!(probe.number("select count from ci_signals where name = 'tick'").await, 3, "each of them came");
    server.stop_and_check().await;
}

async fn a_push_becomes_a_succeeded_run_with_artifacts(backend: Backend) {
    let Some((server, sha)) = server_with(backend, &format!("cat \"$1/a/b.txt\" > \"$2/seen.txt\"; {OK}")).await else {
        return;
    };
    let (_, accepted) = server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    let run_id = accepted["run_id"].as_str().unwrap();
    let tick = server.client.tick().await;
    assert_eq!((&tick["processed"], &tick["status"]), (&json!(true), &json!("SUCCEEDED")), "{tick}");
    assert_eq!((&tick["run_id"], &tick["attempt"], &tick["ready"]), (&json!(run_id), &json!(1), &json!(0)));
    let run = server.client.run(run_id).await;
    assert_eq!((&run["status"], &run["error"]), (&json!("SUCCEEDED"), &json!(null)));
    assert_eq!(run["out_dir"], json!(format!("out/ci/{run_id}")));
    assert_eq!(run["summary_json"]["facts"]["endpoint"], json!(2));
    assert_eq!(run["attempt_log"][0]["outcome"], json!("succeeded"));
    let names: Vec<_> = run["artifacts"].as_array().unwrap().iter().map(|artifact| artifact["name"].clone()).collect();
    assert_eq!(names, ["DOSSIER.md", "analyzer.log", "seen.txt", "summary.json"]);
    let seen = server.client.request("GET", run["artifacts"][2]["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(seen.text().await.unwrap(), "b\n", "the analyzer saw the commit's files");
    server.stop_and_check().await;
}

async fn a_tick_processes_at_most_one_job(backend: Backend) {
    let Some((server, sha)) = server_with(backend, OK).await else { return };
    server.client.enqueue("octo", "shop", &sha).await;
    server.client.enqueue("octo", "shop", &"1".repeat(40)).await;
    let tick = server.client.tick().await;
    assert_eq!(tick["ready"], json!(1));
    assert_eq!(server.probe().await.number("select count(*) from ci_jobs where status = 'READY'").await, 1);
    let (_, second) = (server.client.tick().await, server.client.tick().await);
    assert_eq!(second["status"], json!("QUEUED"), "a commit that is not there fails and is tried again");
    server.stop_and_check().await;
}

/// What the analyzer does, and the code and a word of the sentence that come of it.
const FAILURES: &[(&str, &str, &str)] = &[
    ("echo 'cannot read config' >&2; exit 7", "ANALYZER_FAILED", "exit code 7: cannot read config"),
    ("kill -SEGV $$", "ANALYZER_KILLED", "signal 11"),
    ("exit 0", "ANALYZER_NO_OUTPUT", "no file"),
    ("echo nonsense > \"$2/summary.json\"", "ANALYZER_OUTPUT", "summary.json"),
    ("for i in $(seq 70); do echo x > \"$2/$i\"; done", "ANALYZER_OUTPUT", "more than 64 files"),
    ("head -c 9000000 /dev/zero > \"$2/big\"", "ANALYZER_OUTPUT", "too large"),
    ("mkfifo \"$2/DOSSIER.md\"", "ANALYZER_OUTPUT", "no regular file"),
    ("ln -s /etc/passwd \"$2/DOSSIER.md\"", "ANALYZER_OUTPUT", "a symbolic link"),
    ("echo x > \"$2/a\"; ln \"$2/a\" \"$2/b\"", "ANALYZER_OUTPUT", "a link to a file elsewhere"),
    ("rmdir \"$2\"; ln -s /etc \"$2\"", "ANALYZER_OUTPUT", ""),
    ("head -c 99000000 /dev/zero > \"$2/huge\"", "ANALYZER_", ""),
    ("echo 'MemoryError' >&2; exit 1", "ANALYZER_OUT_OF_MEMORY", "CI_ANALYZER_MEMORY_BYTES"),
];

async fn each_way_to_fail_has_its_code_and_its_sentence(backend: Backend) {
    for (script, code, words) in FAILURES {
        let Some((server, sha)) = server_with(backend, script).await else { return };
        let run_id = server.client.enqueue("octo", "shop", &sha).await;
        let tick = server.client.tick().await;
        assert_eq!((&tick["ok"], &tick["status"]), (&json!(true), &json!("QUEUED")), "{script}: {tick}");
        let run = server.client.run(&run_id).await;
        assert!(run["error_code"].as_str().unwrap().starts_with(code), "{script}: {run}");
        let error = run["error"].as_str().unwrap();
        assert!(error.contains(words), "{script}: {error}");
        let tmp = server.setting.tmp().display().to_string();
        assert!(!error.contains(&tmp), "a path of this machine is in the error text: {error}");
        assert!(run["artifacts"].as_array().unwrap().is_empty());
        server.stop_and_check().await;
    }
}

async fn a_job_is_tried_three_times_and_then_its_run_has_failed(backend: Backend) {
    let Some((server, sha)) = server_with(backend, "echo boom >&2; exit 1").await else { return };
    let run_id = server.client.enqueue("octo", "shop", &sha).await;
    for (attempt, status) in [(1, "QUEUED"), (2, "QUEUED"), (3, "FAILED")] {
        let tick = server.client.tick().await;
        assert_eq!((&tick["attempt"], &tick["status"]), (&json!(attempt), &json!(status)));
    }
    assert_eq!(server.client.tick().await["reason"], json!("idle"));
    let run = server.client.run(&run_id).await;
    assert_eq!((&run["status"], &run["jobs"][0]["status"]), (&json!("FAILED"), &json!("DEAD")));
    assert!(run["error"].as_str().unwrap().contains("boom"));
    assert_eq!(run["attempt_log"].as_array().unwrap().len(), 3);
    server.stop_and_check().await;
}

async fn a_failing_job_backs_off_and_one_behind_it_is_served(backend: Backend) {
    let script = format!("grep -q poison \"$1/README.md\" && exit 1; {OK}");
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer(&script).with("CI_RETRY_BACKOFF_SECONDS", "600");
    let poison = TestRepo::create(setting.git.root(), "octo", "poison").commit(&[("README.md", "poison\n")]);
    let healthy = TestRepo::create(setting.git.root(), "octo", "healthy").commit(&[("README.md", "fine\n")]);
    let server = setting.start().await;
    server.client.enqueue("octo", "poison", &poison).await;
    server.client.enqueue("octo", "healthy", &healthy).await;
    assert_eq!(server.client.tick().await["status"], json!("QUEUED"));
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    let waiting = server.client.tick().await;
    assert_eq!((&waiting["processed"], &waiting["reason"]), (&json!(false), &json!("backing_off")));
    assert!((590..=601).contains(&waiting["next_due_in_seconds"].as_i64().unwrap()));
    server.stop_and_check().await;
}

async fn an_analyzer_that_hangs_is_killed_with_all_it_started(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting
        .with_talking_analyzer("echo $$ > \"$2/../../../pid\"; sleep 600 & sleep 600")
        .with("CI_JOB_TIMEOUT_SECONDS", "6");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let run_id = server.client.enqueue("octo", "shop", &sha).await;
    server.client.tick().await;
    let run = server.client.run(&run_id).await;
    assert_eq!(run["error_code"], json!("ANALYZER_TIMEOUT"));
    let pid = std::fs::read_to_string(server.setting.folder.path().join("pid")).unwrap();
    let process = std::path::Path::new("/proc").join(pid.trim());
    // Killed at once; whoever adopted it takes note a moment later.
    until(|| !process.exists()).await;
    server.stop_and_check().await;
}

async fn a_client_that_leaves_does_not_stop_the_job(backend: Backend) {
    let script = format!("touch \"$2/../../../started\"; while [ ! -e \"$2/../../../go\" ]; do sleep 0.01; done; {OK}");
    let Some((server, sha)) = server_with(backend, &script).await else { return };
    let run_id = server.client.enqueue("octo", "shop", &sha).await;
    let impatient =
        server.client.request("POST", "/api/ci/worker/tick").timeout(Duration::from_millis(100)).send().await;
    assert!(impatient.unwrap_err().is_timeout());
    let folder = server.setting.folder.path().to_owned();
    until_exists(&folder.join("started")).await;
    let busy = server.client.tick().await;
    assert_eq!((&busy["processed"], &busy["reason"]), (&json!(false), &json!("busy")));
    std::fs::write(folder.join("go"), "").unwrap();
    // Stopping waits for the job.
    let setting = server.stop_and_check().await;
    let status = format!("select status from ci_runs where id = '{run_id}'");
    assert_eq!(setting.database.probe().await.texts(&status).await, ["SUCCEEDED"]);
}

async fn a_run_is_queued_then_running_then_succeeded(backend: Backend) {
    let script = format!("touch \"$2/../../../started\"; while [ ! -e \"$2/../../../go\" ]; do sleep 0.01; done; {OK}");
    let Some((server, sha)) = server_with(backend, &script).await else { return };
    let run_id = server.client.enqueue("octo", "shop", &sha).await;
    let queued = server.client.run(&run_id).await;
    assert_eq!((&queued["status"], &queued["started_at"]), (&json!("QUEUED"), &json!(null)));
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.tick().await });
    let folder = server.setting.folder.path().to_owned();
    until_exists(&folder.join("started")).await;
    let running = server.client.run(&run_id).await;
    assert_eq!((&running["status"], &running["jobs"][0]["status"]), (&json!("RUNNING"), &json!("LEASED")));
    assert!(running["started_at"].is_string() && running["finished_at"].is_null());
    assert!(running["artifacts"].as_array().unwrap().is_empty());
    std::fs::write(folder.join("go"), "").unwrap();
    assert_eq!(ticking.await.unwrap()["status"], json!("SUCCEEDED"));
    let done = server.client.run(&run_id).await;
    assert_eq!((&done["status"], &done["jobs"][0]["status"]), (&json!("SUCCEEDED"), &json!("DONE")));
    assert!(done["finished_at"].is_string() && done["duration_ms"].as_i64().unwrap() >= 0);
    server.stop_and_check().await;
}

async fn receipt_lease_and_completion_are_logged_with_the_runs_id(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_analyzer(OK).with("CI_LOG", "json").with("GITHUB_TOKEN", "ghp_hush");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.spawn();
    let (_, accepted) = server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    let run_id = accepted["run_id"].as_str().unwrap().to_owned();
    server.client.deliver_raw("push", "d", "wrong", b"{}".to_vec()).await;
    server.client.tick().await;
    assert_eq!(server.terminate(), Some(0));
    let log = std::fs::read_to_string(setting.folder.path().join("log")).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for words in ["delivery accepted", "leased, attempt 1 of 3", "ended: SUCCEEDED"] {
        let line = lines.iter().find(|line| line["message"].as_str().is_some_and(|message| message.contains(words)));
        let line = line.unwrap_or_else(|| panic!("{words:?} is not in the log:\n{log}"));
        assert!(line.to_string().contains(&run_id), "{words:?} does not name the run: {line}");
    }
    assert!(log.contains("webhook refused"));
    for secret in [crate::support::server::SECRET, "ghp_hush", "sha256="] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

async fn a_server_that_must_stop_gives_its_job_back(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting
        .with_talking_analyzer("touch \"$2/../../../started\"; sleep 600")
        .with("CI_SHUTDOWN_GRACE_SECONDS", "0");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    server.client.enqueue("octo", "shop", &sha).await;
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.request("POST", "/api/ci/worker/tick").send().await });
    until_exists(&server.setting.folder.path().join("started")).await;
    let setting = server.stop_and_check().await;
    let mut probe = setting.database.probe().await;
    assert_eq!(probe.texts("select status from ci_jobs").await, ["READY"]);
    assert_eq!(probe.number("select attempts from ci_jobs").await, 0, "an attempt that was given back is not counted");
    let _ = ticking.await.unwrap();
}

async fn a_process_works_on_no_more_jobs_at_once_than_it_has_slots(backend: Backend) {
    let script =
        format!("touch \"$2/../../../started-$$\"; while [ ! -e \"$2/../../../go\" ]; do sleep 0.01; done; {OK}");
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_talking_analyzer(&script).with("CI_TICK_SLOTS", "2");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let mut probe = server.probe().await;
    for n in 0..6 {
        server.client.enqueue(&format!("octo{n}"), "shop", &sha).await;
    }
    probe.execute("update ci_runs set repo_owner = 'octo'").await;
    let ticks: Vec<_> = (0..6)
        .map(|_| {
            let client = server.client.clone();
            tokio::spawn(async move { client.tick().await })
        })
        .collect();
    let folder = server.setting.folder.path().to_owned();
    let started = || {
        std::fs::read_dir(&folder)
            .unwrap()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("started-"))
            .count()
    };
    until(|| started() == 2 && ticks.iter().filter(|tick| tick.is_finished()).count() == 4).await;
    invariants::check_slots(&mut probe, 2).await;
    std::fs::write(folder.join("go"), "").unwrap();
    let mut reasons = Vec::new();
    for tick in ticks {
        let tick = tick.await.unwrap();
        reasons.push(tick["reason"].as_str().unwrap_or("processed").to_owned());
    }
    reasons.sort();
    assert_eq!(reasons, ["busy", "busy", "busy", "busy", "processed", "processed"]);
    probe.execute("update ci_runs set repo_owner = cast(id as text)").await;
    server.stop_and_check().await;
}

async fn parallel_tickers_run_each_job_once(backend: Backend) {
    for (tickers, jobs) in [(2, 40), (10, 160)] {
        let Some(setting) = Setting::new(backend).await else { return };
        let log = setting.folder.path().join("executed");
        let setting = setting
            .with_talking_analyzer(&format!("cat \"$1/README.md\" >> {}; {OK}", log.display()))
            .with("CI_TICK_SLOTS", "10");
        let mut repo = TestRepo::create(setting.git.root(), "octo", "shop");
        let shas: Vec<_> = (0..4).map(|n| repo.commit(&[("README.md", &format!("commit {n}\n"))])).collect();
        let server = setting.start().await;
        // Many runs of each of four commits: the jobs are what must not be doubled.
        let mut probe = server.probe().await;
        for n in 0..jobs {
            server.client.enqueue(&format!("octo{n}"), "shop", &shas[n % 4]).await;
        }
        probe.execute("update ci_runs set repo_owner = 'octo'").await;
        let workers: Vec<_> = (0..tickers)
            .map(|_| {
                let client = server.client.clone();
                tokio::spawn(async move {
                    loop {
                        let tick = client.tick().await;
                        if tick["processed"] == json!(false) {
                            assert_eq!(tick["reason"], json!("idle"));
                            return;
                        }
                        assert_eq!(tick["status"], json!("SUCCEEDED"), "{tick}");
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        let executed = std::fs::read_to_string(&log).unwrap();
        assert_eq!(executed.lines().count(), jobs, "{tickers} tickers");
        invariants::check_each_job_ran_once(&mut probe).await;
        assert_eq!(probe.number("select count(*) from ci_runs where status = 'SUCCEEDED'").await, jobs as i64);
        // I5 is about one repository's commits; these stand for those of many.
        probe.execute("update ci_runs set repo_owner = cast(id as text)").await;
        server.stop_and_check().await;
    }
}

async fn a_server_killed_in_the_middle_of_a_job_loses_nothing(backend: Backend) {
    let script =
        format!("if [ -e \"$2/../../../killed\" ]; then {OK}; else touch \"$2/../../../started\"; sleep 600; fi");
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting.with_talking_analyzer(&script);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.spawn();
    let (_, accepted) = server.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    let client = server.client.clone();
    let ticking = tokio::spawn(async move { client.request("POST", "/api/ci/worker/tick").send().await.map(drop) });
    until_exists(&setting.folder.path().join("started")).await;
    server.kill();
    assert!(ticking.await.unwrap().is_err());
    std::fs::write(setting.folder.path().join("killed"), "").unwrap();
    if backend == Backend::Postgres {
        // SQLite's only process knows at start that every lease is a dead one's; here the lease has to run out.
        setting.database.probe().await.time_passes().await;
    }
    let server = setting.spawn();
    let tick = server.client.tick().await;
    assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(2)), "{tick}");
    let run = server.client.run(accepted["run_id"].as_str().unwrap()).await;
    assert_eq!((&run["status"], &run["attempts"]), (&json!("SUCCEEDED"), &json!(2)));
    let outcomes: Vec<_> =
        run["attempt_log"].as_array().unwrap().iter().map(|attempt| attempt["outcome"].clone()).collect();
    assert_eq!(outcomes, ["lease_expired", "succeeded"]);
    invariants::check_no_expired_lease(&mut setting.database.probe().await).await;
    assert_eq!(server.terminate(), Some(0));
    // The killed attempt's folder is a later tick's to remove, once nobody can own it.
    std::fs::remove_dir_all(setting.tmp()).unwrap();
    check_all(&setting).await;
}

async fn a_process_that_starts_again_leaves_the_leases_of_others_alone(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let (started, go) = (setting.folder.path().join("started"), setting.folder.path().join("go"));
    let script = format!("touch {}; while [ ! -e {} ]; do sleep 0.02; done; {OK}", started.display(), go.display());
    let setting = setting.with_talking_analyzer(&script);
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let (first, second) = (setting.spawn(), setting.spawn());
    second.client.deliver("push", &payload::push("octo", "shop", &sha)).await;
    let client = second.client.clone();
    let ticking = tokio::spawn(async move { client.tick().await });
    until_exists(&started).await;
    first.kill();
    let first = setting.spawn();
    assert_eq!(first.client.tick().await["reason"], json!("idle"), "the job is the second process's");
    std::fs::write(&go, "").unwrap();
    let tick = ticking.await.unwrap();
    assert_eq!((&tick["status"], &tick["attempt"]), (&json!("SUCCEEDED"), &json!(1)), "{tick}");
    invariants::check_each_job_ran_once(&mut setting.database.probe().await).await;
    assert_eq!((first.terminate(), second.terminate()), (Some(0), Some(0)));
    check_all(&setting).await;
}

async fn an_external_analyzer_sees_only_the_variables_it_is_given(backend: Backend) {
    let script = format!("env > \"$2/env.txt\"; {OK}");
    let Some(setting) = Setting::new(backend).await else { return };
    let setting = setting
        .with_analyzer(&script)
        .with("CI_ANALYZER_ENV", "LICENSE_KEY")
        .with("LICENSE_KEY", "for the analyzer")
        .with("GITHUB_TOKEN", "ghp_not_for_you")
        .with("CI_API_TOKEN", "");
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(&[("README.md", "# shop\n")]);
    let server = setting.start().await;
    let run_id = server.client.enqueue("octo", "shop", &sha).await;
    server.client.tick().await;
    let env = server.client.request("GET", &format!("/api/ci/runs/{run_id}/artifacts/env.txt")).send().await.unwrap();
    assert_eq!(env.status(), StatusCode::OK);
    let env = env.text().await.unwrap();
    assert!(env.contains("LICENSE_KEY=for the analyzer"), "{env}");
    for secret in ["ghp_not_for_you", "GITHUB_WEBHOOK_SECRET", "DATABASE_URL"] {
        assert!(!env.contains(secret), "{secret} reached the analyzer: {env}");
    }
    server.stop_and_check().await;
}

async fn a_summary_that_the_analyzer_did_not_write_is_made_of_the_files_that_the_documents_name(backend: Backend) {
    let script = r#"echo '{"metrics":{"dci_v1_claim_visibility":{"score":0.5}},"summary":{"claims":3}}' > "$2/evidence_pack.v1.json"
        echo '{"readiness":"low","gaps":[1],"other":1}' > "$2/operate.json"
        echo '{"runs":[{"results":[{"level":"error"},{},{"level":"one of a hundred thousand"}]}]}' > "$2/a.sarif""#;
    let Some((server, sha)) = server_with(backend, script).await else { return };
    let run_id = server.client.enqueue("octo", "shop", &sha).await;
    server.client.tick().await;
    let expected = json!({
        "metrics": { "dci": 0.5, "rci": null },
        "summary": { "claims": 3 },
        "readiness": "low",
        "gaps": [1],
        "findings": { "error": 1, "warning": 2 },
    });
    assert_eq!(server.client.run(&run_id).await["summary_json"], expected);
    server.stop_and_check().await;
}

#[test]
fn the_binary_refuses_to_be_a_child_of_nobody() {
    let output = std::process::Command::new(BINARY)
        // Limits under which it could run: with none, it may lack the memory to say why it ends.
        .args([
            "fetch-commit",
            r#"--limits={"parent_pid":1,"memory_bytes":1073741824,"cpu_seconds":60,"file_bytes":0}"#,
        ])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("is gone"), "{:?}: {said}", output.status);
}

on_both_databases! {
    a_summary_that_the_analyzer_did_not_write_is_made_of_the_files_that_the_documents_name,
    an_idle_queue_says_so,
    ticks_with_nothing_to_do_leave_the_database_as_it_is,
    an_idle_tick_that_cannot_be_written_down_says_so_each_time,
    a_push_becomes_a_succeeded_run_with_artifacts,
    a_tick_processes_at_most_one_job,
    each_way_to_fail_has_its_code_and_its_sentence,
    a_job_is_tried_three_times_and_then_its_run_has_failed,
    a_failing_job_backs_off_and_one_behind_it_is_served,
    an_analyzer_that_hangs_is_killed_with_all_it_started,
    a_client_that_leaves_does_not_stop_the_job,
    a_run_is_queued_then_running_then_succeeded,
    receipt_lease_and_completion_are_logged_with_the_runs_id,
    a_server_that_must_stop_gives_its_job_back,
    a_process_works_on_no_more_jobs_at_once_than_it_has_slots,
    parallel_tickers_run_each_job_once,
    a_server_killed_in_the_middle_of_a_job_loses_nothing,
    a_process_that_starts_again_leaves_the_leases_of_others_alone,
    an_external_analyzer_sees_only_the_variables_it_is_given,
}
