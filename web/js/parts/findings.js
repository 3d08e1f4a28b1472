// Where documentation and code disagree or something stands in an operator's way: by rule,
// each with what it means.
import { useFile } from "../file.js";
import { formatNumber, oneLine, plural, visible } from "../format.js";
import { hashOf } from "../links.js";
import { navigate } from "../router.js";
import { rulesOf } from "../sarif.js";
import { look } from "../status.js";
import { countBy } from "../summary.js";
import { html, useState } from "../view.js";
import { Badge } from "./badge.js";
import { EvidenceList } from "./evidence.js";
import { STEP, useMore } from "./more.js";
import { Loading } from "./notice.js";
import { RowLink, useTarget } from "./row-link.js";
import { Sentence } from "./sentence.js";

const ORDER = ["error", "warning", "note", "none"];
const ABOUT = "About documentation and operability, not about security.";

/** @typedef {import("../sarif.js").RuleHelp} RuleHelp */

/**
 * The findings of a dossier; what is chosen stands in the address.
 * @param {{run: Run, findings: Foreign[], rule: string, set: URLSearchParams}} props
 */
export function Findings({ run, findings, rule, set }) {
  const log = useFile(run, "findings.sarif", findings.length > 0);
  if (findings.length === 0) return html`<p class="muted empty-line">No finding: documentation and code agree as far as was read.</p>`;
  return html`<div>
    <h2 class="sr-only">Findings</h2>
    <p class="lead">${ABOUT}</p>
    ${log.isThere && log.content === null && log.error === null ? html`<${Loading} label="Loading what the rules mean" />` : html`<${ByRule} run=${run} findings=${findings} help=${rulesOf(log.content)} rule=${rule} level=${set.get("level") ?? ""} at=${set.get("at") ?? ""}
      choose=${(/** @type {string} */ rule, /** @type {string} */ level) => navigate(hashOf("findings", rule, { level }), { replace: true })} />`}
  </div>`;
}

/**
 * The findings of a SARIF file.
 * @param {{run: Run, findings: Foreign[], help: Map<string, RuleHelp>}} props
 */
export function FileFindings({ run, findings, help }) {
  const [{ rule, level }, setChosen] = useState({ rule: "", level: "" });
  if (findings.length === 0) return html`<p class="muted empty-line">The file holds no finding.</p>`;
  return html`<div>
    <h2 class="sr-only">Findings</h2>
    <${ByRule} run=${run} findings=${findings} help=${help} rule=${rule} level=${level} at=""
      choose=${(/** @type {string} */ rule, /** @type {string} */ level) => setChosen({ rule, level })} />
  </div>`;
}

/**
 * @param {{run: Run, findings: Foreign[], help: Map<string, RuleHelp>, rule: string, level: string, at: string,
 *   choose: (rule: string, level: string) => void}} props
 */
function ByRule({ run, findings, help, rule, level, at, choose }) {
  const rules = countBy(findings, "rule");
  const levels = countBy(findings, "level").sort(([a], [b]) => rank(a) - rank(b));
  const found = findings.filter((one) => (rule === "" || said(one.rule) === rule) && (level === "" || said(one.level) === level));
  const groups = rules.map(([name]) => ({ name, rows: found.filter((one) => said(one.rule) === name) })).filter((group) => group.rows.length > 0)
    .sort((a, b) => rank(a.rows[0].level) - rank(b.rows[0].level));
  return html`<div>
    <form class="filters filters-inline" aria-label="Filter findings" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Choice} label="Rule" value=${rule} all=${`All rules (${formatNumber(rules.length)})`} options=${rules} word=${visible} onChange=${(/** @type {string} */ name) => choose(name, level)} />
      <${Choice} label="Level" value=${level} all=${`All levels (${formatNumber(findings.length)})`} options=${levels} word=${(/** @type {string} */ name) => look("level", name).word} onChange=${(/** @type {string} */ name) => choose(rule, name)} />
      <p class="result-count num" role="status">${plural(found.length, "finding")}</p>
    </form>
    ${groups.length === 0 && html`<p class="muted empty-line">No finding of this rule has this level.</p>`}
    ${groups.map((group) => html`<${Rule} key=${group.name} run=${run} name=${group.name} rows=${group.rows} help=${help.get(group.name)} at=${at} />`)}
  </div>`;
}

/** @param {{label: string, value: string, all: string, options: Array<[string, number]>, word: (name: string) => string, onChange: (value: string) => void}} props */
function Choice({ label, value, all, options, word, onChange }) {
  return html`<label class="field"><span class="field-label">${label}</span>
    <select value=${value} onChange=${(/** @type {FieldEvent} */ event) => onChange(event.target.value)}>
      <option value="">${all}</option>
      ${options.map(([name, count]) => html`<option key=${name} value=${name} selected=${name === value}>${word(name)} (${formatNumber(count)})</option>`)}
    </select></label>`;
}

/** @param {{run: Run, name: string, rows: Foreign[], help: RuleHelp | undefined, at: string}} props */
function Rule({ run, name, rows, help, at }) {
  const isTarget = (/** @type {Foreign} */ one) => at !== "" && String(one.id) === at;
  const { shown, more } = useMore(rows, [name], Math.max(STEP, rows.findIndex(isTarget) + 1));
  return html`<section class="rule-group" aria-label=${`Rule ${visible(name)}`}>
    <h3><code class="rule"><bdi>${visible(name) || "no rule"}</bdi></code> <span class="tab-count num">${formatNumber(rows.length)}</span></h3>
    ${help && html`<div class="rule-help"><p>${help.short && html`<strong>${oneLine(help.short)}</strong> `}<${Sentence} text=${help.text} isWhole=${true} /></p></div>`}
    <ul class="facts">${shown.map((one, index) => html`<${Finding} key=${one.id ?? index} run=${run} one=${one} isTarget=${isTarget(one)} />`)}</ul>
    ${more}
  </section>`;
}

/** @param {{run: Run, one: Foreign, isTarget: boolean}} props */
function Finding({ run, one, isTarget }) {
  const row = useTarget(isTarget);
  return html`<li class=${isTarget ? "fact is-target" : "fact"} data-row ref=${row}>
    <div class="fact-main"><${Badge} of="level" value=${one.level} /><span class="finding-text"><${Sentence} text=${one.message} /></span>
      ${one.id !== undefined && html`<${RowLink} href=${hashOf("findings", "", { at: String(one.id) })} what=${oneLine(one.message)} />`}</div>
    <${EvidenceList} run=${run} evidence=${one.evidence} />
  </li>`;
}

/** As `countBy` names it. @param {unknown} value */
function said(value) {
  return String(value ?? "unknown");
}

/** @param {unknown} level */
function rank(level) {
  const index = ORDER.indexOf(String(level));
  return index === -1 ? ORDER.length : index;
}
