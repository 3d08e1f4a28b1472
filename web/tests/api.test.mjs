// What is kept of the server's answers.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.document = /** @type {any} */ ({ dispatchEvent: () => true });
const { getJson, peekJson } = await import("../js/api.js");

/** @param {number} status @param {unknown} body @param {Record<string, string>} [headers] */
function answer(status, body, headers = {}) {
  globalThis.fetch = async (_, init) => {
    asked = new Headers(init?.headers).get("if-none-match");
    return new Response(status === 304 ? null : JSON.stringify(body), { status, headers });
  };
}
/** @type {string | null} */
let asked = null;

test("what a stopping server said last is known when it is gone", async () => {
  answer(200, { status: "ok" }, { etag: "W/\"1\"" });
  const first = await getJson("/health", { accept: [503] });
  answer(304, null);
  assert.equal(await getJson("/health", { accept: [503] }), first, "an unchanged answer is the same object");
  assert.equal(asked, "W/\"1\"");
  answer(503, { status: "stopping" });
  await getJson("/health", { accept: [503] });
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  await assert.rejects(getJson("/health", { accept: [503] }), { code: "OFFLINE" });
  assert.deepEqual(peekJson("/health"), { status: "stopping" });
  answer(200, { status: "ok" }, { etag: "W/\"2\"" });
  await getJson("/health", { accept: [503] });
  assert.equal(asked, null, "an answer without a tag is not asked about by one");
});
