//! Results in a bucket. Each attempt writes under a key of its own, which nobody reads before the settle's COMMIT puts it into
//! `ci_runs.out_dir`: that is the publishing, so no request is made within a transaction, and an attempt that comes late has
//! written where nobody looks. One request a file: none is larger than a part of several would be.

mod fault;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode, RetryConfig};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use super::{DATABASE, Listing, OUT, OutputFile, Stored};
use crate::config::{ConfigError, ObjectsPlace, Provider};
use crate::failpoint::Steps;
use crate::model::{self, Fault, FaultCode};
use crate::store::Artifact;
use fault::{ObjectFault, Request};

/// Requests of one result that are under way at once.
const AT_ONCE: usize = 4;
/// What a check writes and removes.
const CHECK: &str = ".check";
/// How often a request is repeated within its time.
const RETRIES: usize = 10;
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long a store that was away is asked whether it is back.
const PROBE_TIME: Duration = Duration::from_secs(3);

#[derive(Clone)]
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    provider: Provider,
    prefix: Path,
    /// Time that a result, or whatever else, may take.
    limit: Duration,
    /// What the last request of a kind came to, where it was nothing: who may read may not be able to write.
    trouble: Arc<Mutex<BTreeMap<Request, Fault>>>,
    /// Held by whoever looks whether that is over.
    probing: Arc<tokio::sync::Mutex<()>>,
}

impl fmt::Debug for Objects {
    /// Without the client, which holds what opens the bucket.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Objects")
            .field("provider", &self.provider)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// Where bytes go that are read.
pub(super) enum Sink {
    Memory(Vec<u8>),
    File(File),
}

impl Sink {
    async fn push(&mut self, part: &[u8]) -> Result<(), ObjectFault> {
        match self {
            Self::Memory(bytes) => bytes.extend_from_slice(part),
            Self::File(file) => file.write_all(part).await?,
        }
        Ok(())
    }
}

impl Objects {
    /// A bucket that every result is in within `limit`, or not at all.
    pub(super) fn new(place: &ObjectsPlace, limit: Duration) -> Result<Self, ConfigError> {
        let refused = |error: object_store::Error| {
            let secrets = place.settings.values().map(|secret| secret.expose());
            let problem = secrets
                .filter(|secret| secret.len() > 4)
                .fold(error.to_string(), |text, secret| text.replace(secret, "[secret]"));
            ConfigError { name: "CI_ARTIFACTS_URL", problem: format!("this bucket cannot be opened: {problem}") }
        };
        let store = open(place, limit).map_err(refused)?;
        let prefix = Path::from(place.prefix.as_str());
        Ok(Self { store, provider: place.provider, prefix, limit, trouble: Arc::default(), probing: Arc::default() })
    }

    /// Where an attempt writes.
    pub(super) fn new_place(run_id: Uuid, epoch: i64) -> String {
        // A number of a lease can come twice, from a database that was put back.
        format!("{OUT}/{run_id}/{epoch}-{}", Uuid::new_v4().simple())
    }

    fn key(&self, out_dir: &str) -> Path {
        let place = out_dir.strip_prefix(OUT).unwrap_or(out_dir).split('/').filter(|part| !part.is_empty());
        place.fold(self.prefix.clone(), Path::join)
    }

    pub(super) async fn put(&self, out_dir: &str, files: Vec<OutputFile>) -> Result<(), Fault> {
        let folder = self.key(out_dir);
        let puts = files.into_iter().map(|file| {
            let key = folder.clone().join(file.name);
            async move { self.store.put(&key, file.bytes.into()).await }
        });
        self.within(Request::Write, self.limit, async {
            let (mut puts, mut steps) = (stream::iter(puts).buffer_unordered(AT_ONCE), Steps::of("objects"));
            while let Some(put) = puts.next().await {
                put?;
                steps.next().await?;
            }
            Ok(())
        })
        .await
    }

    /// All of a file, which is what was stored. `None` where there is none.
    pub(super) async fn get(&self, out_dir: &str, file: &Artifact, mut sink: Sink) -> Result<Option<Sink>, Fault> {
        let key = self.key(out_dir).join(file.name.as_str());
        self.within(Request::Read, self.limit, async {
            let answer = match self.store.get(&key).await.map_err(ObjectFault::from) {
                Ok(answer) => answer,
                Err(trouble) if trouble.is_missing() => return Ok(None),
                Err(trouble) => return Err(trouble),
            };
            let size = u64::try_from(file.bytes).unwrap_or_default();
            let (mut parts, mut digest, mut read) = (answer.into_stream(), Sha256::new(), 0);
            while let Some(part) = parts.try_next().await? {
                read += part.len() as u64;
                if read > size {
                    break;
                }
                digest.update(&part);
                sink.push(&part).await?;
            }
            if read != size || hex::encode(digest.finalize()) != file.sha256 {
                return Err(ObjectFault::Damaged(file.name.clone()));
            }
            if let Sink::File(file) = &mut sink {
                file.flush().await?;
            }
            Ok(Some(sink))
        })
        .await
    }

    /// See [`super::Artifacts::stored`].
    pub(super) async fn stored(&self, after: Option<&str>, age: Duration, limit: usize) -> Result<Listing, Fault> {
        let listed = match after {
            Some(after) => self.store.list_with_offset(Some(&self.prefix), &Path::from(after)),
            None => self.store.list(Some(&self.prefix)),
        };
        let listed = listed.take(limit).map_err(ObjectFault::from).try_collect();
        let listed: Vec<ObjectMeta> = self.within(Request::List, self.limit, listed).await?;
        let next = listed.last().filter(|_| listed.len() == limit).map(|last| last.location.to_string());
        let oldest = TimeDelta::from_std(age).map_or(DateTime::UNIX_EPOCH, |age| model::now() - age);
        let old = listed.into_iter().filter(|object| object.last_modified < oldest);
        let mut results: Vec<Stored> = Vec::new();
        for (run_id, out_dir, key) in old.filter_map(|object| self.place_of(object.location)) {
            match results.last_mut() {
                Some(last) if last.out_dir.as_deref() == Some(&out_dir) => last.keys.push(key),
                _ => results.push(Stored { run_id, out_dir: Some(out_dir), keys: vec![key] }),
            }
        }
        Ok(Listing { results, next })
    }

    /// The run that an object belongs to, and its place. Only names that we give: a bucket may be shared.
    fn place_of(&self, key: Path) -> Option<(Uuid, String, Path)> {
        let parts: Vec<_> = key.prefix_match(&self.prefix)?.map(|part| part.as_ref().to_owned()).collect();
        let run_id = Uuid::parse_str(parts.first()?).ok()?;
        let (_, place) = parts.split_last()?;
        Some((run_id, format!("{OUT}/{}", place.join("/")), key))
    }

    pub(super) async fn remove(&self, keys: Vec<Path>) -> Result<(), Fault> {
        let keys = stream::iter(keys.into_iter().map(Ok)).boxed();
        let mut removed = self.store.delete_stream(keys);
        self.within(Request::Remove, self.limit, async {
            while let Some(removed) = removed.next().await {
                match removed.map_err(ObjectFault::from) {
                    // Somebody else was first.
                    Err(trouble) if trouble.is_missing() => {}
                    removed => drop(removed?),
                }
            }
            Ok(())
        })
        .await
    }

    /// All that is there of some runs; what an away store keeps is an orphan of a later round.
    pub(super) async fn remove_runs(&self, runs: &[Uuid]) -> Result<(), Fault> {
        let folders: Vec<Path> = runs.iter().map(|run| self.prefix.clone().join(run.to_string())).collect();
        let store = Arc::clone(&self.store);
        let listed = stream::iter(folders).flat_map_unordered(AT_ONCE, move |folder| store.list(Some(&folder))).boxed();
        let listed = listed.map_ok(|object| object.location).map_err(ObjectFault::from).try_collect();
        let keys: Vec<Path> = self.within(Request::List, self.limit, listed).await?;
        if keys.is_empty() { Ok(()) } else { self.remove(keys).await }
    }

    /// See [`super::Artifacts::are_of`].
    pub(super) async fn is_of(&self, database: &str) -> Result<bool, Fault> {
        if let Some(mark) = self.mark(self.limit).await? {
            return Ok(mark == database.as_bytes());
        }
        let (key, mark) = (self.prefix.clone().join(DATABASE), database.to_owned().into_bytes());
        self.within(Request::Write, self.limit, async {
            match self.store.put_opts(&key, mark.into(), PutMode::Create.into()).await.map_err(ObjectFault::from) {
                Err(trouble) if !trouble.is_taken() => Err(trouble),
                _ => Ok(()),
            }
        })
        .await?;
        // Whoever was first.
        Ok(self.mark(self.limit).await?.as_deref() == Some(database.as_bytes()))
    }

    async fn mark(&self, time: Duration) -> Result<Option<Vec<u8>>, Fault> {
        let key = self.prefix.clone().join(DATABASE);
        self.within(Request::Read, time, async {
            match self.store.get(&key).await.map_err(ObjectFault::from) {
                Ok(mark) => Ok(Some(mark.bytes().await?.to_vec())),
                Err(trouble) if trouble.is_missing() => Ok(None),
                Err(trouble) => Err(trouble),
            }
        })
        .await
    }

    /// See [`super::Artifacts::leave`].
    pub(super) async fn leave(&self) -> Result<(), Fault> {
        self.remove(vec![self.prefix.clone().join(DATABASE)]).await
    }

    /// See [`super::Artifacts::trouble`].
    pub(super) async fn trouble(&self) -> Option<Fault> {
        self.known_trouble()?;
        self.probe(PROBE_TIME.min(self.limit)).await.err()
    }

    /// See [`super::Artifacts::known_trouble`].
    pub(super) fn look_again(&self) -> Option<Fault> {
        let known = self.known_trouble()?;
        let again = self.clone();
        tokio::spawn(async move {
            if let Ok(_alone) = again.probing.try_lock() {
                // What comes of it is noted.
                let _ = again.probe(PROBE_TIME.min(again.limit)).await;
            }
        });
        Some(known)
    }

    fn known_trouble(&self) -> Option<Fault> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).values().next().cloned()
    }

    /// Write and read.
    async fn probe(&self, time: Duration) -> Result<(), Fault> {
        let key = self.prefix.clone().join(CHECK);
        let put = async { Ok(self.store.put(&key, "ci-feed".into()).await?) };
        self.within(Request::Write, time, put).await?;
        let get = async { Ok(self.store.get(&key).await?.bytes().await?) };
        self.within(Request::Read, time, get).await?;
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// See [`super::Artifacts::check`].
    pub(super) async fn check(&self) -> Vec<Fault> {
        let probed = self.probe(self.limit).await;
        let listed = self.stored(None, Duration::ZERO, 1).await.map(drop);
        let removed = self.remove(vec![self.prefix.clone().join(CHECK)]).await;
        let mut faults: Vec<Fault> = [probed, listed, removed].into_iter().filter_map(Result::err).collect();
        // A store that is away is so for everything; which rights are missing differs.
        faults.dedup_by(|one, other| one.code == other.code && one.code != FaultCode::ObjectsDenied);
        faults
    }

    /// A request and its repetitions, within a time.
    async fn within<T>(
        &self,
        request: Request,
        time: Duration,
        work: impl Future<Output = Result<T, ObjectFault>>,
    ) -> Result<T, Fault> {
        let done = tokio::time::timeout(time, work).await.unwrap_or(Err(ObjectFault::Silent(time)));
        let done = done.map_err(|trouble| trouble.told(request, self.provider));
        if let Err(fault) = &done {
            tracing::warn!(error_code = fault.code.as_str(), "{}", fault.message);
        }
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match &done {
            // What is wrong with one file says nothing about the others.
            Err(fault) if matches!(fault.code, FaultCode::ObjectsDamaged | FaultCode::Disk) => {}
            Err(fault) => drop(trouble.insert(request, fault.clone())),
            Ok(_) => drop(trouble.remove(&request)),
        }
        drop(trouble);
        done
    }
}

fn open(place: &ObjectsPlace, limit: Duration) -> object_store::Result<Arc<dyn ObjectStore>> {
    let backoff = BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: CONNECT_TIME, base: 2.0 };
    // Whoever is silent is asked once more, and whoever refuses until half of the time is over: either then says how it was.
    let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: limit / 2 };
    let client = ClientOptions::new().with_timeout(limit / 3).with_connect_timeout(CONNECT_TIME.min(limit / 3));
    let set = || place.settings.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.expose()));
    Ok(match place.provider {
        Provider::S3 => {
            let mut bucket = AmazonS3Builder::new().with_client_options(client).with_retry(retry);
            for (name, value) in set() {
                bucket = bucket.with_config(name.parse()?, value);
            }
            Arc::new(bucket.with_bucket_name(&place.bucket).build()?)
        }
        Provider::Google => {
            let mut bucket = GoogleCloudStorageBuilder::new().with_client_options(client).with_retry(retry);
            for (name, value) in set() {
                bucket = bucket.with_config(name.parse()?, value);
            }
            Arc::new(bucket.with_bucket_name(&place.bucket).build()?)
        }
        Provider::Azure => {
            let mut container = MicrosoftAzureBuilder::new().with_client_options(client).with_retry(retry);
            for (name, value) in set() {
                container = container.with_config(name.parse()?, value);
            }
            Arc::new(container.with_container_name(&place.bucket).build()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use object_store::aws::AmazonS3ConfigKey;
    use object_store::azure::AzureConfigKey;
    use object_store::gcp::GoogleConfigKey;

    use crate::config::OBJECT_VARIABLES;

    #[test]
    fn every_variable_is_one_that_the_client_knows() {
        for variable in OBJECT_VARIABLES {
            let name = variable.name.to_ascii_lowercase();
            let known = match name.split_once('_').map_or("", |(provider, _)| provider) {
                "aws" => name.parse::<AmazonS3ConfigKey>().is_ok(),
                "google" => name.parse::<GoogleConfigKey>().is_ok(),
                _ => name.parse::<AzureConfigKey>().is_ok(),
            };
            assert!(known, "{name}");
        }
    }
}
