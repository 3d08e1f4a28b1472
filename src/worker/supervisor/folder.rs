//! How much lies in folders that a program is writing to.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// Bytes on disk and entries; counting ends soon after `most` entries.
pub(super) fn size(folders: &[PathBuf], most: u64) -> (u64, u64) {
    let (mut bytes, mut entries) = (0, 0);
    let mut waiting = folders.to_vec();
    while let Some(folder) = waiting.pop() {
        for entry in folder.read_dir().into_iter().flatten().flatten() {
            entries += 1;
            if entries > most {
                return (bytes, entries);
            }
            // Of the entry itself, never of what a link points to.
            let Ok(meta) = entry.metadata() else { continue };
            bytes += meta.blocks() * 512;
            if meta.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    (bytes, entries)
}
