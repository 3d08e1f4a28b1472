// What a run changed, as the few words of a row; each leads to its place in the run. Pure.
import { formatNumber, plural } from "./format.js";
import { chips, frameworkWords, number, object } from "./summary.js";

/** @typedef {import("./summary.js").Chip} Chip */

/** Kinds with words of their own, in the order in which a reviewer asks. @type {Array<[string, string, string]>} */
const KINDS = [
  ["endpoint", "endpoint", "endpoints"], ["env_var", "variable", "variables"], ["migration", "migration", "migrations"], ["table", "table", "tables"],
  ["port", "port", "ports"], ["outbound_host", "host", "hosts"], ["dependency", "dependency", "dependencies"], ["command", "command", "commands"],
];

/**
 * The chips of a run that succeeded: what it changed or, if it was compared with nothing, how many facts of each kind it has.
 * @param {unknown} summary
 * @returns {Chip[]}
 */
export function changes(summary) {
  const root = object(summary);
  const drift = object(root.drift);
  const counts = object(drift.counts);
  if (drift.is_empty !== true && number(counts.added) === null) return chips(summary);
  const unread = frameworkWords(root.unread_frameworks);
  /** @type {Chip[]} */
  const found = [];
  const steps = number(counts.before_deploy) ?? 0;
  if (steps > 0) {
    found.push({ key: "deploy", text: `${formatNumber(steps)} before deploy`, title: "Things to do or to know before this commit is deployed", tab: "#drift", tone: "wait" });
  }
  const fresh = number(counts.newly_contradicted) ?? 0;
  if (fresh > 0) {
    found.push({ key: "contradicted", text: `${formatNumber(fresh)} newly contradicted`, title: "Statements of the documentation that the code contradicts since this commit", tab: "#claims:CONTRADICTED", tone: "bad" });
  }
  found.push(...kinds(object(counts.by_kind)));
  const open = signs({ added: counts.unresolved_added, removed: counts.unresolved_removed });
  if (open !== "") {
    found.push({ key: "open", text: `${open} not pinned down`, title: "Routes and other constructs that came or went and could not be pinned down", tab: "#drift:unresolved", tone: "wait" });
  }
  if (drift.is_empty === true) {
    const files = number(counts.changed_not_read) ?? 0;
    const more = files > 0 ? `; ${plural(files, "changed file was", "changed files were")} not read` : "";
    const routes = unread === "" ? "" : `; routes of ${unread} are not read`;
    found.push({ key: "drift", text: unread === "" ? "no drift" : "no drift in what is read", title: `Nothing changed in what was read${more}${routes}`, tab: "#drift" });
  }
  if (unread !== "") {
    found.push({ key: "unread", text: `${unread} not read`, title: "Frameworks whose routes no rule reads: their endpoints are not known", tab: "#facts:unresolved", tone: "wait" });
  }
  if (root.partial === true) {
    found.push({ key: "partial", text: "partial", title: "Not everything was read; see Coverage in the dossier", tab: "#coverage", tone: "wait" });
  }
  return found;
}

/** @param {Record<string, unknown>} byKind @returns {Chip[]} */
function kinds(byKind) {
  /** @type {Chip[]} */
  const found = [];
  for (const [kind, one, many] of KINDS) {
    const count = object(byKind[kind]);
    const all = ["added", "removed", "changed"].map((name) => number(count[name]) ?? 0);
    const total = all.reduce((sum, n) => sum + n, 0);
    if (total === 0) continue;
    const noun = total === 1 ? one : many;
    const isNew = kind === "env_var" && all[0] === total;
    found.push({ key: kind, text: isNew ? `${formatNumber(total)} new ${noun}` : `${signs(count)} ${noun}`, title: `${many.charAt(0).toUpperCase()}${many.slice(1)} that this commit added (+), removed (−) or changed (~)`, tab: `#drift:${kind}` });
  }
  const known = new Set(KINDS.map(([kind]) => kind));
  const others = Object.entries(byKind).filter(([kind]) => !known.has(kind)).map(([, count]) => object(count));
  const sum = (/** @type {string} */ name) => others.reduce((total, count) => total + (number(count[name]) ?? 0), 0);
  const rest = signs({ added: sum("added"), removed: sum("removed"), changed: sum("changed") });
  if (rest !== "") found.push({ key: "others", text: `${rest} others`, title: "Facts of other kinds that this commit added (+), removed (−) or changed (~)", tab: "#drift" });
  return found;
}

/** `+2 −1 ~3`. @param {unknown} counts */
function signs(counts) {
  const { added, removed, changed } = object(counts);
  const part = (/** @type {string} */ sign, /** @type {unknown} */ n) => ((number(n) ?? 0) > 0 ? [`${sign}${formatNumber(n)}`] : []);
  return [...part("+", added), ...part("−", removed), ...part("~", changed)].join(" ");
}
