-- Runs (what the feed shows) and jobs (the queue), with everything that fences and explains them.
-- The comments that hold for both databases are here; the SQLite file has the same tables and columns.

create table ci_runs (
    id               uuid primary key,
    repo_owner       text not null,
    repo_name        text not null,
    ref              text not null,
    commit_sha       text not null,
    event_type       text not null check (event_type in ('push', 'pull_request', 'manual')),
    status           text not null check (status in ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED')),
    created_at       timestamptz not null default now(),
    started_at       timestamptz,
    finished_at      timestamptz,
    error            text,
    error_code       text,
    out_dir          text,
    summary_json     jsonb,
    pr_number        bigint,
    title            text,
    author           text,
    private          boolean not null default false,
    base_sha         text,
    analyzer_version text,
    check ((status in ('SUCCEEDED', 'FAILED')) = (finished_at is not null))
);
create index ci_runs_repo_created_at on ci_runs (repo_owner, repo_name, created_at desc);
create index ci_runs_commit_sha on ci_runs (commit_sha);
create index ci_runs_status_created_at on ci_runs (status, created_at);
-- The feed pages by (created_at, id), over everything or one repository in any case.
create index ci_runs_feed on ci_runs (created_at desc, id desc);
create index ci_runs_repo_feed on ci_runs (lower(repo_owner), lower(repo_name), created_at desc, id desc);

-- Every event that led to a run: a deduplicated push or pull request is attached here.
create table ci_run_refs (
    run_id      uuid not null references ci_runs (id) on delete cascade,
    event_type  text not null check (event_type in ('push', 'pull_request', 'manual')),
    ref         text not null,
    pr_number   bigint,
    base_sha    text,
    delivery_id text,
    received_at timestamptz not null
);
create index ci_run_refs_run_id on ci_run_refs (run_id, received_at);

create table ci_jobs (
    id           uuid primary key,
    run_id       uuid not null unique references ci_runs (id) on delete cascade,
    status       text not null check (status in ('READY', 'LEASED', 'DONE', 'DEAD')),
    attempts     bigint not null default 0,
    max_attempts bigint not null,
    -- The fencing token: raised at each lease, never lowered. attempts may fall when a job is given back.
    lease_epoch  bigint not null default 0,
    leased_by    text,
    leased_until timestamptz,
    run_after    timestamptz not null,
    phase        text,
    last_error   text,
    created_at   timestamptz not null default now(),
    finished_at  timestamptz,
    check ((status = 'LEASED') = (leased_until is not null)),
    check ((status in ('DONE', 'DEAD')) = (finished_at is not null)),
    check (lease_epoch >= attempts)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
create index ci_jobs_status_created_at on ci_jobs (status, created_at);
create index ci_jobs_leased_until on ci_jobs (leased_until);
-- The hot path: what is due, and what has expired, however many DONE rows lie beside them.
create index ci_jobs_ready on ci_jobs (run_after, id) where status = 'READY';
create index ci_jobs_leased on ci_jobs (leased_until) where status = 'LEASED';

-- One row a lease: the timeline that the dossier viewer shows.
create table ci_attempts (
    job_id      uuid not null references ci_jobs (id) on delete cascade,
    lease_epoch bigint not null,
    attempt     bigint not null,
    leased_by   text not null,
    leased_at   timestamptz not null,
    fetch_ms    bigint,
    analyze_ms  bigint,
    finished_at timestamptz,
    outcome     text check (outcome in ('succeeded', 'failed', 'lease_expired', 'given_back')),
    error_code  text,
    error       text,
    primary key (job_id, lease_epoch)
);

-- One row a commit: which run a second event of it is answered with.
create table ci_dedupe (
    key        text primary key,
    run_id     uuid not null,
    created_at timestamptz not null
);

create table ci_deliveries (
    delivery_id text primary key,
    body_sha256 text not null,
    event       text not null,
    action      text,
    repo        text,
    outcome     text not null check (outcome in ('accepted', 'deduplicated', 'ignored')),
    reason      text,
    run_id      uuid,
    received_at timestamptz not null
);
create index ci_deliveries_received_at on ci_deliveries (received_at desc);

-- body is null where the bytes lie on disk.
create table ci_artifacts (
    run_id     uuid not null references ci_runs (id) on delete cascade,
    name       text not null,
    media_type text not null,
    sha256     text not null,
    bytes      bigint not null,
    body       bytea,
    primary key (run_id, name)
);

-- A bounded memory of when things last happened, so that a process that has just started can explain the past.
create table ci_signals (
    name    text primary key,
    count   bigint not null,
    last_at timestamptz not null,
    detail  text
);
