// One timer for every live time on the page; refuses to run while hidden.
import { serverNow } from "./api.js";
import { useEffect, useState } from "./view.js";

/** @type {Set<() => void>} */
const listeners = new Set();
let timer = 0;

function beat() {
  for (const listener of listeners) listener();
}

function arrange() {
  const wanted = listeners.size > 0 && !document.hidden;
  if (wanted && timer === 0) timer = window.setInterval(beat, 1000);
  if (!wanted && timer !== 0) {
    clearInterval(timer);
    timer = 0;
  }
}

document.addEventListener("visibilitychange", () => {
  arrange();
  if (!document.hidden) beat();
});

/**
 * A text that depends on the time; draws again only when the text changes.
 * @param {(now: number) => string} describe
 * @param {unknown[]} inputs
 */
export function useClock(describe, inputs) {
  const [, redraw] = useState(() => describe(serverNow()));
  useEffect(() => {
    const listener = () => redraw(describe(serverNow()));
    listener();
    listeners.add(listener);
    arrange();
    return () => {
      listeners.delete(listener);
      arrange();
    };
  }, inputs);
  return describe(serverNow());
}
