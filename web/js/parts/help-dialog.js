// What the keyboard can do here, and the switch for it.
import { KEYS, keysAreOn, switchKeys } from "../keys.js";
import { html, useState } from "../view.js";
import { Dialog } from "./dialog.js";

/** @param {{onClose: () => void}} props */
export function HelpDialog({ onClose }) {
  const [on, setOn] = useState(keysAreOn());
  /** @param {Event & {target: HTMLInputElement}} event */
  function onChange(event) {
    switchKeys(event.target.checked);
    setOn(event.target.checked);
  }
  return html`<${Dialog} title="Keyboard" onClose=${onClose}>
    <dl class="keys">${KEYS.map(([key, words]) => html`<div key=${key}><dt>${key.split(" ").map((one) => html`<kbd key=${one}>${one}</kbd>`)}</dt><dd>${words}</dd></div>`)}</dl>
    <label class="check"><input type="checkbox" checked=${on} onChange=${onChange} /><span>Single keys act on this page</span></label>
  <//>`;
}
