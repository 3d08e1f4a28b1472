// A dialog over the page: the browser keeps the focus inside and gives it back.
import { html, useEffect, useRef } from "../view.js";
import { Icon } from "./icon.js";

/** @param {{title: string, onClose: () => void, bare?: boolean, children?: unknown}} props bare: without a head, of which the title is only the name */
export function Dialog({ title, onClose, bare = false, children }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    if (box.current && !box.current.open) box.current.showModal();
  }, []);
  const close = () => box.current?.close();
  return html`<dialog class=${bare ? "dialog palette" : "dialog"} aria-label=${bare ? title : undefined} aria-labelledby=${bare ? undefined : "dialog-title"} ref=${box} onClose=${onClose}
    onClick=${(/** @type {Event} */ event) => event.target === box.current && close()}>
    ${bare ? children : html`<div class="dialog-body">
      <div class="dialog-head"><h2 id="dialog-title">${title}</h2>
        <button type="button" class="button button-quiet button-icon" aria-label="Close" onClick=${close}><${Icon} name="cross" /></button></div>
      ${children}
    </div>`}
  </dialog>`;
}
