// Signs in with the API token, which is sent once and kept nowhere; and out again.
import { problem, signIn, signOut } from "../api.js";
import { visible } from "../format.js";
import { useSignedIn } from "../session.js";
import { html, useState } from "../view.js";

/** @param {{onChange?: () => void}} props */
export function TokenField({ onChange }) {
  const signedIn = useSignedIn();
  const [value, setValue] = useState("");
  const [error, setError] = useState(/** @type {Problem | null} */ (null));

  /** @param {Promise<void>} asked */
  async function settle(asked) {
    try {
      await asked;
      setError(null);
      onChange?.();
    } catch (cause) {
      setError(problem(cause));
    }
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    setValue("");
    void settle(signIn(value));
  }

  const failed = error && html`<p class="field-help" role="alert">${visible(error.message)}</p>`;
  if (signedIn) {
    return html`<p class="token-held">You are signed in.
      <button type="button" class="button button-quiet" onClick=${() => void settle(signOut())}>Sign out</button>${failed}</p>`;
  }
  return html`<form class="token" onSubmit=${submit}>
    <label class="field"><span class="field-label">API token</span>
      <input type="password" autocomplete="off" required value=${value}
        onInput=${(/** @type {FieldEvent} */ event) => setValue(event.target.value)} />
    </label>
    <button type="submit" class="button">Sign in</button>
    ${failed ?? html`<p class="field-help">The server's <code>CI_API_TOKEN</code>. Signs this browser in for twelve hours.</p>`}
  </form>`;
}
