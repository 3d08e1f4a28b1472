// @ts-check
// What happened to a run, in order: received, every attempt with its error, the end.
import { absoluteTime, formatDuration, oneLine, parseTime, visible } from "../format.js";
import { look } from "../status.js";
import { html } from "../view.js";
import { Icon } from "./icon.js";
import { Time } from "./time.js";

/** @param {{run: any}} props */
export function Timeline({ run }) {
  const attempts = Array.isArray(run.attempt_log) ? run.attempt_log : [];
  const job = Array.isArray(run.jobs) ? run.jobs[run.jobs.length - 1] : null;
  const waits = run.status === "QUEUED" && attempts.length > 0 && job?.run_after;
  return html`<details class="timeline-box" open=${run.status !== "SUCCEEDED" || attempts.length > 1}>
    <summary>Timeline <span class="muted">${summary(run, attempts)}</span></summary>
    <ol class="timeline">
      <li class="step tone-quiet"><span class="step-mark"><${Icon} name="arrow" /></span>
        <div><span class="step-title">Received</span> <${Time} at=${run.created_at} />
          ${Array.isArray(run.refs) && run.refs.length > 1 && html`<p class="muted">Seen by ${run.refs.length} events:
            ${run.refs.map((/** @type {any} */ one) => (one.pr_number ? `#${one.pr_number}` : oneLine(one.ref))).join(", ")}</p>`}</div></li>
      ${attempts.map((/** @type {any} */ attempt) => html`<${Attempt} key=${attempt.attempt} attempt=${attempt} run=${run} />`)}
      ${waits && html`<li class="step tone-wait"><span class="step-mark"><${Icon} name="clock" /></span>
        <div><span class="step-title">Next attempt</span> due <${Time} at=${job.run_after} /></div></li>`}
      ${run.finished_at && html`<li class=${`step tone-${look("run", run.status).tone}`}><span class="step-mark"><${Icon} name=${look("run", run.status).icon} /></span>
        <div><span class="step-title">${look("run", run.status).word}</span> <time class="num" datetime=${run.finished_at}>${absoluteTime(run.finished_at)}</time></div></li>`}
    </ol>
  </details>`;
}

/** @param {any} run @param {any[]} attempts */
function summary(run, attempts) {
  const created = parseTime(run.created_at);
  const started = parseTime(attempts[0]?.leased_at ?? run.started_at);
  const waited = created !== null && started !== null ? `waited ${formatDuration(started - created)}` : "";
  const last = attempts[attempts.length - 1] ?? {};
  const parts = [waited, phase("fetched in", last.fetch_ms), phase("analyzed in", last.analyze_ms)].filter(Boolean);
  return parts.join(" · ");
}

/** @param {string} words @param {unknown} ms */
function phase(words, ms) {
  return typeof ms === "number" ? `${words} ${formatDuration(ms)}` : "";
}

/** @param {{attempt: any, run: any}} props */
function Attempt({ attempt, run }) {
  const { word, icon, tone } = attempt.outcome ? look("outcome", attempt.outcome) : look("run", "RUNNING");
  const now = attempt.outcome ? "" : oneLine(run.phase ?? "");
  const phases = [phase("fetched in", attempt.fetch_ms), phase("analyzed in", attempt.analyze_ms), now].filter(Boolean).join(" · ");
  return html`<li class=${`step tone-${tone}`}><span class="step-mark"><${Icon} name=${icon} /></span>
    <div><span class="step-title">Attempt ${attempt.attempt} of ${run.max_attempts ?? 3}: ${word.toLowerCase()}</span>
      ${" "}<${Time} at=${attempt.leased_at} />
      ${phases && html`<p class="muted num">${phases}</p>`}
      ${attempt.error && html`<p class="error-text pre-line"><bdi>${visible(attempt.error)}</bdi>${attempt.error_code && html` <code>${visible(attempt.error_code)}</code>`}</p>`}
    </div></li>`;
}
