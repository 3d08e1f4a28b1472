//! The two schemas stay one: the same files, and the same tables and columns after them.

use std::collections::BTreeSet;
use std::time::Duration;

use ci_feed::model::Reader;
use ci_feed::store::{Events, Leasing, RunFilter};

use crate::support::database::{Backend, Probe, TestDatabase, on_both_databases};

fn files(database: &str) -> BTreeSet<String> {
    let folder = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_eq!(files("sqlite"), files("postgres"));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_end_up_with_the_same_tables_and_columns() {
    let Some(postgres) = TestDatabase::new(Backend::Postgres).await else { return };
    let sqlite = TestDatabase::new(Backend::Sqlite).await.unwrap();
    // Opening applies the migrations; opening again finds nothing to do.
    for database in [&postgres, &sqlite] {
        database.store().await;
        database.store().await;
    }
    let of_postgres = postgres
        .probe()
        .await
        .texts("select table_name || '.' || column_name from information_schema.columns where table_name like 'ci_%'")
        .await;
    let of_sqlite = sqlite
        .probe()
        .await
        .texts(
            "select m.name || '.' || p.name from sqlite_master m join pragma_table_info(m.name) p
             where m.type = 'table' and m.name like 'ci_%'",
        )
        .await;
    let set = |columns: Vec<String>| columns.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(of_sqlite), set(of_postgres));
}

/// The specification's tables: column and whether it may be null.
const SPECIFIED: &[(&str, &[(&str, bool)])] = &[
    (
        "ci_runs",
        &[
            ("id", false),
            ("repo_owner", false),
            ("repo_name", false),
            ("ref", false),
            ("commit_sha", false),
            ("event_type", false),
            ("status", false),
            ("created_at", false),
            ("started_at", true),
            ("finished_at", true),
            ("error", true),
            ("out_dir", true),
            ("summary_json", true),
        ],
    ),
    (
        "ci_jobs",
        &[
            ("id", false),
            ("run_id", false),
            ("status", false),
            ("attempts", false),
            ("leased_until", true),
            ("last_error", true),
            ("created_at", false),
        ],
    ),
];

const SPECIFIED_INDEXES: &[&str] = &[
    "ci_runs_repo_created_at",
    "ci_runs_commit_sha",
    "ci_runs_status_created_at",
    "ci_jobs_status_created_at",
    "ci_jobs_leased_until",
];

async fn the_specified_columns_and_indexes_are_there(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    database.store().await;
    let mut probe = database.probe().await;
    let (columns, indexes) = match backend {
        Backend::Postgres => (
            "select table_name || '.' || column_name || ' ' || (is_nullable = 'YES') from information_schema.columns",
            "select indexname::text from pg_indexes",
        ),
        Backend::Sqlite => (
            "select m.name || '.' || p.name || ' ' || (case when p.\"notnull\" then 'false' else 'true' end)
             from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table'",
            "select name from sqlite_master where type = 'index'",
        ),
    };
    let (columns, indexes) = (probe.texts(columns).await, probe.texts(indexes).await);
    for (table, expected) in SPECIFIED {
        for (column, nullable) in *expected {
            let column = format!("{table}.{column} {nullable}");
            assert!(columns.contains(&column), "missing or of another nullability: {column}");
        }
    }
    for index in SPECIFIED_INDEXES {
        assert!(indexes.iter().any(|name| name == index), "{index} is missing");
    }
}

async fn a_dummy_run_and_job_can_be_written_with_the_specified_fields_alone(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    database.store().await;
    let mut probe = database.probe().await;
    let (run, job) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let inserted = probe
        .execute(&format!(
            "insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status)
             values ('{run}', 'octo', 'shop', 'main', 'abc', 'push', 'QUEUED')"
        ))
        .await;
    assert_eq!(inserted, 1);
    let now = if backend == Backend::Postgres { "now()" } else { "'2026-01-01T00:00:00+00:00'" };
    probe
        .execute(&format!(
            "insert into ci_jobs (id, run_id, status, max_attempts, run_after) values ('{job}', '{run}', 'READY', 3, {now})"
        ))
        .await;
    let found = "select count(*) from ci_runs r join ci_jobs j on j.run_id = r.id
                 where r.created_at is not null and j.attempts = 0 and j.created_at is not null";
    assert_eq!(probe.number(found).await, 1);
}

/// Undo 0009 and what came later.
async fn rewind_turns(probe: &mut Probe, backend: Backend) {
    if backend == Backend::Postgres {
        probe.execute("drop trigger ci_jobs_of_before on ci_jobs").await;
        probe.execute("drop function ci_jobs_of_before").await;
    }
    if backend == Backend::Postgres {
        probe.execute("drop trigger ci_privacy_of_facts on ci_privacy").await;
        probe.execute("drop function ci_privacy_of_facts").await;
    } else {
        probe.execute("drop trigger ci_privacy_of_facts").await;
    }
    for sql in [
        "alter table ci_attempts drop column base_error",
        "drop table ci_fact_looks",
        "drop table ci_fact_events",
        "drop table ci_fact_places",
        "drop table ci_facts",
        "drop table ci_outbox",
        "drop index ci_deliveries_repo",
        "drop table ci_deletions",
        "drop table ci_repo_names",
        "drop index ci_repos_renamed",
        "drop index ci_repos_gone",
        "drop index ci_repos_repo_id",
        "alter table ci_repos drop column gone_at",
        "alter table ci_repos drop column named_at",
        "alter table ci_repos drop column repo_id",
        "drop table ci_turns",
        "drop index ci_jobs_turn",
        "drop index ci_jobs_aside",
        "drop index ci_attempts_leased_at",
        "alter table ci_jobs drop column class",
        "alter table ci_jobs drop column turn",
        "alter table ci_jobs drop column renewed_at",
        "alter table ci_attempts drop column asked",
        "delete from _sqlx_migrations where version > 8",
    ] {
        probe.execute(sql).await;
    }
}

/// Undo 0007 and what came later.
async fn rewind(probe: &mut Probe, backend: Backend) {
    rewind_turns(probe, backend).await;
    if backend == Backend::Postgres {
        probe.execute("drop trigger ci_run_refs_of_before on ci_run_refs").await;
        probe.execute("drop function ci_run_refs_of_before").await;
    }
    let triggers: &[&str] = match backend {
        Backend::Sqlite => &["ci_runs_made", "ci_runs_gone", "ci_runs_settled", "ci_runs_moved"],
        Backend::Postgres => &["ci_runs_made on ci_runs", "ci_runs_gone on ci_runs", "ci_runs_changed on ci_runs"],
    };
    for trigger in triggers {
        probe.execute(&format!("drop trigger {trigger}")).await;
    }
    if backend == Backend::Postgres {
        probe.execute("drop function ci_runs_counted").await;
    }
    for sql in [
        "drop table ci_counts",
        "drop index ci_runs_event_feed",
        "drop index ci_run_refs_ref",
        "drop index ci_run_refs_branch",
        "drop index ci_run_refs_pull",
        "alter table ci_run_refs drop column repo_key",
        "alter table ci_repos drop column default_branch",
        "drop table ci_branches",
        "drop table ci_pulls",
        "drop table ci_deployments",
        "delete from _sqlx_migrations where version > 6",
    ] {
        probe.execute(sql).await;
    }
}

/// A database as 0004 left it: repository, minute, private, status.
const BEFORE_0005: &[(&str, u32, bool, &str)] = &[
    ("open", 1, false, "FAILED"),
    ("open", 2, false, "SUCCEEDED"),
    ("turned", 1, false, "SUCCEEDED"),
    ("turned", 2, true, "SUCCEEDED"),
    // Fetched with the token, and failed then.
    ("turned", 3, false, "FAILED"),
    ("again", 1, false, "SUCCEEDED"),
    ("again", 2, true, "SUCCEEDED"),
    ("again", 3, false, "SUCCEEDED"),
    ("unknown", 1, false, "FAILED"),
];

async fn what_strangers_saw_of_private_repositories_is_hidden_by_the_upgrade(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    database.store().await.close().await;
    let mut probe = database.probe().await;
    rewind(&mut probe, backend).await;
    for sql in [
        "drop index ci_runs_undecided",
        "alter table ci_runs drop column undecided",
        "drop table ci_privacy",
        "drop table ci_ended_sessions",
        "delete from _sqlx_migrations where version > 4",
    ] {
        probe.execute(sql).await;
    }
    for (n, (repo, minute, private, status)) in BEFORE_0005.iter().enumerate() {
        let (id, job) = if *status == "FAILED" { (n, "DEAD") } else { (n, "DONE") };
        let (id, at) = (format!("00000000-0000-0000-0000-{id:012}"), format!("2026-01-01T00:{minute:02}:00.000+00:00"));
        let columns =
            "id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at, finished_at, private";
        let values =
            format!("'{id}', 'Octo', '{repo}', 'main', '{n:040}', 'push', '{status}', '{at}', '{at}', {private}");
        probe.execute(&format!("insert into ci_runs ({columns}) values ({values})")).await;
        let columns = "id, run_id, status, max_attempts, run_after, finished_at";
        let values = format!("'{id}', '{id}', '{job}', 3, '{at}', '{at}'");
        probe.execute(&format!("insert into ci_jobs ({columns}) values ({values})")).await;
    }
    let store = database.store().await;
    let shown = store.runs(Reader::Stranger, &RunFilter::default(), 50).await.unwrap();
    let shown: Vec<_> = shown.iter().map(|run| (run.repo.name(), run.status.as_str())).collect();
    assert_eq!(shown, [("again", "SUCCEEDED"), ("open", "SUCCEEDED"), ("open", "FAILED")]);
    let known = "select repo_key || ' ' || cast(private as text) from ci_privacy order by 1";
    let words = if backend == Backend::Sqlite { ["0", "1"] } else { ["false", "true"] };
    assert_eq!(probe.texts(known).await, [format!("octo/again {}", words[0]), format!("octo/turned {}", words[1])]);
    assert_eq!(probe.texts("select repo_name from ci_runs where undecided").await, ["unknown"]);
    store.close().await;
}

/// An event that the version before knew: branch, pull request, commit, minute, base.
type Known = (&'static str, &'static str, Option<i64>, u32, u32, Option<&'static str>);

const BEFORE_0007: &[Known] = &[
    ("push", "main", None, 1, 1, None),
    ("push", "topic", None, 2, 2, Some("main")),
    ("push", "main", None, 3, 5, None),
    ("pull_request", "main", Some(7), 4, 6, Some("main")),
    ("push", "main", None, 5, 3, None),
];

async fn a_database_of_before_branches_were_rows_knows_where_they_stood(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    database.store().await.close().await;
    let mut probe = database.probe().await;
    rewind(&mut probe, backend).await;
    let at = |minute: &u32| format!("'2026-01-01T00:{minute:02}:00.000+00:00'");
    // The last look was after minute 3.
    let looked = at(&4);
    let repo = format!(
        "insert into ci_repos (key, owner, name, reconcile_after, reconciled_at) values ('octo/shop', 'Octo', 'Shop', {looked}, {looked})"
    );
    probe.execute(&repo).await;
    for (n, (event, branch, pull, commit, minute, base)) in BEFORE_0007.iter().enumerate() {
        let (id, at) = (format!("00000000-0000-0000-0000-{n:012}"), at(minute));
        let base = base.map_or("null".into(), |base| format!("'{base}'"));
        let pull = pull.map_or("null".into(), |pull| pull.to_string());
        for sql in [
            format!("insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at, finished_at, pr_number, base_ref)
                 values ('{id}', 'Octo', 'Shop', '{branch}', '{commit:040}', '{event}', 'SUCCEEDED', {at}, {at}, {pull}, {base})"),
            format!("insert into ci_jobs (id, run_id, status, max_attempts, run_after, finished_at) values ('{id}', '{id}', 'DONE', 3, {at}, {at})"),
            format!("insert into ci_run_refs (run_id, event_type, ref, pr_number, received_at) values ('{id}', '{event}', '{branch}', {pull}, {at})"),
        ] {
            probe.execute(&sql).await;
        }
    }
    for (branch, commit, skipped) in [("main", 9, false), ("topic", 8, true), ("old", 7, false)] {
        let head = format!(
            "insert into ci_heads (repo_key, branch, commit_sha, skipped) values ('octo/shop', '{branch}', '{commit:040}', {skipped})"
        );
        probe.execute(&head).await;
    }
    let store = database.store().await;
    let branches = "select branch || ' ' || ltrim(head_sha, '0') || ' ' || coalesce(ltrim(skipped_sha, '0'), '-')
                    from ci_branches order by 1";
    assert_eq!(probe.texts(branches).await, ["main 3 -", "old 7 -", "topic 8 8"], "what was last is where they stand");
    let pulls = "select number || ' ' || ltrim(head_sha, '0') || ' ' || state || ' ' || base_ref from ci_pulls";
    assert_eq!(probe.texts(pulls).await, ["7 4 open main"]);
    assert_eq!(store.default_branch("octo", "shop").await.unwrap().as_deref(), Some("main"));
    let of = async |events| {
        let (owner, repo) = (Some("octo".into()), Some("shop".into()));
        let filter = RunFilter { owner, repo, events, ..RunFilter::default() };
        let runs = store.runs(Reader::Trusted, &filter, 50).await.unwrap();
        let commits: Vec<_> =
            runs.iter().map(|run| run.commit_sha.as_str().trim_start_matches('0').to_owned()).collect();
        (commits, store.standing(Reader::Trusted, &filter).await.unwrap())
    };
    assert_eq!(of(Events::Any).await.0, ["4", "3", "5", "2", "1"], "every run is where it was");
    let repos = store.repos(Reader::Stranger).await.unwrap();
    assert_eq!(repos.iter().map(|repo| (repo.runs, repo.succeeded, repo.failed)).collect::<Vec<_>>(), [(5, 5, 0)]);
    assert_eq!(of(Events::OfPull(7)).await.0, ["4"]);
    let (main, standing) = of(Events::Of("main".into())).await;
    assert_eq!(main, ["3", "5", "1"]);
    assert!(standing.dossier.is_some_and(|run| run.commit_sha.as_str().ends_with('3')));
    store.close().await;
}

/// Branch, commit, whether it is due, of what waits.
const BEFORE_0009: &[(&str, &str, u32, bool)] = &[
    ("busy", "main", 1, true),
    ("busy", "main", 2, true),
    ("busy", "topic", 3, true),
    ("quiet", "main", 4, true),
    ("busy", "later", 5, false),
];

async fn what_waits_has_its_turn_after_the_upgrade(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    database.store().await.close().await;
    let mut probe = database.probe().await;
    rewind_turns(&mut probe, backend).await;
    for (n, (repo, branch, commit, is_due)) in BEFORE_0009.iter().enumerate() {
        let (id, key) = (format!("00000000-0000-0000-0000-{n:012}"), format!("octo/{repo}"));
        let at = format!("'2026-01-01T00:00:{n:02}.000+00:00'");
        let due = if *is_due { at.clone() } else { "'2100-01-01T00:00:00.000+00:00'".to_owned() };
        for sql in [
            format!("insert into ci_repos (key, owner, name, reconcile_after) values ('{key}', 'Octo', '{repo}', {at}) on conflict (key) do nothing"),
            format!("insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at)
                 values ('{id}', 'Octo', '{repo}', '{branch}', '{commit}', 'push', 'QUEUED', {at})"),
            format!("insert into ci_jobs (id, run_id, status, max_attempts, run_after, created_at) values ('{id}', '{id}', 'READY', 3, {due}, {at})"),
            format!("insert into ci_branches (repo_key, branch, head_sha, seen_at) values ('{key}', '{branch}', '{commit}', {at})
                 on conflict (repo_key, branch) do update set head_sha = excluded.head_sha"),
        ] {
            probe.execute(&sql).await;
        }
    }
    let store = database.store().await;
    let places = "select r.commit_sha || ' ' || j.class || coalesce(' ' || j.turn, '') from ci_jobs j join ci_runs r on r.id = j.run_id order by r.commit_sha";
    assert_eq!(probe.texts(places).await, ["1 PAST 0", "2 HEAD 1", "3 HEAD 2", "4 HEAD 1", "5 HEAD"]);
    let turns = "select repo_key || ' ' || turn from ci_turns order by 1";
    assert_eq!(probe.texts(turns).await, ["octo/busy 2", "octo/quiet 1"]);
    store.close().await;
}

/// With two versions on one database, the older one goes on as it did.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_the_version_before_goes_on_beside_this_one() {
    let Some(database) = TestDatabase::new(Backend::Postgres).await else { return };
    let store = database.store().await;
    let mut probe = database.probe().await;
    let id = "00000000-0000-0000-0000-000000000001";
    for sql in [
        "insert into ci_repos (key, owner, name, reconcile_after) values ('octo/shop', 'Octo', 'Shop', now() + interval '1 hour') on conflict (key) do nothing".to_owned(),
        format!("insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at, private, undecided, reconciled)
             values ('{id}', 'Octo', 'Shop', 'main', '{:040}', 'push', 'QUEUED', now(), false, false, false)", 1),
        format!("insert into ci_jobs (id, run_id, status, max_attempts, run_after, created_at) values ('{id}', '{id}', 'READY', 3, now(), now())"),
        format!("insert into ci_run_refs (run_id, event_type, ref, pr_number, base_sha, delivery_id, received_at)
             select '{id}', 'push', 'main', null, null, 'd1', now()
             where not exists (select 1 from ci_run_refs where run_id = '{id}' and event_type = 'push' and ref = 'main')"),
        format!("insert into ci_heads (repo_key, branch, commit_sha, skipped) values ('octo/shop', 'main', '{:040}', false)
             on conflict (repo_key, branch) do update set commit_sha = excluded.commit_sha", 1),
    ] {
        assert_eq!(probe.execute(&sql).await, 1, "{sql}");
    }
    let (owner, repo, events) = (Some("octo".into()), Some("shop".into()), Events::Of("main".into()));
    let filter = RunFilter { owner, repo, events, ..RunFilter::default() };
    assert_eq!(store.runs(Reader::Trusted, &filter, 50).await.unwrap().len(), 1, "its push is one of the branch");
    let due = "select count(*) from ci_repos where reconcile_after <= now()";
    assert_eq!(probe.number(due).await, 1, "it moved no row: the forge is asked");
    let lease = async || match store.lease_next("new", Duration::from_secs(60)).await.unwrap() {
        Leasing::Leased(lease) => Some(lease.run.id.to_string()),
        Leasing::Idle | Leasing::BackingOff { .. } => None,
    };
    assert_eq!(lease().await.as_deref(), Some(id), "what it makes is leased");
    // Its own attempt fails.
    let failed = "update ci_jobs set status = 'READY', finished_at = null, run_after = now() + interval '10 seconds',
         leased_until = null, leased_by = null, phase = null, last_error = 'it failed' where status = 'LEASED'";
    assert_eq!(probe.execute(failed).await, 1);
    probe.execute("update ci_runs set status = 'QUEUED'").await;
    assert_eq!(lease().await, None, "it waits for its time");
    probe.time_passes().await;
    assert_eq!(lease().await.as_deref(), Some(id));
    store.close().await;
}

on_both_databases! {
    what_waits_has_its_turn_after_the_upgrade,
    a_database_of_before_branches_were_rows_knows_where_they_stood,
    what_strangers_saw_of_private_repositories_is_hidden_by_the_upgrade,
    the_specified_columns_and_indexes_are_there,
    a_dummy_run_and_job_can_be_written_with_the_specified_fields_alone,
}
