//! Facts for the index: read from a dossier when its run is settled, and after ticks from stored ones where something moved
//! or the index is younger than they are. A bounded time for each round; the next one goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use ci_feed_dossier::drift;
use ci_feed_dossier::v1::{Analyzer, Coverage, Fact, SCHEMA, kind_name};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::Worker;
use super::output::Product;
use crate::model::{
    FactRow, FactSet, Fault, FaultCode, JsonView, Reader, kept_attrs, kept_details, kept_key, without_nul,
};
use crate::store::{FactLook, FactsSet, PlaceNow, StoreError};

const DOSSIER: &str = "dossier.json";
/// Time that one round takes at most.
const ROUND_TIME: Duration = Duration::from_secs(5);

impl Worker {
    /// The facts of a result of the built-in analyzer.
    pub(super) async fn facts_of(&self, product: &Product) -> Result<Option<FactSet>, Fault> {
        let dossier = product.files.iter().find(|file| file.name == DOSSIER);
        let Some(dossier) = dossier.filter(|_| self.config.analyzer.is_none()) else { return Ok(None) };
        let bytes = dossier.bytes.clone();
        let read = tokio::task::spawn_blocking(move || read(&bytes));
        read.await.map_err(|panic| Fault::new(FaultCode::Panic, panic.to_string()))
    }

    /// One round of looks: at the repository of what was just settled, then at those of which something moved. Failing costs
    /// this round only.
    pub(super) async fn keep_facts(&self, settled: Option<FactLook>) {
        let _alone = match &settled {
            Some(_) => self.looking_at_facts.lock().await,
            None => match self.looking_at_facts.try_lock() {
                Ok(alone) => alone,
                Err(_) => return,
            },
        };
        if let Err(error) = self.look_at_facts(settled).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "the index of facts was not brought up to date");
        }
    }

    async fn look_at_facts(&self, settled: Option<FactLook>) -> Result<(), StoreError> {
        let until = Instant::now() + ROUND_TIME;
        let mut next = settled;
        while !self.is_stopping() && Instant::now() < until {
            let noted = if next.is_none() { self.store.next_fact_look().await? } else { next.take() };
            let Some(look) = noted else { break };
            if !self.look_at(&look, until).await? {
                break;
            }
            self.store.end_fact_look(&look).await?;
        }
        Ok(())
    }

    /// Bring the places of one repository up to date; answers whether all are.
    async fn look_at(&self, look: &FactLook, until: Instant) -> Result<bool, StoreError> {
        let mut last: Option<PlaceNow> = None;
        while let Some(place) = self.store.fact_place(look, last.as_ref()).await? {
            if !place.is_right {
                let facts = match place.wants {
                    Some(run_id) => self.stored_facts(run_id).await?,
                    None => None,
                };
                loop {
                    match self.store.set_facts(&place, facts.as_ref()).await? {
                        FactsSet::Done => break,
                        FactsSet::More if Instant::now() < until => {}
                        FactsSet::More | FactsSet::Busy => return Ok(false),
                    }
                }
            }
            if Instant::now() > until || self.is_stopping() {
                return Ok(false);
            }
            last = Some(place);
        }
        Ok(true)
    }

    /// The facts of a stored dossier; `None` where it is of another analyzer, or cannot be read.
    async fn stored_facts(&self, run_id: Uuid) -> Result<Option<FactSet>, StoreError> {
        let Some(detail) = self.store.run(Reader::Trusted, run_id).await? else { return Ok(None) };
        if !detail.run.analyzer_version.is_some_and(|version| version.starts_with("ci-feed ")) {
            return Ok(None);
        }
        let artifacts = self.store.artifacts(Reader::Trusted, run_id).await?;
        let Some(artifact) = artifacts.into_iter().find(|artifact| artifact.name == DOSSIER) else { return Ok(None) };
        let stored = match self.artifacts.read(&self.store, run_id, &artifact).await {
            // It stays so: the looks at others must not wait for it.
            Err(StoreError::Objects(fault)) if fault.code == FaultCode::ObjectsDamaged => None,
            stored => stored?,
        };
        let Some(bytes) = stored else { return Ok(None) };
        Ok(tokio::task::spawn_blocking(move || read(&bytes)).await.unwrap_or_default())
    }
}

/// The facts of a dossier, one after the other: no value is made of the rest of it.
fn read(dossier: &[u8]) -> Option<FactSet> {
    let dossier = JsonView::parse(dossier)?;
    if dossier.at("schema").plain::<String>()? != SCHEMA {
        return None;
    }
    let analyzer: Analyzer = dossier.at("analyzer").plain()?;
    let coverage: Coverage = dossier.at("coverage").plain()?;
    let mut unresolved = 0_u64;
    dossier.at("unresolved").items(|_| unresolved += 1);
    let coverage = json!({
        "files_seen": coverage.files_seen,
        "analyzed": coverage.analyzed,
        "unread": coverage.unread.len(),
        "unread_complete": coverage.unread_complete,
        "unresolved": unresolved,
        "partial": coverage.partial,
    });
    let (mut rows, mut names) = (Vec::new(), BTreeSet::new());
    dossier.at("facts").items(|fact| {
        let row = fact.plain::<Fact>().as_ref().map(row);
        rows.extend(row.filter(|row| names.insert((row.kind.clone(), row.key.clone(), row.id.clone()))));
    });
    let analyzer = format!("{} {} {}", analyzer.name, analyzer.version, analyzer.rules_digest);
    Some(FactSet { analyzer: without_nul(&analyzer), coverage: coverage.to_string(), rows })
}

fn row(fact: &Fact) -> FactRow {
    let anchor = fact.evidence.first();
    let line = |pick: fn(&ci_feed_dossier::evidence::Anchor) -> u32| anchor.map_or(0, |anchor| i64::from(pick(anchor)));
    let status = serde_json::to_value(fact.status).ok();
    FactRow {
        kind: kind_name(fact.kind),
        key: kept_key(&fact.key),
        id: kept_key(&fact.id),
        status: status.as_ref().and_then(|status| status.as_str()).unwrap_or_default().to_owned(),
        attrs: kept_attrs(&fact.attrs),
        details: drift::details(fact).as_ref().map(kept_details),
        path: anchor.map(|anchor| without_nul(&anchor.path)).unwrap_or_default(),
        line: line(|anchor| anchor.start_line),
        end_line: line(|anchor| anchor.end_line),
        sha256: anchor.map(|anchor| anchor.sha256.clone()).unwrap_or_default(),
    }
}
