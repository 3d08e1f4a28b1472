// @ts-check
// Finds facts by kind and text; pure.
import { attribute, oneLine } from "./format.js";
import { list, object } from "./summary.js";

/** @type {WeakMap<object, string>} */
const known = new WeakMap();

/**
 * What a person may search a fact by, in lower case; built once for each fact.
 * @param {any} fact
 */
export function haystack(fact) {
  const held = known.get(fact);
  if (held !== undefined) return held;
  const built = build(fact);
  known.set(fact, built);
  return built;
}

/** @param {any} fact */
function build(fact) {
  const attrs = Object.values(object(fact.attrs)).map((value) => (typeof value === "object" ? attribute(value) : String(value)));
  const paths = list(fact.evidence).map((one) => String(object(one).path ?? ""));
  return [fact.kind, fact.key, fact.reason, ...attrs, ...paths].filter((text) => text !== undefined && text !== null).join("\n").toLowerCase();
}

/**
 * @param {any[]} facts
 * @param {string} kind empty for all
 * @param {string} text every word must occur somewhere
 */
export function filterFacts(facts, kind, text) {
  const words = oneLine(text).toLowerCase().split(" ").filter(Boolean);
  return facts.filter((fact) => {
    if (kind !== "" && fact.kind !== kind) return false;
    if (words.length === 0) return true;
    const all = haystack(fact);
    return words.every((word) => all.includes(word));
  });
}
