// Any JSON as a tree that draws a branch only when it is opened.
import { formatNumber, visible } from "../format.js";
import { html, useState } from "../view.js";

const STEP = 100;

/** @param {{value: unknown, name: string}} props */
export function JsonTree({ value, name }) {
  return html`<div class="tree"><${Node} name=${name} value=${value} open=${true} /></div>`;
}

/** @param {{name: string, value: unknown, open?: boolean}} props */
function Node({ name, value, open = false }) {
  const [shown, setShown] = useState(open);
  const [count, setCount] = useState(STEP);
  if (value === null || typeof value !== "object") {
    return html`<div class="leaf"><span class="tree-name">${visible(name)}</span>: <span class=${`tree-${typeof value}`}><bdi>${typeof value === "string" ? visible(JSON.stringify(value)) : String(value)}</bdi></span></div>`;
  }
  const entries = Object.entries(value);
  const size = Array.isArray(value) ? `[${formatNumber(entries.length)}]` : `{${formatNumber(entries.length)}}`;
  return html`<details open=${shown} onToggle=${(/** @type {Event & {target: HTMLDetailsElement}} */ event) => setShown(event.target.open)}>
    <summary><span class="tree-name">${visible(name)}</span> <span class="muted num">${size}</span></summary>
    ${shown && html`<div class="branch">
      ${entries.slice(0, count).map(([key, inner]) => html`<${Node} key=${key} name=${key} value=${inner} />`)}
      ${entries.length > count && html`<button type="button" class="button button-quiet" onClick=${() => setCount(count + STEP)}>Show more of ${formatNumber(entries.length - count)}</button>`}
    </div>`}
  </details>`;
}
