//! How much an analyzer may use with all that it starts, and how much a commit may unfold to.

use serde_json::json;

use super::{analyze, landlock_is_there, setting};
use crate::support::database::Backend;
use crate::support::server::Setting;

#[tokio::test(flavor = "multi_thread")]
async fn processes_memory_and_disk_are_counted_over_all_that_an_analyzer_starts() {
    for (mode, code, words) in [
        ("processes", "ANALYZER_TOO_MANY_PROCESSES", "128 processes"),
        ("memory", "ANALYZER_OUT_OF_MEMORY", "together used more than 512 MiB"),
        ("disk", "ANALYZER_OUTPUT", "wrote more than 1024 MiB"),
    ] {
        for sandbox in ["auto", "off"] {
            let setting = setting(mode, sandbox).await.with("CI_ANALYZER_MEMORY_BYTES", (512 << 20).to_string());
            let server = setting.spawn();
            let run = analyze(&setting, &server.client, &[("README.md", "x\n")]).await;
            assert_eq!(run["error_code"], json!(code), "{mode}, {sandbox}: {run}");
            assert!(run["error"].as_str().unwrap().contains(words), "{mode}, {sandbox}: {run}");
            let left = std::fs::read_dir(setting.tmp()).unwrap().count();
            assert_eq!(left, 0, "{mode}, {sandbox}: the work folder is left");
        }
    }
}

/// A commit whose tree names one folder ten times, whose tree names one folder ten times, and so on.
fn unfolding(setting: &Setting, name: &str, levels: usize, blob: Option<&[u8]>) -> String {
    let path = setting.git.root().join("octo").join(format!("{name}.git"));
    std::fs::create_dir_all(&path).unwrap();
    let repository = git2::Repository::init_bare(&path).unwrap();
    let mut tree = {
        let mut leaf = repository.treebuilder(None).unwrap();
        if let Some(blob) = blob {
            leaf.insert("f", repository.blob(blob).unwrap(), 0o100_644).unwrap();
        }
        leaf.write().unwrap()
    };
    for _ in 0..levels {
        let mut folder = repository.treebuilder(None).unwrap();
        for n in 0..10 {
            folder.insert(format!("d{n}"), tree, 0o040_000).unwrap();
        }
        tree = folder.write().unwrap();
    }
    let author = git2::Signature::now("Ada Example", "ada@example.com").unwrap();
    let tree = repository.find_tree(tree).unwrap();
    repository.commit(Some("refs/heads/main"), &author, &author, "unfold", &tree, &[]).unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_few_kilobytes_unfold_to_is_counted_before_it_is_written() {
    let analyzer = "echo '{}' > \"$2/summary.json\"";
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(analyzer);
    let folders = unfolding(&setting, "folders", 12, None);
    let bytes = unfolding(&setting, "bytes", 4, Some(&vec![b'x'; 1 << 20]));
    let fits = unfolding(&setting, "fits", 2, Some(b"x"));
    let server = setting.spawn();
    for (name, sha, code) in
        [("folders", folders, Some("TOO_MANY_FILES")), ("bytes", bytes, Some("REPO_TOO_LARGE")), ("fits", fits, None)]
    {
        let run_id = server.client.enqueue("octo", name, &sha).await;
        let began = std::time::Instant::now();
        server.client.tick().await;
        let run = server.client.run(&run_id).await;
        assert_eq!(run["error_code"], json!(code), "{name}: {run}");
        assert!(began.elapsed().as_secs() < 30, "{name} took {:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_deeper_than_any_path_is_removed_in_time() {
    if !landlock_is_there() {
        return;
    }
    let deep = "cd \"$2/../scratch\"; i=0; while [ $i -lt 3000 ]; do mkdir d && cd ./d || break; i=$((i+1)); done; echo '{}' > \"$OLDPWD/x\"; exit 0";
    let script = format!("echo '{{}}' > \"$2/summary.json\"; {deep}");
    let setting = Setting::new(Backend::Sqlite).await.unwrap().with_analyzer(&script);
    let server = setting.spawn();
    let run = analyze(&setting, &server.client, &[("README.md", "x\n")]).await;
    assert_eq!(run["status"], json!("SUCCEEDED"), "{run}");
    let left: Vec<_> = std::fs::read_dir(setting.tmp()).unwrap().flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "left: {left:?}");
}
