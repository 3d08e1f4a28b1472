// What each run changed against the one before it, newest first.
import { formatNumber, oneLine, plural, shortSha } from "../format.js";
import { runPath } from "../links.js";
import { number, object } from "../summary.js";
import { driftHistory } from "../trend.js";
import { html } from "../view.js";
import { useMore } from "./more.js";
import { Time } from "./time.js";

const CHANGES = /** @type {const} */ ([["added", "+"], ["removed", "−"], ["changed", "~"]]);

/** @param {{points: Point[]}} props oldest first */
export function DriftHistory({ points }) {
  const history = driftHistory(points);
  const { shown, more } = useMore(history, [points.length === 0], 10);
  return html`<section aria-labelledby="drift-history"><h2 id="drift-history">Drift history</h2>
    ${history.length === 0
      ? html`<p class="muted">No run has been compared with an earlier one yet. The second run of a branch is.</p>`
      : html`<ol class="history">${shown.map((point) => html`<${Row} key=${point.run_id} point=${point} />`)}</ol>`}
    ${more}
  </section>`;
}

/** @param {{point: Point}} props */
function Row({ point }) {
  const counts = object(object(point.drift).counts);
  const count = (/** @type {string} */ name) => number(counts[name]) ?? 0;
  const title = oneLine(point.title) || `Commit ${shortSha(point.commit_sha)}`;
  const open = count("unresolved_added") + count("unresolved_removed");
  const changes = CHANGES.filter(([name]) => count(name) > 0);
  return html`<li class="history-row">
    <span class="history-what"><a class="history-title" href=${`${runPath(point.run_id)}#drift`}><bdi>${title}</bdi></a>
      <span class="muted history-meta"><code class="sha">${shortSha(point.commit_sha)}</code><bdi>${oneLine(point.ref)}</bdi><${Time} at=${point.created_at} /></span></span>
    <ul class="chips">
      ${changes.map(([name, sign]) => html`<li key=${name} class="chip num">${sign}${formatNumber(counts[name])} ${name}</li>`)}
      ${open > 0 && html`<li class="chip num tone-wait">${formatNumber(open)} not pinned down</li>`}
      ${changes.length === 0 && open === 0 && count("newly_contradicted") === 0 && html`<li class="chip">no drift</li>`}
      ${count("newly_contradicted") > 0 && html`<li class="chip num tone-bad">${formatNumber(counts.newly_contradicted)} newly contradicted</li>`}
      ${count("before_deploy") > 0 && html`<li class="chip num tone-wait">${plural(count("before_deploy"), "step")} before deploy</li>`}
    </ul></li>`;
}
