// Where documentation and code disagree or something stands in an operator's way: by rule,
// each with what it means.
import { useFile } from "../file.js";
import { formatNumber, oneLine, plural, visible } from "../format.js";
import { hashOf } from "../links.js";
import { navigate } from "../router.js";
import { rulesOf } from "../sarif.js";
import { look } from "../status.js";
import { useStatements } from "../statements.js";
import { countBy, sortedCounts } from "../summary.js";
import { html, useState } from "../view.js";
import { Badge } from "./badge.js";
import { EvidenceList } from "./evidence.js";
import { STEP, useMore } from "./more.js";
import { Failure, Loading } from "./notice.js";
import { RowLink, useTarget } from "./row-link.js";
import { Sentence } from "./sentence.js";

const ORDER = ["error", "warning", "note", "none"];
const ABOUT = "About documentation and operability, not about security.";

/** @typedef {import("../sarif.js").RuleHelp} RuleHelp */

/** @typedef {{run: Run, rules: Array<[string, number]>, levels: Array<[string, number]>, rows: Foreign[], total: number, help: Map<string, RuleHelp>,
 *   rule: string, level: string, at: string, choose: (rule: string, level: string) => void, before?: unknown, more?: unknown}} Shown */

/** @param {string} rule @param {string} level */
const choose = (rule, level) => navigate(hashOf("findings", rule, { level }), { replace: true });
const NONE = html`<p class="muted empty-line">No finding: documentation and code agree as far as was read.</p>`;

/**
 * The findings of a dossier in hand; what is chosen stands in the address.
 * @param {{run: Run, findings: Foreign[], rule: string, set: URLSearchParams}} props
 */
export function Findings({ run, findings, rule, set }) {
  const log = useFile(run, "findings.sarif", findings.length > 0);
  if (findings.length === 0) return NONE;
  return html`<div>
    <h2 class="sr-only">Findings</h2>
    <p class="lead">${ABOUT}</p>
    ${log.isThere && log.content === null && log.error === null ? html`<${Loading} label="Loading what the rules mean" />`
      : html`<${ByRule} ...${found(findings, rule, set.get("level") ?? "")} run=${run} help=${rulesOf(log.content)} at=${set.get("at") ?? ""} choose=${choose} />`}
  </div>`;
}

/**
 * Those of a dossier of ours, from the server.
 * @param {{run: Run, rule: string, set: URLSearchParams}} props
 */
export function FindingPages({ run, rule, set }) {
  const [level, at] = [set.get("level") ?? "", set.get("at") ?? ""];
  const { answer, rows, error, retry, before, more } = useStatements(run, "findings", { rule, level: ORDER.includes(level) ? level : "" }, at);
  if (answer === null) {
    return error ? html`<${Failure} error=${error} refresh=${retry} what="The findings" />` : html`<${Loading} label="Loading the findings" rows=${8} />`;
  }
  const { rules, levels, total } = /** @type {Api.RunFindings} */ (answer);
  if (rules.length === 0) return NONE;
  const help = new Map(rules.map((one) => [one.rule, { short: one.short, text: one.text }]));
  return html`<div>
    <h2 class="sr-only">Findings</h2>
    <p class="lead">${ABOUT}</p>
    <${ByRule} run=${run} rules=${rules.map((one) => [one.rule, one.count])} levels=${byRank(sortedCounts(levels))} rows=${rows} total=${total} help=${help}
      rule=${rule} level=${level} at=${at} choose=${choose} before=${before} more=${more} />
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
    <${ByRule} ...${found(findings, rule, level)} run=${run} help=${help} at=""
      choose=${(/** @type {string} */ rule, /** @type {string} */ level) => setChosen({ rule, level })} />
  </div>`;
}

/** What is chosen of findings in hand. @param {Foreign[]} findings @param {string} rule @param {string} level */
function found(findings, rule, level) {
  const rows = findings.filter((one) => (rule === "" || said(one.rule) === rule) && (level === "" || said(one.level) === level));
  return { rules: countBy(findings, "rule"), levels: byRank(countBy(findings, "level")), rows, total: rows.length, rule, level };
}

/** @param {Array<[string, number]>} levels */
function byRank(levels) {
  return levels.sort(([a], [b]) => rank(a) - rank(b));
}

/** @param {Shown} props */
function ByRule({ run, rules, levels, rows, total, help, rule, level, at, choose, before = null, more = null }) {
  const all = levels.reduce((sum, [, count]) => sum + count, 0);
  const groups = rules.map(([name, count]) => ({ name, count, rows: rows.filter((one) => said(one.rule) === name) })).filter((group) => group.rows.length > 0)
    .sort((a, b) => rank(a.rows[0].level) - rank(b.rows[0].level));
  return html`<div>
    <form class="filters filters-inline" aria-label="Filter findings" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      <${Choice} label="Rule" value=${rule} all=${`All rules (${formatNumber(rules.length)})`} options=${rules} word=${visible} onChange=${(/** @type {string} */ name) => choose(name, level)} />
      <${Choice} label="Level" value=${level} all=${`All levels (${formatNumber(all)})`} options=${levels} word=${(/** @type {string} */ name) => look("level", name).word} onChange=${(/** @type {string} */ name) => choose(rule, name)} />
      <p class="result-count num" role="status">${plural(total, "finding")}</p>
    </form>
    ${groups.length === 0 && html`<p class="muted empty-line">No finding of this rule has this level.</p>`}
    ${before}
    ${groups.map((group) => html`<${Rule} key=${group.name} run=${run} name=${group.name} count=${level === "" ? group.count : group.rows.length} rows=${group.rows} help=${help.get(group.name)} at=${at} />`)}
    ${more}
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

/** @param {{run: Run, name: string, count: number, rows: Foreign[], help: RuleHelp | undefined, at: string}} props */
function Rule({ run, name, count, rows, help, at }) {
  const isTarget = (/** @type {Foreign} */ one) => at !== "" && String(one.id) === at;
  const { shown, more } = useMore(rows, [name], Math.max(STEP, rows.findIndex(isTarget) + 1));
  return html`<section class="rule-group" aria-label=${`Rule ${visible(name)}`}>
    <h3><code class="rule"><bdi>${visible(name) || "no rule"}</bdi></code> <span class="tab-count num">${formatNumber(count)}</span></h3>
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
