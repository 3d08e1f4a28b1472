// Which run this is and how it went.
import { postJson, problem } from "../api.js";
import { oneLine, shortSha, visible } from "../format.js";
import { commitLink, pullLink, repoPath, runPath } from "../links.js";
import { navigate } from "../router.js";
import { eventWord } from "../status.js";
import { html, useState } from "../view.js";
import { Badge } from "./badge.js";
import { Copy } from "./copy.js";
import { Icon } from "./icon.js";
import { Notice } from "./notice.js";
import { Reconciled } from "./reconciled.js";
import { SameCommit } from "./same-commit.js";
import { RunDuration, Time } from "./time.js";
import { Timeline } from "./timeline.js";
import { TokenField } from "./token-field.js";

/** @param {{run: Run}} props */
export function RunHeader({ run }) {
  const title = oneLine(run.title) || `Commit ${shortSha(run.commit_sha)}`;
  const commit = commitLink(run.forge_url, run.commit_sha);
  const pull = pullLink(run.forge_url, run.pr_number);
  return html`<header class="run-head">
    <p class="crumbs"><a href=${repoPath(run.repo_owner, run.repo_name)}><bdi>${visible(run.repo_owner)}/${visible(run.repo_name)}</bdi></a></p>
    <h1 class="run-heading" title=${title}><bdi>${title}</bdi></h1>
    <div class="run-line">
      <${Badge} of="run" value=${run.status} />
      <span class="commit"><${Copy} compact=${true} value=${visible(run.commit_sha)} shown=${shortSha(run.commit_sha)} label="commit id" />
        ${commit && html`<a class="forge" href=${commit} rel="noopener noreferrer" aria-label="Open the commit on the forge"><${Icon} name="external" />open</a>`}</span>
      <span><span class="sr-only">Branch </span><bdi>${oneLine(run.ref)}</bdi>${run.pr_number != null && html`${" "}${pull
        ? html`<a href=${pull} rel="noopener noreferrer">#${run.pr_number}</a>` : `#${run.pr_number}`}`}</span>
      <span class="event">${eventWord(run.event_type)}${run.reconciled === true && html`${" "}<${Reconciled} run=${run} />`}</span>
      ${run.author && html`<span class="run-author"><span class="sr-only">by </span><bdi>${oneLine(run.author)}</bdi></span>`}
      <span><span class="sr-only">took </span><${RunDuration} run=${run} /></span>
      <span><${Time} at=${run.created_at} /></span>
      <${Timeline} run=${run} />
    </div>
    <${SameCommit} run=${run} />
    ${run.status === "FAILED" && html`<${FailedNotice} run=${run} />`}
  </header>`;
}

/** @param {{run: Run}} props */
function FailedNotice({ run }) {
  const [state, setState] = useState({ busy: false, error: /** @type {Problem | null} */ (null) });

  async function retry() {
    setState({ busy: true, error: null });
    try {
      /** @type {Enqueued} */
      const answer = await postJson(`/api/ci${runPath(run.id)}/retry`);
      navigate(runPath(answer.run_id));
    } catch (error) {
      setState({ busy: false, error: problem(error) });
    }
  }

  const code = run.error_code ? ` (${visible(run.error_code)})` : "";
  const title = run.error_code === "CANCELLED"
    ? "This run was cancelled" : `This run failed after ${run.attempts} of ${run.max_attempts ?? 3} attempts${code}`;
  const needsToken = state.error?.status === 401 || state.error?.status === 403;
  return html`<${Notice} tone="bad" icon="cross" title=${title}>
    <p class="pre-line error-text"><bdi>${visible(run.error ?? "No reason was recorded.")}</bdi></p>
    <button type="button" class="button" disabled=${state.busy} onClick=${retry}>${state.busy ? "Starting…" : "Retry as a new run"}</button>
    ${state.error && html`<p class="text-bad" role="alert">${visible(state.error.message)}</p>`}
    ${needsToken && html`<${TokenField} onChange=${retry} />`}
  <//>`;
}
