// The states without data: loading, error, offline, nothing found. Each says
// what it means and what to do.
import { clockTime, visible } from "../format.js";
import { html } from "../view.js";
import { Icon } from "./icon.js";
import { TokenField } from "./token-field.js";

/** @param {{tone?: string, icon?: string, title: string, children?: unknown, alert?: boolean}} props */
export function Notice({ tone = "quiet", icon = "info", title, children, alert = false }) {
  return html`<div class=${`notice tone-${tone}`} role=${alert ? "alert" : undefined}>
    <${Icon} name=${icon} />
    <div class="notice-body"><p class="notice-title">${title}</p>${children}</div>
  </div>`;
}

/** @param {{label: string, rows?: number}} props */
export function Loading({ label, rows = 6 }) {
  return html`<div class="skeleton" role="status">
    <span class="sr-only">${label}</span>
    ${Array.from({ length: rows }, (_, index) => html`<div class="skeleton-row" key=${index} aria-hidden="true"></div>`)}
  </div>`;
}

/**
 * A failed request where there is nothing older to show.
 * @param {{error: Problem, refresh?: () => void, what: string}} props
 */
export function Failure({ error, refresh, what }) {
  const needsToken = error.status === 401 || error.status === 403;
  return html`<${Notice} tone="bad" icon="warning" alert=${true} title=${`${what} could not be loaded`}>
    <p class="pre-line">${needsToken ? "This server shows it only with its API token." : visible(error.message)}</p>
    ${needsToken
      ? html`<${TokenField} onChange=${refresh} />`
      : html`<p class="muted">${error.offline ? "Trying again by itself; nothing to do here." : `Code ${visible(error.code)}. The page keeps trying.`}</p>`}
    ${refresh && html`<button type="button" class="button" onClick=${refresh}>Try now</button>`}
  <//>`;
}

/**
 * A failed refresh while older data is still on the page.
 * @param {{polled: Polled<unknown>}} props
 */
export function Stale({ polled }) {
  if (!polled.error || polled.data === null) return null;
  const since = clockTime(polled.offlineSince);
  const text = polled.error.offline
    ? `Offline since ${since}. Showing what was known then; trying again by itself.`
    : `Not refreshed since ${since}: ${visible(polled.error.message)}`;
  return html`<div class="stale" role="status"><${Icon} name="warning" /><span>${text}</span>
    <button type="button" class="button button-quiet" onClick=${polled.refresh}>Try now</button></div>`;
}
