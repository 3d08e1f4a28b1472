// A repository's numbers over its runs: one ref at a time, as charts and as a table.
import { formatNumber, oneLine } from "../format.js";
import { chartsOf, refsOf } from "../trend.js";
import { html, useMemo, useState } from "../view.js";
import { Chart } from "./chart.js";
import { Notice } from "./notice.js";
import { TrendTable } from "./trend-table.js";

/** @param {{points: Point[], gitRef: string, onRef: (gitRef: string) => void}} props gitRef: empty for all */
export function Trends({ points, gitRef, onRef }) {
  const refs = useMemo(() => refsOf(points), [points]);
  const shown = useMemo(() => (gitRef === "" ? points : points.filter((point) => point.ref === gitRef)), [points, gitRef]);
  const charts = useMemo(() => chartsOf(shown), [shown]);
  const [table, setTable] = useState(false);
  return html`<section aria-labelledby="trends">
    <div class="section-head"><h2 id="trends">Trends</h2>
      <label class="field field-row"><span class="field-label">Ref</span>
        <select value=${gitRef} onChange=${(/** @type {FieldEvent} */ event) => onRef(event.target.value)}>
          <option value="" selected=${gitRef === ""}>All refs (${formatNumber(points.length)})</option>
          ${refs.map(([name, count]) => html`<option key=${name} value=${name} selected=${name === gitRef}>${oneLine(name)} (${formatNumber(count)})</option>`)}
        </select></label>
      <button type="button" class="button" aria-pressed=${table ? "true" : "false"} onClick=${() => setTable(!table)}>${table ? "Show charts" : "Show as table"}</button>
    </div>
    ${charts.length === 0
      ? html`<${Notice} title="Nothing to draw yet"><p>The charts start with the first finished run that has numbers in its summary.</p><//>`
      : table
        ? html`<${TrendTable} points=${shown} />`
        : html`<div class="charts">${charts.map((chart) => html`<${Chart} key=${chart.id} chart=${chart} points=${shown} />`)}</div>`}
  </section>`;
}
