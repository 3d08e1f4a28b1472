//! An answer of a git server as it passes by: how much there is of it, and the pack in its packets.

use super::bounds::{Bounds, Excess, within};
use super::pack::PackBounds;

/// References of the largest public repositories take half of it.
const MAX_ADVERTISEMENT_BYTES: u64 = 64 << 20;
/// What is said before a pack: a line for each commit whose parents stay away. libgit2 compares each with all others.
const MAX_NEGOTIATION_BYTES: u64 = 1 << 20;

/// Side bands: the pack, and what a person is told while it is made.
const PACK: u8 = 1;
const PROGRESS: u8 = 2;

pub(super) enum GitAnswer {
    /// The list of references.
    Advertisement { received: u64 },
    /// What a request for a pack is answered with.
    Pack(Box<PackAnswer>),
}

pub(super) struct PackAnswer {
    bounds: Bounds,
    pack: PackBounds,
    received: u64,
    /// Bytes of packets that are neither pack nor progress.
    negotiation: u64,
    at: At,
}

enum At {
    /// In the four digits that say how long a packet is.
    Length(Vec<u8>),
    /// Before the first byte of a packet, which says its kind.
    Kind { left: usize },
    /// In a packet.
    Packet { kind: u8, left: usize },
    /// Servers without side bands send the pack as it is.
    Bare,
}

impl GitAnswer {
    pub(super) fn advertisement() -> Self {
        Self::Advertisement { received: 0 }
    }

    pub(super) fn pack(bounds: Bounds) -> Self {
        let (pack, at) = (PackBounds::new(bounds), At::Length(Vec::new()));
        Self::Pack(Box::new(PackAnswer { bounds, pack, received: 0, negotiation: 0, at }))
    }

    /// The next bytes of it.
    pub(super) fn see(&mut self, bytes: &[u8]) -> Result<(), Excess> {
        match self {
            Self::Advertisement { received } => {
                *received += bytes.len() as u64;
                within(*received, MAX_ADVERTISEMENT_BYTES, "branches and tags")
            }
            Self::Pack(answer) => answer.see(bytes),
        }
    }
}

impl PackAnswer {
    fn see(&mut self, mut bytes: &[u8]) -> Result<(), Excess> {
        self.received += bytes.len() as u64;
        within(self.received, self.bounds.received, "bytes")?;
        while let Some(first) = bytes.first() {
            match &mut self.at {
                At::Length(digits) => {
                    digits.push(*first);
                    bytes = &bytes[1..];
                    if digits.len() == 4 {
                        let digits = std::mem::take(digits);
                        self.at = self.packet_of(&digits)?;
                    }
                }
                At::Kind { left } => {
                    let banded = matches!(*first, PACK | PROGRESS);
                    self.at = At::Packet { kind: *first, left: *left - usize::from(banded) };
                    bytes = &bytes[usize::from(banded)..];
                }
                At::Packet { left: 0, .. } => self.at = At::Length(Vec::new()),
                At::Packet { kind, left } => {
                    let (packet, rest) = bytes.split_at(bytes.len().min(*left));
                    *left -= packet.len();
                    bytes = rest;
                    match *kind {
                        PACK => self.pack.see(packet)?,
                        PROGRESS => {}
                        _ => self.negotiate(packet.len())?,
                    }
                }
                At::Bare => return self.pack.see(bytes),
            }
        }
        Ok(())
    }

    fn packet_of(&mut self, digits: &[u8]) -> Result<At, Excess> {
        if digits == b"PACK" {
            return self.pack.see(digits).map(|()| At::Bare);
        }
        match std::str::from_utf8(digits).ok().and_then(|digits| usize::from_str_radix(digits, 16).ok()) {
            Some(length @ 5..) => Ok(At::Kind { left: length - digits.len() }),
            Some(0 | 4) => self.negotiate(digits.len()).map(|()| At::Length(Vec::new())),
            _ => Err(Excess::Malformed("a packet without a length")),
        }
    }

    fn negotiate(&mut self, bytes: usize) -> Result<(), Excess> {
        self.negotiation += bytes as u64;
        within(self.negotiation, MAX_NEGOTIATION_BYTES, "commits at which history is cut")
    }
}
