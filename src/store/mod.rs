//! Where runs, jobs and what explains them live. The rest of the program sees only [`Store`].
//!
//! Every write is one transaction, short, and never held while git or an analyzer runs. Leases are judged by the
//! database's clock (see `docs/architecture.md`), so no method takes the time as an argument.

mod base;
mod branches;
mod columns;
mod commit;
mod condition;
mod copy;
mod db;
mod deletion;
mod deliveries;
mod deployments;
mod enqueue;
mod fact_events;
mod fact_find;
mod fact_looks;
mod fact_places;
mod fact_rows;
mod feed;
mod health;
mod held;
mod housekeeping;
mod identity;
mod lease;
mod list;
mod open;
mod outbox;
mod privacy;
mod refs;
mod repos;
mod run;
mod search;
mod sessions;
mod settle;
mod to_do;
mod trends;
mod turn;
mod types;
mod version;

use std::io;
use std::path::PathBuf;

use uuid::Uuid;

use crate::model::Fault;

pub use condition::Refusal;
pub use copy::{CopyError, Copying};
pub use deletion::{Deletion, DeletionStep};
pub use deployments::Deployment;
pub use fact_events::FactEvent;
pub use fact_find::{FactFilter, FactHead, FactPlace, FoundFact, FoundFacts, KeyMatch};
pub use fact_looks::{FactLook, FactsSet, PlaceNow};
pub use fact_rows::FactChanges;
pub(crate) use feed::{MAX_LISTED_SUMMARY_BYTES, MAX_REPOS};
pub use open::Store;
pub use outbox::{Message, Messages, Note, RefusedMessage, Waiting};
pub use repos::{GoneRepo, RenamedRepo, Repositories};
pub use run::{Attempt, Job, Lease, Run, RunDetail, RunRef};
pub use to_do::ToDo;
pub use trends::{ShortPoint, ShortTrend};
pub use types::{
    Artifact, BaseQuery, BaseRun, Branch, Dedupe, Delivery, DeliveryRecord, Enqueued, Events, Failure, Head, KnownRepo,
    Lane, Leasing, Listed, MissedHead, Publish, QueueHealth, RecentRun, RepoOverview, RunFilter, Signal, Standing,
    Success, Timings,
};
pub use version::Version;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another worker holds the job, or it is settled: whatever this worker has must be dropped.
    #[error("the lease of job {job_id} was lost to another worker")]
    LeaseLost {
        /// The job.
        job_id: Uuid,
    },
    /// The result's files could not be put in place; nothing was settled.
    #[error("the result could not be stored")]
    Publish(#[source] io::Error),
    /// The object store did not do what it was asked.
    #[error("{}", .0.message)]
    Objects(Fault),
    /// The database takes nothing.
    #[error(transparent)]
    Refused(Refusal),
    /// There is no such SQLite file, and nobody asked for one.
    #[error("the file {0:?} does not exist; add ?mode=rwc to the address to create it")]
    NoFile(PathBuf),
    /// Names and texts would be refused, or stored as something else.
    #[error(
        "the database's encoding is {0}, not UTF8; create it with `create database ... encoding 'UTF8' template template0`"
    )]
    Encoding(String),
    /// The database refused or could not be reached.
    #[error("the database is unavailable")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}
