//! No question reads more than a bounded part of one index: the plans of its statement, among thousands of runs.

use std::collections::BTreeMap;

use ci_feed::model::{EventType, Reader, Retention, RunStatus};
use ci_feed::store::{Events, FactFilter, FactPlace, KeyMatch, RunFilter};

use crate::support::database::{Backend, TestDatabase, on_both_databases};

const RUNS: u32 = 20_000;

/// Runs of twenty repositories, ten branches each; one in a hundred is a pull request's, one in fifty FAILED.
async fn fill(database: &TestDatabase, backend: Backend) {
    let mut probe = database.probe().await;
    let (series, id, time) = match backend {
        Backend::Sqlite => (
            format!("with recursive n(i) as (select 1 union all select i + 1 from n where i < {RUNS})"),
            "printf('00000000-0000-0000-0000-%012x', i)",
            "strftime('%Y-%m-%dT%H:%M:%f+00:00', 1767225600 + i, 'unixepoch')",
        ),
        Backend::Postgres => (
            format!("with n(i) as (select generate_series(1, {RUNS}))"),
            "('00000000-0000-0000-0000-' || lpad(to_hex(i), 12, '0'))::uuid",
            "to_timestamp(1767225600 + i)",
        ),
    };
    let event = "case when i % 100 = 0 then 'pull_request' else 'push' end";
    let pull = "case when i % 100 = 0 then i / 1000 end";
    let (run_status, job_status) =
        ("case when i % 50 = 0 then 'FAILED' else 'SUCCEEDED' end", "case when i % 50 = 0 then 'DEAD' else 'DONE' end");
    for sql in [
        format!("{series} insert into ci_runs (id, repo_owner, repo_name, ref, commit_sha, event_type, status, created_at, finished_at, pr_number)
             select {id}, 'octo', 'shop' || (i % 20), 'branch-' || (i % 200 / 20), substr('0123456789abcdef', i % 16 + 1, 1) || i, {event}, {run_status}, {time}, {time}, {pull} from n where true"),
        format!("{series} insert into ci_jobs (id, run_id, status, attempts, max_attempts, lease_epoch, run_after, created_at, finished_at)
             select {id}, {id}, {job_status}, 1, 3, 1, {time}, {time}, {time} from n where true"),
        format!("{series} insert into ci_run_refs (run_id, repo_key, event_type, ref, pr_number, received_at)
             select {id}, 'octo/shop' || (i % 20), {event}, 'branch-' || (i % 200 / 20), {pull}, {time} from n where true"),
    ] {
        probe.execute(&sql).await;
    }
    if backend == Backend::Postgres {
        probe.execute("analyze").await;
    }
}

async fn each_question_is_answered_by_its_index(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    let store = database.store().await;
    fill(&database, backend).await;
    let all = RunFilter::default;
    let of_repo = || RunFilter { owner: Some("Octo".into()), repo: Some("Shop1".into()), ..all() };
    let branch = || Events::Of("branch-1".into());
    let cases = [
        (all(), "ci_runs_feed"),
        (RunFilter { owner: Some("octo".into()), ..all() }, "ci_runs_feed"),
        (RunFilter { events: Events::OfBranches, ..all() }, "ci_runs_feed"),
        (of_repo(), "ci_runs_repo_feed"),
        (RunFilter { events: Events::OfBranches, ..of_repo() }, "ci_runs_repo_feed"),
        (RunFilter { status: Some(RunStatus::Failed), ..of_repo() }, "ci_runs_repo_feed"),
        (RunFilter { events: branch(), ..all() }, "ci_run_refs_ref"),
        (RunFilter { events: branch(), ..of_repo() }, "ci_run_refs_branch"),
        (RunFilter { events: branch(), status: Some(RunStatus::Succeeded), ..of_repo() }, "ci_run_refs_branch"),
        (RunFilter { events: Events::OfPull(7), ..of_repo() }, "ci_run_refs_pull"),
        (RunFilter { commit: Some("a12".into()), ..all() }, "ci_runs_commit_sha"),
        (RunFilter { commit: Some("a12".into()), ..of_repo() }, "ci_runs_commit_sha"),
        (RunFilter { status: Some(RunStatus::Failed), ..all() }, "ci_runs_status_created_at"),
        (RunFilter { status: Some(RunStatus::Succeeded), ..all() }, "ci_runs_status_created_at"),
        (
            RunFilter { status: Some(RunStatus::Queued), event_type: Some(EventType::Push), ..all() },
            "ci_runs_status_created_at",
        ),
        (RunFilter { event_type: Some(EventType::PullRequest), ..all() }, "ci_runs_event_feed"),
        (RunFilter { event_type: Some(EventType::Manual), ..all() }, "ci_runs_event_feed"),
    ];
    for (filter, index) in cases {
        for reader in [Reader::Stranger, Reader::Trusted] {
            let plan = store.plan(reader, &filter).await.unwrap();
            reads_no_table(&plan, &format!("{filter:?}"));
            if backend == Backend::Sqlite {
                let each = ["(id=?)", "(run_id=?)", "AUTOMATIC"].map(|words| plan.contains(words));
                assert_eq!(each, [true, true, false], "{filter:?} should fetch each run by its id:\n{plan}");
            }
            // Postgres may know of one that is as good.
            let is_named = plan.contains(index) || (backend == Backend::Postgres && plan.contains("_feed"));
            assert!(is_named, "{filter:?} should use {index}:\n{plan}");
        }
    }
    for reader in [Reader::Stranger, Reader::Trusted] {
        for plan in store.plans_of_search(reader).await.unwrap() {
            reads_no_table(&plan, "a word");
        }
        let [repos, events] = store.plans_of_feed(reader).await.unwrap();
        reads_no_table(&repos, "repositories");
        assert!(repos.contains("ci_runs_repo_feed"), "{repos}");
        let [newest, points] = store.plans_of_trends(reader).await.unwrap();
        for (plan, what) in [(&newest, "short trends"), (&points, "points")] {
            reads_no_table(plan, what);
        }
        let each = ["ci_runs_repo_feed", "ci_run_refs_branch"].map(|index| newest.contains(index));
        assert!(each == [true, true] || backend == Backend::Postgres, "{newest}");
        reads_no_table(&events, "events");
        assert!(events.contains("ci_run_refs_run_id"), "{events}");
    }
    let retention = Retention { runs_per_ref: Some(200), ..Retention::default() };
    let [past, of_commit, with_run] = store.plans_of_runs("octo/shop1", &retention).await.unwrap();
    for (plan, uses) in [
        (
            past.as_str(),
            ["SEARCH r USING INDEX sqlite_autoindex_ci_runs_1 (id=?)", "ci_runs_commit_sha (commit_sha=?)"],
        ),
        (&of_commit, ["SEARCH ci_runs USING INDEX ci_runs_commit_sha (commit_sha=?)", ""]),
        (&with_run, ["SEARCH ci_runs USING INDEX ci_runs_commit_sha (commit_sha=?)", ""]),
    ] {
        reads_no_table(plan, "runs of a repository or a commit");
        assert!(backend == Backend::Postgres || uses.iter().all(|index| plan.contains(index)), "{uses:?}: {plan}");
    }
    store.close().await;
}

async fn facts_are_found_by_their_index(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    let store = database.store().await;
    fill(&database, backend).await;
    let mut probe = database.probe().await;
    for sql in [
        "insert into ci_repos (key, owner, name, reconcile_after) select distinct repo_key, 'octo', substr(repo_key, 6), received_at from ci_run_refs where true on conflict do nothing",
        "insert into ci_fact_places (repo_key, pull, run_id, commit_sha, analyzer, coverage)
             select 'octo/' || r.repo_name, 0, r.id, r.commit_sha, 'test', '{}' from ci_runs r where true
             on conflict (repo_key, pull) do update set run_id = excluded.run_id",
        "insert into ci_facts (repo_key, pull, kind, key, fact_id, status, attrs, path, line, end_line, sha256, digest)
             select 'octo/' || repo_name, 0, 'env_var', 'NAME_' || commit_sha, commit_sha, 'EVIDENCED', '{}', 'a.js', 1, 1, '', '' from ci_runs",
    ] {
        // Postgres fills each row of a place once.
        let sql = if sql.contains("ci_fact_places") && backend == Backend::Postgres {
            "insert into ci_fact_places (repo_key, pull, run_id, commit_sha, analyzer, coverage)
                 select distinct on (r.repo_name) 'octo/' || r.repo_name, 0, r.id, r.commit_sha, 'test', '{}' from ci_runs r"
        } else {
            sql
        };
        probe.execute(sql).await;
    }
    if backend == Backend::Postgres {
        probe.execute("analyze").await;
    }
    let all = |key: KeyMatch| FactFilter {
        kind: Some("env_var".into()),
        key,
        owner: None,
        repo: None,
        pull: None,
        attrs: BTreeMap::new(),
        after: None,
    };
    let after =
        FactPlace { repo_key: "octo/shop1".into(), kind: "env_var".into(), key: "N".into(), fact_id: "1".into() };
    for key in [
        KeyMatch::Any,
        KeyMatch::Exact("NAME_a10".into()),
        KeyMatch::Prefix("NAME_a1".into()),
        KeyMatch::Contains("_A10".into()),
    ] {
        let of_all = FactFilter { after: Some(after.clone()), ..all(key.clone()) };
        let of_repo = FactFilter { owner: Some("octo".into()), repo: Some("shop1".into()), ..all(key.clone()) };
        let whole = FactFilter { kind: None, ..of_repo.clone() };
        for (filter, index) in [(of_all, "ci_facts_key"), (of_repo, "ci_facts_"), (whole, "ci_facts_")] {
            for reader in [Reader::Stranger, Reader::Trusted] {
                let plans = store.plans_of_facts(reader, &filter).await.unwrap();
                for plan in &plans {
                    let what = format!("{filter:?}");
                    reads_no_table(plan, &what);
                    assert!(
                        !plan.contains("Seq Scan on ci_facts") && !plan.contains("SCAN ci_facts"),
                        "{what}:\n{plan}"
                    );
                }
                let is_named = plans[..2].iter().all(|plan| plan.contains(index) || plan.contains("USING PRIMARY KEY"));
                assert!(is_named, "{filter:?} should use {index}: {plans:?}");
            }
        }
    }
    let shop1 = FactFilter { owner: Some("octo".into()), repo: Some("shop1".into()), ..all(KeyMatch::Any) };
    assert_eq!(store.facts(Reader::Stranger, &shop1, 5).await.unwrap().facts.len(), 5);
    store.close().await;
}

/// A fifth of the runs waits, of three classes, some without a place; the others were leased once.
async fn what_a_tick_and_a_webhook_ask_of_the_queue_is_answered_by_its_index(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    let store = database.store().await;
    fill(&database, backend).await;
    let mut probe = database.probe().await;
    let number = match backend {
        Backend::Sqlite => "cast(substr(commit_sha, 2) as integer)",
        Backend::Postgres => "cast(substr(commit_sha, 2) as bigint)",
    };
    let class = format!(
        "(select case {number} % 3 when 0 then 'ASKED' when 1 then 'HEAD' else 'PAST' end from ci_runs r where r.id = run_id)"
    );
    for sql in [
        "insert into ci_repos (key, owner, name, reconcile_after) select distinct repo_key, 'octo', substr(repo_key, 6), received_at from ci_run_refs where true on conflict do nothing".to_owned(),
        "insert into ci_branches (repo_key, branch, head_sha, seen_at) select repo_key, cast(run_id as text), cast(run_id as text), received_at from ci_run_refs".to_owned(),
        "insert into ci_pulls (repo_key, number, head_sha, state, seen_at) select repo_key, row_number() over (), cast(run_id as text), 'open', received_at from ci_run_refs".to_owned(),
        "insert into ci_dedupe (key, run_id, created_at) select lower(repo_owner) || '/' || repo_name || '@' || commit_sha, id, created_at from ci_runs".to_owned(),
        "insert into ci_outbox (kind, repo_key, target, caused_at, run_after, done_at, error) select 'status', repo_key, cast(run_id as text), received_at, received_at, case when pr_number is null then received_at end, case when pr_number = 3 then 'no' end from ci_run_refs".to_owned(),
        "insert into ci_turns (repo_key, turn) select 'octo/' || commit_sha, 7 from ci_runs".to_owned(),
        "insert into ci_attempts (job_id, lease_epoch, attempt, leased_by, leased_at) select id, 1, 1, 'a worker', created_at from ci_jobs".to_owned(),
        format!("update ci_jobs set status = 'READY', finished_at = null, class = {class}, turn = attempts where run_id in (select id from ci_runs where {number} % 5 = 0)"),
        "update ci_jobs set turn = null where status = 'READY' and run_id in (select id from ci_runs where commit_sha like '%00')".to_owned(),
    ] {
        probe.execute(&sql).await;
    }
    if backend == Backend::Postgres {
        probe.execute("analyze").await;
    }
    let plans = [
        store.plans_of_turns().await.unwrap(),
        store.plans_of_lease().await.unwrap(),
        vec![store.plan_of_to_do().await.unwrap()],
        store.plans_of_messages().await.unwrap(),
    ];
    let plans = plans.concat();
    for plan in plans {
        reads_no_table(&plan, "the queue");
        let reads = [
            "Seq Scan on ci_outbox",
            "SCAN ci_branches",
            "Seq Scan on ci_branches",
            "SCAN ci_pulls",
            "Seq Scan on ci_pulls",
        ];
        assert!(!reads.iter().any(|read| plan.contains(read)), "the queue reads a table:\n{plan}");
        let sorts = ["TEMP B-TREE", "Sort"].iter().any(|word| plan.contains(word));
        // The twenty that one lease brings back, and what is leased now.
        let is_bounded = plan.contains("ci_jobs_aside") || plan.contains("LEASED");
        assert!(!sorts || is_bounded, "the queue sorts:\n{plan}");
    }
    store.close().await;
}

/// Thousands of repositories had another name once, one is being deleted; every run was delivered once. The names are read
/// whole: they are one row for each rename.
async fn what_a_name_leads_to_and_what_a_deletion_removes_is_found_by_an_index(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    let store = database.store().await;
    fill(&database, backend).await;
    let mut probe = database.probe().await;
    for sql in [
        "insert into ci_repos (key, owner, name, reconcile_after) select distinct repo_key, 'octo', substr(repo_key, 6), min(received_at) from ci_run_refs group by repo_key",
        "insert into ci_repos (key, owner, name, repo_id, reconcile_after) select repo_key || '-' || min(number), 'octo', min(number), min(number), min(received_at)
             from (select repo_key, received_at, run_id, row_number() over () as number from ci_run_refs) r group by repo_key, run_id",
        "insert into ci_repo_names (name, repo_key, since) select name, key, reconcile_after from ci_repos where true on conflict do nothing",
        "insert into ci_privacy (repo_key, private) select key, false from ci_repos where true on conflict do nothing",
        "insert into ci_branches (repo_key, branch, head_sha, seen_at) select repo_key, cast(run_id as text), cast(run_id as text), received_at from ci_run_refs",
        "insert into ci_pulls (repo_key, number, head_sha, state, seen_at) select repo_key, row_number() over (), cast(run_id as text), 'open', received_at from ci_run_refs",
        "insert into ci_dedupe (key, run_id, created_at) select lower(repo_owner) || '/' || repo_name || '@' || commit_sha, id, created_at from ci_runs",
        "insert into ci_turns (repo_key, turn) select key, 7 from ci_repos",
        "insert into ci_deletions (repo_key, owner, name, suffix, asked_at) select key, owner, name, '~1', reconcile_after from ci_repos where repo_id = 7",
        "insert into ci_deliveries (delivery_id, body_sha256, event, repo, outcome, received_at) select cast(run_id as text), '', event_type, repo_key, 'accepted', received_at from ci_run_refs",
    ] {
        probe.execute(sql).await;
    }
    if backend == Backend::Postgres {
        probe.execute("analyze").await;
    }
    let plans = [store.plans_of_names().await.unwrap(), store.plans_of_deletion().await.unwrap()].concat();
    for plan in plans {
        for table in [
            "ci_runs",
            "ci_jobs",
            "ci_repos",
            "ci_privacy",
            "ci_branches",
            "ci_pulls",
            "ci_deliveries",
            "ci_turns",
            "ci_dedupe",
        ] {
            let scans = plan.lines().any(|step| {
                let step = step.trim().trim_start_matches("->").trim();
                let rest = step.strip_prefix("SCAN ").or_else(|| step.strip_prefix("Seq Scan on "));
                rest.is_some_and(|rest| rest.split(' ').next() == Some(table))
            });
            assert!(!scans, "{table} is read whole:\n{plan}");
        }
    }
    store.close().await;
}

/// Whole tables are read of what is small: the window, what one lease brings back, one row for each repository, and branches,
/// pull requests and deployments, of which most tests here have none.
fn reads_no_table(plan: &str, what: &str) {
    for step in plan.lines() {
        let step = step.trim().trim_start_matches("->").trim();
        let table = step.strip_prefix("SCAN ").or_else(|| step.strip_prefix("Seq Scan on "));
        let is_small = |table: &str| {
            [
                "w",
                "c",
                "j",
                "o",
                "p",
                "CONSTANT",
                "ci_branches",
                "ci_pulls",
                "ci_deployments",
                "ci_counts",
                "ci_repos",
                "ci_repo_names",
                "ci_fact_places",
                "ci_fact_looks",
                "clock",
                "json_each",
            ]
            .iter()
            .any(|small| table.split(' ').next() == Some(small))
        };
        let reads_in_order = step.contains("USING INDEX") || step.contains("USING COVERING INDEX");
        assert!(table.is_none_or(|table| is_small(table) || reads_in_order), "{what} reads a table:\n{plan}");
    }
}

async fn where_few_fit_a_question_ends_and_says_where_to_go_on(backend: Backend) {
    let Some(database) = TestDatabase::new(backend).await else { return };
    let store = database.store().await;
    fill(&database, backend).await;
    // For strangers one run is left, the oldest.
    database.probe().await.execute("update ci_runs set private = true where commit_sha <> '11'").await;
    let mut filter = RunFilter { status: Some(RunStatus::Succeeded), ..RunFilter::default() };
    let (mut found, mut questions) = (Vec::new(), 0);
    loop {
        let listed = store.list(Reader::Stranger, &filter, 50).await.unwrap();
        questions += 1;
        found.extend(listed.runs.into_iter().map(|run| run.commit_sha.to_string()));
        filter.before = listed.next;
        if filter.before.is_none() {
            break;
        }
    }
    assert_eq!(found, ["11"]);
    assert!((8..12).contains(&questions), "each looks at some 2,000 rows: {questions}");
    let repos = store.repos(Reader::Stranger).await.unwrap();
    assert_eq!(repos.iter().map(|repo| repo.runs).collect::<Vec<_>>(), [1]);
    store.close().await;
}

on_both_databases! {
    what_a_name_leads_to_and_what_a_deletion_removes_is_found_by_an_index,
    facts_are_found_by_their_index,
    what_a_tick_and_a_webhook_ask_of_the_queue_is_answered_by_its_index,
    each_question_is_answered_by_its_index,
    where_few_fit_a_question_ends_and_says_where_to_go_on,
}
