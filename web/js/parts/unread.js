// The frameworks whose routes nobody read: an application of one is not one without endpoints.
import { brief } from "../format.js";
import { unreadFrameworks } from "../summary.js";
import { html } from "../view.js";
import { EvidenceList } from "./evidence.js";
import { Notice } from "./notice.js";

/** @param {{run: Run, unresolved: Foreign[]}} props */
export function Unread({ run, unresolved }) {
  const rows = unreadFrameworks(unresolved);
  if (rows.length === 0) return null;
  return html`<${Notice} tone="wait" icon="warning" title="Not all endpoints are here">
    <ul class="facts">${rows.map((row, index) => html`<li key=${index}><bdi>${brief(row.name)}</bdi>: <bdi>${brief(row.reason)}</bdi>
      <${EvidenceList} run=${run} evidence=${row.evidence} /></li>`)}</ul><//>`;
}
