// One repository: its latest dossier, its numbers over time, its drift, its runs.
import { oneLine, visible } from "../format.js";
import { feedPath, query, repoPath, trendPath, webAddress } from "../links.js";
import { BadgeSnippet } from "../parts/badge-snippet.js";
import { BranchSwitch } from "../parts/branch-switch.js";
import { CompareLinks } from "../parts/compare-links.js";
import { DeleteRepo } from "../parts/delete-repo.js";
import { DriftHistory } from "../parts/drift-history.js";
import { EnqueueForm } from "../parts/enqueue-form.js";
import { Icon } from "../parts/icon.js";
import { LatestDossier } from "../parts/latest-dossier.js";
import { Failure, Loading, Notice } from "../parts/notice.js";
import { Pulls } from "../parts/pulls.js";
import { RunList } from "../parts/run-list.js";
import { Since } from "../parts/since.js";
import { Trends } from "../parts/trends.js";
import { usePoll } from "../poll.js";
import { navigate } from "../router.js";
import { useMayWrite } from "../session.js";
import { countActive } from "../status.js";
import { setTitle } from "../title.js";
import { html, useEffect, useMemo, useState } from "../view.js";

const POINTS = 200;
/** Runs that are listed until somebody asks for more. */
const RUNS = 20;

/** @param {{route: import("../links.js").RouteOf<"repo">}} props */
export function RepoPage({ route }) {
  const { owner, repo, ref: chosen } = route;
  /** @type {Polled<Api.Trend>} */
  const trend = usePoll(`${trendPath(owner, repo)}${query({ limit: POINTS, ref: chosen })}`);
  const gitRef = chosen || (trend.data?.ref ?? "");
  // What the branch comes to is known with its name.
  const asked = trend.data === null && chosen === "" && !trend.error ? null : { owner, repo, ref: gitRef, limit: 1 };
  /** @type {Polled<RunPage>} */
  const succeeded = usePoll(asked && `/api/ci/runs${query({ ...asked, status: "SUCCEEDED" })}`);
  /** @type {Polled<RunPage>} */
  const newest = usePoll(asked && `/api/ci/runs${query(asked)}`);
  const latest = newest.data?.runs[0] ?? null;
  /** @type {Polled<Health>} */
  const health = usePoll("/api/ci/health", { accept: [503], isFinal: () => true });
  const points = useMemo(() => trend.data?.points ?? [], [trend.data]);
  const name = `${visible(owner)}/${visible(repo)}`;
  const forges = webAddress(health.data?.forge_url);
  const forge = forges === null ? null : `${forges}${repoPath(owner, repo).slice(2)}`;

  const mayDelete = useMayWrite(true) && latest !== null;
  useEffect(() => {
    if (latest === null || (latest.repo_owner === owner && latest.repo_name === repo)) return;
    // The address of before leads here; what is copied from now on is the name that it has.
    navigate(repoPath(latest.repo_owner, latest.repo_name) + query({ ref: chosen }), { replace: true });
  }, [latest]);

  const [settled, setSettled] = useState(/** @type {string | null} */ (null));
  // Nothing below moves when the list of what waits comes.
  const isSettled = trend.data !== null && (gitRef === "" || points.length === 0 || settled !== null);
  useEffect(() => setTitle(name), [name]);

  return html`<div class="page page-wide">
    <div class="page-head"><h1><bdi>${name}</bdi></h1>
      <${BranchSwitch} gitRef=${gitRef} branches=${trend.data?.branches ?? []} onRef=${(/** @type {string} */ ref) => navigate(repoPath(owner, repo) + query({ ref }), { replace: true })} />
      <a href=${feedPath({ owner, repo, ref: chosen })}>Filter in the feed</a>
      ${forge !== null && html`<a class="forge" href=${forge} rel="noopener noreferrer"><${Icon} name="external" />Open on the forge</a>`}
      <${CompareLinks} owner=${owner} repo=${repo} head=${gitRef} /></div>
    <${LatestDossier} owner=${owner} repo=${repo} gitRef=${gitRef} polled=${succeeded} latest=${latest} />
    ${gitRef !== "" && points.length > 0 && html`<${Since} key=${gitRef} owner=${owner} repo=${repo} gitRef=${gitRef} points=${points} forge=${forge} isSettled=${isSettled} onSettled=${() => setSettled(gitRef)} />`}
    ${!isSettled
      ? trend.error ? html`<${Failure} error=${trend.error} refresh=${trend.refresh} what="The trend" />` : html`<${Loading} label="Loading the trend" rows=${14} />`
      : html`<${Rest} owner=${owner} repo=${repo} chosen=${chosen} gitRef=${gitRef} points=${points} health=${health.data} latest=${latest} name=${name} />`}
    ${mayDelete && isSettled && html`<${DeleteRepo} key=${name} owner=${owner} repo=${repo} />`}
  </div>`;
}

/**
 * What stands below what waits before a deploy, once that has its room.
 * @param {{owner: string, repo: string, chosen: string, gitRef: string, points: Point[], health: Health | null, latest: Run | null, name: string}} props
 */
function Rest({ owner, repo, chosen, gitRef, points, health, latest, name }) {
  /** @param {Run[]} runs */
  function onRuns(runs) {
    setTitle(name, countActive(runs), runs[0]?.status);
  }

  return html`<div>
    ${points.length > 0 && html`<${Trends} points=${points} />
      <div class="repo-columns"><${DriftHistory} points=${points} />
        <div><${Pulls} owner=${owner} repo=${repo} gitRef=${gitRef} />
          <${BadgeSnippet} owner=${owner} repo=${repo} gitRef=${gitRef} base=${webAddress(health?.public_url) ?? location.origin} turn=${`${latest?.id} ${latest?.status}`} /></div></div>`}
    ${health && latest !== null && html`<details class="enqueue-here"><summary>Enqueue a commit of this repository</summary>
      <${EnqueueForm} key=${`${name} ${gitRef}`} write=${health.access.write} of=${{ owner, repo, ref: gitRef || oneLine(latest.ref) }} /></details>`}
    <h2>${chosen === "" ? "Runs" : html`Runs of <bdi>${oneLine(chosen)}</bdi>`}</h2>
    <${RunList} filter=${{ owner, repo, ref: chosen }} step=${RUNS} onRuns=${onRuns}
      empty=${html`<${Notice} title="No run of this repository yet"><p>Check the spelling, or <a href="/setup">connect it on the set-up page</a>.</p><//>`} />
  </div>`;
}
