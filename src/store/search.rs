//! What a word may mean: repositories by a part of their name, and runs by a part of their title among the newest.

use super::db::params;
use super::fact_find::REPOS_LOOKED_AT;
use super::run::{RUN_COLUMNS, of};
use super::{Run, Store, StoreError};
use crate::model::{Reader, RepoName};

/// Rows that one question looks at.
const LOOKED_AT: i64 = 2_000;

/// Names now, or where no webhook named a repository that of its key.
const REPOS: &str = "coalesce(k.owner, c.owner) as repo_owner,
         coalesce(k.name, {substr(c.name, 1, coalesce(nullif(instr(c.name, '~'), 0) - 1, 200))|split_part(c.name, '~', 1)}) as repo_name
     from (select owner, name, sum(runs) as runs, max(latest_at) as latest_at
         from (select owner, name, runs, latest_at from COUNTS where status = 'ALL' order by owner, name limit $3) w
         group by owner, name) c
     left join ci_repos k on k.key = c.owner || '/' || c.name
     where c.runs > 0 and {instr|strpos}(lower(coalesce(k.owner, c.owner) || '/' || coalesce(k.name, c.name)), lower($1)) > 0
     order by c.latest_at desc, c.owner, c.name limit $2";
const TITLES: &str = "from (select id, created_at from ci_runs_of_all {indexed by ci_runs_feed|}
         order by created_at desc, id desc limit $3) w
     {cross join RUNS r on r.id = w.id|join lateral (select * from RUNS n where n.id = w.id offset 0) r on true}
     {cross|} join ci_jobs j on j.run_id = r.id
     where {instr|strpos}(lower(r.title), lower($1)) > 0 order by w.created_at desc, w.id desc limit $2";

impl Store {
    /// Repositories whose name now holds this, the one with the newest run first.
    pub async fn repos_named(&self, reader: Reader, part: &str, limit: i64) -> Result<Vec<RepoName>, StoreError> {
        self.read.rows(of(reader, REPOS), params![part, limit, REPOS_LOOKED_AT]).await
    }

    /// Of the newest runs those whose title holds this.
    pub async fn runs_titled(&self, reader: Reader, part: &str, limit: i64) -> Result<Vec<Run>, StoreError> {
        let titles = TITLES.replace("ci_runs_of_all", super::privacy::EVERY_RUN);
        let runs =
            self.read.rows(of(reader, &format!("{RUN_COLUMNS} {titles}")), params![part, limit, LOOKED_AT]).await?;
        self.complete(reader, runs).await
    }

    /// How the database finds what a word may mean, in its own words.
    #[cfg(feature = "failpoints")]
    pub async fn plans_of_search(&self, reader: Reader) -> Result<[String; 2], StoreError> {
        let titles = TITLES.replace("ci_runs_of_all", super::privacy::EVERY_RUN);
        let of_word = || params!["shop", 20, LOOKED_AT];
        Ok([
            self.explain(of(reader, REPOS), of_word()).await?,
            self.explain(of(reader, &format!("{RUN_COLUMNS} {titles}")), of_word()).await?,
        ])
    }
}
