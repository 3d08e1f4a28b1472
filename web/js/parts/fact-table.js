// Facts as a table: a head that stays, a line for each, and what opens beneath it. Of all kinds each kind has its own
// columns, below its own head.
import { formatNumber, kindLabel, visible } from "../format.js";
import { columnsOf, kindOfRow, tableOf } from "../fact-columns.js";
import { html } from "../view.js";
import { cellClass, Fact } from "./fact.js";
import { LongList } from "./long-list.js";

const ROW_PX = 33;

/** @param {{run: Run, kind: string, list: import("../fact-list.js").FactList, at?: string}} props at: the id of the fact to go to */
export function FactTable({ run, kind, list, at = "" }) {
  const isParted = kind === "" && list.question.group === "kind";
  return html`<div class=${`fact-table ${isParted ? "facts-of-all" : `facts-of-${tableOf(kind)}`}`} role="table" aria-label=${kind === "" ? "Facts of all kinds" : visible(kindLabel(kind))} aria-rowcount=${list.count + 1}>
    ${!isParted && html`<div class="fact-head" role="rowgroup"><${Titles} kind=${kind} /></div>`}
    <${LongList} className="facts" count=${list.count} of=${list} keyOf=${(/** @type {number} */ index) => keyOf(list.at(index))} estimate=${ROW_PX}
      need=${list.need} sought=${list.sought}
      row=${(/** @type {number} */ index) => html`<${Row} key=${keyOf(list.at(index))} run=${run} isParted=${isParted} row=${list.at(index)} index=${index} kind=${kind} at=${at} />`} />
  </div>`;
}

/** The heads of the columns. @param {{kind: string}} props */
function Titles({ kind }) {
  return html`<div class="fact-row" role="row" aria-rowindex="1">
    ${columnsOf(kind).map((column) => html`<span key=${column.title} class=${cellClass(column)} role="columnheader">${column.title}</span>`)}</div>`;
}

/** @param {import("../search.js").Row} row */
function keyOf(row) {
  if ("head" in row) return `head ${row.head}`;
  return `${row.place} ${"fact" in row ? String(row.fact.id ?? "") : ""}`;
}

/** @param {{run: Run, isParted: boolean, row: import("../search.js").Row, index: number, kind: string, at: string}} props */
function Row({ run, isParted, row, index, kind, at }) {
  const name = keyOf(row);
  if ("head" in row) {
    const own = row.name || "unresolved";
    return html`<div class=${isParted ? `fact-group facts-of-${tableOf(own)}` : "fact-group"} role="rowgroup" data-key=${name}><div role="row" aria-rowindex=${index + 2}>
      <div role="cell" aria-colspan=${columnsOf(isParted ? own : kind).length}><h3 class="fact-group-name">${row.code ? html`<code><bdi>${row.head}</bdi></code>` : row.head} <span class="tab-count num">${formatNumber(row.count)}</span></h3></div></div>
      ${isParted && html`<div class="fact-titles"><${Titles} kind=${own} /></div>`}</div>`;
  }
  if ("fact" in row) {
    const own = isParted ? kindOfRow(row.fact) : kind;
    return html`<${Fact} name=${name} run=${run} fact=${row.fact} columns=${columnsOf(own)} table=${isParted ? tableOf(own) : ""} index=${index} kind=${kind} isTarget=${at !== "" && row.fact.id === at} />`;
  }
  return html`<div class="fact fact-waiting" role="rowgroup" data-key=${name}><div class="fact-row" role="row" aria-rowindex=${index + 2}>
    <span class="cell cell-main" role="cell" aria-colspan=${columnsOf(kind).length}><span class="sr-only">Loading</span></span></div></div>`;
}
