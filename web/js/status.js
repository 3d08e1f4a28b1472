// The status vocabulary: for every state one word, one icon and one tone; pure,
// refuses unknown values by naming them instead of guessing.
import { humanize, oneLine } from "./format.js";

/** @typedef {{word: string, icon: string, tone: "good"|"bad"|"busy"|"wait"|"quiet"}} Look */

/** @type {Record<string, Look>} */
const RUN = {
  QUEUED: { word: "Queued", icon: "clock", tone: "wait" },
  RUNNING: { word: "Running", icon: "running", tone: "busy" },
  SUCCEEDED: { word: "Succeeded", icon: "check", tone: "good" },
  FAILED: { word: "Failed", icon: "cross", tone: "bad" },
};

/** @type {Record<string, Look>} */
const VERDICT = {
  VERIFIED: { word: "Verified", icon: "check", tone: "good" },
  CONTRADICTED: { word: "Contradicted", icon: "cross", tone: "bad" },
  UNVERIFIABLE: { word: "Unverifiable", icon: "question", tone: "quiet" },
};

/** @type {Record<string, Look>} */
const FACT = {
  EVIDENCED: { word: "Evidenced", icon: "check", tone: "good" },
  INFERRED: { word: "Inferred", icon: "arrow", tone: "busy" },
  UNKNOWN: { word: "Unknown", icon: "question", tone: "quiet" },
};

/** @type {Record<string, Look>} */
const OUTCOME = {
  accepted: { word: "Accepted", icon: "check", tone: "good" },
  deduplicated: { word: "Already known", icon: "arrow", tone: "quiet" },
  ignored: { word: "Ignored", icon: "minus", tone: "quiet" },
  rejected: { word: "Rejected", icon: "cross", tone: "bad" },
  succeeded: { word: "Succeeded", icon: "check", tone: "good" },
  failed: { word: "Failed", icon: "cross", tone: "bad" },
  lease_expired: { word: "Lease expired", icon: "clock", tone: "bad" },
  given_back: { word: "Given back", icon: "arrow", tone: "quiet" },
};

/** @type {Record<string, Look>} */
const LEVEL = {
  error: { word: "Error", icon: "cross", tone: "bad" },
  warning: { word: "Warning", icon: "warning", tone: "wait" },
  note: { word: "Note", icon: "info", tone: "busy" },
  none: { word: "None", icon: "minus", tone: "quiet" },
};

/** @type {Record<string, Look>} */
const CHANGE = {
  added: { word: "Added", icon: "plus", tone: "good" },
  removed: { word: "Removed", icon: "minus", tone: "bad" },
  changed: { word: "Changed", icon: "arrow", tone: "wait" },
  new: { word: "New", icon: "plus", tone: "wait" },
  resolved: { word: "Resolved", icon: "check", tone: "good" },
};

/** @type {Record<string, Look>} */
const HEALTH = {
  ok: { word: "Working", icon: "check", tone: "good" },
  degraded: { word: "Degraded", icon: "warning", tone: "bad" },
  stopping: { word: "Stopping", icon: "minus", tone: "wait" },
};

const TABLES = { run: RUN, verdict: VERDICT, fact: FACT, outcome: OUTCOME, level: LEVEL, change: CHANGE, health: HEALTH };

/**
 * @param {keyof typeof TABLES} vocabulary
 * @param {unknown} value
 * @returns {Look}
 */
export function look(vocabulary, value) {
  const table = TABLES[vocabulary];
  const key = String(value ?? "");
  if (Object.hasOwn(table, key)) return table[key];
  return { word: key === "" ? "Unknown" : short(humanize(key)), icon: "question", tone: "quiet" };
}

/** A badge has room for a word or two. @param {string} word */
function short(word) {
  return word.length > 28 ? `${Array.from(word).slice(0, 27).join("")}…` : word;
}

/** @type {Record<string, string>} */
const EVENTS = { push: "push", pull_request: "pull request", manual: "manual" };

/** @param {unknown} event */
export function eventWord(event) {
  const key = String(event ?? "");
  return Object.hasOwn(EVENTS, key) ? EVENTS[key] : short(humanize(key)).toLowerCase();
}

/**
 * A delivery as health shows it: the event, then its repository.
 * @param {unknown} detail
 */
export function deliveryWords(detail) {
  const [event, ...rest] = oneLine(detail).split(" ");
  return [eventWord(event), ...rest].join(" ");
}

/** @type {Record<string, string>} */
const TICKS = {
  processed: "worked on a job",
  idle: "nothing to do",
  busy: "another worker was busy",
  backing_off: "a failed job waited for its next attempt",
  low_disk: "the disk was almost full",
  objects_away: "the object store was away",
};

/** What became of a tick. @param {unknown} detail */
export function tickWords(detail) {
  const key = String(detail ?? "");
  return Object.hasOwn(TICKS, key) ? TICKS[key] : oneLine(humanize(key)).toLowerCase();
}

/** @param {{status?: string} | null | undefined} run */
export function isActive(run) {
  return run?.status === "QUEUED" || run?.status === "RUNNING";
}

/** @param {Array<{status?: string}>} runs */
export function countActive(runs) {
  return runs.filter(isActive).length;
}
