// A value to take away: selectable text with a copy button that says what happened.
import { html, useEffect, useRef, useState } from "../view.js";
import { Icon } from "./icon.js";

/** @param {{value: string, label: string, compact?: boolean, shown?: string}} props shown: less than the value */
export function Copy({ value, label, compact = false, shown = value }) {
  const [said, setSaid] = useState("");
  const [isWhole, setWhole] = useState(shown === value);
  const text = useRef(/** @type {HTMLElement | null} */ (null));

  useEffect(() => {
    if (said === "") return undefined;
    if (said === "Selected" && text.current) getSelection()?.selectAllChildren(text.current);
    const timer = setTimeout(() => setSaid(""), 2000);
    return () => clearTimeout(timer);
  }, [said]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setSaid("Copied");
    } catch {
      // Without clipboard access the text is selected for Ctrl+C instead.
      setWhole(true);
      setSaid("Selected");
    }
  }

  return html`<span class=${compact ? "copy copy-compact" : "copy"}>
    <code class="copy-value" ref=${text} title=${isWhole ? undefined : value}>${isWhole ? value : shown}</code>
    <button type="button" class="button button-quiet" aria-label=${`Copy ${label}`} onClick=${copy}>
      <${Icon} name=${said === "" ? "copy" : "check"} /><span class="copy-word" aria-live="polite">${said === "" ? "Copy" : said}</span>
    </button>
  </span>`;
}
