-- A repository keeps the key under which it was first known here, whatever it is called later: what belongs to it is
-- found by that key, and names lead to it.
alter table ci_repos add column repo_id bigint;
-- When its name was said, by the payload's own time.
alter table ci_repos add column named_at text;
-- Since when the forge has it no more, or has another repository under its name.
alter table ci_repos add column gone_at text;
create unique index ci_repos_repo_id on ci_repos (repo_id) where repo_id is not null;
-- What health tells of repositories, however many there are.
create index ci_repos_gone on ci_repos (gone_at) where gone_at is not null;
create index ci_repos_renamed on ci_repos (key) where key <> lower(owner) || '/' || lower(name);

-- Names, in lower case, that lead to another key than the one that is spelled like them.
create table ci_repo_names (
    name     text primary key not null,
    repo_key text not null,
    since    text not null
);
create index ci_repo_names_repo_key on ci_repo_names (repo_key);

-- Repositories that somebody deleted here, until the last of their rows is gone.
create table ci_deletions (
    repo_key text primary key not null,
    owner    text not null,
    name     text not null,
    -- What the names that led to it lead to now: themselves with this behind them.
    suffix   text not null,
    asked_at text not null
);

-- The lines of the webhook log that name a repository.
create index ci_deliveries_repo on ci_deliveries (lower(repo));
