// @ts-check
// The living list of runs for one filter: polls, merges, loads older, holds new
// runs back while the pointer is on the list.
import { getJson } from "../api.js";
import { formatNumber, plural, visible } from "../format.js";
import { query } from "../links.js";
import { appendOlder, mergeNewest } from "../merge.js";
import { usePoll } from "../poll.js";
import { countActive } from "../status.js";
import { hintWork } from "../ticker.js";
import { html, useEffect, useMemo, useRef, useState } from "../view.js";
import { Failure, Loading, Stale } from "./notice.js";
import { RunTable } from "./run-table.js";

const PAGE = 50;
const LARGEST_PAGE = 200;

/**
 * @param {{filter: {owner?: string, repo?: string, ref?: string, status?: string}, empty: any,
 *   onRuns?: (runs: any[]) => void}} props
 */
export function RunList({ filter, empty, onRuns }) {
  const key = query(filter);
  const [size, setSize] = useState(PAGE);
  const polled = usePoll(`/api/ci/runs${query({ ...filter, limit: size })}`, {
    isActive: (data) => countActive(data.runs ?? []) > 0,
  });
  const list = useRef({ key, runs: /** @type {any[]} */ ([]), next: /** @type {string | null} */ (null), data: /** @type {any} */ (null) });
  const [older, setOlder] = useState({ loading: false, error: /** @type {any} */ (null), turn: 0 });
  const [held, setHeld] = useState(/** @type {Set<string>} */ (new Set()));
  const seen = useRef(/** @type {Set<string> | null} */ (null));
  const fresh = useRef(/** @type {Set<string>} */ (new Set()));
  const busy = useRef(false);

  const state = list.current;
  if (state.key !== key) {
    list.current = { key, runs: [], next: null, data: null };
    seen.current = null;
    fresh.current = new Set();
  }
  if (polled.data !== null && polled.data !== list.current.data) takeIn(list.current, polled.data);

  const { runs, next } = list.current;
  useEffect(() => {
    if (list.current.data === null) return;
    const ids = runs.map((run) => run.id);
    const known = seen.current;
    const arrived = known === null ? [] : ids.slice(0, firstKnown(ids, known));
    seen.current = new Set([...(known ?? []), ...ids]);
    for (const id of arrived) fresh.current.add(id);
    if (arrived.length > 0 && busy.current) setHeld((previous) => new Set([...previous, ...arrived]));
    else if (arrived.length > 0) setOlder((previous) => ({ ...previous, turn: previous.turn + 1 }));
    hintWork(countActive(runs) > 0);
    onRuns?.(runs);
  }, [list.current.data, key]);

  const hiddenNow = useMemo(() => held, [held]);
  // The first draw of arriving runs happens before the effect above can hold
  // them back, hence the same question is asked here.
  const shown = runs.filter((run) => !hiddenNow.has(run.id) && !(busy.current && seen.current !== null && !seen.current.has(run.id) && isAbove(run, runs, seen.current)));
  const waiting = runs.length - shown.length;

  async function loadOlder() {
    const cursor = list.current.next;
    if (cursor === null) return;
    setOlder((previous) => ({ ...previous, loading: true, error: null }));
    try {
      const page = await getJson(`/api/ci/runs${query({ ...filter, limit: PAGE, before: cursor })}`);
      if (list.current.key !== key) return;
      list.current.runs = appendOlder(list.current.runs, page.runs ?? []);
      list.current.next = page.next ?? null;
      for (const run of page.runs ?? []) seen.current?.add(run.id);
      setSize(Math.min(LARGEST_PAGE, Math.ceil(list.current.runs.length / PAGE) * PAGE));
      setOlder((previous) => ({ loading: false, error: null, turn: previous.turn + 1 }));
    } catch (error) {
      setOlder((previous) => ({ ...previous, loading: false, error }));
    }
  }

  const enter = () => void (busy.current = true);
  const leave = () => {
    busy.current = false;
    setHeld((previous) => (previous.size === 0 ? previous : new Set()));
  };

  if (list.current.data === null && polled.error) return html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The feed" />`;
  if (list.current.data === null) return html`<${Loading} label="Loading runs" />`;
  if (runs.length === 0) return html`<div><${Stale} polled=${polled} />${empty}</div>`;
  return html`<section class="run-list" aria-label="Runs">
    <${Stale} polled=${polled} />
    <p class="sr-only" role="status">${waiting > 0 ? `${plural(waiting, "new run")}` : ""}</p>
    ${waiting > 0 && html`<div class="held"><button type="button" class="button button-primary" onClick=${leave}>Show ${plural(waiting, "new run")}</button></div>`}
    <div onMouseEnter=${enter} onMouseLeave=${leave} onFocusIn=${enter} onFocusOut=${leave}>
      <${RunTable} runs=${shown} showRepo=${!filter.repo} fresh=${fresh.current} label="Runs, newest first" />
    </div>
    <div class="more">
      ${older.error && html`<p class="text-bad" role="alert">${visible(older.error.message)}</p>`}
      ${next !== null
        ? html`<button type="button" class="button" disabled=${older.loading} onClick=${loadOlder}>${older.loading ? "Loading…" : "Load older"}</button>`
        : html`<p class="muted num">${formatNumber(runs.length)} ${runs.length === 1 ? "run" : "runs"}, no older ones</p>`}
    </div>
  </section>`;
}

/**
 * @param {{runs: any[], next: string | null, data: any}} state
 * @param {any} data
 */
function takeIn(state, data) {
  const fresh = Array.isArray(data.runs) ? data.runs : [];
  const merged = mergeNewest(state.runs, fresh, (data.next ?? null) !== null);
  if (merged.length === fresh.length) state.next = data.next ?? null;
  state.runs = merged;
  state.data = data;
}

/** @param {string[]} ids @param {Set<string>} known */
function firstKnown(ids, known) {
  const index = ids.findIndex((id) => known.has(id));
  return index === -1 ? ids.length : index;
}

/** @param {any} run @param {any[]} runs @param {Set<string>} known */
function isAbove(run, runs, known) {
  const ids = runs.map((one) => one.id);
  return ids.indexOf(run.id) < firstKnown(ids, known);
}
