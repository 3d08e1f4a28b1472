// A branch's numbers over its runs, as charts and as a table.
import { chartsOf } from "../trend.js";
import { html, useMemo, useState } from "../view.js";
import { Chart } from "./chart.js";
import { Notice } from "./notice.js";
import { TrendTable } from "./trend-table.js";

/** @param {{points: Point[]}} props of one branch */
export function Trends({ points }) {
  const charts = useMemo(() => chartsOf(points), [points]);
  const [table, setTable] = useState(false);
  return html`<section aria-labelledby="trends">
    <div class="section-head"><h2 id="trends">Trends</h2>
      <button type="button" class="button" aria-pressed=${table ? "true" : "false"} onClick=${() => setTable(!table)}>${table ? "Show charts" : "Show as table"}</button>
    </div>
    ${charts.length === 0
      ? html`<${Notice} title="Nothing to draw yet"><p>The charts start with the first finished run that has numbers in its summary.</p><//>`
      : table
        ? html`<${TrendTable} points=${points} />`
        : html`<div class="charts">${charts.map((chart) => html`<${Chart} key=${chart.id} chart=${chart} points=${points} />`)}</div>`}
  </section>`;
}
