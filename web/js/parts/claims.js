// What the documentation says and whether the code agrees, both sides in view.
import { brief, formatNumber, humanize, oneLine, visible } from "../format.js";
import { hashOf, lineLink } from "../links.js";
import { useStatements } from "../statements.js";
import { countBy, records, sortedCounts } from "../summary.js";
import { look } from "../status.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { EvidenceList } from "./evidence.js";
import { Icon } from "./icon.js";
import { STEP, useMore } from "./more.js";
import { Failure, Loading } from "./notice.js";
import { RowLink, useTarget } from "./row-link.js";
import { Sentence } from "./sentence.js";

const ORDER = ["CONTRADICTED", "UNVERIFIABLE", "VERIFIED"];

/**
 * Of a dossier in hand.
 * @param {{run: Run, claims: Foreign[], verdict: string, at?: string}} props at: the claim that the address names
 */
export function Claims({ run, claims, verdict, at = "" }) {
  const counts = countBy(claims, "verdict");
  const chosen = counts.some(([name]) => name === verdict) ? verdict : "";
  const found = (chosen === "" ? [...claims] : claims.filter((claim) => claim.verdict === chosen))
    .sort((a, b) => rank(a) - rank(b));
  const { shown, more } = useMore(found, [chosen], Math.max(STEP, found.findIndex((claim) => isAt(claim, at)) + 1));
  return html`<${Shown} run=${run} counts=${counts} chosen=${chosen} claims=${shown} at=${at} before=${null} more=${more} />`;
}

/**
 * Of a dossier of ours, from the server.
 * @param {{run: Run, verdict: string, at: string}} props
 */
export function ClaimPages({ run, verdict, at }) {
  const chosen = ORDER.includes(verdict) ? verdict : "";
  const { answer, rows, error, retry, before, more } = useStatements(run, "claims", { verdict: chosen }, at);
  if (answer === null) {
    return error ? html`<${Failure} error=${error} refresh=${retry} what="The claims" />` : html`<${Loading} label="Loading the claims" rows=${8} />`;
  }
  const counts = sortedCounts(/** @type {Api.RunClaims} */ (answer).verdicts);
  return html`<${Shown} run=${run} counts=${counts} chosen=${chosen} claims=${rows} at=${at} before=${before} more=${more} />`;
}

/** @param {Foreign} claim @param {string} at */
function isAt(claim, at) {
  return at !== "" && String(claim.id) === at;
}

/** @param {{run: Run, counts: Array<[string, number]>, chosen: string, claims: Foreign[], at: string, before: unknown, more: unknown}} props */
function Shown({ run, counts, chosen, claims, at, before, more }) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return html`<p class="muted empty-line">The documentation makes no claim that can be checked.</p>`;
  return html`<div>
    <h2 class="sr-only">Claims</h2>
    <nav class="segments" aria-label="Verdict">
      <a href="#claims" aria-current=${chosen === "" ? "true" : undefined}>All <span class="num">${formatNumber(total)}</span></a>
      ${counts.map(([name, count]) => html`<a key=${name} href=${hashOf("claims", name)} aria-current=${chosen === name ? "true" : undefined}>${look("verdict", name).word} <span class="num">${formatNumber(count)}</span></a>`)}
    </nav>
    ${before}
    <ul class="claims">${claims.map((claim, index) => html`<${Claim} key=${claim.id ?? index} run=${run} claim=${claim} isTarget=${isAt(claim, at)} />`)}</ul>
    ${more}
  </div>`;
}

/** @param {Foreign} claim */
function rank(claim) {
  const index = ORDER.indexOf(String(claim.verdict));
  return index === -1 ? ORDER.length : index;
}

/** @param {{run: Run, claim: Foreign, isTarget: boolean}} props */
function Claim({ run, claim, isTarget }) {
  const row = useTarget(isTarget);
  const said = { path: claim.doc, start_line: claim.line, end_line: claim.line };
  const link = lineLink(run.forge_url, run.commit_sha, said);
  const where = `${oneLine(claim.doc)}${claim.line ? `:${claim.line}` : ""}`;
  // With its excerpt among the evidence, the statement's place need not stand twice.
  const quoted = records(claim.evidence).some((one) => one.path === claim.doc && one.start_line === claim.line);
  return html`<li class=${isTarget ? "claim is-target" : "claim"} data-row ref=${row}>
    <div class="claim-head"><${Badge} of="verdict" value=${claim.verdict} /><span class="fact-kind">${visible(humanize(claim.kind))}</span>
      ${claim.id !== undefined && html`<${RowLink} href=${hashOf("claims", "", { at: String(claim.id) })} what=${brief(claim.text)} />`}</div>
    <blockquote class="claim-text"><p>${claim.kind === "command" ? html`<code><bdi>${brief(claim.text)}</bdi></code>` : html`<bdi>${brief(claim.text)}</bdi>`}</p>
      ${!quoted && html`<footer><code><bdi>${where}</bdi></code>${link && html`${" "}<a class="forge" href=${link} rel="noopener noreferrer" aria-label=${`Open ${where} on the forge`}><${Icon} name="external" />open</a>`}</footer>`}
    </blockquote>
    ${claim.why && html`<p class="claim-why"><${Sentence} text=${claim.why} /></p>`}
    ${records(claim.evidence).length > 0 && html`<${EvidenceList} run=${run} evidence=${claim.evidence} label="Evidence" />`}
  </li>`;
}
