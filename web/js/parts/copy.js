// A value to take away: selectable text with a copy button that says what happened.
import { html, useEffect, useRef, useState } from "../view.js";
import { Icon } from "./icon.js";

/** @param {{value: string, label: string, compact?: boolean}} props */
export function Copy({ value, label, compact = false }) {
  const [said, setSaid] = useState("");
  const text = useRef(/** @type {HTMLElement | null} */ (null));

  useEffect(() => {
    if (said === "") return undefined;
    const timer = setTimeout(() => setSaid(""), 2000);
    return () => clearTimeout(timer);
  }, [said]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setSaid("Copied");
    } catch {
      // Without clipboard access the text is selected for Ctrl+C instead.
      if (text.current) getSelection()?.selectAllChildren(text.current);
      setSaid("Selected");
    }
  }

  return html`<span class=${compact ? "copy copy-compact" : "copy"}>
    <code class="copy-value" ref=${text}>${value}</code>
    <button type="button" class="button button-quiet" aria-label=${`Copy ${label}`} onClick=${copy}>
      <${Icon} name=${said === "" ? "copy" : "check"} /><span class="copy-word" aria-live="polite">${said === "" ? "Copy" : said}</span>
    </button>
  </span>`;
}
