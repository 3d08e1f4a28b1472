// Keeps one address fresh while somebody looks: polls, backs off, recovers;
// refuses to poll a hidden page.
import { getJson, peekJson, problem, serverNow } from "./api.js";
import { pollDelay } from "./cadence.js";
import { useEffect, useRef, useState } from "./view.js";

/**
 * @template T
 * @typedef {{isActive?: (data: T) => boolean, isFinal?: (data: T) => boolean, accept?: number[]}} Options
 */

/**
 * @template T
 * @typedef {Omit<Polled<T>, "refresh"> & {path: string | null}} State
 */

/**
 * @template [T=unknown] what this address answers
 * @param {string | null} path null asks for nothing
 * @param {Options<T>} [options]
 * @returns {Polled<T>}
 */
export function usePoll(path, options = {}) {
  const [state, setState] = useState(() => /** @type {State<T>} */ (initial(path)));
  const latest = useRef(options);
  latest.current = options;
  const refresh = useRef(() => {});

  useEffect(() => {
    if (path === null) return undefined;
    const stop = startPolling(path, latest, (change) => {
      setState((previous) => {
        /** @type {State<T>} */
        const base = previous.path === path ? previous : initial(path);
        const next = change(base);
        return next === base ? base : { ...base, ...next };
      });
    });
    refresh.current = stop.refresh;
    return stop;
  }, [path]);

  /** @type {State<T>} */
  const current = state.path === path ? state : initial(path);
  return { ...current, refresh: () => refresh.current() };
}

/**
 * @template [T=unknown]
 * @param {string | null} path
 * @returns {State<T>}
 */
function initial(path) {
  return { path, data: peekJson(path), error: null, offlineSince: null, loading: path !== null };
}

/**
 * @template T
 * @param {string} path
 * @param {{current: Options<T>}} latest
 * @param {(change: (base: State<T>) => Partial<State<T>>) => void} update
 */
function startPolling(path, latest, update) {
  let timer = 0;
  let failures = 0;
  let inFlight = false;
  /** @type {T | null} */
  let data = null;
  const abort = new AbortController();

  async function load() {
    clearTimeout(timer);
    if (inFlight || abort.signal.aborted) return;
    inFlight = true;
    try {
      /** @type {T} */
      const body = await getJson(path, { signal: abort.signal, accept: latest.current.accept });
      if (abort.signal.aborted) return;
      failures = 0;
      data = body;
      update((base) => (base.data === body && base.error === null && !base.loading
        ? base
        : { data: body, error: null, offlineSince: null, loading: false }));
    } catch (error) {
      if (abort.signal.aborted) return;
      failures += 1;
      const since = new Date(serverNow()).toISOString();
      update((base) => ({ error: problem(error), loading: false, offlineSince: base.offlineSince ?? since }));
    } finally {
      inFlight = false;
    }
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    if (document.hidden || abort.signal.aborted) return;
    if (isSettled()) return;
    const active = data !== null && Boolean(latest.current.isActive?.(data));
    timer = window.setTimeout(load, pollDelay({ active, failures }));
  }

  const onVisible = () => (document.hidden ? clearTimeout(timer) : load());
  // What is final stays so whatever a tick did.
  const isSettled = () => failures === 0 && data !== null && Boolean(latest.current.isFinal?.(data));
  const onWake = () => void (isSettled() || load());
  document.addEventListener("visibilitychange", onVisible);
  window.addEventListener("online", onWake);
  document.addEventListener("ci-feed:processed", onWake);
  document.addEventListener("ci-feed:session", load);
  load();

  const stop = () => {
    abort.abort();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisible);
    window.removeEventListener("online", onWake);
    document.removeEventListener("ci-feed:processed", onWake);
    document.removeEventListener("ci-feed:session", load);
  };
  stop.refresh = load;
  return stop;
}
