-- Repositories that a webhook told of: whose branches are looked at for pushes that no webhook told of.
create table ci_repos (
    key             text primary key not null,
    owner           text not null,
    name            text not null,
    reconcile_after timestamptz not null,
    -- Null until the first look.
    reconciled_at   timestamptz
);
create index ci_repos_reconcile_after on ci_repos (reconcile_after);
insert into ci_repos (key, owner, name, reconcile_after)
    select lower(repo_owner) || '/' || lower(repo_name), max(repo_owner), max(repo_name),
           now()
    from ci_runs where event_type <> 'manual' group by 1;

-- Where each branch stood at the last look.
create table ci_heads (
    repo_key   text not null references ci_repos (key) on delete cascade,
    branch     text not null,
    commit_sha text not null,
    -- Whether the author of that commit asked for no run.
    skipped    boolean not null default false,
    primary key (repo_key, branch)
);

-- Whether the run was found by looking at the branches.
alter table ci_runs add column reconciled boolean not null default false;
