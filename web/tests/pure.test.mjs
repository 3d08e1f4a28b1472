// Promises of the other pure modules: links, summary, merge, cadence, search, status.
import assert from "node:assert/strict";
import { test } from "node:test";
import { jitter, pollDelay, tickDelay } from "../js/cadence.js";
import { countOf, groupsOf, lookedAt } from "../js/found.js";
import * as links from "../js/links.js";
import { appendOlder, mergeNewest, newcomers } from "../js/merge.js";
import { filterFacts } from "../js/search.js";
import { branchSide, sideOf, sideWords } from "../js/sides.js";
import { deliveryWords, eventWord, look } from "../js/status.js";
import { chips, countBy, frameworkWords, records, sortedCounts, tierOf } from "../js/summary.js";

test("every page has its route and anything else is missing", () => {
  assert.deepEqual(links.parseRoute("/", "?owner=o&repo=r&status=FAILED"), { page: "feed", owner: "o", repo: "r", ref: "", pr: "", status: "FAILED" });
  assert.deepEqual(links.parseRoute("/feed", "?pr=7"), { page: "feed", owner: "", repo: "", ref: "", pr: "7", status: "" });
  assert.deepEqual(links.parseRoute("/", "utm=1"), { page: "home" });
  assert.deepEqual(links.parseRoute("/runs/0193"), { page: "run", id: "0193" });
  assert.deepEqual(links.parseRoute("/r/o/r%20x"), { page: "repo", owner: "o", repo: "r x", ref: "" });
  assert.deepEqual(links.parseRoute("/r/o/r", "ref=next%20one"), { page: "repo", owner: "o", repo: "r", ref: "next one" });
  assert.equal(links.parseRoute("/setup").page, "setup");
  assert.deepEqual(links.parseRoute("/status", "delivery=d1"), { page: "status", delivery: "d1" });
  assert.deepEqual(links.parseRoute("/search", "q=%20env:A"), { page: "search", q: "env:A" });
  assert.equal(links.parseRoute("/api/ci/runs").page, "missing");
  assert.equal(links.parseRoute("/runs/%E0%A4%A").page, "run");
});

test("an address of a page is read as it was written", () => {
  /** @param {string} address */
  const read = (address) => links.parseRoute(...(/** @type {[string, string]} */ (address.split("?"))));
  const fact = { owner: "o", repo: "r", kind: "endpoint", key: "GET /a b/{id}?x&y=#" };
  assert.deepEqual(read(links.factPath({ repo_owner: fact.owner, repo_name: fact.repo }, fact)), { page: "fact", ...fact });
  const sides = { owner: "o", repo: "r", base: "#7", head: "feature/a+b" };
  assert.deepEqual(read(links.comparePath(sides)), { page: "compare", ...sides });
  assert.deepEqual(links.parseRoute("/r/o/r/fact"), { page: "fact", owner: "o", repo: "r", kind: "", key: "" });
});

test("a side is read as the server reads it, and a branch that is called like something else is asked for as a branch", () => {
  const id = "0193b1b2-0000-7000-8000-000000000001";
  assert.deepEqual(sideOf(id), { is: "run", id });
  assert.deepEqual(["#7", "pr:7", "pull:7"].map(sideOf), Array(3).fill({ is: "pull", number: 7 }));
  assert.deepEqual(sideOf("deployed:a:b"), { is: "deployed", environment: "a:b" });
  assert.deepEqual(sideOf("ABCDEF0"), { is: "commit", sha: "abcdef0" });
  assert.deepEqual([id, "ABCDEF0123", "#7", "branch:pr:7"].map(sideWords), ["run 0193b1b2", "commit abcdef0", "pull request 7", "pr:7"]);
  for (const branch of ["main", "abcdef", "#x", "pr:", "runs/7"]) assert.equal(branchSide(branch), branch);
  for (const branch of ["abcdef0", "#7", "pr:7", "deployed:x", "branch:x", id]) {
    assert.deepEqual(sideOf(branchSide(branch)), { is: "branch", branch });
  }
});

/** @type {any} */
const FOUND = {
  runs: [{ id: "1", repo_owner: "o", repo_name: "r", commit_sha: "0123456789", ref: "main", pr_number: null, title: "Sell\u202e", status: "SUCCEEDED" }],
  repositories: [{ repo_owner: "o", repo_name: "r" }],
  branches: [{ repo_owner: "o", repo_name: "r", branch: "a&b", run_id: "1" }],
  facts: [{ repo_owner: "o", repo_name: "r", kind: "env_var", key: "A", path: "a.js", line: 3, end_line: 4 }],
  deliveries: [{ delivery_id: "d", event: "push", action: null, repo: "o/r", outcome: "ignored", reason: "[skip ci]", run_id: null }],
  truncated: false,
};

test("what a search found leads somewhere, and ids come first for whoever brings one", () => {
  const groups = groupsOf(FOUND, "shop");
  assert.deepEqual(groups.map((group) => group.title), ["Webhook deliveries", "Repositories", "Branches", "Environment variables", "Runs"]);
  assert.deepEqual(groups.map((group) => group.hits[0].href), ["/status?delivery=d", "/r/o/r", "/r/o/r?ref=a%26b", "/r/o/r/fact?kind=env_var&key=A", "/runs/1"]);
  assert.deepEqual([groups[3].hits[0].where, groups[4].hits[0].name], ["o/r · a.js:3-4", "Sell[U+202E]"]);
  assert.equal(groupsOf(FOUND, "0123456")[0].title, "Runs");
  assert.equal(countOf(FOUND), 5);
  const facts = Array(5).fill(FOUND.facts[0]);
  assert.deepEqual(["A", "env:A"].map((word) => groupsOf({ ...FOUND, facts }, word)[3].more), ["/search?q=env_var%3AA", undefined]);
});

test("what was looked at is said by what was asked", () => {
  assert.match(lookedAt("env:A", true), /facts of that kind/);
  assert.match(lookedAt("shop: x", true), /deliveries by their id/);
  assert.match(lookedAt("shop", false), /only for those who are signed in/);
});

test("only http and https become links", () => {
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "//evil.example", "/relative", "", null, 7]) {
    assert.equal(links.webAddress(bad), null);
  }
  assert.equal(links.webAddress("https://github.com/o/r/"), "https://github.com/o/r");
});

test("a line link pins commit and lines and escapes the path", () => {
  const evidence = { path: "src/a b#c?.rs", start_line: 3, end_line: 5 };
  assert.equal(links.lineLink("https://github.com/o/r", "abc", evidence), "https://github.com/o/r/blob/abc/src/a%20b%23c%3F.rs#L3-L5");
  assert.equal(links.lineLink("https://github.com/o/r", "abc", { path: "x", start_line: 0 }), "https://github.com/o/r/blob/abc/x");
  assert.equal(links.lineLink(null, "abc", evidence), null);
});

test("the form for a webhook is a repository's or an organisation's, and nothing else", () => {
  assert.equal(links.hookLink("https://github.com", " octo/shop/ "), "https://github.com/octo/shop/settings/hooks/new");
  assert.equal(links.hookLink("https://forge.test/", "octo"), "https://forge.test/organizations/octo/settings/hooks/new");
  for (const name of ["", "/", "a/b/c"]) assert.equal(links.hookLink("https://github.com", name), null);
  assert.equal(links.hookLink(null, "octo/shop"), null);
});

test("an artifact's name cannot leave its run", () => {
  assert.equal(links.artifactPath("id", { name: "../../x?y#z" }), "/api/ci/runs/id/artifacts/..%2F..%2Fx%3Fy%23z");
});

test("half a surrogate pair does not break an address", () => {
  assert.equal(links.runPath("a\ud800b"), "/runs/a%EF%BF%BDb");
  assert.equal(links.lineLink("https://github.com/o/r", "abc", { path: "\udc00" }), "https://github.com/o/r/blob/abc/%EF%BF%BD");
  assert.equal(links.artifactPath("id", { name: "😀" }), "/api/ci/runs/id/artifacts/%F0%9F%98%80");
});

/** @param {string} hash */
function read(hash) {
  const { tab, argument, set } = links.parseHash(hash);
  return [tab, argument, String(set)];
}

test("a hash is read as it was written", () => {
  assert.deepEqual(read(links.hashOf("facts", "a:b? c", { q: "a?b&c", sort: "name" })), ["facts", "a:b? c", "q=a%3Fb%26c&sort=name"]);
  assert.equal(links.hashOf("facts"), "#facts");
  assert.equal(links.hashOf("facts", "", { q: "" }), "#facts");
});

test("a repository is owner and name, nothing more", () => {
  assert.deepEqual(links.parseRepo(" o/r "), { owner: "o", repo: "r" });
  for (const bad of ["o", "o/", "/r", "a/b/c", "a b/c"]) assert.equal(links.parseRepo(bad), null);
  assert.deepEqual(links.parseOwner(" o/ "), { owner: "o", repo: "" });
  for (const bad of ["o", "/", "o/r", "a b/"]) assert.equal(links.parseOwner(bad), null);
});

test("a hash holds a tab and its argument", () => {
  assert.deepEqual(read("#facts:env_var"), ["facts", "env_var", ""]);
  assert.deepEqual(read(""), ["", "", ""]);
  assert.deepEqual(read("#artifacts:a%3Ab"), ["artifacts", "a:b", ""]);
});

test("polls keep the promised cadence and back off up to a minute", () => {
  assert.equal(pollDelay({ active: false, failures: 0 }), 10_000);
  assert.equal(pollDelay({ active: true, failures: 0 }), 3_000);
  const waits = [1, 2, 3, 4, 5, 9].map((failures) => pollDelay({ active: true, failures }));
  assert.deepEqual(waits, [3_000, 6_000, 12_000, 24_000, 48_000, 60_000]);
});

test("ticks follow 30 s idle, 10 s while work waits, at once while more is ready", () => {
  assert.equal(tickDelay({ ok: true, processed: false, reason: "idle" }, false), 30_000);
  assert.equal(tickDelay({ ok: true, processed: false, reason: "idle" }, true), 10_000);
  assert.equal(tickDelay({ ok: true, processed: true, ready: 4 }, true), 0);
  assert.equal(tickDelay({ ok: true, processed: true, ready: 0 }, false), 30_000);
  assert.equal(tickDelay({ ok: true, processed: false, reason: "backing_off", next_due_in_seconds: 14 }, true), 14_000);
  assert.equal(tickDelay({ ok: true, processed: false, reason: "backing_off", next_due_in_seconds: 500 }, true), 30_000);
  assert.equal(tickDelay({ ok: true, processed: false, reason: "busy" }, false), 10_000);
  assert.equal(tickDelay({ ok: false }, true), 30_000);
});

test("jitter only ever delays, by a tenth at most", () => {
  assert.equal(jitter(10_000, 0), 10_000);
  assert.equal(jitter(10_000, 1), 11_000);
  assert.equal(jitter(0, 1), 0);
});

/** @param {string} ids */
const rows = (ids) => [...ids].map((id) => ({ id }));

test("a fresh page goes above the older rows and replaces what it repeats", () => {
  const merged = mergeNewest(rows("cba"), rows("dc"), true);
  assert.deepEqual(merged.map((row) => row.id), ["d", "c", "b", "a"]);
});

test("a gap between the fresh page and the older rows is never hidden", () => {
  assert.deepEqual(mergeNewest(rows("ba"), rows("zy"), true).map((row) => row.id), ["z", "y"]);
});

test("a run that left the filter disappears from the polled window", () => {
  const merged = mergeNewest(rows("dcba"), rows("db"), true);
  assert.deepEqual(merged.map((row) => row.id), ["d", "b", "a"]);
});

test("without older pages the fresh page is all there is", () => {
  assert.deepEqual(mergeNewest(rows("ba"), rows("b"), false).map((row) => row.id), ["b"]);
});

test("a run that came back to the top leaves no gap where it stood", () => {
  assert.deepEqual(mergeNewest(rows("edcba"), rows("bed"), true).map((row) => row.id), ["b", "e", "d", "c", "a"]);
});

test("older pages are appended without repeating a run", () => {
  assert.deepEqual(appendOlder(rows("cb"), rows("ba")).map((row) => row.id), ["c", "b", "a"]);
});

test("newcomers are the runs above everything known", () => {
  assert.deepEqual(newcomers(rows("ba"), rows("dcba")), ["d", "c"]);
  assert.deepEqual(newcomers([], rows("a")), ["a"]);
});

test("chips of a built-in summary name endpoints, variables and contradictions, and lead to them", () => {
  const summary = { facts: { endpoint: 34, env_var: 1 }, claims: { contradicted: 2 }, metrics: { dci: null, rci: 0.512 }, partial: true };
  assert.deepEqual(chips(summary).map((chip) => chip.text), ["34 endpoints", "1 variable", "2 contradicted", "partial"]);
  assert.deepEqual(chips(summary).map((chip) => chip.tab), ["#facts:endpoint", "#facts:env_var", "#claims", "#coverage"]);
});

test("nothing contradicted shows no chip for it", () => {
  assert.deepEqual(chips({ facts: { endpoint: 0 }, claims: { contradicted: 0 } }).map((chip) => chip.text), ["0 endpoints"]);
});

test("any other summary gives its first numbers, and a hopeless one nothing", () => {
  assert.deepEqual(chips({ b: 2, a: 1, text: "x", deep: {} }).map((chip) => chip.text), ["a 1", "b 2"]);
  for (const summary of [null, [], "x", 7, { facts: "x" }]) assert.deepEqual(chips(summary), []);
});

test("records leaves out what is no object", () => {
  assert.deepEqual(records([{ a: 1 }, null, 3, "x", [1]]), [{ a: 1 }]);
  assert.deepEqual(records({ length: 1 }), []);
});

test("counts are sorted by size, then by name, whatever the names are", () => {
  assert.deepEqual(sortedCounts({ a: 1, b: 3, c: 3, x: "no" }), [["b", 3], ["c", 3], ["a", 1]]);
  assert.deepEqual(countBy([{ kind: "constructor" }, { kind: "constructor" }, {}, null], "kind"), [["constructor", 2], ["unknown", 2]]);
});

test("facts are found by kind, key, attribute and path, every word counting", () => {
  const facts = [
    { kind: "endpoint", key: "GET /api/orders", attrs: { framework: "axum" }, evidence: [{ path: "src/routes.rs" }] },
    { kind: "env_var", key: "DATABASE_URL", attrs: { read_by: ["src/config.rs"] } },
  ];
  assert.equal(filterFacts(facts, "", "").length, 2);
  assert.deepEqual(filterFacts(facts, "env_var", "").map((fact) => fact.key), ["DATABASE_URL"]);
  assert.deepEqual(filterFacts(facts, "", "ROUTES axum").map((fact) => fact.key), ["GET /api/orders"]);
  assert.deepEqual(filterFacts(facts, "", "config"), [facts[1]]);
  assert.deepEqual(filterFacts(facts, "endpoint", "config"), []);
});

test("an unknown state is shown by its own name, never as a known one", () => {
  assert.equal(look("run", "SUCCEEDED").word, "Succeeded");
  assert.deepEqual(look("run", "constructor"), { word: "Constructor", icon: "question", tone: "quiet" });
  assert.equal(look("verdict", undefined).word, "Unknown");
  assert.equal(eventWord("pull_request"), "pull request");
  assert.equal(eventWord("workflow_run"), "workflow run");
  assert.equal(deliveryWords("pull_request octo/shop feature_x"), "pull request octo/shop feature_x");
});

test("a run whose framework is not read never looks like one without endpoints or drift", () => {
  const unread = { facts: {}, unread_frameworks: ["Symfony"], drift: { is_empty: true, counts: { added: 0 } } };
  const texts = chips(unread).map((chip) => chip.text);
  assert.deepEqual(texts, ["Symfony not read", "no drift in what is read"]);
  assert.match(chips(unread)[1].title, /routes of Symfony are not read/);
  assert.equal(frameworkWords(["a", 3, "b", "c", "d", "e"]), "a, b, c and 2 more");
  for (const none of [undefined, [], {}, "Symfony"]) assert.equal(frameworkWords(none), "");
});

test("a route that came and could not be pinned down is no all-clear", () => {
  const summary = { facts: {}, drift: { is_empty: false, counts: { added: 0, unresolved_added: 2, unresolved_removed: 1 } } };
  assert.deepEqual(chips(summary).map((chip) => chip.text), ["unresolved +2 −1"]);
});

test("an endpoint that a rule infers is counted and found apart from those that lines say", () => {
  const facts = [{ kind: "endpoint", status: "EVIDENCED", key: "GET /a" }, { kind: "endpoint", status: "INFERRED", key: "GET /b" }];
  assert.deepEqual(facts.map(tierOf), ["endpoint", "endpoint_inferred"]);
  assert.deepEqual(filterFacts(facts, "endpoint", "").map((fact) => fact.key), ["GET /a"]);
  assert.deepEqual(filterFacts(facts, "endpoint_inferred", "").map((fact) => fact.key), ["GET /b"]);
  assert.deepEqual(chips({ facts: { endpoint: 1, endpoint_inferred: 1 } }).map((chip) => chip.text), ["1 endpoint", "1 inferred"]);
});
