// The files a run left: open in place, download, check.
import { formatBytes, oneLine, plural, visible } from "../format.js";
import { artifactPath, runPath } from "../links.js";
import { html, useEffect, useState } from "../view.js";
import { ArtifactView, viewKind } from "./artifact-view.js";
import { Copy } from "./copy.js";
import { Icon } from "./icon.js";

/** @param {{run: Run, argument: string}} props argument: the artifact to open */
export function Artifacts({ run, argument }) {
  const artifacts = run.artifacts ?? [];
  const total = artifacts.reduce((sum, one) => sum + one.bytes, 0);
  return html`<div>
    <div class="panel-head"><h2 class="sr-only">Artifacts</h2>
      <p class="muted num">${plural(artifacts.length, "file")}, ${formatBytes(total)}</p>
      <a class="button" href=${`/api/ci${runPath(run.id)}/artifacts.zip`} download=${`${run.id}.zip`}><${Icon} name="download" />All as zip</a></div>
    <ul class="artifacts">${artifacts.map((artifact) => html`<${Artifact} key=${artifact.name} run=${run} artifact=${artifact} open=${artifact.name === argument} />`)}</ul>
  </div>`;
}

/** @param {{run: Run, artifact: Artifact, open: boolean}} props */
function Artifact({ run, artifact, open }) {
  const [shown, setShown] = useState(open);
  // The address may come to name it while the page stands.
  useEffect(() => void (open && setShown(true)), [open]);
  const name = oneLine(artifact.name);
  const viewable = viewKind(artifact) !== "none";
  return html`<li class="artifact" data-row>
    <div class="artifact-main">
      <code class="artifact-name"><bdi>${name}</bdi></code>
      <span class="muted num">${formatBytes(artifact.bytes)}</span>
      <span class="muted artifact-type">${visible(artifact.media_type ?? "")}</span>
      <span class="artifact-actions">
        ${viewable && html`<button type="button" class="button" aria-expanded=${shown ? "true" : "false"} aria-label=${`${shown ? "Close" : "Open"} ${name}`}
          onClick=${() => setShown(!shown)}>${shown ? "Close" : "Open"}</button>`}
        <a class="button" href=${artifactPath(run.id, artifact)} download=${name} aria-label=${`Download ${name}`}><${Icon} name="download" />Download</a>
      </span>
    </div>
    <div class="artifact-hash"><span class="muted">sha256</span> <${Copy} compact=${true} value=${visible(artifact.sha256)} label=${`sha256 of ${name}`} /></div>
    ${shown && html`<div class="artifact-view"><${ArtifactView} run=${run} artifact=${artifact} /></div>`}
  </li>`;
}
