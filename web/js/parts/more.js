// @ts-check
// A long list a hundred rows at a time.
import { formatNumber } from "../format.js";
import { html, useEffect, useState } from "../view.js";

const STEP = 100;

/**
 * @template T
 * @param {T[]} items
 * @param {any[]} inputs what, when changed, starts the list anew
 * @returns {{shown: T[], more: any}}
 */
export function useMore(items, inputs) {
  const [count, setCount] = useState(STEP);
  useEffect(() => setCount(STEP), inputs);
  const rest = items.length - count;
  const more = rest > 0
    ? html`<div class="more"><button type="button" class="button" onClick=${() => setCount(count + STEP)}>Show ${formatNumber(Math.min(STEP, rest))} more of ${formatNumber(rest)}</button></div>`
    : null;
  return { shown: items.slice(0, count), more };
}
