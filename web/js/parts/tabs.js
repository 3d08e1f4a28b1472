// Tabs after the ARIA pattern, with the chosen one in the address's hash. On paper
// there is nothing to choose: what belongs into a document stands below each other.
import { html, useLayoutEffect, useRef } from "../view.js";
import { navigate, useHash } from "../router.js";
import { hashOf, parseHash } from "../links.js";
import { isPrinting } from "../printing.js";

/**
 * @param {{label: string, tabs: Array<{id: string, title: string, count?: string, printed?: boolean,
 *   panel: (argument: string, set: URLSearchParams) => unknown}>}} props
 */
export function Tabs({ label, tabs }) {
  const { tab, argument, set } = parseHash(useHash());
  const onPaper = isPrinting();
  const found = tabs.findIndex((one) => one.id === tab);
  const index = found === -1 ? 0 : found;
  const current = tabs[index];
  const strip = useRef(/** @type {HTMLElement | null} */ (null));

  useLayoutEffect(() => {
    // On a narrow screen the strip scrolls: keep the chosen tab in sight.
    const chosen = strip.current?.querySelector("[aria-selected=true]");
    if (strip.current && chosen instanceof HTMLElement) {
      const box = strip.current;
      const left = chosen.offsetLeft - box.offsetLeft;
      if (left < box.scrollLeft || left + chosen.offsetWidth > box.scrollLeft + box.clientWidth) box.scrollLeft = left - 16;
    }
  }, [current.id]);

  /** @param {string} id */
  function choose(id) {
    navigate(hashOf(id), { replace: true });
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const last = tabs.length - 1;
    const target = { ArrowRight: index === last ? 0 : index + 1, ArrowLeft: index === 0 ? last : index - 1, Home: 0, End: last }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    choose(tabs[target].id);
    document.getElementById(`tab-${tabs[target].id}`)?.focus();
  }

  return html`<div class="tabs">
    <div class="tab-strip" role="tablist" aria-label=${label} onKeyDown=${onKey} ref=${strip}>
      ${tabs.map((one) => html`<button key=${one.id} type="button" role="tab" id=${`tab-${one.id}`} class="tab"
        aria-selected=${one.id === current.id ? "true" : "false"} aria-controls=${`panel-${one.id}`}
        tabindex=${one.id === current.id ? 0 : -1} onClick=${() => choose(one.id)}>${one.title}${one.count && html`<span class="tab-count num">${one.count}</span>`}</button>`)}
    </div>
    ${tabs.map((one) => html`<section key=${one.id} role="tabpanel" id=${`panel-${one.id}`} class="panel" aria-labelledby=${`tab-${one.id}`}
      hidden=${onPaper ? !one.printed : one.id !== current.id} tabindex="0">${onPaper ? one.printed && one.panel("", new URLSearchParams()) : one.id === current.id && one.panel(argument, set)}</section>`)}
  </div>`;
}
