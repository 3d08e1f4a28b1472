// A list of any length that draws only the rows in view; the page itself scrolls.
// Rows may have any height and may grow. Short lists are drawn whole, so that the
// browser's own search sees all of them, and all are on paper.
import { html, useLayoutEffect, useMemo, useRef, useState } from "../view.js";
import { isPrinting } from "../printing.js";
import { offsets, visibleRows } from "../window.js";

const WHOLE = 40;
/** How far beyond the screen rows are drawn, in px: the keyboard finds the next one there. */
const MARGIN = 400;
/** What stands above a row that is sought, in px: the tabs and the head of the table stay on the screen. */
const ABOVE = 140;

/**
 * @param {{count: number, of: unknown, keyOf: (index: number) => string, row: (index: number) => unknown, estimate: number,
 *   className: string, need?: (first: number, end: number) => void, sought?: number | null}} props
 *   of: another one when rows are to be made anew; keyOf: what a row waits for has a key that begins with that of the waiting row; row: an element with `data-key`, its place included; need: told which
 *   rows are in view; sought: a row to go to
 */
export function LongList({ count, of, keyOf, row, estimate, className, need, sought = null }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const heights = useRef(/** @type {Map<string, number>} */ (new Map()));
  const [turn, redraw] = useState(0);
  const [[first, end], setRange] = useState(/** @type {[number, number]} */ ([0, 20]));
  const whole = count <= WHOLE || isPrinting();
  const named = useRef(/** @type {string[]} */ ([]));
  const keys = useMemo(() => {
    const keys = Array.from({ length: count }, (_, index) => keyOf(index));
    keys.forEach((key, index) => {
      // What a row waited for has come: until it is measured it is as high as what kept its place.
      const waited = named.current[index];
      const height = waited === undefined || waited === key || !key.startsWith(waited) ? undefined : heights.current.get(waited);
      if (height !== undefined && !heights.current.has(key)) heights.current.set(key, height);
    });
    named.current = keys;
    return keys;
  }, [of]);
  const typical = useRef(estimate);
  // A row that was made is handed over as it is: drawing anew after a scroll or a measure costs only the new ones.
  const made = useMemo(() => /** @type {unknown[]} */ (new Array(count)), [of]);
  const starts = useMemo(() => offsets(keys, heights.current, typical.current), [keys, turn]);
  const last = whole ? count : Math.min(end, count);
  const from = whole ? 0 : Math.max(0, Math.min(first, last - 1));

  useLayoutEffect(() => need?.(from, last), [of, from, last]);

  useLayoutEffect(() => {
    if (whole || box.current === null) return undefined;
    const list = box.current;
    const look = () => {
      const top = -list.getBoundingClientRect().top;
      const [a, b] = visibleRows(starts, top - MARGIN, top + window.innerHeight + MARGIN);
      setRange((range) => (range[0] === a && range[1] === b ? range : [a, b]));
    };
    const measure = () => {
      let changed = false;
      let above = 0;
      for (const child of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(":scope > * > [data-key]"))) {
        const key = child.dataset.key ?? "";
        const { height, bottom } = child.getBoundingClientRect();
        const taken = heights.current.get(key);
        if (taken !== undefined && Math.abs(taken - height) < 0.5) continue;
        if (bottom <= 0) above += height - (taken ?? typical.current);
        heights.current.set(key, height);
        changed = true;
      }
      // Rows that come into being above the screen at another height must not push what is read.
      if (Math.abs(above) >= 1) window.scrollBy(0, above);
      // What was not drawn yet is taken to be as high as the first rows were; later changes of that would make the page jump.
      if (typical.current === estimate) typical.current = average(heights.current) ?? estimate;
      if (changed) redraw((one) => one + 1);
    };
    const grown = new ResizeObserver(measure);
    look();
    measure();
    grown.observe(list);
    window.addEventListener("scroll", look, { passive: true });
    window.addEventListener("resize", look);
    return () => {
      grown.disconnect();
      window.removeEventListener("scroll", look);
      window.removeEventListener("resize", look);
    };
  }, [starts, whole]);

  useLayoutEffect(() => {
    if (sought === null || box.current === null) return;
    const drawn = box.current.querySelector(`:scope > * > [data-key="${CSS.escape(keys[sought])}"]`);
    const top = (drawn ?? box.current).getBoundingClientRect().top + (drawn ? 0 : starts[sought]);
    window.scrollBy(0, top - ABOVE);
  }, [sought, count]);

  const above = useRef(/** @type {HTMLElement | null} */ (null));
  const below = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    above.current?.style.setProperty("height", whole ? "0" : `${starts[from]}px`);
    below.current?.style.setProperty("height", whole ? "0" : `${starts[count] - starts[last]}px`);
  });

  const rows = [];
  for (let index = from; index < last; index += 1) rows.push((made[index] ??= row(index)));
  return html`<div class="long-list" ref=${box}><div ref=${above}></div><div class=${className}>${rows}</div><div ref=${below}></div></div>`;
}

/** @param {Map<string, number>} heights */
function average(heights) {
  if (heights.size === 0) return null;
  let sum = 0;
  for (const height of heights.values()) sum += height;
  return sum / heights.size;
}
