// The facts of a run as a list of rows: those of a dossier of ours come from the server in
// pages, as they are looked at; those of another one are found in the file itself.
import { getJson, problem } from "./api.js";
import { headOf } from "./fact-columns.js";
import { factsApiPath } from "./links.js";
import { arrange, filterFacts, groupFacts, sortFacts } from "./search.js";
import { object, records } from "./summary.js";
import { useEffect, useMemo, useRef, useState } from "./view.js";

const PAGE = 100;
/** How long a place is looked at before its facts are asked for: scrolling passes many. */
const PASSING_MS = 60;

/** @typedef {{kind: string, q: string, sort: string, group: string}} Question group: `none`, or what facts stand together by */
/**
 * @typedef {{question: Question, total: number, count: number, at: (index: number) => import("./search.js").Row,
 *   need: (first: number, end: number) => void, sought: number | null, version: number}} FactList
 *   sought: the row of the fact that was asked for; version: another one when rows have come
 */

/** @type {Record<string, string>} */
const SORTS = { "": "natural", name: "key", place: "path" };
/** @type {Record<string, string>} */
const GROUPS = { kind: "kind", file: "path", part: "part" };

/**
 * A dossier in hand.
 * @param {{facts: Foreign[], unresolved: Foreign[]}} dossier
 * @param {Question} question
 * @param {string} [at] the id of a fact that is looked for
 * @returns {FactList}
 */
export function listOf(dossier, question, at = "") {
  const { kind, q, sort, group } = question;
  const isOpen = kind === "unresolved";
  const found = filterFacts(sortFacts(isOpen ? dossier.unresolved : dossier.facts, sort), isOpen ? "" : kind, q);
  const { facts, groups } = groupFacts(found, group);
  const place = at === "" ? -1 : facts.findIndex((fact) => fact.id === at);
  return lay(question, groups, facts.length, (index) => facts[index], { place, need: () => {}, version: 0 });
}

/**
 * @param {Question} question
 * @param {Array<[string, number]>} groups
 * @param {number} total
 * @param {(place: number) => Foreign | undefined} factAt
 * @param {{place: number, need: (first: number, end: number) => void, version: number}} more
 * @returns {FactList}
 */
function lay(question, groups, total, factAt, { place, need, version }) {
  // One group is no grouping, unless it is that of a file.
  const rows = arrange(groups.length < 2 && question.group !== "file" && question.kind !== "" ? [] : groups, total);
  /** @param {number} row */
  function at(row) {
    const found = rows.at(row);
    if ("name" in found) return { ...headOf(question.group, question.kind, found.name), name: found.name, count: found.count };
    const fact = factAt(found.place);
    return fact === undefined ? { place: found.place + 1 } : { fact, place: found.place + 1 };
  }
  return {
    question, total, count: rows.count, at, version,
    need: (first, end) => end > first && need(rows.at(first).place, rows.at(end - 1).place + 1),
    sought: place === -1 ? null : rows.rowOf(place),
  };
}

/** @typedef {{total: number, groups: Record<string, number>, from: number, facts: Foreign[]}} FactsPage */

/**
 * The facts of a run, page by page; what was there before stays until the answer to another question comes.
 * @param {Run} run
 * @param {Question | null} question null for none
 * @param {string} at the id of a fact that is looked for
 * @returns {{list: FactList | null, error: Problem | null, retry: () => void}}
 */
function usePages(run, question, at) {
  const [list, setList] = useState(/** @type {FactList | null} */ (null));
  const [error, setError] = useState(/** @type {Problem | null} */ (null));
  const [turn, setTurn] = useState(0);
  const { kind, q, sort, group } = question ?? { kind: "", q: "", sort: "", group: "" };
  useEffect(() => {
    if (question === null) return undefined;
    const asked = { kind, q, sort, group };
    const abort = new AbortController();
    const { signal } = abort;
    /** @type {Map<number, Foreign>} */
    const facts = new Map();
    /** Pages that are there or under way. @type {Set<number>} */
    const known = new Set();
    let timer = 0;
    let version = 0;
    const isInferred = kind === "endpoint_inferred";
    const address = {
      kind: isInferred ? "endpoint" : kind, status: isInferred ? "INFERRED" : kind === "endpoint" ? "EVIDENCED" : "",
      q, sort: SORTS[sort], group: GROUPS[group], limit: PAGE,
    };

    /** @param {FactsPage} page @param {number} place of what is looked for */
    function show(page, place) {
      page.facts.forEach((fact, index) => facts.set(page.from + index, object(fact)));
      known.add(Math.floor(page.from / PAGE));
      const groups = Object.entries(page.groups).sort(([a], [b]) => (a < b ? -1 : 1));
      setError(null);
      setList(lay(asked, groups, page.total, (index) => facts.get(index), { place, need, version: (version += 1) }));
    }

    /** @param {number} first @param {number} end */
    function need(first, end) {
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        for (let page = Math.floor(first / PAGE); page * PAGE < end; page += 1) load(page);
      }, PASSING_MS);
    }

    /** @param {number} page */
    function load(page) {
      if (known.has(page)) return;
      known.add(page);
      ask({ from: page * PAGE }).then((answer) => show(answer, -1), () => signal.aborted || known.delete(page));
    }

    /** @param {Record<string, string | number>} place @returns {Promise<FactsPage>} */
    function ask(place) {
      return getJson(factsApiPath(run.id, { ...address, ...place }), { signal, keep: false });
    }

    ask(at === "" ? {} : { at }).then(
      (page) => {
        const index = at === "" ? -1 : records(page.facts).findIndex((fact) => fact.id === at);
        show(page, index === -1 ? -1 : page.from + index);
      },
      (cause) => signal.aborted || setError(problem(cause)),
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [run.id, question === null, kind, q, sort, group, at, turn]);
  return { list, error, retry: () => setTurn(turn + 1) };
}

/**
 * @param {Run} run
 * @param {{facts: Foreign[], unresolved: Foreign[]} | null} dossier null where the server is asked
 * @param {Question} question
 * @param {string} at the id of a fact that is looked for
 */
export function useFacts(run, dossier, question, at) {
  const { kind, q, sort, group } = question;
  const paged = usePages(run, dossier === null ? question : null, at);
  const held = useMemo(() => (dossier === null ? null : listOf(dossier, question, at)), [dossier, kind, q, sort, group, at]);
  return held === null ? paged : { list: held, error: null, retry: paged.retry };
}

/**
 * A text that stands still for a moment; at once where nothing is waited for.
 * @param {string} text
 * @param {number} ms
 */
export function useSettled(text, ms) {
  const [settled, setSettled] = useState(text);
  const last = useRef(text);
  useEffect(() => {
    if (last.current === text) return undefined;
    last.current = text;
    const timer = setTimeout(() => setSettled(text), ms);
    return () => clearTimeout(timer);
  }, [text, ms]);
  return ms === 0 ? text : settled;
}
