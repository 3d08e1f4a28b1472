// Rebuilds a server-rendered HTML fragment from an allowlist: the second defence
// after the server's own. Refuses every element, attribute and address not named
// here; what is refused keeps its text, except where the text itself is code.
import { visible } from "./format.js";
import { webAddress } from "./links.js";

/** Heading levels move down two, below the page's and the tab's own headings. */
const HEADINGS = new Map([["H1", "h3"], ["H2", "h4"], ["H3", "h5"], ["H4", "h6"], ["H5", "h6"], ["H6", "h6"]]);

const KEPT = new Set([
  "P", "UL", "OL", "LI", "PRE", "CODE", "EM", "STRONG", "DEL", "BLOCKQUOTE", "HR", "BR", "TABLE", "THEAD", "TBODY",
  "TR", "TH", "TD", "KBD", "SUP", "SUB", "DL", "DT", "DD", "B", "I", "S", "SPAN", "DIV", "DETAILS", "SUMMARY",
]);

const DROPPED = new Set([
  "SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "IFRAME", "OBJECT", "EMBED", "SVG", "MATH", "HEAD", "TITLE", "META",
  "LINK", "BASE", "TEXTAREA", "SELECT", "BUTTON", "FORM", "AUDIO", "VIDEO", "CANVAS",
]);

const MAX_DEPTH = 60;

/**
 * @param {string} fragment
 * @returns {DocumentFragment} elements of this document, ready to be placed
 */
export function rebuild(fragment) {
  const parsed = new DOMParser().parseFromString(fragment, "text/html");
  const result = document.createDocumentFragment();
  copyChildren(parsed.body, result, 0);
  return result;
}

/** Text whose characters cannot reorder what stands around it. @param {string | null} value */
function text(value) {
  return document.createTextNode(visible(value));
}

/** @param {Node} from @param {Node} to @param {number} depth */
function copyChildren(from, to, depth) {
  if (depth > MAX_DEPTH) {
    to.appendChild(text(from.textContent));
    return;
  }
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.appendChild(text(node.nodeValue));
    else if (node instanceof Element) copyElement(node, to, depth);
    else if (node.nodeType === Node.ELEMENT_NODE) copyElement(/** @type {Element} */ (node), to, depth);
  }
}

/** @param {Element} source @param {Node} to @param {number} depth */
function copyElement(source, to, depth) {
  const name = source.tagName.toUpperCase();
  if (DROPPED.has(name)) return;
  if (name === "IMG") {
    to.appendChild(text(source.getAttribute("alt")));
    return;
  }
  if (name === "INPUT") {
    if (source.getAttribute("type") === "checkbox") {
      to.appendChild(document.createTextNode(source.hasAttribute("checked") ? "☑ " : "☐ "));
    }
    return;
  }
  const element = make(source, name);
  if (element === null) {
    copyChildren(source, to, depth + 1);
    return;
  }
  copyChildren(source, element, depth + 1);
  to.appendChild(name === "TABLE" ? scroller(element) : element);
}

/** @param {Element} source @param {string} name */
function make(source, name) {
  const heading = HEADINGS.get(name);
  if (heading) return document.createElement(heading);
  if (name === "A") return link(source);
  if (!KEPT.has(name)) return null;
  const element = document.createElement(name.toLowerCase());
  if (name === "PRE") element.tabIndex = 0;
  if (name === "OL") copyNumber(source, element, "start");
  if (name === "TD" || name === "TH") {
    copyNumber(source, element, "colspan");
    copyNumber(source, element, "rowspan");
    const align = source.getAttribute("align");
    if (align === "right" || align === "center") element.classList.add(`align-${align}`);
  }
  return element;
}

/** @param {Element} source @param {Element} target @param {string} name */
function copyNumber(source, target, name) {
  const value = source.getAttribute(name);
  if (value !== null && /^[0-9]{1,4}$/.test(value)) target.setAttribute(name, value);
}

/** @param {Element} source */
function link(source) {
  const address = webAddress(source.getAttribute("href"));
  if (address === null) return null;
  const element = document.createElement("a");
  element.href = address;
  element.rel = "noopener noreferrer nofollow";
  return element;
}

/**
 * A table that may be wider than the page scrolls by itself, also by keyboard.
 * @param {Element} table
 */
function scroller(table) {
  const box = document.createElement("div");
  box.className = "scroll-x";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Table");
  box.appendChild(table);
  return box;
}
