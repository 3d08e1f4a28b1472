//! `cargo bench --bench soak -- [kills|load|scale] [sqlite|postgres] [bucket] [--seconds n]`: what docs/reliability.md and docs/scale.md
//! say.
//!
//! `kills` (600 s): four processes on one database, one of them killed every 2 to 5 s, 50 deliveries a second of which 30 %
//! repeat an earlier one; then the queue is drained and every invariant held against what is left.
//! With `bucket` dossiers lie in an S3 bucket.
//! `load` (60 s): 20 deliveries a second to one process, beside 200 callers of tick and 200 readers of the feed.
//!
//! `scale` (120 s, Postgres only): 10 pushes a second to 1,000 repositories; four processes behind a transaction pooler, dossiers in a
//! bucket; then the queue is drained, and what a run takes in rows, bytes and requests is counted.
//!
//! Nothing leaves this machine: the git server is a folder, Postgres a throwaway cluster. Without arguments everything runs.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]
#![expect(clippy::unwrap_used, reason = "a run that cannot go on has no result")]

mod fleet;
mod kills;
mod load;
mod scale;
#[path = "../../tests/it/support/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the tests use the rest")]
mod support;
mod work;

use std::time::Duration;

use support::database::Backend;

const MODES: [&str; 3] = ["kills", "load", "scale"];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let asked = |word: &str, others: &[&str]| {
        words.iter().any(|given| given == word) || !words.iter().any(|given| others.contains(&given.as_str()))
    };
    let seconds = words.iter().skip_while(|word| *word != "--seconds").nth(1).map(|text| text.parse().unwrap());
    let lasts = |default| Duration::from_secs(seconds.unwrap_or(default));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (name, backend) in [("sqlite", Backend::Sqlite), ("postgres", Backend::Postgres)] {
        if !asked(name, &["sqlite", "postgres"]) {
            continue;
        }
        if asked("load", &MODES) {
            println!("\n{name}: load");
            runtime.block_on(load::run(backend, lasts(60)));
        }
        if asked("kills", &MODES) {
            println!("\n{name}: kills");
            let in_bucket = words.iter().any(|word| word == "bucket");
            runtime.block_on(kills::run(backend, in_bucket, lasts(600)));
        }
        if asked("scale", &MODES) && backend == Backend::Postgres {
            println!("\n{name}: scale");
            runtime.block_on(scale::run(lasts(120)));
        }
    }
}
