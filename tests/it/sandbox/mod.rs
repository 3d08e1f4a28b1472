//! What fetched code and analyzers cannot do: to files, to the network, to the server, to the machine.
//!
//! `tests/intruder` is the analyzer here. Where the kernel has Landlock nothing of this is left out.

mod bounds;
mod intruder;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::database::Backend;
use crate::support::not_run;
use crate::support::repo::TestRepo;
use crate::support::server::{Api, Setting};

const INTRUDER: &str = env!("CARGO_BIN_EXE_ci-feed-intruder");

/// Whether the kernel has what `CI_SANDBOX=require` asks for first; asked of the kernel, not of what is tested.
fn landlock_is_there() -> bool {
    use landlock::{AccessFs, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _};
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let there = ruleset.handle_access(AccessFs::ReadFile).and_then(Ruleset::create).is_ok();
    if !there {
        not_run("the sandbox", "this kernel has no Landlock");
    }
    there
}

/// A server whose analyzer is the intruder in this mode.
async fn setting(mode: &str, sandbox: &str) -> Setting {
    let setting = Setting::new(Backend::Sqlite).await.unwrap();
    let program = copy_of_the_intruder(&setting);
    let command = format!("{} {mode} {{src}} {{out}}", program.display());
    setting.with("CI_ANALYZER", command).with("CI_SANDBOX", sandbox).with("CI_MAX_ATTEMPTS", "1")
}

/// Beside the database, so that its own folder is none that it may read.
fn copy_of_the_intruder(setting: &Setting) -> PathBuf {
    let program = setting.folder.path().join("intruder");
    std::fs::copy(INTRUDER, &program).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

/// Analyze one commit with these files; answers the run.
async fn analyze(setting: &Setting, server: &Api, files: &[(&str, &str)]) -> Value {
    let run_id = enqueue(setting, server, files).await;
    server.tick().await;
    server.run(&run_id).await
}

async fn enqueue(setting: &Setting, server: &Api, files: &[(&str, &str)]) -> String {
    let sha = TestRepo::create(setting.git.root(), "octo", "shop").commit(files);
    server.enqueue("octo", "shop", &sha).await
}

/// Processes whose command line has this word.
fn marked(word: &str) -> usize {
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    let commands = pids.filter_map(|pid| std::fs::read(pid.path().join("cmdline")).ok());
    commands.filter(|command| command.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes())).count()
}
