// Gives up a run that waits.
import { postJson, problem } from "../api.js";
import { oneLine, shortSha, visible } from "../format.js";
import { runPath } from "../links.js";
import { html, useState } from "../view.js";

/** @param {{run: Run, small?: boolean, onDone: () => void, onError?: (error: Problem) => void}} props */
export function CancelButton({ run, small = false, onDone, onError }) {
  const [state, setState] = useState({ busy: false, error: /** @type {Problem | null} */ (null) });

  async function cancel() {
    setState({ busy: true, error: null });
    try {
      await postJson(`/api/ci${runPath(run.id)}/cancel`);
      setState({ busy: false, error: null });
    } catch (cause) {
      setState({ busy: false, error: problem(cause) });
      onError?.(problem(cause));
    }
    // Refused or not, it stands elsewhere than was shown.
    onDone();
  }

  const word = state.busy ? "Cancelling…" : small ? "Cancel" : "Cancel this run";
  // In a list the word alone does not say which.
  const label = small ? `${word} ${oneLine(run.title) || `Commit ${shortSha(run.commit_sha)}`}` : undefined;
  return html`<button type="button" data-changes class=${`button ${small ? "button-small" : ""}`} disabled=${state.busy} onClick=${cancel} aria-label=${label}>${word}</button>
    ${state.error && html`<p class="text-bad cancel-error" role="alert">${visible(state.error.message)}</p>`}`;
}
