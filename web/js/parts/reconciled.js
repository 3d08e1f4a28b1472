// Says that a run was found without a webhook.
import { html } from "../view.js";

/** @param {{run: Run}} props */
export function Reconciled({ run }) {
  if (run.reconciled !== true) return null;
  return html`<span class="tag" title="Found at the repository's branches, without a webhook for this commit">reconciled</span>`;
}
