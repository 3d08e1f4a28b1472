// The address of one row, to copy or to go to; and the way to the row that the address names.
import { html, useLayoutEffect, useRef } from "../view.js";
import { Icon } from "./icon.js";

/** @param {{href: string, what: string}} props */
export function RowLink({ href, what }) {
  return html`<a class="row-link" href=${href} aria-label=${`Link to ${what}`} title="Link to this row"><${Icon} name="link" /></a>`;
}

/**
 * Brings a row into view when the address comes to name it.
 * @param {boolean} isTarget
 * @returns {{current: HTMLElement | null}} for the row
 */
export function useTarget(isTarget) {
  const row = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (isTarget) row.current?.scrollIntoView({ block: "center" });
  }, [isTarget]);
  return row;
}
