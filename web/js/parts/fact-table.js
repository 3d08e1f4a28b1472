// Facts of one kind as a table: a head that stays, a line for each, and what opens beneath it.
import { formatNumber, kindLabel, visible } from "../format.js";
import { columnsOf, tableOf } from "../fact-columns.js";
import { html } from "../view.js";
import { cellClass, Fact } from "./fact.js";
import { LongList } from "./long-list.js";

const ROW_PX = 33;

/** @param {{run: Run, kind: string, list: import("../fact-list.js").FactList, at?: string}} props at: the id of the fact to go to */
export function FactTable({ run, kind, list, at = "" }) {
  const columns = columnsOf(kind);
  return html`<div class=${`fact-table facts-of-${tableOf(kind)}`} role="table" aria-label=${kind === "" ? "Facts of all kinds" : visible(kindLabel(kind))} aria-rowcount=${list.count + 1}>
    <div class="fact-head" role="rowgroup"><div class="fact-row" role="row" aria-rowindex="1">
      ${columns.map((column) => html`<span key=${column.title} class=${cellClass(column)} role="columnheader">${column.title}</span>`)}</div></div>
    <${LongList} className="facts" count=${list.count} of=${list} keyOf=${(/** @type {number} */ index) => keyOf(list.at(index))} estimate=${ROW_PX}
      need=${list.need} sought=${list.sought}
      row=${(/** @type {number} */ index) => html`<${Row} key=${keyOf(list.at(index))} run=${run} columns=${columns} row=${list.at(index)} index=${index} kind=${kind} at=${at} />`} />
  </div>`;
}

/** @param {import("../search.js").Row} row */
function keyOf(row) {
  if ("head" in row) return `head ${row.head}`;
  return `${row.place} ${"fact" in row ? String(row.fact.id ?? "") : ""}`;
}

/** @param {{run: Run, columns: import("../fact-columns.js").Column[], row: import("../search.js").Row, index: number, kind: string, at: string}} props */
function Row({ run, columns, row, index, kind, at }) {
  const name = keyOf(row);
  if ("head" in row) {
    return html`<div class="fact-group" role="rowgroup" data-key=${name}><div role="row" aria-rowindex=${index + 2}>
      <div role="cell" aria-colspan=${columns.length}><h3 class="fact-group-name">${row.code ? html`<code><bdi>${row.head}</bdi></code>` : row.head} <span class="tab-count num">${formatNumber(row.count)}</span></h3></div></div></div>`;
  }
  if ("fact" in row) {
    return html`<${Fact} name=${name} run=${run} fact=${row.fact} columns=${columns} index=${index} kind=${kind} isTarget=${at !== "" && row.fact.id === at} />`;
  }
  return html`<div class="fact fact-waiting" role="rowgroup" data-key=${name}><div class="fact-row" role="row" aria-rowindex=${index + 2}>
    <span class="cell cell-main" role="cell" aria-colspan=${columns.length}><span class="sr-only">Loading</span></span></div></div>`;
}
