//! Log lines: one span a request and one a job, as text for people or JSON for machines. Never bodies, tokens, signatures.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Start writing to standard error. A filter that cannot be read is replaced by `info`, which is then said.
pub fn init(config: &Config) {
    let filter = EnvFilter::try_new(&config.log_filter);
    let bad_filter = filter.is_err();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| EnvFilter::new("info")))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    // A second call (a test that starts two servers) keeps the first.
    let _ = match config.log {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if bad_filter {
        tracing::warn!("RUST_LOG cannot be read as a log filter; using info");
    }
}
