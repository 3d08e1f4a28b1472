// Finds, sorts and groups facts; pure.
import { attribute, oneLine } from "./format.js";
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
 * @param {string} order `name` or `place`; anything else is the order in which people read
 */
export function sortFacts(facts, order) {
  if (order === "name") return sortBy(facts, (fact) => [String(fact.key ?? fact.reason ?? "").toLowerCase()]);
  if (order === "place") return sortBy(facts, (fact) => [fileOf(fact), Number(object(list(fact.evidence)[0]).start_line ?? 0)]);
  return sortBy(facts, (fact) => natural(fact));
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Numbers by their value, endpoints by path and then by method. @param {Foreign} fact */
function natural(fact) {
  const key = String(fact.key ?? fact.reason ?? "");
  const [, method, path] = (fact.kind === "endpoint" && /^(\S+) (.*)$/s.exec(key)) || [];
  const text = (path ?? key).toLowerCase().replaceAll("/", path === undefined ? "/" : "\u0001");
  const rank = METHODS.indexOf(method ?? "");
  return [text.replace(/0*(\d+)/g, (_, digits) => String.fromCharCode(0x30 + digits.length) + digits), rank === -1 ? METHODS.length : rank];
}

const VERSION = /^(api|rest|v\d{1,4})$/;

/**
 * What a reader parts the facts of one kind by, as the server does.
 * @param {Foreign} fact
 */
export function partOf(fact) {
  const attrs = object(fact.attrs);
  const kind = String(fact.kind);
  if (kind === "endpoint") return prefix(String(fact.key).replace(/^\S+ /, ""));
  if (kind === "env_var" && list(attrs.read_by).length > 0) return list(attrs.documented_in).length > 0 ? "code" : "code_only";
  if (kind === "env_var") return attrs.set_only_by_container === true ? "container" : "documents";
  if (kind === "dependency") return String(attrs.manifest ?? kind);
  return kind === "command" ? String(attrs.kind ?? kind) : kind;
}

/** The first part of a path that names something. @param {string} path */
function prefix(path) {
  let prefix = "";
  for (const segment of path.split("/").filter(Boolean)) {
    if (/^[{:*<[]/.test(segment)) break;
    prefix += `/${segment}`;
    if (!VERSION.test(segment)) break;
  }
  return prefix || "/";
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

/**
 * A row of a list of facts: the head of a group, a fact, or the room of one that has not come yet.
 * @typedef {{head: string, code: boolean, name: string, count: number} | {fact: Foreign, place: number} | {place: number}} Row
 */

/**
 * The facts as they stand in groups, and how many each group has.
 * @param {Foreign[]} facts
 * @param {string} by `kind`, `file` or `part`; anything else makes no groups
 * @returns {{facts: Foreign[], groups: Array<[string, number]>}}
 */
export function groupFacts(facts, by) {
  const nameOf = { kind: (/** @type {Foreign} */ fact) => String(tierOf(fact) ?? ""), file: fileOf, part: partOf }[by];
  if (nameOf === undefined) return { facts, groups: [] };
  /** @type {Map<string, Foreign[]>} */
  const groups = new Map();
  for (const fact of facts) {
    const name = nameOf(fact);
    const group = groups.get(name);
    if (group) group.push(fact);
    else groups.set(name, [fact]);
  }
  const names = [...groups.keys()].sort();
  return { facts: names.flatMap((name) => groups.get(name) ?? []), groups: names.map((name) => [name, groups.get(name)?.length ?? 0]) };
}

/**
 * Where heads and facts stand in a list.
 * @param {Array<[string, number]>} groups none for facts alone
 * @param {number} total
 */
export function arrange(groups, total) {
  /** @type {Array<{row: number, place: number, name: string, count: number}>} */
  const heads = [];
  let place = 0;
  for (const [name, count] of groups) {
    heads.push({ row: place + heads.length, place, name, count });
    place += count;
  }
  const above = (/** @type {(head: {row: number, place: number}) => boolean} */ isAbove) => {
    let low = 0;
    let high = heads.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isAbove(heads[middle])) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    count: total + heads.length,
    /** The head in a row, or the fact's place. @param {number} row */
    at(row) {
      const passed = above((head) => head.row <= row);
      const head = heads[passed - 1];
      return head?.row === row ? head : { place: row - passed };
    },
    /** The row of the fact at a place. @param {number} place */
    rowOf: (place) => place + above((head) => head.place <= place),
  };
}
