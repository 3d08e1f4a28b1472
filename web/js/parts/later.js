// A page whose code is not there yet.
import { html, useEffect, useState } from "../view.js";
import { Loading, Notice } from "./notice.js";

/** How long after the first page the others are fetched, so that going there takes no time, nor the server. */
const IDLE_MS = 4_000;

/** @typedef {typeof import("../later.js")} Pages */
/** @type {Record<string, keyof Pages>} */
const NAMES = { compare: "ComparePage", fact: "FactPage", search: "SearchPage", setup: "SetupPage", status: "StatusPage" };

/** @type {Pages | null} */
let pages = null;
const fetchPages = () => import("../later.js").then((found) => void (pages = found));
window.addEventListener("load", () => setTimeout(() => fetchPages().catch(() => {}), IDLE_MS));

/** @param {{route: import("../links.js").Route}} props */
export function Later({ route }) {
  const [failed, setFailed] = useState(false);
  const [, redraw] = useState(0);
  useEffect(() => {
    if (pages !== null) return;
    fetchPages().then(() => redraw(1), () => setFailed(true));
  }, []);
  if (pages !== null) return html`<${pages[NAMES[route.page]]} route=${route} />`;
  return html`<div class="page">${failed
    ? html`<${Notice} tone="bad" icon="warning" alert=${true} title="This page could not be fetched"><p><button type="button" class="button" onClick=${() => location.reload()}>Try again</button></p><//>`
    : html`<${Loading} label="Loading the page" />`}</div>`;
}
