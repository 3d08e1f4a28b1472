//! The invariants I1 to I10 of the queue, as statements that count violations; I6, I9, I11 and I12 need what a test
//! itself saw and are functions of their own. After each fault: restart, tick until idle, then this.

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
