// What a table of facts shows, kind by kind; pure.
import { attribute, brief, humanize, kindLabel, oneLine, place } from "./format.js";
import { list, object } from "./summary.js";

/**
 * @typedef {{title: string, of: (fact: Foreign) => string, code?: boolean, main?: boolean, place?: boolean}} Column
 *   main: what the fact is called; it keeps its room on a narrow screen; place: of a long one the end is seen
 */

const NONE = "–";

/** An attribute, and a dash where there is none. @param {string} name @returns {Column["of"]} */
const attr = (name) => (fact) => {
  const value = object(fact.attrs)[name];
  return value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0) ? NONE : brief(attribute(value));
};

/** @param {Foreign} fact */
export const called = (fact) => brief(fact.key || fact.name || fact.reason || fact.id || "");

/** @param {Foreign} fact */
const method = (fact) => called(fact).split(" ", 1)[0];

/** @param {Foreign} fact */
const path = (fact) => called(fact).split(" ").slice(1).join(" ") || "/";

/** @param {Foreign} fact */
const where = (fact) => place(object(list(fact.evidence)[0])) || NONE;

/** What was not pinned down and why; most reasons name it. @param {Foreign} row */
export function openWords(row) {
  const name = oneLine(row.name ?? "");
  const reason = oneLine(row.reason ?? "");
  return brief(name === "" || reason.includes(name) ? reason || called(row) : `${name}: ${reason}`);
}

/** @param {Foreign} fact */
function guard(fact) {
  const value = object(fact.attrs).guard;
  return value === "unknown" || value === undefined ? NONE : brief(attribute(value));
}

/** @param {Foreign} fact */
function documented(fact) {
  const papers = list(object(fact.attrs).documented_in);
  return papers.length === 0 ? "no" : brief(attribute(papers));
}

/** @param {Foreign} fact */
function details(fact) {
  const told = Object.entries(object(fact.attrs)).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
  return told.length === 0 ? NONE : brief(told.map(([name, value]) => `${humanize(name)}: ${attribute(value)}`).join("; "));
}

/** @param {string} title @param {Column["of"]} of @returns {Column} */
const main = (title, of = called) => ({ title, of, code: true, main: true });
const PLACE = { title: "Place", of: where, code: true, place: true };

/** @type {Column[]} */
const ENDPOINT = [
  { title: "Method", of: method, code: true }, main("Path", path), { title: "Guard", of: guard },
  { title: "Framework", of: attr("framework") }, PLACE,
];

/** @type {Record<string, Column[]>} */
const COLUMNS = {
  endpoint: ENDPOINT,
  endpoint_inferred: ENDPOINT,
  env_var: [
    main("Name"), { title: "Required", of: attr("required") }, { title: "Default", of: attr("default"), code: true },
    { title: "Documented in", of: documented }, { title: "Read by", of: attr("read_by") }, PLACE,
  ],
  dependency: [
    main("Name", (fact) => brief(object(fact.attrs).name ?? fact.key ?? "")), { title: "Requirement", of: attr("requirement"), code: true },
    { title: "Pinned", of: attr("locked_version"), code: true }, { title: "Scope", of: attr("scope") }, { ...PLACE, title: "Manifest" },
  ],
  table: [main("Name"), { title: "Columns", of: attr("columns") }, { title: "Said by", of: attr("said_by") }, PLACE],
  port: [main("Port"), { title: "Said by", of: attr("said_by") }, PLACE],
  command: [
    main("Command", (fact) => brief(object(fact.attrs).command ?? fact.key ?? "")), { title: "Does", of: attr("kind") },
    { title: "In", of: attr("cwd"), code: true }, { title: "Runs", of: attr("runs"), code: true }, PLACE,
  ],
  datastore: [main("Name"), { title: "Said by", of: attr("said_by") }, PLACE],
  container: [main("Image", attr("image")), { title: "Tag", of: attr("tag"), code: true }, { title: "Pinned", of: attr("pinned") }, PLACE],
  runtime: [main("Runtime", attr("runtime")), { title: "Version", of: attr("version"), code: true }, { title: "Said by", of: attr("said_by") }, PLACE],
  outbound_host: [main("Host"), PLACE],
  migration: [main("Migration"), PLACE],
  unresolved: [{ ...main("What is not known", openWords), code: false }, PLACE],
};

/** @type {Column[]} */
const ANY = [main("Name"), { title: "Details", of: details }, PLACE];

/** Which columns a kind has: a name of its own, or that of what all kinds have. @param {string} kind */
export function tableOf(kind) {
  return Object.hasOwn(COLUMNS, kind) ? kind.replace("_inferred", "") : "any";
}

/** @param {string} kind @returns {Column[]} */
export function columnsOf(kind) {
  return Object.hasOwn(COLUMNS, kind) ? COLUMNS[kind] : ANY;
}

/** Kinds that readers part. */
const PARTED = new Set(["endpoint", "endpoint_inferred", "env_var", "dependency", "command"]);

/** What facts stand together by where nobody chose it. @param {string} kind */
export function usualGroup(kind) {
  if (kind === "" || kind === "unresolved") return "kind";
  return PARTED.has(kind) ? "part" : "none";
}

/** @type {Record<string, string>} */
const WHO = { code: "Read by the code and documented", code_only: "Read by the code, documented nowhere", container: "Set only by a container", documents: "Named only by documents" };

/**
 * How a group is headed.
 * @param {string} by
 * @param {string} kind
 * @param {string} name as the server and `groupFacts` call it
 * @returns {{head: string, code: boolean}}
 */
export function headOf(by, kind, name) {
  if (by === "kind") return { head: oneLine(kindLabel(name === "" ? "unresolved" : name)), code: false };
  if (name === "") return { head: "No place", code: false };
  if (by === "part" && kind === "env_var") return { head: Object.hasOwn(WHO, name) ? WHO[name] : oneLine(name), code: false };
  if (by === "part" && kind === "command") return { head: humanize(name), code: false };
  return { head: oneLine(name), code: true };
}
