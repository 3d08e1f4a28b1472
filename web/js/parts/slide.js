// Lets rows slide to their new place when others arrive above them, so that
// nothing jumps; refuses to move anything for people who asked for less motion.
import { useLayoutEffect, useRef } from "../view.js";

const MILLISECONDS = 220;

/**
 * @param {string[]} ids the rows' ids in order
 * @returns {{current: HTMLElement | null}} goes on the element that holds the rows
 */
export function useSlide(ids) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const before = useRef(/** @type {string[]} */ ([]));

  useLayoutEffect(() => {
    const old = before.current;
    before.current = ids;
    const rows = box.current ? /** @type {HTMLElement[]} */ ([...box.current.children]) : [];
    const arrived = old.length === 0 ? 0 : ids.indexOf(old[0]);
    if (arrived <= 0 || rows.length !== ids.length || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const height = rows[arrived].offsetTop - rows[0].offsetTop;
    for (const [index, row] of rows.entries()) {
      const start = index < arrived ? { opacity: 0 } : { transform: `translateY(${-height}px)` };
      row.animate([start, {}], { duration: MILLISECONDS, easing: "ease-out" });
    }
    // What stands below the rows goes with them.
    const below = box.current?.closest("section")?.querySelector(".more");
    below?.animate([{ transform: `translateY(${-height}px)` }, {}], { duration: MILLISECONDS, easing: "ease-out" });
  }, [ids.join()]);

  return box;
}
