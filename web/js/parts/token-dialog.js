// Signs in with the API token: for writing and for what is private.
import { html } from "../view.js";
import { Dialog } from "./dialog.js";
import { TokenField } from "./token-field.js";

/** @param {{onClose: () => void}} props */
export function TokenDialog({ onClose }) {
  return html`<${Dialog} title="API token" onClose=${onClose}>
    <p>With the token you see runs of private repositories and the webhook deliveries, and may enqueue, retry, cancel and delete. Everything public works without it.</p>
    <${TokenField} />
  <//>`;
}
