//! A day of thirty repositories with one burst: every head is analyzed, no quiet repository waits for the burst, each is looked
//! at. `cargo bench --bench day` plays one of three hundred.

#[path = "../../benches/day/simulation.rs"]
mod simulation;

use simulation::{Day, Execute, play};

use crate::support::database::{Backend, Probe, TestDatabase, on_both_databases};
use crate::support::invariants;

const DAY: Day = Day {
    repositories: 30,
    pushes_each: 3,
    burst: 60,
    burst_at: 4_000,
    length: 9_000,
    lost: 10,
    topics: 3,
    job: 20,
    looks_a_second: 3,
    as_before: false,
};

impl Execute for Probe {
    async fn execute(&mut self, sql: String) {
        Probe::execute(self, &sql).await;
    }

    fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }
}

async fn no_quiet_repository_waits_for_a_burst_and_every_head_is_analyzed(backend: Backend) {
    let Some(database) = TestDatabase::in_memory(backend).await else { return };
    let (store, mut probe) = (database.store().await, database.probe().await);
    let figures = play(DAY, &store, &mut probe).await;
    invariants::check(&mut probe).await;
    assert_eq!(figures.pushes, 30 * 3 + 60);
    assert!(figures.lost > 5 && figures.found_after.len() > 2, "{figures:?}");
    assert_eq!(figures.heads_without, Vec::<String>::new(), "{figures:?}");
    // Some jobs of others, and a minute until a tick: the burst alone would take twenty minutes.
    assert!(figures.waits.last().is_some_and(|longest| *longest <= 300), "{figures:?}");
    assert!(figures.burst_wait <= 300, "{figures:?}");
    // An hour, and one until a tick has nothing else to do.
    assert!(figures.found_after.last().is_some_and(|longest| *longest <= 2 * 3_600), "{figures:?}");
    store.close().await;
}

on_both_databases! {
    no_quiet_repository_waits_for_a_burst_and_every_head_is_analyzed,
}
