//! Why an attempt failed: a stable code, and a sentence that is safe to show to anyone.

use std::path::Path;

use crate::config::Config;

/// Longest error text that is kept, in bytes.
const MAX_MESSAGE_BYTES: usize = 2048;

/// A failed attempt, before it is decided whether to try again.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: String,
    pub(crate) message: String,
    /// Whether another attempt could end differently.
    pub(crate) permanent: bool,
}

/// Codes of what cannot change between two attempts on the same commit.
const PERMANENT: [&str; 2] = ["REPO_TOO_LARGE", "TOO_MANY_FILES"];

impl Fault {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { permanent: PERMANENT.contains(&code), code: code.to_owned(), message: message.into() }
    }

    /// Without secrets, this machine's paths and control characters, at most 2 KiB.
    pub(crate) fn scrubbed(mut self, config: &Config, work: &Path) -> Self {
        let secrets = [&config.github_token, &config.api_token, &Some(config.database_url.clone())];
        for secret in secrets.into_iter().flatten().chain(&config.webhook_secrets) {
            self.message = self.message.replace(secret.expose(), "[secret]");
        }
        for path in [work, &config.tmp_dir] {
            self.message = self.message.replace(&path.display().to_string(), "[work]");
        }
        let shown = |c: &char| !c.is_control() || *c == '\n';
        let mut text: String = self.message.chars().filter(shown).collect();
        if text.len() > MAX_MESSAGE_BYTES {
            text.truncate(text.floor_char_boundary(MAX_MESSAGE_BYTES - '…'.len_utf8()));
            text.push('…');
        }
        self.message = text;
        self
    }
}

/// How an attempt ends without a result.
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
