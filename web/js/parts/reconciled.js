// Says that a run is there although no webhook told of its commit.
import { html } from "../view.js";

/** @param {{run: Run}} props */
export function Reconciled({ run }) {
  if (run.reconciled !== true) return null;
  return html`<span class="tag" title="Found by looking at the repository's branches: no webhook told of this commit">reconciled</span>`;
}
