// One run in the feed.
import { changes } from "../changes.js";
import { eventWord, isActive } from "../status.js";
import { oneLine, shortSha, visible } from "../format.js";
import { feedPath, repoPath, runPath } from "../links.js";
import { chips, queueWords } from "../summary.js";
import { html, useMemo, useRef } from "../view.js";
import { Badge } from "./badge.js";
import { CancelButton } from "./cancel-button.js";
import { Reconciled } from "./reconciled.js";
import { RunDuration, Time } from "./time.js";

/** @param {{run: Run, showRepo: boolean, isNew: boolean, typical: number | null, onCancel: (() => void) | null}} props
 *   typical: ms that one run takes; onCancel: what follows when a waiting run is cancelled, for those who may */
export function RunRow({ run, showRepo, isNew, typical, onCancel }) {
  // A row that was seen waiting keeps the room its result will need, so that
  // nothing below it moves when the result comes.
  const reserved = useRef(false);
  if (isActive(run)) reserved.current = true;
  const title = oneLine(run.title) || `Commit ${shortSha(run.commit_sha)}`;
  const action = run.status === "SUCCEEDED" ? "View dossier" : "View run";
  const classes = ["run", reserved.current ? "run-reserved" : "", isNew ? "run-new" : ""].filter(Boolean).join(" ");

  const latest = useRef(onCancel);
  latest.current = onCancel;
  const mayCancel = onCancel !== null && run.status === "QUEUED";
  // A list is drawn again for one row; the others are left as they are.
  return useMemo(() => html`<tr class=${classes} role="row" data-row>
    <td class="run-status" role="cell"><${Badge} of="run" value=${run.status} />${attempts(run)}
      ${mayCancel && html`<${CancelButton} run=${run} small=${true} onDone=${() => latest.current?.()} />`}</td>
    <td class="run-what" role="cell">
      <a class="run-title" href=${runPath(run.id)} title=${title}><bdi>${title}</bdi></a>
      <div class="run-second">
        <div class="run-meta">
          <code class="sha">${shortSha(run.commit_sha)}</code>
          ${run.author && html`<bdi class="run-author">${oneLine(run.author)}</bdi>`}
          <span>${eventWord(run.event_type)}${otherRefs(run)}</span>
          <${Reconciled} run=${run} />
        </div>
        <${RunDetail} run=${run} typical=${typical} />
      </div>
    </td>
    <td class="run-where" role="cell">
      ${showRepo && html`<a class="run-repo" href=${repoPath(run.repo_owner, run.repo_name)}><bdi>${visible(run.repo_owner)}/${visible(run.repo_name)}</bdi></a>`}
      <div class="run-ref">${reference(run)}${run.private && html`<span class="tag">private</span>`}</div>
    </td>
    <td class="run-when" role="cell"><div class="run-times"><${Time} at=${run.created_at} />${run.started_at && html`<span class="muted"><${RunDuration} run=${run} /></span>`}</div>
      <a class="run-open" href=${runPath(run.id)} aria-label=${`${action} of ${title}`}>${action}</a></td>
  </tr>`, [run, showRepo, typical, classes, mayCancel]);
}

/** @param {Run} run */
function attempts(run) {
  if (!(run.attempts > 1) && !(run.attempts > 0 && run.status === "FAILED") && !(run.attempts > 0 && run.status === "QUEUED")) return null;
  return html`<div class="muted run-attempts num">attempt ${run.attempts}/${run.max_attempts ?? 3}</div>`;
}

/** @param {Run} run */
function reference(run) {
  const ref = oneLine(run.ref);
  const isPull = run.pr_number !== null && run.pr_number !== undefined;
  // A pull request's branch may be a fork's: it is no branch of the repository.
  const filter = feedPath({ owner: run.repo_owner, repo: run.repo_name, ...(isPull ? { pr: run.pr_number } : { ref: run.ref }) });
  return html`${isPull && html`<span class="num">#${run.pr_number}</span>${" "}`}<a
    class="ref" href=${filter} title=${isPull ? `Only pull request ${run.pr_number}` : `Only ${ref}`}><bdi>${ref}</bdi></a>`;
}

/** @param {Run} run */
function otherRefs(run) {
  const refs = Array.isArray(run.refs) ? run.refs : [];
  if (refs.length < 2) return "";
  const names = refs.map((/** @type {RunRef} */ one) => (one.pr_number ? `#${one.pr_number}` : oneLine(one.ref))).join(", ");
  return html`<span title=${names}>${` +${refs.length - 1} more`}</span>`;
}

/**
 * The one line that changes with the state: where it waits, what it does, what
 * came of it.
 * @param {{run: Run, typical?: number | null}} props
 */
export function RunDetail({ run, typical = null }) {
  if (run.status === "FAILED" || (run.error && run.status !== "SUCCEEDED")) {
    const again = run.status === "QUEUED" ? "Last attempt: " : "";
    return html`<div class="run-detail run-error" title=${visible(run.error ?? "")}><bdi>${again}${oneLine(run.error ?? "Failed without a reason.")}</bdi></div>`;
  }
  if (run.status === "QUEUED") {
    return html`<div class="run-detail muted num">${queueWords(run.queue_position, typical)}</div>`;
  }
  if (run.status === "RUNNING") return html`<div class="run-detail num">${oneLine(run.phase ?? "starting")}</div>`;
  return html`<${Chips} run=${run} />`;
}

/** The chips of a run, each a link to its place. @param {{run: Run, all?: boolean}} props all: the facts of the run, not what it changed */
export function Chips({ run, all = false }) {
  return html`<${ChipList} run=${run} found=${all ? chips(run.summary_json) : changes(run.summary_json)} />`;
}

/** @param {{run: {id: string}, found: ReturnType<typeof chips>, none?: string}} props none: what is said where nothing is */
export function ChipList({ run, found, none = "No summary" }) {
  if (found.length === 0) return html`<div class="run-detail muted">${none}</div>`;
  return html`<ul class="chips run-detail">
    ${found.map((chip) => html`<li key=${chip.key}><a href=${runPath(run.id) + chip.tab} class=${`chip num ${chip.tone ? `tone-${chip.tone}` : ""}`} title=${chip.title}>${visible(chip.text)}</a></li>`)}
  </ul>`;
}
