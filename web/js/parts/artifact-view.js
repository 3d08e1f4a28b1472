// One artifact in place: Markdown rendered, JSON as a tree, text as lines,
// images as images; refuses to interpret anything else.
import { getBlob, getText } from "../api.js";
import { formatBytes, formatNumber, oneLine, visible } from "../format.js";
import { artifactPath } from "../links.js";
import { isSarif, rulesOf, sarifFindings } from "../sarif.js";
import { html, useEffect, useState } from "../view.js";
import { FileFindings } from "./findings.js";
import { JsonTree } from "./json-tree.js";
import { Markdown } from "./markdown.js";
import { Failure, Loading } from "./notice.js";

const MAX_CHARACTERS = 400_000;
const IMAGES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/**
 * @param {Artifact} artifact
 * @returns {"markdown" | "json" | "text" | "image" | "none"}
 */
export function viewKind(artifact) {
  const name = String(artifact.name ?? "").toLowerCase();
  const type = String(artifact.media_type ?? "").toLowerCase().split(";")[0].trim();
  if (/\.(md|markdown)$/.test(name) || type === "text/markdown") return "markdown";
  if (/\.(json|sarif)$/.test(name) || type === "application/json" || type.endsWith("+json")) return "json";
  if (IMAGES.has(type)) return "image";
  if (type.startsWith("text/") || /\.(txt|log|csv|xml|ya?ml|toml|html?|svg)$/.test(name)) return "text";
  return "none";
}

/** @param {{run: Run, artifact: Artifact}} props */
export function ArtifactView({ run, artifact }) {
  const kind = viewKind(artifact);
  if (kind === "markdown") return html`<${Markdown} run=${run} artifact=${artifact} />`;
  if (kind === "image") return html`<${Picture} run=${run} artifact=${artifact} />`;
  return html`<${Text} run=${run} artifact=${artifact} json=${kind === "json"} />`;
}

/** @param {{run: Run, artifact: Artifact, json: boolean}} props */
function Text({ run, artifact, json }) {
  const [state, setState] = useState({ text: /** @type {string | null} */ (null), error: /** @type {Problem | null} */ (null), turn: 0 });
  useEffect(() => {
    const abort = new AbortController();
    getText(artifactPath(run.id, artifact), { signal: abort.signal }).then(
      (text) => setState((previous) => ({ ...previous, text, error: null })),
      (error) => abort.signal.aborted || setState((previous) => ({ ...previous, error })),
    );
    return () => abort.abort();
  }, [run.id, artifact.name, state.turn]);

  const name = oneLine(artifact.name);
  if (state.error) return html`<${Failure} error=${state.error} what=${name} refresh=${() => setState({ text: null, error: null, turn: state.turn + 1 })} />`;
  if (state.text === null) return html`<${Loading} label=${`Loading ${name}`} />`;
  if (state.text === "") return html`<p class="muted">The file is empty.</p>`;
  const value = json ? parse(state.text) : undefined;
  const findings = isSarif(artifact) ? sarifFindings(value) : null;
  if (findings !== null) return html`<${Sarif} run=${run} findings=${findings} value=${value} name=${name} />`;
  if (value !== undefined) return html`<${JsonTree} value=${value} name=${name} />`;
  const cut = state.text.length > MAX_CHARACTERS;
  return html`<div>
    ${json && html`<p class="muted">This file is not valid JSON; shown as text.</p>`}
    <pre class="plain" tabindex="0" role="region" aria-label=${name}>${visible(cut ? state.text.slice(0, MAX_CHARACTERS) : state.text)}</pre>
    ${cut && html`<p class="muted">The first ${formatNumber(MAX_CHARACTERS)} characters. Download the file for the rest.</p>`}
  </div>`;
}

/**
 * SARIF as what it means, with the file itself beneath.
 * @param {{run: Run, findings: Foreign[], value: unknown, name: string}} props
 */
function Sarif({ run, findings, value, name }) {
  return html`<div><${FileFindings} run=${run} findings=${findings} help=${rulesOf(value)} />
    <details class="drift-note"><summary>As JSON</summary><${JsonTree} value=${value} name=${name} /></details></div>`;
}

/** @param {string} text @returns {unknown} undefined when it is not JSON */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {{run: Run, artifact: Artifact}} props */
function Picture({ run, artifact }) {
  const [state, setState] = useState({ source: /** @type {string | null} */ (null), error: /** @type {Problem | null} */ (null) });
  useEffect(() => {
    const abort = new AbortController();
    getBlob(artifactPath(run.id, artifact), { signal: abort.signal })
      .then(dataAddress)
      .then((source) => setState({ source, error: null }), (error) => abort.signal.aborted || setState({ source: null, error }));
    return () => abort.abort();
  }, [run.id, artifact.name]);
  if (state.error) return html`<${Failure} error=${state.error} what=${oneLine(artifact.name)} />`;
  if (state.source === null) return html`<${Loading} label="Loading the image" rows=${2} />`;
  return html`<img class="picture" src=${state.source} alt=${`${oneLine(artifact.name)}, ${formatBytes(artifact.bytes)}`} />`;
}

/** The policy allows data: images, and the server serves a picture as a download only. */
/** @param {Blob} blob @returns {Promise<string>} */
function dataAddress(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
