//! Which runs a commit has.

/// The newest run of a commit.
pub(super) const RUN_OF: &str = "select id from ci_runs {indexed by ci_runs_commit_sha|}
     where commit_sha = $3 and lower(repo_owner) = $1 and lower(repo_name) = $2 order by created_at desc, id desc limit 1";
/// Those of the commits in a JSON list that have a run.
pub(super) const WITH_RUN: &str = "select distinct commit_sha from ci_runs {indexed by ci_runs_commit_sha|}
     where lower(repo_owner) = $1 and lower(repo_name) = $2
         and commit_sha in ({select value from json_each($3)|select jsonb_array_elements_text($3)})";
