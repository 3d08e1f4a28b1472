//! What every group needs: a setting with a small analyzer and a repository, and the way back after a fault.

use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tokio::time::Instant;

use crate::support::database::{Backend, Probe};
use crate::support::invariants::{self, Witness};
use crate::support::repo::TestRepo;
use crate::support::server::{Api, BinaryServer, Setting, check_all};
use crate::support::{payload, process};

/// Leaves the least that counts as a result.
pub(super) const OK: &str =
    "echo '{\"facts\":{\"endpoint\":2}}' > \"$2/summary.json\"; echo '# Dossier' > \"$2/DOSSIER.md\"";

/// Longest way back to an idle queue.
const RECOVERY: Duration = Duration::from_secs(60);

/// A setting, its repository, and what has been seen of its rows.
pub(super) struct Rig {
    pub(super) setting: Setting,
    pub(super) probe: Probe,
    pub(super) witness: Witness,
    repo: TestRepo,
    commits: usize,
}

impl Rig {
    /// `None` where the database is not to be had.
    pub(super) async fn new(backend: Backend) -> Option<Self> {
        Some(Self::of(Setting::new(backend).await?.with_analyzer(OK)).await)
    }

    /// With other settings.
    pub(super) async fn of(setting: Setting) -> Self {
        // The schema is there before the test looks at it.
        setting.database.store().await;
        let probe = setting.database.probe().await;
        let repo = TestRepo::create(setting.git.root(), "octo", "shop");
        Self { setting, probe, witness: Witness::default(), repo, commits: 0 }
    }

    /// A commit that no run knows yet, with this text in its README.
    pub(super) fn commit(&mut self, readme: &str) -> String {
        self.commits += 1;
        self.repo.commit(&[("README.md", &format!("{readme} {}\n", self.commits))])
    }

    /// A commit with this file.
    pub(super) fn commit_file(&mut self, path: &str, content: &str) -> String {
        self.commits += 1;
        self.repo.commit(&[(path, content)])
    }

    /// A push of a new commit.
    pub(super) fn push(&mut self) -> Value {
        let sha = self.commit("shop");
        payload::push("octo", "shop", &sha)
    }

    /// Status and attempts of the run of a commit, and how many runs it has.
    pub(super) async fn runs_of(&mut self, sha: &str) -> Vec<String> {
        let sql = format!(
            "select r.status || ' ' || j.attempts from ci_runs r join ci_jobs j on j.run_id = r.id
             where r.commit_sha = '{sha}'"
        );
        self.probe.texts(&sql).await
    }

    /// After a fault: let time pass, start a server, tick until nothing waits, stop it, and check everything.
    pub(super) async fn recover(&mut self) {
        self.witness.observe(&mut self.probe).await;
        self.probe.time_passes().await;
        self.leftovers_age();
        let server = self.setting.spawn();
        self.settle_with(server).await;
    }

    /// Tick this server until nothing waits, stop it, and check everything.
    pub(super) async fn settle_with(&mut self, server: BinaryServer) {
        self.drain(&server.client).await;
        assert_eq!(server.terminate(), Some(0));
        self.check().await;
    }

    /// Tick until no job waits or runs.
    pub(super) async fn drain(&mut self, client: &Api) {
        let deadline = Instant::now() + RECOVERY;
        loop {
            let tick = client.tick().await;
            self.witness.observe(&mut self.probe).await;
            let live = "select count(*) from ci_jobs where status in ('READY', 'LEASED')";
            if tick["processed"] == Value::Bool(false) {
                if self.probe.number(live).await == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            assert!(Instant::now() < deadline, "the queue is not idle after {RECOVERY:?}; the last tick: {tick}");
        }
    }

    /// Every invariant, with no server running.
    pub(super) async fn check(&mut self) {
        self.witness.observe(&mut self.probe).await;
        invariants::check_no_expired_lease(&mut self.probe).await;
        invariants::check_no_process_left(self.setting.folder.path());
        invariants::check_only_results_on_disk(&mut self.probe, &self.setting.out()).await;
        check_all(&self.setting).await;
    }

    /// What a dead attempt left is removed once nobody can own it, by its age.
    pub(super) fn leftovers_age(&self) {
        let long_ago = SystemTime::now() - Duration::from_secs(7 * 24 * 3600);
        for folder in [self.setting.tmp(), self.setting.out().join(".staging"), self.setting.out()] {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                std::fs::File::open(entry.path()).unwrap().set_modified(long_ago).unwrap();
            }
        }
    }

    /// Wait until the analyzer has put this file beside its output, and answer where.
    pub(super) async fn analyzer_is_at(&self, name: &str) -> std::path::PathBuf {
        let tmp = self.setting.tmp();
        crate::support::server::until(|| marked(&tmp, name).is_some()).await;
        marked(&tmp, name).unwrap()
    }
}

/// A file of this name in the output folder of any attempt.
pub(super) fn marked(tmp: &Path, name: &str) -> Option<std::path::PathBuf> {
    let attempts = std::fs::read_dir(tmp).into_iter().flatten().flatten();
    attempts.map(|entry| entry.path().join("out").join(name)).find(|path| path.exists())
}

/// Wait until the children of a dead server are gone too: the kernel ends them a moment later.
pub(super) async fn children_end(folder: &Path) {
    crate::support::server::until(|| process::working_in(folder).is_empty()).await;
}
