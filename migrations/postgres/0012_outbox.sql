-- What is to be said at the forge: a row for each commit that has a status and each pull request that may have a comment.
-- A row does not hold what to say. Whoever sends it looks at the runs as they are then, so that nothing old is said late.
create table ci_outbox (
    kind         text not null check (kind in ('status', 'comment')),
    repo_key     text not null,
    -- The commit of a status, the number of a comment's pull request.
    target       text not null,
    -- What was said last; null where nothing was.
    payload      jsonb,
    -- How often there was a reason to look: what was said for an earlier reason does not end the row.
    causes       bigint not null default 1,
    caused_at    timestamptz not null,
    run_after    timestamptz not null,
    -- Since the last reason.
    attempts     bigint not null default 0,
    -- The fencing token, as in ci_jobs.
    lease_epoch  bigint not null default 0,
    leased_until timestamptz,
    -- Whether something may have been said of which nothing is noted: then the forge is asked first.
    unclear      boolean not null default false,
    done_at      timestamptz,
    -- Why it ended without being said, or why it waits.
    error        text,
    primary key (repo_key, kind, target)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
create index ci_outbox_due on ci_outbox (kind, run_after) where done_at is null;
create index ci_outbox_done on ci_outbox (done_at) where done_at is not null;
create index ci_outbox_refused on ci_outbox (done_at) where done_at is not null and error is not null;
