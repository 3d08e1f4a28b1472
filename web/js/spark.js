// The drift of a repository's newest runs as bars of a small picture; pure.
import { formatNumber, plural } from "./format.js";

/** Bars that there is room for. */
export const BARS = 12;
const WIDTH = 8;
const GAP = 2;
const HEIGHT = 24;
/** What nothing changed in is still seen to have been looked at. */
const LEAST = 2;

/** @typedef {{status: string, drift: number | null}} SparkPoint */
/** @typedef {{x: number, y: number, width: number, height: number, is: "drift" | "none" | "failed" | "unknown"}} Bar */

export const BOX = `0 0 ${BARS * (WIDTH + GAP) - GAP} ${HEIGHT}`;

/**
 * The newest at the right end. Heights grow with the root, so that one large change does not hide all others.
 * @param {SparkPoint[]} points oldest first
 * @returns {Bar[]}
 */
export function bars(points) {
  const shown = points.slice(-BARS);
  const most = Math.max(1, ...shown.map((point) => point.drift ?? 0));
  return shown.map((point, index) => {
    const is = point.status === "FAILED" ? "failed" : point.drift === null ? "unknown" : point.drift === 0 ? "none" : "drift";
    const height = is === "drift" ? Math.max(LEAST + 2, Math.round(HEIGHT * Math.sqrt((point.drift ?? 0) / most))) : is === "failed" ? WIDTH : LEAST;
    return { x: (BARS - shown.length + index) * (WIDTH + GAP), y: HEIGHT - height, width: WIDTH, height, is };
  });
}

/** The same in words. @param {SparkPoint[]} points oldest first */
export function barWords(points) {
  const shown = points.slice(-BARS);
  const drift = shown.map((point) => (point.status === "FAILED" ? "failed" : point.drift === null ? "not compared" : formatNumber(point.drift)));
  return `Drift of the last ${plural(shown.length, "run")}, newest last: ${drift.join(", ")}`;
}
