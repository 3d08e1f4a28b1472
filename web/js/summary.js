// Reads a run's summary_json; pure, and tolerant because an external analyzer
// may have written any object at all.
import { formatDuration, formatNumber, plural } from "./format.js";

/** @typedef {{key: string, text: string, title: string, tab: string, tone?: "bad"|"wait"}} Chip tab: where the run shows it */

/**
 * @param {unknown} value
 * @returns {Foreign} the object itself, or an empty one
 */
export function object(value) {
  return isObject(value) ? value : {};
}

/** @param {unknown} value @returns {value is Foreign} */
function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** @param {unknown} value @returns {unknown[]} */
export function list(value) {
  return Array.isArray(value) ? value : [];
}

/**
 * The objects of a list; whatever else an external file holds there is left out.
 * @param {unknown} value
 * @returns {Foreign[]}
 */
export function records(value) {
  return list(value).filter(isObject);
}

/** @param {unknown} value @returns {value is number} */
function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

/** @param {unknown} value */
export function number(value) {
  return isNumber(value) ? value : null;
}

/**
 * The rows of a dossier's unresolved that stand for all routes of a framework.
 * @param {Foreign[]} unresolved
 */
export function unreadFrameworks(unresolved) {
  return unresolved.filter((one) => one.what === "framework");
}

/** @param {unknown} names frameworks, in words; empty for none */
export function frameworkWords(names) {
  const known = list(names).filter((name) => typeof name === "string");
  const more = known.length > 3 ? ` and ${formatNumber(known.length - 3)} more` : "";
  return known.slice(0, 3).join(", ") + more;
}

/**
 * The few numbers of a run worth a glance in the feed.
 * @param {unknown} summary
 * @returns {Chip[]}
 */
export function chips(summary) {
  const root = object(summary);
  const facts = object(root.facts);
  const claims = object(root.claims);
  /** @type {Chip[]} */
  const found = [];
  const drift = object(root.drift);
  const byKind = object(object(drift.counts).by_kind);
  if (isNumber(facts.endpoint)) {
    found.push({ key: "endpoints", text: plural(facts.endpoint, "endpoint") + change(byKind.endpoint), title: "Endpoints with evidence", tab: "#facts:endpoint" });
  }
  if (isNumber(facts.endpoint_inferred)) {
    found.push({ key: "inferred", text: `${formatNumber(facts.endpoint_inferred)} inferred`, title: "Endpoints that were read and whose full path a rule infers", tab: "#facts:endpoint" });
  }
  const unread = frameworkWords(root.unread_frameworks);
  if (unread !== "") {
    found.push({ key: "unread", text: `${unread} not read`, title: "Frameworks whose routes no rule reads: their endpoints are not known", tab: "#coverage", tone: "wait" });
  }
  if (isNumber(facts.env_var)) {
    found.push({ key: "env", text: plural(facts.env_var, "variable") + change(byKind.env_var), title: "Environment variables the code reads", tab: "#facts:env_var" });
  }
  if (isNumber(claims.contradicted) && claims.contradicted > 0) {
    const fresh = object(drift.counts).newly_contradicted;
    found.push({
      key: "contradicted",
      text: `${formatNumber(claims.contradicted)} contradicted${change({ added: fresh })}`,
      title: `Statements of the documentation that the code contradicts${isNumber(fresh) && fresh > 0 ? `; ${formatNumber(fresh)} of them by this commit` : ""}`,
      tab: "#claims",
      tone: "bad",
    });
  }
  found.push(...driftChips(drift, unread));
  if (root.partial === true) {
    found.push({ key: "partial", text: "partial", title: "Not everything was read; see Coverage in the dossier", tab: "#coverage", tone: "wait" });
  }
  return found.length > 0 ? found : otherNumbers(root);
}

/**
 * ` +2 −1 ~3`: facts of one kind that this commit added, removed and changed.
 * @param {unknown} counts
 */
function change(counts) {
  const { added, removed, changed } = object(counts);
  const part = (/** @type {string} */ sign, /** @type {unknown} */ n) => (isNumber(n) && n > 0 ? ` ${sign}${formatNumber(n)}` : "");
  return part("+", added) + part("−", removed) + part("~", changed);
}

/**
 * What this commit changed beyond the kinds that have a chip of their own.
 * @param {Foreign} drift
 * @param {string} frameworks those that were not read
 * @returns {Chip[]}
 */
function driftChips(drift, frameworks) {
  const counts = object(drift.counts);
  /** @type {Chip[]} */
  const found = [];
  if (isNumber(counts.before_deploy) && counts.before_deploy > 0) {
    found.push({ key: "deploy", text: `${formatNumber(counts.before_deploy)} before deploy`, title: "Things to do or to know before this commit is deployed", tab: "#drift", tone: "wait" });
  }
  if (drift.is_empty === true) {
    const unread = counts.changed_not_read;
    const more = isNumber(unread) && unread > 0 ? `; ${plural(unread, "changed file was", "changed files were")} not read` : "";
    const routes = frameworks === "" ? "" : `; routes of ${frameworks} are not read`;
    found.push({ key: "drift", text: routes === "" ? "no drift" : "no drift in what is read", title: `Nothing changed in what was read${more}${routes}`, tab: "#drift" });
  } else if (isNumber(counts.added)) {
    const others = ["dependency", "table", "command", "port"].map((kind) => object(object(counts.by_kind)[kind]));
    const sum = (/** @type {string} */ field) => others.reduce((total, one) => total + (isNumber(one[field]) ? one[field] : 0), 0);
    const text = change({ added: sum("added"), removed: sum("removed"), changed: sum("changed") });
    const open = change({ added: counts.unresolved_added, removed: counts.unresolved_removed });
    if (open !== "") found.push({ key: "open", text: `unresolved${open}`, title: "Routes and other constructs that came or went and could not be pinned down", tab: "#drift", tone: "wait" });
    if (text !== "") found.push({ key: "drift", text: `others${text}`, title: "Dependencies, tables, commands and ports that this commit added, removed or changed", tab: "#drift" });
  }
  return found;
}

/**
 * An external summary: its first four top-level numbers, by name.
 * @param {Record<string, unknown>} root
 * @returns {Chip[]}
 */
function otherNumbers(root) {
  return Object.keys(root)
    .filter((key) => isNumber(root[key]))
    .sort()
    .slice(0, 4)
    .map((key) => ({ key, text: `${key} ${formatNumber(root[key])}`.slice(0, 40), title: "From the analyzer's summary", tab: "#artifacts" }));
}

/**
 * `[["endpoint", 12], ...]`, largest first, then by name.
 * @param {unknown} counts
 * @returns {Array<[string, number]>}
 */
export function sortedCounts(counts) {
  return /** @type {Array<[string, number]>} */ (Object.entries(object(counts)).filter(([, n]) => isNumber(n)))
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/**
 * How long a run of this list takes, in ms: the median of the newest that succeeded.
 * @param {Array<Pick<Run, "status" | "duration_ms">>} runs newest first
 * @returns {number | null}
 */
export function typicalDuration(runs) {
  const durations = runs.filter((run) => run.status === "SUCCEEDED").map((run) => run.duration_ms).filter(isNumber).slice(0, 20)
    .sort((a, b) => a - b);
  return durations.length === 0 ? null : durations[durations.length >> 1];
}

/**
 * Where a QUEUED run stands, and how much work stands before it.
 * @param {unknown} position 1 for the next one; anything else when it is not known
 * @param {number | null} typical ms of one run
 */
export function queueWords(position, typical) {
  if (!isNumber(position)) return "Waiting for a tick";
  if (position <= 1) return "Next in the queue";
  const work = typical === null ? "" : `, about ${formatDuration((position - 1) * typical)} of work before it`;
  return `Number ${formatNumber(position)} in the queue${work}`;
}

/**
 * What a fact is counted as: an endpoint that only a rule infers never among those that lines say.
 * @param {Foreign} fact
 */
export function tierOf(fact) {
  return fact.kind === "endpoint" && fact.status === "INFERRED" ? "endpoint_inferred" : fact.kind;
}

/**
 * How many of a list fall under each value of one field.
 * @param {unknown[]} items
 * @param {string} field
 */
export function countBy(items, field) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const item of items) {
    const key = String(object(item)[field] ?? "unknown");
    counts[key] = (Object.hasOwn(counts, key) ? counts[key] : 0) + 1;
  }
  return sortedCounts(counts);
}
