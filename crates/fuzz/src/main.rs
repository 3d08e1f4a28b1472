//! The fuzzer over one target, which `FUZZ_TARGET` names. scripts/fuzz builds and starts it.
#![no_main]

use std::sync::LazyLock;

/// The target of this process.
static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let wanted = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let target = ci_feed_fuzz::TARGETS.iter().find(|(name, _)| *name == wanted);
    target.unwrap_or_else(|| panic!("FUZZ_TARGET={wanted:?} is no target")).1
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| TARGET(input));
