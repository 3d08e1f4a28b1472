// Ten thousand facts: how long until the first rows, how much travels for each tab, and how long from a keystroke to the frame
// after what it drew.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBrowser } from "./browser.mjs";
import { manyFacts } from "./seed.mjs";
import { startServer } from "./server.mjs";

const FACTS = 10_000;
const ROUNDS = 5;
const WORDS = ["h", "ha", "han", "hand", "handler9", "handler98", "", "module3", "module3 items", "nothing at all", "", "part96"];

const script = join(new URL("..", import.meta.url).pathname, "page", "pass-on.sh");
const server = await startServer({ CI_ANALYZER: `sh ${script} {src} {out}` });
const browser = await openBrowser();
try {
  const sha = server.commit("octo/large", "main", manyFacts(FACTS), "Many");
  const run = await server.push("octo/large", sha, { title: "Many" });
  await server.tick();
  for (const [tab, seen] of [["overview", ".overview"], ["facts", ".facts .fact"], ["claims", ".empty-line"], ["unknowns", ".empty-line"], ["findings", ".empty-line"], ["coverage", ".coverage"]]) {
    const page = await (await browser.createBrowserContext()).newPage();
    await page.evaluateOnNewDocument('localStorage.setItem("ci-feed.tick", "off")');
    await page.goto(`${server.base}/runs/${run}#${tab}`, { waitUntil: "commit" }).catch(() => page.goto(`${server.base}/runs/${run}#${tab}`));
    await page.waitForSelector(seen);
    const { ms, bytes } = await page.evaluate("({ ms: performance.now(), bytes: [...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')].reduce((sum, one) => sum + one.transferSize, 0) })");
    console.log(`${tab.padEnd(9)} first rows after ${Math.round(ms)} ms, ${Math.round(bytes / 1000)} kB in all`);
    await page.close();
  }
  const page = await browser.newPage();
  await page.evaluateOnNewDocument('localStorage.setItem("ci-feed.tick", "off")');
  await page.goto(`${server.base}/runs/${run}#facts`);
  await page.waitForSelector(".facts .fact");
  const slowest = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = await page.evaluate(async (/** @type {string[]} */ words) => {
      const field = document.querySelector("input[data-search]");
      const times = [];
      for (const text of words) {
        const start = performance.now();
        field.value = text;
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
        await new Promise((drawn) => requestAnimationFrame(() => {
          const after = new MessageChannel();
          after.port1.onmessage = drawn;
          after.port2.postMessage(null);
        }));
        times.push(performance.now() - start);
      }
      return times;
    }, WORDS);
    slowest.push(Math.max(...times));
  }
  const answers = await page.evaluate(async () => {
    const field = document.querySelector("input[data-search]");
    const start = performance.now();
    field.value = "part95 items";
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    while (!/^10[0-9] facts/.test(document.querySelector(".result-count").innerText) || document.querySelector(".facts .fact .fact-key")?.innerText.includes("/part95/") !== true) await new Promise((next) => setTimeout(next, 5));
    return performance.now() - start;
  });
  console.log(`keystroke to paint: slowest of ${WORDS.length} keystrokes ${slowest.map((ms) => `${ms.toFixed(1)} ms`).join(", ")} in ${ROUNDS} rounds`);
  console.log(`keystroke to the rows that the server found: ${Math.round(answers)} ms`);
  process.exitCode = Math.min(...slowest) < 50 ? 0 : 1;
} finally {
  await browser.close();
  await server.stop();
}
