// The claims or findings of a run, as they come from the server: a page, and more of them where somebody asks.
import { getJson, problem } from "./api.js";
import { formatNumber } from "./format.js";
import { partApiPath } from "./links.js";
import { html, useEffect, useRef, useState } from "./view.js";

const PAGE = 50;

/** @typedef {{total: number, from: number}} Answer */

/**
 * @template {Answer} A
 * @param {Run} run
 * @param {"claims" | "findings"} part
 * @param {Record<string, string>} filter
 * @param {string} at the id of one that the first page holds
 * @returns {{answer: A | null, rows: Foreign[], error: Problem | null, retry: () => void, before: unknown, more: unknown}}
 *   answer: the first page; before and more: buttons where there is something to ask for
 */
export function useStatements(run, part, filter, at) {
  const question = JSON.stringify([run.id, part, filter]);
  const [state, setState] = useState({ question: "", answer: /** @type {A | null} */ (null), rows: /** @type {Foreign[]} */ ([]), from: 0, error: /** @type {Problem | null} */ (null) });
  const [turn, setTurn] = useState(0);
  const [busy, setBusy] = useState(false);
  const asked = useRef(question);
  asked.current = question;

  useEffect(() => {
    // What is looked for may stand on the page already.
    if (at !== "" && state.question === question && state.rows.some((row) => row.id === at)) return undefined;
    const abort = new AbortController();
    /** @type {Promise<A>} */
    const asking = getJson(partApiPath(run.id, part, { ...filter, limit: PAGE, at }), { signal: abort.signal, keep: false });
    asking.then(
      (answer) => setState({ question, answer, rows: rowsOf(answer, part), from: answer.from, error: null }),
      (cause) => abort.signal.aborted || setState((before) => ({ ...before, error: problem(cause) })),
    );
    return () => abort.abort();
  }, [question, at, turn]);

  const end = state.from + state.rows.length;
  const rest = (state.answer?.total ?? 0) - end;

  /** @param {number} from @param {number} limit */
  async function load(from, limit) {
    setBusy(true);
    try {
      /** @type {A} */
      const answer = await getJson(partApiPath(run.id, part, { ...filter, limit, from }), { keep: false });
      if (asked.current !== question) return;
      const rows = rowsOf(answer, part);
      setState((held) => (from < held.from ? { ...held, rows: [...rows, ...held.rows], from } : { ...held, rows: [...held.rows, ...rows] }));
    } catch (cause) {
      setState((held) => ({ ...held, error: problem(cause) }));
    } finally {
      setBusy(false);
    }
  }

  const button = (/** @type {string} */ words, /** @type {() => void} */ onClick) => html`<div class="more"><button type="button" class="button" disabled=${busy} onClick=${onClick}>${words}</button></div>`;
  const above = Math.min(PAGE, state.from);
  return {
    answer: state.answer, rows: state.rows, error: state.error, retry: () => setTurn(turn + 1),
    before: state.from > 0 ? button(`Show ${formatNumber(above)} before these`, () => load(state.from - above, above)) : null,
    more: rest > 0 ? button(`Show ${formatNumber(Math.min(PAGE, rest))} more of ${formatNumber(rest)}`, () => load(end, PAGE)) : null,
  };
}

/** @param {Answer} answer @param {string} part @returns {Foreign[]} */
function rowsOf(answer, part) {
  const rows = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (answer))[part];
  return /** @type {Foreign[]} */ (Array.isArray(rows) ? rows : []);
}
