//! Where dossiers are kept: a folder, the database, or a bucket with the credentials that its provider's own programs read.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::secret::Secret;
use super::variables::{OBJECT_VARIABLES, Variable};
use super::{ConfigError, Lookup, bad};

const SETTING: &str = "CI_ARTIFACTS_URL";

/// Where dossiers are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArtifactsPlace {
    /// This folder, with one folder for each run.
    Disk(PathBuf),
    /// The database that holds the runs.
    Database,
    /// A bucket.
    Objects(ObjectsPlace),
}

/// Whose protocol a bucket speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Amazon, and whoever offers the same.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

/// A part of a bucket, and how to get there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectsPlace {
    /// Whose bucket.
    pub provider: Provider,
    /// Its name; Azure's word is container.
    pub bucket: String,
    /// What all keys begin with, without a slash at either end.
    pub prefix: String,
    /// Those of [`OBJECT_VARIABLES`] that are set, by name.
    pub settings: BTreeMap<&'static str, Secret>,
}

impl Provider {
    const ALL: [Self; 3] = [Self::S3, Self::Google, Self::Azure];

    fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3://",
            Self::Google => "gs://",
            Self::Azure => "az://",
        }
    }

    fn reads(self, variable: &Variable) -> bool {
        let start = match self {
            Self::S3 => "AWS_",
            Self::Google => "GOOGLE_",
            Self::Azure => "AZURE_",
        };
        variable.name.starts_with(start)
    }
}

impl ArtifactsPlace {
    /// What opens a bucket: never to be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let of = |variable: &Variable| match self {
            Self::Objects(place) if variable.secret => place.settings.get(variable.name),
            _ => None,
        };
        OBJECT_VARIABLES.iter().filter_map(of)
    }

    /// Which of [`OBJECT_VARIABLES`] matter here.
    pub fn variables(&self) -> impl Iterator<Item = &'static Variable> {
        let reads = |variable: &&Variable| matches!(self, Self::Objects(place) if place.provider.reads(variable));
        OBJECT_VARIABLES.iter().filter(reads)
    }
}

impl Lookup<'_> {
    pub(super) fn artifacts(&self, database_url: &str) -> Result<ArtifactsPlace, ConfigError> {
        match self.optional(SETTING).as_deref() {
            None if database_url.starts_with("sqlite:") => Ok(ArtifactsPlace::Disk(PathBuf::from("out/ci"))),
            None | Some("database:") => Ok(ArtifactsPlace::Database),
            Some(url) if url.contains("://") => self.objects(url).map(ArtifactsPlace::Objects),
            Some(folder) => Ok(ArtifactsPlace::Disk(PathBuf::from(folder))),
        }
    }

    fn objects(&self, url: &str) -> Result<ObjectsPlace, ConfigError> {
        let place =
            Provider::ALL.into_iter().find_map(|provider| Some((provider, url.strip_prefix(provider.scheme())?)));
        let parts = place.and_then(|(provider, rest)| {
            let (bucket, prefix) = rest.trim_end_matches('/').split_once('/')?;
            let are_plain = std::iter::once(bucket).chain(prefix.split('/')).all(is_plain);
            are_plain.then(|| (provider, bucket.to_owned(), prefix.to_owned()))
        });
        let Some((provider, bucket, prefix)) = parts else {
            return Err(bad(
                SETTING,
                "must be a folder, \"database:\", or s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX of letters, digits, dots and dashes",
            ));
        };
        let set = OBJECT_VARIABLES.iter().filter(|variable| provider.reads(variable));
        let settings = set.filter_map(|variable| Some((variable.name, Secret::new(self.optional(variable.name)?))));
        Ok(ObjectsPlace { provider, bucket, prefix, settings: settings.collect() })
    }
}

/// One key has one spelling: nothing in it is ever encoded.
fn is_plain(part: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !part.is_empty() && !part.chars().all(|c| c == '.') && part.chars().all(plain)
}
