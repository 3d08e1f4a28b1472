// The repository's latest dossier and the lasting addresses of its files.
import { oneLine, shortSha } from "../format.js";
import { latestPath, runPath } from "../links.js";
import { usePoll } from "../poll.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { Chips } from "./run-row.js";
import { Time } from "./time.js";

/** @param {{owner: string, repo: string, gitRef: string, polled: Polled<RunPage>, latest: Run | null}} props
 *   polled: the branch's newest SUCCEEDED run; latest: its newest run of any state */
export function LatestDossier({ owner, repo, gitRef, polled, latest }) {
  const dossier = polled.data?.runs?.[0] ?? null;
  /** @type {Polled<Api.OneRun>} */
  const detail = usePoll(dossier && `/api/ci${runPath(dossier.id)}`, { isFinal: () => true });
  const files = detail.data?.run.artifacts ?? [];
  const newer = latest !== null && dossier !== null && latest.id !== dossier.id ? latest : null;
  return html`<section class="latest" aria-labelledby="latest">
    <h2 id="latest" class="latest-title">Latest dossier</h2>
    ${dossier === null
      ? html`<p class="muted">${polled.data !== null ? "None yet: it appears here with the first run that succeeds." : polled.error ? "Not known: the server did not answer." : "Loading…"}</p>`
      : html`<p class="latest-what"><a class="latest-link" href=${runPath(dossier.id)}><bdi>${oneLine(dossier.title) || `Commit ${shortSha(dossier.commit_sha)}`}</bdi></a>
          <span class="muted history-meta"><code class="sha">${shortSha(dossier.commit_sha)}</code><bdi>${oneLine(dossier.ref)}</bdi><${Time} at=${dossier.finished_at} /></span></p>
        <${Chips} run=${dossier} all=${true} />
        <p class="latest-files"><span class="muted">Always the latest:</span>
          ${files.map(({ name }) => html`<a key=${name} href=${latestPath(owner, repo, name, gitRef)}><bdi>${oneLine(name)}</bdi></a>`)}</p>`}
    ${newer && html`<p class="latest-newer">Newest run: <a href=${runPath(newer.id)}><${Badge} of="run" value=${newer.status} /></a> <${Time} at=${newer.created_at} /></p>`}
  </section>`;
}
