//! The closed vocabularies, spelled alike in SQL, JSON and logs.

use super::Invalid;

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// The word that SQL, JSON and logs use.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err(Invalid(format!(
                        "{other:?} is not one of {}",
                        [$($text),+].join(", ")
                    ))),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }
    };
}

vocabulary! {
    /// What made a run.
    EventType {
        /// A branch moved.
        Push = "push",
        /// A pull request was opened, reopened or got new commits.
        PullRequest = "pull_request",
        /// A person or the command line asked for it.
        Manual = "manual",
    }
}

vocabulary! {
    /// What the feed shows of a run.
    RunStatus {
        /// Waits for a tick (again, after a failed attempt that may be repeated).
        Queued = "QUEUED",
        /// A worker holds its job.
        Running = "RUNNING",
        /// Its dossier is stored.
        Succeeded = "SUCCEEDED",
        /// Every attempt failed, or the first in a way that cannot change.
        Failed = "FAILED",
    }
}

vocabulary! {
    /// Where a job is in the queue.
    JobStatus {
        /// May be leased once it is due.
        Ready = "READY",
        /// Held by one worker until its lease ends.
        Leased = "LEASED",
        /// Settled with a result.
        Done = "DONE",
        /// Settled without one.
        Dead = "DEAD",
    }
}
