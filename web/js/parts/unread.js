// The frameworks whose routes nobody read: an application of one is not one without endpoints.
import { brief, visible } from "../format.js";
import { hashOf } from "../links.js";
import { frameworkWords, unreadFrameworks } from "../summary.js";
import { html } from "../view.js";
import { EvidenceList } from "./evidence.js";
import { Notice } from "./notice.js";

const TITLE = "Not all endpoints are here";

/** @param {{run: Run, unresolved: Foreign[]}} props */
export function Unread({ run, unresolved }) {
  const rows = unreadFrameworks(unresolved);
  if (rows.length === 0) return null;
  return html`<${Notice} tone="wait" icon="warning" title=${TITLE}>
    <ul class="facts">${rows.map((row, index) => html`<li key=${index}><bdi>${brief(row.name)}</bdi>: <bdi>${brief(row.reason)}</bdi>
      <${EvidenceList} run=${run} evidence=${row.evidence} /></li>`)}</ul><//>`;
}

/**
 * The same where only their names are known.
 * @param {{names: unknown}} props
 */
export function UnreadNames({ names }) {
  const words = frameworkWords(names);
  if (words === "") return null;
  return html`<${Notice} tone="wait" icon="warning" title=${TITLE}>
    <p>Routes of <bdi>${visible(words)}</bdi> are not read. <a href=${hashOf("facts", "unresolved")}>What could not be pinned down</a></p><//>`;
}
