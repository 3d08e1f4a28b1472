// Promises of the smaller pure modules: SARIF, phases of a run, the queue's words, the keyboard's walk.
import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, headOf, tableOf, usualGroup } from "../js/fact-columns.js";
import { neighbour } from "../js/keys.js";
import { barOf, phasesOf } from "../js/phases.js";
import { isSarif, rulesOf, sarifFindings } from "../js/sarif.js";
import { queueWords, typicalDuration } from "../js/summary.js";

test("a SARIF result becomes a finding with its place and its rule's level", () => {
  const log = { runs: [{ tool: { driver: { rules: [{ id: "r1", defaultConfiguration: { level: "note" } }] } }, results: [{
    ruleId: "r1", message: { text: "Mind this" },
    locations: [{ physicalLocation: { artifactLocation: { uri: "a.py" }, region: { startLine: 3, endLine: 4, snippet: { text: "x\ny" } } } }] }] }] };
  assert.deepEqual(sarifFindings(log), [{ level: "note", rule: "r1", message: "Mind this", evidence: [{ path: "a.py", start_line: 3, end_line: 4, excerpt: "x\ny" }] }]);
});

test("a SARIF rule says what it means, however little it says", () => {
  const rules = [{ id: "r1", shortDescription: { text: "Short" }, help: { text: "Long" } }, { id: "r2", fullDescription: { text: "Full" } }, {}];
  assert.deepEqual([...rulesOf({ runs: [{ tool: { driver: { rules } } }] })], [["r1", { short: "Short", text: "Long" }], ["r2", { short: "", text: "Full" }], ["", { short: "", text: "" }]]);
  assert.equal(rulesOf(null).size, 0);
});

test("SARIF that lacks everything is read as far as it goes, and other JSON is no SARIF", () => {
  assert.deepEqual(sarifFindings({ runs: [{ results: [{}, 3, { message: { text: 7 }, locations: [{}] }] }] }), [
    { level: "warning", rule: "", message: "No message", evidence: [] }, { level: "warning", rule: "", message: "No message", evidence: [] }]);
  for (const other of [null, [], {}, { runs: 3 }]) assert.equal(sarifFindings(other), null);
  assert.equal(isSarif({ name: "findings.SARIF" }) && !isSarif({ name: "sarif.txt" }), true);
});

/** @param {string} kind @param {any} fact */
function line(kind, fact) {
  return columnsOf(kind).map((column) => column.of(fact));
}

test("a table says of a fact what its kind is asked for, and a dash where nothing is said", () => {
  const evidence = [{ path: "a.js", start_line: 3, end_line: 3 }];
  assert.deepEqual(line("endpoint", { key: "GET /a b", attrs: { framework: "hono", guard: "unknown" }, evidence }), ["GET", "/a b", "–", "hono", "a.js:3"]);
  assert.deepEqual(line("env_var", { key: "A", attrs: { required: false, default: "", documented_in: [], read_by: ["Go"] } }), ["A", "no", "–", "no", "Go", "–"]);
  assert.deepEqual(line("dependency", { key: "npm:x", attrs: { name: "x", requirement: null, locked_version: "1.0", scope: "dev" }, evidence }), ["x", "–", "1.0", "dev", "a.js:3"]);
  assert.deepEqual(line("unresolved", { name: "GET /a", reason: "not mounted" }), ["GET /a: not mounted", "–"]);
  assert.deepEqual(line("unresolved", { name: "GET /a", reason: "GET /a is not mounted" }), ["GET /a is not mounted", "–"]);
  assert.deepEqual(line("constructor", { kind: "constructor", key: "k", attrs: { one: 1, none: [] } }), ["k", "One: 1", "–"]);
  assert.deepEqual([tableOf("endpoint_inferred"), tableOf("constructor"), tableOf("")], ["endpoint", "any", "mixed"]);
});

test("among facts of all kinds each says its kind, and what the table of that kind says", () => {
  const port = { kind: "env_var", key: "PORT", attrs: { required: false, default: "3000", read_by: ["JavaScript"] }, evidence: [{ path: "a.js", start_line: 3 }] };
  assert.deepEqual(line("", port), ["Variable", "PORT", "Required: no · Default: 3000 · Documented in: no · Read by: JavaScript", "a.js:3"]);
  assert.deepEqual(line("", { kind: "endpoint", status: "INFERRED", key: "GET /a", attrs: { framework: "hono" } }), ["Endpoint", "GET /a", "Framework: hono", "–"]);
  assert.deepEqual(line("", { kind: "constructor", key: "k", attrs: {} }), ["Constructor", "k", "–", "–"]);
  assert.deepEqual(columnsOf("language").map((column) => column.title), ["Language", "Lines", "Blank", "Files"]);
});

test("groups are headed in words where a person would not know their names", () => {
  assert.deepEqual(["", "unresolved", "endpoint", "port"].map(usualGroup), ["kind", "kind", "part", "none"]);
  assert.deepEqual(headOf("part", "env_var", "container"), { head: "Set only by a container", code: false });
  assert.deepEqual(headOf("kind", "", "endpoint_inferred"), { head: "Endpoints, inferred", code: false });
  assert.deepEqual(headOf("file", "port", ""), { head: "No place", code: false });
  assert.deepEqual(headOf("part", "endpoint", "/api"), { head: "/api", code: true });
});

const at = (/** @type {number} */ ms) => new Date(Date.parse("2026-03-01T12:00:00.000Z") + ms).toISOString();

test("an attempt is parted into waiting, fetching, analyzing and storing", () => {
  const attempt = { leased_at: at(2000), fetch_ms: 700, analyze_ms: 250, finished_at: at(3000), outcome: "succeeded" };
  assert.deepEqual(phasesOf(attempt, at(0)), [{ name: "queued", ms: 2000 }, { name: "fetched", ms: 700 }, { name: "analyzed", ms: 250 }, { name: "stored", ms: 50 }]);
  assert.deepEqual(phasesOf({ leased_at: at(10), fetch_ms: null, analyze_ms: null, outcome: "failed", finished_at: at(20) }, at(0)), [{ name: "queued", ms: 10 }]);
});

test("every phase is seen on the bar and together they fill it", () => {
  const bar = barOf([{ name: "queued", ms: 10_000 }, { name: "stored", ms: 0 }], 100);
  assert.equal(bar[1].width >= 1 && Math.abs(bar[1].x + bar[1].width - 100) < 1e-9, true);
  assert.deepEqual(barOf([{ name: "queued", ms: 0 }], 100), []);
});

test("the queue says how much work stands before a run, when that is known", () => {
  assert.equal(queueWords(1, 4000), "Next in the queue");
  assert.equal(queueWords(3, 4000), "Number 3 in the queue, about 8.0 s of work before it");
  assert.equal(queueWords(3, null), "Number 3 in the queue");
  assert.equal(queueWords(undefined, 4000), "Waiting for a tick");
  const run = (/** @type {number} */ ms, /** @type {Run["status"]} */ status = "SUCCEEDED") => ({ status, duration_ms: ms });
  assert.equal(typicalDuration([run(9), run(1), run(5), run(500, "FAILED")]), 5);
  assert.equal(typicalDuration([run(500, "FAILED")]), null);
});

test("j starts at the first row and stops at the last, k goes back", () => {
  const row = (/** @type {string} */ name) => /** @type {any} */ ({ name, contains: (/** @type {any} */ one) => one === name });
  const rows = [row("a"), row("b")];
  const at = (/** @type {any} */ focus, /** @type {1 | -1} */ step) => /** @type {any} */ (neighbour(rows, focus, step))?.name ?? null;
  assert.deepEqual([at(null, 1), at("a", 1), at("b", 1), at("b", -1), at("a", -1), at(null, -1)], ["a", "b", null, "a", null, null]);
});
