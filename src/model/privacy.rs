//! Who may see a run. It is decided before the run is shown, and what was hidden is never shown again, except where
//! nobody knew: such a run is hidden until its fetch has decided.

/// What is known of a repository when an event of it becomes a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// The forge says that it is private, or refused it to strangers and gave it to the token.
    Private,
    /// The forge says that it is public.
    Public,
    /// Nobody said, and nothing is read that a stranger could not read.
    Readable,
    /// Nobody said, and the token may be used: fetching decides.
    Undecided,
}

impl Privacy {
    /// What a payload says; other forges than GitHub may say nothing.
    pub fn said(private: Option<bool>) -> Self {
        match private {
            Some(true) => Self::Private,
            Some(false) => Self::Public,
            None => Self::Undecided,
        }
    }
}

/// How a repository could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// As anyone can read it.
    Open,
    /// Not as anyone can; nothing else worked, or was tried, so far.
    Refused,
    /// With the token only.
    WithToken,
}

/// For whom the store reads: private runs do not exist for strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Anyone.
    Stranger,
    /// A holder of the API token, or the server itself.
    Trusted,
}
