// One fact: a line of its table, and beneath it what it says and where that stands.
import { called, openWords } from "../fact-columns.js";
import { attribute, brief, humanize, visible } from "../format.js";
import { factPath, hashOf } from "../links.js";
import { object } from "../summary.js";
import { html, useEffect, useState } from "../view.js";
import { Badge } from "./badge.js";
import { EvidenceList } from "./evidence.js";
import { Icon } from "./icon.js";
import { Sentence } from "./sentence.js";

/** What was opened stays open when a long list drops and redraws its row. @type {Set<string>} */
const opened = new Set();

/**
 * @param {{name: string, run: Run, fact: Foreign, columns: import("../fact-columns.js").Column[], table: string, index: number, kind: string, isTarget: boolean}} props
 *   table: whose columns these are, where not those of the whole table
 */
export function Fact({ name, run, fact, columns, table, index, kind, isTarget }) {
  const id = `${run.id} ${String(fact.id ?? name)}`;
  const [open, setOpen] = useState(isTarget || opened.has(id));
  // The address may come to name it while the page stands.
  useEffect(() => void (isTarget && setOpen(true)), [isTarget]);

  function toggle() {
    if (open) opened.delete(id);
    else opened.add(id);
    setOpen(!open);
  }

  /** The whole line is the button, but for a text that somebody marks. @param {MouseEvent} event */
  function onClick(event) {
    if (event.target instanceof Element && event.target.closest("a, button") === null && String(getSelection()) === "") toggle();
  }

  const classes = ["fact", isTarget ? "is-target" : "", table === "" ? "" : `facts-of-${table}`].filter(Boolean).join(" ");
  return html`<div class=${classes} role="rowgroup" data-key=${name} data-row>
    <div class="fact-row" role="row" aria-rowindex=${index + 2} onClick=${onClick}>
      ${columns.map((column, place) => html`<${Cell} key=${column.title} fact=${fact} column=${column}
        toggle=${place === 0 ? html`<button type="button" class="fact-toggle" aria-expanded=${open ? "true" : "false"} aria-label=${called(fact)} onClick=${toggle}><${Icon} name="chevron" /></button>` : null} />`)}
    </div>
    ${open && html`<div class="fact-detail" role="row"><div role="cell" aria-colspan=${columns.length}><${Detail} run=${run} fact=${fact} kind=${kind} /></div></div>`}
  </div>`;
}

/** @param {import("../fact-columns.js").Column} column */
export function cellClass(column) {
  return `cell ${column.main ? "cell-main" : ""} ${column.place ? "cell-place" : ""}`;
}

/** @param {{fact: Foreign, column: import("../fact-columns.js").Column, toggle: unknown}} props */
function Cell({ fact, column, toggle }) {
  const text = column.of(fact);
  return html`<span class=${text === "–" ? `${cellClass(column)} cell-none` : cellClass(column)} role="cell" title=${text} data-column=${column.main || column.place ? undefined : column.title}>${toggle}
    ${column.code && text !== "–" ? html`<code class=${column.main ? "fact-key" : ""}><bdi>${text}</bdi></code>` : html`<span class=${column.main ? "fact-key" : ""}><${Sentence} text=${text} /></span>`}
    ${column.main && fact.status === "INFERRED" && html`<${Badge} of="fact" value="INFERRED" />`}</span>`;
}

/** @param {{run: Run, fact: Foreign, kind: string}} props */
function Detail({ run, fact, kind }) {
  const attrs = Object.entries(object(fact.attrs)).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
  const isFact = fact.key !== undefined;
  return html`<div class="fact-main">${isFact ? html`<code class="fact-whole"><bdi>${called(fact)}</bdi></code>` : html`<span class="fact-whole"><${Sentence} text=${openWords(fact)} /></span>`}
      <span class="fact-links">${fact.status && html`<${Badge} of="fact" value=${fact.status} />`}
        ${isFact && html`<a href=${factPath(run, fact)}>History</a>`}
        ${fact.id && html`<a href=${hashOf("facts", kind, { at: String(fact.id) })}>Link to this row</a>`}</span></div>
    ${attrs.length > 0 && html`<dl class="attrs">${attrs.map(([key, value]) => html`<div key=${key}><dt>${visible(humanize(key))}</dt><dd><bdi>${brief(attribute(value))}</bdi></dd></div>`)}</dl>`}
    <${EvidenceList} run=${run} evidence=${fact.evidence} open=${true} />`;
}
