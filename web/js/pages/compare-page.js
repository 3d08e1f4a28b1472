// What differs between any two commits of a repository, by whatever they are called.
import { shortSha, visible } from "../format.js";
import { comparePath, parseHash, query, repoPath, runPath, trendPath } from "../links.js";
import { RepoField, SidesForm } from "../parts/compare-form.js";
import { MissingSide } from "../parts/compare-missing.js";
import { WholeDrift } from "../parts/drift.js";
import { Failure, Loading, Notice } from "../parts/notice.js";
import { Time } from "../parts/time.js";
import { usePoll } from "../poll.js";
import { navigate, useHash } from "../router.js";
import { branchSide, sideOf, sideWords } from "../sides.js";
import { setTitle } from "../title.js";
import { html, useEffect } from "../view.js";

/** @typedef {import("../links.js").RouteOf<"compare">} CompareRoute */

/** @param {{route: CompareRoute}} props */
export function ComparePage({ route }) {
  const { owner, repo } = route;
  const isNamed = owner !== "" && repo !== "";
  useEffect(() => setTitle(isNamed ? `Compare ${owner}/${repo}` : "Compare"), [owner, repo]);
  return html`<div class="page page-wide">
    <div class="page-head"><h1>Compare</h1>${isNamed && html`<a href=${repoPath(owner, repo)}>Repository page</a>`}</div>
    <${RepoField} route=${route} />
    ${isNamed ? html`<${Sides} key=${`${owner}/${repo}`} route=${route} />`
      : html`<p class="muted">Choose a repository, then two of its branches, commits, runs, pull requests, or what is deployed.</p>`}
  </div>`;
}

/** @param {{route: CompareRoute}} props */
function Sides({ route }) {
  const { owner, repo, base, head } = route;
  /** @type {Polled<{ref: string | null, branches: string[]}>} */
  const trend = usePoll(`${trendPath(owner, repo)}${query({ limit: 1 })}`, { isFinal: () => true });
  const main = trend.data?.ref ?? null;
  // Most ask what differs from there.
  useEffect(() => void (base === "" && main !== null && navigate(comparePath({ owner, repo, base: branchSide(main), head }), { replace: true })), [base, main]);
  /** @type {Polled<{deployments: Deployment[]}>} */
  const deployed = usePoll(`/api/ci/deployments${query({ owner, repo })}`, { isFinal: () => true });
  const deployments = deployed.data?.deployments ?? [];
  if (deployed.error?.status === 404) {
    return html`<${Notice} title="No run of this repository yet"><p>Check the spelling, or <a href="/setup">connect it on the set-up page</a>.</p><//>`;
  }
  if (trend.data === null) {
    return trend.error ? html`<${Failure} error=${trend.error} refresh=${trend.refresh} what="The list of branches" />` : html`<${Loading} label="Loading the branches" rows=${2} />`;
  }
  return html`<${SidesForm} route=${route} branches=${trend.data.branches} deployments=${deployments} />
    ${base !== "" && head !== "" ? html`<${Result} key=${`${base} ${head}`} route=${route} deployments=${deployments} />`
      : html`<p class="muted">Choose ${base !== "" ? "the head" : head !== "" ? "the base" : "both sides"}: what differs is shown at once.</p>`}`;
}

/** @param {{route: CompareRoute, deployments: Deployment[]}} props */
function Result({ route, deployments }) {
  const { owner, repo, base, head } = route;
  const { set } = parseHash(useHash());
  /** @type {Polled<Comparison>} */
  const polled = usePoll(`/api/ci/compare${query({ owner, repo, base, head })}`, { isFinal: () => true });
  const found = polled.data;
  /** @type {Polled<{run: Run}>} */
  const run = usePoll(found && `/api/ci${runPath(found.head.run_id)}`, { isFinal: () => true });
  if (found === null) {
    if (polled.error?.status === 404) return html`<${Missing} error=${polled.error} route=${route} deployments=${deployments} />`;
    if (polled.error?.status === 400) return html`<${Notice} tone="bad" icon="warning" alert=${true} title="These cannot be compared"><p>${visible(polled.error.message)}</p><//>`;
    return polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The comparison" />` : html`<${Loading} label="Comparing" />`;
  }
  const sides = { id: `${found.base.run_id}..${found.head.run_id}`, forge_url: run.data?.run.forge_url, commit_sha: found.head.commit_sha, base_run_id: found.base.run_id };
  return html`<p class="compare-what"><${SideLine} side=${found.base} /><span aria-hidden="true">→</span><span class="sr-only">to</span><${SideLine} side=${found.head} /></p>
    <${WholeDrift} key=${sides.id} run=${sides} drift=${found.drift} at=${set.get("at") ?? ""} />`;
}

/** @param {{side: Side}} props */
function SideLine({ side }) {
  const isCommit = sideOf(side.asked).is === "commit";
  return html`<span>${isCommit ? "commit" : html`<strong><bdi>${sideWords(side.asked)}</bdi></strong> at`} <a href=${runPath(side.run_id)} aria-label=${`Run of ${shortSha(side.commit_sha)}`}><code class="sha">${shortSha(side.commit_sha)}</code></a>,
    ${" "}<${Time} at=${side.as_of} />${side.is_behind && html` <span class="badge tone-wait">a newer commit has no dossier yet</span>`}</span>`;
}

/** @param {{error: Problem, route: CompareRoute, deployments: Deployment[]}} props */
function Missing({ error, route, deployments }) {
  const { owner, repo } = route;
  const texts = [...new Set([route.base, route.head])];
  return html`<${Notice} tone="wait" icon="warning" title="One side is missing">
    <p>${visible(error.message)}.</p>
    ${texts.map((text) => html`<${MissingSide} key=${text} owner=${owner} repo=${repo} text=${text} deployments=${deployments} />`)}<//>`;
}
