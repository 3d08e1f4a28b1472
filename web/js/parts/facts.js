// @ts-check
// The facts with their evidence, by kind and text; the unresolved beside them.
import { attribute, brief, formatNumber, humanize, kindLabel, plural, visible } from "../format.js";
import { hashOf } from "../links.js";
import { filterFacts } from "../search.js";
import { countBy, object } from "../summary.js";
import { html, useMemo, useState } from "../view.js";
import { Badge } from "./badge.js";
import { EvidenceList } from "./evidence.js";
import { useMore } from "./more.js";

const UNRESOLVED = "unresolved";

/** @param {{run: any, facts: any[], unresolved: any[], kind: string}} props */
export function Facts({ run, facts, unresolved, kind }) {
  const [text, setText] = useState("");
  const kinds = useMemo(() => countBy(facts, "kind"), [facts]);
  const chosen = kind === UNRESOLVED || kinds.some(([name]) => name === kind) ? kind : "";
  const found = useMemo(
    () => (chosen === UNRESOLVED ? filterFacts(unresolved, "", text) : filterFacts(facts, chosen, text)),
    [facts, unresolved, chosen, text],
  );
  const { shown, more } = useMore(found, [chosen, text]);

  /** @param {any} event */
  function onKind(event) {
    const next = event.target.value;
    history.replaceState(history.state, "", hashOf("facts", next));
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  }

  return html`<div>
    <h2 class="sr-only">Facts</h2>
    <form class="filters filters-inline" role="search" aria-label="Filter facts" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <label class="field"><span class="field-label">Kind</span>
        <select value=${chosen} onChange=${onKind}>
          <option value="">All kinds (${formatNumber(facts.length)})</option>
          ${kinds.map(([name, count]) => html`<option key=${name} value=${name} selected=${name === chosen}>${visible(kindLabel(name))} (${formatNumber(count)})</option>`)}
          <option value=${UNRESOLVED} selected=${chosen === UNRESOLVED}>Unresolved (${formatNumber(unresolved.length)})</option>
        </select></label>
      <label class="field field-grow"><span class="field-label">Text</span>
        <input type="search" placeholder="name, attribute or path" autocomplete="off" spellcheck="false" value=${text}
          onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></label>
      <p class="result-count num" role="status">${plural(found.length, chosen === UNRESOLVED ? "place" : "fact")}</p>
    </form>
    ${found.length === 0
      ? html`<p class="muted empty-line">Nothing matches. ${text !== "" ? "Try fewer words." : chosen === UNRESOLVED ? "Every recognised construct could be pinned down." : ""}</p>`
      : html`<ul class="facts">${shown.map((fact, index) => html`<${Fact} key=${fact.id ?? `${chosen}-${index}`} run=${run} fact=${fact} />`)}</ul>`}
    ${more}
  </div>`;
}

/** @param {{run: any, fact: any}} props */
function Fact({ run, fact }) {
  const attrs = Object.entries(object(fact.attrs)).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
  return html`<li class="fact">
    <div class="fact-main">
      <span class="fact-kind">${visible(humanize(fact.kind))}</span>
      <code class="fact-key"><bdi>${brief(fact.key ?? fact.reason ?? fact.id ?? "")}</bdi></code>
      ${fact.status && html`<${Badge} of="fact" value=${fact.status} />`}
    </div>
    ${attrs.length > 0 && html`<dl class="attrs">${attrs.map(([name, value]) => html`<div key=${name}><dt>${visible(humanize(name))}</dt><dd><bdi>${brief(attribute(value))}</bdi></dd></div>`)}</dl>`}
    <${EvidenceList} run=${run} evidence=${fact.evidence} />
  </li>`;
}
