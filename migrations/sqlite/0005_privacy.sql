-- Whether a repository is private, as far as is known. Whoever decides about who may see its runs takes this row first.
create table ci_privacy (
    repo_key text primary key not null,
    private  boolean not null
);

-- A run that is hidden (private) until its fetch has shown whether strangers can read its repository.
alter table ci_runs add column undecided boolean not null default false;
create index ci_runs_undecided on ci_runs (lower(repo_owner), lower(repo_name)) where undecided;

-- A repository is private unless a run that anyone could fetch is newer than its last private one.
insert into ci_privacy (repo_key, private)
    select lower(repo_owner) || '/' || lower(repo_name),
           max(case when private then created_at end)
               > coalesce(max(case when not private and status = 'SUCCEEDED' then created_at end), '')
    from ci_runs group by 1 having max(case when private then 1 else 0 end) = 1;

-- What is older than a private run is hidden with it, and all of what is private now.
update ci_runs set private = true
    from (select lower(repo_owner) as owner, lower(repo_name) as name, max(created_at) as last
          from ci_runs where private group by 1, 2) p
    where not private and p.owner = lower(repo_owner) and p.name = lower(repo_name) and created_at <= p.last;
update ci_runs set private = true
    where not private and lower(repo_owner) || '/' || lower(repo_name) in
        (select repo_key from ci_privacy where private);

-- Where no fetch ever showed that anyone can read the repository, nobody knows.
update ci_runs set private = true, undecided = true
    where not private and lower(repo_owner) || '/' || lower(repo_name) not in
        (select lower(repo_owner) || '/' || lower(repo_name) from ci_runs where status = 'SUCCEEDED' and not private);
