// A state as icon, word and colour together.
import { look } from "../status.js";
import { html } from "../view.js";
import { Icon } from "./icon.js";

/** @param {{of: Parameters<typeof look>[0], value: unknown, title?: string}} props of: which vocabulary */
export function Badge({ of, value, title }) {
  const { word, icon, tone } = look(of, value);
  return html`<span class=${`badge tone-${tone}`} title=${title}><${Icon} name=${icon} />${word}</span>`;
}
