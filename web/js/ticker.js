// Drives the queue: among all tabs of a browser one leader calls the tick;
// refuses to tick without the leader's lock or while the switch is off.
import { postJson, problem } from "./api.js";
import { jitter, TICK_BUSY_MS, tickDelay } from "./cadence.js";
import { useEffect, useState } from "./view.js";

const LOCK = "ci-feed tick";
const STORAGE_KEY = "ci-feed.tick";

/**
 * @typedef {{role: "off"|"waiting"|"leading", nextAt: number | null, running: boolean,
 *   error: string | null, answer: TickAnswer | null}} TickState
 */

/** @type {TickState} */
let state = { role: "off", nextAt: null, running: false, error: null, answer: null };
/** @type {Set<(state: TickState) => void>} */
const listeners = new Set();
/** @type {AbortController | null} */
let term = null;
let timer = 0;
let lastStart = 0;
let work = false;
const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(LOCK) : null;

/** @param {Partial<TickState>} change @param {boolean} [tell] whether other tabs hear of it */
function update(change, tell = true) {
  state = { ...state, ...change };
  for (const listener of listeners) listener(state);
  if (tell && state.role === "leading") {
    channel?.postMessage({ type: "state", nextAt: state.nextAt, running: state.running, error: state.error, answer: state.answer });
  }
}

/** @param {(state: TickState) => void} listener */
function onTick(listener) {
  listeners.add(listener);
  listener(state);
  return () => void listeners.delete(listener);
}

/** @returns {TickState | null} null until it is known */
export function useTickState() {
  const [known, setKnown] = useState(/** @type {TickState | null} */ (null));
  useEffect(() => onTick(setKnown), []);
  return known;
}

export function isSwitchedOn() {
  try {
    return localStorage.getItem(STORAGE_KEY) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} on */
export function switchTicks(on) {
  try {
    localStorage.setItem(STORAGE_KEY, on ? "on" : "off");
  } catch {
    // Storage may be forbidden; the switch then lasts as long as this page.
  }
  apply(on);
}

/** @param {boolean} on */
function apply(on) {
  if (on && term === null) start();
  if (!on && term !== null) stop();
}

function start() {
  const mine = new AbortController();
  term = mine;
  update({ role: "waiting", nextAt: null, running: false, error: null });
  if (!navigator.locks) {
    // Outside a secure context there are no locks: this tab drives alone, and
    // the server answers "busy" when two tabs meet.
    lead();
    return;
  }
  navigator.locks
    .request(LOCK, { signal: mine.signal }, () => {
      if (mine.signal.aborted) return undefined;
      lead();
      return new Promise((resolve) => mine.signal.addEventListener("abort", resolve));
    })
    .catch(() => {
      // Only an aborted wait ends up here: the switch was turned off.
    });
  channel?.postMessage({ type: "hello" });
}

function stop() {
  term?.abort();
  term = null;
  clearTimeout(timer);
  update({ role: "off", nextAt: null, running: false, error: null });
}

function lead() {
  // What was shown came from the last leader, which may have closed mid-tick.
  update({ role: "leading", running: false, error: null, answer: null });
  schedule(0);
}

/** @param {number} delay */
function schedule(delay) {
  clearTimeout(timer);
  const wait = jitter(delay, Math.random());
  update({ nextAt: Date.now() + wait });
  timer = window.setTimeout(tick, wait);
}

/** Ticks at once: in its turn where this tab drives the queue, else once, by itself. */
export async function tickNow() {
  if (state.role === "leading") {
    if (!state.running) schedule(0);
    return;
  }
  /** @type {TickAnswer} */
  const answer = await postJson("/api/ci/worker/tick");
  if (answer.processed) {
    announce();
    channel?.postMessage({ type: "processed" });
  }
}

/** Polls listen to this, so that a result shows at once. */
function announce() {
  document.dispatchEvent(new CustomEvent("ci-feed:processed"));
}

async function tick() {
  const mine = term;
  if (mine === null || state.running) return;
  lastStart = Date.now();
  update({ running: true, nextAt: null });
  /** @type {TickAnswer} */
  let answer;
  let error = null;
  try {
    answer = await postJson("/api/ci/worker/tick");
  } catch (cause) {
    error = problem(cause).message;
    answer = { ok: false };
  }
  if (term !== mine) return;
  if (answer.processed) {
    announce();
    channel?.postMessage({ type: "processed" });
  }
  update({ running: false, error, answer });
  schedule(tickDelay(answer, work));
}

/**
 * The page saw (or no longer sees) queued or running work.
 * @param {boolean} waiting
 * @param {boolean} [tell]
 */
export function hintWork(waiting, tell = true) {
  if (tell && channel && waiting !== work) channel.postMessage({ type: "work", waiting });
  work = waiting;
  if (!waiting || state.role !== "leading" || state.running || state.nextAt === null) return;
  const soonest = Math.max(Date.now(), lastStart + TICK_BUSY_MS);
  if (state.error === null && state.nextAt > soonest + TICK_BUSY_MS / 10) schedule(soonest - Date.now());
}

/** @param {MessageEvent} event */
function onMessage(event) {
  const message = event.data ?? {};
  if (message.type === "work" && state.role === "leading") hintWork(message.waiting === true, false);
  if (message.type === "hello" && state.role === "leading") update({});
  if (message.type === "state" && state.role === "waiting") {
    update({ nextAt: message.nextAt, running: message.running, error: message.error, answer: message.answer }, false);
  }
  if (message.type === "processed") announce();
}

export function startTicker() {
  channel?.addEventListener("message", onMessage);
  window.addEventListener("storage", (event) => {
    if (event.key === STORAGE_KEY) apply(event.newValue !== "off");
  });
  apply(isSwitchedOn());
}
