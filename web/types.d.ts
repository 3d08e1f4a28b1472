// The shapes that the page's modules share: the server's answers (docs/api.md), and objects of files that
// any analyzer may have written.

/** An object of a foreign file: nothing in it is certain. */
type Foreign = Record<string, unknown>;

/** A request that failed: an ApiError, or what an aborted or broken answer threw. */
type Problem = Error & { code?: string; status?: number; offline?: boolean };

type FieldEvent = Event & { target: HTMLInputElement | HTMLSelectElement };

/** What usePoll (js/poll.js) knows of an address. */
interface Polled<T> {
  data: T | null;
  error: Problem | null;
  offlineSince: string | null;
  loading: boolean;
  refresh: () => void;
}

/** The answers that js/start.js asked for, by address. */
declare var ciFeedEarly: Record<string, Promise<{ response: Response; at: number }>> | undefined;

/** Where evidence of a run, or of its base, is looked at. */
interface Commit {
  forge_url?: string | null;
  commit_sha: unknown;
}

interface Artifact {
  name: string;
  media_type: string;
  bytes: number;
  sha256: string;
  url: string;
}

interface RunRef {
  event_type: string;
  ref: string;
  pr_number: number | null;
  base_sha: string | null;
  received_at: string;
}

interface Job {
  id: string;
  status: "READY" | "LEASED" | "DONE" | "DEAD";
  attempts: number;
  max_attempts: number;
  run_after: string;
  leased_until: string | null;
  last_error: string | null;
  created_at: string;
  finished_at: string | null;
}

interface Attempt {
  attempt: number;
  leased_at: string;
  fetch_ms: number | null;
  analyze_ms: number | null;
  finished_at: string | null;
  outcome: string | null;
  error_code: string | null;
  error: string | null;
  /** Layers that confined its children. */
  sandbox: string | null;
}

interface Run {
  id: string;
  repo_owner: string;
  repo_name: string;
  ref: string;
  commit_sha: string;
  event_type: string;
  status: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED";
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  error: string | null;
  error_code: string | null;
  out_dir: string | null;
  summary_json: unknown;
  pr_number: number | null;
  title: string | null;
  author: string | null;
  private: boolean;
  base_sha: string | null;
  base_ref: string | null;
  base_run_id: string | null;
  analyzer_version: string | null;
  reconciled: boolean;
  attempts: number;
  max_attempts: number;
  phase: string | null;
  queue_position: number | null;
  refs: RunRef[];
  // Of one run's own address only.
  forge_url?: string | null;
  jobs?: Job[];
  attempt_log?: Attempt[];
  artifacts?: Artifact[];
}

/** A finished run in a trend; its numbers may be an external analyzer's. */
interface Point extends Foreign {
  run_id: string;
  commit_sha: string;
  ref: string;
  status: string;
  pr_number: number | null;
  created_at: string;
}

interface RunPage {
  runs: Run[];
  next: string | null;
}

interface TickAnswer {
  ok: boolean;
  processed?: boolean;
  ready?: number;
  reason?: string;
  next_due_in_seconds?: number;
}

/** How far the deletion of a repository got. */
interface Deleted {
  deleted: number;
  left: number;
  done: boolean;
}

interface Enqueued {
  run_id: string;
  deduplicated: boolean;
}

interface Repo {
  owner: string;
  repo: string;
  runs: number;
  succeeded: number;
  failed: number;
  latest: Run;
}

interface Delivery {
  delivery_id: string;
  event: string;
  action: string | null;
  repo: string | null;
  outcome: string;
  reason: string | null;
  run_id: string | null;
  received_at: string;
}

interface Signal {
  at: string;
  detail: string | null;
  count: number;
}

/** Whether this browser is signed in, and until when. */
interface Session {
  signed_in: boolean;
  expires_at: string | null;
}

interface Health {
  ok: boolean;
  status: "ok" | "degraded" | "stopping";
  diagnosis: string[];
  version: string;
  webhook_secret: string;
  public_url: string | null;
  forge_url: string | null;
  access: { read: string; write: string };
  database: { kind: string; latency_ms: number | null };
  disk: { tmp_free_bytes: number | null; artifacts_free_bytes: number | null; low: boolean };
  sandbox: { layers: Record<string, unknown> };
  // Missing while the database does not answer.
  jobs?: Record<Job["status"], number>;
  last_run?: Pick<Run, "id" | "status" | "created_at" | "finished_at"> | null;
  last_tick?: Signal | null;
  last_webhook?: Signal | null;
  last_rejected?: Signal | null;
  oldest_ready_seconds?: number | null;
}
