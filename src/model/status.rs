//! The closed vocabularies of runs, jobs and ticks.

use super::vocabulary::vocabulary;

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

vocabulary! {
    /// Why a tick worked on no job.
    IdleReason {
        /// No job waits.
        Idle = "idle",
        /// This process works on as many jobs as it may.
        Busy = "busy",
        /// Only jobs wait that failed before; none is due.
        BackingOff = "backing_off",
        /// There is too little space for a job.
        LowDisk = "low_disk",
        /// The object store would not take what a job makes.
        ObjectsAway = "objects_away",
        /// The server is shutting down.
        Stopping = "stopping",
    }
}

vocabulary! {
    /// What the store counts and remembers the last time of.
    SignalName {
        /// Tick was called and looked for a job.
        Tick = "tick",
        /// A verified delivery, whatever came of it.
        Webhook = "webhook",
        /// A delivery whose signature was missing or wrong.
        WebhookRejected = "webhook_rejected",
        /// A worker lost its lease and dropped what it had.
        LeaseLost = "lease_lost",
        /// The branches of a repository were compared with its runs.
        Reconciled = "reconciled",
        /// The branches of a repository could not be listed.
        ReconcileFailed = "reconcile_failed",
        /// The forge wants no message until the time that the detail says.
        ForgeWaits = "forge_waits",
        /// A job was settled with a result.
        SettledDone = "settled_done",
        /// A job was given up.
        SettledDead = "settled_dead",
    }
}
