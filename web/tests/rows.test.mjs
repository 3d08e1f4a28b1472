// Promises of the rows of lists: on which day, what changed, how a repository drifted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { changes } from "../js/changes.js";
import { byDay, dayOf } from "../js/days.js";
import { bars, barWords } from "../js/spark.js";

const NOW = Date.parse("2026-03-02T00:30:00.000Z");
const texts = (/** @type {unknown} */ summary) => changes(summary).map((chip) => chip.text);

test("a day is today, yesterday or has a name, as the reader's own calendar has it", () => {
  const days = ["2026-03-02T00:10:00Z", "2026-03-01T23:50:00Z", "2026-02-27T12:00:00Z", "2025-12-31T12:00:00Z", "no time"];
  assert.deepEqual(days.map((at) => dayOf(at, NOW, "UTC")), ["Today", "Yesterday", "Friday 27 February", "Wednesday 31 December 2025", "No date"]);
  assert.equal(dayOf("2026-03-01T23:50:00Z", NOW, "Europe/Berlin"), "Today");
});

test("a heading stands where another day begins, and each has a key of its own", () => {
  const run = (/** @type {string} */ created_at) => ({ created_at });
  const rows = byDay([run("2026-03-02T00:10:00Z"), run("2026-03-01T10:00:00Z"), run("2026-03-01T09:00:00Z"), run("2026-03-02T00:00:00Z")], NOW, "UTC");
  assert.deepEqual(rows.map((row) => ("day" in row ? row.key : "run")), ["Today 1", "run", "Yesterday 1", "run", "run", "Today 2", "run"]);
});

test("a row says what its commit changed, what waits first, and each word leads to its place", () => {
  const drift = { is_empty: false, counts: { added: 4, removed: 1, changed: 1, before_deploy: 3, newly_contradicted: 1, unresolved_added: 2,
    by_kind: { endpoint: { added: 2, removed: 1, changed: 0 }, env_var: { added: 1, removed: 0, changed: 0 }, dependency: { added: 0, removed: 0, changed: 1 }, workflow: { added: 1 } } } };
  const found = changes({ facts: { endpoint: 30 }, metrics: { dci: 0.5 }, drift });
  assert.deepEqual(found.map((chip) => chip.text), ["3 before deploy", "1 newly contradicted", "+2 −1 endpoints", "1 new variable", "~1 dependency", "+1 others", "+2 not pinned down"]);
  assert.deepEqual(found.map((chip) => chip.tab), ["#drift", "#claims:CONTRADICTED", "#drift:endpoint", "#drift:env_var", "#drift:dependency", "#drift", "#drift:unresolved"]);
  assert.deepEqual(found.map((chip) => chip.tone ?? ""), ["wait", "bad", "", "", "", "", "wait"], "colour is for trouble");
});

test("where nothing was compared a row says what there is, and where nothing changed that", () => {
  assert.deepEqual(texts({ facts: { endpoint: 2, env_var: 1 } }), ["2 endpoints", "1 variable"]);
  assert.deepEqual(texts({ facts: { endpoint: 2 }, drift: { is_empty: true, counts: { added: 0 } } }), ["no drift"]);
  assert.deepEqual(texts({ unread_frameworks: ["Symfony"], drift: { is_empty: true, counts: { added: 0 } } }), ["no drift in what is read", "Symfony not read"]);
  assert.deepEqual(texts({ drift: { is_empty: false, counts: { added: 0, unresolved_removed: 1 } }, partial: true }), ["−1 not pinned down", "partial"]);
  for (const summary of [null, [], "x", 7]) assert.deepEqual(texts(summary), []);
});

test("the newest run is the last bar, and what failed or was not compared is no drift of nought", () => {
  const points = [{ status: "SUCCEEDED", drift: null }, { status: "SUCCEEDED", drift: 0 }, { status: "FAILED", drift: null }, { status: "SUCCEEDED", drift: 9 }];
  const drawn = bars(points);
  assert.deepEqual(drawn.map((bar) => bar.is), ["unknown", "none", "failed", "drift"]);
  assert.deepEqual([drawn[3].x, drawn[3].height, drawn[3].y], [110, 24, 0]);
  assert.equal(bars(Array(40).fill(points[3])).length, 12);
  assert.equal(barWords(points), "Drift of the last 4 runs, newest last: not compared, 0, failed, 9");
});
