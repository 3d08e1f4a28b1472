// A repository's numbers over its runs: one branch at a time, as charts and as a table.
import { oneLine } from "../format.js";
import { chartsOf } from "../trend.js";
import { html, useMemo, useState } from "../view.js";
import { Chart } from "./chart.js";
import { Notice } from "./notice.js";
import { TrendTable } from "./trend-table.js";

/** @param {{points: Point[], gitRef: string, branches: string[], onRef: (gitRef: string) => void}} props
 *   gitRef: empty while nobody said which the default branch is */
export function Trends({ points, gitRef, branches, onRef }) {
  const charts = useMemo(() => chartsOf(points), [points]);
  const names = gitRef === "" ? ["", ...branches] : [...new Set([gitRef, ...branches])];
  const [table, setTable] = useState(false);
  return html`<section aria-labelledby="trends">
    <div class="section-head"><h2 id="trends">Trends</h2>
      <label class="field field-row"><span class="field-label">Branch</span>
        <select value=${gitRef} onChange=${(/** @type {FieldEvent} */ event) => onRef(event.target.value)}>
          ${names.map((name) => html`<option key=${name} value=${name} selected=${name === gitRef}>${name === "" ? "All branches" : oneLine(name)}</option>`)}
        </select></label>
      <button type="button" class="button" aria-pressed=${table ? "true" : "false"} onClick=${() => setTable(!table)}>${table ? "Show charts" : "Show as table"}</button>
    </div>
    ${charts.length === 0
      ? html`<${Notice} title="Nothing to draw yet"><p>The charts start with the first finished run that has numbers in its summary.</p><//>`
      : table
        ? html`<${TrendTable} points=${points} />`
        : html`<div class="charts">${charts.map((chart) => html`<${Chart} key=${chart.id} chart=${chart} points=${points} />`)}</div>`}
  </section>`;
}
