// The other runs of a run's commit: what was retried, and what came of it.
import { query, runPath } from "../links.js";
import { usePoll } from "../poll.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { Time } from "./time.js";

const SHOWN = 5;

/** @param {{run: Run}} props */
export function SameCommit({ run }) {
  const asked = { owner: run.repo_owner, repo: run.repo_name, commit: run.commit_sha, limit: SHOWN + 1 };
  /** @type {Polled<RunPage>} */
  const polled = usePoll(`/api/ci/runs${query(asked)}`);
  const others = (polled.data?.runs ?? []).filter((one) => one.id !== run.id).slice(0, SHOWN);
  if (others.length === 0) return null;
  return html`<p class="same-commit"><span class="muted">Other runs of this commit:</span>
    ${others.map((one) => html`<a key=${one.id} href=${runPath(one.id)}><${Badge} of="run" value=${one.status} /> <${Time} at=${one.created_at} /></a>`)}</p>`;
}
