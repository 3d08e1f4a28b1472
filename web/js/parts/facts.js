// The facts of a run: a table for each kind, found by text, sorted, in groups; what was not
// pinned down beside them. What is set stands in the address.
import { useFacts, useSettled, listOf } from "../fact-list.js";
import { usualGroup } from "../fact-columns.js";
import { formatNumber, kindLabel, plural, visible } from "../format.js";
import { hashOf } from "../links.js";
import { isPrinting } from "../printing.js";
import { navigate } from "../router.js";
import { haystack } from "../search.js";
import { countBy, sortedCounts, tierOf } from "../summary.js";
import { html, useEffect, useMemo, useRef, useState } from "../view.js";
import { FactTable } from "./fact-table.js";
import { Failure, Loading } from "./notice.js";
import { Unread, UnreadNames } from "./unread.js";

const UNRESOLVED = "unresolved";
const ORDERS = [["", "usual order"], ["name", "name"], ["place", "file and line"]];
/** @type {Record<string, string>} */
const GROUPS = { none: "nothing", part: "part", kind: "kind", file: "file" };
/** @type {Record<string, string>} */
const PARTS = { endpoint: "path prefix", endpoint_inferred: "path prefix", env_var: "who names it", dependency: "manifest", command: "what it does" };

/** @typedef {{kind?: string, q?: string, sort?: string, group?: string}} Kept */
/** @typedef {{facts: Foreign[], unresolved: Foreign[]}} Rows */

/** How long a person stops typing before the server is asked, and before the address says what they typed. */
const ASKED_MS = 120;
const SETTLED_MS = 300;

/** @param {{run: Run, dossier: Rows | null, paper: Rows | null, counts: Foreign, kind: string, set: URLSearchParams, kept: Kept}} props
 *   dossier: null where the server is asked for pages; paper: what is printed; counts: the summary of a dossier of ours;
 *   set: what the address says; kept: what was set here before, where it says nothing */
export function Facts({ paper, ...chosen }) {
  return isPrinting() ? html`<${OnPaper} run=${chosen.run} dossier=${paper} />` : html`<${Chosen} ...${chosen} />`;
}

/** @param {Omit<Parameters<typeof Facts>[0], "paper">} props */
function Chosen({ run, dossier, counts, kind: named, set, kept }) {
  const comesBack = useRef(named === "" && set.size === 0);
  const kind = comesBack.current ? kept.kind ?? "" : named;
  const was = (/** @type {"q" | "sort" | "group"} */ name) => (comesBack.current ? kept[name] : set.get(name)) ?? "";
  const [text, setText] = useState(() => was("q"));
  const [order, setOrder] = useState(() => was("sort"));
  const [group, setGroup] = useState(() => was("group"));
  const kinds = useMemo(() => (dossier === null ? sortedCounts(counts.facts) : countBy(dossier.facts.map((fact) => ({ kind: tierOf(fact) })), "kind")), [dossier, counts]);
  const all = kinds.reduce((sum, [, count]) => sum + count, 0);
  const open = dossier === null ? Number(counts.unresolved ?? 0) : dossier.unresolved.length;
  const none = kind !== "" && kind !== UNRESOLVED && !kinds.some(([name]) => name === kind);
  const at = set.get("at") ?? "";
  const question = { kind, q: useSettled(text, dossier === null ? ASKED_MS : 0), sort: order, group: group === "" ? usualGroup(kind) : group };
  const { list, error, retry } = useFacts(run, none ? NOTHING : dossier, question, at);
  const isShown = list !== null && list.question.kind === kind;
  useEffect(() => (dossier === null ? undefined : prepare(dossier.facts)), [dossier]);
  useEffect(() => {
    Object.assign(kept, { kind, q: text, sort: order, group });
    const said = [named, set.get("q") ?? "", set.get("sort") ?? "", set.get("group") ?? ""];
    if (String(said) === String([kind, text, order, group])) return undefined;
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
        <select value=${kind} onChange=${onKind}>
          <option value="">All kinds (${formatNumber(all)})</option>
          ${none && html`<option value=${kind} selected>${visible(kindLabel(kind))} (0)</option>`}
          ${kinds.map(([name, count]) => html`<option key=${name} value=${name} selected=${name === kind}>${visible(kindLabel(name))} (${formatNumber(count)})</option>`)}
          <option value=${UNRESOLVED} selected=${kind === UNRESOLVED}>Unresolved (${formatNumber(open)})</option>
        </select></label>
      <label class="field field-grow"><span class="field-label">Text</span>
        <input type="search" placeholder="name, attribute or path" autocomplete="off" spellcheck="false" data-search value=${text}
          onInput=${(/** @type {FieldEvent} */ event) => setText(event.target.value)} /></label>
      <${Choice} label="Sort by" value=${order} options=${ORDERS} onChange=${setOrder} />
      <${Choice} label="Group by" value=${group} options=${groupsOf(kind)} onChange=${setGroup} />
      <p class="result-count num" role="status">${isShown && plural(list.total, kind === UNRESOLVED ? "place" : "fact")}</p>
    </form>
    ${(kind === "" || kind === "endpoint") && (dossier === null ? html`<${UnreadNames} names=${counts.unread_frameworks} />` : html`<${Unread} run=${run} unresolved=${dossier.unresolved} />`)}
    ${error !== null ? html`<${Failure} error=${error} refresh=${retry} what="The facts" />`
      : !isShown ? html`<${Loading} label="Loading the facts" rows=${4} />`
        : list.total === 0
          ? html`<p class="muted empty-line">${none ? `No ${visible(kindLabel(kind)).toLowerCase()} were found in what was read.` : html`Nothing matches. ${text !== "" ? "Try fewer words." : kind === UNRESOLVED ? "Every recognised construct could be pinned down." : ""}`}</p>`
          : html`<${FactTable} key=${`${kind} ${list.question.group}`} run=${run} kind=${kind} list=${list} at=${at} />`}
  </div>`;
}

/** A kind of which nothing was found needs no answer of the server. @type {Rows} */
const NOTHING = { facts: [], unresolved: [] };

/** What the facts of a kind can be grouped by; the usual one first. @param {string} kind */
function groupsOf(kind) {
  const usual = usualGroup(kind);
  const words = (/** @type {string} */ name) => (name === "part" && Object.hasOwn(PARTS, kind) ? PARTS[kind] : GROUPS[name]);
  const others = ["none", "kind", "file", ...(Object.hasOwn(PARTS, kind) ? ["part"] : [])].filter((name) => name !== usual);
  return [["", words(usual)], ...others.map((name) => [name, words(name)])];
}

/** @param {{label: string, value: string, options: string[][], onChange: (value: string) => void}} props */
function Choice({ label, value, options, onChange }) {
  return html`<label class="field"><span class="field-label">${label}</span>
    <select value=${value} onChange=${(/** @type {FieldEvent} */ event) => onChange(event.target.value)}>
      ${options.map(([name, words]) => html`<option key=${name} value=${name} selected=${name === value}>${words}</option>`)}
    </select></label>`;
}

/**
 * Every fact, a table for each kind.
 * @param {{run: Run, dossier: Rows | null}} props
 */
function OnPaper({ run, dossier }) {
  if (dossier === null) return html`<p>The facts could not be loaded.</p>`;
  const kinds = countBy(dossier.facts.map((fact) => ({ kind: tierOf(fact) })), "kind");
  const tables = [...kinds, ...(dossier.unresolved.length > 0 ? [[UNRESOLVED, dossier.unresolved.length]] : [])];
  return html`<div><h2 class="sr-only">Facts</h2>${tables.map(([kind, count]) => html`<section key=${kind}><h3>${visible(kindLabel(String(kind)))} <span class="tab-count num">${formatNumber(count)}</span></h3>
    <${FactTable} run=${run} kind=${kind} list=${listOf(dossier, { kind: String(kind), q: "", sort: "", group: usualGroup(String(kind)) })} /></section>`)}</div>`;
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
