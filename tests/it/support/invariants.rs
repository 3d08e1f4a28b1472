//! The invariants I1 to I12 of the queue. Those that the rows alone show are statements that count violations; those
//! that need what a test saw (I6, I9, I12), the disk (I8, I10) or the secrets (I11) are functions of their own.
//! After each fault: restart, tick until idle, then these.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::database::Probe;

const VIOLATIONS: &[(&str, &str)] = &[
    (
        "I1 every run has exactly one job, every job a run",
        "select (select count(*) from ci_runs r where (select count(*) from ci_jobs j where j.run_id = r.id) <> 1)
              + (select count(*) from ci_jobs j where not exists (select 1 from ci_runs r where r.id = j.run_id))",
    ),
    (
        "I2 (run, job) is QUEUED-READY, RUNNING-LEASED, SUCCEEDED-DONE or FAILED-DEAD",
        "select count(*) from ci_runs r join ci_jobs j on j.run_id = r.id
         where (r.status || '-' || j.status) not in
             ('QUEUED-READY', 'RUNNING-LEASED', 'SUCCEEDED-DONE', 'FAILED-DEAD')",
    ),
    (
        "I3 attempts <= max_attempts and lease_epoch >= attempts",
        "select count(*) from ci_jobs where attempts > max_attempts or lease_epoch < attempts",
    ),
    (
        "I4 at most one accepted result per job, and only for its last epoch",
        "select count(*) from ci_jobs j
         where (select count(*) from ci_attempts a where a.job_id = j.id and a.outcome = 'succeeded')
               <> (case when j.status = 'DONE' then 1 else 0 end)
            or exists (select 1 from ci_attempts a
                       where a.job_id = j.id and a.outcome = 'succeeded' and a.lease_epoch <> j.lease_epoch)",
    ),
    (
        "I5 no two live or succeeded runs of one commit, manual ones apart",
        "select count(*) from (select 1 as one from ci_runs where status <> 'FAILED' and event_type <> 'manual'
             group by lower(repo_owner), lower(repo_name), commit_sha having count(*) > 1) as doubled",
    ),
    (
        "I8 artifacts are visible for succeeded runs only, and for each of them",
        "select (select count(*) from ci_runs r where r.status = 'SUCCEEDED'
                    and not exists (select 1 from ci_artifacts a where a.run_id = r.id))
              + (select count(*) from ci_artifacts a join ci_runs r on r.id = a.run_id where r.status <> 'SUCCEEDED')",
    ),
    (
        "no run is shown of a repository that is known to be private, and none that is undecided",
        "select count(*) from ci_runs r where (undecided and not private) or (not private and exists (
             select 1 from ci_privacy p
             where p.private and p.repo_key = lower(r.repo_owner) || '/' || lower(r.repo_name)))",
    ),
    (
        "the numbers of a repository are those of its runs",
        "select (select count(*) from ci_counts c left join (
                     select lower(repo_owner) as owner, lower(repo_name) as name, private, 'ALL' as status, count(*) as runs
                     from ci_runs group by 1, 2, 3
                     union all
                     select lower(repo_owner), lower(repo_name), private, status, count(*) from ci_runs group by 1, 2, 3, 4) r
                 on r.owner = c.owner and r.name = c.name and r.private = c.private and r.status = c.status
                 where c.runs <> coalesce(r.runs, 0))
              + abs((select count(*) from ci_runs)
                    - (select coalesce(sum(runs), 0) from ci_counts where status = 'ALL'))
              + abs((select count(*) from ci_runs where status in ('SUCCEEDED', 'FAILED'))
                    - (select coalesce(sum(runs), 0) from ci_counts where status <> 'ALL'))",
    ),
    (
        "facts stand at places only, each place is of a succeeded run, and none has facts of a dossier that was not read",
        "select (select count(*) from ci_facts f where not exists (
                     select 1 from ci_fact_places p where p.repo_key = f.repo_key and p.pull = f.pull))
              + (select count(*) from ci_fact_places p where p.run_id is not null and not exists (
                     select 1 from ci_runs r where r.id = p.run_id and r.status = 'SUCCEEDED')
                     and not exists (select 1 from ci_deletions d where d.repo_key = p.repo_key))
              + (select count(*) from ci_facts f join ci_fact_places p on p.repo_key = f.repo_key and p.pull = f.pull
                     where p.run_id is not null and p.analyzer is null)",
    ),
    (
        "no status says that a run is pending which has ended, unless the forge refused to hear of it",
        "select count(*) from ci_outbox o where o.kind = 'status' and o.done_at is not null and o.error is null
             and o.payload ->> 'state' = 'pending'
             and not exists (select 1 from ci_runs r where r.status in ('QUEUED', 'RUNNING') and r.commit_sha = o.target
                 and lower(r.repo_owner) || '/' || lower(r.repo_name) = o.repo_key)",
    ),
    (
        "every attempt but the running one has ended",
        "select count(*) from ci_attempts a join ci_jobs j on j.id = a.job_id
         where a.outcome is null and not (j.status = 'LEASED' and a.lease_epoch = j.lease_epoch)",
    ),
];

/// Fail with the names of all invariants that do not hold.
pub(crate) async fn check(probe: &mut Probe) {
    check_those(probe, |_| true).await;
}

/// All but I5, which holds within the dedupe window: for tests that let more time pass.
pub(crate) async fn check_but_one_run_a_commit(probe: &mut Probe) {
    check_those(probe, |name| !name.starts_with("I5")).await;
}

async fn check_those(probe: &mut Probe, wanted: impl Fn(&str) -> bool) {
    let wanted = VIOLATIONS.iter().filter(|(name, _)| wanted(name));
    let counts: Vec<_> = wanted.map(|(name, sql)| format!("select '{name}: ' as name, ({sql}) as n")).collect();
    let counts = counts.join(" union all ");
    let broken =
        probe.texts(&format!("select name || n || ' violations' from ({counts}) as counted where n > 0")).await;
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// What only shows over time: I3, that an epoch never falls, and I4, that a terminal row never changes.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    epochs: BTreeMap<String, i64>,
    terminal: BTreeMap<String, String>,
}

impl Witness {
    /// Look at every job, and compare with the last time.
    pub(crate) async fn observe(&mut self, probe: &mut Probe) {
        let epochs = probe.texts("select cast(id as text) || ' ' || lease_epoch from ci_jobs").await;
        for (id, epoch) in epochs.iter().filter_map(|row| row.split_once(' ')) {
            let epoch = epoch.parse().unwrap();
            let before = self.epochs.insert(id.to_owned(), epoch).unwrap_or(0);
            assert!(before <= epoch, "I3: the epoch of job {id} fell from {before} to {epoch}");
        }
        let settled = probe
            .texts(
                "select cast(j.id as text) || ' ' || j.status || r.status || j.attempts || '/' || j.lease_epoch
                     || cast(j.finished_at as text) || cast(r.finished_at as text) || coalesce(r.out_dir, '')
                     || coalesce(cast(r.summary_json as text), '') || coalesce(r.error, '')
                 from ci_jobs j join ci_runs r on r.id = j.run_id where j.status in ('DONE', 'DEAD')",
            )
            .await;
        let settled: BTreeMap<_, _> = settled.iter().filter_map(|row| row.split_once(' ')).collect();
        for (id, before) in &self.terminal {
            assert_eq!(settled.get(id.as_str()), Some(&before.as_str()), "I4: the settled job {id} has changed");
        }
        self.terminal = settled.into_iter().map(|(id, row)| (id.to_owned(), row.to_owned())).collect();
    }
}

/// I7: after one more tick, no lease is older than its time.
pub(crate) async fn check_no_expired_lease(probe: &mut Probe) {
    let now = match probe {
        Probe::Sqlite(_) => "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
        Probe::Postgres(_) => "now()",
    };
    let sql = format!("select count(*) from ci_jobs where status = 'LEASED' and leased_until < {now}");
    assert_eq!(probe.number(&sql).await, 0, "I7: a lease is past its time");
}

/// I6: every answer that named a run named one that is there.
pub(crate) async fn check_answered(probe: &mut Probe, run_ids: &[String]) {
    for run_id in run_ids {
        let found = probe.number(&format!("select count(*) from ci_runs where id = '{run_id}'")).await;
        assert_eq!(found, 1, "I6: an answer named run {run_id}, which is not there");
    }
}

/// I9: no more live leases than the one process has slots.
pub(crate) async fn check_slots(probe: &mut Probe, slots: i64) {
    let leased = probe.number("select count(*) from ci_jobs where status = 'LEASED'").await;
    assert!(leased <= slots, "I9: {leased} live leases, {slots} slots");
}

/// I11: no secret in any row, log or artifact. SQLite's rows are in its file, which is among the files.
pub(crate) async fn check_no_secret(probe: &mut Probe, folders: &[&Path], secrets: &[&str]) {
    let holds = |bytes: &[u8]| {
        let held = |secret: &&&str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        secrets.iter().find(held).map(|secret| (*secret).to_owned())
    };
    if let Probe::Postgres(_) = probe {
        for table in [
            "ci_runs",
            "ci_jobs",
            "ci_attempts",
            "ci_deliveries",
            "ci_signals",
            "ci_run_refs",
            "ci_repos",
            "ci_branches",
            "ci_pulls",
            "ci_deployments",
            "ci_counts",
            "ci_turns",
            "ci_dedupe",
            "ci_privacy",
            "ci_ended_sessions",
            "ci_repo_names",
            "ci_deletions",
            "ci_facts",
            "ci_fact_places",
            "ci_fact_events",
            "ci_fact_looks",
            "ci_outbox",
        ] {
            for row in probe.texts(&format!("select t::text from {table} t")).await {
                assert_eq!(holds(row.as_bytes()), None, "I11: in a row of {table}: {row}");
            }
        }
    }
    let mut folders: Vec<_> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Some(bytes) = read_elsewhere(&path) {
                assert_eq!(holds(&bytes), None, "I11: in {}", path.display());
            }
        }
    }
}

/// I9: no process holds more jobs than it has slots; `leased_by` begins with the process's id.
pub(crate) async fn check_slots_of_each_process(probe: &mut Probe, slots: usize) {
    let mut held = BTreeMap::<String, usize>::new();
    for holder in probe.texts("select leased_by from ci_jobs where status = 'LEASED'").await {
        *held.entry(holder.split('-').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    assert!(held.values().all(|n| *n <= slots), "I9: leases by process: {held:?}, each has {slots} slots");
}

/// A file's content, read by another process: one that closes a file loses all its locks on it, and a connection of
/// this process to an SQLite file would go on without the locks that keep its log from being deleted.
fn read_elsewhere(path: &Path) -> Option<Vec<u8>> {
    let is_database = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".db"));
    if !is_database {
        return std::fs::read(path).ok();
    }
    Some(std::process::Command::new("cat").arg(path).output().unwrap().stdout)
}

/// I8, the bytes in the database.
pub(crate) async fn check_artifacts_in_database(probe: &mut Probe) {
    let hex = if matches!(probe, Probe::Sqlite(_)) { "hex(body)" } else { "encode(body, 'hex')" };
    let rows = probe
        .texts(&format!(
            "select cast(run_id as text) || '/' || name || ' ' || sha256 || ' ' || {hex} from ci_artifacts where body is not null"
        ))
        .await;
    for row in rows {
        let mut words = row.rsplitn(3, ' ');
        let (body, sha256, path) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let body = hex::decode(body).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&body)), sha256, "I8: {path} is not what the manifest says");
    }
}

/// I8 and I10 on disk: every folder is a succeeded run's, and nothing is left half written.
pub(crate) async fn check_only_results_on_disk(probe: &mut Probe, root: &Path) {
    let succeeded = probe.texts("select cast(id as text) from ci_runs where status = 'SUCCEEDED'").await;
    for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if name == ".staging" {
            let left: Vec<_> = std::fs::read_dir(entry.path()).unwrap().flatten().map(|entry| entry.path()).collect();
            assert!(left.is_empty(), "I10: half written results are left: {left:?}");
        } else if name != ".database" {
            assert!(succeeded.contains(&name), "I8: {name} has files and is no succeeded run");
        }
    }
}

/// I10: no process works in this folder any more.
pub(crate) fn check_no_process_left(folder: &Path) {
    let left = super::process::working_in(folder);
    assert!(left.is_empty(), "I10: processes are left: {left:?}");
}

/// I8, the bytes: what lies on disk is what the manifest says.
pub(crate) async fn check_artifacts_on_disk(probe: &mut Probe, root: &Path) {
    let rows = probe
        .texts("select cast(run_id as text) || '/' || name || ' ' || sha256 from ci_artifacts where body is null")
        .await;
    let expected: BTreeMap<_, _> = rows.iter().filter_map(|row| row.rsplit_once(' ')).collect();
    for (path, sha256) in &expected {
        let bytes = std::fs::read(root.join(path)).unwrap_or_else(|error| panic!("I8: {path}: {error}"));
        assert_eq!(hex::encode(Sha256::digest(&bytes)), *sha256, "I8: {path} is not what the manifest says");
    }
}

/// I10: no attempt left anything behind.
pub(crate) fn check_nothing_left(tmp: &Path) {
    let left: Vec<_> = std::fs::read_dir(tmp).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    assert!(left.is_empty(), "I10: left under CI_TMP_DIR: {left:?}");
}

/// I12: with no fault, each job was leased exactly once.
pub(crate) async fn check_each_job_ran_once(probe: &mut Probe) {
    let odd = probe.number("select count(*) from ci_jobs where attempts <> 1 or lease_epoch <> 1").await;
    assert_eq!(odd, 0, "I12: a job was executed more or less than once");
}
