// @ts-check
// One repository: its latest run, its latest dossier and all of its runs.
import { visible } from "../format.js";
import { query, runPath } from "../links.js";
import { Badge } from "../parts/badge.js";
import { Notice } from "../parts/notice.js";
import { RunList } from "../parts/run-list.js";
import { Chips } from "../parts/run-row.js";
import { Time } from "../parts/time.js";
import { usePoll } from "../poll.js";
import { countActive } from "../status.js";
import { setTitle } from "../title.js";
import { html, useState } from "../view.js";

/** @param {{route: any}} props */
export default function RepoPage({ route }) {
  const { owner, repo } = route;
  const [latest, setLatest] = useState(/** @type {any} */ (null));
  const polled = usePoll(`/api/ci/runs${query({ owner, repo, status: "SUCCEEDED", limit: 1 })}`);
  const dossier = polled.data?.runs?.[0] ?? null;
  const name = `${visible(owner)}/${visible(repo)}`;

  /** @param {any[]} runs */
  function onRuns(runs) {
    setLatest(runs[0] ?? null);
    setTitle(name, countActive(runs), runs[0]?.status);
  }

  return html`<div class="page page-wide">
    <div class="page-head"><h1><bdi>${name}</bdi></h1><a href=${`/${query({ owner, repo })}`}>Filter in the feed</a></div>
    <dl class="repo-head">
      <div><dt>Latest run</dt><dd>${latest === null ? html`<span class="muted">–</span>` : html`<a href=${runPath(latest.id)}><${Badge} of="run" value=${latest.status} /></a> <${Time} at=${latest.created_at} />`}</dd></div>
      <div><dt>Latest dossier</dt><dd>${dossier === null
        ? html`<span class="muted">${polled.loading ? "…" : "none yet"}</span>`
        : html`<a href=${runPath(dossier.id)}>View dossier</a> of <code>${visible(dossier.commit_sha).slice(0, 7)}</code> <${Time} at=${dossier.finished_at} /><${Chips} summary=${dossier.summary_json} />`}</dd></div>
    </dl>
    <h2>Runs</h2>
    <${RunList} filter=${{ owner, repo }} onRuns=${onRuns}
      empty=${html`<${Notice} title="No run of this repository yet"><p>Check the spelling, or <a href="/setup">connect it on the set-up page</a>.</p><//>`} />
  </div>`;
}
