// Enqueues one commit by hand.
import { postJson, problem } from "../api.js";
import { visible } from "../format.js";
import { runPath } from "../links.js";
import { html, useState } from "../view.js";
import { Notice } from "./notice.js";
import { TokenField } from "./token-field.js";

const FIELDS = [
  { name: "owner", label: "Owner", required: true, placeholder: "octo-org" },
  { name: "repo", label: "Repository", required: true, placeholder: "octo-repo" },
  { name: "ref", label: "Ref", required: true, placeholder: "main" },
  { name: "commit_sha", label: "Commit (optional)", required: false, placeholder: "40 hex digits; empty: the ref's newest", pattern: "\\s*([0-9a-fA-F]{40}|[0-9a-fA-F]{64})\\s*" },
];

/** @param {{write: string, of?: {owner: string, repo: string, ref: string}}} props write: the server's access.write; of: where the repository is known */
export function EnqueueForm({ write, of }) {
  const [values, setValues] = useState(/** @type {Record<string, string>} */ ({ owner: "", repo: "", ref: "main", commit_sha: "", ...of }));
  const [state, setState] = useState({ busy: false, error: /** @type {Problem | null} */ (null), answer: /** @type {Enqueued | null} */ (null) });

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    setState({ busy: true, error: null, answer: null });
    const trimmed = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.trim()]));
    const { commit_sha: sha, ...rest } = trimmed;
    try {
      /** @type {Enqueued} */
      const answer = await postJson("/api/ci/enqueue", { ...rest, ...(sha === "" ? {} : { commit_sha: sha.toLowerCase() }), event_type: "manual" });
      setState({ busy: false, error: null, answer });
    } catch (error) {
      setState({ busy: false, error: problem(error), answer: null });
    }
  }

  if (write === "closed") {
    return html`<${Notice} title="Enqueueing by hand is switched off"><p>Set <code>CI_API_TOKEN</code> on the server and restart it.</p><//>`;
  }
  return html`<div>
    ${write === "token" && html`<${TokenField} />`}
    <form class="form" aria-label="Enqueue a commit" onSubmit=${submit}>
      <div class="form-grid">${FIELDS.filter((field) => of === undefined || !["owner", "repo"].includes(field.name)).map((field) => html`<label class="field" key=${field.name}><span class="field-label">${field.label}</span>
        <input type="text" name=${field.name} required=${field.required} placeholder=${field.placeholder} pattern=${field.pattern} autocomplete="off"
          autocapitalize="off" spellcheck="false" value=${values[field.name]}
          onInput=${(/** @type {FieldEvent} */ event) => setValues({ ...values, [field.name]: event.target.value })} /></label>`)}</div>
      <button type="submit" class="button button-primary" disabled=${state.busy}>${state.busy ? "Enqueueing…" : "Enqueue"}</button>
    </form>
    ${state.error && html`<${Notice} tone="bad" icon="warning" alert=${true} title="Not enqueued"><p>${visible(state.error.message)}</p><//>`}
    ${state.answer && html`<div role="status"><${Notice} tone="good" icon="check" title=${state.answer.deduplicated ? "That commit is already waiting or running" : "Enqueued"}>
      <p><a href=${runPath(state.answer.run_id)}>Open the run</a></p><//></div>`}
  </div>`;
}
