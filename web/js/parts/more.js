// A long list some rows at a time.
import { formatNumber } from "../format.js";
import { isPrinting } from "../printing.js";
import { html, useEffect, useState } from "../view.js";

export const STEP = 100;

/**
 * @template T
 * @param {T[]} items
 * @param {unknown[]} inputs what, when changed, starts the list anew
 * @param {number} [step] rows at a time
 * @returns {{shown: T[], more: unknown}}
 */
export function useMore(items, inputs, step = STEP) {
  const [count, setCount] = useState(step);
  useEffect(() => setCount(step), inputs);
  if (isPrinting()) return { shown: items, more: null };
  const rest = items.length - count;
  const more = rest > 0
    ? html`<div class="more"><button type="button" class="button" onClick=${() => setCount(count + step)}>Show ${formatNumber(Math.min(step, rest))} more of ${formatNumber(rest)}</button></div>`
    : null;
  return { shown: items.slice(0, count), more };
}
