//! What is kept of earlier fetches: the next push brings only what is new, and whatever happens to it costs time only.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::database::{Backend, on_both_databases};
use crate::support::git_server::TOKEN;
use crate::support::payload::{moved, push, push_to};
use crate::support::repo::TestRepo;
use crate::support::server::{Api, Setting, TestServer, answer, check_all, until};
use crate::support::tmpfs::Tmpfs;

const ONE: &str = "import os\nVALUE = os.environ[\"FIRST_KEY\"]\n";
const OTHER: &str = "import os\nVALUE = os.environ[\"OTHER_KEY\"]\n";

async fn setting() -> Setting {
    Setting::new(Backend::Sqlite).await.unwrap()
}

/// Half a megabyte that hardly gets smaller, and two programs of one size.
fn shop(setting: &Setting, owner: &str, name: &str) -> (TestRepo, String) {
    let mut repo = TestRepo::create(setting.git.root(), owner, name);
    let noise = |n: usize| (0..40).map(|m| hex::encode(Sha256::digest(format!("{owner} {n} {m}"))) + "\n").collect();
    let noise: Vec<(String, String)> = (0..300).map(|n| (format!("notes/{n}.txt"), noise(n))).collect();
    let mut files: Vec<_> = noise.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect();
    files.extend([("one.py", ONE), ("other.py", OTHER)]);
    let sha = repo.commit(&files);
    (repo, sha)
}

/// Enqueue, tick once, and answer the dossier.
async fn dossier(server: &TestServer, repo: &str, sha: &str) -> Value {
    let run_id = server.client.enqueue("octo", repo, sha).await;
    server.client.tick().await;
    let run = server.client.run(&run_id).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    read(&server.client, &run_id, "dossier.json").await
}

async fn read(client: &Api, run_id: &str, name: &str) -> Value {
    let url = format!("/api/ci/runs/{run_id}/artifacts/{name}");
    client.request("GET", &url).send().await.unwrap().json().await.unwrap()
}

/// The folders of repositories in the cache.
fn entries(cache: &Path) -> Vec<PathBuf> {
    fs::read_dir(cache).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

/// Files of the kept packs with this ending.
fn packs(cache: &Path, ending: &str) -> Vec<PathBuf> {
    let files = entries(cache).into_iter().flat_map(|entry| fs::read_dir(entry.join("pack")).unwrap().flatten());
    files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}

fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_push_brings_only_what_is_new_and_the_dossier_is_the_same() {
    let setting = setting().await;
    let (mut repo, first) = shop(&setting, "octo", "shop");
    let second = repo.commit(&[("two.py", "import os\nNEXT = os.environ[\"NEXT_KEY\"]\n")]);
    let url = setting.git.url.clone();
    let server = setting.start().await;
    dossier(&server, "shop", &first).await;
    let all = server.setting.git.sent();
    let built = dossier(&server, "shop", &second).await;
    let new = server.setting.git.sent();
    assert!(all > 400_000 && new < 20_000, "{all} bytes came first, then {new}");
    let whole = self::setting().await.with("CI_CACHE_BYTES", "0").with("GITHUB_SERVER_URL", url).start().await;
    assert_eq!(dossier(&whole, "shop", &second).await, built);
    assert!(server.setting.git.sent() > 400_000, "with nothing kept all of it comes");
    assert_eq!(entries(&whole.setting.cache()), Vec::<PathBuf>::new());
    whole.stop_and_check().await;
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_without_a_run_brings_only_what_its_commit_lacks() {
    let setting = setting().await.with("CI_CACHE_BYTES", "0");
    let (mut repo, first) = shop(&setting, "octo", "shop");
    let second = repo.commit(&[("one.py", "import os\nVALUE = os.environ[\"THIRD_KEY\"]\n")]);
    let server = setting.start().await;
    let (_, accepted) = server.client.deliver("push", &moved(&first, &second)).await;
    server.client.tick().await;
    let drift = read(&server.client, accepted["run_id"].as_str().unwrap(), "drift.json").await;
    let keys = |list: &Value| -> Vec<String> {
        let facts = list.as_array().unwrap().iter().filter(|fact| fact["kind"] == "env_var");
        facts.map(|fact| fact["key"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys(&drift["facts"]["added"]), ["THIRD_KEY"]);
    assert_eq!(keys(&drift["facts"]["removed"]), ["FIRST_KEY"]);
    let sent = server.setting.git.sent();
    assert!((400_000..500_000).contains(&sent), "both commits together took {sent} bytes");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_that_cannot_be_analyzed_costs_the_drift_and_not_the_run() {
    let setting = setting().await;
    let (mut repo, first) = shop(&setting, "octo", "shop");
    let second = repo.commit(&[("n", "2")]);
    let server = setting.spawn_armed("spawn.analyze=error");
    let (_, accepted) = server.client.deliver("push", &moved(&first, &second)).await;
    server.client.tick().await;
    let run = server.client.run(accepted["run_id"].as_str().unwrap()).await;
    assert_eq!((&run["status"], &run["attempts"]), (&json!("SUCCEEDED"), &json!(1)), "{run}");
    assert_eq!(run["summary_json"]["drift"], json!(null));
    let why = run["attempt_log"][0]["base_error"].as_str().unwrap();
    assert!(why.starts_with(&format!("{}: ", &first[..12])) && why.len() > 16, "{why}");
    assert_eq!(server.terminate(), Some(0));
    check_all(&setting).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_is_compared_with_whatever_became_of_what_was_kept() {
    let setting = setting().await;
    let (mut repo, first) = shop(&setting, "octo", "shop");
    let before = repo.commit_on("topic", &[("more.py", "import os\nos.environ[\"MORE_KEY\"]\n")]);
    let after = repo.commit_on("topic", &[("one.py", "import os\nVALUE = os.environ[\"THIRD_KEY\"]\n")]);
    let server = setting.start().await;
    dossier(&server, "shop", &first).await;
    for index in packs(&server.setting.cache(), "idx") {
        exchange(&index, ONE.as_bytes(), OTHER.as_bytes());
    }
    let mut push = push_to("topic", "octo", "shop", &after);
    push["before"] = json!(before);
    let (_, accepted) = server.client.deliver("push", &push).await;
    server.client.tick().await;
    let drift = read(&server.client, accepted["run_id"].as_str().unwrap(), "drift.json").await;
    let keys = |list: &str| -> Vec<&str> {
        let facts = drift["facts"][list].as_array().unwrap().iter().filter(|fact| fact["kind"] == "env_var");
        facts.map(|fact| fact["key"].as_str().unwrap()).collect()
    };
    assert_eq!((keys("added"), keys("removed")), (vec!["THIRD_KEY"], vec!["FIRST_KEY"]));
    server.stop_and_check().await;
}

/// Exchange the places of two objects of one size in the index of a pack, as gitformat-pack(5) describes version 2.
fn exchange(index: &Path, one: &[u8], other: &[u8]) {
    let mut bytes = fs::read(index).unwrap();
    let objects = u32::from_be_bytes(bytes[8 + 255 * 4..8 + 256 * 4].try_into().unwrap()) as usize;
    let (ids, offsets) = (8 + 256 * 4, 8 + 256 * 4 + objects * 24);
    let place = |content: &[u8]| {
        let id = git2::Oid::hash_object(git2::ObjectType::Blob, content).unwrap();
        let at = (0..objects).find(|n| &bytes[ids + n * 20..ids + n * 20 + 20] == id.as_bytes()).expect("it is kept");
        offsets + at * 4
    };
    let (one, other) = (place(one), place(other));
    for n in 0..4 {
        bytes.swap(one + n, other + n);
    }
    overwrite(index, &bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_damaged_or_forged_is_found_and_made_again() {
    let setting = setting().await;
    let (mut repo, first) = shop(&setting, "octo", "shop");
    let server = setting.start().await;
    let cache = server.setting.cache();
    let expected = dossier(&server, "shop", &first).await;
    let facts = |dossier: &Value| {
        let all = dossier["facts"].as_array().unwrap().iter();
        let variables: Vec<Value> = all.filter(|fact| fact["kind"] == "env_var").cloned().collect();
        assert_eq!(variables.len(), 2);
        (variables, dossier["coverage"]["partial"].clone(), dossier["coverage"]["skipped"].clone())
    };
    let largest = |ending: &str| packs(&cache, ending).into_iter().max_by_key(|pack| fs::metadata(pack).unwrap().len());
    let damages: [(&str, &dyn Fn()); 8] = [
        ("a pack is cut", &|| {
            let pack = largest("pack").unwrap();
            let bytes = fs::read(&pack).unwrap();
            overwrite(&pack, &bytes[..bytes.len() / 2]);
        }),
        ("the middle of a pack is something else", &|| {
            let pack = largest("pack").unwrap();
            let mut bytes = fs::read(&pack).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle..middle + 2_000].fill(0x5a);
            overwrite(&pack, &bytes);
        }),
        ("one file has the content of another", &|| {
            exchange(&largest("idx").unwrap(), ONE.as_bytes(), OTHER.as_bytes());
        }),
        ("an index is gone", &|| fs::remove_file(largest("idx").unwrap()).unwrap()),
        ("an index is noise", &|| overwrite(&largest("idx").unwrap(), &[7; 40_000])),
        ("a pack is gone", &|| fs::remove_file(largest("pack").unwrap()).unwrap()),
        ("a pack is a link to nothing", &|| {
            let pack = largest("pack").unwrap();
            fs::remove_file(&pack).unwrap();
            std::os::unix::fs::symlink("/nonexistent", &pack).unwrap();
        }),
        ("commits are listed that are not there", &|| {
            let list = entries(&cache)[0].join("commits");
            fs::write(list, format!("{}\nno commit\n\u{1b}[2J{}\n", "e".repeat(40), "d".repeat(41))).unwrap();
        }),
    ];
    for (n, (what, damage)) in damages.into_iter().enumerate() {
        damage();
        server.setting.git.sent();
        let next = repo.commit(&[("notes/more.txt", &format!("{n}\n"))]);
        assert_eq!(facts(&dossier(&server, "shop", &next).await), facts(&expected), "{what}");
        assert!(server.setting.git.sent() > 400_000, "{what}: all of it comes again");
        let next = repo.commit(&[("notes/more.txt", &format!("{n}, next\n"))]);
        assert_eq!(facts(&dossier(&server, "shop", &next).await), facts(&expected), "{what}");
        let sent = server.setting.git.sent();
        assert!(sent < 20_000, "{what}: it was not made again, {sent} bytes came");
    }
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_analyzer_gets_the_files_of_the_commit_whatever_became_of_what_was_kept() {
    let setting =
        setting().await.with_analyzer("cat \"$1\"/*.py > \"$2/DOSSIER.md\"; ls \"$1/notes\" | wc -l > \"$2/n.md\"");
    let (mut repo, first) = shop(&setting, "octo", "shop");
    let server = setting.start().await;
    for (n, damaged) in [(0, false), (1, false), (2, true), (3, false)] {
        let sha = if n == 0 { first.clone() } else { repo.commit(&[("n", &n.to_string())]) };
        for index in packs(&server.setting.cache(), "idx").iter().filter(|_| damaged) {
            if fs::metadata(index).unwrap().len() > 5_000 {
                exchange(index, ONE.as_bytes(), OTHER.as_bytes());
            }
        }
        let run_id = server.client.enqueue("octo", "shop", &sha).await;
        server.client.tick().await;
        let artifact = async |name: &str| {
            let url = format!("/api/ci/runs/{run_id}/artifacts/{name}");
            server.client.request("GET", &url).send().await.unwrap().text().await.unwrap()
        };
        assert_eq!(artifact("DOSSIER.md").await, format!("{ONE}{OTHER}"), "run {n}");
        assert_eq!(artifact("n.md").await.trim(), "300");
        let sent = server.setting.git.sent();
        assert_eq!(sent > 400_000, n == 0 || damaged, "run {n}: {sent} bytes came");
    }
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_cache_costs_time_only() {
    let Some(disk) = Tmpfs::mount() else { return };
    let setting = setting().await.with("CI_CACHE_DIR", disk.path().join("cache").display().to_string());
    let (mut repo, first) = shop(&setting, "octo", "shop");
    let server = setting.start().await;
    disk.fill();
    dossier(&server, "shop", &first).await;
    let second = repo.commit(&[("n", "2")]);
    server.setting.git.sent();
    dossier(&server, "shop", &second).await;
    assert!(server.setting.git.sent() > 400_000, "nothing could be kept");
    disk.free();
    for n in [3, 4] {
        let next = repo.commit(&[("n", &n.to_string())]);
        server.setting.git.sent();
        dossier(&server, "shop", &next).await;
    }
    assert!(server.setting.git.sent() < 20_000, "there is room again");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_used_for_longest_makes_room() {
    let setting = setting().await.with("CI_CACHE_BYTES", "800000");
    let repos: Vec<_> = ["one", "two", "three"].map(|name| shop(&setting, "octo", name)).into();
    let server = setting.start().await;
    for (name, (_, sha)) in ["one", "two", "three"].iter().zip(&repos) {
        dossier(&server, name, sha).await;
    }
    let of = |entry: &PathBuf| fs::read_to_string(entry.join("repository")).unwrap();
    assert_eq!(entries(&server.setting.cache()).iter().map(of).collect::<Vec<_>>(), ["octo/three"]);
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_pushed_all_day_begins_anew_before_its_packs_are_many() {
    let setting = setting().await.with_analyzer("cp \"$1/n\" \"$2/DOSSIER.md\"");
    let (mut repo, _) = shop(&setting, "octo", "shop");
    let server = setting.start().await;
    let (mut whole, mut most) = (0, 0);
    for n in 0..60 {
        let sha = repo.commit(&[("n", &n.to_string())]);
        let run_id = server.client.enqueue("octo", "shop", &sha).await;
        server.client.tick().await;
        assert_eq!(server.client.run(&run_id).await["status"], json!("SUCCEEDED"));
        whole += usize::from(server.setting.git.sent() > 400_000);
        most = most.max(packs(&server.setting.cache(), "pack").len());
    }
    assert_eq!(whole, 2, "the first one, and one on the way");
    assert!(most <= 48, "{most} packs");
    server.stop_and_check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_share_what_they_keep() {
    let setting = setting().await.with("CI_TICK_SLOTS", "2");
    let (mut repo, first) = shop(&setting, "octo", "shop");
    let (one, two) = (setting.spawn(), setting.spawn());
    let mut shas = vec![first];
    shas.extend((0..12).map(|n| repo.commit(&[("n", &n.to_string())])));
    let mut runs = Vec::new();
    for sha in &shas {
        runs.push(one.client.enqueue("octo", "shop", sha).await);
    }
    for _ in 0..shas.len() {
        tokio::join!(one.client.tick(), one.client.tick(), two.client.tick(), two.client.tick());
    }
    for run_id in runs {
        let run = one.client.run(&run_id).await;
        assert_eq!((&run["status"], &run["attempts"]), (&json!("SUCCEEDED"), &json!(1)), "{run}");
    }
    let sent = setting.git.sent();
    assert!(sent < 5 * 600_000, "{sent} bytes came for thirteen commits");
    assert_eq!((one.terminate(), two.terminate()), (Some(0), Some(0)));
    check_all(&setting).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_private_repository_opens_it_to_nobody() {
    let setting = setting().await.with("GITHUB_TOKEN", TOKEN).with("CI_API_TOKEN", "t0ken");
    let (_, sha) = shop(&setting, "private", "shop");
    let server = setting.start().await;
    server.client.deliver("push", &push("private", "shop", &sha)).await;
    assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    assert_eq!(entries(&server.setting.cache()).len(), 1);
    let cache = server.setting.cache();
    let setting = server.stop_and_check().await;

    // Another database, which does not know of the token's right, and the same cache.
    let url = setting.git.url.clone();
    let stranger = self::setting().await.with("GITHUB_SERVER_URL", url);
    let stranger = stranger.with("CI_CACHE_DIR", cache.display().to_string()).start().await;
    let run_id = stranger.client.enqueue("private", "shop", &sha).await;
    stranger.client.tick().await;
    let run = stranger.client.run(&run_id).await;
    assert_eq!(run["error_code"], json!("AUTH_REQUIRED"), "{run}");
    stranger.stop_and_check().await;
}

async fn a_deleted_repository_is_kept_nowhere(backend: Backend) {
    let Some(setting) = Setting::new(backend).await else { return };
    let (_, one) = shop(&setting, "octo", "shop");
    let (_, other) = shop(&setting, "octo", "other");
    let server = setting.with("CI_API_TOKEN", "t0ken").start().await;
    for (name, sha) in [("shop", &one), ("other", &other)] {
        server.client.deliver("push", &push("octo", name, sha)).await;
        assert_eq!(server.client.tick().await["status"], json!("SUCCEEDED"));
    }
    assert_eq!(entries(&server.setting.cache()).len(), 2);
    let request = server.client.request("DELETE", "/api/ci/repos/octo/shop").bearer_auth("t0ken");
    answer(request.send().await.unwrap()).await;
    server.client.tick().await;
    let cache = server.setting.cache();
    until(|| entries(&cache).len() == 1).await;
    assert_eq!(fs::read_to_string(entries(&cache)[0].join("repository")).unwrap(), "octo/other");
    server.stop_and_check().await;
}

on_both_databases! {
    a_deleted_repository_is_kept_nowhere,
}
