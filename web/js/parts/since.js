// What is to be done before a branch is deployed: since what runs in an environment, or since any earlier run.
import { formatNumber, oneLine, shortSha } from "../format.js";
import { comparePath, query } from "../links.js";
import { usePoll } from "../poll.js";
import { branchSide } from "../sides.js";
import { object, records } from "../summary.js";
import { html, useEffect, useState } from "../view.js";
import { Deploy } from "./deploy.js";
import { Failure, Loading } from "./notice.js";

/** Runs to choose from. */
const RUNS = 20;

/** @param {{owner: string, repo: string, gitRef: string, points: Point[], forge: string | null, isSettled: boolean, onSettled: () => void}} props
 *   gitRef: the branch; points: its runs, oldest first; forge: the repository's page at the forge; onSettled: when it has its room, until which it is not seen */
export function Since({ owner, repo, gitRef, points, forge, isSettled, onSettled }) {
  const [chosen, setChosen] = useState("");
  /** @type {Polled<{deployments: Deployment[]}>} */
  const deployed = usePoll(`/api/ci/deployments${query({ owner, repo })}`, { isFinal: () => true });
  const environments = (deployed.data?.deployments ?? []).map(({ environment }) => `deployed:${environment}`);
  const runs = points.filter((point) => point.status === "SUCCEEDED").slice(0, -1).reverse().slice(0, RUNS);
  const base = chosen || (environments.find((name) => name === "deployed:production") ?? environments[0] ?? "");
  const isKnown = deployed.data !== null || deployed.error !== null;
  useEffect(() => void (isKnown && base === "" && onSettled()), [isKnown, base]);
  if (!isKnown || (environments.length === 0 && runs.length === 0)) return null;
  return html`<section class="since" aria-labelledby="since" hidden=${!isSettled}>
    <div class="section-head"><h2 id="since">What waits before a deploy</h2>
      <label class="field field-row"><span class="field-label">Since</span>
        <select value=${base} onChange=${(/** @type {FieldEvent} */ event) => setChosen(event.target.value)}>
          ${base === "" && html`<option value="">choose</option>`}
          ${environments.map((name) => html`<option key=${name} value=${name} selected=${name === base}>${oneLine(name)}</option>`)}
          ${runs.map((point) => html`<option key=${point.run_id} value=${point.run_id} selected=${point.run_id === base}>${shortSha(point.commit_sha)} ${oneLine(point.title)}</option>`)}
        </select></label></div>
    ${base === "" ? html`<p class="muted">Nobody said what is deployed: GitHub's deployment events do, or <code>POST /api/ci/deployments</code>. Until then choose a run.</p>`
      : html`<${Steps} key=${base} owner=${owner} repo=${repo} base=${base} head=${branchSide(gitRef)} forge=${forge} onSettled=${onSettled} />`}
  </section>`;
}

/** @param {{owner: string, repo: string, base: string, head: string, forge: string | null, onSettled: () => void}} props */
function Steps({ owner, repo, base, head, forge, onSettled }) {
  /** @type {Polled<Comparison>} */
  const polled = usePoll(`/api/ci/compare${query({ owner, repo, base, head })}`, { isFinal: () => true });
  const found = polled.data;
  const isThere = found !== null || polled.error !== null;
  useEffect(() => void (isThere && onSettled()), [isThere]);
  const all = html`<a href=${comparePath({ owner, repo, base, head })}>Everything that changed</a>`;
  if (found === null && polled.error?.status === 404) return html`<p class="muted">There is no dossier of one of the two yet. ${all}</p>`;
  if (found === null) return polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The comparison" />` : html`<${Loading} label="Comparing" rows=${1} />`;
  const steps = records(found.drift.before_deploy);
  const run = { id: `${found.base.run_id}..${found.head.run_id}`, forge_url: forge, commit_sha: found.head.commit_sha };
  const side = { forge_url: forge, commit_sha: found.base.commit_sha };
  const counts = object(found.drift.counts);
  const changed = ["added", "removed", "changed"].reduce((sum, name) => sum + Number(counts[name] ?? 0), 0);
  return html`<div>
    <p>From <code class="sha">${shortSha(found.base.commit_sha)}</code> to <code class="sha">${shortSha(found.head.commit_sha)}</code>:
      ${steps.length === 0 ? " nothing to do before a deploy in what was read." : ""} ${changed > 0 ? `${formatNumber(changed)} facts differ.` : ""} ${all}</p>
    <${Deploy} run=${run} base=${side} drift=${found.drift} at="" page=${comparePath({ owner, repo, base, head })} />
  </div>`;
}
