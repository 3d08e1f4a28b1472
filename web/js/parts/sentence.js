// A sentence of the analyzer or of a document: what stands between backticks is code.
import { brief, oneLine } from "../format.js";
import { html } from "../view.js";

/** @param {{text: unknown, isWhole?: boolean}} props */
export function Sentence({ text, isWhole = false }) {
  const parts = (isWhole ? oneLine(text) : brief(text)).split("`");
  // A backtick without its other half is only a character.
  if (parts.length % 2 === 0) return html`<bdi>${parts.join("`")}</bdi>`;
  return html`<bdi>${parts.map((part, index) => (index % 2 === 1 && part !== "" ? html`<code>${part}</code>` : part))}</bdi>`;
}
