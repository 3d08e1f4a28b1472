// What this commit changed: the list before deploying first, then every row with
// evidence on the side where it stands.
import { attribute, brief, formatNumber, formatScore, humanize, kindLabel, metricName, oneLine, plural, shortSha, visible } from "../format.js";
import { commitLink, runPath } from "../links.js";
import { look } from "../status.js";
import { frameworkWords, number, object, records } from "../summary.js";
import { html, useLayoutEffect, useRef } from "../view.js";
import { Badge } from "./badge.js";
import { Deploy } from "./deploy.js";
import { EvidenceList } from "./evidence.js";
import { useMore } from "./more.js";
import { Failure, Loading, Notice } from "./notice.js";
import { Sentence } from "./sentence.js";

const SHARES = ["dci", "dci_structural", "rci"];

/** @typedef {{change: string, fact: Foreign, sides: Array<{run: Commit, evidence: unknown, label?: string}>}} FactRow */

/**
 * @param {{run: Run, file: ReturnType<typeof import("../file.js").useFile>, kind?: string, at?: string}} props
 *   file: what drift.json is; kind: the part to go to; at: the step that the address names
 */
export function Drift({ run, file, kind = "", at = "" }) {
  if (!file.isThere) {
    const why = run.attempt_log?.at(-1)?.base_error;
    return html`<${Notice} title="Nothing to compare with"><p>${why
      ? html`The commit before it could not be read: <bdi>${visible(why)}</bdi>.` : "This is the first run of its branch."}
      The next push of <bdi>${oneLine(run.ref)}</bdi> is compared with this one.</p><//>`;
  }
  if (file.error) return html`<${Failure} error=${file.error} refresh=${file.retry} what="drift.json" />`;
  if (file.content === null) return html`<${Loading} label="Loading the drift" rows=${6} />`;
  return html`<${WholeDrift} run=${run} drift=${file.content} kind=${kind} at=${at} />`;
}

/** @param {{run: Pick<Run, "id" | "commit_sha" | "forge_url" | "base_run_id">, drift: Foreign, kind?: string, at?: string}} props */
export function WholeDrift({ run, drift, kind = "", at = "" }) {
  // Evidence of the base is looked at where it stood: at the base's commit.
  const base = { forge_url: run.forge_url, commit_sha: object(object(drift.base).subject).sha };
  const facts = object(drift.facts);
  /** @type {FactRow[]} */
  const rows = [
    ...records(facts.added).map((fact) => ({ change: "added", fact, sides: [{ run, evidence: fact.evidence }] })),
    ...records(facts.removed).map((fact) => ({ change: "removed", fact, sides: [{ run: base, evidence: fact.evidence }] })),
    ...records(facts.changed).map((fact) => ({ change: "changed", fact, sides: [{ run: base, evidence: fact.base_evidence, label: "Before" }, { run, evidence: fact.head_evidence, label: "Now" }] })),
  ];
  const moved = records(facts.moved).length;
  return html`<div class="drift">
    <h2 class="sr-only">Drift</h2>
    <${Against} run=${run} drift=${drift} base=${base} />
    <${Deploy} run=${run} base=${base} drift=${drift} at=${at} />
    ${kindsOf(rows).map((one) => html`<${Kind} key=${one} kind=${one} isSought=${one === kind} rows=${rows.filter((row) => row.fact.kind === one)} />`)}
    ${moved > 0 && html`<p class="muted">${plural(moved, "fact")} only moved to another place or name, which is no drift.</p>`}
    <${Open} run=${run} base=${base} drift=${drift} isSought=${kind === "unresolved"} />
    <${Statements} run=${run} base=${base} drift=${drift} />
    <${Numbers} metrics=${object(drift.metrics)} />
  </div>`;
}

/** @param {{run: Run, drift: Foreign, base: Commit}} props */
function Against({ run, drift, base }) {
  const head = object(drift.head);
  const notRead = object(drift.not_read);
  const link = commitLink(base.forge_url, base.commit_sha);
  const name = base.commit_sha ? html`<code class="sha">${shortSha(base.commit_sha)}</code>` : "another tree";
  const files = records(notRead.files);
  const unread = number(notRead.changed) ?? 0;
  const frameworks = frameworkWords(records(notRead.frameworks).map((one) => one.name));
  return html`<div class="drift-against">
    <p>Compared with ${run.base_run_id ? html`<a href=${runPath(run.base_run_id)}>the run of ${name}</a>` : html`commit ${name}`}${link && html`, <a class="forge" href=${link} rel="noopener noreferrer">on the forge</a>`}.
      ${drift.is_empty === true && html`<strong> No drift in what was read: ${formatNumber(head.analyzed)} of ${formatNumber(head.files_seen)} files.</strong>`}</p>
    ${drift.analyzer_changed === true && html`<p class="tone-wait drift-note">Another version of the analyzer made the base, so a row may come from its rules and not from the code.</p>`}
    ${unread > 0 && html`<details class="drift-note"><summary>${plural(unread, "changed file was", "changed files were")} not read, or not to the end</summary>
      <ul class="paths">${files.map((file) => html`<li key=${file.path}><code><bdi>${oneLine(file.path)}</bdi></code> <span class="muted">${humanize(file.reason).toLowerCase()}</span></li>`)}
        ${unread > files.length && html`<li class="muted">… and ${formatNumber(unread - files.length)} more</li>`}</ul></details>`}
    ${frameworks !== "" && html`<p class="tone-wait drift-note">Routes of ${visible(frameworks)} are not read, so what changed in them is not known.</p>`}
    ${notRead.complete === false && html`<p class="muted">Not every file that was not read is known; more of them may have changed.</p>`}
  </div>`;
}

/** In the order in which a reviewer asks; a kind that is not named comes after. */
const KINDS = ["endpoint", "env_var", "port", "command", "dependency", "table", "migration", "datastore", "outbound_host"];

/** @param {FactRow[]} rows */
function kindsOf(rows) {
  const kinds = [...new Set(rows.map((row) => String(row.fact.kind)))];
  return [...KINDS.filter((kind) => kinds.includes(kind)), ...kinds.filter((kind) => !KINDS.includes(kind)).sort()];
}

/** @param {{kind: string, isSought: boolean, rows: FactRow[]}} props */
function Kind({ kind, isSought, rows }) {
  const section = useSought(isSought);
  const { shown, more } = useMore(rows, [kind]);
  return html`<section class="drift-kind" aria-label=${`Drift of ${kindLabel(kind)}`} ref=${section}><h3>${visible(kindLabel(kind))} <span class="tab-count num">${formatNumber(rows.length)}</span></h3>
    <ul class="facts">${shown.map((row) => html`<${Row} key=${`${row.change}-${row.fact.id}`} row=${row} />`)}</ul>${more}</section>`;
}

/** A part that is gone to when the address names it. @param {boolean} isSought @returns {{current: HTMLElement | null}} */
function useSought(isSought) {
  const section = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => void (isSought && section.current?.scrollIntoView()), [isSought]);
  return section;
}

/** @param {{row: FactRow}} props */
function Row({ row }) {
  const { fact } = row;
  return html`<li class="fact">
    <div class="fact-main"><${Badge} of="change" value=${row.change} /><code class="fact-key"><bdi>${brief(fact.key)}</bdi></code>
      ${fact.status === "INFERRED" && html`<${Badge} of="fact" value=${fact.status} />`}
      ${fact.base_key && html`<span class="muted">was <code><bdi>${brief(fact.base_key)}</bdi></code></span>`}</div>
    ${records(fact.changes).length > 0 && html`<dl class="attrs">${records(fact.changes).map((change) => html`<div key=${change.attr}><dt>${visible(humanize(change.attr))}</dt>
      <dd><${Side} value=${change.base} tag="del" /> <${Side} value=${change.head} tag="ins" /></dd></div>`)}</dl>`}
    <div class="fact-places">${row.sides.map((side, index) => html`<${EvidenceList} key=${index} run=${side.run} evidence=${side.evidence} label=${side.label ?? ""} />`)}</div>
  </li>`;
}

/**
 * One side of a change; an empty list is a side that adds nothing.
 * @param {{value: unknown, tag: "del" | "ins"}} props
 */
function Side({ value, tag }) {
  if (Array.isArray(value) && value.length === 0) return null;
  const text = html`<bdi>${value === null || value === undefined ? "none" : brief(attribute(value))}</bdi>`;
  return tag === "del" ? html`<del>${text}</del>` : html`<ins>${text}</ins>`;
}

/**
 * What came or went and could not be pinned down.
 * @param {{run: Run, base: Commit, drift: Foreign, isSought: boolean}} props
 */
function Open({ run, base, drift, isSought }) {
  const section = useSought(isSought);
  const open = object(drift.unresolved);
  const rows = [
    ...records(open.added).map((one) => ({ change: "added", one, side: run })),
    ...records(open.removed).map((one) => ({ change: "removed", one, side: base })),
  ];
  const some = (number(object(drift.base).unresolved) ?? 0) + (number(object(drift.head).unresolved) ?? 0) > 0;
  if (rows.length === 0) {
    return open.comparable !== true && some
      ? html`<p class="muted">What could not be pinned down is not compared: one of the two dossiers was made by a version without ids for it.</p>` : null;
  }
  return html`<section class="drift-kind" aria-labelledby="drift-open" ref=${section}><h3 id="drift-open">Not pinned down <span class="tab-count num">${formatNumber(rows.length)}</span></h3>
    <ul class="facts">${rows.map(({ change, one, side }) => html`<li class="fact" key=${`${change}-${one.id}`}>
      <div class="fact-main"><${Badge} of="change" value=${change} /><span class="fact-kind">${visible(humanize(one.kind))}</span><span class="finding-text"><${Sentence} text=${one.reason} /></span></div>
      <${EvidenceList} run=${side} evidence=${one.evidence} /></li>`)}</ul></section>`;
}

/** @param {{run: Run, base: Commit, drift: Foreign}} props */
function Statements({ run, base, drift }) {
  const claims = records(drift.claims);
  const findings = object(drift.findings);
  const fresh = records(findings.new).filter(isNoClaim);
  const resolved = records(findings.resolved).filter(isNoClaim);
  const unknowns = records(drift.unknowns);
  return html`<div>
    ${claims.length > 0 && html`<section aria-labelledby="drift-claims"><h3 id="drift-claims">Claims <span class="tab-count num">${formatNumber(claims.length)}</span></h3>
      <ul class="claims">${claims.map((claim) => html`<li class="claim" key=${claim.id}>
        <div class="claim-head"><span class="muted">${verdict(claim.base)}</span><span aria-hidden="true">→</span><span class="sr-only">now</span>${claim.head ? html`<${Badge} of="verdict" value=${claim.head} />` : html`<span class="muted">gone</span>`}</div>
        <blockquote class="claim-text"><p><bdi>${brief(claim.text)}</bdi></p><footer><code><bdi>${oneLine(claim.doc)}</bdi></code></footer></blockquote>
        <p class="claim-why"><${Sentence} text=${claim.why} /></p>
        <div class="fact-places"><${EvidenceList} run=${base} evidence=${claim.base_evidence} label="Before" />
          <${EvidenceList} run=${run} evidence=${claim.head_evidence} label="Now" /></div>
      </li>`)}</ul></section>`}
    ${fresh.length + resolved.length > 0 && html`<section aria-labelledby="drift-findings"><h3 id="drift-findings">Findings that came or went <span class="tab-count num">${formatNumber(fresh.length)}</span></h3>
      <p class="muted">${plural(Number(findings.baseline ?? 0), "finding was", "findings were")} there before; they are the baseline.</p>
      <ul class="facts">${[...fresh.map((one) => ({ word: "new", one, side: run })), ...resolved.map((one) => ({ word: "resolved", one, side: base }))].map(({ word, one, side }) => html`<li class="fact" key=${`${word}-${one.id}`}>
        <div class="fact-main"><${Badge} of="change" value=${word} /><span class="finding-text"><${Sentence} text=${one.message} /></span><code class="rule">${visible(one.rule)}</code></div>
        <${EvidenceList} run=${side} evidence=${one.evidence} /></li>`)}</ul></section>`}
    ${unknowns.length > 0 && html`<section aria-labelledby="drift-unknowns"><h3 id="drift-unknowns">Unknowns</h3>
      <ul class="facts">${unknowns.map((one) => html`<li class="fact" key=${one.category}><div class="fact-main"><span class="fact-key">${visible(humanize(one.category))}</span>
        <span>${visible(humanize(one.base))} → ${visible(humanize(one.head))}</span></div>
        <${EvidenceList} run=${run} evidence=${one.head_evidence} /></li>`)}</ul></section>`}
  </div>`;
}

/** @param {Foreign} finding findings about claims stand with the claims already */
function isNoClaim(finding) {
  return finding.rule !== "contradicted-claim" && finding.rule !== "dead-relative-link";
}

/** @param {unknown} value */
function verdict(value) {
  return value ? look("verdict", value).word : "New statement";
}

/** @param {{metrics: Foreign}} props */
function Numbers({ metrics }) {
  const changed = SHARES.filter((name) => object(metrics[name]).delta);
  if (changed.length === 0) return null;
  return html`<section aria-labelledby="drift-metrics"><h3 id="drift-metrics">Metrics</h3>
    <ul class="counts">${changed.map((name) => html`<li key=${name}><span>${metricName(name)}</span>
      <span class="num">${formatScore(object(metrics[name]).base)} → ${formatScore(object(metrics[name]).head)}</span></li>`)}</ul></section>`;
}
