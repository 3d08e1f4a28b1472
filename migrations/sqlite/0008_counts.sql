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
    latest_at text,
    primary key (owner, name, private, status)
);
insert into ci_counts (owner, name, private, status, runs, latest_at)
    select lower(repo_owner), lower(repo_name), private, 'ALL', count(*), max(created_at) from ci_runs group by 1, 2, 3;
insert into ci_counts (owner, name, private, status, runs)
    select lower(repo_owner), lower(repo_name), private, status, count(*) from ci_runs
    where status in ('SUCCEEDED', 'FAILED') group by 1, 2, 3, 4;

create trigger ci_runs_made after insert on ci_runs begin
    insert into ci_counts (owner, name, private, status, runs, latest_at)
        select lower(new.repo_owner), lower(new.repo_name), new.private, s.status, 1,
               case s.status when 'ALL' then new.created_at end
        from (select 'ALL' as status union all select new.status as status) s where s.status in ('ALL', 'SUCCEEDED', 'FAILED')
        on conflict (owner, name, private, status) do update set runs = runs + 1,
            latest_at = max(coalesce(latest_at, excluded.latest_at), excluded.latest_at);
end;
create trigger ci_runs_gone after delete on ci_runs begin
    update ci_counts set runs = runs - 1
        where owner = lower(old.repo_owner) and name = lower(old.repo_name) and private = old.private
            and status in ('ALL', old.status);
end;
create trigger ci_runs_settled after update of status on ci_runs
    when old.status <> new.status and old.private = new.private
begin
    update ci_counts set runs = runs - 1
        where owner = lower(old.repo_owner) and name = lower(old.repo_name) and private = old.private
            and status in (old.status);
    insert into ci_counts (owner, name, private, status, runs, latest_at)
        select lower(new.repo_owner), lower(new.repo_name), new.private, s.status, 1,
               case s.status when 'ALL' then new.created_at end
        from (select new.status as status) s where s.status in ('ALL', 'SUCCEEDED', 'FAILED')
        on conflict (owner, name, private, status) do update set runs = runs + 1,
            latest_at = max(coalesce(latest_at, excluded.latest_at), excluded.latest_at);
end;
create trigger ci_runs_moved after update of repo_owner, repo_name, private on ci_runs
    when old.private <> new.private or old.repo_owner <> new.repo_owner or old.repo_name <> new.repo_name
begin
    update ci_counts set runs = runs - 1
        where owner = lower(old.repo_owner) and name = lower(old.repo_name) and private = old.private
            and status in ('ALL', old.status);
    insert into ci_counts (owner, name, private, status, runs, latest_at)
        select lower(new.repo_owner), lower(new.repo_name), new.private, s.status, 1,
               case s.status when 'ALL' then new.created_at end
        from (select 'ALL' as status union all select new.status as status) s where s.status in ('ALL', 'SUCCEEDED', 'FAILED')
        on conflict (owner, name, private, status) do update set runs = runs + 1,
            latest_at = max(coalesce(latest_at, excluded.latest_at), excluded.latest_at);
end;

-- Each question that may be asked without naming a repository.
create index ci_runs_event_feed on ci_runs (event_type, created_at desc, id desc);
create index ci_run_refs_ref on ci_run_refs (ref, received_at desc, run_id desc) where event_type <> 'pull_request';
-- Whether a commit is the head of something.
create index ci_branches_head on ci_branches (repo_key, head_sha);
create index ci_pulls_head on ci_pulls (repo_key, head_sha) where state = 'open';
