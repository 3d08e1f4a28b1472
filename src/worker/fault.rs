//! How an attempt ends without a result, and what must not stand in its sentence.

use std::path::Path;

use crate::config::Config;
use crate::model::Fault;

/// Longest error text that is kept, in bytes.
const MAX_MESSAGE_BYTES: usize = 2048;

/// The fault without secrets, this machine's paths and control characters, at most 2 KiB.
pub(super) fn scrubbed(mut fault: Fault, config: &Config, work: &Path) -> Fault {
    let secrets =
        [&config.github_token, &config.github_write_token, &config.api_token, &Some(config.database_url.clone())];
    for secret in secrets.into_iter().flatten().chain(&config.webhook_secrets).chain(config.artifacts.secrets()) {
        fault.message = fault.message.replace(secret.expose(), "[secret]");
    }
    for path in [work, &config.tmp_dir] {
        fault.message = fault.message.replace(&path.display().to_string(), "[work]");
    }
    let shown = |c: &char| !c.is_control() || *c == '\n';
    let mut text: String = fault.message.chars().filter(shown).collect();
    if text.len() > MAX_MESSAGE_BYTES {
        text.truncate(text.floor_char_boundary(MAX_MESSAGE_BYTES - '…'.len_utf8()));
        text.push('…');
    }
    fault.message = text;
    fault
}

/// Why an attempt stopped.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// It failed.
    Fault(Fault),
    /// Its lease was lost or the server is stopping; nobody wants its result.
    Cancelled,
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
