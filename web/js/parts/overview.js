// The dossier at a glance: metrics with their formulas, facts by kind, claims by verdict.
import { formatNumber, formatScore, humanize, kindLabel, oneLine, shortSha, visible } from "../format.js";
import { hashOf, runPath } from "../links.js";
import { countBy, object, records, tierOf } from "../summary.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { Icon } from "./icon.js";
import { Unread } from "./unread.js";

/** @type {Record<string, string>} */
const NAMES = {
  dci: "Deterministic Coverage Index (DCI)",
  dci_structural: "Structural coverage (DCI structural)",
  rci: "Reporting Completeness Index (RCI)",
};

/** @param {{run: Run, dossier: Foreign}} props */
export function Overview({ run, dossier }) {
  const metrics = Object.entries(object(dossier.metrics)).filter(([, metric]) => "value" in object(metric));
  const kinds = countBy(records(dossier.facts).map((fact) => ({ kind: tierOf(fact) })), "kind");
  const verdicts = countBy(records(dossier.claims), "verdict");
  const open = records(dossier.unresolved);
  const unresolved = open.length;
  return html`<div class="overview">
    <${NoDrift} run=${run} />
    <${Unread} run=${run} unresolved=${open} />
    <section aria-labelledby="overview-metrics"><h2 id="overview-metrics">Metrics</h2>
      ${metrics.length === 0 && html`<p class="muted">This dossier has no metrics.</p>`}
      <ul class="metrics">${metrics.map(([name, metric]) => html`<${Metric} key=${name} name=${name} metric=${metric} />`)}</ul>
    </section>
    <div class="columns">
      <section aria-labelledby="overview-facts"><h2 id="overview-facts">Facts</h2>
        ${kinds.length === 0 ? html`<p class="muted">No fact was found.</p>` : html`<ul class="counts">
          ${kinds.map(([kind, count]) => html`<li key=${kind}><a href=${hashOf("facts", kind)}>${visible(kindLabel(kind))}</a><span class="num">${formatNumber(count)}</span></li>`)}
          <li><a href="#facts:unresolved">Recognised but unresolved</a><span class="num">${formatNumber(unresolved)}</span></li>
        </ul>`}
      </section>
      <section aria-labelledby="overview-claims"><h2 id="overview-claims">Claims of the documentation</h2>
        ${verdicts.length === 0 ? html`<p class="muted">The documentation makes no claim that can be checked.</p>` : html`<ul class="counts">
          ${verdicts.map(([verdict, count]) => html`<li key=${verdict}><a href=${hashOf("claims", verdict)}><${Badge} of="verdict" value=${verdict} /></a><span class="num">${formatNumber(count)}</span></li>`)}
        </ul>`}
      </section>
    </div>
    <p class="posture">Made from the files of this commit alone. It says nothing about what happens at run time and is not a security scan.</p>
  </div>`;
}

/**
 * That nothing changed, where that is so: the drift has a page of its own where something did.
 * @param {{run: Run}} props
 */
function NoDrift({ run }) {
  const drift = object(object(run.summary_json).drift);
  if (drift.is_empty !== true) return null;
  const sha = drift.base_sha ? html`<code class="sha">${shortSha(drift.base_sha)}</code>` : "the run before";
  return html`<p class="no-drift"><${Icon} name="check" />No drift since ${run.base_run_id ? html`<a href=${runPath(run.base_run_id)}>${sha}</a>` : sha} in what was read.
    <a href=${hashOf("drift")}>What was compared</a></p>`;
}

/** @param {{name: string, metric: Foreign}} props */
function Metric({ name, metric }) {
  const parts = typeof metric.numerator === "number" && typeof metric.denominator === "number"
    ? `${formatNumber(metric.numerator)} / ${formatNumber(metric.denominator)}` : "";
  return html`<li class="metric">
    <h3>${Object.hasOwn(NAMES, name) ? NAMES[name] : visible(humanize(name))}</h3>
    <p class="metric-value num">${formatScore(metric.value)} <span class="metric-parts">${parts}</span></p>
    ${metric.interpretation && html`<p>${oneLine(metric.interpretation)}</p>`}
    ${metric.formula && html`<p class="muted formula">${oneLine(metric.formula)}</p>`}
  </li>`;
}
