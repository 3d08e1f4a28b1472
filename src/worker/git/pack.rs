//! A pack as it passes by: how many objects it says it has, how large they become, and what resolving its deltas costs.
//! What it holds is not kept; libgit2 reads it again.

use std::collections::HashMap;

use flate2::{Decompress, FlushDecompress, Status};

use super::bounds::{Bounds, Excess, within};

/// What inflating one more delta of a chain costs, however short it is, in bytes written.
const STEP: u64 = 4 << 10;
const HEADER_BYTES: usize = 12;
const OFS_DELTA: u8 = 6;
const REF_DELTA: u8 = 7;
const ID_BYTES: usize = 20;
/// Longer numbers than 63 bits do not occur, and would not fit.
const MAX_NUMBER_BYTES: usize = 9;

pub(super) struct PackBounds {
    bounds: Bounds,
    at: At,
    /// Bytes of the pack that were seen.
    offset: u64,
    left: u64,
    inflate: Decompress,
    scratch: Box<[u8]>,
    inflated: u64,
    /// What it costs to make the object at an offset; `None` where the base is named by its id, which is not known here.
    costs: HashMap<u64, Option<u64>>,
    delta_work: u64,
    /// Deltas whose chain is not known. Each chain is at most everything there is.
    unplaced: u64,
    everything: u64,
}

enum At {
    Header(Vec<u8>),
    EntryHead {
        start: u64,
        head: Vec<u8>,
    },
    Entry(Entry),
    /// All objects are there; the trailer is libgit2's to check.
    End,
}

struct Entry {
    start: u64,
    base: Base,
    size: u64,
    inflated: u64,
    /// The first bytes of a delta: sizes of its base and of its result.
    sizes: Vec<u8>,
}

enum Base {
    None,
    At(u64),
    Unknown,
}

impl PackBounds {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            at: At::Header(Vec::new()),
            offset: 0,
            left: 0,
            inflate: Decompress::new(true),
            scratch: vec![0; 64 << 10].into(),
            inflated: 0,
            costs: HashMap::new(),
            delta_work: 0,
            unplaced: 0,
            everything: 0,
        }
    }

    /// The next bytes of it.
    pub(super) fn see(&mut self, mut bytes: &[u8]) -> Result<(), Excess> {
        while let Some(first) = bytes.first() {
            let used = match &mut self.at {
                At::Header(header) => {
                    header.push(*first);
                    if let Some(objects) = objects_of(header)? {
                        within(objects, self.bounds.objects, "objects")?;
                        self.left = objects;
                        self.at = self.next_entry(self.offset + 1);
                    }
                    1
                }
                At::EntryHead { start, head } => {
                    head.push(*first);
                    if let Some((base, size)) = entry_of(head, *start)? {
                        within(size, self.bounds.object, "bytes in one file")?;
                        self.at = At::Entry(Entry { start: *start, base, size, inflated: 0, sizes: Vec::new() });
                    }
                    1
                }
                At::Entry(_) => self.inflate(bytes)?,
                At::End => return Ok(()),
            };
            self.offset += used as u64;
            bytes = &bytes[used..];
        }
        Ok(())
    }

    fn next_entry(&self, start: u64) -> At {
        if self.left == 0 { At::End } else { At::EntryHead { start, head: Vec::new() } }
    }

    /// Inflate what can be; how many bytes that took.
    fn inflate(&mut self, bytes: &[u8]) -> Result<usize, Excess> {
        let At::Entry(entry) = &mut self.at else { return Ok(0) };
        let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self
            .inflate
            .decompress(bytes, &mut self.scratch, FlushDecompress::None)
            .map_err(|_| Excess::Malformed("an object cannot be inflated"))?;
        let used = (self.inflate.total_in() - taken) as usize;
        let new = self.inflate.total_out() - given;
        entry.inflated += new;
        self.inflated += new;
        within(self.inflated, self.bounds.inflated, "bytes once it is unpacked")?;
        if !matches!(entry.base, Base::None) && entry.sizes.len() < 2 * MAX_NUMBER_BYTES {
            let missing = 2 * MAX_NUMBER_BYTES - entry.sizes.len();
            entry.sizes.extend(self.scratch[..new as usize].iter().take(missing));
        }
        let ended = status == Status::StreamEnd;
        if entry.inflated > entry.size || (ended && entry.inflated != entry.size) {
            return Err(Excess::Malformed("an object has another size than it says"));
        }
        if ended {
            self.end_entry(self.offset + used as u64)?;
        } else if used == 0 && new == 0 {
            return Err(Excess::Malformed("an object cannot be inflated"));
        }
        Ok(used)
    }

    fn end_entry(&mut self, next: u64) -> Result<(), Excess> {
        self.left -= 1;
        self.inflate.reset(true);
        let following = self.next_entry(next);
        let At::Entry(entry) = std::mem::replace(&mut self.at, following) else { return Ok(()) };
        let (from, result) = match entry.base {
            Base::None => (0, entry.size),
            _ => delta_sizes(&entry.sizes).ok_or(Excess::Malformed("a delta without sizes"))?,
        };
        within(from.max(result), self.bounds.object, "bytes in one file")?;
        // The base may lie in another pack, for which the same bounds held.
        let outside = if matches!(entry.base, Base::Unknown) { from } else { 0 };
        let own = entry.size.saturating_add(result).saturating_add(outside).saturating_add(STEP);
        self.everything = self.everything.saturating_add(own);
        let below = match entry.base {
            Base::None => Some(0),
            Base::At(offset) => *self.costs.get(&offset).ok_or(Excess::Malformed("a delta without its base"))?,
            Base::Unknown => None,
        };
        let cost = below.map(|below| below.saturating_add(own));
        self.costs.insert(entry.start, cost);
        match (entry.base, cost) {
            (Base::None, _) => {}
            (_, Some(cost)) => self.delta_work = self.delta_work.saturating_add(cost),
            (_, None) => self.unplaced += 1,
        }
        let unplaced_work = self.unplaced.saturating_mul(self.everything);
        within(self.delta_work.saturating_add(unplaced_work), self.bounds.delta_work, "deltas upon deltas")
    }
}

/// How many objects a pack's header announces, once all of it is there.
fn objects_of(header: &[u8]) -> Result<Option<u64>, Excess> {
    if header.len() < HEADER_BYTES {
        return Ok(None);
    }
    match header.strip_prefix(b"PACK\0\0\0\x02") {
        Some(&[a, b, c, d]) => Ok(Some(u32::from_be_bytes([a, b, c, d]).into())),
        _ => Err(Excess::Malformed("it does not begin like one")),
    }
}

/// What an entry's head says of its base and its inflated size, once all of it is there.
fn entry_of(head: &[u8], start: u64) -> Result<Option<(Base, u64)>, Excess> {
    const MALFORMED: Excess = Excess::Malformed("an object without a head");
    let Some(end) = head.iter().position(|byte| byte & 0x80 == 0) else {
        return if head.len() > MAX_NUMBER_BYTES { Err(MALFORMED) } else { Ok(None) };
    };
    let kind = head[0] >> 4 & 7;
    // Four bits of the size are in the first byte.
    let size = u64::from(head[0] & 15) | number(&head[1..=end]).checked_mul(16).ok_or(MALFORMED)?;
    let base = &head[end + 1..];
    match kind {
        1..=4 => Ok(Some((Base::None, size))),
        OFS_DELTA => match base.last() {
            Some(last) if last & 0x80 == 0 => {
                let distance = base[1..]
                    .iter()
                    .fold(u64::from(base[0] & 0x7f), |distance, byte| (distance + 1) << 7 | u64::from(byte & 0x7f));
                let offset = start.checked_sub(distance).ok_or(MALFORMED)?;
                Ok(Some((Base::At(offset), size)))
            }
            _ if base.len() > MAX_NUMBER_BYTES - 1 => Err(MALFORMED),
            _ => Ok(None),
        },
        REF_DELTA => Ok((base.len() == ID_BYTES).then_some((Base::Unknown, size))),
        _ => Err(MALFORMED),
    }
}

/// Seven bits a byte, the lowest first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f))
}

/// The two numbers that a delta begins with: how large its base is, and what it makes.
fn delta_sizes(sizes: &[u8]) -> Option<(u64, u64)> {
    let ends = |bytes: &[u8]| bytes.iter().position(|byte| byte & 0x80 == 0);
    let (base, result) = sizes.split_at(ends(sizes)? + 1);
    Some((number(base), number(&result[..=ends(result)?])))
}
