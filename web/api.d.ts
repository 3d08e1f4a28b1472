// Made of docs/openapi.json by scripts/api-types; not to be edited.

declare namespace Api {
  type Access = {
    read: string;
    write: string;
  };

  /** A line of a run's manifest. */
  type ArtifactLine = {
    bytes: number;
    media_type: string;
    name: string;
    sha256: string;
    url: string;
  };

  /** What one lease of a job came to. */
  type Attempt = {
    analyze_ms: number | null;
    attempt: number;
    /** Why it compared with no base, where there was one. */
    base_error: string | null;
    error: string | null;
    error_code: string | null;
    fetch_ms: number | null;
    finished_at: string | null;
    leased_at: string;
    outcome: string | null;
    /** Layers of the sandbox. */
    sandbox: string | null;
  };

  /** A branch and the run that it came to last. */
  type BranchLine = RepoName & {
    branch: string;
    run_id: string;
  };

  /** What became of a run. */
  type Cancelled = {
    run_id: string;
    status: RunStatus;
  };

  /** 40 (SHA-1) or 64 (SHA-256) lower-case hex digits, not all zero. */
  type CommitSha = string;

  /** Two sides, and what differs between them. */
  type Comparison = {
    base: Side;
    /** The content of drift.json. */
    drift: Record<string, unknown>;
    head: Side;
  };

  /** What was read of a commit and what was not. */
  type Coverage = {
    analyzed: number | null;
    files_seen: number | null;
    partial: boolean;
    /** Files that no rule understood: all of them where `unread_complete`. */
    unread: number;
    unread_complete: boolean;
    /** Constructs that could not be pinned down. */
    unresolved: number;
  };

  type Database = {
    kind: string;
    latency_ms: number;
    /** Whether a transaction pooler is in front of it. */
    pooled: boolean;
  };

  /** How far a deletion got. */
  type Deleted = {
    /** Runs that are gone since the call. */
    deleted: number;
    /** Whether nothing is left, of other rows either. */
    done: boolean;
    /** Runs that later ticks remove. */
    left: number;
  };

  /** A verified webhook delivery. */
  type Delivery = {
    /** The payload's `action`. */
    action: string | null;
    /** `X-GitHub-Delivery`, or an id of our own where the header is missing. */
    delivery_id: string;
    /** `X-GitHub-Event`. */
    event: string;
    /** `owner/name`, where the payload names one. */
    repo: string | null;
  };

  type DeliveryLog = {
    deliveries: Array<DeliveryRecord>;
  };

  /** One line of the webhook log. */
  type DeliveryRecord = Delivery & {
    outcome: string;
    reason: string | null;
    received_at: string;
    run_id: string | null;
  };

  /** What runs there now. */
  type Deployed = {
    commit_sha: CommitSha;
    environment: string;
    /** The run of its dossier; none where that is not made yet. */
    run_id: string | null;
  };

  /** A commit that runs in an environment. */
  type Deployment = {
    commit_sha: CommitSha;
    environment: string;
    /** When that became known. */
    seen_at: string;
  };

  type DeploymentBody = {
    commit_sha: string;
    environment: string;
    owner: string;
    repo: string;
  };

  type Deployments = {
    deployments: Array<Deployment>;
  };

  type Disk = {
    artifacts_free_bytes: number | null;
    low: boolean;
    tmp_free_bytes: number | null;
  };

  type DriftCounts = {
    counts: Record<string, number>;
    is_empty: boolean | null;
  };

  type EnqueueBody = {
    /** Whether the run is only made where its commit has none, and waits in turn. */
    backfill?: boolean;
    /** The whole id; without it the current commit of the branch `ref`. */
    commit_sha?: string | null;
    /** Only `manual`. */
    event_type?: string | null;
    owner: string;
    ref?: string | null;
    repo: string;
  };

  /** What became of an event. */
  type Enqueued = {
    /** Whether that run was there before. */
    deduplicated: boolean;
    /** The run that answers it. */
    run_id: string;
  };

  /** Whatever is not a success. */
  type Error = {
    /** One of those in docs/api.md. */
    code: string;
    /** A sentence for people. */
    error: string;
    /** Always `false`. */
    ok: boolean;
  };

  type EventType = "push" | "pull_request" | "manual";

  /** A change of a fact. */
  type FactEvent = {
    at: string;
    attrs_after: Record<string, unknown> | null;
    attrs_before: Record<string, unknown> | null;
    by_rules: boolean;
    change: string;
    commit_sha: CommitSha;
    run_id: string;
  };

  /** What stands at a place. */
  type FactHead = {
    as_of: string | null;
    branch: string | null;
    commit_sha: CommitSha;
    /** As of a fact; empty where another analyzer made the dossier. */
    coverage: Record<string, unknown>;
    pr_number: number | null;
    run_id: string;
    since_at: string | null;
    since_sha: CommitSha | null;
  };

  type FactPage = {
    facts: Array<FoundFact>;
    next: string | null;
    /** Whether the question was too broad to be answered in one go: there may be more behind `next`. */
    truncated: boolean;
  };

  /** A failure as the feed shows it. */
  type Fault = {
    /** A sentence for people. */
    error?: string;
    /** What kind of failure. */
    error_code?: FaultCode;
  };

  type FaultCode = "AUTH_REQUIRED" | "REPO_NOT_FOUND" | "COMMIT_NOT_FOUND" | "REF_NOT_FOUND" | "REPO_TOO_LARGE" | "TOO_MANY_FILES" | "NETWORK" | "TIMEOUT" | "FETCH_FAILED" | "ANALYZER_FAILED" | "ANALYZER_KILLED" | "ANALYZER_OUT_OF_MEMORY" | "ANALYZER_TIMEOUT" | "ANALYZER_TOO_MANY_PROCESSES" | "ANALYZER_NOT_STARTED" | "ANALYZER_NO_OUTPUT" | "ANALYZER_OUTPUT" | "CHECKOUT_FAILED" | "CHECKOUT_KILLED" | "CHECKOUT_OUT_OF_MEMORY" | "CHECKOUT_TIMEOUT" | "CHECKOUT_NOT_STARTED" | "DISK" | "OBJECTS_AWAY" | "OBJECTS_DENIED" | "OBJECTS_NO_BUCKET" | "OBJECTS_FULL" | "OBJECTS_REFUSED" | "OBJECTS_DAMAGED" | "LEASE_EXPIRED" | "PANIC" | "CANCELLED" | "NOT_ALLOWED" | "STOPPING" | "LEASE_LOST" | "ABANDONED";

  /** What was found, each sort in an order of its own. */
  type Found = {
    branches: Array<BranchLine>;
    deliveries: Array<DeliveryRecord>;
    facts: Array<FoundFact>;
    repositories: Array<RepoName>;
    runs: Array<RunLine>;
    /** Whether there may be more than is answered. */
    truncated: boolean;
  };

  /** A fact of a commit, and where it says so. */
  type FoundFact = RepoName & {
    as_of: string | null;
    attrs: Record<string, unknown>;
    /** None of a pull request, and where nobody said which branch is the default one. */
    branch: string | null;
    commit_sha: CommitSha;
    coverage: Coverage;
    end_line: number;
    id: string;
    key: string;
    kind: string;
    line: number;
    path: string;
    pr_number: number | null;
    run_id: string;
    sha256: string;
    status: string;
  };

  /** A run that a look made. */
  type FoundHead = {
    /** Where the branch is. */
    commit_sha: CommitSha;
    /** Its branch. */
    ref: GitRef;
    /** The run. */
    run_id: string;
  };

  /** A branch name without `refs/heads/`. */
  type GitRef = string;

  /** The answer; the database's part is missing while it is unavailable. */
  type Health = Queue & {
    access: Access;
    database: Database;
    diagnosis: Array<string>;
    disk: Disk;
    /** Where repositories have pages; none where the forge is a folder. */
    forge_url: string | null;
    ok: boolean;
    public_url: string | null;
    sandbox: Sandbox;
    status: string;
    version: string;
    webhook_secret: string;
  };

  /** A fact of a default branch, now and before. */
  type History = {
    events: Array<FactEvent>;
    fact: FoundFact | null;
    /** What the facts of now are of, and where their history begins. */
    head: FactHead;
    next: string | null;
    truncated: boolean;
  };

  type IdleReason = "idle" | "busy" | "backing_off" | "low_disk" | "objects_away" | "stopping";

  /** The answer to a delivery that makes no run. */
  type Ignored = {
    ignored: boolean;
    reason: string;
  };

  /** The queue's row for a run. */
  type Job = {
    attempts: number;
    created_at: string;
    finished_at: string | null;
    id: string;
    last_error: string | null;
    leased_until: string | null;
    max_attempts: number;
    run_after: string;
    status: JobStatus;
  };

  type JobStatus = "READY" | "LEASED" | "DONE" | "DEAD";

  type Jobs = {
    DEAD: number;
    DONE: number;
    LEASED: number;
    READY: number;
  };

  /** What looking at one repository came to. */
  type Look = Fault & {
    /** Branches that it has. */
    branches: number;
    /** Runs that were made. */
    enqueued: Array<FoundHead>;
    /** Branches without a run that were left for the next look. */
    left: number;
    /** `owner/name`. */
    repo: string;
  };

  type Manifest = {
    artifacts: Array<ArtifactLine>;
  };

  /** Which run an answer is of. */
  type OfRun = RepoName & {
    as_of: string | null;
    commit_sha: CommitSha;
    pr_number: number | null;
    ref: GitRef;
    run_id: string;
  };

  type OneRun = {
    run: RunAndMore;
  };

  /** A run as a point of the charts. */
  type Point = {
    claims: Record<string, number>;
    commit_sha: CommitSha;
    created_at: string;
    drift: DriftCounts | null;
    duration_ms: number | null;
    event_type: EventType;
    facts: Record<string, number>;
    findings: Record<string, number>;
    lines: number | null;
    metrics: Record<string, number>;
    partial: boolean | null;
    pr_number: number | null;
    ref: GitRef;
    run_id: string;
    status: RunStatus;
    title: string | null;
    /** Frameworks whose routes are not in `facts`, because no rule reads them. */
    unread_frameworks: Array<string>;
  };

  type Queue = {
    jobs?: Jobs;
    last_rejected?: Signal | null;
    last_run?: RecentRun | null;
    last_tick?: Signal | null;
    last_webhook?: Signal | null;
    oldest_ready_seconds?: number | null;
  };

  /** What health needs to know of a run. */
  type RecentRun = {
    created_at: string;
    finished_at: string | null;
    id: string;
    status: RunStatus;
  };

  type ReconcileBody = {
    /** `next` of the page before. */
    after?: string | null;
    owner?: string | null;
    repo?: string | null;
  };

  /** Some of the known repositories, looked at. */
  type ReconcilePage = {
    /** Where to go on, unless these were the last. */
    next: string | null;
    /** In the order of their names. */
    repositories: Array<Look>;
  };

  /** `owner/name`, spelled as GitHub spells it. Two spellings that differ in case are one repository: see [`RepoName::key`]. */
  type RepoName = {
    repo_name: string;
    repo_owner: string;
  };

  /** A repository that has runs. */
  type RepoOverview = {
    failed: number;
    latest: Run;
    owner: string;
    repo: string;
    runs: number;
    succeeded: number;
  };

  type Repos = {
    repos: Array<RepoOverview>;
  };

  /** A rule, how much it found, and what it says of itself. */
  type RuleCount = {
    count: number;
    rule: string;
    short: string;
    text: string;
  };

  /** One commit's way through the feed. */
  type Run = RepoName & {
    analyzer_version: string | null;
    /** Attempts that its job has used up. */
    attempts: number;
    author: string | null;
    base_ref: GitRef | null;
    /** The run whose dossier this one's drift is measured against. */
    base_run_id: string | null;
    base_sha: CommitSha | null;
    commit_sha: CommitSha;
    created_at: string;
    /** From the first attempt's start to the end. */
    duration_ms: number | null;
    error: string | null;
    /** A `FaultCode`, or one of another version. */
    error_code: string | null;
    event_type: EventType;
    finished_at: string | null;
    id: string;
    max_attempts: number;
    out_dir: string | null;
    /** What a RUNNING job is doing, according to its last heartbeat. */
    phase: string | null;
    pr_number: number | null;
    private: boolean;
    /** 1 for the job that the next tick takes; only for QUEUED runs near the front. */
    queue_position: number | null;
    /** Whether no webhook announced the commit: it was found by comparing the branches with the runs. */
    reconciled: boolean;
    ref: GitRef;
    /** Every event that led to this run, the first one first. */
    refs: Array<RunRef>;
    started_at: string | null;
    status: RunStatus;
    /** The analyzer's summary, in the analyzer's own shape. */
    summary_json: Record<string, unknown> | null;
    title: string | null;
  };

  /** A run with everything that explains it. */
  type RunAndMore = Run & {
    artifacts: Array<ArtifactLine>;
    attempt_log: Array<Attempt>;
    forge_url: string | null;
    jobs: Array<Job>;
  };

  type RunClaims = OfRun & {
    /** As in dossier.json, contradicted ones first. */
    claims: Array<Record<string, unknown>>;
    /** How many of them stand before these. */
    from: number;
    /** How many fit. */
    total: number;
    /** How many the dossier has of each verdict. */
    verdicts: Record<string, number>;
  };

  /** What is no list of facts, claims or findings. */
  type RunDossier = OfRun & {
    analyzer: Record<string, unknown>;
    /** Without `unread`. */
    coverage: Record<string, unknown>;
    /** The rows of `unresolved` that stand for all routes of a framework. */
    frameworks: Array<Record<string, unknown>>;
    metrics: Record<string, unknown>;
    subject: Record<string, unknown>;
    unknowns: Array<Record<string, unknown>>;
    /** Files that were not read, a bounded number. */
    unread: Array<UnreadFile>;
    /** How many there are. */
    unread_files: number;
  };

  /** What a run's commit changed. */
  type RunDrift = {
    /** The content of drift.json. */
    drift: Record<string, unknown>;
  };

  type RunFacts = RepoName & {
    as_of: string | null;
    commit_sha: CommitSha;
    coverage: Coverage;
    /** As in dossier.json. */
    facts: Array<Record<string, unknown>>;
    /** How many stand before these. */
    from: number;
    /** How many of them there are of each group. */
    groups: Record<string, number>;
    next: string | null;
    pr_number: number | null;
    ref: GitRef;
    run_id: string;
    /** Facts that fit. */
    total: number;
    truncated: boolean;
  };

  type RunFindings = OfRun & {
    /** As in dossier.json, those of one rule together. */
    findings: Array<Record<string, unknown>>;
    /** How many of them stand before these. */
    from: number;
    /** How many the dossier has of each level. */
    levels: Record<string, number>;
    /** The rules that found something, in the order of their findings. */
    rules: Array<RuleCount>;
    /** How many fit. */
    total: number;
  };

  /** A run as a line. */
  type RunLine = RepoName & {
    commit_sha: CommitSha;
    id: string;
    pr_number: number | null;
    ref: string;
    status: RunStatus;
    title: string | null;
  };

  type RunPage = {
    next: string | null;
    runs: Array<Run>;
  };

  /** One event that led to a run. */
  type RunRef = {
    base_sha: CommitSha | null;
    event_type: EventType;
    pr_number: number | null;
    received_at: string;
    ref: GitRef;
  };

  type RunStatus = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED";

  type Sandbox = {
    layers: Record<string, boolean>;
  };

  type SessionState = {
    expires_at: string | null;
    signed_in: boolean;
  };

  /** A run of it. */
  type ShortPoint = {
    /** Things to do before its commit is deployed. */
    before_deploy: number | null;
    /** Its commit. */
    commit_sha: CommitSha;
    /** When it was made. */
    created_at: string;
    /** Facts that its commit added, removed and changed; none where it was not compared. */
    drift: number | null;
    /** The run. */
    run_id: string;
    /** How it stands. */
    status: RunStatus;
    /** First line of the commit's message. */
    title: string | null;
  };

  /** The newest runs of a repository's default branch. */
  type ShortTrend = RepoName & {
    /** The oldest first. */
    points: Array<ShortPoint>;
    /** The default branch; none where nobody said which that is, and these are the runs of every branch. */
    ref: string | null;
  };

  /** A side as the answer says it. */
  type Side = {
    as_of: string | null;
    asked: string;
    commit_sha: CommitSha;
    /** Whether a newer commit stands there, of which there is no dossier yet. */
    is_behind: boolean;
    pr_number: number | null;
    ref: GitRef;
    run_id: string;
  };

  type SignIn = {
    token: string;
  };

  /** When something last happened, and how often. */
  type Signal = {
    /** When last. */
    at: string;
    /** How often. */
    count: number;
    /** More about the last time. */
    detail: string | null;
  };

  type Tick = {
    attempt: number;
    duration_ms: number;
    error?: string;
    error_code?: FaultCode;
    processed: boolean;
    ready: number;
    run_id: string;
    status: RunStatus | null;
  } | {
    next_due_in_seconds?: number;
    processed: boolean;
    reason: IdleReason;
  };

  type Trend = {
    /** Branches to ask for. */
    branches: Array<string>;
    points: Array<Point>;
    /** The branch that these are of; none where nobody said which the default branch is. */
    ref: string | null;
  };

  type Trends = {
    /** In the order in which they were asked for, without those that have no runs. */
    trends: Array<ShortTrend>;
  };

  /** A file that was not read, and why. */
  type UnreadFile = {
    path: string;
    reason: string;
  };
}
