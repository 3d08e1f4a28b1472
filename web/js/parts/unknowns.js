// What no file of the tree proves, and what would.
import { humanize, oneLine } from "../format.js";
import { html } from "../view.js";
import { Badge } from "./badge.js";
import { EvidenceList } from "./evidence.js";

/** @param {{run: Run, unknowns: Foreign[]}} props */
export function Unknowns({ run, unknowns }) {
  if (unknowns.length === 0) return html`<p class="muted empty-line">This dossier lists no unknowns.</p>`;
  return html`<div>
    <h2 class="sr-only">Unknowns</h2>
    <p class="lead">Questions that every operator asks. Each stays unknown until a file of the repository answers it.</p>
    <ul class="facts">${unknowns.map((one, index) => html`<li class="fact" key=${one.category ?? index}>
      <div class="fact-main"><h3 class="fact-name">${humanize(one.category)}</h3><${Badge} of="fact" value=${one.status} /></div>
      ${one.resolve_with && html`<p class="muted">Resolved by: ${oneLine(Array.isArray(one.resolve_with) ? one.resolve_with.join(", ") : one.resolve_with)}</p>`}
      <${EvidenceList} run=${run} evidence=${one.evidence} />
    </li>`)}</ul>
  </div>`;
}
