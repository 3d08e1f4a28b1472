-- What a run's drift is measured against: the branch that its event names as base, and the run that was taken.
alter table ci_runs add column base_ref text;
alter table ci_runs add column base_run_id text;
