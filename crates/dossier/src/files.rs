//! The artifact set on disk. The manifest is written last and an old one is removed first, so that a folder with a
//! manifest always holds the whole set that it names. Flushing to the disk itself is left to whoever keeps the files:
//! here it would take longer than a small analysis, and the manifest's hashes tell what a power failure tore.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::drift::v1::Drift;
use super::v1::Dossier;
use super::{canonical, markdown, sarif, summary};
use crate::rule_text::RuleText;

/// What the folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The name of this shape.
    pub schema: String,
    /// Hash of the canonical dossier, which is `dossier.json` byte for byte.
    pub dossier_sha256: String,
    /// Every other file, sorted by name.
    pub files: Vec<ManifestEntry>,
}

/// One artifact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each name is its own explanation")]
pub struct ManifestEntry {
    pub name: String,
    pub bytes: u64,
    pub sha256: String,
}

/// Write all artifacts of a dossier, whose findings are of these rules, into a folder, which is created when it is
/// missing; with a drift `drift.json` too.
///
/// # Errors
/// When the folder cannot be written; it then has no manifest.
pub fn write(dossier: &Dossier, drift: Option<&Drift>, rules: &[RuleText], out: &Path) -> io::Result<Manifest> {
    fs::create_dir_all(out)?;
    match fs::remove_file(out.join("manifest.json")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // The dossier takes as long as all that is made from it.
    let (whole, parts) = std::thread::scope(|threads| {
        let whole = threads.spawn(|| keep(out, "dossier.json", &canonical::to_bytes(dossier)?));
        let parts = || {
            let mut parts = vec![
                keep(out, "DOSSIER.md", markdown::render(dossier, drift).as_bytes())?,
                keep(out, "findings.sarif", &canonical::to_bytes(&sarif::of(dossier, rules))?)?,
                keep(out, "summary.json", &canonical::to_bytes(&summary::of(dossier, drift))?)?,
            ];
            if let Some(drift) = drift {
                parts.push(keep(out, "drift.json", &canonical::to_bytes(drift)?)?);
            }
            io::Result::Ok(parts)
        };
        let parts = parts();
        (whole.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), parts)
    });
    let mut entries = parts?;
    entries.push(whole?);
    entries.sort();
    let dossier_sha256 = entries.iter().find(|entry| entry.name == "dossier.json").map(|entry| entry.sha256.clone());
    let manifest = Manifest {
        schema: "ci-feed.manifest.v1".to_owned(),
        dossier_sha256: dossier_sha256.unwrap_or_default(),
        files: entries,
    };
    put(out, "manifest.json", &canonical::to_bytes(&manifest)?)?;
    Ok(manifest)
}

/// Write one artifact; its line of the manifest.
fn keep(out: &Path, name: &str, bytes: &[u8]) -> io::Result<ManifestEntry> {
    put(out, name, bytes)?;
    let sha256 = hex::encode(Sha256::digest(bytes));
    Ok(ManifestEntry { name: name.to_owned(), bytes: bytes.len() as u64, sha256 })
}

/// Write next to the final name, then rename.
fn put(out: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // Readable like any other file, as far as the umask lets; a temporary file alone would be private.
    let mode = fs::Permissions::from_mode(0o666);
    let mut staged = tempfile::Builder::new().permissions(mode).tempfile_in(out)?;
    staged.write_all(bytes)?;
    staged.persist(out.join(name)).map_err(|error| error.error)?;
    Ok(())
}
