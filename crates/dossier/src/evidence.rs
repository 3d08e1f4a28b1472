//! Where a statement is anchored: a path, lines and the hash of exactly those lines.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

/// Longest excerpt kept for display, in characters; the hash always covers the whole lines.
const MAX_EXCERPT_CHARS: usize = 400;
/// What that many characters take at most, and one more.
const MAX_EXCERPT_BYTES: usize = 4 * (MAX_EXCERPT_CHARS + 1);

/// An anchor that is shared by all statements that cite it: one route may be stated for several methods, below several
/// mounts, and each repeats the anchors of its prefixes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(from = "Anchor")]
pub struct Evidence(Arc<Anchor>);

impl serde::Serialize for Evidence {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_ref().serialize(serializer)
    }
}

impl Deref for Evidence {
    type Target = Anchor;

    fn deref(&self) -> &Anchor {
        &self.0
    }
}

impl From<Anchor> for Evidence {
    fn from(anchor: Anchor) -> Self {
        Self(Arc::new(anchor))
    }
}

/// Lines of one file that say a thing. Lines are 1-based and inclusive, as people and editors count them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Anchor {
    /// Path from the repository's root, `/`-separated.
    pub path: String,
    /// First line, 1-based; 0 when the evidence is that the file exists.
    pub start_line: u32,
    /// Last line, inclusive; 0 when the evidence is that the file exists.
    pub end_line: u32,
    /// The lines as text, cut for display.
    pub excerpt: String,
    /// SHA-256 (lower-case hex) of the lines' bytes with line endings normalised to `\n`;
    /// for "the file exists" the file's git blob id.
    pub sha256: String,
}

impl Evidence {
    /// Evidence of the lines `start_line..=end_line`, which are these bytes, whatever their line endings.
    pub fn of_lines(path: &str, start_line: u32, end_line: u32, lines: &[u8]) -> Self {
        let normalised = normalise_line_endings(lines);
        let (excerpt, sha256) = (excerpt(&normalised), hex::encode(Sha256::digest(&normalised)));
        Anchor { path: path.to_owned(), start_line, end_line, excerpt, sha256 }.into()
    }

    /// Evidence that a file with this blob id exists.
    pub fn of_file(path: &str, blob_id: &str) -> Self {
        let (excerpt, sha256) = (String::new(), blob_id.to_owned());
        Anchor { path: path.to_owned(), start_line: 0, end_line: 0, excerpt, sha256 }.into()
    }
}

/// `\r\n` and lone `\r` become `\n`; the last line's own ending is not part of the evidence.
fn normalise_line_endings(lines: &[u8]) -> Cow<'_, [u8]> {
    let without_last = |lines: &[u8]| lines.len() - usize::from(lines.last() == Some(&b'\n'));
    if memchr::memchr(b'\r', lines).is_none() {
        return Cow::Borrowed(&lines[..without_last(lines)]);
    }
    let mut out = Vec::with_capacity(lines.len());
    let mut bytes = lines.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                out.push(b'\n');
            }
            other => out.push(other),
        }
    }
    out.truncate(without_last(&out));
    Cow::Owned(out)
}

fn excerpt(lines: &[u8]) -> String {
    let text = String::from_utf8_lossy(&lines[..lines.len().min(MAX_EXCERPT_BYTES)]);
    match text.char_indices().nth(MAX_EXCERPT_CHARS) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.into_owned(),
    }
}
