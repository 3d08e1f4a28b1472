// The dossier viewer: tabs over dossier.json when there is one, else over
// whatever artifacts the analyzer left.
import { useFile } from "../file.js";
import { formatNumber, oneLine } from "../format.js";
import { parseHash } from "../links.js";
import { useHash } from "../router.js";
import { isSarif } from "../sarif.js";
import { object, records, sortedCounts } from "../summary.js";
import { html, useMemo, useRef } from "../view.js";
import { Artifacts } from "./artifacts.js";
import { ArtifactView } from "./artifact-view.js";
import { Claims } from "./claims.js";
import { Coverage } from "./coverage.js";
import { Drift } from "./drift.js";
import { Facts } from "./facts.js";
import { Findings } from "./findings.js";
import { Markdown } from "./markdown.js";
import { Failure, Loading, Notice } from "./notice.js";
import { Overview } from "./overview.js";
import { Tabs } from "./tabs.js";
import { Unknowns } from "./unknowns.js";

const FILE = "dossier.json";
/** Tabs that need no dossier of ours: it may be large. */
const WITHOUT = new Set(["facts", "drift", "artifacts", "markdown"]);

/** @typedef {ReturnType<typeof useFile>} File */
/** @typedef {(argument: string, set: URLSearchParams) => unknown} Panel */
/** @typedef {{id: string, title: string, count?: string, printed?: boolean, panel: Panel}} Tab */

/** @param {{run: Run}} props */
export function Dossier({ run }) {
  const artifacts = run.artifacts ?? [];
  const summary = object(run.summary_json);
  const isOurs = summary.schema === "ci-feed.summary.v1";
  const { tab } = parseHash(useHash());
  const opens = artifacts.some((one) => one.name === "drift.json") && object(summary.drift).is_empty !== true ? "drift" : "overview";
  const isWanted = useRef(false);
  isWanted.current ||= !isOurs || !WITHOUT.has(tab === "" ? opens : tab);
  const dossier = useFile(run, FILE, isWanted.current);
  const { content } = dossier;
  const rows = useMemo(() => (content === null ? null : { facts: records(content.facts), unresolved: records(content.unresolved) }), [content]);
  const drift = useFile(run, "drift.json");
  // What a person set among the facts, for when they come back to them.
  const kept = useRef({});

  if (artifacts.length === 0) {
    return run.status === "FAILED" ? null : html`<${Notice} title="No artifacts"><p>This run left nothing to look at.</p><//>`;
  }
  if (!isOurs && dossier.error) {
    return html`<div><${Failure} error=${dossier.error} refresh=${dossier.retry} what=${FILE} /><h2>Artifacts</h2><${Artifacts} run=${run} argument="" /></div>`;
  }
  if (!isOurs && dossier.isThere && dossier.content === null) return html`<${Loading} label="Loading the dossier" rows=${8} />`;
  const tabs = dossier.isThere ? dossierTabs({ run, dossier, rows, drift, isOurs, opens, kept: kept.current }) : sarifTabs(run, artifacts);
  return html`<${Tabs} label="Dossier" tabs=${[...tabs, ...fileTabs(run, artifacts)]} />`;
}

/**
 * @param {{run: Run, dossier: File, rows: import("./facts.js").Rows | null, drift: File, isOurs: boolean, opens: string, kept: import("./facts.js").Kept}} all
 * @returns {Tab[]}
 */
function dossierTabs({ run, dossier, rows, drift, isOurs, opens, kept }) {
  const { content } = dossier;
  const summary = object(run.summary_json);
  /** How many there are: said by the summary, or counted. @param {string} name @param {unknown} said */
  const count = (name, said) => formatNumber(content === null ? sortedCounts(said).reduce((sum, [, n]) => sum + n, 0) : records(content[name]).length);
  /** A panel that shows the whole dossier. @param {(dossier: Foreign, argument: string, set: URLSearchParams) => unknown} panel @returns {Panel} */
  const whole = (panel) => (argument, set) => {
    if (content !== null) return panel(content, argument, set);
    return dossier.error ? html`<${Failure} error=${dossier.error} refresh=${dossier.retry} what=${FILE} />` : html`<${Loading} label="Loading the dossier" rows=${8} />`;
  };
  const overview = { id: "overview", title: "Overview", printed: true, panel: whole((it) => html`<${Overview} run=${run} dossier=${it} />`) };
  const rest = [
    { id: "facts", title: "Facts", count: count("facts", summary.facts), printed: true, panel: (/** @type {string} */ argument, /** @type {URLSearchParams} */ set) => html`<${Facts}
      run=${run} dossier=${isOurs ? null : rows} paper=${rows} counts=${summary} kind=${argument} set=${set} kept=${kept} />` },
    { id: "claims", title: "Claims", count: count("claims", summary.claims), printed: true, panel: whole((it, argument, set) => html`<${Claims} run=${run} claims=${records(it.claims)} verdict=${argument} at=${set.get("at") ?? ""} />`) },
    { id: "unknowns", title: "Unknowns", count: count("unknowns", summary.unknowns), panel: whole((it) => html`<${Unknowns} run=${run} unknowns=${records(it.unknowns)} />`) },
    { id: "findings", title: "Findings", count: count("findings", summary.findings), printed: true, panel: whole((it, argument, set) => html`<${Findings} run=${run} findings=${records(it.findings)} rule=${argument} set=${set} />`) },
    { id: "coverage", title: "Coverage", panel: whole((it) => html`<${Coverage} run=${run} dossier=${it} />`) },
  ];
  const changes = driftTab(run, drift);
  // What changed is what people come for; where nothing did it would be an empty first page.
  return opens === "drift" ? [changes, overview, ...rest] : [overview, ...rest, changes];
}

/** @param {Run} run @param {File} drift @returns {Tab} */
function driftTab(run, drift) {
  const changes = object(object(object(run.summary_json).drift).counts);
  const rows = Number(changes.added ?? 0) + Number(changes.removed ?? 0) + Number(changes.changed ?? 0)
    + Number(changes.unresolved_added ?? 0) + Number(changes.unresolved_removed ?? 0);
  return { id: "drift", title: "Drift", count: "added" in changes ? formatNumber(rows) : undefined, printed: drift.isThere,
    panel: (_, set) => html`<${Drift} run=${run} file=${drift} at=${set.get("at") ?? ""} />` };
}

/**
 * An external analyzer's SARIF is its findings.
 * @param {Run} run
 * @param {Artifact[]} artifacts
 * @returns {Tab[]}
 */
function sarifTabs(run, artifacts) {
  return artifacts.filter(isSarif).slice(0, 3).map((artifact, index) => ({
    id: index === 0 ? "findings" : `findings-${index + 1}`,
    title: index === 0 ? "Findings" : oneLine(artifact.name),
    panel: () => html`<${ArtifactView} run=${run} artifact=${artifact} />`,
  }));
}

/** @param {Run} run @param {Artifact[]} artifacts @returns {Tab[]} */
function fileTabs(run, artifacts) {
  const documents = artifacts.filter((one) => /\.(md|markdown)$/i.test(String(one.name)));
  /** @type {Tab} */
  const files = { id: "artifacts", title: "Artifacts", count: formatNumber(artifacts.length), panel: (argument) => html`<${Artifacts} run=${run} argument=${argument} />` };
  const texts = documents.slice(0, 4).map((artifact, index) => ({
    id: index === 0 ? "markdown" : `markdown-${index + 1}`,
    title: documents.length === 1 ? "Markdown" : oneLine(artifact.name),
    panel: () => html`<h2 class="sr-only">${oneLine(artifact.name)}</h2><${Markdown} run=${run} artifact=${artifact} />`,
  }));
  return [files, ...texts];
}
