// Lets rows slide to their new place when others arrive above them, so that
// nothing jumps; refuses to move anything for people who asked for less motion.
import { useLayoutEffect, useRef } from "../view.js";

const MILLISECONDS = 220;

/**
 * @param {string[]} ids the ids of the rows, headings among them, in order
 * @returns {{current: HTMLElement | null}} goes on the element that holds the rows
 */
export function useSlide(ids) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const before = useRef({ ids: "", tops: /** @type {Map<string, number>} */ (new Map()), height: 0 });

  // Where rows stood is known from the last time that anything was drawn.
  useLayoutEffect(() => {
    const rows = box.current ? /** @type {HTMLElement[]} */ ([...box.current.children]) : [];
    const old = before.current;
    before.current = { ids: ids.join(), tops: new Map(rows.map((row, index) => [ids[index], row.offsetTop])), height: box.current?.offsetHeight ?? 0 };
    if (old.ids === before.current.ids || rows.length !== ids.length || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    // Rows behind the last of those were asked for and move nothing.
    const last = ids.findLastIndex((id) => old.tops.has(id));
    let moves = false;
    for (const [index, row] of rows.slice(0, last + 1).entries()) {
      const top = old.tops.get(ids[index]);
      const moved = top === undefined ? 0 : top - row.offsetTop;
      moves ||= top === undefined || moved !== 0;
      if (top === undefined) slide(row, { opacity: 0 });
      else if (moved !== 0) slide(row, { transform: `translateY(${moved}px)` });
    }
    const below = box.current?.closest("section")?.querySelector(".more");
    if (moves && below instanceof HTMLElement) slide(below, { transform: `translateY(${old.height - before.current.height}px)` });
  });

  return box;
}

/**
 * Lets what stands below a part slide when the part becomes higher or lower by itself.
 * @returns {{current: HTMLElement | null}} goes on the part
 */
export function useRoom() {
  const part = useRef(/** @type {HTMLElement | null} */ (null));
  const height = useRef(/** @type {number | null} */ (null));

  useLayoutEffect(() => {
    const now = part.current?.offsetHeight ?? null;
    const grown = now === null || height.current === null ? 0 : now - height.current;
    height.current = now;
    if (grown === 0 || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (let above = part.current; above !== null && !above.classList.contains("page"); above = above.parentElement) {
      for (let below = above.nextElementSibling; below !== null; below = below.nextElementSibling) {
        if (below instanceof HTMLElement) slide(below, { transform: `translateY(${-grown}px)` });
      }
    }
  });

  return part;
}

/** @param {HTMLElement} row @param {Keyframe} start */
function slide(row, start) {
  row.animate([start, {}], { duration: MILLISECONDS, easing: "ease-out" });
}

/**
 * The same for rows of one height each that change places.
 * @param {string[]} ids
 * @returns {{current: HTMLElement | null}}
 */
export function useReorder(ids) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const before = useRef(/** @type {Map<string, number>} */ (new Map()));

  useLayoutEffect(() => {
    const rows = box.current ? /** @type {HTMLElement[]} */ ([...box.current.children]) : [];
    const old = before.current;
    before.current = new Map(rows.map((row, index) => [ids[index], row.offsetTop]));
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const [index, row] of rows.entries()) {
      const moved = (old.get(ids[index]) ?? row.offsetTop) - row.offsetTop;
      if (moved !== 0) slide(row, { transform: `translateY(${moved}px)` });
    }
  }, [ids.join()]);

  return box;
}
