// From a repository or a run to what differs: since the default branch, since what is deployed, or anything else.
import { oneLine } from "../format.js";
import { comparePath, query, trendPath } from "../links.js";
import { usePoll } from "../poll.js";
import { branchSide, sideOf } from "../sides.js";
import { html } from "../view.js";

/** Environments that are named; the page of comparisons has all. */
const SHOWN = 3;

/** @param {{owner: string, repo: string, head: string}} props head: a run's id, or a branch; empty while that is not known */
export function CompareLinks({ owner, repo, head }) {
  /** @type {Polled<{ref: string | null}>} */
  const trend = usePoll(`${trendPath(owner, repo)}${query({ limit: 1 })}`, { isFinal: () => true });
  /** @type {Polled<{deployments: Deployment[]}>} */
  const deployed = usePoll(head === "" ? null : `/api/ci/deployments${query({ owner, repo })}`, { isFinal: () => true });
  const main = trend.data?.ref ?? null;
  const isRun = sideOf(head).is === "run";
  const since = (/** @type {string} */ base, /** @type {string} */ name) => html`<a key=${base} href=${comparePath({ owner, repo, base, head: isRun ? head : branchSide(head) })}>since <bdi>${oneLine(name)}</bdi></a>`;
  // All at once: what comes later would move what is there.
  if ((trend.data === null && trend.error === null) || (head !== "" && deployed.data === null && deployed.error === null)) return html`<p class="compare-links"></p>`;
  return html`<p class="compare-links"><span class="muted">What changed:</span>
    ${head !== "" && main !== null && main !== head && since(branchSide(main), main)}
    ${head !== "" && (deployed.data?.deployments ?? []).slice(0, SHOWN).map(({ environment }) => since(`deployed:${environment}`, `deployed:${environment}`))}
    <a href=${comparePath({ owner, repo, ...(isRun ? { head } : { base: head === "" ? "" : branchSide(head) }) })}>Compare</a></p>`;
}
