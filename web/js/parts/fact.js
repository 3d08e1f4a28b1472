// One fact with its attributes and evidence, and the head of a group of them.
import { attribute, brief, formatNumber, humanize, visible } from "../format.js";
import { object } from "../summary.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { EvidenceList } from "./evidence.js";

/** @param {{name: string, run: Run, fact: Foreign, place: number, of: number}} props */
export function Fact({ name, run, fact, place, of }) {
  const attrs = Object.entries(object(fact.attrs)).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
  return html`<li class="fact" data-key=${name} data-row aria-posinset=${place} aria-setsize=${of}>
    <div class="fact-main">
      <span class="fact-kind">${visible(humanize(fact.kind))}</span>
      <code class="fact-key"><bdi>${brief(fact.key ?? fact.reason ?? fact.id ?? "")}</bdi></code>
      ${fact.status && html`<${Badge} of="fact" value=${fact.status} />`}
    </div>
    ${attrs.length > 0 && html`<dl class="attrs">${attrs.map(([key, value]) => html`<div key=${key}><dt>${visible(humanize(key))}</dt><dd><bdi>${brief(attribute(value))}</bdi></dd></div>`)}</dl>`}
    <${EvidenceList} run=${run} evidence=${fact.evidence} />
  </li>`;
}

/** @param {{name: string, row: {head: string, code: boolean, count: number}}} props */
export function GroupHead({ name, row }) {
  return html`<li class="fact-group" data-key=${name}><h3 class="fact-group-name">${row.code ? html`<code><bdi>${row.head}</bdi></code>` : row.head} <span class="tab-count num">${formatNumber(row.count)}</span></h3></li>`;
}
