// The dossier viewer: tabs over dossier.json when there is one, else over
// whatever artifacts the analyzer left.
import { getJson } from "../api.js";
import { formatNumber, oneLine } from "../format.js";
import { artifactPath } from "../links.js";
import { object, records } from "../summary.js";
import { html, useEffect, useState } from "../view.js";
import { Artifacts } from "./artifacts.js";
import { Claims } from "./claims.js";
import { Coverage } from "./coverage.js";
import { Drift, hasDrift } from "./drift.js";
import { Facts } from "./facts.js";
import { isSarif } from "../sarif.js";
import { ArtifactView } from "./artifact-view.js";
import { Findings } from "./findings.js";
import { Markdown } from "./markdown.js";
import { Failure, Loading, Notice } from "./notice.js";
import { Overview } from "./overview.js";
import { Tabs } from "./tabs.js";
import { Unknowns } from "./unknowns.js";

const FILE = "dossier.json";

/** @param {{run: Run}} props */
export function Dossier({ run }) {
  const artifacts = run.artifacts ?? [];
  const has = artifacts.some((one) => one.name === FILE);
  const [state, setState] = useState({ dossier: /** @type {Foreign | null} */ (null), error: /** @type {Problem | null} */ (null), turn: 0 });

  useEffect(() => {
    if (!has) return undefined;
    const abort = new AbortController();
    getJson(artifactPath(run.id, { name: FILE }), { signal: abort.signal, keep: false }).then(
      (dossier) => setState({ dossier: object(dossier), error: null, turn: state.turn }),
      (error) => abort.signal.aborted || setState({ dossier: null, error, turn: state.turn }),
    );
    return () => abort.abort();
  }, [run.id, has, state.turn]);

  const retry = () => setState({ dossier: null, error: null, turn: state.turn + 1 });
  if (artifacts.length === 0) {
    return run.status === "FAILED" ? null : html`<${Notice} title="No artifacts"><p>This run left nothing to look at.</p><//>`;
  }
  if (has && state.error) {
    return html`<div><${Failure} error=${state.error} refresh=${retry} what="dossier.json" /><h2>Artifacts</h2><${Artifacts} run=${run} argument="" /></div>`;
  }
  if (has && state.dossier === null) return html`<${Loading} label="Loading the dossier" rows=${8} />`;
  return html`<${Tabs} label="Dossier" tabs=${[...(state.dossier === null ? sarifTabs(run, artifacts) : dossierTabs(run, state.dossier)), ...fileTabs(run, artifacts)]} />`;
}

/** @param {Run} run @param {Foreign} dossier */
function dossierTabs(run, dossier) {
  const facts = records(dossier.facts);
  const claims = records(dossier.claims);
  const unknowns = records(dossier.unknowns);
  const findings = records(dossier.findings);
  const count = (/** @type {Foreign[]} */ items) => formatNumber(items.length);
  const overview = { id: "overview", title: "Overview", panel: () => html`<${Overview} run=${run} dossier=${dossier} />` };
  const rest = [
    { id: "facts", title: "Facts", count: count(facts), panel: (/** @type {string} */ argument) => html`<${Facts} run=${run} facts=${facts} unresolved=${records(dossier.unresolved)} kind=${argument} />` },
    { id: "claims", title: "Claims", count: count(claims), panel: (/** @type {string} */ argument) => html`<${Claims} run=${run} claims=${claims} verdict=${argument} />` },
    { id: "unknowns", title: "Unknowns", count: count(unknowns), panel: () => html`<${Unknowns} run=${run} unknowns=${unknowns} />` },
    { id: "findings", title: "Findings", count: count(findings), panel: () => html`<${Findings} run=${run} findings=${findings} />` },
    { id: "coverage", title: "Coverage", panel: () => html`<${Coverage} dossier=${dossier} />` },
  ];
  // What changed is what people come for; with nothing to compare it would be an empty first page.
  return hasDrift(run) ? [driftTab(run), overview, ...rest] : [overview, ...rest, driftTab(run)];
}

/** @param {Run} run */
function driftTab(run) {
  const changes = object(object(object(run.summary_json).drift).counts);
  const rows = Number(changes.added ?? 0) + Number(changes.removed ?? 0) + Number(changes.changed ?? 0)
    + Number(changes.unresolved_added ?? 0) + Number(changes.unresolved_removed ?? 0);
  return { id: "drift", title: "Drift", count: "added" in changes ? formatNumber(rows) : undefined, panel: () => html`<${Drift} run=${run} />` };
}

/**
 * An external analyzer's SARIF is its findings.
 * @param {Run} run
 * @param {Artifact[]} artifacts
 */
function sarifTabs(run, artifacts) {
  return artifacts.filter(isSarif).slice(0, 3).map((artifact, index) => ({
    id: index === 0 ? "findings" : `findings-${index + 1}`,
    title: index === 0 ? "Findings" : oneLine(artifact.name),
    panel: () => html`<${ArtifactView} run=${run} artifact=${artifact} />`,
  }));
}

/** @param {Run} run @param {Artifact[]} artifacts */
function fileTabs(run, artifacts) {
  const documents = artifacts.filter((one) => /\.(md|markdown)$/i.test(String(one.name)));
  const files = { id: "artifacts", title: "Artifacts", count: formatNumber(artifacts.length), panel: (/** @type {string} */ argument) => html`<${Artifacts} run=${run} argument=${argument} />` };
  const texts = documents.slice(0, 4).map((artifact, index) => ({
    id: index === 0 ? "markdown" : `markdown-${index + 1}`,
    title: documents.length === 1 ? "Markdown" : oneLine(artifact.name),
    panel: () => html`<h2 class="sr-only">${oneLine(artifact.name)}</h2><${Markdown} run=${run} artifact=${artifact} />`,
  }));
  return [files, ...texts];
}
