// The dossier at a glance: metrics with their formulas, facts by kind, claims by verdict.
import { formatNumber, formatScore, kindLabel, metricName, oneLine, shortSha, visible } from "../format.js";
import { hashOf, runPath } from "../links.js";
import { countBy, object, records, sortedCounts, tierOf } from "../summary.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { Icon } from "./icon.js";
import { Unread } from "./unread.js";

/**
 * Of a dossier in hand.
 * @param {{run: Run, dossier: Foreign}} props
 */
export function Overview({ run, dossier }) {
  const open = records(dossier.unresolved);
  return html`<${Shown} run=${run} metrics=${dossier.metrics} frameworks=${open} open=${open.length} verdicts=${countBy(records(dossier.claims), "verdict")}
    kinds=${countBy(records(dossier.facts).map((fact) => ({ kind: tierOf(fact) })), "kind")} />`;
}

/**
 * Of a dossier of ours: its numbers stand in the summary.
 * @param {{run: Run, dossier: Api.RunDossier}} props
 */
export function OverviewOfParts({ run, dossier }) {
  const summary = object(run.summary_json);
  const verdicts = sortedCounts(summary.claims).filter(([, count]) => count > 0).map(([verdict, count]) => [verdict.toUpperCase(), count]);
  return html`<${Shown} run=${run} metrics=${dossier.metrics} frameworks=${dossier.frameworks} open=${Number(summary.unresolved ?? 0)} verdicts=${verdicts}
    kinds=${sortedCounts(summary.facts)} />`;
}

/** @param {{run: Run, metrics: unknown, frameworks: Foreign[], open: number, verdicts: Array<[string, number]>, kinds: Array<[string, number]>}} props */
function Shown({ run, metrics: said, frameworks, open, verdicts, kinds }) {
  const metrics = Object.entries(object(said)).filter(([, metric]) => "value" in object(metric));
  return html`<div class="overview">
    <${NoDrift} run=${run} />
    <${Unread} run=${run} unresolved=${frameworks} />
    <section aria-labelledby="overview-metrics"><h2 id="overview-metrics">Metrics</h2>
      ${metrics.length === 0 && html`<p class="muted">This dossier has no metrics.</p>`}
      <ul class="metrics">${metrics.map(([name, metric]) => html`<${Metric} key=${name} name=${name} metric=${metric} />`)}</ul>
    </section>
    <div class="columns">
      <section aria-labelledby="overview-facts"><h2 id="overview-facts">Facts</h2>
        ${kinds.length === 0 ? html`<p class="muted">No fact was found.</p>` : html`<ul class="counts">
          ${kinds.map(([kind, count]) => html`<li key=${kind}><a href=${hashOf("facts", kind)}>${visible(kindLabel(kind))}</a><span class="num">${formatNumber(count)}</span></li>`)}
          <li><a href="#facts:unresolved">Recognised but unresolved</a><span class="num">${formatNumber(open)}</span></li>
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
    <h3>${visible(metricName(name))}</h3>
    <p class="metric-value num">${formatScore(metric.value)} <span class="metric-parts">${parts}</span></p>
    ${metric.interpretation && html`<p>${oneLine(metric.interpretation)}</p>`}
    ${metric.formula && html`<p class="muted formula">${oneLine(metric.formula)}</p>`}
  </li>`;
}
