// A side of which there is no dossier: what became of its newest run, and a button that makes one where that can be done.
import { postJson, problem } from "../api.js";
import { shortSha, visible } from "../format.js";
import { query, runPath } from "../links.js";
import { usePoll } from "../poll.js";
import { sideOf, sideWords } from "../sides.js";
import { isActive } from "../status.js";
import { hintWork } from "../ticker.js";
import { html, useEffect, useState } from "../view.js";
import { Badge } from "./badge.js";
import { TokenField } from "./token-field.js";

/** A commit's whole id. */
const WHOLE = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** @typedef {{owner: string, repo: string, text: string, deployments: Deployment[]}} Missing text: what the side is called */

/**
 * Which runs a side may be of: how they are asked for, and what would make one.
 * @param {Missing} missing
 */
function meant({ owner, repo, text, deployments }) {
  const side = sideOf(text);
  const of = (/** @type {Record<string, string | number>} */ filter) => `/api/ci/runs${query({ owner, repo, ...filter, limit: 1 })}`;
  const ofCommit = (/** @type {string} */ sha) => ({ path: sha === "" ? null : of({ commit: sha }), make: WHOLE.test(sha) ? { commit_sha: sha } : null });
  switch (side.is) {
    case "run": return { path: `/api/ci${runPath(side.id)}`, make: null };
    case "pull": return { path: of({ pr: side.number }), make: null };
    case "branch": return { path: of({ ref: side.branch }), make: { ref: side.branch } };
    case "commit": return ofCommit(side.sha);
    case "deployed": return ofCommit(deployments.find((one) => one.environment === side.environment)?.commit_sha ?? "");
  }
}

/** @param {Missing} props */
export function MissingSide(props) {
  const { owner, repo, text } = props;
  const { path, make } = meant(props);
  const isRun = sideOf(text).is === "run";
  /** @type {Polled<{runs?: Run[], run?: Run}>} */
  const done = usePoll(path === null || isRun ? null : `${path}&status=SUCCEEDED`, { isFinal: () => true });
  /** @type {Polled<{runs?: Run[], run?: Run}>} */
  const polled = usePoll(path, { isActive: (data) => isActive(data.run ?? data.runs?.[0]) });
  const newest = polled.data?.run ?? polled.data?.runs?.[0] ?? null;
  const waits = isActive(newest);
  useEffect(() => void (waits && hintWork(true)), [waits]);
  if (done.data?.runs?.length || newest?.status === "SUCCEEDED") return null;
  // Until it is known whether there is one, nothing is offered.
  if (path !== null && polled.data === null && polled.error === null) return null;
  return html`<div class="missing-side"><p><strong><bdi>${sideWords(text)}</bdi></strong>${newest === null
      ? make === null ? " has no dossier that could be made from here." : " has no dossier yet."
      : html`: its run of <code class="sha">${shortSha(newest.commit_sha)}</code> <a href=${runPath(newest.id)}><${Badge} of="run" value=${newest.status} /></a>${waits ? " The comparison appears here by itself when it has succeeded." : ""}`}</p>
    ${newest?.status === "FAILED" && html`<${Make} label="Retry as a new run" path=${`/api/ci${runPath(newest.id)}/retry`} body=${undefined} onMade=${polled.refresh} />`}
    ${newest === null && make !== null && html`<${Make} label="Make its dossier" path="/api/ci/enqueue" body=${{ owner, repo, ...make, event_type: "manual" }} onMade=${polled.refresh} />`}</div>`;
}

/** @param {{label: string, path: string, body: unknown, onMade: () => void}} props */
function Make({ label, path, body, onMade }) {
  const [state, setState] = useState({ busy: false, made: "", error: /** @type {Problem | null} */ (null) });

  async function make() {
    setState({ busy: true, made: "", error: null });
    try {
      /** @type {Enqueued} */
      const answer = await postJson(path, body);
      setState({ busy: false, made: answer.run_id, error: null });
      hintWork(true);
      onMade();
    } catch (error) {
      setState({ busy: false, made: "", error: problem(error) });
    }
  }

  const needsToken = state.error?.status === 401 || state.error?.status === 403;
  return html`<div>
    ${state.made === "" ? html`<button type="button" class="button" disabled=${state.busy} onClick=${make}>${state.busy ? "Enqueueing…" : label}</button>`
      : html`<p role="status">Enqueued: <a href=${runPath(state.made)}>its run</a>.</p>`}
    ${state.error && html`<p class="text-bad" role="alert">${visible(state.error.message)}</p>`}
    ${needsToken && html`<${TokenField} onChange=${make} />`}</div>`;
}
