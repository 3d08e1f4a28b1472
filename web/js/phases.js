// How long each step of a run took, from its times; pure.
import { parseTime } from "./format.js";

/** @typedef {{name: "queued"|"fetched"|"analyzed"|"stored", ms: number}} Phase */

/**
 * The steps of one attempt; a step that did not happen is not there.
 * @param {Pick<Attempt, "leased_at" | "fetch_ms" | "analyze_ms" | "finished_at" | "outcome">} attempt
 * @param {unknown} before when its wait began: the run's arrival, or the end of the attempt before
 * @returns {Phase[]}
 */
export function phasesOf(attempt, before) {
  const waitFrom = parseTime(before);
  const leased = parseTime(attempt.leased_at);
  const finished = parseTime(attempt.finished_at);
  /** @type {Phase[]} */
  const phases = [];
  if (waitFrom !== null && leased !== null && leased >= waitFrom) phases.push({ name: "queued", ms: leased - waitFrom });
  const fetch = span(attempt.fetch_ms);
  const analyze = span(attempt.analyze_ms);
  if (fetch !== null) phases.push({ name: "fetched", ms: fetch });
  if (analyze !== null) phases.push({ name: "analyzed", ms: analyze });
  if (attempt.outcome === "succeeded" && leased !== null && finished !== null && analyze !== null) {
    phases.push({ name: "stored", ms: Math.max(0, finished - leased - (fetch ?? 0) - analyze) });
  }
  return phases;
}

/** @param {unknown} ms */
function span(ms) {
  return typeof ms === "number" && Number.isFinite(ms) && ms >= 0 ? ms : null;
}

/**
 * Where each phase lies on a bar of this width; the shortest is still seen.
 * @param {Phase[]} phases
 * @param {number} width
 * @returns {Array<{name: string, x: number, width: number}>}
 */
export function barOf(phases, width) {
  const least = width / 100;
  const total = phases.reduce((sum, phase) => sum + phase.ms, 0);
  if (total <= 0) return [];
  const free = width - least * phases.length;
  let x = 0;
  return phases.map((phase) => {
    const part = { name: phase.name, x, width: least + (phase.ms / total) * free };
    x += part.width;
    return part;
  });
}
