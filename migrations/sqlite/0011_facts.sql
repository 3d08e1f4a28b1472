-- Whose facts can be asked for: one row for the default branch of a repository (pull 0) and for each open pull request.
-- Whoever changes the facts of a place takes its row first.
create table ci_fact_places (
    repo_key   text not null,
    pull       bigint not null,
    -- The run whose facts these are. Null while rows are left of what stands here no more.
    run_id     text,
    commit_sha text,
    branch     text,
    -- Whether its dossier could be read, and who made it. Null where no rule of ours did.
    analyzer   text,
    -- What that analyzer read and what it did not, as JSON.
    coverage   text,
    -- When its run ended.
    as_of      text,
    -- Where the history of its facts begins.
    since_sha  text,
    since_at   text,
    primary key (repo_key, pull)
);

-- The facts of each place, each with its first evidence.
create table ci_facts (
    repo_key text not null,
    pull     bigint not null,
    kind     text not null,
    key      text not null,
    fact_id  text not null,
    status   text not null,
    attrs    text not null,
    -- What of it is a change of the software when it changes. Null for what is none of its facts.
    details  text,
    path     text not null,
    line     bigint not null,
    end_line bigint not null,
    sha256   text not null,
    -- Of all columns above.
    digest   text not null,
    primary key (repo_key, pull, kind, key, fact_id)
) without rowid;
create index ci_facts_key on ci_facts (kind, key, repo_key, fact_id) where pull = 0;

-- What changed in the facts of default branches, by the run whose facts came to stand there.
create table ci_fact_events (
    repo_key     text not null,
    kind         text not null,
    key          text not null,
    change       text not null check (change in ('added', 'removed', 'changed')),
    run_id       text not null,
    commit_sha   text not null,
    at           text not null,
    private      boolean not null,
    -- Whether another version of the analyzer, or other rules, made the facts of before.
    by_rules     boolean not null,
    attrs_before text,
    attrs_after  text
);
create index ci_fact_events_key on ci_fact_events (repo_key, kind, key, at desc, run_id desc);

-- A repository that is private, or was, keeps what it did before to itself.
create trigger ci_privacy_of_facts after update of private on ci_privacy when old.private <> new.private begin
    update ci_fact_events set private = true where repo_key = new.repo_key and not private;
end;

-- Repositories whose places may want other facts than they have. marks says whether one was added since it was read.
create table ci_fact_looks (
    repo_key text primary key not null,
    marks    bigint not null,
    asked_at text not null
);
create index ci_fact_looks_asked_at on ci_fact_looks (asked_at, repo_key);
-- What is there already is read by and by.
insert into ci_fact_looks (repo_key, marks, asked_at)
    select distinct owner || '/' || name, 1, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') from ci_counts where runs > 0;
