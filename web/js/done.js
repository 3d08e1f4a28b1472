// Which steps of a run's deploy list a person has ticked, kept in this browser.
import { list, object } from "./summary.js";
import { useState } from "./view.js";

const STORAGE_KEY = "ci-feed.done";
/** Runs that are remembered; the oldest goes. */
const RUNS = 50;

/** @returns {Foreign} steps by run */
function stored() {
  try {
    return object(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "{}"));
  } catch {
    // Storage may be forbidden, or hold what somebody else wrote.
    return {};
  }
}

/** @param {string} runId @param {Set<string>} done */
function store(runId, done) {
  const { [runId]: _, ...others } = stored();
  const kept = Object.entries(others).slice(1 - RUNS);
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(Object.fromEntries([...kept, [runId, [...done]]])));
  } catch {
    // The ticks then last as long as the page.
  }
}

/**
 * @param {string} runId
 * @returns {[Set<string>, (step: string) => void]} what is done, and a switch for one step
 */
export function useDone(runId) {
  const [done, setDone] = useState(() => new Set(list(stored()[runId]).map(String)));
  return [done, (step) => {
    const next = new Set(done);
    if (!next.delete(step)) next.add(step);
    store(runId, next);
    setDone(next);
  }];
}
