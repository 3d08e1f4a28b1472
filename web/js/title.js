// Shows the state in the window's title and icon, where a background tab is seen.
import { oneLine } from "./format.js";

const COLOURS = { idle: "#5d6470", busy: "#2563c9", bad: "#c0342b" };

/**
 * @param {string} name
 * @param {number} [active] how many runs are queued or running
 * @param {string} [latest] status of the newest run
 */
export function setTitle(name, active = 0, latest = "") {
  const text = `${active > 0 ? `(${active}) ` : ""}${oneLine(name)} · ci-feed`;
  if (document.title !== text) document.title = text;
  const colour = active > 0 ? COLOURS.busy : latest === "FAILED" ? COLOURS.bad : COLOURS.idle;
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
  const icon = "data:image/svg+xml," + encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="${colour}"/>`
    + '<path d="M4 11h2M4 8h5M4 5h8" stroke="#fff" stroke-width="1.6" stroke-linecap="round"/></svg>',
  );
  if (link && link.getAttribute("href") !== icon) link.href = icon;
}
