// The facts with their evidence: by kind and text, sorted, grouped; the unresolved
// beside them. Any number of them scrolls.
import { formatNumber, kindLabel, plural, visible } from "../format.js";
import { hashOf } from "../links.js";
import { isPrinting } from "../printing.js";
import { navigate } from "../router.js";
import { filterFacts, groupFacts, haystack, sortFacts } from "../search.js";
import { countBy, tierOf } from "../summary.js";
import { html, useEffect, useMemo, useRef, useState } from "../view.js";
import { Fact, GroupHead } from "./fact.js";
import { LongList } from "./long-list.js";
import { Unread } from "./unread.js";

/** @typedef {import("../search.js").Row} Row */

const UNRESOLVED = "unresolved";
const ORDERS = [["", "as in the dossier"], ["name", "name"], ["place", "file and line"]];
const GROUPS = [["", "nothing"], ["kind", "kind"], ["file", "file"]];

/** @typedef {{kind?: string, q?: string, sort?: string, group?: string}} Kept */

/** How long a person stops typing before the address says what they typed. */
const SETTLED_MS = 300;

/** @param {{run: Run, facts: Foreign[], unresolved: Foreign[], kind: string, set: URLSearchParams, kept: Kept}} props
 *   set: what the address says; kept: what was set here before, where it says nothing */
export function Facts({ run, facts, unresolved, kind: named, set, kept }) {
  const comesBack = useRef(named === "" && set.size === 0);
  const kind = comesBack.current ? kept.kind ?? "" : named;
  const was = (/** @type {"q" | "sort" | "group"} */ name) => (comesBack.current ? kept[name] : set.get(name)) ?? "";
  const [text, setText] = useState(() => was("q"));
  const [order, setOrder] = useState(() => was("sort"));
  const [group, setGroup] = useState(() => was("group"));
  const kinds = useMemo(() => countBy(facts.map((fact) => ({ kind: tierOf(fact) })), "kind"), [facts]);
  const chosen = kind;
  const none = chosen !== "" && chosen !== UNRESOLVED && !kinds.some(([name]) => name === chosen);
  const sorted = useMemo(() => sortFacts(chosen === UNRESOLVED ? unresolved : facts, order), [facts, unresolved, chosen, order]);
  const found = useMemo(() => filterFacts(sorted, chosen === UNRESOLVED ? "" : chosen, text), [sorted, chosen, text]);
  const rows = useMemo(() => groupFacts(found, group), [found, group]);
  useEffect(() => prepare(facts), [facts]);
  useEffect(() => {
    Object.assign(kept, { kind, q: text, sort: order, group });
    if (isPrinting()) return undefined;
    const address = hashOf("facts", kind, { q: text, sort: order, group });
    const timer = setTimeout(() => {
      comesBack.current = false;
      if (location.hash !== address) navigate(address, { replace: true });
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [kind, text, order, group]);

  /** @param {FieldEvent} event */
  function onKind(event) {
    comesBack.current = false;
    navigate(hashOf("facts", event.target.value, { q: text, sort: order, group }), { replace: true });
  }

  return html`<div>
    <h2 class="sr-only">Facts</h2>
    <form class="filters filters-inline" role="search" aria-label="Filter facts" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <label class="field"><span class="field-label">Kind</span>
        <select value=${chosen} onChange=${onKind}>
          <option value="">All kinds (${formatNumber(facts.length)})</option>
          ${none && html`<option value=${chosen} selected>${visible(kindLabel(chosen))} (0)</option>`}
          ${kinds.map(([name, count]) => html`<option key=${name} value=${name} selected=${name === chosen}>${visible(kindLabel(name))} (${formatNumber(count)})</option>`)}
          <option value=${UNRESOLVED} selected=${chosen === UNRESOLVED}>Unresolved (${formatNumber(unresolved.length)})</option>
        </select></label>
      <label class="field field-grow"><span class="field-label">Text</span>
        <input type="search" placeholder="name, attribute or path" autocomplete="off" spellcheck="false" data-search value=${text}
          onInput=${(/** @type {FieldEvent} */ event) => setText(event.target.value)} /></label>
      <${Choice} label="Sort by" value=${order} options=${ORDERS} onChange=${setOrder} />
      <${Choice} label="Group by" value=${group} options=${GROUPS} onChange=${setGroup} />
      <p class="result-count num" role="status">${plural(found.length, chosen === UNRESOLVED ? "place" : "fact")}</p>
    </form>
    ${(chosen === "" || chosen === "endpoint") && html`<${Unread} run=${run} unresolved=${unresolved} />`}
    ${found.length === 0
      ? html`<p class="muted empty-line">${none ? `No ${visible(kindLabel(chosen)).toLowerCase()} were found in what was read.` : html`Nothing matches. ${text !== "" ? "Try fewer words." : chosen === UNRESOLVED ? "Every recognised construct could be pinned down." : ""}`}</p>`
      : html`<${LongList} key=${`${chosen} ${group}`} className="facts" items=${rows} keyOf=${keyOf} estimate=${78}
          row=${(/** @type {Row} */ row) => ("fact" in row
            ? html`<${Fact} key=${keyOf(row)} name=${keyOf(row)} run=${run} fact=${row.fact} place=${row.place} of=${found.length} />`
            : html`<${GroupHead} key=${keyOf(row)} name=${keyOf(row)} row=${row} />`)} />`}
  </div>`;
}

/** @param {{label: string, value: string, options: string[][], onChange: (value: string) => void}} props */
function Choice({ label, value, options, onChange }) {
  return html`<label class="field"><span class="field-label">${label}</span>
    <select value=${value} onChange=${(/** @type {FieldEvent} */ event) => onChange(event.target.value)}>
      ${options.map(([name, words]) => html`<option key=${name} value=${name} selected=${name === value}>${words}</option>`)}
    </select></label>`;
}

/** @type {WeakMap<object, string>} */
const keys = new WeakMap();
let made = 0;

/**
 * A name that a fact keeps however the list is sorted; the dossier's ids may be missing or repeated.
 * @param {Row} row
 */
function keyOf(row) {
  if (!("fact" in row)) return `head ${row.head}`;
  const held = keys.get(row.fact);
  if (held !== undefined) return held;
  const name = `fact ${(made += 1)}`;
  keys.set(row.fact, name);
  return name;
}

/**
 * Builds what is searched while nobody waits, so that the first keystroke does not.
 * @param {Foreign[]} facts
 */
function prepare(facts) {
  let at = 0;
  let timer = 0;
  const step = () => {
    const end = Math.min(facts.length, at + 500);
    for (; at < end; at += 1) haystack(facts[at]);
    if (at < facts.length) timer = window.setTimeout(step, 0);
  };
  timer = window.setTimeout(step, 200);
  return () => clearTimeout(timer);
}
