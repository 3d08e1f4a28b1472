// Rules that hold for every file of the page: policy, size, imports; `scripts/bundle-web --check` holds the bundle to them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const WEB = join(dirname(fileURLToPath(import.meta.url)), "..");
const FIRST_LOAD_BYTES = 90_000;

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

test("no script turns a string into HTML or code", () => {
  const forbidden = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|dangerouslySetInnerHTML|\beval\(|new Function|createContextualFragment|srcdoc/;
  for (const path of scripts) assert.doesNotMatch(read(path), forbidden, path);
});

test("no script or page carries an inline style or handler", () => {
  for (const path of scripts) assert.doesNotMatch(read(path), /[\s"]style=|setAttribute\("style"/, path);
  assert.doesNotMatch(index, /<style|\sstyle=|\son[a-z]+=|<script>/);
});

test("no type is any", () => {
  const types = /@(?:param|returns|type|typedef)\s*\{[^\n]*[<{:|(,]\s*any\b/;
  for (const path of scripts) assert.doesNotMatch(read(path), types, path);
});

test("every import names a file that is there", () => {
  for (const path of scripts) for (const target of imports(path)) assert.ok(statSync(target).isFile(), `${path} -> ${target}`);
});

test("the style sheet holds every sheet", () => {
  const named = [...read(join(WEB, "css/app.css")).matchAll(/@import "\.\/([^"]+)";/g)].map((match) => match[1]).sort();
  assert.deepEqual(named, styles.map((path) => relative(join(WEB, "css"), path)).filter((name) => name !== "app.css").sort());
});

test("every asset that the page names is there", () => {
  for (const [, path] of index.matchAll(/(?:href|src)="\/assets\/([^"]+)"/g)) assert.ok(statSync(join(WEB, path)).isFile(), path);
});

test("what every first visit loads is less than 90 kB, compressed", () => {
  const first = ["index.html", "js/start.js", "dist/app.css", "dist/app.js", "dist/chunk.js"].map((name) => gzipSync(readFileSync(join(WEB, name))).length);
  assert.ok(first.reduce((sum, bytes) => sum + bytes, 0) < FIRST_LOAD_BYTES, first.join(" "));
});

test("no source file is longer than 350 lines", () => {
  for (const path of [...scripts, ...styles]) assert.ok(read(path).split("\n").length <= 350, path);
});
