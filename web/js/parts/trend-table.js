// The same points as the charts, as a table: newest first, every number readable.
import { formatDuration, formatNumber, formatScore, kindLabel, metricName, oneLine, shortSha } from "../format.js";
import { runPath } from "../links.js";
import { object } from "../summary.js";
import { topKinds } from "../trend.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { Time } from "./time.js";

/** @param {{points: Point[]}} props oldest first */
export function TrendTable({ points }) {
  const kinds = topKinds(points);
  return html`<div class="scroll-x" tabindex="0" role="region" aria-label="Trends as a table"><table class="data trend-table">
    <thead><tr><th scope="col">Commit</th><th scope="col">Ref</th><th scope="col">Status</th><th scope="col">Created</th>
      ${kinds.map((kind) => html`<th key=${kind} scope="col" class="align-right">${oneLine(kindLabel(kind))}</th>`)}
      ${["Contradicted", metricName("dci"), metricName("rci"), "Lines", "Duration"].map((name) => html`<th key=${name} scope="col" class="align-right">${name}</th>`)}</tr></thead>
    <tbody>${[...points].reverse().map((point) => html`<tr key=${point.run_id}>
      <th scope="row"><a href=${runPath(point.run_id)}><code>${shortSha(point.commit_sha)}</code></a></th>
      <td><bdi>${oneLine(point.ref)}</bdi></td><td><${Badge} of="run" value=${point.status} /></td><td><${Time} at=${point.created_at} /></td>
      ${kinds.map((kind) => html`<td key=${kind} class="align-right num">${formatNumber(object(point.facts)[kind])}</td>`)}
      <td class="align-right num">${formatNumber(object(point.claims).contradicted)}</td>
      <td class="align-right num">${formatScore(object(point.metrics).dci)}</td><td class="align-right num">${formatScore(object(point.metrics).rci)}</td>
      <td class="align-right num">${formatNumber(point.lines)}</td><td class="align-right num">${formatDuration(point.duration_ms)}</td></tr>`)}</tbody>
  </table></div>`;
}
