//! Why an attempt, or a question to a git server, failed: a stable code, and a sentence that is safe to show to anyone.

use super::vocabulary::vocabulary;

/// A failure as the feed shows it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Fault {
    /// What kind of failure.
    #[serde(rename = "error_code")]
    pub code: FaultCode,
    /// A sentence for people.
    #[serde(rename = "error")]
    pub message: String,
}

impl Fault {
    /// A failure with its sentence.
    pub fn new(code: FaultCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

vocabulary! {
    /// The codes of docs/api.md, "Errors of a run"; [`FaultCode::when`] says what each means.
    #[expect(missing_docs, reason = "each is described by `when`")]
    FaultCode {
        AuthRequired = "AUTH_REQUIRED",
        RepoNotFound = "REPO_NOT_FOUND",
        CommitNotFound = "COMMIT_NOT_FOUND",
        RefNotFound = "REF_NOT_FOUND",
        RepoTooLarge = "REPO_TOO_LARGE",
        TooManyFiles = "TOO_MANY_FILES",
        Network = "NETWORK",
        Timeout = "TIMEOUT",
        FetchFailed = "FETCH_FAILED",
        AnalyzerFailed = "ANALYZER_FAILED",
        AnalyzerKilled = "ANALYZER_KILLED",
        AnalyzerOutOfMemory = "ANALYZER_OUT_OF_MEMORY",
        AnalyzerTimeout = "ANALYZER_TIMEOUT",
        AnalyzerTooManyProcesses = "ANALYZER_TOO_MANY_PROCESSES",
        AnalyzerNotStarted = "ANALYZER_NOT_STARTED",
        AnalyzerNoOutput = "ANALYZER_NO_OUTPUT",
        AnalyzerOutput = "ANALYZER_OUTPUT",
        CheckoutFailed = "CHECKOUT_FAILED",
        CheckoutKilled = "CHECKOUT_KILLED",
        CheckoutOutOfMemory = "CHECKOUT_OUT_OF_MEMORY",
        CheckoutTimeout = "CHECKOUT_TIMEOUT",
        CheckoutNotStarted = "CHECKOUT_NOT_STARTED",
        Disk = "DISK",
        ObjectsAway = "OBJECTS_AWAY",
        ObjectsDenied = "OBJECTS_DENIED",
        ObjectsNoBucket = "OBJECTS_NO_BUCKET",
        ObjectsFull = "OBJECTS_FULL",
        ObjectsRefused = "OBJECTS_REFUSED",
        ObjectsDamaged = "OBJECTS_DAMAGED",
        LeaseExpired = "LEASE_EXPIRED",
        Panic = "PANIC",
        Cancelled = "CANCELLED",
        NotAllowed = "NOT_ALLOWED",
        Stopping = "STOPPING",
        LeaseLost = "LEASE_LOST",
        Abandoned = "ABANDONED",
    }
}

impl FaultCode {
    /// Whether another attempt at the same commit would fail in the same way.
    pub fn is_permanent(self) -> bool {
        matches!(self, Self::RepoTooLarge | Self::TooManyFiles | Self::Cancelled)
    }

    /// Whether a run can end with it; the others answer a call only.
    fn is_of_a_run(self) -> bool {
        !matches!(
            self,
            Self::RefNotFound
                | Self::ObjectsDamaged
                | Self::NotAllowed
                | Self::Stopping
                | Self::LeaseLost
                | Self::Abandoned
        )
    }

    /// What the code means, in Markdown.
    fn when(self) -> &'static str {
        match self {
            Self::AuthRequired | Self::RepoNotFound => {
                "see [private repositories](webhook-setup.md#private-repositories)"
            }
            Self::CommitNotFound => {
                "the commit is gone, or the server does not serve it by id and the branch is more than 50 commits ahead of it"
            }
            Self::RefNotFound => "only from enqueue: no such branch",
            Self::RepoTooLarge => {
                "more than `CI_MAX_REPO_BYTES`, or one of the [bounds](security.md#what-reaches-the-git-server) that grow with it; for an external analyzer also when the files are four times as large together"
            }
            Self::TooManyFiles => {
                "more than `CI_MAX_FILES` files or as many folders, with an external analyzer; the built-in one reads the first ones and calls its dossier partial"
            }
            Self::Network | Self::Timeout | Self::FetchFailed => "the git server, or the network on the way to it",
            Self::AnalyzerFailed
            | Self::AnalyzerKilled
            | Self::AnalyzerOutOfMemory
            | Self::AnalyzerTimeout
            | Self::AnalyzerTooManyProcesses
            | Self::AnalyzerNotStarted => "how the analyzer ended; its last lines are in `error`",
            Self::AnalyzerNoOutput | Self::AnalyzerOutput => {
                "the analyzer left no files, too large ones, a link or a pipe among them, or a `summary.json` that is none"
            }
            Self::CheckoutFailed
            | Self::CheckoutKilled
            | Self::CheckoutOutOfMemory
            | Self::CheckoutTimeout
            | Self::CheckoutNotStarted => "the same for writing the commit's files for an external analyzer",
            Self::Disk => "a folder or file could not be written",
            Self::ObjectsAway => {
                "the object store of `CI_ARTIFACTS_URL` cannot be reached, is silent, or answers 429 or 5xx"
            }
            Self::ObjectsDenied => "it answers 401 or 403; the sentence names the right that is missing",
            Self::ObjectsNoBucket => "it answers 404: there is no such bucket",
            Self::ObjectsFull => "it has no room",
            Self::ObjectsRefused => "it refuses for another reason, such as a wrong region",
            Self::ObjectsDamaged => "only from reading: the file is not the one that was stored, by its SHA-256",
            Self::LeaseExpired => "no heartbeat before the lease expired: the process ended or froze",
            Self::Panic => "a bug in ci-feed",
            Self::Cancelled => "a person gave the run up while it waited",
            Self::NotAllowed => "only from reconcile: `CI_REPO_ALLOWLIST` excludes the repository by now",
            Self::Stopping => "only from enqueue and reconcile: the server is shutting down",
            Self::LeaseLost => "only from tick: another worker took the job over",
            Self::Abandoned => {
                "only from tick: the job was given back, waits until its lease expires, or went with its repository"
            }
        }
    }

    /// What to do about it, for health's sentences.
    pub fn advice(self) -> &'static str {
        match self {
            Self::AuthRequired | Self::RepoNotFound => {
                "the git server refuses it; check that GITHUB_TOKEN is set, has not expired and may read the repository, and GITHUB_SERVER_URL"
            }
            Self::CommitNotFound => {
                "the git server does not have the commit any more, after a force push perhaps; push again, or enqueue the branch"
            }
            Self::Network | Self::Timeout => {
                "the git server or the analyzer did not answer in time; check this host's network, GITHUB_SERVER_URL and CI_JOB_TIMEOUT_SECONDS"
            }
            Self::LeaseExpired => {
                "its process ended or froze while it worked; look for a restart, too little memory, or a host that stops a process between requests"
            }
            Self::Disk => {
                "files could not be written; make room under CI_TMP_DIR and the artifacts folder, and check who may write there"
            }
            Self::ObjectsAway => {
                "the object store does not take the dossier; check that it runs, CI_ARTIFACTS_URL, its endpoint, and the network to it"
            }
            Self::ObjectsDenied => {
                "the object store refuses the credentials; check that they are set, have not expired and have the rights that docs/operations.md lists: `ci-feed doctor` names the one that is missing"
            }
            Self::ObjectsNoBucket => "make the bucket of CI_ARTIFACTS_URL, or correct its name, region or endpoint",
            Self::ObjectsFull => "the object store has no room; make some, or raise its quota",
            Self::ObjectsRefused => {
                "the object store refuses the request; check the region and endpoint, then run `ci-feed doctor`"
            }
            Self::ObjectsDamaged => {
                "somebody changed the object, or the store damaged it; put it back from a backup, or enqueue the commit again"
            }
            Self::RepoTooLarge | Self::TooManyFiles => {
                "it is over a limit; raise CI_MAX_REPO_BYTES or CI_MAX_FILES if it should be analyzed"
            }
            Self::AnalyzerFailed
            | Self::AnalyzerKilled
            | Self::AnalyzerOutOfMemory
            | Self::AnalyzerTimeout
            | Self::AnalyzerTooManyProcesses
            | Self::AnalyzerNotStarted
            | Self::AnalyzerNoOutput
            | Self::AnalyzerOutput => {
                "the analyzer crashes on it or leaves no dossier; the run's error says how, CI_ANALYZER and CI_ANALYZER_MEMORY_BYTES decide what runs"
            }
            _ => "the run's error says more",
        }
    }

    /// The table of docs/api.md; neighbours of one meaning share a line.
    pub fn markdown_table() -> String {
        let mut table = String::from("| code | again? | |\n|---|---|---|\n");
        for alike in Self::ALL.chunk_by(|one, next| one.when() == next.when()) {
            let codes: Vec<_> = alike.iter().map(|code| format!("`{}`", code.as_str())).collect();
            let again = match alike[0] {
                code if !code.is_of_a_run() => "",
                code if code.is_permanent() => "no",
                _ => "yes",
            };
            table += &format!("| {} | {again} | {} |\n", codes.join(", "), alike[0].when());
        }
        table
    }
}
