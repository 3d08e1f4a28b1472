//! Small trees that unfold to 2^n of something, as pushes: the run succeeds within a gigabyte of address space and states what the
//! healthy files say, and names what was left out.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::support::database::Backend;
use super::support::repo::TestRepo;
use super::support::server::{BINARY, Setting};

mod inputs;

use inputs::Input;

#[tokio::test]
async fn hostile_trees_become_dossiers_with_what_the_healthy_files_say() {
    // Half of the default. Counted is address space, of which a part is ever used.
    let memory = (1 << 30).to_string();
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let server = setting.with("CI_ANALYZER_MEMORY_BYTES", memory).start().await;
    let mut wrong = Vec::new();
    for (number, Input { name, files, healthy, says }) in inputs::all().into_iter().enumerate() {
        let repo = format!("tree{number}");
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let sha = TestRepo::create(server.setting.git.root(), "octo", &repo).commit(&files);
        let id = server.client.enqueue("octo", &repo, &sha).await;
        for _ in 0..3 {
            server.client.tick().await;
        }
        let run = server.client.run(&id).await;
        let (_, dossier) = server.client.get(&format!("/api/ci/runs/{id}/artifacts/dossier.json")).await;
        let is_said = dossier.to_string().contains(says);
        if run["status"] != "SUCCEEDED" || !states(&dossier, healthy) || !is_said {
            wrong.push(format!(
                "{name}: {} {} {}, said: {is_said}, {:.200}",
                run["status"],
                run["error_code"],
                run["error"],
                dossier.to_string()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    server.stop_and_check().await;
}

fn states(dossier: &Value, key: &str) -> bool {
    let facts = dossier["facts"].as_array();
    facts.is_some_and(|facts| facts.iter().any(|fact| fact["key"].as_str().is_some_and(|is| is.ends_with(key))))
}

/// Four languages want a deep stack each. Where there is little room they come one after the other, and none is left out.
#[test]
fn what_is_found_does_not_depend_on_how_much_address_space_is_left() {
    let texts = inputs::all().into_iter().find(|input| input.name == "texts that double").unwrap();
    let folder = tempfile::tempdir().unwrap();
    lay_out(&texts, folder.path());
    let whole = analyzed_by("2", folder.path());
    let within_a_gigabyte = || {
        let out = tempfile::tempdir().unwrap();
        let mut command = Command::new("prlimit");
        command.arg("--as=1073741824").arg(BINARY).arg("analyze").arg(folder.path()).arg("--out").arg(out.path());
        // Without room for anything it ends, and says so.
        let is_done = command.output().unwrap().status.success();
        is_done.then(|| fs::read(out.path().join("dossier.json")).unwrap())
    };
    let found: Vec<_> = std::thread::scope(|threads| {
        let eight: Vec<_> =
            (0..8).map(|_| threads.spawn(|| (0..8).filter_map(|_| within_a_gigabyte()).collect::<Vec<_>>())).collect();
        eight.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(!found.is_empty(), "none had room");
    assert!(found.iter().all(|dossier| *dossier == whole), "some of {} lack something", found.len());
}

fn lay_out(input: &Input, folder: &Path) {
    for (path, text) in &input.files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// What is counted is counted in each file and program, never by threads together.
#[test]
fn hostile_trees_have_the_same_dossier_from_one_thread_and_from_eight() {
    for input in inputs::all() {
        let folder = tempfile::tempdir().unwrap();
        lay_out(&input, folder.path());
        assert!(analyzed_by("1", folder.path()) == analyzed_by("8", folder.path()), "{}", input.name);
    }
}

fn analyzed_by(threads: &str, source: &Path) -> Vec<u8> {
    let out = tempfile::tempdir().unwrap();
    let mut command = Command::new(BINARY);
    command.arg("analyze").arg(source).arg("--out").arg(out.path()).env("RAYON_NUM_THREADS", threads);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::read(out.path().join("dossier.json")).unwrap()
}
