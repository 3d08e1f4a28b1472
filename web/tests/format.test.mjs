// Promises of js/format.js, as sentences.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../js/format.js";

const NOON = Date.parse("2026-03-01T12:00:00.000Z");

test("a bidi override is spelled out instead of reordering text", () => {
  assert.equal(format.visible("a\u202Eb"), "a[U+202E]b");
  assert.equal(format.visible("\u2066x\u2069"), "[U+2066]x[U+2069]");
});

test("zero-width and control characters are spelled out, tabs and line breaks stay", () => {
  assert.equal(format.visible("a\u200Bb\u0000c\u001b[31m"), "a[U+200B]b[U+0000]c[U+001B][31m");
  assert.equal(format.visible("a\tb\nc"), "a\tb\nc");
});

test("markup is left as it is, because it is only ever set as text", () => {
  assert.equal(format.visible("<img onerror=x>"), "<img onerror=x>");
});

test("scripts that need joiners keep them", () => {
  assert.equal(format.visible("می\u200Cخواهم 👩\u200D💻"), "می\u200Cخواهم 👩\u200D💻");
});

test("one line means no line breaks", () => {
  assert.equal(format.oneLine("  a\r\n\tb  "), "a b");
  assert.equal(format.oneLine(null), "");
});

test("durations read as people say them", () => {
  const cases = /** @type {Array<[number, string]>} */ ([
    [0, "0 ms"], [0.4, "under 1 ms"], [840, "840 ms"], [8421, "8.4 s"], [9960, "10 s"], [59_600, "1 min 00 s"],
    [125_000, "2 min 05 s"], [3_600_000, "1 h 00 min"], [7_380_000, "2 h 03 min"],
  ]);
  for (const [ms, text] of cases) assert.equal(format.formatDuration(ms), text);
});

test("a live duration shows whole seconds and never goes below zero", () => {
  assert.equal(format.formatDuration(1999, { live: true }), "1 s");
  assert.equal(format.formatDuration(-50, { live: true }), "0 s");
});

test("what is not a number is a dash", () => {
  for (const value of [null, undefined, NaN, "12", {}]) {
    assert.equal(format.formatDuration(value), "–");
    assert.equal(format.formatNumber(value), "–");
    assert.equal(format.formatScore(value), "–");
    assert.equal(format.formatBytes(value), "–");
  }
});

test("relative times step through seconds, minutes, hours, days and then the date", () => {
  const at = (/** @type {number} */ seconds) => new Date(NOON - seconds * 1000).toISOString();
  const cases = /** @type {Array<[number, string]>} */ ([
    [2, "just now"], [42, "42 s ago"], [61, "1 min ago"], [7200, "2 h ago"], [86_400, "1 day ago"], [3 * 86_400, "3 days ago"],
    [40 * 86_400, "20 Jan 2026"],
  ]);
  for (const [seconds, text] of cases) assert.equal(format.relativeTime(at(seconds), NOON), text);
  assert.equal(format.relativeTime(at(-12), NOON), "in 12 s");
  assert.equal(format.relativeTime("not a time", NOON), "–");
});

test("absolute times are those of the reader's zone, and name it", () => {
  assert.equal(format.absoluteTime("2026-03-01T12:34:56.789Z", "UTC"), "1 Mar 2026, 12:34:56 UTC");
  assert.match(format.absoluteTime("2026-03-01T22:34:56.789Z", "Asia/Tokyo"), /^2 Mar 2026, 07:34:56 (GMT\+9|JST)$/);
  assert.equal(format.absoluteTime(undefined), "");
});

test("bytes keep two meaningful digits", () => {
  const cases = /** @type {Array<[number, string]>} */ ([
    [0, "0 bytes"], [1, "1 byte"], [999, "999 bytes"], [1500, "1.5 kB"], [12_400_000, "12 MB"], [999_600, "1.0 MB"], [18_200_000_000, "18 GB"],
  ]);
  for (const [bytes, text] of cases) assert.equal(format.formatBytes(bytes), text);
});

test("a place names its lines only when there are any", () => {
  assert.equal(format.place({ path: "a.rs", start_line: 3, end_line: 5 }), "a.rs:3-5");
  assert.equal(format.place({ path: "a.rs", start_line: 3, end_line: 3 }), "a.rs:3");
  assert.equal(format.place({ path: "a.rs", start_line: 0, end_line: 0 }), "a.rs");
  assert.equal(format.place(null), "");
});

test("kinds that look like object properties are only names", () => {
  assert.equal(format.kindLabel("constructor"), "Constructor");
  assert.equal(format.kindLabel("env_var"), "Environment variables");
  assert.equal(format.humanize("tls_termination"), "TLS termination");
});

test("attributes of any shape become one line", () => {
  assert.equal(format.attribute(["a", 1200, null]), "a, 1,200, –");
  assert.equal(format.attribute({ read_by: ["a.rs"], required: true }), "Read by: a.rs; Required: yes");
});
