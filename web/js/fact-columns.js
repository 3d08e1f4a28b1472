// What a table of facts shows, kind by kind; pure.
import { attribute, brief, humanize, kindLabel, oneLine, place } from "./format.js";
import { list, object, tierOf } from "./summary.js";

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
  migration: [main("Migration"), { title: "Change sets", of: attr("change_sets") }, PLACE],
  entrypoint: [main("Program", (fact) => brief(object(fact.attrs).name ?? fact.key ?? "")), { title: "Starts", of: attr("target"), code: true }, { ...PLACE, title: "Declared in" }],
  workflow: [main("Workflow", (fact) => brief(object(fact.attrs).name ?? fact.key ?? "")), { title: "On", of: attr("events") }, { title: "Jobs", of: attr("jobs") }, PLACE],
  license: [main("Licence", (fact) => brief(object(fact.attrs).license ?? fact.key ?? "")), { title: "Said by", of: attr("said_by") }, PLACE],
  language: [main("Language"), { title: "Lines", of: attr("lines") }, { title: "Blank", of: attr("blank_lines") }, { title: "Files", of: attr("files") }],
  unresolved: [{ ...main("What is not known", openWords), code: false }, PLACE],
};

/** What one fact of a kind is called. @type {Record<string, string>} */
const ONE = { env_var: "Variable", endpoint_inferred: "Endpoint", outbound_host: "Host", license: "Licence", unresolved: "Not pinned down" };

/** @param {Foreign} fact */
function kindOf(fact) {
  const tier = kindOfRow(fact);
  return Object.hasOwn(ONE, tier) ? ONE[tier] : oneLine(humanize(tier));
}

/** Whose columns a row has, among rows of all kinds. @param {Foreign} fact */
export function kindOfRow(fact) {
  return String(tierOf(fact) ?? "unresolved");
}

/** What the columns of its kind say of a fact, in a line. @param {Foreign} fact */
function says(fact) {
  const own = Object.hasOwn(COLUMNS, kindOfRow(fact)) ? COLUMNS[kindOfRow(fact)] : null;
  const told = own === null
    ? Object.entries(object(fact.attrs)).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)).map(([name, value]) => `${humanize(name)}: ${attribute(value)}`)
    : own.filter((column) => !column.main && !column.place && column.title !== "Method").map((column) => ({ title: column.title, text: column.of(fact) })).filter(({ text }) => text !== NONE).map(({ title, text }) => `${title}: ${text}`);
  return told.length === 0 ? NONE : brief(told.join(" · "));
}

/** A kind that is not known has what is said of it. @type {Column[]} */
const UNKNOWN = [main("Name"), { title: "Says", of: says }, PLACE];
/** Facts of several kinds below each other. @type {Column[]} */
const MIXED = [{ title: "Kind", of: kindOf }, main("Name"), { title: "Says", of: says }, PLACE];

/** Which columns a kind has: a name of its own, or that of what all kinds have. @param {string} kind empty for several */
export function tableOf(kind) {
  if (kind === "") return "mixed";
  return Object.hasOwn(COLUMNS, kind) ? kind.replace("_inferred", "") : "any";
}

/** @param {string} kind @returns {Column[]} */
export function columnsOf(kind) {
  if (kind === "") return MIXED;
  return Object.hasOwn(COLUMNS, kind) ? COLUMNS[kind] : UNKNOWN;
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
