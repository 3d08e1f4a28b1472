// Whether anything moves on feed, status and home while they are polled and runs come and go, for so many seconds.
import { openBrowser } from "./browser.mjs";
import { seed } from "./seed.mjs";
import { startServer } from "./server.mjs";

const SECONDS = Number(process.argv[2] ?? 600);
const PAGES = ["/feed", "/status", "/"];
/** How often a run comes: two polls of a busy page. */
const EVERY_MS = 7_000;

const WATCH = `window.shifts = []; window.polls = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput)
  window.shifts.push([one.value, ...one.sources.map(({ node, previousRect: a, currentRect: b }) =>
    [a.x, a.y, a.width, a.height, "to", b.x, b.y, b.width, b.height].map((n) => (typeof n === "number" ? Math.round(n) : n)).join(" ") + " " + (node?.outerHTML ?? node?.parentElement?.outerHTML ?? "").slice(0, 140))]); })
  .observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => { window.polls += list.getEntries().filter((one) => one.name.includes("/api/")).length; }).observe({ type: "resource", buffered: true });`;

const server = await startServer();
const browser = await openBrowser();
let failed = false;
try {
  await seed(server, 20);
  const pages = [];
  for (const path of PAGES) {
    // A window each: a tab behind another one is not polled.
    const page = await (await browser.createBrowserContext()).newPage();
    await page.evaluateOnNewDocument(`localStorage.setItem("ci-feed.tick", "off"); ${WATCH}`);
    await page.goto(server.base + path, { waitUntil: "networkidle2" });
    await page.evaluate("window.shifts = []");
    pages.push({ path, page });
  }
  const end = Date.now() + SECONDS * 1000;
  let before = server.commit("harbour/orders", "main", {}, "Begin");
  for (let turn = 0; Date.now() < end; turn += 1) {
    const sha = turn % 5 === 4 ? turn.toString(16).padStart(40, "0") : server.commit("harbour/orders", "main", { [`more${turn}.js`]: `module.exports = process.env.MORE_${turn};\n` }, `One more, ${turn}`);
    await server.push("harbour/orders", sha, { before, title: `One more, ${turn}` });
    before = turn % 5 === 4 ? before : sha;
    await new Promise((next) => setTimeout(next, EVERY_MS / 2));
    await server.tick();
    await new Promise((next) => setTimeout(next, EVERY_MS / 2));
  }
  for (const { path, page } of pages) {
    const { shifts, polls } = await page.evaluate("({ shifts: window.shifts, polls: window.polls })");
    const sum = shifts.reduce((/** @type {number} */ all, /** @type {[number]} */ [value]) => all + value, 0);
    console.log(`${path.padEnd(8)} ${SECONDS} s, ${polls} answers, shift ${sum.toFixed(4)}`);
    for (const [value, ...what] of shifts.slice(0, 5)) console.log(`         ${value.toFixed(4)} ${what.join(" | ")}`);
    failed ||= sum > 0;
  }
} finally {
  await browser.close();
  await server.stop();
}
process.exitCode = failed ? 1 : 0;
