// Keeps a part that cannot be drawn from taking the whole page with it.
import { visible } from "../format.js";
import { html, useErrorBoundary } from "../view.js";
import { Notice } from "./notice.js";

/** @param {{children?: unknown}} props */
export function Guard({ children }) {
  const [error, reset] = useErrorBoundary((cause) => console.error(cause));
  if (!error) return children;
  return html`<div class="page"><${Notice} tone="bad" icon="warning" alert=${true} title="This part cannot be drawn">
    <p>The data has a shape that this page does not understand: ${visible(error?.message ?? error)}. The API still serves it as it is.</p>
    <button type="button" class="button" onClick=${reset}>Try again</button>
  <//></div>`;
}
