// The living list of runs for one filter: polls, merges, loads older, holds new
// runs back where they would move what somebody reads.
import { getJson, problem } from "../api.js";
import { plural, visible } from "../format.js";
import { query, runPath } from "../links.js";
import { appendOlder, mergeNewest, newcomers } from "../merge.js";
import { usePoll } from "../poll.js";
import { useMayWrite } from "../session.js";
import { countActive, isActive } from "../status.js";
import { typicalDuration } from "../summary.js";
import { hintWork } from "../ticker.js";
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../view.js";
import { Failure, Loading, Stale } from "./notice.js";
import { RunTable } from "./run-table.js";
import { useSteps } from "./stepwise.js";

const PAGE = 50;
const LARGEST_PAGE = 200;
/** Unfinished rows below the polled page that are asked about one by one. */
const WATCHED = 5;

/**
 * @param {{filter: {owner?: string, repo?: string, ref?: string, pr?: string, status?: string}, empty: unknown,
 *   few?: number, step?: number, onRuns?: (runs: Run[]) => void}} props few: where only so many are shown; step: runs that are asked for at once
 */
export function RunList({ filter, empty, few, step = PAGE, onRuns }) {
  const key = query({ ...filter, few });
  const list = useMemo(() => remembered(key), [key]);
  // As many as are shown: a row that the server is not asked about would stand as it was for ever.
  const size = few ?? pageSize(list.held.size > 0 ? list.runs.length : list.asked, step);
  /** @type {Polled<RunPage>} */
  const polled = usePoll(`/api/ci/runs${query({ ...filter, limit: size })}`, {
    isActive: (data) => countActive(data.runs) > 0,
  });
  const mayCancel = useMayWrite((polled.data?.runs ?? []).some((run) => run.status === "QUEUED"));
  const [older, setOlder] = useState({ loading: false, error: /** @type {Problem | null} */ (null) });
  const [, redraw] = useState(0);
  const pointed = useRef(false);
  const section = useRef(/** @type {HTMLElement | null} */ (null));

  useLayoutEffect(() => {
    if (polled.data === null || polled.data === list.data) return;
    takeIn(list, polled.data, size, pointed.current || isRead(section.current));
    redraw((turn) => turn + 1);
  }, [polled.data, list]);
  const { runs, next, held, fresh } = list;
  const polledIds = new Set(list.data?.runs.map((run) => run.id));
  const beyond = runs.filter((run) => isActive(run) && !polledIds.has(run.id)).slice(0, WATCHED);

  useEffect(() => {
    if (list.data === null) return;
    hintWork(countActive(runs) > 0);
    onRuns?.(runs);
  }, [runs, list]);

  /** @param {Run} run */
  function settle(run) {
    list.runs = list.runs.map((one) => (one.id === run.id ? run : one));
    redraw((turn) => turn + 1);
  }

  const known = held.size === 0 ? runs : runs.filter((run) => !held.has(run.id));
  const waiting = runs.length - known.length;
  const shown = known.slice(0, few);
  const drawn = useSteps(shown.length, list.data !== null);

  async function loadOlder() {
    const cursor = list.next;
    if (cursor === null) return;
    setOlder({ loading: true, error: null });
    try {
      /** @type {RunPage} */
      const page = await getJson(`/api/ci/runs${query({ ...filter, limit: step, before: cursor })}`);
      list.runs = appendOlder(list.runs, page.runs);
      list.next = page.next;
      list.asked = list.runs.length;
      setOlder({ loading: false, error: null });
    } catch (error) {
      setOlder({ loading: false, error: problem(error) });
    }
  }

  const enter = () => void (pointed.current = true);
  const leave = () => {
    pointed.current = false;
    if (!isRead(section.current)) release();
  };
  const release = () => {
    if (list.held.size === 0) return;
    list.fresh = new Set([...list.fresh, ...list.held]);
    list.held = new Set();
    redraw((turn) => turn + 1);
  };

  const show = () => {
    // The new rows are above: what was asked for must be seen.
    if ((section.current?.getBoundingClientRect().top ?? 0) < 0) section.current?.scrollIntoView();
    release();
  };

  if (list.data === null && polled.error?.code === "NOT_FOUND") return empty;
  if (list.data === null && polled.error) return html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The feed" />`;
  if (list.data === null) return html`<${Loading} label="Loading runs" />`;
  // Few that fit may lie further down than one answer looks.
  if (runs.length === 0 && next === null) return html`<div><${Stale} polled=${polled} />${empty}</div>`;
  return html`<section class="run-list" aria-label="Runs" ref=${section}>
    <${Stale} polled=${polled} />
    <p class="sr-only" role="status">${waiting > 0 ? `${plural(waiting, "new run")}` : ""}</p>
    <div class="run-box" onMouseEnter=${enter} onMouseLeave=${leave} onfocusin=${enter} onfocusout=${leave}>
      ${waiting > 0 && html`<div class="held"><button type="button" class="button button-primary" onClick=${show}>Show ${plural(waiting, "new run")}</button></div>`}
      <${RunTable} runs=${shown.slice(0, drawn)} showRepo=${!filter.repo} fresh=${fresh} typical=${typicalDuration(runs)} onCancel=${mayCancel ? polled.refresh : null} label="Runs, newest first" />
    </div>
    ${beyond.map((run) => html`<${Watch} key=${run.id} id=${run.id} onSettled=${settle} />`)}
    ${few === undefined && drawn >= shown.length && html`<div class="more">
      ${older.error && html`<p class="text-bad" role="alert">${visible(older.error.message)}</p>`}
      ${next !== null
        ? html`<button type="button" class="button" disabled=${older.loading} onClick=${loadOlder}>${older.loading ? "Loading…" : "Load older"}</button>`
        : html`<p class="muted num">${plural(shown.length, "run")}, no older ones</p>`}
    </div>`}
  </section>`;
}

/**
 * Asks about one run until it is settled; shows nothing.
 * @param {{id: string, onSettled: (run: Run) => void}} props
 */
function Watch({ id, onSettled }) {
  /** @type {Polled<Api.OneRun>} */
  const polled = usePoll(`/api/ci${runPath(id)}`, { isActive: () => true, isFinal: (data) => !isActive(data.run) });
  useEffect(() => {
    if (polled.data !== null && !isActive(polled.data.run)) onSettled(polled.data.run);
  }, [polled.data]);
  return null;
}

/**
 * Whether a row that arrives on top would move what is read: the list's head is
 * above the screen, or rows may not slide because motion is unwanted.
 * @param {HTMLElement | null} section
 */
function isRead(section) {
  return section !== null && (section.getBoundingClientRect().top < 0 || matchMedia("(prefers-reduced-motion: reduce)").matches);
}

/** @param {number} asked how many runs the reader has loaded @param {number} step */
function pageSize(asked, step) {
  return Math.min(LARGEST_PAGE, Math.max(step, Math.ceil(asked / step) * step));
}

/** @type {Map<string, ReturnType<typeof emptyList>>} */
const lists = new Map();

/**
 * The list as it was left, so that going back shows it at once.
 * @param {string} key
 */
function remembered(key) {
  const held = lists.get(key) ?? emptyList(key);
  lists.delete(key);
  lists.set(key, held);
  if (lists.size > 8) lists.delete(/** @type {string} */ (lists.keys().next().value));
  return held;
}

/** @param {string} key */
function emptyList(key) {
  return {
    key,
    asked: 0,
    runs: /** @type {Run[]} */ ([]),
    next: /** @type {string | null} */ (null),
    data: /** @type {RunPage | null} */ (null),
    held: /** @type {Set<string>} */ (new Set()),
    fresh: /** @type {Set<string>} */ (new Set()),
  };
}

/**
 * Takes a polled page in. Runs that arrive above the known ones are marked as
 * fresh, or held back; a first run has nothing to move. Rows below the page are
 * kept only where somebody asked for them or is reading.
 * @param {ReturnType<typeof emptyList>} state
 * @param {RunPage} data
 * @param {number} size how many were asked for
 * @param {boolean} hold
 */
function takeIn(state, data, size, hold) {
  const page = data.runs;
  const arrived = state.data === null ? [] : newcomers(state.runs, page);
  const waits = hold && state.runs.length > 0;
  for (const id of arrived) (waits ? state.held : state.fresh).add(id);
  const keepsMore = state.held.size > 0 || state.asked > LARGEST_PAGE || page.length < size;
  state.runs = keepsMore ? mergeNewest(state.runs, page, data.next !== null) : page;
  if (state.runs.length === page.length) state.next = data.next;
  state.data = data;
}
