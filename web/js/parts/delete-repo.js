// Forgets a repository: asked for once by the button, and once more by its name.
import { deleteJson, problem } from "../api.js";
import { formatNumber, visible } from "../format.js";
import { repoApiPath } from "../links.js";
import { html, useState } from "../view.js";
import { Dialog } from "./dialog.js";
import { Notice } from "./notice.js";

/** @param {{owner: string, repo: string}} props by its name now */
export function DeleteRepo({ owner, repo }) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [state, setState] = useState({ busy: false, error: /** @type {Problem | null} */ (null), answer: /** @type {Deleted | null} */ (null) });
  const name = `${owner}/${repo}`;

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (typed.trim() !== name) return;
    setState({ busy: true, error: null, answer: null });
    try {
      setState({ busy: false, error: null, answer: await deleteJson(repoApiPath(owner, repo)) });
      setOpen(false);
    } catch (cause) {
      setState({ busy: false, error: problem(cause), answer: null });
    }
  }

  const close = () => {
    setOpen(false);
    setTyped("");
  };
  if (state.answer) {
    return html`<div role="status"><${Notice} tone="good" icon="check" title="Deleted">
      <p>${state.answer.done ? "Nothing of it is left here." : `${formatNumber(state.answer.left)} runs are left, which the next ticks remove.`} A later push makes it anew.</p><//></div>`;
  }
  return html`<section class="delete-repo" aria-labelledby="delete-repo"><h2 id="delete-repo">Delete</h2>
    <p>Removes what this server has of the repository: its runs, dossiers, branches and badges. The repository itself is not touched.</p>
    <button type="button" class="button" onClick=${() => setOpen(true)}>Delete what is known of it…</button>
    ${open && html`<${Dialog} title="Delete all runs and dossiers?" onClose=${close}>
      <p>This cannot be undone. Type <bdi class="sha">${visible(name)}</bdi> to go on.</p>
      <form class="form" onSubmit=${submit}>
        <label class="field"><span class="field-label">Name of the repository</span>
          <input type="text" autocomplete="off" autocapitalize="off" spellcheck="false" required value=${typed}
            onInput=${(/** @type {FieldEvent} */ event) => setTyped(event.target.value)} /></label>
        <button type="submit" class="button button-danger" disabled=${state.busy || typed.trim() !== name}>${state.busy ? "Deleting…" : "Delete"}</button>
        ${state.error && html`<p class="text-bad" role="alert">${visible(state.error.message)}</p>`}
      </form><//>`}
  </section>`;
}
