// What to decide before a commit is deployed, as tables: variables with what they need, then
// migrations, ports, hosts and the rest. What is ticked stays ticked in this browser.
import { useDone } from "../done.js";
import { attribute, brief, formatNumber, place } from "../format.js";
import { hashOf } from "../links.js";
import { list, object, records } from "../summary.js";
import { html, useEffect, useState } from "../view.js";
import { EvidenceList } from "./evidence.js";
import { Icon } from "./icon.js";
import { RowLink, useTarget } from "./row-link.js";
import { Sentence } from "./sentence.js";

/** Kinds with a table of their own. */
const TABLES = [
  { kind: "env_var", title: "Variables", name: "Variable" },
  { kind: "migration", title: "Migrations", name: "Migration" },
  { kind: "port", title: "Ports", name: "Port" },
  { kind: "outbound_host", title: "Hosts", name: "Host" },
];
const REST = { kind: "", title: "Everything else", name: "What" };

/** @param {Foreign} step */
const nameOf = (step) => `${step.rule} ${step.key}`;

/**
 * @param {{run: Commit & {id: string}, base: Commit, drift: Foreign, at: string, page?: string}} props
 *   at: the step that the address names; page: where the steps have addresses, if not on this one
 */
export function Deploy({ run, base, drift, at, page = "" }) {
  const [done, toggle] = useDone(run.id);
  const steps = records(drift.before_deploy);
  if (steps.length === 0) return null;
  const left = steps.filter((step) => !done.has(nameOf(step))).length;
  const known = TABLES.map((table) => table.kind);
  const tables = [...TABLES, REST].map((table) => ({ ...table, rows: steps.filter((step) => (known.includes(String(step.kind)) ? step.kind : "") === table.kind) }));
  return html`<section class="deploy" aria-labelledby="drift-deploy">
    <h3 id="drift-deploy">Before you deploy <span class="tab-count num">${formatNumber(left)} of ${formatNumber(steps.length)} left</span></h3>
    ${tables.filter((table) => table.rows.length > 0).map((table) => html`<${Steps} key=${table.kind} table=${table} run=${run} base=${base} facts=${object(drift.facts)} done=${done} toggle=${toggle} at=${at} page=${page} />`)}
  </section>`;
}

/**
 * @param {{table: typeof REST & {rows: Foreign[]}, run: Commit, base: Commit, facts: Foreign, done: Set<string>, toggle: (name: string) => void, at: string, page: string}} props
 */
function Steps({ table, run, base, facts, done, toggle, at, page }) {
  const isVariable = table.kind === "env_var";
  const heads = [table.name, ...(isVariable ? ["Required", "Default"] : []), "What to do", isVariable ? "Read in" : "Where"];
  return html`<div class=${`fact-table deploy-${isVariable ? "variables" : "others"}`} role="table" aria-label=${table.title}>
    <div class="deploy-head" role="rowgroup"><div class="fact-row" role="row">
      ${heads.map((head, index) => html`<span key=${head} class=${index === 0 ? "cell cell-main" : "cell"} role="columnheader">${head}</span>`)}</div></div>
    ${table.rows.map((step) => html`<${Step} key=${nameOf(step)} step=${step} details=${isVariable ? variable(facts, step) : []} side=${step.side === "base" ? base : run}
      done=${done.has(nameOf(step))} toggle=${() => toggle(nameOf(step))} isTarget=${at === nameOf(step)} columns=${heads.length} page=${page} />`)}
  </div>`;
}

/**
 * Whether it must be set, and its default: as a fact that is new, or one that changed, says.
 * @param {Foreign} facts
 * @param {Foreign} step
 */
function variable(facts, step) {
  const isIt = (/** @type {Foreign} */ fact) => fact.kind === "env_var" && fact.key === step.key;
  const added = records(facts.added).find(isIt);
  const changes = records(records(facts.changed).find(isIt)?.changes);
  const value = (/** @type {string} */ name) => (added ? object(added.attrs)[name] : changes.find((change) => change.attr === name)?.head);
  return [value("required"), value("default")].map((one) => (one === undefined || one === null || one === "" ? "–" : brief(attribute(one))));
}

/**
 * @param {{step: Foreign, details: string[], side: Commit, done: boolean, toggle: () => void, isTarget: boolean, columns: number, page: string}} props
 */
function Step({ step, details, side, done, toggle, isTarget, columns, page }) {
  const [open, setOpen] = useState(isTarget);
  useEffect(() => void (isTarget && setOpen(true)), [isTarget]);
  const row = useTarget(isTarget);
  const key = brief(step.key ?? "");
  const where = place(object(list(step.evidence)[0])) || "–";
  return html`<div class=${`fact ${isTarget ? "is-target" : ""} ${done ? "is-done" : ""}`} role="rowgroup" data-row ref=${row}>
    <div class="fact-row" role="row">
      <span class="cell cell-main" role="cell"><label class="check"><input type="checkbox" checked=${done} onChange=${toggle} />
        ${key === "" ? html`<span class="sr-only">Done</span>` : html`<code class="fact-key"><bdi>${key}</bdi></code>`}</label></span>
      ${details.map((text, index) => html`<span key=${index} class=${text === "–" ? "cell cell-none" : "cell"} role="cell"><bdi>${text}</bdi></span>`)}
      <span class="cell cell-text" role="cell"><${Sentence} text=${step.text} /></span>
      <span class="cell cell-where" role="cell"><button type="button" class="evidence-toggle" aria-expanded=${open ? "true" : "false"} onClick=${() => setOpen(!open)}><${Icon} name="chevron" /><code><bdi>${where}</bdi></code></button>
        <${RowLink} href=${page + hashOf("drift", "", { at: nameOf(step) })} what=${key || brief(step.text)} /></span>
    </div>
    ${open && html`<div class="fact-detail" role="row"><div role="cell" aria-colspan=${columns}><${EvidenceList} run=${side} evidence=${step.evidence} open=${true} /></div></div>`}
  </div>`;
}
