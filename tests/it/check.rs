//! `ci-feed check` in a hook of git and by itself, and the steps of action.yml as a runner takes them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::database::Backend;
use crate::support::hub::{Fault, Hub, WRITE_TOKEN};
use crate::support::path_variable;
use crate::support::repo::{EXPRESS_APP, TestRepo};
use crate::support::server::{BINARY, Setting};

const POLICY: &str = "[check]\nfail = [\"removed-endpoint\"]\nlift-label = \"callers-told\"\n";
const ROUTES: &str = "const router = require('express').Router();\nrouter.get('/:id', (req, res) => res.json({}));\nmodule.exports = router;\n";

/// A clone of a repository with a policy.
struct Clone {
    folder: TempDir,
    repo: TestRepo,
}

impl Clone {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut repo = TestRepo::create(folder.path(), "octo", "shop");
        repo.commit(&[EXPRESS_APP, &[(".ci-feed.toml", POLICY)]].concat());
        let clone = Self { folder, repo };
        clone.git(clone.folder.path(), &["clone", "-q", "octo/shop.git", "shop"]);
        clone
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> Output {
        let mut git = Command::new("git");
        let git = git.args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
        let done = git.current_dir(folder).env("HOME", self.folder.path()).output().unwrap();
        let may_fail = arguments.first() == Some(&"commit");
        assert!(may_fail || done.status.success(), "{arguments:?}: {done:?}");
        done
    }

    fn check(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let done = Command::new(BINARY).arg("check").args(arguments).current_dir(self.path()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code(), text(done.stdout), text(done.stderr))
    }
}

#[test]
fn a_hook_keeps_a_commit_back_that_the_policy_minds() {
    let clone = Clone::new();
    let hook = clone.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\nexec {BINARY} check --base HEAD\n")).unwrap();
    Command::new("chmod").arg("+x").arg(&hook).status().unwrap();

    std::fs::write(clone.path().join("routes/items.js"), ROUTES).unwrap();
    let refused = clone.git(&clone.path(), &["commit", "-qam", "Take a route away"]);
    assert!(!refused.status.success());
    let said = String::from_utf8([refused.stdout, refused.stderr].concat()).unwrap();
    for part in [
        "Before you deploy:",
        "- Tell its callers: POST /api/items is gone (routes/items.js:3)",
        "1 by .ci-feed.toml: removed-endpoint",
    ] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }

    clone.git(&clone.path(), &["checkout", "-q", "routes/items.js"]);
    let more = "module.exports.key = process.env.STRIPE_KEY;\n";
    std::fs::write(clone.path().join("pay.js"), more).unwrap();
    clone.git(&clone.path(), &["add", "-A"]);
    let taken = clone.git(&clone.path(), &["commit", "-qm", "Read a variable"]);
    let said = String::from_utf8([taken.stdout, taken.stderr].concat()).unwrap();
    assert!(taken.status.success() && said.contains("Decide about STRIPE_KEY"), "{said}");
}

#[test]
fn a_check_says_by_its_exit_code_what_the_policy_minds() {
    let mut clone = Clone::new();
    clone.repo.commit_on("topic", &[("routes/items.js", ROUTES)]);
    clone.repo.commit(&[("later.js", "module.exports.key = process.env.LATER;\n")]);
    clone.git(&clone.path(), &["fetch", "-q"]);
    let topic = ["--base", "origin/main", "--head", "origin/topic"];
    let (code, said, _) = clone.check(&topic);
    assert_eq!(code, Some(4), "{said}");
    assert!(!said.contains("LATER"), "it is compared with where it started: {said}");
    let (code, said, _) = clone.check(&[&topic[..], &["--label", "other", "--label", "callers-told"]].concat());
    assert_eq!(code, Some(0), "{said}");
    let (code, said, _) = clone.check(&[&topic[..], &["--labels", "[\"x\",\"callers-told\"]"]].concat());
    assert_eq!(code, Some(0), "{said}");
    let (code, _, error) = clone.check(&[&topic[..], &["--labels", "x"]].concat());
    assert_eq!(code, Some(2), "{error}");
    let (code, said, _) = clone.check(&["--base", "HEAD"]);
    assert_eq!((code, said.as_str()), (Some(0), "Nothing to do before it is deployed.\n"));
    let (code, said, _) = clone.check(&["--base", "HEAD", "--markdown"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    let (code, said, _) = clone.check(&[&topic[..], &["--json", "--out", "made"]].concat());
    let drift: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &drift["policy"]["fails"]["removed-endpoint"]), (Some(4), &serde_json::json!(1)));
    assert!(clone.path().join("made/findings.sarif").is_file() && clone.path().join("made/drift.json").is_file());

    // From a bare repository, from one without its configuration, and from a linked worktree.
    let bare = clone.folder.path().join("octo/shop.git");
    clone.git(&clone.path(), &["worktree", "add", "-q", "--detach", "../linked"]);
    for (place, lose) in [(&bare, ""), (&bare, "config"), (&clone.folder.path().join("linked"), "")] {
        if !lose.is_empty() {
            std::fs::remove_file(place.join(lose)).unwrap();
        }
        let topic = if *place == bare {
            ["--base=main", "--head=topic"]
        } else {
            ["--base=origin/main", "--head=origin/topic"]
        };
        let (code, said, _) = clone.check(&[&[place.to_str().unwrap()], &topic[..]].concat());
        assert_eq!(code, Some(4), "{}, without {lose:?}: {said}", place.display());
    }

    for wrong in ["nowhere", "HEAD:README.md", "-x", ""] {
        let (code, _, error) = clone.check(&[&format!("--base={wrong}")]);
        assert_eq!(code, Some(1), "{wrong:?}: {error}");
    }
    let outside = Command::new(BINARY).args(["check", "/proc", "--base", "main"]).output().unwrap();
    assert_eq!(outside.status.code(), Some(1));
    // Nobody guesses what a policy means that is not known.
    clone.repo.commit_on("main", &[(".ci-feed.toml", "[check]\nfail = [\"everything\"]\n")]);
    clone.git(&clone.path(), &["fetch", "-q"]);
    clone.git(&clone.path(), &["checkout", "-q", "origin/main"]);
    std::fs::write(clone.path().join("routes/items.js"), ROUTES).unwrap();
    let (code, _, error) = clone.check(&["--base", "HEAD"]);
    assert!(code == Some(0) && error.contains("is not applied: line 2: there is no rule \"everything\""), "{error}");
}

/// `run` and the names in `env` of each step.
fn steps() -> Vec<(String, Vec<String>)> {
    let action = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/action.yml")).unwrap();
    let steps = action.split("  steps:\n").nth(1).unwrap();
    let step = |step: &str| {
        let value = |line: &str, name: &str| Some(line.trim().strip_prefix(name)?.trim().trim_matches('\'').to_owned());
        let run = step.lines().find_map(|line| value(line, "run:")).unwrap();
        let names = step.lines().filter_map(|line| Some(line.trim().split_once(": ")?.0.to_owned()));
        (run, names.filter(|name| name.starts_with("FEED_")).collect())
    };
    steps.split("    - name:").skip(1).map(step).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_action_does_what_it_says_step_by_step() {
    // Only for what the process needs before it calls out.
    let Some(_setting) = Setting::new(Backend::Sqlite).await else { return };
    let hub = Hub::start(1).await;
    let mut clone = Clone::new();
    let base = clone.repo.commit(&[("README.md", "# shop\n")]);
    let head = clone.repo.commit_on("topic", &[("routes/items.js", ROUTES)]);
    let runner = tempfile::tempdir().unwrap();
    let at = |name: &str| runner.path().join(name);
    let work = at("work");
    let from = format!("file://{}", clone.folder.path().join("octo/shop.git").display());
    clone.git(runner.path(), &["clone", "-q", "--depth=1", "--branch=topic", &from, "work"]);
    // A file of the pull request's own making.
    std::fs::write(work.join(".env"), "GITHUB_API_URL=http://127.0.0.1:1\nGITHUB_WRITE_TOKEN=theirs\n").unwrap();
    for name in ["temp", "home"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    let action = env!("CARGO_MANIFEST_DIR");
    let mut code = String::new();
    for round in 0..2 {
        // The token of a workflow belongs to nobody.
        hub.fails("GET /user", Fault::Status(403, None));
        for (n, (run, names)) in steps().into_iter().enumerate() {
            let value = |name: &str| match name {
                "FEED_BINARY" => BINARY.to_owned(),
                "FEED_ACTION" => action.to_owned(),
                "FEED_BASE" => base.clone(),
                "FEED_LABELS" => "[\"bug\", \"$(touch pwned)\"]".to_owned(),
                "FEED_TOKEN" => WRITE_TOKEN.to_owned(),
                "FEED_PULL" => "7".to_owned(),
                "FEED_CODE" => code.clone(),
                _ => String::new(),
            };
            let done = Command::new("bash")
                .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &run])
                .current_dir(&work)
                .env_clear()
                .env("PATH", path_variable())
                .env("HOME", at("home"))
                .env("RUNNER_TEMP", at("temp"))
                .env("GITHUB_REPOSITORY", "octo/shop")
                .env("GITHUB_SERVER_URL", "https://github.com")
                .env("GITHUB_API_URL", &hub.url)
                .env("GITHUB_STEP_SUMMARY", at("summary"))
                .env("GITHUB_OUTPUT", at("output"))
                .envs(names.iter().map(|name| (name.as_str(), value(name))))
                .output()
                .unwrap();
            let is_result = n == 3;
            assert_eq!(done.status.success(), !is_result, "{run}: {done:?}");
            if n == 1 {
                let output = std::fs::read_to_string(at("output")).unwrap();
                code = output.lines().rev().find_map(|line| line.strip_prefix("code=")).unwrap().to_owned();
                assert_eq!(code, "4");
            }
        }
        assert_eq!(hub.ours().len(), 1, "round {round}");
    }
    let comment = hub.ours().remove(0);
    assert!(comment.contains(&format!("https://github.com/octo/shop/blob/{base}/routes/items.js#L3")), "{comment}");
    assert!(comment.contains(&head[..12]), "{comment}");
    let summary = std::fs::read_to_string(at("summary")).unwrap();
    assert!(summary.contains("Tell its callers: `POST /api/items` is gone"), "{summary}");
    let output = std::fs::read_to_string(at("output")).unwrap();
    let sarif = output.lines().find_map(|line| line.strip_prefix("sarif=")).unwrap();
    assert!(Path::new(sarif).is_file());
    assert!(!work.join("pwned").exists());

    // Nothing left to say.
    std::fs::write(at("temp").join("ci-feed/comment.md"), "").unwrap();
    let mut comment = Command::new(BINARY);
    comment
        .args(["comment", "octo/shop", "7", "comment.md"])
        .current_dir(at("temp").join("ci-feed"))
        .env("GITHUB_WRITE_TOKEN", WRITE_TOKEN)
        .env("GITHUB_API_URL", &hub.url);
    let done = comment.output().unwrap();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(hub.ours(), Vec::<String>::new());
}
