// Chromium under a script's hands, with the client that Lighthouse brings along.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

export const TOOLS = process.env.PAGE_TOOLS ?? "";

/** Where Chromium is: `CHROME_PATH`, else as it is called. */
export function chromium() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    } catch {
      // It has another name.
    }
  }
  throw new Error("no Chromium: set CHROME_PATH");
}

/** @param {string} name */
export function tool(name) {
  return import(createRequire(join(TOOLS, "node_modules/x.js")).resolve(name));
}

export async function openBrowser() {
  const { default: puppeteer } = await tool("puppeteer-core");
  return puppeteer.launch({ executablePath: chromium(), args: ["--no-sandbox", "--disable-gpu", "--lang=en-US"], defaultViewport: { width: 1280, height: 900 } });
}
