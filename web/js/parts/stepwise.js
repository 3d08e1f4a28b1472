// Draws a long list in steps, so that a slow phone can answer a finger between them.
import { useEffect, useState } from "../view.js";

/** About a phone's screen of rows. */
const STEP = 5;

/**
 * How many rows are drawn by now; one that was whole once stays so, whatever comes.
 * @param {number} count how many there are
 * @param {boolean} [whole] all at once, as when coming back to where one was
 */
export function useSteps(count, whole = false) {
  const [drawn, setDrawn] = useState(whole ? Infinity : STEP);
  useEffect(() => {
    if (count === 0 || drawn === Infinity) return undefined;
    const timer = setTimeout(() => setDrawn(drawn >= count ? Infinity : drawn + STEP));
    return () => clearTimeout(timer);
  }, [count, drawn]);
  return drawn;
}
