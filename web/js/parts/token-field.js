// Asks for the API token; keeps it in memory until the page is closed and
// refuses to store it.
import { setToken } from "../api.js";
import { useHasToken } from "../token.js";
import { html, useState } from "../view.js";

/** @param {{onChange?: () => void}} props */
export function TokenField({ onChange }) {
  const held = useHasToken();
  const [value, setValue] = useState("");

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    setToken(value);
    setValue("");
    onChange?.();
  }

  function forget() {
    setToken("");
    onChange?.();
  }

  if (held) {
    return html`<p class="token-held">A token is in use until this page is closed.
      <button type="button" class="button button-quiet" onClick=${forget}>Forget it</button></p>`;
  }
  return html`<form class="token" onSubmit=${submit}>
    <label class="field"><span class="field-label">API token</span>
      <input type="password" autocomplete="off" required value=${value}
        onInput=${(/** @type {FieldEvent} */ event) => setValue(event.target.value)} />
    </label>
    <button type="submit" class="button">Use token</button>
    <p class="field-help">The server's <code>CI_API_TOKEN</code>. Kept in memory only.</p>
  </form>`;
}
