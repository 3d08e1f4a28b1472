-- How many runs a repository has, for those who may see private ones and for the others. Names in lower case; status is ALL
-- or one that a run ends with. Rows of their own, so that who makes a run never waits for who settles one. Kept by the
-- database itself, whoever writes.
create table ci_counts (
    owner     text not null,
    name      text not null,
    private   boolean not null,
    status    text not null check (status in ('ALL', 'SUCCEEDED', 'FAILED')),
    runs      bigint not null,
    -- When the newest was made; of ALL only.
    latest_at timestamptz,
    primary key (owner, name, private, status)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
insert into ci_counts (owner, name, private, status, runs, latest_at)
    select lower(repo_owner), lower(repo_name), private, 'ALL', count(*), max(created_at) from ci_runs group by 1, 2, 3;
insert into ci_counts (owner, name, private, status, runs)
    select lower(repo_owner), lower(repo_name), private, status, count(*) from ci_runs
    where status in ('SUCCEEDED', 'FAILED') group by 1, 2, 3, 4;

-- By the statement: a repository that turns private changes all its runs at once. In one order, so that two statements
-- never wait for each other.
create function ci_runs_counted() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into ci_counts as c (owner, name, private, status, runs, latest_at)
            select lower(r.repo_owner), lower(r.repo_name), r.private, s.status, sum(r.n),
                   max(r.created_at) filter (where r.n = 1 and s.status = 'ALL')
            from (select m.*, 1 as n from made m) r,
                lateral (values ('ALL'), (r.status)) s (status)
            where s.status in ('ALL', 'SUCCEEDED', 'FAILED')
            group by 1, 2, 3, 4 having sum(r.n) <> 0 order by 1, 2, 3, 4
            on conflict (owner, name, private, status) do update set runs = c.runs + excluded.runs,
                latest_at = greatest(c.latest_at, excluded.latest_at);
    elsif tg_op = 'DELETE' then
        insert into ci_counts as c (owner, name, private, status, runs, latest_at)
            select lower(r.repo_owner), lower(r.repo_name), r.private, s.status, sum(r.n),
                   max(r.created_at) filter (where r.n = 1 and s.status = 'ALL')
            from (select g.*, -1 as n from gone g) r,
                lateral (values ('ALL'), (r.status)) s (status)
            where s.status in ('ALL', 'SUCCEEDED', 'FAILED')
            group by 1, 2, 3, 4 having sum(r.n) <> 0 order by 1, 2, 3, 4
            on conflict (owner, name, private, status) do update set runs = c.runs + excluded.runs,
                latest_at = greatest(c.latest_at, excluded.latest_at);
    else
        insert into ci_counts as c (owner, name, private, status, runs, latest_at)
            select lower(r.repo_owner), lower(r.repo_name), r.private, s.status, sum(r.n),
                   max(r.created_at) filter (where r.n = 1 and s.status = 'ALL')
            from (select m.*, 1 as n from made m
                  union all select g.*, -1 as n from gone g) r,
                lateral (values ('ALL'), (r.status)) s (status)
            where s.status in ('ALL', 'SUCCEEDED', 'FAILED')
            group by 1, 2, 3, 4 having sum(r.n) <> 0 order by 1, 2, 3, 4
            on conflict (owner, name, private, status) do update set runs = c.runs + excluded.runs,
                latest_at = greatest(c.latest_at, excluded.latest_at);
    end if;
    return null;
end $$;
create trigger ci_runs_made after insert on ci_runs referencing new table as made
    for each statement execute function ci_runs_counted();
create trigger ci_runs_gone after delete on ci_runs referencing old table as gone
    for each statement execute function ci_runs_counted();
create trigger ci_runs_changed after update on ci_runs referencing old table as gone new table as made
    for each statement execute function ci_runs_counted();

-- Each question that may be asked without naming a repository.
create index ci_runs_event_feed on ci_runs (event_type, created_at desc, id desc);
create index ci_run_refs_ref on ci_run_refs (ref, received_at desc, run_id desc) where event_type <> 'pull_request';
-- Whether a commit is the head of something.
create index ci_branches_head on ci_branches (repo_key, head_sha);
create index ci_pulls_head on ci_pulls (repo_key, head_sha) where state = 'open';
