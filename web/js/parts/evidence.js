// Evidence: a place that opens its excerpt where it stands, with line numbers and
// a link to the forge at exactly that commit.
import { place, visible } from "../format.js";
import { lineLink } from "../links.js";
import { records } from "../summary.js";
import { html, useState } from "../view.js";
import { Icon } from "./icon.js";

const MAX_LINES = 200;
const FIRST = 3;

/** What was opened stays open when a long list drops and redraws its row. @type {WeakSet<object>} */
const opened = new WeakSet();

/** @param {{run: Run, evidence: unknown, open?: boolean, label?: string}} props */
export function EvidenceList({ run, evidence, open = false, label = "" }) {
  const [all, setAll] = useState(false);
  const items = records(evidence);
  if (items.length === 0) return null;
  const shown = all ? items : items.slice(0, FIRST);
  return html`<div class="evidence-list">
    ${label && html`<p class="evidence-label">${label}</p>`}
    ${shown.map((one, index) => html`<${Evidence} key=${index} run=${run} evidence=${one} open=${open} />`)}
    ${items.length > shown.length && html`<button type="button" class="button button-quiet" onClick=${() => setAll(true)}>${items.length - shown.length} more places</button>`}
  </div>`;
}

/** @param {{run: Run, evidence: Foreign, open?: boolean}} props */
export function Evidence({ run, evidence, open = false }) {
  const [shown, setShown] = useState(open || opened.has(evidence));
  const where = place(evidence);
  const link = lineLink(run.forge_url, run.commit_sha, evidence ?? {});

  function toggle() {
    if (shown) opened.delete(evidence);
    else opened.add(evidence);
    setShown(!shown);
  }

  return html`<div class="evidence">
    <div class="evidence-head">
      <button type="button" class="evidence-toggle" aria-expanded=${shown ? "true" : "false"} onClick=${toggle}>
        <${Icon} name="chevron" /><code><bdi>${where}</bdi></code></button>
      ${link && html`<a class="forge" href=${link} rel="noopener noreferrer" aria-label=${`Open ${where} on the forge`}><${Icon} name="external" />open</a>`}
    </div>
    ${shown && html`<${Excerpt} evidence=${evidence} where=${where} />`}
  </div>`;
}

/** @param {{evidence: Foreign, where: string}} props */
function Excerpt({ evidence, where }) {
  const start = Number(evidence?.start_line ?? 0);
  const text = String(evidence?.excerpt ?? "");
  if (start > 0 && text === "") return html`<p class="excerpt-note">The file brings no excerpt of these lines.</p>`;
  if (!start && text === "") return html`<p class="excerpt-note">The file exists at this commit.</p>`;
  const lines = text.replace(/\n$/, "").split("\n");
  const end = Number(evidence?.end_line ?? start);
  const cut = lines.length > MAX_LINES || (start > 0 && end - start + 1 > lines.length);
  return html`<figure class="excerpt">
    <pre tabindex="0" role="region" aria-label=${`Excerpt of ${where}`}>${lines.slice(0, MAX_LINES).map((line, index) => html`<span class="line" key=${index}><span class="line-number" aria-hidden="true">${start > 0 ? start + index : ""}</span><span class="line-text">${visible(line)}</span></span>`)}</pre>
    <figcaption>${cut && "Cut for display; the hash covers all lines. "}${evidence?.sha256 && html`sha256 <code>${visible(evidence.sha256)}</code>`}</figcaption>
  </figure>`;
}
