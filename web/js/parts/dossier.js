// The dossier viewer: tabs over dossier.json when there is one, else over
// whatever artifacts the analyzer left.
import { useFile } from "../file.js";
import { formatNumber, oneLine } from "../format.js";
import { object, records } from "../summary.js";
import { html, useRef } from "../view.js";
import { Artifacts } from "./artifacts.js";
import { Claims } from "./claims.js";
import { Coverage } from "./coverage.js";
import { Drift } from "./drift.js";
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

/** @typedef {ReturnType<typeof useFile>} File */

/** @param {{run: Run}} props */
export function Dossier({ run }) {
  const artifacts = run.artifacts ?? [];
  const dossier = useFile(run, FILE);
  const drift = useFile(run, "drift.json");
  // What a person set among the facts, for when they come back to them.
  const kept = useRef({});

  if (artifacts.length === 0) {
    return run.status === "FAILED" ? null : html`<${Notice} title="No artifacts"><p>This run left nothing to look at.</p><//>`;
  }
  if (dossier.error) {
    return html`<div><${Failure} error=${dossier.error} refresh=${dossier.retry} what=${FILE} /><h2>Artifacts</h2><${Artifacts} run=${run} argument="" /></div>`;
  }
  if (dossier.isThere && dossier.content === null) return html`<${Loading} label="Loading the dossier" rows=${8} />`;
  const tabs = dossier.content === null ? sarifTabs(run, artifacts) : dossierTabs(run, dossier.content, drift, kept.current);
  return html`<${Tabs} label="Dossier" tabs=${[...tabs, ...fileTabs(run, artifacts)]} />`;
}

/**
 * @param {Run} run
 * @param {Foreign} dossier
 * @param {File} drift
 * @param {import("./facts.js").Kept} kept
 */
function dossierTabs(run, dossier, drift, kept) {
  const facts = records(dossier.facts);
  const claims = records(dossier.claims);
  const unknowns = records(dossier.unknowns);
  const findings = records(dossier.findings);
  const count = (/** @type {Foreign[]} */ items) => formatNumber(items.length);
  const overview = { id: "overview", title: "Overview", printed: true, panel: () => html`<${Overview} run=${run} dossier=${dossier} />` };
  const rest = [
    { id: "facts", title: "Facts", count: count(facts), printed: true, panel: (/** @type {string} */ argument, /** @type {URLSearchParams} */ set) => html`<${Facts} run=${run} facts=${facts} unresolved=${records(dossier.unresolved)} kind=${argument} set=${set} kept=${kept} />` },
    { id: "claims", title: "Claims", count: count(claims), printed: true, panel: (/** @type {string} */ argument) => html`<${Claims} run=${run} claims=${claims} verdict=${argument} />` },
    { id: "unknowns", title: "Unknowns", count: count(unknowns), panel: () => html`<${Unknowns} run=${run} unknowns=${unknowns} />` },
    { id: "findings", title: "Findings", count: count(findings), printed: true, panel: () => html`<${Findings} run=${run} findings=${findings} />` },
    { id: "coverage", title: "Coverage", panel: () => html`<${Coverage} dossier=${dossier} />` },
  ];
  // What changed is what people come for; with nothing to compare it would be an empty first page.
  return drift.isThere ? [driftTab(run, drift), overview, ...rest] : [overview, ...rest, driftTab(run, drift)];
}

/** @param {Run} run @param {File} drift */
function driftTab(run, drift) {
  const changes = object(object(object(run.summary_json).drift).counts);
  const rows = Number(changes.added ?? 0) + Number(changes.removed ?? 0) + Number(changes.changed ?? 0)
    + Number(changes.unresolved_added ?? 0) + Number(changes.unresolved_removed ?? 0);
  return { id: "drift", title: "Drift", count: "added" in changes ? formatNumber(rows) : undefined, printed: drift.isThere, panel: () => html`<${Drift} run=${run} file=${drift} />` };
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
