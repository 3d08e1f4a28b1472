//! How many bytes something is as JSON, and who may have how many where there are too few for all.

use std::io;

use serde::Serialize;

/// Most bytes of a dossier and of a drift, where one has to be cut: what the server takes of one artifact, less room for
/// what says that it was cut.
pub const MAX_BYTES: usize = (8 << 20) - (1 << 19);

/// Bytes of a value as JSON, with what stands between it and the next.
pub fn size(value: &impl Serialize) -> usize {
    struct Counter(usize);
    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(1);
    serde_json::to_writer(&mut counter, value).map_or(0, |()| counter.0)
}

/// How much each may have so that all together have so much: who wants less leaves the rest to the others.
pub fn level(mut wanted: Vec<usize>, mut all: usize) -> usize {
    wanted.sort_unstable();
    let count = wanted.len();
    for (at, bytes) in wanted.into_iter().enumerate() {
        let each = all / (count - at);
        if bytes > each {
            return each;
        }
        all -= bytes;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::level;

    #[test]
    fn who_wants_little_gets_it_and_the_others_share() {
        assert_eq!(level(vec![1, 1, 100, 100], 52), 25);
        assert_eq!(level(vec![1, 1], 2), usize::MAX);
        assert_eq!(level(vec![5, 5], 0), 0);
    }
}
