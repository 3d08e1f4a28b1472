-- Where each branch stands: moved by verified pushes and by looks; the row goes with the branch.
create table ci_branches (
    repo_key    text not null references ci_repos (key) on delete cascade,
    branch      text not null,
    head_sha    text not null,
    -- The last commit on it whose author asked for no run.
    skipped_sha text,
    -- When it was pushed there, as the push itself says. Null where a look found it there.
    said_at     text,
    seen_at     text not null,
    primary key (repo_key, branch)
);

create table ci_pulls (
    repo_key text not null references ci_repos (key) on delete cascade,
    number   bigint not null,
    head_sha text not null,
    base_ref text,
    state    text not null check (state in ('open', 'closed')),
    said_at  text,
    seen_at  text not null,
    primary key (repo_key, number)
);

-- Which commit runs where.
create table ci_deployments (
    repo_key    text not null references ci_repos (key) on delete cascade,
    environment text not null,
    commit_sha  text not null,
    said_at     text,
    seen_at     text not null,
    primary key (repo_key, environment)
);

alter table ci_repos add column default_branch text;

-- The events of a branch and those of a pull request are found by their repository. received_at is when the branch last
-- came to the commit.
alter table ci_run_refs add column repo_key text;
update ci_run_refs set repo_key =
    (select lower(r.repo_owner) || '/' || lower(r.repo_name) from ci_runs r where r.id = run_id);
create index ci_run_refs_branch on ci_run_refs (repo_key, ref, received_at desc, run_id desc)
    where event_type <> 'pull_request';
create index ci_run_refs_pull on ci_run_refs (repo_key, pr_number, received_at desc, run_id desc)
    where event_type = 'pull_request';

-- A push to another branch named the default branch as its base.
update ci_repos set default_branch =
    (select r.base_ref from ci_runs r
     where lower(r.repo_owner) = lower(owner) and lower(r.repo_name) = lower(name)
         and r.event_type = 'push' and r.base_ref is not null
     order by r.created_at desc, r.id desc limit 1);

insert into ci_branches (repo_key, branch, head_sha, seen_at)
    select repo_key, ref, commit_sha, received_at
    from (select f.repo_key, f.ref, r.commit_sha, f.received_at,
                 row_number() over (partition by f.repo_key, f.ref order by f.received_at desc, f.run_id desc) as place
          from ci_run_refs f join ci_runs r on r.id = f.run_id join ci_repos k on k.key = f.repo_key
          where f.event_type = 'push') newest
    where place = 1;
-- What a look found there is newer, or is not.
insert into ci_branches (repo_key, branch, head_sha, skipped_sha, seen_at)
    select h.repo_key, h.branch, h.commit_sha, case when h.skipped then h.commit_sha end,
           coalesce(k.reconciled_at, '1970-01-01T00:00:00+00:00')
    from ci_heads h join ci_repos k on k.key = h.repo_key where true
    on conflict (repo_key, branch) do update set
        head_sha = case when excluded.seen_at > ci_branches.seen_at then excluded.head_sha else ci_branches.head_sha end,
        skipped_sha = excluded.skipped_sha,
        seen_at = case when excluded.seen_at > ci_branches.seen_at then excluded.seen_at else ci_branches.seen_at end;

-- Nobody said of any that it is closed.
insert into ci_pulls (repo_key, number, head_sha, base_ref, state, seen_at)
    select repo_key, pr_number, commit_sha, base_ref, 'open', received_at
    from (select f.repo_key, f.pr_number, r.commit_sha, r.base_ref, f.received_at,
                 row_number() over (partition by f.repo_key, f.pr_number
                     order by f.received_at desc, f.run_id desc) as place
          from ci_run_refs f join ci_runs r on r.id = f.run_id join ci_repos k on k.key = f.repo_key
          where f.event_type = 'pull_request' and f.pr_number is not null) newest
    where place = 1;

-- ci_heads stays for processes of the version before, which may go on for a while beside this one.
