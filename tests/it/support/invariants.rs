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
        "every attempt but the running one has ended",
        "select count(*) from ci_attempts a join ci_jobs j on j.id = a.job_id
         where a.outcome is null and not (j.status = 'LEASED' and a.lease_epoch = j.lease_epoch)",
    ),
];

/// Fail with the names of all invariants that do not hold.
pub(crate) async fn check(probe: &mut Probe) {
    let mut broken = Vec::new();
    for (invariant, sql) in VIOLATIONS {
        let violations = probe.number(sql).await;
        if violations > 0 {
            broken.push(format!("{invariant}: {violations} violations"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
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
        for table in ["ci_runs", "ci_jobs", "ci_attempts", "ci_deliveries", "ci_signals", "ci_run_refs", "ci_dedupe"] {
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
            } else if let Ok(bytes) = std::fs::read(&path) {
                assert_eq!(holds(&bytes), None, "I11: in {}", path.display());
            }
        }
    }
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
