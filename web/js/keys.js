// The keyboard: j and k walk the rows, Enter opens the one in focus, / searches, ? helps.
// Single keys are refused while somebody types, and wholly when they are switched off.
const STORAGE_KEY = "ci-feed.keys";

/** What `?` lists. */
export const KEYS = [
  ["j", "next row of the feed or of a list"],
  ["k", "row before"],
  ["Enter", "open what is in focus"],
  ["/ Ctrl+K", "search everything"],
  ["f", "to the field that filters this page"],
  ["?", "this list"],
  ["Esc", "close a dialog, leave a field"],
  ["← →", "next tab, next point of a chart"],
];

export function keysAreOn() {
  try {
    return localStorage.getItem(STORAGE_KEY) !== "off";
  } catch {
    return true;
  }
}

/** @param {boolean} on */
export function switchKeys(on) {
  try {
    localStorage.setItem(STORAGE_KEY, on ? "on" : "off");
  } catch {
    // Storage may be forbidden; they then stay on.
  }
}

/**
 * The row to go to from the one that holds the focus, or null at the end.
 * @param {Element[]} rows in the order of the page
 * @param {Element | null} focus
 * @param {1 | -1} step
 */
export function neighbour(rows, focus, step) {
  const here = rows.findIndex((row) => focus !== null && row.contains(focus));
  if (here === -1) return (step === 1 ? rows[0] : undefined) ?? null;
  return rows[here + step] ?? null;
}

/** @param {1 | -1} step */
function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row instanceof HTMLElement && row.offsetParent !== null);
  const row = neighbour(rows, document.activeElement, step);
  // Enter opens a row; what changes its run is reached with Tab.
  const target = row?.querySelector("a, button:not([data-changes])");
  if (!(target instanceof HTMLElement)) return;
  target.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function filter() {
  const fields = [...document.querySelectorAll("[data-search]")].filter((one) => one instanceof HTMLElement && one.offsetParent !== null);
  const field = /** @type {HTMLInputElement | undefined} */ (fields[0]);
  field?.focus();
  field?.select();
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** @param {KeyboardEvent} event */
function asksForSearch(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
}

/** @param {{help: () => void, search: () => void}} open */
export function listenToKeys({ help, search }) {
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (asksForSearch(event)) {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) search();
      return;
    }
    if (event.key === "Escape" && isTyping(event.target) && !document.querySelector("dialog[open]")) {
      /** @type {HTMLElement} */ (event.target).blur();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]") || !keysAreOn()) return;
    const action = { j: () => walk(1), k: () => walk(-1), "/": search, f: filter, "?": help }[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}
