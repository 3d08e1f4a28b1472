// One repository: its latest dossier, its numbers over time, its drift, its runs.
import { oneLine, visible } from "../format.js";
import { feedPath, query, repoPath, trendPath, webAddress } from "../links.js";
import { BadgeSnippet } from "../parts/badge-snippet.js";
import { BranchSwitch } from "../parts/branch-switch.js";
import { CompareLinks } from "../parts/compare-links.js";
import { DeleteRepo } from "../parts/delete-repo.js";
import { DriftHistory } from "../parts/drift-history.js";
import { LatestDossier } from "../parts/latest-dossier.js";
import { Failure, Loading, Notice } from "../parts/notice.js";
import { RunList } from "../parts/run-list.js";
import { Trends } from "../parts/trends.js";
import { usePoll } from "../poll.js";
import { navigate } from "../router.js";
import { useMayWrite } from "../session.js";
import { countActive } from "../status.js";
import { setTitle } from "../title.js";
import { html, useEffect, useMemo } from "../view.js";

const POINTS = 200;

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

  const mayDelete = useMayWrite(true) && latest !== null;
  useEffect(() => {
    if (latest === null || (latest.repo_owner === owner && latest.repo_name === repo)) return;
    // The address of before leads here; what is copied from now on is the name that it has.
    navigate(repoPath(latest.repo_owner, latest.repo_name) + query({ ref: chosen }), { replace: true });
  }, [latest]);

  /** @param {Run[]} runs */
  function onRuns(runs) {
    setTitle(name, countActive(runs), runs[0]?.status);
  }

  return html`<div class="page page-wide">
    <div class="page-head"><h1><bdi>${name}</bdi></h1>
      <${BranchSwitch} gitRef=${gitRef} branches=${trend.data?.branches ?? []} onRef=${(/** @type {string} */ ref) => navigate(repoPath(owner, repo) + query({ ref }), { replace: true })} />
      <a href=${feedPath({ owner, repo, ref: chosen })}>Filter in the feed</a>
      <${CompareLinks} owner=${owner} repo=${repo} head=${gitRef} /></div>
    <${LatestDossier} owner=${owner} repo=${repo} gitRef=${gitRef} polled=${succeeded} latest=${latest} />
    ${trend.data === null
      ? trend.error ? html`<${Failure} error=${trend.error} refresh=${trend.refresh} what="The trend" />` : html`<${Loading} label="Loading the trend" rows=${14} />`
      : points.length > 0 && html`<${Trends} points=${points} />
        <div class="repo-columns"><${DriftHistory} points=${points} />
          <${BadgeSnippet} owner=${owner} repo=${repo} gitRef=${gitRef} base=${webAddress(health.data?.public_url) ?? location.origin} turn=${`${latest?.id} ${latest?.status}`} /></div>`}
    <h2>${chosen === "" ? "Runs" : html`Runs of <bdi>${oneLine(chosen)}</bdi>`}</h2>
    <${RunList} filter=${{ owner, repo, ref: chosen }} onRuns=${onRuns}
      empty=${html`<${Notice} title="No run of this repository yet"><p>Check the spelling, or <a href="/setup">connect it on the set-up page</a>.</p><//>`} />
    ${mayDelete && html`<${DeleteRepo} key=${name} owner=${owner} repo=${repo} />`}
  </div>`;
}
