-- Which waiting run is next. Classes are served in the order of their names: what a person asked for (at most every second
-- lease), what something stands at, and what nothing stands at any more.
alter table ci_jobs add column class text not null default 'HEAD' check (class in ('ASKED', 'HEAD', 'PAST'));
-- Its place within the class: of a head the turn of its repository, of others 0, so that those come as they are due. Null
-- while it has none: after a failure, until it is due again. Processes of the version before give none either.
alter table ci_jobs add column turn bigint;
-- When its holder last set leased_until.
alter table ci_jobs add column renewed_at text;
-- Whether a person had asked for what was leased.
alter table ci_attempts add column asked boolean not null default false;

-- The last turn that was given to a run of the repository.
create table ci_turns (
    repo_key text primary key not null,
    turn     bigint not null
);

update ci_jobs set class = 'PAST' where status = 'READY' and run_id in (
    select r.id from ci_runs r where r.status = 'QUEUED'
        and (exists (select 1 from ci_branches b where b.branch = r.ref and r.event_type = 'push'
                 and b.repo_key = lower(r.repo_owner) || '/' || lower(r.repo_name))
             or exists (select 1 from ci_pulls p where p.number = r.pr_number and r.event_type = 'pull_request'
                 and p.repo_key = lower(r.repo_owner) || '/' || lower(r.repo_name)))
        and not exists (select 1 from ci_branches b where b.head_sha = r.commit_sha
            and b.repo_key = lower(r.repo_owner) || '/' || lower(r.repo_name))
        and not exists (select 1 from ci_pulls p where p.head_sha = r.commit_sha and p.state = 'open'
            and p.repo_key = lower(r.repo_owner) || '/' || lower(r.repo_name)));
update ci_jobs set turn = case class when 'PAST' then 0 else placed.turn end
    from (select j.id, row_number() over (partition by lower(r.repo_owner), lower(r.repo_name), j.class
                 order by j.run_after, j.id) as turn
          from ci_jobs j join ci_runs r on r.id = j.run_id
          where j.status = 'READY' and j.run_after <= strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')) placed
    where placed.id = ci_jobs.id;
insert into ci_turns (repo_key, turn)
    select lower(r.repo_owner) || '/' || lower(r.repo_name), max(j.turn)
    from ci_jobs j join ci_runs r on r.id = j.run_id where j.status = 'READY' and j.turn > 0 group by 1;

create index ci_jobs_turn on ci_jobs (class, turn, run_after, id) where status = 'READY' and turn is not null;
create index ci_jobs_aside on ci_jobs (run_after, id) where status = 'READY' and turn is null;
create index ci_turns_turn on ci_turns (turn);
create index ci_attempts_leased_at on ci_attempts (leased_at);
