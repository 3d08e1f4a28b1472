// Moves between the pages without reloading, so that the leader tab keeps
// driving the queue; refuses addresses that are not pages of this site.
import { parseRoute } from "./links.js";
import { useEffect, useState } from "./view.js";

const CHANGED = "ci-feed:navigated";

/** @param {string} address @param {{replace?: boolean}} [options] */
export function navigate(address, { replace = false } = {}) {
  if (replace) {
    history.replaceState(history.state, "", address);
  } else {
    history.replaceState({ y: window.scrollY }, "");
    history.pushState({ y: 0 }, "", address);
  }
  document.dispatchEvent(new CustomEvent(CHANGED));
}

/** @param {MouseEvent} event */
function onClick(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || link.target !== "" || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || parseRoute(url.pathname).page === "missing") return;
  if (url.pathname === location.pathname && url.search === location.search && url.hash !== "") return;
  event.preventDefault();
  follow(url.pathname + url.search + url.hash);
}

/** As a link of the page leads there. @param {string} address */
export function follow(address) {
  const before = location.pathname;
  navigate(address);
  if (location.pathname === before) return;
  window.scrollTo(0, 0);
  // Screen readers and the keyboard start at the new page, as after a load.
  document.getElementById("main")?.focus({ preventScroll: true });
}

/**
 * Going back lands where one was; the browser itself gives up when the page is
 * drawn a moment after the event.
 * @param {PopStateEvent} event
 */
function onPop(event) {
  const y = event.state?.y;
  if (typeof y === "number") setTimeout(() => window.scrollTo(0, y), 50);
}

export function startRouter() {
  document.addEventListener("click", onClick);
  window.addEventListener("popstate", onPop);
}

function here() {
  return location.pathname + location.search;
}

/** @returns {import("./links.js").Route} */
export function useRoute() {
  const [address, setAddress] = useState(here());
  useEffect(() => {
    const update = () => setAddress(here());
    window.addEventListener("popstate", update);
    document.addEventListener(CHANGED, update);
    return () => {
      window.removeEventListener("popstate", update);
      document.removeEventListener(CHANGED, update);
    };
  }, []);
  const [pathname, search = ""] = address.split("?");
  return parseRoute(pathname, search);
}

export function useHash() {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const update = () => setHash(location.hash);
    window.addEventListener("hashchange", update);
    window.addEventListener("popstate", update);
    document.addEventListener(CHANGED, update);
    return () => {
      window.removeEventListener("hashchange", update);
      window.removeEventListener("popstate", update);
      document.removeEventListener(CHANGED, update);
    };
  }, []);
  return hash;
}
