//! The `ci-feed` binary: arguments in, exit code out. Everything else is in the library.

use std::process::ExitCode;

use ci_feed::cli::{Cli, complain};
use clap::Parser as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // The little that each thread holds would be rounded up to two megabytes: a server at rest takes half without.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
    // One TLS implementation for everything that calls out.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match Cli::parse().run() {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            complain(&format!("ci-feed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
