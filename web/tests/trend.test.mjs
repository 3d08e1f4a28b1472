// Promises of js/trend.js and of the addresses around it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { badgePath, latestPath, trendPath } from "../js/links.js";
import { chartsOf, driftHistory, pointLabels, pointName, topKinds } from "../js/trend.js";

const point = (/** @type {any} */ more) => ({ run_id: "r", commit_sha: "a".repeat(40), ref: "main", status: "SUCCEEDED", created_at: "2026-03-05T23:59:00.000Z", ...more });

test("the kinds drawn are the five largest of the newest dossier", () => {
  const facts = { a: 1, b: 9, c: 3, d: 4, e: 5, f: 6, text: "no" };
  assert.deepEqual(topKinds([point({ facts: { old: 90 } }), point({ facts }), point({ status: "FAILED", facts: {} })]), ["b", "f", "e", "d", "c"]);
});

test("a failed run is a gap in the lines, not a zero", () => {
  const charts = chartsOf([point({ facts: { endpoint: 2 }, duration_ms: 5 }), point({ status: "FAILED", facts: {}, duration_ms: 7 })]);
  assert.deepEqual(charts.map((chart) => chart.id), ["facts", "duration"]);
  assert.deepEqual(charts[0].lines[0].values, [2, null]);
  assert.deepEqual(charts[1].lines[0].values, [5, 7]);
});

test("any summary of an external analyzer is drawn as far as it has numbers", () => {
  assert.deepEqual(chartsOf([point({ facts: "x", metrics: null, claims: [], drift: 3, lines: "many" }), {}]), []);
  assert.deepEqual(chartsOf([point({ facts: { constructor: 2 } })])[0].lines.map((line) => line.label), ["Constructor"]);
});

test("a point is named by commit, day and pull request", () => {
  assert.equal(pointName(point({ pr_number: 41 })), "aaaaaaa, 5 Mar 2026, #41");
});

test("points of several days are labelled by day, those of one day by time", () => {
  const [early, late] = ["2026-03-05T09:05:00Z", "2026-03-05T23:59:59Z"].map((created_at) => point({ created_at }));
  assert.deepEqual(pointLabels([early, late], "UTC"), ["09:05", "23:59"]);
  assert.deepEqual(pointLabels([early, point({ created_at: "2026-03-06T00:00:00Z" })], "UTC"), ["5 Mar", "6 Mar"]);
  assert.deepEqual(pointLabels([point({ created_at: undefined })]), [""]);
});

test("the drift history has the newest first and only runs that were compared", () => {
  const points = [point({ run_id: "1", drift: null }), point({ run_id: "2", drift: { counts: {} } }), point({ run_id: "3", drift: { counts: { added: 1 } } }), point({ run_id: "4", status: "FAILED", drift: {} })];
  assert.deepEqual(driftHistory(points).map((one) => one.run_id), ["3", "2"]);
});

test("addresses of a repository escape whatever its names hold", () => {
  assert.equal(trendPath("a/b", "c d"), "/api/ci/repos/a%2Fb/c%20d/trend");
  assert.equal(badgePath("o", "r", { ref: "a&b", metric: "dci" }), "/badge/o/r.svg?ref=a%26b&metric=dci");
  assert.equal(badgePath("o", "r", { ref: "", metric: "status" }), "/badge/o/r.svg");
  assert.equal(latestPath("o", "r", "DOSSIER.md", ""), "/r/o/r/latest/DOSSIER.md");
  assert.equal(latestPath("o", "r", "DOSSIER.md", "a&b"), "/r/o/r/latest/DOSSIER.md?ref=a%26b");
});
