// A repository's pull requests, by their newest runs.
import { oneLine, shortSha } from "../format.js";
import { comparePath, query, runPath } from "../links.js";
import { usePoll } from "../poll.js";
import { branchSide } from "../sides.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { Chips } from "./run-row.js";
import { Time } from "./time.js";

const LOOKED_AT = 50;
const SHOWN = 8;

/** @param {{owner: string, repo: string, gitRef: string}} props gitRef: what they are compared with */
export function Pulls({ owner, repo, gitRef }) {
  /** @type {Polled<RunPage>} */
  const polled = usePoll(`/api/ci/runs${query({ owner, repo, event_type: "pull_request", limit: LOOKED_AT })}`);
  /** @type {Map<number, Run>} */
  const newest = new Map();
  for (const run of polled.data?.runs ?? []) {
    if (typeof run.pr_number === "number" && !newest.has(run.pr_number)) newest.set(run.pr_number, run);
  }
  if (newest.size === 0) return null;
  return html`<section aria-labelledby="pulls"><h2 id="pulls">Pull requests</h2>
    <ul class="history" role="list">${[...newest.values()].slice(0, SHOWN).map((run) => html`<li class="history-row" key=${run.pr_number}>
      <span class="history-what"><a class="history-title" href=${runPath(run.id)}><span class="num">#${run.pr_number}</span> <bdi>${oneLine(run.title) || `Commit ${shortSha(run.commit_sha)}`}</bdi></a>
        <span class="muted history-meta">${run.status !== "SUCCEEDED" && html`<${Badge} of="run" value=${run.status} />`}<bdi>${oneLine(run.ref)}</bdi><${Time} at=${run.created_at} />
          ${gitRef !== "" && html`<a href=${comparePath({ owner, repo, base: branchSide(gitRef), head: `#${run.pr_number}` })}>since <bdi>${oneLine(gitRef)}</bdi></a>`}</span></span>
      ${run.status === "SUCCEEDED" && html`<${Chips} run=${run} />`}</li>`)}</ul>
  </section>`;
}
