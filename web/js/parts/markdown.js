// A Markdown artifact as the server rendered it, rebuilt here from an allowlist.
import { getText } from "../api.js";
import { artifactPath } from "../links.js";
import { rebuild } from "../sanitize.js";
import { html, useEffect, useRef, useState } from "../view.js";
import { Failure, Loading } from "./notice.js";

/** @param {{run: Run, artifact: Artifact}} props */
export function Markdown({ run, artifact }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const [state, setState] = useState({ text: /** @type {string | null} */ (null), error: /** @type {Problem | null} */ (null), turn: 0 });

  useEffect(() => {
    const abort = new AbortController();
    getText(`${artifactPath(run.id, artifact)}/html`, { signal: abort.signal }).then(
      (text) => setState((previous) => ({ ...previous, text, error: null })),
      (error) => abort.signal.aborted || setState((previous) => ({ ...previous, text: null, error })),
    );
    return () => abort.abort();
  }, [run.id, artifact.name, state.turn]);

  useEffect(() => {
    if (state.text !== null) box.current?.replaceChildren(rebuild(state.text));
  }, [state.text]);

  if (state.error) return html`<${Failure} error=${state.error} what=${String(artifact.name)} refresh=${() => setState((previous) => ({ text: null, error: null, turn: previous.turn + 1 }))} />`;
  if (state.text === null) return html`<${Loading} label="Loading the document" />`;
  return html`<article class="prose" ref=${box}></article>`;
}
