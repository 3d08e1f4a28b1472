// @ts-check
// Rules that hold for every file of the page: policy, size, imports, preloads.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const WEB = join(dirname(fileURLToPath(import.meta.url)), "..");
const FIRST_LOAD_BYTES = 150_000;

/** @param {string} folder @returns {string[]} */
function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? walk(join(folder, entry.name)) : [join(folder, entry.name)]));
}

const read = (/** @type {string} */ path) => readFileSync(path, "utf8");
const scripts = walk(join(WEB, "js")).filter((path) => path.endsWith(".js"));
const styles = walk(join(WEB, "css"));
const index = read(join(WEB, "index.html"));

/** @param {string} path @returns {string[]} static imports only: `import(...)` loads later */
function imports(path) {
  return [...read(path).matchAll(/^(?:import|export)\s[^;]*?from\s+"([^"]+)";/gms)].map((match) => join(dirname(path), match[1]));
}

/** @param {string} path @param {Set<string>} [seen] */
function closure(path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const next of imports(path)) closure(next, seen);
  return seen;
}

const main = join(WEB, "js/main.js");
const feed = [...new Set([...closure(main), ...closure(join(WEB, "js/pages/feed-page.js"))])];

test("no script turns a string into HTML or code", () => {
  const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|\beval\(|new Function|createContextualFragment|srcdoc/;
  for (const path of scripts) assert.doesNotMatch(read(path), forbidden, path);
});

test("no script or page carries an inline style or handler", () => {
  for (const path of scripts) assert.doesNotMatch(read(path), /[\s"]style=|setAttribute\("style"/, path);
  assert.doesNotMatch(index, /<style|\sstyle=|\son[a-z]+=|<script>/);
});

test("every import names a file that is there", () => {
  for (const path of scripts) for (const target of imports(path)) assert.ok(statSync(target).isFile(), `${path} -> ${target}`);
});

test("every module is checked by the type checker", () => {
  for (const path of scripts.filter((one) => !one.endsWith("start.js"))) assert.match(read(path), /^\/\/ @ts-check\n/, path);
});

test("the page preloads exactly what the feed needs", () => {
  const listed = [...index.matchAll(/rel="modulepreload" href="\/assets\/([^"]+)"/g)].map((match) => match[1]).sort();
  const needed = feed.filter((path) => path !== main).map((path) => relative(WEB, path)).sort();
  assert.deepEqual(listed, needed);
});

test("every other page's modules are named in full, and none twice", () => {
  for (const [at, page] of [["runs", "run"], ["r", "repo"], ["setup", "setup"], ["status", "status"]]) {
    const listed = new RegExp(`<meta name="modules" data-at="${at}" content="([^"]+)">`).exec(index)?.[1].split(" ");
    const needed = [...closure(join(WEB, `js/pages/${page}-page.js`))].filter((path) => !feed.includes(path));
    assert.deepEqual(listed, needed.map((path) => relative(join(WEB, "js"), path)).sort(), page);
  }
});

test("every asset that the page names is there", () => {
  for (const [, path] of index.matchAll(/(?:href|src)="\/assets\/([^"]+)"/g)) assert.ok(statSync(join(WEB, path)).isFile(), path);
});

test("the first load stays under 150 kB even without compression", () => {
  const total = [...feed, ...styles, join(WEB, "js/start.js"), join(WEB, "index.html")].reduce((sum, path) => sum + statSync(path).size, 0);
  assert.ok(total < FIRST_LOAD_BYTES, `${total} bytes`);
});

test("no source file is longer than 350 lines", () => {
  for (const path of [...scripts, ...styles]) assert.ok(read(path).split("\n").length <= 350, path);
});
