//! What people get who do not build: the archive, the image, the compose file, the workspace of a host.

use std::path::Path;
use std::process::Command;

use ci_feed::config::VARIABLES;

use crate::support::database::Backend;
use crate::support::server::{BINARY, Setting};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn ci_feed(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(BINARY).args(args).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

#[test]
fn the_binary_says_its_version_and_its_commit() {
    let commit = option_env!("BUILD_COMMIT").unwrap_or("unknown");
    let expected = format!("ci-feed {} (commit {commit})\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(ci_feed(&["--version"]), (Some(0), expected));
}

#[tokio::test]
async fn a_health_check_fails_where_deliveries_would_be_refused_and_says_why() {
    let Some(setting) = Setting::new(Backend::Sqlite).await else { return };
    let server = setting.spawn();
    let health = |base: &str| ci_feed(&["health", "--url", base]);
    let base = server.client.base.clone();
    let (code, said) = health(&base);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("degraded\n") && said.contains("no webhook has arrived yet"), "{said}");
    // The host's settings say where the server listens, so that a container's check needs no address.
    let port = base.rsplit(':').next().unwrap();
    let here =
        Command::new(BINARY).arg("health").env("PORT", port).current_dir(setting.folder.path()).output().unwrap();
    assert!(here.status.success(), "{here:?}");
    let file = setting.database.url.strip_prefix("sqlite://").unwrap().split('?').next().unwrap();
    std::fs::remove_file(file).unwrap();
    let (code, said) = health(&base);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("was deleted"), "{said}");
    server.kill();
    let (code, said) = health(&base);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no ci-feed answers"), "{said}");
}

#[test]
fn everything_in_the_archive_beside_the_binary_can_be_made() {
    let check = Command::new(root().join("scripts/release")).arg("--check").output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout).into_owned() + &String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success(), "{said}");
    let name = format!("ci-feed-{}-", env!("CARGO_PKG_VERSION"));
    assert!(said.contains(&name) && said.contains("can be packed"), "{said}");
}

/// The patterns that let a file into what an image is built from.
fn seen_by_the_image() -> Vec<String> {
    let text = read(".dockerignore");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(lines.clone().next(), Some("*"), "nothing is seen unless it is named: .env is here, and data");
    lines.filter_map(|line| line.strip_prefix('!').map(str::to_owned)).collect()
}

#[test]
fn the_image_sees_what_cargo_reads_and_no_secrets() {
    let seen = seen_by_the_image();
    let missing: Vec<_> = seen.iter().filter(|path| !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let is_seen = |path: &str| seen.iter().any(|known| Path::new(path).starts_with(known));
    let manifest = read("Cargo.toml");
    let named = manifest.lines().filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix('"'));
    let named: Vec<_> = named.chain(["Cargo.toml", "Cargo.lock", "build.rs", "benches/queue.rs"]).collect();
    assert!(named.len() > 8, "the manifest is understood: {named:?}");
    let hidden: Vec<_> = named.into_iter().filter(|path| !is_seen(path)).collect();
    assert!(hidden.is_empty(), "{hidden:?}");
    assert!(![".env", "data/ci-feed.db", "out/ci", ".git", "target"].into_iter().any(is_seen));
}

#[test]
fn the_image_and_the_compose_file_name_settings_and_commands_that_exist() {
    let is_known = |name: &&str| *name == "BUILD_COMMIT" || VARIABLES.iter().any(|variable| variable.name == *name);
    for (file, needed) in [
        ("Dockerfile", &["CI_FEED_BIND", "BUILD_COMMIT", "CI_TMP_DIR"][..]),
        ("compose.yaml", &["DATABASE_URL", "GITHUB_WEBHOOK_SECRET", "CI_API_TOKEN", "BUILD_COMMIT"]),
        (".replit", &["PORT", "BUILD_COMMIT"]),
    ] {
        let text = read(file);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let settings: Vec<_> =
            words.filter(|word| ["CI_", "GITHUB_", "BUILD_"].iter().any(|start| word.starts_with(start))).collect();
        let unknown: Vec<_> = settings.iter().filter(|name| !is_known(name)).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
        let missing: Vec<_> = needed.iter().filter(|name| !text.contains(*name)).collect();
        assert!(missing.is_empty(), "{file}: {missing:?}");
    }
    let image = read("Dockerfile");
    for command in ["health", "serve"] {
        assert!(image.contains(&format!("\"{command}\"]")), "{command}");
        assert_eq!(ci_feed(&[command, "--help"]).0, Some(0), "{command}");
    }
    // One version of Rust for everybody.
    let rust = format!("FROM rust:{}-", env!("CARGO_PKG_RUST_VERSION"));
    assert!(image.contains(&rust), "{rust}");
}

#[test]
fn every_action_of_a_workflow_is_named_by_commit() {
    let mut uses = 0;
    for file in std::fs::read_dir(root().join(".github/workflows")).unwrap() {
        let path = file.unwrap().path();
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let Some((_, action)) = line.split_once("uses: ") else { continue };
            let commit = action.split(['@', ' ']).nth(1).unwrap_or_default();
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && action.contains(" # v"), "{}: {action}", path.display());
            uses += 1;
        }
    }
    assert!(uses > 8, "the workflows are understood: {uses}");
}
