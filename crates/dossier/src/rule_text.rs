//! What a rule of findings says of itself to people.

/// How much it matters, in SARIF's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Somebody will be led astray by it.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// The words of one rule.
#[derive(Debug, Clone, Copy)]
pub struct RuleText {
    /// Its name everywhere, e.g. `dead-relative-link`.
    pub id: &'static str,
    /// The level of its findings, unless one of them says otherwise.
    pub level: Level,
    /// One line.
    pub short: &'static str,
    /// What a finding means.
    pub what: &'static str,
    /// Why a person would want to know.
    pub why: &'static str,
    /// What can be done.
    pub fix: &'static str,
}

impl RuleText {
    /// The page of `docs/rules/` about it.
    pub fn page(&self) -> String {
        format!(
            "# {}\n\n{} Level: {}.\n\n## What\n\n{}\n\n## Why\n\n{}\n\n## What to do\n\n{}\n",
            self.id,
            self.short,
            self.level.name(),
            self.what,
            self.why,
            self.fix
        )
    }
}
