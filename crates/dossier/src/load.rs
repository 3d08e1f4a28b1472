//! A dossier from a file that somebody hands over.

use std::path::{Path, PathBuf};

use super::v1::{Dossier, SCHEMA};

/// Largest dossier that is read, in bytes.
const MAX_LOADED_BYTES: u64 = 256 << 20;

/// Why a file is no dossier.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LoadError {
    #[error("`{}` cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("`{}` is larger than any dossier", path.display())]
    TooLarge { path: PathBuf },
    #[error("`{}` is no dossier: {source}", path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("`{}` is a {schema:?}, not a `{SCHEMA}`", path.display())]
    Schema { path: PathBuf, schema: String },
}

/// Read `dossier.json`, or the one in a folder.
///
/// # Errors
/// When there is no readable dossier of this schema.
pub fn load(path: &Path) -> Result<Dossier, LoadError> {
    let (path, bytes) = bytes(path)?;
    parse(&path, &bytes)
}

/// The file's bytes, with its own path where a folder was named.
pub fn bytes(path: &Path) -> Result<(PathBuf, Vec<u8>), LoadError> {
    let path = if path.is_dir() { path.join("dossier.json") } else { path.to_owned() };
    let read = |source| LoadError::Read { path: path.clone(), source };
    if std::fs::metadata(&path).map_err(read)?.len() > MAX_LOADED_BYTES {
        return Err(LoadError::TooLarge { path });
    }
    let bytes = std::fs::read(&path).map_err(read)?;
    Ok((path, bytes))
}

/// Dossier from bytes that came from `path`.
pub fn parse(path: &Path, bytes: &[u8]) -> Result<Dossier, LoadError> {
    let dossier: Dossier =
        serde_json::from_slice(bytes).map_err(|source| LoadError::Json { path: path.to_owned(), source })?;
    if dossier.schema == SCHEMA {
        Ok(dossier)
    } else {
        Err(LoadError::Schema { path: path.to_owned(), schema: dossier.schema })
    }
}
