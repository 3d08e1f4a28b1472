//! The paths in git's index, versions 2 to 4: what a checkout tracks. Reads the paths and nothing else; an index that
//! is cut short gives the paths up to there.

/// An entry before its path: times, numbers, mode, size, id and flags.
const FIXED: usize = 62;
/// The flag that says that two more bytes of flags follow.
const EXTENDED: u16 = 0x4000;
/// The flags' part that is the path's length; longer paths end with a NUL only.
const LENGTH: u16 = 0x0fff;

/// Every path, in the order of the index.
pub(super) fn paths(index: &[u8]) -> Vec<Vec<u8>> {
    let number = |at: usize| Some(u32::from_be_bytes(index.get(at..at + 4)?.try_into().ok()?));
    let (Some(b"DIRC"), Some(version @ 2..=4), Some(count)) = (index.get(..4), number(4), number(8)) else {
        return Vec::new();
    };
    let mut paths: Vec<Vec<u8>> = Vec::new();
    let mut rest = &index[12..];
    for _ in 0..count {
        let Some((path, length)) = entry(rest, version, paths.last().map_or(&[], Vec::as_slice)) else { break };
        paths.push(path);
        let Some(next) = rest.get(length..) else { break };
        rest = next;
    }
    paths
}

/// The path of the first entry, and how long that entry is.
fn entry(rest: &[u8], version: u32, before: &[u8]) -> Option<(Vec<u8>, usize)> {
    let flags = u16::from_be_bytes(rest.get(FIXED - 2..FIXED)?.try_into().ok()?);
    let start = FIXED + if version >= 3 && flags & EXTENDED != 0 { 2 } else { 0 };
    let (kept, start) = if version == 4 {
        let (dropped, read) = variable(rest.get(start..)?)?;
        (before.get(..before.len().checked_sub(dropped)?)?, start + read)
    } else {
        (&[][..], start)
    };
    let named = rest.get(start..)?;
    let written = match usize::from(flags & LENGTH) {
        length if version < 4 && length < usize::from(LENGTH) => length,
        _ => named.iter().position(|byte| *byte == 0)?,
    };
    let path = [kept, named.get(..written)?].concat();
    // From version 4 on there is one NUL; before, as many as fill up eight bytes, at least one.
    let end = start + written;
    Some((path, if version == 4 { end + 1 } else { (end + 8) / 8 * 8 }))
}

/// Git's number of variable length, and the bytes it took.
fn variable(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = usize::from(*bytes.first()? & 0x7f);
    let mut at = 0;
    while bytes.get(at)? & 0x80 != 0 {
        at += 1;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(bytes.get(at)? & 0x7f);
    }
    Some((value, at + 1))
}
