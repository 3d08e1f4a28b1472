// One run and its dossier.
import { visible } from "../format.js";
import { runPath } from "../links.js";
import { CancelButton } from "../parts/cancel-button.js";
import { CompareLinks } from "../parts/compare-links.js";
import { Dossier } from "../parts/dossier.js";
import { Failure, Loading, Notice, Stale } from "../parts/notice.js";
import { RunHeader } from "../parts/run-header.js";
import { RunDetail } from "../parts/run-row.js";
import { TokenField } from "../parts/token-field.js";
import { usePoll } from "../poll.js";
import { isActive } from "../status.js";
import { hintWork, useTickState } from "../ticker.js";
import { setTitle } from "../title.js";
import { html, useEffect, useState } from "../view.js";

/** @param {{route: import("../links.js").RouteOf<"run">}} props */
export function RunPage({ route }) {
  /** @type {Polled<{run: Run}>} */
  const polled = usePoll(`/api/ci${runPath(route.id)}`, {
    isActive: (data) => isActive(data.run),
    isFinal: (data) => !isActive(data.run),
  });
  const run = polled.data?.run ?? null;
  const ticks = useTickState()?.role;
  const [refused, setRefused] = useState(/** @type {Problem | null} */ (null));
  const needsToken = refused?.status === 401 || refused?.status === 403;

  useEffect(() => {
    if (run === null) {
      setTitle("Run");
      return;
    }
    setTitle(`${run.repo_owner}/${run.repo_name} ${String(run.commit_sha).slice(0, 7)}`, isActive(run) ? 1 : 0, run.status);
    hintWork(isActive(run));
  }, [run]);

  if (run === null && polled.error?.status === 404) {
    return html`<div class="page"><h1>No such run</h1><p>There is no run with the id <code>${visible(route.id)}</code>. It may have
      been removed by this server's retention. <a href="/feed">To the feed</a></p></div>`;
  }
  if (run === null) {
    return html`<div class="page page-wide"><h1 class="sr-only">Run</h1>
      ${polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="This run" />` : html`<${Loading} label="Loading the run" />`}
    </div>`;
  }
  return html`<div class="page page-wide run-page">
    <${Stale} polled=${polled} />
    ${run.status === "SUCCEEDED" && html`<${CompareLinks} owner=${run.repo_owner} repo=${run.repo_name} head=${run.id} />`}
    <${RunHeader} run=${run} />
    ${isActive(run) && !run.artifacts?.length
      ? html`<${Notice} title=${run.status === "RUNNING" ? "The dossier is being made" : "The dossier is not made yet"}>
          ${run.error ? html`<p>Attempt ${run.attempts + 1} of ${run.max_attempts ?? 3} waits for its time; the timeline says why the last one failed.</p>` : html`<${RunDetail} run=${run} />`}
          <p>${ticks === "off" ? "Ticks are off in this browser: it waits until somebody else calls tick, and appears here then." : "It appears here by itself when the run has succeeded."}</p>
          ${run.status === "QUEUED" && html`<${CancelButton} run=${run} onDone=${polled.refresh} onError=${setRefused} />
            ${needsToken && html`<${TokenField} onChange=${() => setRefused(null)} />`}`}<//>`
      : html`<${Dossier} key=${run.id} run=${run} />`}
  </div>`;
}
