// Finds, sorts and groups facts; pure.
import { attribute, kindLabel, oneLine } from "./format.js";
import { list, object, tierOf } from "./summary.js";

/** @type {WeakMap<object, string>} */
const known = new WeakMap();

/**
 * What a person may search a fact by, in lower case; built once for each fact.
 * @param {Foreign} fact
 */
export function haystack(fact) {
  const held = known.get(fact);
  if (held !== undefined) return held;
  const built = build(fact);
  known.set(fact, built);
  return built;
}

/** @param {Foreign} fact */
function build(fact) {
  const attrs = Object.values(object(fact.attrs)).map((value) => (typeof value === "object" ? attribute(value) : String(value)));
  const paths = list(fact.evidence).map((one) => String(object(one).path ?? ""));
  return [fact.kind, fact.key, fact.reason, ...attrs, ...paths].filter((text) => text !== undefined && text !== null).join("\n").toLowerCase();
}

/**
 * @param {Foreign[]} facts
 * @param {string} kind empty for all
 * @param {string} text every word must occur somewhere
 */
export function filterFacts(facts, kind, text) {
  const words = oneLine(text).toLowerCase().split(" ").filter(Boolean);
  return facts.filter((fact) => {
    if (kind !== "" && tierOf(fact) !== kind) return false;
    if (words.length === 0) return true;
    const all = haystack(fact);
    return words.every((word) => all.includes(word));
  });
}

/** The file a fact's first evidence lies in. @param {Foreign} fact */
export function fileOf(fact) {
  return oneLine(object(list(fact.evidence)[0]).path ?? "");
}

/**
 * @param {Foreign[]} facts
 * @param {string} order `name` or `place`; anything else keeps the dossier's own order
 */
export function sortFacts(facts, order) {
  if (order === "name") return sortBy(facts, (fact) => [String(fact.key ?? fact.reason ?? "").toLowerCase()]);
  if (order === "place") return sortBy(facts, (fact) => [fileOf(fact), Number(object(list(fact.evidence)[0]).start_line ?? 0)]);
  return facts;
}

/**
 * By parts that are made once for each fact; equal ones keep their order.
 * @param {Foreign[]} facts
 * @param {(fact: Foreign) => Array<string | number>} parts
 */
function sortBy(facts, parts) {
  const keyed = facts.map((fact) => ({ fact, key: parts(fact) }));
  keyed.sort((a, b) => {
    for (const [index, one] of a.key.entries()) {
      if (one < b.key[index]) return -1;
      if (one > b.key[index]) return 1;
    }
    return 0;
  });
  return keyed.map((one) => one.fact);
}

/** @typedef {{head: string, code: boolean, count: number} | {fact: Foreign, place: number}} Row */

/**
 * The rows of the list: the facts, with a head above each group.
 * @param {Foreign[]} facts
 * @param {string} by `kind` or `file`; anything else makes no groups
 * @returns {Row[]}
 */
export function groupFacts(facts, by) {
  if (by !== "kind" && by !== "file") return facts.map((fact, index) => ({ fact, place: index + 1 }));
  /** @type {Map<string, Foreign[]>} */
  const groups = new Map();
  for (const fact of facts) {
    const name = by === "file" ? fileOf(fact) : oneLine(kindLabel(String(tierOf(fact) ?? "unresolved")));
    const group = groups.get(name);
    if (group) group.push(fact);
    else groups.set(name, [fact]);
  }
  const names = [...groups.keys()].sort();
  let place = 0;
  return names.flatMap((name) => {
    const group = groups.get(name) ?? [];
    return [{ head: name === "" ? "No place" : name, code: by === "file" && name !== "", count: group.length }, ...group.map((fact) => ({ fact, place: (place += 1) }))];
  });
}
