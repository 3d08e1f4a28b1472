// The shapes that the page's modules share, and objects of files that any analyzer may have written.

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

// The server's answers (api.d.ts), by the names that the page has for them.

/** As in a list; `forge_url` and what follows only of one run's own address. */
type Run = Api.Run & Partial<Api.RunAndMore>;
type RunPage = Api.RunPage;
type Artifact = Api.ArtifactLine;
type RunRef = Api.RunRef;
type Attempt = Api.Attempt;
type Point = Api.Point;
/** In either of its forms, or of a call that failed. */
type TickAnswer = { ok: boolean } & Partial<Extract<Api.Tick, { ready: number }> & Extract<Api.Tick, { reason: string }>>;
type Deleted = Api.Deleted;
type Enqueued = Api.Enqueued;
type Repo = Api.RepoOverview;
type Signal = Api.Signal;
type Session = Api.SessionState;
type Health = Api.Health;
type Found = Api.Found;
type FoundFact = Api.FoundFact;
type FactEvent = Api.FactEvent;
type FactHistory = Api.History;
type Side = Api.Side;
type Comparison = Api.Comparison;
type Deployment = Api.Deployment;
