//! Log lines: one span a request and one a job, as text for people or JSON for machines. Never bodies, tokens, signatures.

use std::io::{self, IsTerminal as _, Stderr, Write};

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Start writing to standard error. A filter that cannot be read is replaced by `info`, which is then said.
pub fn init(config: &Config) {
    let filter = EnvFilter::try_new(&config.log_filter);
    let bad_filter = filter.is_err();
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|_| EnvFilter::new("info")))
        .with_ansi(io::stderr().is_terminal())
        .with_writer(|| OneLine(io::stderr()));
    // A second call (a test that starts two servers) keeps the first.
    let _ = match config.log {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if bad_filter {
        tracing::warn!("RUST_LOG cannot be read as a log filter; using info");
    }
}

/// Writes each record as one line: whatever text of others stands in it, it cannot begin a record of its own.
struct OneLine(Stderr);

impl Write for OneLine {
    /// One record, as the subscriber hands it over.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let line = record.strip_suffix(b"\n").unwrap_or(record);
        if line.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            let escaped = String::from_utf8_lossy(line).replace('\n', "\\n").replace('\r', "\\r");
            self.0.write_all(format!("{escaped}\n").as_bytes())?;
        } else {
            self.0.write_all(record)?;
        }
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
