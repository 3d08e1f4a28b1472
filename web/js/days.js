// On which day something happened, for whoever looks: the headings of a list of runs; pure.
import { inWords, parseTime } from "./format.js";

const DAY_MS = 86_400_000;

/**
 * The day of a time in words: `Today`, `Yesterday`, `Friday 27 November`, with its year where that is another one.
 * @param {unknown} iso
 * @param {number} now
 * @param {string} [timeZone] another zone than the reader's
 */
export function dayOf(iso, now, timeZone) {
  const at = parseTime(iso);
  if (at === null) return "No date";
  const date = (/** @type {number} */ one) => inWords("date", one, { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  const day = date(at);
  if (day === date(now)) return "Today";
  if (day === date(now - DAY_MS)) return "Yesterday";
  const options = /** @type {const} */ ({ timeZone, weekday: "long", day: "numeric", month: "long" });
  const isThisYear = day.slice(-4) === date(now).slice(-4);
  return (isThisYear ? inWords("day", at, options) : inWords("day of a year", at, { ...options, year: "numeric" })).replace(",", "");
}

/**
 * A list in the order of time, with a heading where another day begins.
 * @template {{created_at: string}} R
 * @param {R[]} runs
 * @param {number} now
 * @param {string} [timeZone]
 * @returns {Array<{day: string, key: string} | {run: R}>}
 */
export function byDay(runs, now, timeZone) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  let last = "";
  return runs.flatMap((run) => {
    const day = dayOf(run.created_at, now, timeZone);
    if (day === last) return [{ run }];
    last = day;
    // The runs of a branch stand in the order of its pushes: a commit of an earlier day may come to it later.
    const turn = (seen.get(day) ?? 0) + 1;
    seen.set(day, turn);
    return [{ day, key: `${day} ${turn}` }, { run }];
  });
}
