//! Git's ids of blobs and trees, computed here: SHA-1 with the processor's own instructions where it has them. Asking
//! libgit2 would start all of it, with the TLS library and its certificates, to hash a text.

use std::fmt;
use std::io::{self, Read, Write as _};

use sha1::{Digest as _, Sha1};

/// A git object's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Id([u8; 20]);

impl Id {
    /// The id of a blob with these bytes.
    pub(super) fn of_blob(bytes: &[u8]) -> Self {
        Self::of("blob", bytes)
    }

    /// The id of a tree object with these bytes.
    pub(super) fn of_tree(bytes: &[u8]) -> Self {
        Self::of("tree", bytes)
    }

    /// The id of a blob that is too large to be held.
    pub(super) fn of_reader(length: u64, reader: impl Read) -> io::Result<Self> {
        let mut hash = Sha1::new();
        write!(Hashing(&mut hash), "blob {length}\0")?;
        let copied = io::copy(&mut reader.take(length), &mut Hashing(&mut hash))?;
        if copied != length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Self(hash.finalize().into()))
    }

    /// The id that the 20 bytes are.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 20 bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn of(kind: &str, bytes: &[u8]) -> Self {
        let mut hash = Sha1::new();
        hash.update(format!("{kind} {}\0", bytes.len()));
        hash.update(bytes);
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

struct Hashing<'h>(&'h mut Sha1);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
