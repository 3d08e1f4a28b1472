//! Where a statement is anchored: a path, lines and the hash of exactly those lines.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

/// Longest excerpt kept for display, in characters; the hash always covers the whole lines.
const MAX_EXCERPT_CHARS: usize = 400;
/// What that many characters take at most, and one more.
const MAX_EXCERPT_BYTES: usize = 4 * (MAX_EXCERPT_CHARS + 1);

/// Lines of one file that say a thing. Lines are 1-based and inclusive, as people and editors count them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Evidence {
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
    /// Evidence of the lines `start_line..=end_line`.
    pub fn of_lines(path: &str, start_line: u32, end_line: u32, said: Said) -> Self {
        Self { path: path.to_owned(), start_line, end_line, excerpt: said.excerpt, sha256: said.sha256 }
    }

    /// Evidence that a file with this blob id exists.
    pub fn of_file(path: &str, blob_id: &str) -> Self {
        Self { path: path.to_owned(), start_line: 0, end_line: 0, excerpt: String::new(), sha256: blob_id.to_owned() }
    }
}

/// What lines say, as evidence keeps it.
#[derive(Debug, Clone)]
pub struct Said {
    excerpt: String,
    sha256: String,
}

impl Said {
    /// From the bytes of whole lines, whatever their line endings.
    pub fn by(lines: &[u8]) -> Self {
        let normalised = normalise_line_endings(lines);
        Self { excerpt: excerpt(&normalised), sha256: hex::encode(Sha256::digest(&normalised)) }
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
