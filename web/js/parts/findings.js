// Where documentation and code disagree or something stands in an operator's way.
import { visible } from "../format.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { EvidenceList } from "./evidence.js";
import { useMore } from "./more.js";
import { Sentence } from "./sentence.js";

const ORDER = ["error", "warning", "note", "none"];

const ABOUT = "About documentation and operability, not about security.";

/** @param {{run: Run, findings: Foreign[], about?: string}} props about: what kind of findings these are */
export function Findings({ run, findings, about = ABOUT }) {
  const sorted = [...findings].sort((a, b) => rank(a) - rank(b));
  const { shown, more } = useMore(sorted, [findings]);
  if (findings.length === 0) return html`<p class="muted empty-line">${about === ABOUT ? "No finding: documentation and code agree as far as was read." : "The file holds no finding."}</p>`;
  return html`<div>
    <h2 class="sr-only">Findings</h2>
    ${about !== "" && html`<p class="lead">${about}</p>`}
    <ul class="facts">${shown.map((one, index) => html`<li class="fact" data-row key=${index}>
      <div class="fact-main"><${Badge} of="level" value=${one.level} /><span class="finding-text"><${Sentence} text=${one.message} /></span><code class="rule">${visible(one.rule)}</code></div>
      <${EvidenceList} run=${run} evidence=${one.evidence} />
    </li>`)}</ul>
    ${more}
  </div>`;
}

/** @param {Foreign} finding */
function rank(finding) {
  const index = ORDER.indexOf(String(finding.level));
  return index === -1 ? ORDER.length : index;
}
