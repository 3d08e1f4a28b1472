// The dossier viewer: tabs over a dossier when there is one, else over whatever artifacts the analyzer left.
import { useFile } from "../file.js";
import { formatNumber, oneLine } from "../format.js";
import { parseHash, partApiPath } from "../links.js";
import { usePoll } from "../poll.js";
import { isPrinting } from "../printing.js";
import { useHash } from "../router.js";
import { isSarif } from "../sarif.js";
import { object, records, sortedCounts } from "../summary.js";
import { html, useMemo, useRef } from "../view.js";
import { Artifacts } from "./artifacts.js";
import { ArtifactView } from "./artifact-view.js";
import { ClaimPages, Claims } from "./claims.js";
import { Coverage } from "./coverage.js";
import { Drift } from "./drift.js";
import { Facts } from "./facts.js";
import { FindingPages, Findings } from "./findings.js";
import { Markdown } from "./markdown.js";
import { Failure, Loading, Notice } from "./notice.js";
import { Overview, OverviewOfParts } from "./overview.js";
import { Tabs } from "./tabs.js";
import { Unknowns } from "./unknowns.js";

const FILE = "dossier.json";

/** @typedef {ReturnType<typeof useFile>} File */
/** @typedef {(argument: string, set: URLSearchParams) => unknown} Panel */
/** @typedef {{id: string, title: string, count?: string, printed?: boolean, panel: Panel}} Tab */

/** @param {{run: Run}} props */
export function Dossier({ run }) {
  const artifacts = run.artifacts ?? [];
  const summary = object(run.summary_json);
  const isOurs = summary.schema === "ci-feed.summary.v1";
  const opens = artifacts.some((one) => one.name === "drift.json") && object(summary.drift).is_empty !== true ? "drift" : "overview";
  // Of ours, which may be large, each tab asks the server for what it shows; only paper has all of it.
  const dossier = useFile(run, FILE, !isOurs);
  const content = isOurs && !isPrinting() ? null : dossier.content;
  const rows = useMemo(() => (content === null ? null : { facts: records(content.facts), unresolved: records(content.unresolved) }), [content]);
  const { tab } = parseHash(useHash());
  const isDrift = useRef(false);
  isDrift.current ||= (tab === "" ? opens : tab) === "drift";
  const drift = useFile(run, "drift.json", isDrift.current);
  // What a person set among the facts, for when they come back to them.
  const kept = useRef({});

  if (artifacts.length === 0) {
    return run.status === "FAILED" ? null : html`<${Notice} title="No artifacts"><p>This run left nothing to look at.</p><//>`;
  }
  if (!isOurs && dossier.error) {
    return html`<div><${Failure} error=${dossier.error} refresh=${dossier.retry} what=${FILE} /><h2>Artifacts</h2><${Artifacts} run=${run} argument="" /></div>`;
  }
  if (!isOurs && dossier.isThere && dossier.content === null) return html`<${Loading} label="Loading the dossier" rows=${8} />`;
  const tabs = dossier.isThere ? dossierTabs({ run, content, rows, drift, isOurs, opens, kept: kept.current }) : sarifTabs(run, artifacts);
  return html`<${Tabs} label="Dossier" tabs=${[...tabs, ...fileTabs(run, artifacts)]} />`;
}

/**
 * @param {{run: Run, content: Foreign | null, rows: import("./facts.js").Rows | null, drift: File, isOurs: boolean, opens: string, kept: import("./facts.js").Kept}} all
 * @returns {Tab[]}
 */
function dossierTabs({ run, content, rows, drift, isOurs, opens, kept }) {
  const summary = object(run.summary_json);
  /** How many there are: said by the summary, or counted. @param {string} name @param {unknown} said */
  const count = (name, said) => formatNumber(content === null ? sortedCounts(said).reduce((sum, [, n]) => sum + n, 0) : records(content[name]).length);
  /**
   * A panel over the dossier in hand, or over what the server says of it.
   * @param {(dossier: Foreign, argument: string, set: URLSearchParams) => unknown} whole
   * @param {(argument: string, set: URLSearchParams) => unknown} part
   * @returns {Panel}
   */
  const either = (whole, part) => (argument, set) => (content !== null ? whole(content, argument, set) : part(argument, set));
  /** @param {(dossier: Api.RunDossier) => unknown} panel */
  const rest = (panel) => html`<${OfServer} run=${run} panel=${panel} />`;
  const at = (/** @type {URLSearchParams} */ set) => set.get("at") ?? "";
  const overview = { id: "overview", title: "Overview", printed: true, panel: either((it) => html`<${Overview} run=${run} dossier=${it} />`, () => rest((it) => html`<${OverviewOfParts} run=${run} dossier=${it} />`)) };
  const others = [
    { id: "facts", title: "Facts", count: count("facts", summary.facts), printed: true, panel: (/** @type {string} */ argument, /** @type {URLSearchParams} */ set) => html`<${Facts}
      run=${run} dossier=${isOurs ? null : rows} paper=${rows} counts=${summary} kind=${argument} set=${set} kept=${kept} />` },
    { id: "claims", title: "Claims", count: count("claims", summary.claims), printed: true, panel: either((it, argument, set) => html`<${Claims} run=${run} claims=${records(it.claims)} verdict=${argument} at=${at(set)} />`,
      (argument, set) => html`<${ClaimPages} run=${run} verdict=${argument} at=${at(set)} />`) },
    { id: "unknowns", title: "Unknowns", count: count("unknowns", summary.unknowns), panel: either((it) => html`<${Unknowns} run=${run} unknowns=${records(it.unknowns)} />`, () => rest((it) => html`<${Unknowns} run=${run} unknowns=${records(it.unknowns)} />`)) },
    { id: "findings", title: "Findings", count: count("findings", summary.findings), printed: true, panel: either((it, argument, set) => html`<${Findings} run=${run} findings=${records(it.findings)} rule=${argument} set=${set} />`,
      (argument, set) => html`<${FindingPages} run=${run} rule=${argument} set=${set} />`) },
    { id: "coverage", title: "Coverage", panel: either((it) => html`<${Coverage} run=${run} dossier=${it} />`,
      () => rest((it) => html`<${Coverage} run=${run} dossier=${{ ...it, coverage: { ...it.coverage, unread: it.unread } }} left=${it.unread_files - it.unread.length} />`)) },
  ];
  const changes = driftTab(run, drift);
  // What changed is what people come for; where nothing did it would be an empty first page.
  return opens === "drift" ? [changes, overview, ...others] : [overview, ...others, changes];
}

/**
 * What the server says of a dossier beside facts, claims and findings.
 * @param {{run: Run, panel: (dossier: Api.RunDossier) => unknown}} props
 */
function OfServer({ run, panel }) {
  /** @type {Polled<Api.RunDossier>} */
  const polled = usePoll(partApiPath(run.id, "dossier"), { isFinal: () => true });
  if (polled.data !== null) return panel(polled.data);
  return polled.error ? html`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The dossier" />` : html`<${Loading} label="Loading the dossier" rows=${8} />`;
}

/** @param {Run} run @param {File} drift @returns {Tab} */
function driftTab(run, drift) {
  const changes = object(object(object(run.summary_json).drift).counts);
  const rows = Number(changes.added ?? 0) + Number(changes.removed ?? 0) + Number(changes.changed ?? 0)
    + Number(changes.unresolved_added ?? 0) + Number(changes.unresolved_removed ?? 0);
  return { id: "drift", title: "Drift", count: "added" in changes ? formatNumber(rows) : undefined, printed: drift.isThere,
    panel: (kind, set) => html`<${Drift} run=${run} file=${drift} kind=${kind} at=${set.get("at") ?? ""} />` };
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
