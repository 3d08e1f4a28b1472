// The four scores of Lighthouse (mobile) for home, feed, a run and a repository, of a server with fifty rows.
import { chromium, tool } from "./browser.mjs";
import { seed } from "./seed.mjs";
import { BINARY, startServer } from "./server.mjs";

const ROWS = 50;
const ROUNDS = Number(process.argv[2] ?? 1);
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

const [{ default: lighthouse }, { launch }] = [await tool("lighthouse"), await tool("chrome-launcher")];
const server = await startServer();
let worst = 100;
try {
  const { repository, run } = await seed(server, ROWS);
  console.log(`${BINARY}\n${ROWS} runs; Lighthouse, mobile, median of ${ROUNDS}`);
  const pages = { home: "/", feed: "/feed", dossier: `/runs/${run}`, repository: `/r/${repository}` };
  for (const [name, path] of Object.entries(pages)) {
    const results = [];
    for (let round = 0; round < ROUNDS; round += 1) results.push(await measure(server.base + path));
    results.sort((a, b) => a.scores[0] - b.scores[0]);
    const { scores, said, low } = results[results.length >> 1];
    worst = Math.min(worst, ...scores);
    console.log(`${name.padEnd(11)} ${CATEGORIES.map((one, index) => `${one} ${scores[index]}`).join("  ")}\n            ${said}`);
    for (const one of low) console.log(`            below: ${one}`);
  }
} finally {
  await server.stop();
}
process.exitCode = worst >= 95 ? 0 : 1;

/** @param {string} url */
async function measure(url) {
  const chrome = await launch({ chromePath: chromium(), chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"] });
  try {
    const { lhr } = await lighthouse(url, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: "error" });
    const scores = CATEGORIES.map((one) => Math.round(100 * (lhr.categories[one].score ?? 0)));
    const shown = (/** @type {string} */ id) => lhr.audits[id]?.displayValue?.replaceAll("\u00a0", " ") ?? "–";
    const bytes = lhr.audits["total-byte-weight"]?.numericValue ?? 0;
    const said = `first paint ${shown("first-contentful-paint")}, largest ${shown("largest-contentful-paint")}, blocking ${shown("total-blocking-time")}, shift ${shown("cumulative-layout-shift")}, ${Math.round(bytes / 1024)} KiB, benchmark index ${lhr.environment.benchmarkIndex}`;
    const refs = CATEGORIES.flatMap((one) => lhr.categories[one].auditRefs.filter((ref) => ref.weight > 0).map((ref) => lhr.audits[ref.id]));
    const low = refs.filter((audit) => audit.score !== null && audit.score < 0.9).map((audit) => `${audit.title} (${audit.displayValue ?? audit.score})`);
    return { scores, said, low };
  } finally {
    await chrome.kill();
  }
}
